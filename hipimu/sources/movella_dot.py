"""Folders of Movella DOT exports: one CSV file per sensor, as the vendor's app writes them.

Header lines (``DeviceTag:``, ``OutputRate:``, ``StartTime:`` …) stand above the table.
``SampleTimeFine`` counts microseconds in 32 bits and wraps after 71.6 min; ``Acc_*`` is in m/s²,
``Gyr_*`` in deg/s. ``Mag_*`` is in multiples of the local field, not in µT, and is not read.

Which file is which segment is said by ``DeviceTag``, else by the file's name (`segment_named`),
else by a ``recording.toml`` with ``format = "movella-dot/1"``. Files that name no segment, such as
a shank's, are left alone. Time starts at 0 with the first sample: of all sensors where
``SyncStatus`` is ``Synced``, else of each sensor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from hipimu.data import SEGMENTS, FloatArray, Segment
from hipimu.errors import RecordingError
from hipimu.sources.csv_folder import inside
from hipimu.sources.csv_table import CsvTable, no_samples, open_table
from hipimu.sources.metadata import Metadata, Sensor, Sensors, check_segments
from hipimu.sources.samples import Channels, SampleFile, Samples
from hipimu.sources.segment_names import segment_named
from hipimu.units import rad_from_deg, s_from_us

TIME = "SampleTimeFine"
CHANNELS: Channels = ("Acc_X", "Acc_Y", "Acc_Z", "Gyr_X", "Gyr_Y", "Gyr_Z")
COUNTER = "PacketCounter"
_WRAP_US = 2.0**32
REMEDY_MODE = (
    "In the vendor's app choose the measurement mode 'Inertial data Mode - Rate Quantities' "
    "and record again; other modes leave out acceleration or angular velocity."
)
_REMEDY_NAMES = (
    "Set the sensors' tags, or rename the files, to pelvis, thigh_left and thigh_right; or add a "
    'recording.toml with format = "movella-dot/1" and for each segment [sensors.pelvis] and '
    'file = "…".'
)
_ZONES_H = {"UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2}


@dataclass(frozen=True, slots=True, eq=False)
class DotFile(SampleFile):
    """One sensor's export."""

    table: CsvTable = field(kw_only=True)
    first_us: float = field(kw_only=True)
    """`SampleTimeFine` of the first row."""
    start_s: float = field(kw_only=True)
    """Time of the first row on the recording's clock."""

    @property
    def channels(self) -> Channels:
        """The file's own names of acc x, y, z and gyr x, y, z."""
        return CHANNELS

    @property
    def time_channel(self) -> str:
        """The file's own name of the time."""
        return TIME

    def pieces(self) -> Iterator[Samples]:
        """Read the file from its start, a piece at a time."""
        return pieces_of(self.table, self.first_us, self.start_s)

    def line_of(self, row: int) -> int | None:
        """Return the line, counted from 1, of a row counted from 0."""
        return self.table.line_of(row)


def pieces_of(table: CsvTable, first_us: float, start_s: float) -> Iterator[Samples]:
    """Read an export from its start, a piece at a time.

    Parameters
    ----------
    table : CsvTable
    first_us : float
        `SampleTimeFine` of the first row.
    start_s : float
        Time of the first row on the recording's clock.
    """
    counter = (COUNTER,) if table.columns.count(COUNTER) == 1 else ()
    row, last_us, wraps_us = 0, first_us, 0.0
    for read, columns in table.batches((TIME, *CHANNELS, *counter)):
        raw_us = columns[TIME]
        wrapped = np.diff(raw_us, prepend=last_us) < -_WRAP_US / 2
        offsets_us = wraps_us + _WRAP_US * np.cumsum(wrapped)
        t_s = start_s + s_from_us(raw_us + offsets_us - first_us)
        yield _samples(row, read, t_s, columns)
        row += len(raw_us)
        last_us, wraps_us = float(raw_us[-1]), float(offsets_us[-1])
    if row == 0:
        raise no_samples(table.path)


def _samples(row: int, read: float, t_s: FloatArray, columns: dict[str, FloatArray]) -> Samples:
    acc = np.stack([columns[name] for name in CHANNELS[:3]], axis=1)
    gyr_deg_s = np.stack([columns[name] for name in CHANNELS[3:]], axis=1)
    counter = columns.get(COUNTER)
    whole = None
    if counter is not None:
        whole = np.clip(np.nan_to_num(counter, nan=-1.0), -1.0, _WRAP_US).astype(np.int64)
    return Samples(row, read, t_s, acc, rad_from_deg(gyr_deg_s), counter=whole)


def looks_like_dot(path: Path) -> bool:
    """Say whether a CSV file is an export of this vendor; never fails."""
    try:
        return path.is_file() and TIME in open_table(path, header_has=TIME.lower()).columns
    except RecordingError:
        return False


def open_dot_folder(
    folder: Path, metadata: Metadata | None
) -> tuple[Metadata, tuple[SampleFile, ...]]:
    """Open a folder of exports.

    Parameters
    ----------
    folder : Path
        Where the exports are.
    metadata : Metadata or None
        From a ``recording.toml``, which then names the files; None: tags and names decide.

    Returns
    -------
    (Metadata, tuple of SampleFile)
        The metadata completed by what the exports say, and the sensors in order of the segments.

    Raises
    ------
    RecordingError
        When it is not clear which file is which segment, or a file lacks what is needed.
    """
    if metadata is None:
        tables = _tables_by_name(folder)
        sensors: Mapping[Segment, Sensor | None] = dict.fromkeys(tables)
    else:
        sensors = metadata.sensors.by_segment()
        tables = {
            segment: open_table(inside(folder, sensor.file, segment), header_has=TIME.lower())
            for segment, sensor in metadata.sensors.by_segment().items()
        }
    for table in tables.values():
        table.require((TIME, *CHANNELS), REMEDY_MODE)
    rates = {segment: rate_of(tables[segment], sensors[segment]) for segment in tables}
    complete = _completed(metadata, tables, rates)
    return complete, _files(tables, rates, synchronised=bool(complete.synchronised))


def _tables_by_name(folder: Path) -> dict[Segment, CsvTable]:
    found: dict[Segment, CsvTable] = {}
    for path in sorted(folder.glob("*.csv")):
        if not looks_like_dot(path):
            continue
        table = open_table(inside(folder, path.name), header_has=TIME.lower())
        segment = segment_named(headers_of(table).get("devicetag", "")) or segment_named(path.stem)
        if segment in found:
            raise RecordingError(
                f"{found[segment].path.name} and {path.name} both are {segment} by tag or name.",
                f"Move one of them out of {folder.name}, or rename it.",
                path=path,
                sensor=segment,
            )
        if segment is not None:
            found[segment] = table
    if not found:
        raise RecordingError(
            f"{folder.name} holds Movella DOT exports, but no tag or file name says which segment "
            "they are.",
            _REMEDY_NAMES,
            path=folder,
        )
    try:
        check_segments(folder, tuple(found))
    except RecordingError as error:
        raise RecordingError(error.what, _REMEDY_NAMES, path=folder, sensor=error.sensor) from None
    return {segment: found[segment] for segment in SEGMENTS if segment in found}


def headers_of(table: CsvTable) -> dict[str, str]:
    """Return what stands above the table, by name in lower case."""
    pairs = (line.partition(",") for line in table.preamble)
    return {key.strip().rstrip(":").lower(): value.strip(' ,"') for key, _, value in pairs}


def rate_of(table: CsvTable, sensor: Sensor | None = None) -> float:
    """Return the rate that the export declares, or the sensor's entry in ``recording.toml``.

    Raises
    ------
    RecordingError
        When neither says it.
    """
    if sensor is not None and sensor.rate_hz is not None:
        return sensor.rate_hz
    rate = re.match(r"\d{1,4}(\.\d+)?", headers_of(table).get("outputrate", ""))
    if rate is None or not float(rate.group()) >= 1.0:
        raise RecordingError(
            f"{table.path.name} has no line OutputRate with a rate above the table.",
            "Export it again with header lines, or say rate_hz in a recording.toml.",
            path=table.path,
        )
    return float(rate.group())


def _completed(
    metadata: Metadata | None, tables: Mapping[Segment, CsvTable], rates: Mapping[Segment, float]
) -> Metadata:
    headers = [headers_of(table) for table in tables.values()]
    synced = all(header.get("syncstatus", "").lower() == "synced" for header in headers)
    if metadata is None:
        sensors = {s: Sensor(file=t.path.name, rate_hz=rates[s]) for s, t in tables.items()}
        metadata = Metadata(format="movella-dot/1", sensors=Sensors.model_validate(sensors))
    starts = [start for header in headers if (start := start_time(header)) is not None]
    return metadata.model_copy(
        update={
            "synchronised": synced if metadata.synchronised is None else metadata.synchronised,
            "started_at": metadata.started_at or min(starts, default=None),
        }
    )


def start_time(header: Mapping[str, str]) -> datetime | None:
    """Read ``2024-12-09_17:31:07_886 CET``; None where the zone's name is not unambiguous."""
    text, _, zone = header.get("starttime", "").rpartition(" ")
    if zone not in _ZONES_H:
        return None
    try:
        local = datetime.strptime(text, "%Y-%m-%d_%H:%M:%S_%f")  # noqa: DTZ007
    except ValueError:
        return None
    return local.replace(tzinfo=timezone(timedelta(hours=_ZONES_H[zone])))


def _files(
    tables: Mapping[Segment, CsvTable], rates: Mapping[Segment, float], *, synchronised: bool
) -> tuple[SampleFile, ...]:
    first_us = [first_time_us(table) for table in tables.values()]
    starts_s = starts_on_one_clock(first_us) if synchronised else [0.0] * len(first_us)
    return tuple(
        DotFile(segment, table.path, rates[segment], table=table, first_us=us, start_s=start_s)
        for (segment, table), us, start_s in zip(tables.items(), first_us, starts_s, strict=True)
    )


def starts_on_one_clock(first_us: Sequence[float]) -> list[float]:
    """Return when each sensor's first row is, in seconds from the earliest of them."""
    # The counter may wrap between the first samples of two sensors.
    later_us = [(us - first_us[0] + _WRAP_US / 2) % _WRAP_US - _WRAP_US / 2 for us in first_us]
    return [s_from_us(us - min(later_us)) for us in later_us]


def first_time_us(table: CsvTable) -> float:
    """Return `SampleTimeFine` of the first row.

    Raises
    ------
    RecordingError
        When there is no row, or it has no time.
    """
    line, text = next(table.rows(), (0, ""))
    if not text:
        raise no_samples(table.path)
    cells = text.split(",")
    column = table.columns.index(TIME)
    cell = cells[column].strip() if column < len(cells) else ""
    if not re.fullmatch(r"\d{1,10}", cell):
        raise RecordingError(
            f"{table.path.name}, line {line}: {TIME} is {cell!r:.40}, which is not a whole number.",
            "Export the file again.",
            path=table.path,
            line=line,
        )
    return float(cell)
