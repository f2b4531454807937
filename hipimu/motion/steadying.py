"""Take the ringing of straps and soft tissue out of the segments' orientations.

When a foot lands, a belt rocks and a thigh wobbles: on a real runner the pelvis sensor turns by
10–15° and back within 50 ms, at the very moment when the other hip is at peak extension. No pelvis
does that. Peaks taken from the unfiltered angle sit on these spikes (docs, accuracy), so the
orientations pass a short symmetric low-pass before angles are made: its delay is known and it
moves no peak in time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage, signal

from hipimu.data import FloatArray, Segment, SegmentBlock
from hipimu.maths.layout import columns_of
from hipimu.stage import Stage, joined, part

PELVIS_HZ = (4.0, 10.0)
"""Kept up to the first, gone from the second: pelvis tilt moves twice a stride, 2.5 Hz at easy
pace and 5 Hz sprinting."""
THIGH_HZ = (7.0, 15.0)
"""Three harmonics of a sprinter's stride are kept as they are."""
HALF_LENGTH_S = 0.1
_HIGHEST_SHARE = 0.45
"""of the sampling rate: the filter's stop band begins no later."""
_KEEP_OVER_STOP = 10.0
"""How much more an error counts among what is kept: peaks must not shrink."""


class SteadySegments(Stage[SegmentBlock, SegmentBlock]):
    """Low-pass every segment's orientation with a symmetric filter 0.2 s long.

    Everything comes out 0.1 s late, with the times it came with. Angular rates and specific
    forces pass as they are.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
    """

    state_names = ("_last_quat", "_held")

    def __init__(self, segments: tuple[Segment, ...], rate_hz: float) -> None:
        self._segments = segments
        self._half = max(round(HALF_LENGTH_S * rate_hz), 1)
        self._taps = {
            segment: _taps(PELVIS_HZ if segment == "pelvis" else THIGH_HZ, self._half, rate_hz)
            for segment in segments
        }
        self._last_quat: dict[Segment, FloatArray] = {}
        self._held: SegmentBlock | None = None

    def push(self, block: SegmentBlock) -> list[SegmentBlock]:
        """Return what has half a filter's length of samples after it."""
        block = self._continuous(block)
        if self._held is None:
            self._held = joined([part(block, 0, 1)] * self._half)
        self._held = joined([self._held, block])
        return self._emit()

    def flush(self) -> list[SegmentBlock]:
        """Return the rest, the last sample standing in for what would follow."""
        if self._held is None:
            return []
        last = len(self._held.t_s) - 1
        ending = [part(self._held, last, last + 1)] * self._half
        self._held = joined([self._held, *ending])
        return self._emit()

    def _emit(self) -> list[SegmentBlock]:
        held = self._held
        if held is None or len(held.t_s) <= 2 * self._half:
            return []
        ready = part(held, self._half, len(held.t_s) - self._half)
        quats = {s: _smoothed(held.quat_wxyz[s], self._taps[s]) for s in self._segments}
        self._held = part(held, len(ready.t_s), len(held.t_s))
        return [replace(ready, quat_wxyz=quats)]

    def _continuous(self, block: SegmentBlock) -> SegmentBlock:
        """Choose of q and −q, the same rotation, the one nearer to the sample before."""
        quats = dict(block.quat_wxyz)
        for segment, quat in block.quat_wxyz.items():
            before = columns_of(quat.shape)
            before[0] = self._last_quat.get(segment, quat[0])
            before[1:] = quat[:-1]
            w, x, y, z = (before * quat).T
            sign = np.cumprod(np.where(w + x + y + z < 0, -1.0, 1.0))
            if (sign < 0).any():
                quats[segment] = quat * sign[:, None]
            self._last_quat[segment] = quats[segment][-1].copy()
        return replace(block, quat_wxyz=quats)


def _taps(band_hz: tuple[float, float], half: int, rate_hz: float) -> FloatArray:
    """Return the symmetric least-squares filter, (2·half + 1,), that leaves a constant alone."""
    stop = min(band_hz[1], _HIGHEST_SHARE * rate_hz)
    keep = min(band_hz[0], 0.5 * stop)
    bands, gains = [0.0, keep, stop, 0.5 * rate_hz], [1.0, 1.0, 0.0, 0.0]
    weights = [_KEEP_OVER_STOP, 1.0]
    taps = signal.firls(2 * half + 1, bands, gains, weight=weights, fs=rate_hz)
    return np.asarray(taps / taps.sum(), dtype=np.float64)


def _smoothed(quat: FloatArray, taps: FloatArray) -> FloatArray:
    """Filter and scale to unit length; shorter by half a filter at either end."""
    half = len(taps) // 2
    # Every value is the same sum in the same order, wherever the input was cut
    total = ndimage.correlate1d(quat, taps, axis=0, output=columns_of(quat.shape))[half:-half]
    w, x, y, z = total.T
    return np.asarray(total / np.sqrt(w * w + x * x + y * y + z * z)[:, None])
