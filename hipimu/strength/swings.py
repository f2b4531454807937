"""The forward swings of one side: what happens between peak extension and peak flexion.

All swings lie one behind the other in flat arrays, so that an hour is a handful of array
operations. The grid is finer than the sensors': sprinting at 700 °/s a hip passes through 7°
between two samples at 100 Hz, more than a bin of the range profile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from hipimu.data import BoolArray, FloatArray, HipMotion, IntArray
from hipimu.strength.columns import StrideColumns
from hipimu.strength.smooth import filled, smooth

_FINE_HZ: Final = 400.0
_UNHURT_S: Final = 0.1
"""The low-pass carries a missing sample so far."""
_FEWEST: Final = 3
"""Samples of the finer grid that a swing has between its ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Swings:
    """Samples of every forward swing, (s,), and where each swing lies among them, (n,)."""

    first: IntArray
    length: IntArray
    """Samples of each swing; 0: not usable."""
    duration_s: FloatArray
    """(n,) from peak to peak."""
    step_s: float
    hip_rad: FloatArray
    hip_rad_s: FloatArray
    hip_rad_s3: FloatArray
    """Third derivative: the jerk."""
    thigh_rad_s: FloatArray
    thigh_rad_s2: FloatArray
    hip_force_m_s2: FloatArray

    def owner(self) -> IntArray:
        """Return the number of the swing that each sample belongs to, (s,)."""
        return np.repeat(np.arange(len(self.length)), self.length)

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum (s,) over each swing, (n,); NaN for a swing that is not usable."""
        total = np.bincount(self.owner(), values, minlength=len(self.length))
        return np.where(self.length > 0, total, np.nan)

    def share_below(self, values: FloatArray, share: float) -> FloatArray:
        """Return the value below which this share of each swing's samples lies, (n,)."""
        found = np.full(len(self.length), np.nan)
        used = np.flatnonzero(self.length)
        if len(used) == 0:
            return found
        ordered = values[sorted_within(self.owner(), values)]
        place = share * (self.length[used] - 1)
        whole = np.floor(place).astype(np.int64)
        low = self.first[used] + whole
        high = self.first[used] + np.minimum(whole + 1, self.length[used] - 1)
        found[used] = ordered[low] + (place - whole) * (ordered[high] - ordered[low])
        return found

    def inner(self) -> BoolArray:
        """Tell which samples have a next one in the same swing, (s,)."""
        last = np.ones(len(self.hip_rad), dtype=np.bool_)
        last[(self.first + self.length - 1)[self.length > 0]] = False
        return last


def swings_of(columns: StrideColumns, motion: HipMotion | None) -> Swings:
    """Cut the swings of one side's strides out of its motion.

    A swing is not usable where samples are missing in it or within a tenth of a second of it.

    Parameters
    ----------
    columns : StrideColumns
        Strides of one side.
    motion : HipMotion or None
        Of the same side.
    """
    if motion is None or len(motion.t_s) < 2:
        return _nothing(len(columns.t_peak_flexion_s))
    factor = max(int(np.ceil(_FINE_HZ / motion.rate_hz)), 1)
    start, length = _windows(columns, motion, factor)
    first = np.cumsum(length) - length
    at = np.arange(int(length.sum())) + np.repeat(start - first, length)
    lasted_s = columns.t_peak_flexion_s - columns.t_peak_extension_s
    hip, thigh, force = (
        _taken(series, motion.rate_hz, factor, at)
        for series in (motion.flexion_rad, motion.thigh_rad, motion.hip_force_m_s2)
    )
    return Swings(
        first=first,
        length=length,
        duration_s=np.where(length > 0, lasted_s, np.nan),
        step_s=1.0 / (factor * motion.rate_hz),
        hip_rad=hip(0),
        hip_rad_s=hip(1),
        hip_rad_s3=hip(3),
        thigh_rad_s=thigh(1),
        thigh_rad_s2=thigh(2),
        hip_force_m_s2=force(0),
    )


def _windows(columns: StrideColumns, motion: HipMotion, factor: int) -> tuple[IntArray, IntArray]:
    """First sample of each swing on the finer grid, and how many it has, (n,); 0: not usable."""
    fine_hz, size = factor * motion.rate_hz, factor * (len(motion.t_s) - 1) + 1
    since = [t - motion.t_s[0] for t in (columns.t_peak_extension_s, columns.t_peak_flexion_s)]
    start = np.ceil(np.clip(since[0] * fine_hz - 1e-6, -1.0, size)).astype(np.int64)
    end = np.floor(np.clip(since[1] * fine_hz + 1e-6, -1.0, size)).astype(np.int64)
    usable = (start >= 0) & (end < size) & (end - start >= _FEWEST)
    usable[usable] &= _complete(motion, start[usable] // factor, -(-end[usable] // factor))
    return start, np.where(usable, end - start + 1, 0)


def _taken(
    series: FloatArray, rate_hz: float, factor: int, at: IntArray
) -> Callable[[int], FloatArray]:
    """Return what gives a derivative of a series at places of the finer grid."""
    curve = smooth(filled(series), rate_hz)
    return lambda order: np.asarray(curve.series(order, factor)[at])


def sorted_within(owner: IntArray, values: FloatArray) -> IntArray:
    """Order by owner, then by value, (s,): one sort of one key, three times as quick as two.

    Parameters
    ----------
    owner : (s,)
    values : (s,)
        Finite.
    """
    lowest, span = values.min(initial=0.0), np.ptp(values) if len(values) else 0.0
    share = (values - lowest) / (1.001 * span) if span > 0 else np.zeros(len(values))
    return np.asarray(np.argsort(owner + share), dtype=np.int64)


def _complete(motion: HipMotion, start: IntArray, end: IntArray) -> BoolArray:
    """Tell between which samples, and shortly around, nothing is missing, (n,)."""
    missing = ~(
        np.isfinite(motion.flexion_rad)
        & np.isfinite(motion.thigh_rad)
        & np.isfinite(motion.hip_force_m_s2)
    )
    before = np.concatenate(([0], np.cumsum(missing)))
    around = max(round(_UNHURT_S * motion.rate_hz), 1)
    low = np.maximum(start - around, 0)
    high = np.minimum(end + around + 1, len(missing))
    return np.asarray(before[high] == before[low])


def _nothing(count: int) -> Swings:
    none = np.zeros(count, dtype=np.int64)
    empty = np.empty(0)
    return Swings(none, none, np.full(count, np.nan), 1.0, empty, empty, empty, empty, empty, empty)
