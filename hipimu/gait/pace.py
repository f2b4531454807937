"""Pace and bouts from outside the hip: laps now, watches later. Never from any amplitude.

Labelling pace by how far the hip moves would make the answer circular, so this module sees stride
times and labels only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hipimu.data import Bout, FloatArray, Lap, Pace, Reason, SpeedTrack, Stride

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
    starts = np.array([bout.start_s for bout in bouts])
    labelled: list[Stride] = []
    for side in ("left", "right"):
        own = [stride for stride in strides if stride.side == side]
        placed = [_place(stride, bouts, starts) for stride in own]
        edges = _edges(placed)
        labelled += [
            _label(stride, bouts, place, edge, speed, fraction)
            for stride, place, edge in zip(own, placed, edges, strict=True)
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


def _place(stride: Stride, bouts: Sequence[Bout], starts: FloatArray) -> int | None:
    """Number of the bout in which the stride's peak flexion lies."""
    at = int(np.searchsorted(starts, stride.t_peak_flexion_s, side="right")) - 1
    if at < 0 or stride.t_peak_flexion_s >= bouts[at].end_s:
        return None
    return at


def _edges(places: Sequence[int | None]) -> list[bool]:
    """Tell which strides are among the first or last five of their bout."""
    edges = [False] * len(places)
    for number in {place for place in places if place is not None}:
        inside = [i for i, place in enumerate(places) if place == number]
        for i in inside[:_TRANSITION_STRIDES] + inside[-_TRANSITION_STRIDES:]:
            edges[i] = True
    return edges


def _label(
    stride: Stride,
    bouts: Sequence[Bout],
    place: int | None,
    edge: bool,
    speed: SpeedTrack | None,
    fraction: tuple[FloatArray, FloatArray],
) -> Stride:
    reasons = list(stride.reasons)
    quality = stride.quality
    labelled = place is not None and bouts[place].pace_source != "none"
    if edge and labelled:
        reasons.append(Reason.TRANSITION)
        quality = 0.0
    if stride.gait == "walking":
        reasons.append(Reason.WALKING)
        quality = 0.0
    t_s = stride.t_peak_flexion_s
    return replace(
        stride,
        quality=quality,
        reasons=tuple(reasons),
        pace="other" if place is None else bouts[place].pace,
        bout=place,
        speed_m_s=None if speed is None else _at(speed, t_s),
        moving_fraction=float(np.interp(t_s, *fraction)),
    )


def _at(speed: SpeedTrack, t_s: float) -> float | None:
    if not speed.t_s[0] <= t_s <= speed.t_s[-1] + 1.0:
        return None
    return float(np.interp(t_s, speed.t_s, speed.speed_m_s))


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
