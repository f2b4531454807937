"""Give strides their bout, pace, speed and place in the session. Never from any amplitude.

Labelling pace by how far the hip moves would make the answer circular. So what decides about
labels is handed `StrideTimes`, which hold times, gait and side, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hipimu.data import (
    SIDES,
    Activity,
    BoolArray,
    Bout,
    FloatArray,
    IntArray,
    PaceEvidence,
    Reason,
    Stride,
)
from hipimu.gait.bouts import find_bouts, settled
from hipimu.gait.stride_times import StrideTimes, moving_fraction, stride_times
from hipimu.gait.traces import known_at, speed_track

_TRANSITION_STRIDES = 5


def label_strides(
    strides: Sequence[Stride], evidence: PaceEvidence
) -> tuple[tuple[Stride, ...], tuple[Bout, ...]]:
    """Give every stride its bout, pace, speed and place in the session.

    Pace is told from the best evidence there is: labelled laps, a watch's laps, speed, the pelvis's
    rhythm (`find_bouts`). At both ends of a bout, where the runner speeds up or slows down, strides
    are set aside with the reason `transition`: five on each side for labelled laps, else those of
    15 s, or of a quarter of the bout where that is less. Walking strides are set aside with the
    reason `walking`.

    Parameters
    ----------
    strides : sequence of Stride
        In order of time on each side.
    evidence : PaceEvidence
        On the recording's clock.

    Returns
    -------
    strides : tuple of Stride
        By side, then time. Speed is that of speed.csv or else the watch's, grade and heart rate
        are the watch's; None where they are unknown.
    bouts : tuple of Bout
    """
    ordered = [stride for side in SIDES for stride in strides if stride.side == side]
    marks, bouts = _decide(stride_times(ordered), evidence)
    return tuple(_stamp(*pair) for pair in zip(ordered, marks, strict=True)), bouts


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is decided about one stride."""

    bout: Bout | None
    transition: bool
    walking: bool
    moving_fraction: float
    speed_m_s: float | None
    grade: float | None
    heart_rate_bpm: float | None


def _decide(times: StrideTimes, evidence: PaceEvidence) -> tuple[list[_Mark], tuple[Bout, ...]]:
    """Decide everything about strides of which only times, gait and side are known."""
    track = speed_track(evidence, times)
    bouts = find_bouts(times, evidence, track)
    places = _places(times.t_s, bouts)
    columns = (
        [bouts[place] if place >= 0 else None for place in places.tolist()],
        _transitions(times, places, bouts).tolist(),
        (~times.running).tolist(),
        moving_fraction(times).tolist(),
        _values(None if track is None else (track.t_s, track.speed_m_s), times.t_s),
        *_of_watch(evidence.activity, times.t_s),
    )
    return [_Mark(*row) for row in zip(*columns, strict=True)], bouts


def _places(t_s: FloatArray, bouts: Sequence[Bout]) -> IntArray:
    """Index of the bout in which each time lies, −1 outside all, (n,)."""
    if not bouts:
        return np.full(len(t_s), -1)
    starts = np.array([bout.start_s for bout in bouts])
    ends = np.array([bout.end_s for bout in bouts])
    at = np.searchsorted(starts, t_s, side="right") - 1
    return np.where((at >= 0) & (t_s < ends[at]), at, -1)


def _transitions(times: StrideTimes, places: IntArray, bouts: Sequence[Bout]) -> BoolArray:
    """Tell which strides are too near to an end of their bout, (n,)."""
    if not bouts:
        return np.zeros(len(places), dtype=np.bool_)
    inside = places >= 0
    if bouts[0].pace_source == "laps":
        edges = [_edges(places[times.left]), _edges(places[~times.left])]
        return np.asarray(inside & np.concatenate(edges))
    compared = np.array([bout.pace != "other" for bout in bouts])
    start, end = np.array([settled(bout) for bout in bouts]).T
    early, late = times.t_s < start[places], times.t_s >= end[places]
    return np.asarray(inside & compared[places] & (early | late))


def _edges(places: IntArray) -> BoolArray:
    """Tell which strides of one side are among the first or last five of their bout, (n,)."""
    edges = np.zeros(len(places), dtype=np.bool_)
    inside = np.flatnonzero(places >= 0)
    bouts = places[inside]  # ascending: strides and bouts are both in order of time
    n = np.arange(len(bouts))
    first = np.searchsorted(bouts, bouts, side="left")
    last = np.searchsorted(bouts, bouts, side="right") - 1
    edges[inside] = (n - first < _TRANSITION_STRIDES) | (last - n < _TRANSITION_STRIDES)
    return edges


def _of_watch(activity: Activity | None, at_s: FloatArray) -> tuple[list[float | None], ...]:
    """Grade and heart rate at each time."""
    if activity is None:
        return _values(None, at_s), _values(None, at_s)
    recorded = (activity.grade, activity.heart_rate_bpm)
    return tuple(_values((activity.t_s, values), at_s) for values in recorded)


def _values(track: tuple[FloatArray, FloatArray] | None, at_s: FloatArray) -> list[float | None]:
    """Values of a track at each time, None where they are unknown."""
    if track is None:
        return [None] * len(at_s)
    values = known_at(*track, at_s)
    return [v if k else None for v, k in zip(values.tolist(), np.isfinite(values), strict=True)]


def _stamp(stride: Stride, mark: _Mark) -> Stride:
    aside: tuple[Reason, ...] = ()
    if mark.transition:
        aside = (Reason.TRANSITION,)
    if mark.walking:
        aside = (*aside, Reason.WALKING)
    return stride._replace(
        quality=0.0 if aside else stride.quality,
        reasons=stride.reasons + aside,
        pace="other" if mark.bout is None else mark.bout.pace,
        bout=None if mark.bout is None else mark.bout.bout,
        speed_m_s=mark.speed_m_s,
        moving_fraction=mark.moving_fraction,
        grade=mark.grade,
        heart_rate_bpm=mark.heart_rate_bpm,
    )
