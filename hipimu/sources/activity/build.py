"""From a watch's file to an `Activity`: in order, without the impossible, pauses empty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hipimu.data import Activity, FloatArray, IntArray, WatchLap
from hipimu.sources.activity.along import (
    DISTANCE_HALF_S,
    LONGEST_STEP_S,
    POSITION_HALF_S,
    grade,
    mean_speed,
    path_length,
)
from hipimu.sources.activity.clock import increasing
from hipimu.sources.activity.laps import tidy_laps
from hipimu.sources.activity.plausible import (
    plausible,
    sport_warning,
    steps_per_minute,
    without_false_positions,
)
from hipimu.sources.activity.watch_file import Columns, WatchFile, refusal

_START_WITHIN_S = 300.0
"""A start further from the first record than this is damage."""
_LEAST_PAUSE_S = 3.0
_EDGE_S = 1.0
_ENOUGH = 0.5
"""of the rows."""

_Spans = Sequence[tuple[float, float]]
_Said = tuple[str, ...]


def activity_of(file: WatchFile, path: Path) -> Activity:
    """Make an activity of what a reader found.

    Parameters
    ----------
    file : WatchFile
    path : Path
        For its name.

    Returns
    -------
    Activity

    Raises
    ------
    RecordingError
        When neither a record nor a lap has a usable time.
    """
    file, disorder = _in_order(file)
    start_s, end_s = _bounds(file, path)
    file, lost = without_false_positions(file)
    laps, lost_laps = tidy_laps(file.laps, start_s, end_s)
    pauses = _pauses(file.time_s, file.pauses_s)
    series, said = _series(file, pauses)
    time_s, series = _with_pauses(file.time_s, series, pauses)
    if len(time_s) == 0:
        time_s, series = _from_laps(sorted({t for p in laps for t in (p.start_s, p.end_s)}))
    origin_s = _origin(file.started_s, start_s)
    warnings = (*file.warnings, *sport_warning(file.sport), *disorder, *lost, *said, *lost_laps)
    return Activity(
        name=path.name,
        started_at=datetime.fromtimestamp(origin_s, UTC) if file.utc else None,
        # Unix time in seconds has six sound decimals in a float.
        t_s=np.round(time_s - origin_s, 6),
        **series,
        laps=tuple(_since(origin_s, lap) for lap in laps),
        warnings=tuple(f"{path.name}: {warning}" for warning in warnings),
    )


def _since(origin_s: float, lap: WatchLap) -> WatchLap:
    start_s, end_s = round(lap.start_s - origin_s, 6), round(lap.end_s - origin_s, 6)
    return replace(lap, start_s=start_s, end_s=end_s)


def _in_order(file: WatchFile) -> tuple[WatchFile, _Said]:
    rows, said = increasing(file.time_s)
    columns = {name: getattr(file, name)[rows] for name in Columns.__annotations__}
    speeds = tuple(speed[rows] for speed in file.speeds_m_s)
    return replace(file, **columns, speeds_m_s=speeds), said


def _bounds(file: WatchFile, path: Path) -> tuple[float, float]:
    """First and last time of the records; of the laps where there are none."""
    if len(file.time_s):
        return float(file.time_s[0]), float(file.time_s[-1])
    if file.laps:
        return min(lap.start_s for lap in file.laps), max(lap.end_s for lap in file.laps)
    raise refusal(
        path, "holds no record with a time", "Export the activity again, if possible as FIT."
    )


def _origin(started_s: float | None, first_s: float) -> float:
    if started_s is None or not abs(started_s - first_s) <= _START_WITHIN_S:
        return first_s
    return started_s


def _pauses(time_s: FloatArray, told: _Spans) -> list[tuple[float, float]]:
    """Stops that the watch tells, and silences too long to bridge, without overlap."""
    silent = np.flatnonzero(np.diff(time_s) > LONGEST_STEP_S)
    spans = [(float(time_s[i]), float(time_s[i + 1])) for i in silent]
    spans += [(a, b) for a, b in told if b - a >= _LEAST_PAUSE_S]
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _series(file: WatchFile, pauses: _Spans) -> tuple[dict[str, FloatArray], _Said]:
    starts, ends = (np.array([pause[i] for pause in pauses]) for i in (0, 1))
    part = np.searchsorted(starts, file.time_s, "left") + np.searchsorted(
        ends, file.time_s, "right"
    )
    speed, speed_said = _speed(file, part)
    rise, rise_said = _grade(file, part)
    heart = np.where(file.heart_rate_bpm == 0, math.nan, file.heart_rate_bpm)
    heart, heart_said = plausible("heart_rate_bpm", heart)
    cadence, cadence_said = steps_per_minute(file.cadence_per_min, file.sport)
    series = {
        "speed_m_s": speed,
        "grade": rise,
        "heart_rate_bpm": heart,
        "cadence_spm": cadence,
    }
    return series, (*speed_said, *rise_said, *heart_said, *cadence_said)


def _speed(file: WatchFile, part: IntArray) -> tuple[FloatArray, _Said]:
    """As the watch says it; where it says none, from distance; at last, from positions."""
    t_s, positions_m = file.time_s, path_length(file.latitude_rad, file.longitude_rad)
    from_distance = mean_speed(t_s, file.distance_m, part, DISTANCE_HALF_S)
    from_positions = mean_speed(t_s, positions_m, part, POSITION_HALF_S)
    sources = [(speed, "") for speed in file.speeds_m_s] + [
        (from_distance, "speed is taken from distance, a mean over 5 s"),
        (from_positions, "speed is taken from positions, a mean over 10 s: it is not exact"),
    ]
    checked = [(*plausible("speed_m_s", speed), note) for speed, note in sources]
    shares = [_share(speed) for speed, _, _ in checked]
    best = next((i for i, share in enumerate(shares) if share >= _ENOUGH), int(np.argmax(shares)))
    speed, said, note = checked[best]
    if shares[best] == 0:
        return np.full(len(speed), math.nan), (*said, "it holds no speed")
    return speed, (*said, *([note] if note else []))


def _share(values: FloatArray) -> float:
    """Share of the rows that say something; zeros throughout say nothing."""
    known = ~np.isnan(values)
    return float(known.mean()) if values[known].any() else 0.0


def _grade(file: WatchFile, part: IntArray) -> tuple[FloatArray, _Said]:
    if _share(file.grade) >= _ENOUGH:
        return plausible("grade", file.grade)
    altitude_m, said = plausible("altitude_m", file.altitude_m)
    positions_m = path_length(file.latitude_rad, file.longitude_rad)
    along_m = file.distance_m if _share(file.distance_m) >= _ENOUGH else positions_m
    rise, more = plausible("grade", grade(file.time_s, along_m, altitude_m, part))
    return rise, (*said, *more)


def _with_pauses(
    time_s: FloatArray, series: dict[str, FloatArray], pauses: _Spans
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Empty the rows within pauses, and add rows at their edges: lines drawn across stay NaN.

    The heart beats on and keeps its values.
    """
    edges = [
        time
        for start, end in pauses
        if math.isfinite(end)
        for step in [min(_EDGE_S, 0.25 * (end - start))]
        for time in (start + step, end - step)
    ]
    inside = [time for time in edges if len(time_s) and time_s[0] < time < time_s[-1]]
    merged = np.union1d(time_s, inside)
    old = np.searchsorted(merged, time_s)
    paused = np.zeros(len(merged), dtype=np.bool_)
    for start, end in pauses:
        paused |= (merged > start) & (merged < end)
    full: dict[str, FloatArray] = {}
    for name, values in series.items():
        full[name] = np.full(len(merged), math.nan)
        full[name][old] = values
        if name != "heart_rate_bpm":
            full[name][paused] = math.nan
    return merged, full


def _from_laps(bounds: Sequence[float]) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Rows that hold nothing, where only laps are left of a file."""
    names = ("speed_m_s", "grade", "heart_rate_bpm", "cadence_spm")
    return np.array(bounds), {name: np.full(len(bounds), math.nan) for name in names}
