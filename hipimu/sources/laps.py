"""Laps and speed from outside: two small tables beside the samples, each row checked."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from hipimu.data import FloatArray, Lap, SpeedTrack
from hipimu.errors import RecordingError
from hipimu.sources.csv_table import lines

_LAP_COLUMNS = ("start_s", "end_s", "label")
_SPEED_COLUMNS = ("time_s", "speed_m_s")
_HEART_RATE_COLUMNS = ("time_s", "heart_rate_bpm")
FASTEST_M_S = 13.0
"""No one runs faster for long; a larger value is in km/h."""
_HIGHEST_BPM = 250.0

_Row = tuple[int, Mapping[str, str]]


def read_laps(path: Path) -> tuple[Lap, ...]:
    """Read ``start_s,end_s,label``.

    Parameters
    ----------
    path : Path
        Times in seconds on the recording's clock; further columns are ignored.

    Returns
    -------
    tuple of Lap
        In time order, without overlap.

    Raises
    ------
    RecordingError
        Naming the line that does not fit.
    """
    laps: list[Lap] = []
    for line, row in _rows(path, _LAP_COLUMNS):
        lap = Lap(
            _number(path, line, "start_s", row["start_s"]),
            _number(path, line, "end_s", row["end_s"]),
            row["label"].strip(),
        )
        _check_lap(path, line, lap, laps[-1] if laps else None)
        laps.append(lap)
    if not laps:
        raise RecordingError(
            f"{path.name} has no laps below its header.",
            "Add a line per lap, for example 0,600,easy, or remove the file.",
            path=path,
        )
    return tuple(laps)


def _check_lap(path: Path, line: int, lap: Lap, before: Lap | None) -> None:
    if not lap.label:
        raise _error(path, line, "the lap has no label", "Label it easy, fast or anything else.")
    if lap.end_s <= lap.start_s:
        raise _error(
            path,
            line,
            f"the lap {lap.label!r:.40} ends at {lap.end_s:g} s, not after its start",
            "Correct the times; both are seconds on the recording's clock.",
        )
    if before is not None and lap.start_s < before.end_s:
        raise _error(
            path,
            line,
            f"the lap starts at {lap.start_s:g} s, before the lap above ends ({before.end_s:g} s)",
            "Put the laps in order of time, without overlap.",
        )


def read_speed(path: Path) -> SpeedTrack:
    """Read ``time_s,speed_m_s``.

    Parameters
    ----------
    path : Path
        Times in seconds on the recording's clock; further columns are ignored.

    Returns
    -------
    SpeedTrack
        With time strictly increasing.

    Raises
    ------
    RecordingError
        Naming the line that does not fit.
    """
    t_s: list[float] = []
    speed_m_s: list[float] = []
    for line, time_s, value in _track(path, _SPEED_COLUMNS):
        t_s.append(time_s)
        speed_m_s.append(value)
        if value > FASTEST_M_S:
            raise _error(
                path,
                line,
                f"speed_m_s is {value:g}, faster than anyone runs",
                "Give the speed in m/s: divide km/h by 3.6.",
            )
    if not t_s:
        raise RecordingError(
            f"{path.name} has no speeds below its header.", "Fill or remove the file.", path=path
        )
    return SpeedTrack(np.array(t_s), np.array(speed_m_s))


def read_heart_rate(path: Path) -> tuple[FloatArray, FloatArray]:
    """Read ``time_s,heart_rate_bpm``.

    Parameters
    ----------
    path : Path
        Times in seconds on the recording's clock; further columns are ignored.

    Returns
    -------
    tuple of array
        Times, strictly increasing, and beats per minute, (n,) each.

    Raises
    ------
    RecordingError
        Naming the line that does not fit.
    """
    rows = []
    for line, time_s, value in _track(path, _HEART_RATE_COLUMNS):
        rows.append((time_s, value))
        if value > _HIGHEST_BPM:
            what = f"heart_rate_bpm is {value:g}, faster than any heart beats"
            raise _error(path, line, what, "Correct or delete the line.")
    t_s, heart_rate_bpm = np.array(rows, dtype=np.float64).reshape(-1, 2).T
    return t_s, heart_rate_bpm


def _track(path: Path, columns: tuple[str, str]) -> Iterator[tuple[int, float, float]]:
    """Yield line, time and value, in order of time."""
    last_s = -math.inf
    for line, row in _rows(path, columns):
        time_s, value = (_number(path, line, name, row[name]) for name in columns)
        if time_s <= last_s:
            raise _error(
                path,
                line,
                f"time_s is {time_s:g}, not after the line above ({last_s:g})",
                "Put the lines in order of time and remove duplicates.",
            )
        last_s = time_s
        yield line, time_s, value


def _number(path: Path, line: int, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if 0.0 <= value < 1e9:
        return value
    raise _error(
        path,
        line,
        f"{name} is {text.strip()!r:.40}, not a number from 0 on",
        "Correct or delete the line.",
    )


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[_Row]:
    header: list[str] | None = None
    for line, cells in _cells(path):
        if header is None:
            header = cells
            _check_header(path, line, header, columns)
        elif len(cells) != len(header):
            raise _error(
                path,
                line,
                f"{len(cells)} values where the header has {len(header)} columns",
                f"Each line has {','.join(header)}; put labels with a comma in quotation marks.",
            )
        else:
            yield line, dict(zip(header, cells, strict=True))
    if header is None:
        raise RecordingError(
            f"{path.name} has no header.", f"Start it with {','.join(columns)}.", path=path
        )


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    for line, text in lines(path):
        if not text.strip():
            continue
        cells = _quoted(path, line, text) if '"' in text else text.split(",")
        yield line, [cell.strip() for cell in cells]


def _quoted(path: Path, line: int, text: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration):
        raise _error(
            path, line, "the quotation marks do not match", "Correct or delete the line."
        ) from None


def _check_header(path: Path, line: int, header: list[str], columns: tuple[str, ...]) -> None:
    wrong = [name for name in columns if header.count(name) != 1]
    if wrong:
        how = "more than one column" if wrong[0] in header else "no column"
        raise _error(
            path, line, f"there is {how} {wrong[0]}", f"The header must be {','.join(columns)}."
        )


def _error(path: Path, line: int, what: str, remedy: str) -> RecordingError:
    return RecordingError(f"{path.name}, line {line}: {what}.", remedy, path=path, line=line)
