"""Movella DOT exports: one CSV file per sensor, as the vendor's app and SDK write them.

Header lines (``DeviceTag:``, ``OutputRate:``, ``StartTime:`` …) stand above the table: see
`hipimu.sources.movella_header`. Which columns there are depends on the measurement mode: see
`hipimu.sources.movella_modes`. ``SampleTimeFine`` counts microseconds in 32 bits and wraps after
71.6 min. ``Mag_*`` is in multiples of the field at the vendor's, not in µT, and is not read. A
recording exported from a sensor's memory starts with a row of zeros, which is left out.

Which file is which segment is said by ``DeviceTag``, else by the file's name (`segment_named`),
else by a ``recording.toml`` with ``format = "movella-dot/1"``. Files that name no segment, such as
a shank's, are left alone. Time starts at 0 with the first row: of all sensors where they share
one clock, else of each sensor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from hipimu.data import SEGMENTS, FloatArray, Segment
from hipimu.errors import RecordingError
from hipimu.sources.csv_folder import inside
from hipimu.sources.csv_table import CsvTable, no_samples
from hipimu.sources.metadata import Metadata, Sensor, Sensors, check_segments
from hipimu.sources.movella_header import (
    TIME,
    WRAP_US,
    first_time_us,
    headers_of,
    open_export,
    rate_of,
    start_time,
    starts_on_one_clock,
    synchronised,
)
from hipimu.sources.movella_modes import mode_of
from hipimu.sources.quantities import Before, Mode, converted
from hipimu.sources.samples import Channels, SampleFile, Samples
from hipimu.sources.segment_names import segment_named
from hipimu.units import s_from_us

COUNTER = "PacketCounter"
_REMEDY_NAMES = (
    "Set the sensors' tags, or rename the files, to pelvis, thigh_left and thigh_right; or add a "
    'recording.toml with format = "movella-dot/1" and for each segment [sensors.pelvis] and '
    'file = "…".'
)


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """One sensor's export, its header read."""

    table: CsvTable
    mode: Mode
    rate_hz: float
    first_us: float
    """`SampleTimeFine` of the first row."""
    header: Mapping[str, str]
    start_s: float = 0.0
    """Time of the first row on the recording's clock."""

    @property
    def tag(self) -> str:
        """What the sensor was called in the app."""
        return self.header.get("devicetag", "")

    @property
    def segment(self) -> Segment | None:
        """What it is worn on, by its tag or the file's name."""
        return segment_named(self.tag) or segment_named(self.table.path.stem)

    def pieces(self) -> Iterator[Samples]:
        """Read the samples from the start, a piece at a time.

        Raises
        ------
        RecordingError
            At the first line that is not a row of numbers, or when there is none.
        """
        (time,) = self._own(TIME)
        counter = self._own(COUNTER)
        names = (time, *self.mode.names, *counter)
        row, kept, last_us, wraps_us = 0, 0, self.first_us, 0.0
        before: Before | None = None
        for read, columns in self.table.batches(names):
            raw_us = columns[time]
            wrapped = np.diff(raw_us, prepend=last_us) < -WRAP_US / 2
            offsets_us = wraps_us + WRAP_US * np.cumsum(wrapped)
            t_s = self.start_s + s_from_us(raw_us + offsets_us - self.first_us)
            with np.errstate(all="ignore"):  # values that are no numbers are refused later on
                acc, gyr, before = converted(
                    self.mode, columns, t_s, self.rate_hz, before, gyr_in_deg=True
                )
            whole = _whole(columns[counter[0]]) if counter else None
            piece = Samples(row, read, t_s, acc, gyr, counter=whole)
            row += len(raw_us)
            last_us, wraps_us = float(raw_us[-1]), float(offsets_us[-1])
            piece = _without_first(piece, self.mode)
            kept += len(piece)
            if len(piece):
                yield piece
        if kept == 0:
            raise no_samples(self.table.path)

    def _own(self, name: str) -> tuple[str, ...]:
        """Return how the file spells a column, if it has it once."""
        found = tuple(own for own in self.table.columns if own.lower() == name.lower())
        return found if len(found) == 1 else ()


def _without_first(piece: Samples, mode: Mode) -> Samples:
    """Leave out a very first row that holds no measurement."""
    if piece.first_row > 0:
        return piece
    nothing = mode.gyr == "turns" or not piece.acc_m_s2[0].any()
    return piece.part(1, len(piece)) if nothing else piece


def _whole(counter: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.clip(np.nan_to_num(counter, nan=-1.0), -1.0, WRAP_US).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class DotFile(SampleFile):
    """One sensor's export as the file of a segment."""

    export: Export = field(kw_only=True)

    @property
    def channels(self) -> Channels:
        """The file's own names of acc x, y, z and gyr x, y, z, or what they come from."""
        return self.export.mode.channels

    @property
    def time_channel(self) -> str:
        """The file's own name of the time."""
        return TIME

    def pieces(self) -> Iterator[Samples]:
        """Read the file from its start, a piece at a time."""
        return self.export.pieces()

    def line_of(self, row: int) -> int | None:
        """Return the line, counted from 1, of a row counted from 0."""
        return self.export.table.line_of(row)


@dataclass(frozen=True, slots=True, eq=False)
class Exports:
    """Exports of one recording."""

    exports: tuple[Export, ...]
    synchronised: bool
    started_at: datetime | None
    remarks: tuple[str, ...]


def looks_like_dot(path: Path) -> bool:
    """Say whether a CSV file is an export of this vendor; never fails."""
    try:
        if not path.is_file():
            return False
        columns = {name.lower() for name in open_export(path).columns}
    except RecordingError:
        return False
    return TIME.lower() in columns


def read_exports(
    tables: Sequence[CsvTable],
    *,
    rates_hz: Sequence[float | None] = (),
    on_one_clock: bool | None = None,
) -> Exports:
    """Read the headers of a recording's exports.

    Parameters
    ----------
    tables : sequence of CsvTable
    rates_hz : sequence of float or None
        Of each export; None or left out: as it says itself.
    on_one_clock : bool or None
        None: as they say themselves.

    Raises
    ------
    RecordingError
        When an export lacks what is needed.
    """
    told = [*rates_hz, *[None] * len(tables)][: len(tables)]
    exports = [_export(table, rate) for table, rate in zip(tables, told, strict=True)]
    headers = [export.header for export in exports]
    firsts = [export.first_us for export in exports]
    one_clock = synchronised(headers, firsts) if on_one_clock is None else on_one_clock
    starts_s = starts_on_one_clock(firsts) if one_clock else [0.0] * len(firsts)
    times = [time for header in headers if (time := start_time(header)) is not None]
    remarks = [said for one in exports for said in one.mode.remarks(one.table.path.name)]
    if on_one_clock is None and not any("syncstatus" in header for header in headers):
        shared = "one clock, by their first times" if one_clock else "clocks of their own"
        remarks.append(
            f"The exports do not say whether the sensors were synchronised: they have {shared}."
        )
    return Exports(
        tuple(replace(one, start_s=start) for one, start in zip(exports, starts_s, strict=True)),
        one_clock,
        min(times, default=None),
        tuple(remarks),
    )


def _export(table: CsvTable, rate_hz: float | None) -> Export:
    header = headers_of(table)
    table.require([name for name in table.columns if name.lower() == TIME.lower()], "")
    mode = mode_of(table, header.get("measurement mode", ""))
    return Export(table, mode, rate_hz or rate_of(table), first_time_us(table), header)


def open_dot_folder(
    folder: Path, metadata: Metadata | None
) -> tuple[Metadata, tuple[SampleFile, ...], tuple[str, ...]]:
    """Open a folder of exports.

    Parameters
    ----------
    folder : Path
        Where the exports are.
    metadata : Metadata or None
        From a ``recording.toml``, which then names the files; None: tags and names decide.

    Returns
    -------
    (Metadata, tuple of SampleFile, tuple of str)
        The metadata completed by what the exports say, the sensors in order of the segments, and
        whole sentences on what was assumed or computed.

    Raises
    ------
    RecordingError
        When it is not clear which file is which segment, or a file lacks what is needed.
    """
    told = metadata.sensors.by_segment() if metadata is not None else {}
    if metadata is None:
        tables = _tables_by_name(folder)
    else:
        tables = {
            segment: open_export(inside(folder, own.file, segment)) for segment, own in told.items()
        }
    read = read_exports(
        tuple(tables.values()),
        rates_hz=[told[segment].rate_hz if segment in told else None for segment in tables],
        on_one_clock=None if metadata is None else metadata.synchronised,
    )
    by_segment = dict(zip(tables, read.exports, strict=True))
    files = tuple(
        DotFile(segment, one.table.path, one.rate_hz, export=one)
        for segment, one in by_segment.items()
    )
    return _completed(metadata, by_segment, read), files, read.remarks


def _tables_by_name(folder: Path) -> dict[Segment, CsvTable]:
    found: dict[Segment, CsvTable] = {}
    paths = [path for path in sorted(folder.glob("*.csv")) if looks_like_dot(path)]
    tables = [open_export(inside(folder, path.name)) for path in paths]
    tags = [headers_of(table).get("devicetag", "") for table in tables]
    labels = labels_of(tags, paths)
    for path, table, tag in zip(paths, tables, tags, strict=True):
        segment = segment_named(tag) or segment_named(path.stem)
        if segment in found:
            raise RecordingError(
                f"{found[segment].path.name} and {path.name} both are {segment} by tag or name.",
                f"Move one of them out of {folder.name}, or rename it.",
                path=path,
                sensor=segment,
                labels=labels,
            )
        if segment is not None:
            found[segment] = table
    if not found:
        raise RecordingError(
            f"{folder.name} holds Movella DOT exports, but no tag or file name says which segment "
            "they are.",
            _REMEDY_NAMES,
            path=folder,
            labels=labels,
        )
    try:
        check_segments(folder, tuple(found))
    except RecordingError as error:
        raise RecordingError(
            error.what, _REMEDY_NAMES, path=folder, sensor=error.sensor, labels=labels
        ) from None
    return {segment: found[segment] for segment in SEGMENTS if segment in found}


def labels_of(tags: Sequence[str], paths: Sequence[Path]) -> tuple[str, ...]:
    """Return what sensors are called: by their tags where these tell them apart, else their files.

    Parameters
    ----------
    tags : sequence of str
        Empty where there is none.
    paths : sequence of Path
        The export of each.
    """
    if all(tags) and len(set(tags)) == len(tags):
        return tuple(tags)
    return tuple(path.stem for path in paths)


def _completed(
    metadata: Metadata | None, exports: Mapping[Segment, Export], read: Exports
) -> Metadata:
    if metadata is None:
        sensors = {
            segment: Sensor(file=one.table.path.name, rate_hz=one.rate_hz)
            for segment, one in exports.items()
        }
        metadata = Metadata(format="movella-dot/1", sensors=Sensors.model_validate(sensors))
    return metadata.model_copy(
        update={
            "synchronised": read.synchronised,
            "started_at": metadata.started_at or read.started_at,
        }
    )
