"""Clipping: a channel that stands still at its own extreme has met the end of its range.

Noise keeps an unclipped channel from giving the very same large value three times in a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hipimu.data import BoolArray, FloatArray
from hipimu.errors import RecordingError
from hipimu.maths.filters import length
from hipimu.sources.samples import SampleFile, Samples
from hipimu.units import GRAVITY_M_S2, deg_from_rad

_RUN = 3
_SMALLEST_RANGE = (19.0,) * 3 + (4.0,) * 3
"""acc m/s² (±2 g) and gyr rad/s (±250 deg/s), a little below: no sensor has a smaller range."""
_TOLERATED = (0.02,) * 3 + (0.01,) * 3
_MOVING_GYR_RAD_S = 0.5
_MOVING_ACC_M_S2 = 1.0


@dataclass(slots=True)
class _Channel:
    """One end, upper or lower, of one channel; the lower is turned upside down."""

    smallest_range: float
    extreme: float = 0.0
    run: int = 0
    """Rows at the extreme just before the next row."""
    clipped: int = 0
    first_s: float = 0.0

    def push(
        self, t_s: FloatArray, sign: float, values: FloatArray, top: float
    ) -> BoolArray | None:
        """Mark the clipped rows, given the largest of sign · values; None when there are none."""
        if top > self.extreme:
            self.extreme, self.run, self.clipped = top, 0, 0
        if top < self.extreme or self.extreme < self.smallest_range:
            self.run = 0
            return None
        at = values == sign * self.extreme
        marked, self.run = _runs(at, self.run)
        if marked is not None:
            if not self.clipped:
                self.first_s = float(t_s[np.argmax(marked)])
            self.clipped += int(np.count_nonzero(marked))
        return marked


def _runs(at: BoolArray, before: int) -> tuple[BoolArray | None, int]:
    """Mark rows in runs of at least `_RUN`, of which `before` rows came before the first."""
    edges = np.flatnonzero(np.diff(at, prepend=False, append=False))
    starts, ends = edges[0::2], edges[1::2]
    lengths = ends - starts
    if at[0]:
        lengths[0] += before
    left = int(lengths[-1]) if at[-1] else 0
    keep = lengths >= _RUN
    if not keep.any():
        return None, left
    steps = np.zeros(len(at) + 1, dtype=np.int64)
    steps[starts[keep]] += 1
    steps[ends[keep]] -= 1
    return np.cumsum(steps[:-1]) > 0, left


class ClippingMonitor:
    """Marks clipped samples of one sensor as they pass, and refuses too many.

    A value counts as the extreme when nothing larger came before or comes in the same block.

    Parameters
    ----------
    file : SampleFile
        The sensor.
    """

    def __init__(self, file: SampleFile) -> None:
        self._file = file
        self._moving = 0
        self._ends = [
            (channel, sign, _Channel(_SMALLEST_RANGE[channel]))
            for channel in range(6)
            for sign in (1.0, -1.0)
        ]

    def push(self, block: Samples) -> BoolArray:
        """Return which rows are clipped in any channel, (n,)."""
        clipped = np.zeros(len(block), dtype=np.bool_)
        self._moving += _moving(block)
        rows = [*block.acc_m_s2.T, *block.gyr_rad_s.T]
        tops = {1.0: [row.max() for row in rows], -1.0: [-row.min() for row in rows]}
        for channel, sign, end in self._ends:
            marked = end.push(block.t_s, sign, rows[channel], float(tops[sign][channel]))
            if marked is not None:
                clipped |= marked
        return clipped

    def flush(self) -> None:
        """Say that nothing follows.

        Raises
        ------
        RecordingError
            When a channel clips in too many of the moving samples.
        """
        for channel in range(6):
            ends = [end for other, _, end in self._ends if other == channel and end.clipped]
            share = sum(end.clipped for end in ends) / max(self._moving, 1)
            if share > _TOLERATED[channel]:
                first = min(ends, key=lambda end: end.first_s)
                raise _too_much(self._file, channel, first, share)


def _moving(block: Samples) -> int:
    gyr, acc = length(block.gyr_rad_s), length(block.acc_m_s2)
    moving = (gyr > _MOVING_GYR_RAD_S) | (np.abs(acc - GRAVITY_M_S2) > _MOVING_ACC_M_S2)
    return int(np.count_nonzero(moving))


def _too_much(file: SampleFile, channel: int, end: _Channel, share: float) -> RecordingError:
    if channel < 3:
        limit = f"{end.extreme:.4g} m/s² ({end.extreme / GRAVITY_M_S2:.3g} g)"
        remedy = "Record with a larger range of the accelerometer, ±16 g for running."
    else:
        limit = f"{end.extreme:.4g} rad/s ({deg_from_rad(end.extreme):.0f} deg/s)"
        remedy = "Record with a larger range of the gyroscope, ±2000 deg/s for running."
    return RecordingError(
        f"{file.path.name}: {file.channels[channel]} clips at {limit} in {100 * share:.1f} % of "
        f"the moving samples, first at {end.first_s:.2f} s.",
        remedy,
        path=file.path,
        time_s=end.first_s,
        sensor=file.segment,
    )
