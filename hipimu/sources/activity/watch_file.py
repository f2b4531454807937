"""What each format's reader hands over: the file's own columns in SI units, nothing judged yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np

from hipimu.data import FloatArray, WatchLap
from hipimu.errors import RecordingError

Row = Mapping[str, float]
"""One record of a watch: some of `Columns`, and speeds by whatever name."""


class Columns(TypedDict):
    """The columns of a `WatchFile` but for its speeds, (n,) each."""

    time_s: FloatArray
    distance_m: FloatArray
    latitude_rad: FloatArray
    longitude_rad: FloatArray
    altitude_m: FloatArray
    grade: FloatArray
    heart_rate_bpm: FloatArray
    cadence_per_min: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class WatchFile:
    """One activity as its file has it; arrays are (n,), NaN where the file says nothing."""

    time_s: FloatArray
    """Unix time, in the order of the file, which may be wrong."""
    speeds_m_s: tuple[FloatArray, ...]
    """What the watch calls speed, the best source first."""
    distance_m: FloatArray
    latitude_rad: FloatArray
    longitude_rad: FloatArray
    altitude_m: FloatArray
    grade: FloatArray
    heart_rate_bpm: FloatArray
    cadence_per_min: FloatArray
    """Steps of one leg or of both, as the file pleases."""
    laps: tuple[WatchLap, ...]
    """On Unix time."""
    pauses_s: tuple[tuple[float, float], ...] = ()
    """Start and end of each stop of the watch, on Unix time; the last may have no end (inf)."""
    started_s: float | None = None
    """When the watch says it started, Unix time."""
    utc: bool = True
    """False where a watch without a set clock counts from its own start."""
    sport: str | None = None
    warnings: tuple[str, ...] = ()


def columns_of(rows: Sequence[Row]) -> Columns:
    """Turn rows into columns."""
    return Columns(
        time_s=column(rows, "time_s"),
        distance_m=column(rows, "distance_m"),
        latitude_rad=column(rows, "latitude_rad"),
        longitude_rad=column(rows, "longitude_rad"),
        altitude_m=column(rows, "altitude_m"),
        grade=column(rows, "grade"),
        heart_rate_bpm=column(rows, "heart_rate_bpm"),
        cadence_per_min=column(rows, "cadence_per_min"),
    )


def column(rows: Sequence[Row], name: str) -> FloatArray:
    """Return one column of the rows, (n,); NaN where a row lacks it."""
    return np.array([row.get(name, math.nan) for row in rows], dtype=np.float64)


def number(value: object) -> float:
    """Return a value as a finite float; NaN where it is none, whatever it is instead."""
    if isinstance(value, str) and len(value) < 40:
        try:
            value = float(value)
        except ValueError:
            return math.nan
    if isinstance(value, int | float) and abs(value) < 1e300:
        return float(value)
    return math.nan


def numbers(texts: Mapping[str, object], names: Mapping[str, str]) -> dict[str, float]:
    """Pick numbers out of a record: `names` says which of its names become which of ours."""
    found = {ours: number(texts[theirs]) for theirs, ours in names.items() if theirs in texts}
    return {name: value for name, value in found.items() if not math.isnan(value)}


def refusal(path: Path, what: str, remedy: str) -> RecordingError:
    """Return the error for a file that is no usable activity."""
    return RecordingError(f"{path.name} {what}.", remedy, path=path)
