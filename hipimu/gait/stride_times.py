"""When strides came, and nothing of how large they were: all that pace may know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hipimu.data import BoolArray, FloatArray, Stride

Span = tuple[float, float]
"""Start and end in seconds."""

_BREAK_S = 3.0
"""Running strides further apart than this are not of one run."""
_JUST_AFTER_S = 1e-6
"""Spans do not hold their end, and the last stride belongs to the run."""


@dataclass(frozen=True, slots=True, eq=False)
class StrideTimes:
    """Times, gait and side of strides. Whoever is handed this cannot see any amplitude."""

    t_s: FloatArray
    """(n,) of peak flexion, in order on each side."""
    stride_time_s: FloatArray
    """(n,) 0 after a break."""
    running: BoolArray
    """(n,)"""
    left: BoolArray
    """(n,)"""

    def running_s(self) -> FloatArray:
        """Times of the running strides of both sides, in order."""
        return np.sort(self.t_s[self.running])


def stride_times(strides: Sequence[Stride]) -> StrideTimes:
    """Strip strides to their times, gait and side."""
    return StrideTimes(
        t_s=np.array([s.t_peak_flexion_s for s in strides], dtype=np.float64),
        stride_time_s=np.array([s.stride_time_s or 0.0 for s in strides], dtype=np.float64),
        running=np.array([s.gait == "running" for s in strides], dtype=np.bool_),
        left=np.array([s.side == "left" for s in strides], dtype=np.bool_),
    )


def runs(times: StrideTimes, lost_s: float = _BREAK_S) -> tuple[Span, ...]:
    """Uninterrupted running, from the first stride of either side to just after the last.

    Parameters
    ----------
    times : StrideTimes
    lost_s : float
        Strides may be missing for so long, where no walking was seen meanwhile.
    """
    at = times.running_s()
    if len(at) == 0:
        return ()
    walked = np.searchsorted(np.sort(times.t_s[~times.running]), at)
    gap = np.diff(at)
    broken = (gap > _BREAK_S) & ((gap > lost_s) | (np.diff(walked) > 0))
    breaks = np.flatnonzero(broken)
    first = at[np.concatenate(([0], breaks + 1))]
    last = at[np.concatenate((breaks, [len(at) - 1]))] + _JUST_AFTER_S
    return tuple(zip(first.tolist(), last.tolist(), strict=True))


def moving_fraction(times: StrideTimes) -> FloatArray:
    """Share of the session's running time before each stride, from the side with more, (n,)."""
    sides = [times.running & (times.left == left) for left in (True, False)]
    longer = max(sides, key=np.count_nonzero)
    if not longer.any():
        return np.zeros(len(times.t_s))
    moved = np.cumsum(times.stride_time_s[longer])
    return np.interp(times.t_s, times.t_s[longer], moved / max(float(moved[-1]), 1e-9))
