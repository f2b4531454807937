"""Pace and bouts from outside the hip: laps now, watches later. Never from any amplitude.

Labelling pace by how far the hip moves would make the answer circular, so this module sees stride
times and labels only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hipimu.data import (
    SIDES,
    BoolArray,
    Bout,
    FloatArray,
    IntArray,
    Lap,
    Pace,
    Reason,
    SpeedTrack,
    Stride,
)

_PACES: dict[str, Pace] = {"easy": "easy", "fast": "fast"}
_TRANSITION_STRIDES = 5
_BREAK_S = 3.0
"""Running strides further apart than this belong to different bouts."""


def label_strides(
    strides: Sequence[Stride], laps: Sequence[Lap], speed: SpeedTrack | None
) -> tuple[tuple[Stride, ...], tuple[Bout, ...]]:
    """Give every stride its bout, pace, speed and place in the session.

    The first and last five strides of a bout on each side, where the runner speeds up or slows
    down, are set aside with the reason `transition`; walking strides with the reason `walking`.

    Parameters
    ----------
    strides : sequence of Stride
        In order of time on each side.
    laps : sequence of Lap
        Empty: every uninterrupted run becomes one bout of unknown pace, ``"other"``.
    speed : SpeedTrack or None

    Returns
    -------
    strides : tuple of Stride
        By side, then time.
    bouts : tuple of Bout
    """
    bouts = _bouts_of_laps(laps, speed) if laps else _bouts_of_runs(strides, speed)
    fraction = _moving_fraction(strides)
    labelled: list[Stride] = []
    for side in SIDES:
        own = [stride for stride in strides if stride.side == side]
        times = np.array([stride.t_peak_flexion_s for stride in own])
        places = _places(times, bouts)
        labelled += [
            _label(stride, bouts, place, edge, known, done)
            for stride, place, edge, known, done in zip(
                own,
                places.tolist(),
                _edges(places).tolist(),
                _speeds(speed, times),
                np.interp(times, *fraction).tolist(),
                strict=True,
            )
        ]
    return tuple(labelled), bouts


def _bouts_of_laps(laps: Sequence[Lap], speed: SpeedTrack | None) -> tuple[Bout, ...]:
    return tuple(
        Bout(
            bout=number,
            pace=_PACES.get(lap.label.strip().lower(), "other"),
            pace_source="laps",
            start_s=lap.start_s,
            end_s=lap.end_s,
            speed_m_s=_mean_speed(speed, lap.start_s, lap.end_s),
            label=lap.label,
        )
        for number, lap in enumerate(sorted(laps, key=lambda lap: lap.start_s))
    )


def _bouts_of_runs(strides: Sequence[Stride], speed: SpeedTrack | None) -> tuple[Bout, ...]:
    times = np.sort([s.t_peak_flexion_s for s in strides if s.gait == "running"])
    if len(times) == 0:
        return ()
    breaks = np.flatnonzero(np.diff(times) > _BREAK_S)
    first = times[np.concatenate(([0], breaks + 1))]
    last = times[np.concatenate((breaks, [len(times) - 1]))]
    return tuple(
        # the last stride belongs to the bout: bouts end just after it
        Bout(i, "other", "none", float(a), float(b) + 1e-6, _mean_speed(speed, a, b))
        for i, (a, b) in enumerate(zip(first, last, strict=True))
    )


def _mean_speed(speed: SpeedTrack | None, start_s: float, end_s: float) -> float | None:
    if speed is None:
        return None
    inside = (speed.t_s >= start_s) & (speed.t_s < end_s)
    return float(speed.speed_m_s[inside].mean()) if inside.any() else None


def _places(times: FloatArray, bouts: Sequence[Bout]) -> IntArray:
    """Number of the bout in which each peak flexion lies, −1 outside all, (n,)."""
    if not bouts:
        return np.full(len(times), -1)
    starts = np.array([bout.start_s for bout in bouts])
    ends = np.array([bout.end_s for bout in bouts])
    at = np.searchsorted(starts, times, side="right") - 1
    return np.where((at >= 0) & (times < ends[at]), at, -1)


def _edges(places: IntArray) -> BoolArray:
    """Tell which strides are among the first or last five of their bout, (n,)."""
    edges = np.zeros(len(places), dtype=np.bool_)
    inside = np.flatnonzero(places >= 0)
    bouts = places[inside]  # ascending: strides and bouts are both in order of time
    n = np.arange(len(bouts))
    first = np.searchsorted(bouts, bouts, side="left")
    last = np.searchsorted(bouts, bouts, side="right") - 1
    edges[inside] = (n - first < _TRANSITION_STRIDES) | (last - n < _TRANSITION_STRIDES)
    return edges


def _label(
    stride: Stride,
    bouts: Sequence[Bout],
    place: int,
    edge: bool,
    speed_m_s: float | None,
    fraction: float,
) -> Stride:
    bout = bouts[place] if place >= 0 else None
    set_aside: tuple[Reason, ...] = ()
    if edge and bout is not None and bout.pace_source != "none":
        set_aside = (Reason.TRANSITION,)
    if stride.gait == "walking":
        set_aside = (*set_aside, Reason.WALKING)
    return stride._replace(
        quality=0.0 if set_aside else stride.quality,
        reasons=stride.reasons + set_aside,
        pace="other" if bout is None else bout.pace,
        bout=None if bout is None else place,
        speed_m_s=speed_m_s,
        moving_fraction=fraction,
    )


def _speeds(speed: SpeedTrack | None, times: FloatArray) -> list[float | None]:
    """Speed at each time, None where the track does not reach."""
    if speed is None:
        return [None] * len(times)
    known = (times >= speed.t_s[0]) & (times <= speed.t_s[-1] + 1.0)
    values = np.interp(times, speed.t_s, speed.speed_m_s)
    return [float(v) if k else None for v, k in zip(values, known, strict=True)]


def _moving_fraction(strides: Sequence[Stride]) -> tuple[FloatArray, FloatArray]:
    """Times and the share of the running time before them, from the side with more strides."""
    running = [s for s in strides if s.gait == "running"]
    sides = [[s for s in running if s.side == side] for side in ("left", "right")]
    longer = max(sides, key=len)
    if not longer:
        return np.array([0.0]), np.array([0.0])
    times = np.array([s.t_peak_flexion_s for s in longer])
    moved = np.cumsum([s.stride_time_s or 0.0 for s in longer])
    return times, moved / max(float(moved[-1]), 1e-9)
