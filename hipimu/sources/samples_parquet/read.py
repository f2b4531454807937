"""Read one sensor of ``samples.parquet``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet
from pydantic import ValidationError

from hipimu.data import FloatArray, Segment
from hipimu.errors import RecordingError
from hipimu.maths.layout import columns_of
from hipimu.sources.csv_table import no_samples
from hipimu.sources.samples import Channels, SampleFile, Samples
from hipimu.sources.samples_parquet.layout import (
    COUNTER,
    NOTE_KEY,
    SENSOR,
    TIME,
    Note,
    Quantity,
    SensorNote,
    columns_of_quantity,
    restored,
)
from hipimu.units import s_from_ns

_ROWS_AT_ONCE = 16_384
_NUMBERS = (pa.int16(), pa.float32(), pa.float64())
_CHANNELS: Channels = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")
_UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError)


@dataclass(frozen=True, slots=True, eq=False)
class SamplesFile(SampleFile):
    """One sensor of a file that holds several."""

    note: SensorNote = field(kw_only=True)
    """By what its stored numbers are to be multiplied."""

    @property
    def channels(self) -> Channels:
        """The file's own names of acc x, y, z and gyr x, y, z."""
        return _CHANNELS

    @property
    def time_channel(self) -> str:
        """The file's own name of the time."""
        return TIME

    def pieces(self) -> Iterator[Samples]:
        """Read the sensor from its start, a piece at a time."""
        row = 0
        try:
            with _opened(self.path) as file:
                for read, batch in self._batches(file):
                    yield self._samples(row, read, batch)
                    row += batch.num_rows
        except _UNREADABLE as error:
            raise _damaged(self.path) from error
        if row == 0:
            raise no_samples(self.path)

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return None: there are no lines."""
        return None

    def place(self, row: int) -> str:
        """Return the file's name and where in it a row is, for people."""
        return f"{self.path.name}, {self.segment}, row {row + 1}"

    def _batches(self, file: Any) -> Iterator[tuple[float, Any]]:
        """Yield the share of the file read, and rows of this sensor only."""
        columns = [name for name in file.schema_arrow.names if name != SENSOR]
        groups = file.metadata.num_row_groups
        for group in range(groups):
            sensors = file.read_row_group(group, columns=[SENSOR]).column(SENSOR)
            own = pa.compute.equal(sensors.cast(pa.string()), self.segment)
            if not pa.compute.any(own).as_py():
                continue
            at = 0
            for batch in file.iter_batches(_ROWS_AT_ONCE, row_groups=[group], columns=columns):
                mask = own.slice(at, batch.num_rows).combine_chunks()
                at += batch.num_rows
                rows = batch.filter(mask)
                if rows.num_rows:
                    yield (group + at / len(own)) / groups, rows

    def _samples(self, row: int, read: float, batch: Any) -> Samples:
        if batch.column(TIME).null_count:
            raise ValueError("a time is missing")
        return Samples(
            row,
            read,
            s_from_ns(batch.column(TIME).to_numpy()),
            self._vectors(batch, "acc"),
            self._vectors(batch, "gyr"),
            self._vectors(batch, "mag") if _is_there(batch, "mag_x") else None,
            batch.column(COUNTER).to_numpy() if _is_there(batch, COUNTER) else None,
        )

    def _vectors(self, batch: Any, quantity: Quantity) -> FloatArray:
        names, scale = columns_of_quantity(quantity), self.note.of(quantity)
        vectors = columns_of((batch.num_rows, 3))
        for axis, name in enumerate(names):
            stored = batch.column(name).to_numpy(zero_copy_only=False)
            vectors[:, axis] = restored(stored, scale)
        return vectors


def open_samples(segment: Segment, path: Path, rate_hz: float) -> SamplesFile:
    """Open one sensor of a ``samples.parquet``.

    Parameters
    ----------
    segment : Segment
    path : Path
        The file, which may hold other sensors.
    rate_hz : float
        Declared.

    Raises
    ------
    RecordingError
        When it is no such file, is damaged, or does not hold the sensor.
    """
    try:
        with _opened(path) as file:
            schema = file.schema_arrow
    except _UNREADABLE as error:
        raise _damaged(path) from error
    _check_columns(path, schema)
    sensors = _note(path, schema).sensors
    if segment not in sensors:
        raise RecordingError(
            f"{path.name} holds no sensor {segment}, but {', '.join(sensors)[:80] or 'none'}.",
            "Correct recording.toml, or recover the recording from its journal.",
            path=path,
            sensor=segment,
        )
    return SamplesFile(segment, path, rate_hz, note=sensors[segment])


def _opened(path: Path) -> Any:
    return pyarrow.parquet.ParquetFile(path, page_checksum_verification=True)


def _is_there(batch: Any, name: str) -> bool:
    return name in batch.schema.names and not batch.column(name).null_count


def _check_columns(path: Path, schema: Any) -> None:
    kinds = dict(zip(schema.names, schema.types, strict=True))
    wanted: dict[str, tuple[Any, ...]] = {TIME: (pa.int64(),)}
    wanted |= dict.fromkeys(_CHANNELS, _NUMBERS)
    optional = dict.fromkeys(columns_of_quantity("mag"), _NUMBERS) | {COUNTER: (pa.int64(),)}
    wanted |= {name: accepted for name, accepted in optional.items() if name in kinds}
    wrong = [name for name, accepted in wanted.items() if kinds.get(name) not in accepted]
    if "mag_x" in kinds:
        wrong += [name for name in columns_of_quantity("mag") if name not in kinds]
    if not _is_text(kinds.get(SENSOR)):
        wrong.append(SENSOR)
    if len(kinds) < len(schema.names) or wrong:
        raise RecordingError(
            f"{path.name} does not have the columns of a finished recording: "
            f"{wrong[0] if wrong else 'one'} is missing, twice there or of the wrong type.",
            "Recover the recording from its journal.",
            path=path,
        )


def _is_text(kind: Any) -> bool:
    if kind is not None and pa.types.is_dictionary(kind):
        kind = kind.value_type
    return kind is not None and pa.types.is_string(kind)


def _note(path: Path, schema: Any) -> Note:
    try:
        return Note.model_validate_json((schema.metadata or {}).get(NOTE_KEY, b""))
    except ValidationError as error:
        raise RecordingError(
            f"{path.name} does not say by what its counts are to be multiplied.",
            "Recover the recording from its journal.",
            path=path,
        ) from error


def _damaged(path: Path) -> RecordingError:
    return RecordingError(
        f"{path.name} is damaged or not a Parquet file.",
        "Copy it again, or recover the recording from its journal.",
        path=path,
    )
