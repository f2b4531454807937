"""Recording folders: ``recording.toml`` beside one table per sensor.

A sensor's ``file`` is CSV as the format ``hipimu-csv/1`` says. As an extension it may be a Parquet
file (name ending in ``.parquet``) whose columns have the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from hipimu.data import FloatArray, Segment
from hipimu.errors import RecordingError
from hipimu.maths.layout import columns_of
from hipimu.sources.csv_table import CsvTable, no_samples, open_table
from hipimu.sources.metadata import Metadata
from hipimu.sources.samples import Channels, SampleFile, Samples

TIME = "time_s"
CHANNELS: Channels = (
    "acc_x_m_s2",
    "acc_y_m_s2",
    "acc_z_m_s2",
    "gyr_x_rad_s",
    "gyr_y_rad_s",
    "gyr_z_rad_s",
)
MAG = ("mag_x_ut", "mag_y_ut", "mag_z_ut")
_HEADER_REMEDY = f"The header must have {','.join((TIME, *CHANNELS))}."
_ROWS_AT_ONCE = 16_384


def open_sensors(folder: Path, metadata: Metadata) -> tuple[SampleFile, ...]:
    """Open the sensor files of a recording folder.

    Parameters
    ----------
    folder : Path
        Where ``recording.toml`` is.
    metadata : Metadata
        What it says.

    Returns
    -------
    tuple of SampleFile
        In the order of the segments; headers are checked, samples not yet read.

    Raises
    ------
    RecordingError
        When a file is missing, lies outside the folder, or lacks a column.
    """
    return tuple(
        _open_sensor(segment, inside(folder, sensor.file, segment), sensor.rate_hz or 0.0)
        for segment, sensor in metadata.sensors.by_segment().items()
    )


def inside(folder: Path, name: str, sensor: Segment | None = None) -> Path:
    """Return the path of a file of the folder, refusing names that lead out of it.

    Raises
    ------
    RecordingError
        When the name is absolute, climbs, is a link that leads out, or names no file.
    """
    listed = PurePosixPath(name), PureWindowsPath(name)
    climbs = any(path.anchor or ".." in path.parts for path in listed)
    try:
        leaves = climbs or not (folder / name).resolve().is_relative_to(folder.resolve())
        missing = not (folder / name).is_file()
    except (OSError, RuntimeError, ValueError):  # too long, a loop of links, not encodable
        leaves, missing = climbs, True
    if leaves:
        raise RecordingError(
            f"{folder.name}: the file name {name!r:.80} leads out of the recording's folder.",
            "Copy the file into the folder and give its plain name.",
            path=folder / "recording.toml",
            sensor=sensor,
        )
    if missing:
        raise RecordingError(
            f"{folder.name} has no file {name!r:.80}" + (f" for {sensor}." if sensor else "."),
            "Copy it into the folder, or correct its name in recording.toml.",
            path=folder / "recording.toml",
            sensor=sensor,
        )
    return folder / name


def _open_sensor(segment: Segment, path: Path, rate_hz: float) -> SampleFile:
    if path.suffix.lower() == ".parquet":
        _check_parquet(path)
        return ParquetFile(segment, path, rate_hz)
    table = open_table(path)
    table.require((TIME, *CHANNELS), _HEADER_REMEDY)
    return CsvFile(segment, path, rate_hz, table=table)


@dataclass(frozen=True, slots=True, eq=False)
class _OwnColumns(SampleFile):
    @property
    def channels(self) -> Channels:
        return CHANNELS

    @property
    def time_channel(self) -> str:
        return TIME


@dataclass(frozen=True, slots=True, eq=False)
class CsvFile(_OwnColumns):
    """A sensor's CSV file."""

    table: CsvTable = field(kw_only=True)

    def pieces(self) -> Iterator[Samples]:
        """Read the file from its start, a piece at a time."""
        names = (TIME, *CHANNELS, *_mag_of(self.table.columns))
        row = 0
        for read, columns in self.table.batches(names):
            yield _samples(row, read, columns)
            row += len(columns[TIME])
        if row == 0:
            raise no_samples(self.path)

    def line_of(self, row: int) -> int | None:
        """Return the line, counted from 1, of a row counted from 0."""
        return self.table.line_of(row)


@dataclass(frozen=True, slots=True, eq=False)
class ParquetFile(_OwnColumns):
    """A sensor's Parquet file."""

    def pieces(self) -> Iterator[Samples]:
        """Read the file from its start, a piece at a time."""
        row = 0
        try:
            with pa.parquet.ParquetFile(self.path) as file:
                names = (TIME, *CHANNELS, *_mag_of(file.schema_arrow.names))
                total = max(file.metadata.num_rows, 1)
                for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=list(names)):
                    columns = {name: _as_float(batch.column(name)) for name in names}
                    yield _samples(row, (row + batch.num_rows) / total, columns)
                    row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            _refuse_parquet(self.path, error)
        if row == 0:
            raise no_samples(self.path)

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return None: there are no lines."""
        return None


def _check_parquet(path: Path) -> None:
    try:
        schema = pa.parquet.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        _refuse_parquet(path, error)
    for name in (TIME, *CHANNELS):
        if schema.names.count(name) != 1:
            raise RecordingError(
                f"{path.name} must have the column {name} once, and has it "
                f"{schema.names.count(name)} times.",
                f"Its columns must be {','.join((TIME, *CHANNELS))}.",
                path=path,
            )
    for name in (TIME, *CHANNELS, *_mag_of(schema.names)):
        kind = schema.field(name).type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            raise RecordingError(
                f"{path.name}: the column {name} holds {kind}, not numbers.",
                "Write the column as float64.",
                path=path,
            )


def _refuse_parquet(path: Path, error: Exception) -> NoReturn:
    raise RecordingError(
        f"{path.name} cannot be read as Parquet.",
        "It may not have been finished: copy or export it again.",
        path=path,
    ) from error


def _as_float(column: Any) -> FloatArray:
    values: FloatArray = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    return values


def _mag_of(columns: Sequence[str]) -> tuple[str, ...]:
    return MAG if all(columns.count(name) == 1 for name in MAG) else ()


def _samples(row: int, read: float, columns: dict[str, FloatArray]) -> Samples:
    def stacked(names: Sequence[str]) -> FloatArray:
        vectors = columns_of((len(columns[TIME]), len(names)))
        for i, name in enumerate(names):
            vectors[:, i] = columns[name]
        return vectors

    mag = stacked(MAG) if MAG[0] in columns else None
    return Samples(row, read, columns[TIME], stacked(CHANNELS[:3]), stacked(CHANNELS[3:]), mag)
