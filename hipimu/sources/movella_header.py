"""What stands above the table of a Movella DOT export, and what its first rows tell.

The lines differ: the app writes ``FirmwareVersion:,2.0.0`` and more, the vendor's SDK pads each
line with commas, recordings that were exported from a sensor's memory leave out ``SyncStatus``,
``OutputRate`` and ``Measurement Mode``, and spreadsheets save it all with semicolons or tabs.
``StartTime`` has been written as ``2021-08-20_20:21:13_835 GMT+8``, ``2024-12-09_17:31:07_886
CET``, ``2023-05-03 09:30:00.000 +0200`` and ``Wed, 03 May 2023 07:30:00 GMT``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from hipimu.errors import RecordingError
from hipimu.sources.csv_table import CsvTable, no_samples, open_table
from hipimu.units import s_from_us

TIME: Final = "SampleTimeFine"
WRAP_US: Final = 2.0**32
_ZONES_H: Final = {"UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2}
_ZONE: Final = re.compile(r"(?:GMT|UTC)?([+-]\d{1,2})(?::?([0-5]\d))?")
_ROWS_FOR_RATE: Final = 400
_ONE_CLOCK_US: Final = 2e6
_SEPARATORS: Final = (",", ";", "\t")


def open_export(path: Path) -> CsvTable:
    """Read an export's header.

    Raises
    ------
    RecordingError
        When it has none.
    """
    return open_table(path, header_has=TIME.lower(), separators=_SEPARATORS)


def headers_of(table: CsvTable) -> dict[str, str]:
    """Return what stands above the table, by name in lower case."""
    pairs = (line.partition(table.separator) for line in table.preamble)
    colons = (
        (key, value) if mark else line.partition(":")[::2]
        for line, (key, mark, value) in zip(table.preamble, pairs, strict=True)
    )
    return {key.strip(' "').rstrip(":").lower(): value.strip(' ,;\t"') for key, value in colons}


def rate_of(table: CsvTable) -> float:
    """Return the rate that an export declares, or else that of its first rows.

    Raises
    ------
    RecordingError
        When neither says it.
    """
    declared = re.match(r"\d{1,4}(\.\d+)?", headers_of(table).get("outputrate", ""))
    if declared is not None and float(declared.group()) >= 1.0:
        return float(declared.group())
    times = [time for _, time in islice(_times_us(table), _ROWS_FOR_RATE)]
    steps = np.diff([time for time in times if time is not None])
    step_us = float(np.median(steps)) if len(steps) else 0.0
    if not 100.0 <= step_us <= 1e6:
        raise RecordingError(
            f"{table.path.name} has no line OutputRate with a rate above the table, and its times "
            "do not tell it.",
            "Export it again with header lines, or say rate_hz in a recording.toml.",
            path=table.path,
        )
    rate_hz = 1e6 / step_us
    # Times are rounded to microseconds: 8333 µs are 120 Hz.
    return round(rate_hz) if abs(rate_hz - round(rate_hz)) < 1e-3 * rate_hz else rate_hz


def first_time_us(table: CsvTable) -> float:
    """Return `SampleTimeFine` of the first row.

    Raises
    ------
    RecordingError
        When there is no row, or it has no time.
    """
    line, time = next(_times_us(table), (0, None))
    if line == 0:
        raise no_samples(table.path)
    if time is None:
        cell = table.cell(line, table.columns[_column(table)])
        raise RecordingError(
            f"{table.path.name}, line {line}: {TIME} is {cell!r:.40}, which is not a whole number.",
            "Export the file again.",
            path=table.path,
            line=line,
        )
    return time


def _times_us(table: CsvTable) -> Iterator[tuple[int, float | None]]:
    column = _column(table)
    for line, text in table.rows():
        cells = text.split(table.separator)
        cell = cells[column].strip() if column < len(cells) else ""
        yield line, float(cell) if re.fullmatch(r"\d{1,10}", cell) else None


def _column(table: CsvTable) -> int:
    return [name.lower() for name in table.columns].index(TIME.lower())


def synchronised(headers: Sequence[Mapping[str, str]], first_us: Sequence[float]) -> bool:
    """Whether the sensors of a recording share one clock.

    Sensors count from when they are switched on, and all alike once they are synchronised: where
    ``SyncStatus`` is left out, as in recordings exported from memory, first times that lie within
    two seconds tell it.
    """
    said = [header.get("syncstatus", "").lower() for header in headers]
    if any(said):
        return all(text == "synced" for text in said)
    offsets = np.asarray(first_us) - first_us[0]
    apart = (offsets + WRAP_US / 2) % WRAP_US - WRAP_US / 2
    return bool(np.ptp(apart) < _ONE_CLOCK_US)


def starts_on_one_clock(first_us: Sequence[float]) -> list[float]:
    """Return when each sensor's first row is, in seconds from the earliest of them."""
    # The counter may wrap between the first samples of two sensors.
    later_us = [(us - first_us[0] + WRAP_US / 2) % WRAP_US - WRAP_US / 2 for us in first_us]
    return [s_from_us(us - min(later_us)) for us in later_us]


def start_time(header: Mapping[str, str]) -> datetime | None:
    """Return when a recording began; None where that, or its time zone, is not clear."""
    text = header.get("starttime", "")
    day, _, zone = text.rpartition(" ")
    offset = _offset(zone)
    if offset is not None:
        for form in ("%Y-%m-%d_%H:%M:%S_%f", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S"):
            try:
                return datetime.strptime(day, form).replace(tzinfo=timezone(offset))
            except ValueError:
                continue
    try:
        mailed = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return None if mailed.tzinfo is None else mailed


def _offset(zone: str) -> timedelta | None:
    if zone in _ZONES_H:
        return timedelta(hours=_ZONES_H[zone])
    found = _ZONE.fullmatch(zone)
    if found is None or abs(int(found.group(1))) > 14:
        return None
    minutes = int(found.group(2) or 0)
    return timedelta(hours=int(found.group(1)), minutes=-minutes if "-" in zone else minutes)
