"""What was recorded beside the sensors, at the times that are asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hipimu.data import FloatArray, PaceEvidence, SpeedTrack
from hipimu.gait.stride_times import Span, StrideTimes

EVERY_S = 1.0
_LONGEST_GAP_S = 15.0
"""Watches that save memory write a point every few seconds: speed is a line between them."""
_GAP_OF_USUAL = 3.0
"""What is recorded more rarely still may have gaps of so many times the usual distance."""
_HOLDS_S = 1.0
"""The last value holds for the second that follows."""
_KNOWN_SHARE = 0.5
"""of the running strides: what knows less cannot say how the run was paced."""
_EDGE_S = 3.0
"""Where a pace begins and ends, values are still those of the piece beside it."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The logarithm of a quantity every second: equal steps are equal ratios."""

    t_s: FloatArray
    """(n,) a second apart."""
    level: FloatArray
    """(n,) NaN where unknown."""

    def within(self, span: Span) -> FloatArray:
        """Known values inside a span but for its ends, (m,)."""
        start, end = np.searchsorted(self.t_s, (span[0] + _EDGE_S, span[1] - _EDGE_S))
        inside = self.level[start:end]
        return inside[np.isfinite(inside)]


def seconds_of(times: StrideTimes) -> FloatArray:
    """Whole seconds around the first running stride to the last, (n,)."""
    at = times.running_s()
    return np.arange(np.floor(at[0]), at[-1] + EVERY_S, EVERY_S) if len(at) else np.empty(0)


def known_at(t_s: FloatArray, values: FloatArray, at_s: FloatArray) -> FloatArray:
    """Interpolate between values that are known and near each other, NaN elsewhere, (m,).

    Parameters
    ----------
    t_s : (n,)
        Increasing, in seconds.
    values : (n,)
        NaN where unknown.
    at_s : (m,)
    """
    known = np.isfinite(values) & np.isfinite(t_s)
    t_s, values = t_s[known], values[known]
    if len(t_s) == 0:
        return np.full(len(at_s), np.nan)
    distance = np.diff(t_s)
    usual = float(np.median(distance)) if len(distance) else 0.0
    near = np.append(distance, _HOLDS_S) <= max(_LONGEST_GAP_S, _GAP_OF_USUAL * usual)
    before = np.searchsorted(t_s, at_s, side="right") - 1
    reached = (before >= 0) & (at_s <= t_s[-1] + _HOLDS_S)
    covered = reached & (near[before] | (t_s[before] == at_s))
    return np.where(covered, np.interp(at_s, t_s, values), np.nan)


def known_share(t_s: FloatArray, values: FloatArray, times: StrideTimes) -> float:
    """Share of the running strides at which values are known, 0–1."""
    at = times.running_s()
    return float(np.isfinite(known_at(t_s, values, at)).mean()) if len(at) else 0.0


def tells_enough(trace: Trace, times: StrideTimes) -> bool:
    """Whether a trace is known at half of the running strides."""
    return known_share(trace.t_s, trace.level, times) >= _KNOWN_SHARE


def speed_track(evidence: PaceEvidence, times: StrideTimes) -> SpeedTrack | None:
    """Choose one source of speed for the whole session: the best that knows half of its strides.

    One only: a watch and a foot pod differ by a per cent or more, and a change of source in
    mid-run would look like a change of pace.
    """
    tracks = [] if evidence.speed is None else [evidence.speed]
    if evidence.activity is not None:
        tracks.append(SpeedTrack(evidence.activity.t_s, evidence.activity.speed_m_s))
    shares = [known_share(track.t_s, track.speed_m_s, times) for track in tracks]
    for track, share in zip(tracks, shares, strict=True):
        if share >= _KNOWN_SHARE:
            return track
    return tracks[int(np.argmax(shares))] if any(shares) else None
