"""One heading for all segments: without magnetometers each sensor drifts about the vertical.

Two witnesses say by how much a thigh's earth frame must be turned to meet the pelvis's:

- *acceleration*: pelvis and thigh share the hip centre, so their specific forces there must point
  the same way. Strong with stiff straps; on a real runner soft tissue can leave next to nothing of
  it (docs, accuracy), so it counts by its coherence;
- *anatomy*: over several strides the medio-lateral axes of thigh and pelvis point the same way on
  average. What this costs is said in the docs: the mean hip rotation cannot be measured.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hipimu.data import SIDES, THIGHS, Flag, FloatArray, Segment, SegmentBlock, Side
from hipimu.maths import filters, quaternion
from hipimu.maths.layout import columns_of
from hipimu.maths.statistics import in_order_sum
from hipimu.motion.hip_centre import (
    PELVIS_LEVER_M,
    THIGH_LEVER_M,
    Midway,
    midway,
    specific_force_at,
)
from hipimu.stage import Stage
from hipimu.units import rad_from_deg

_BAND_HZ = (0.5, 8.0)
_BIN_S = 1.0
_WINDOW_BINS = 10
_ANATOMY_SD_RAD = rad_from_deg(6.0)
"""How far the mean hip rotation in gait may lie from standing."""
_ACCELERATION_FLOOR_RAD = rad_from_deg(3.0)
"""What wrong lever arms leave even at full coherence."""
_INDEPENDENT_PER_S = 16.0
"""Independent samples a second in the band: twice its width."""

_THIN_OUT_HZ = 80.0
"""From this rate on every second sample is evidence enough: the band ends at 8 Hz."""

_LEAST_SAMPLES_PER_S = 10.0
"""Good samples a second that a window must have."""

_COLUMNS = 7
"""of a bin: anatomy cos, sin; acceleration cos, sin; energies; samples."""


class MatchHeading(Stage[SegmentBlock, SegmentBlock]):
    """Turn every thigh about the vertical into the pelvis's earth frame, tracking slowly.

    Evidence is summed in bins of one second at fixed sample indices; the offset of the last ten
    bins is approached linearly over the following second. The first ten seconds are held back and
    use the first estimate.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
    """

    state_names = ("_memory", "_last", "_held", "_carry", "_bins", "_offsets_rad", "_tick", "_seen")

    def __init__(self, segments: tuple[Segment, ...], rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._sides: tuple[Side, ...] = tuple(s for s in SIDES if THIGHS[s] in segments)
        self._step = 2 if rate_hz >= _THIN_OUT_HZ else 1
        self._bin_rows = max(int(_BIN_S * rate_hz / self._step), 1)
        self._sections = filters.butterworth(2, _BAND_HZ, rate_hz / self._step)
        self._memory: dict[Side, FloatArray] = {}
        self._last: dict[Segment, tuple[FloatArray, FloatArray]] = {}
        self._held: list[SegmentBlock] = []
        self._carry: dict[Side, FloatArray] = {s: np.empty((0, _COLUMNS)) for s in self._sides}
        self._bins: dict[Side, FloatArray] = {s: np.empty((0, _COLUMNS)) for s in self._sides}
        self._offsets_rad: dict[Side, list[float]] = {s: [] for s in self._sides}
        self._tick = 0
        self._seen = 0

    def push(self, block: SegmentBlock) -> list[SegmentBlock]:
        """Return the block in one earth frame, once the first estimate stands."""
        motion = {segment: self._midway(segment, block) for segment in block.quat_wxyz}
        for side in self._sides:
            self._witness(side, self._evidence(side, block, motion))
        self._seen += len(block.t_s)
        for segment, gyr in block.gyr_rad_s.items():
            self._last[segment] = (gyr[-1].copy(), block.acc_m_s2[segment][-1].copy())
        self._held.append(block)
        if any(not self._offsets_rad[side] for side in self._sides):
            return []
        return self._release()

    def flush(self) -> list[SegmentBlock]:
        """Return what was held back, estimating from what there is."""
        if not self._held:
            return []
        for side in self._sides:
            if not self._offsets_rad[side]:
                rest = in_order_sum(np.concatenate((self._bins[side], self._carry[side])), axis=0)
                bins = max(len(self._bins[side]), 1)
                self._follow(side, _offsets(rest[None], bins))
        return self._release()

    def _witness(self, side: Side, fresh: FloatArray) -> None:
        """Add a block's evidence and close the bins it completes."""
        evidence = np.concatenate((self._carry[side], fresh))
        complete = len(evidence) // self._bin_rows
        used = evidence[: complete * self._bin_rows].reshape(complete, self._bin_rows, _COLUMNS)
        self._carry[side] = evidence[complete * self._bin_rows :].copy()
        bins = np.concatenate((self._bins[side], in_order_sum(used, axis=1)))
        self._bins[side] = bins[max(len(bins) - _WINDOW_BINS + 1, 0) :]
        if len(bins) >= _WINDOW_BINS:
            windows = np.lib.stride_tricks.sliding_window_view(bins, _WINDOW_BINS, axis=0)
            self._follow(side, _offsets(in_order_sum(windows, axis=2), _WINDOW_BINS))

    def _follow(self, side: Side, offsets_rad: FloatArray) -> None:
        """Append estimates as the nearest turn; without evidence the last one stands."""
        known = self._offsets_rad[side]
        for offset in offsets_rad.tolist():
            if math.isnan(offset):
                known.append(known[-1] if known else 0.0)
            elif known:  # a ramp never goes the long way round
                known.append(known[-1] + math.remainder(offset - known[-1], math.tau))
            else:
                known.append(offset)

    def _evidence(
        self, side: Side, block: SegmentBlock, motion: dict[Segment, Midway]
    ) -> FloatArray:
        """Evidence of every sample used, (n, `_COLUMNS`)."""
        thigh = THIGHS[side]
        used = self._used()
        across = [
            quaternion.axis_in_earth(motion[segment].quat_wxyz, 2) for segment in (thigh, "pelvis")
        ]
        forces = columns_of((len(across[0]), 4))
        forces[:, :2] = specific_force_at(THIGH_LEVER_M[side], motion[thigh])[:, :2]
        forces[:, 2:] = specific_force_at(PELVIS_LEVER_M[side], motion["pelvis"])[:, :2]
        if len(forces):
            forces, self._memory[side] = filters.run(self._sections, forces, self._memory.get(side))
        own, shared = forces[:, :2], forces[:, 2:]
        flags = block.flags[thigh][used] | block.flags["pelvis"][used]
        good = (flags & ~np.uint8(Flag.SYNC)) == 0
        evidence = columns_of((len(good), _COLUMNS))
        evidence[:, 0], evidence[:, 1] = _dot_and_cross(across[0], across[1])
        evidence[:, 2], evidence[:, 3] = _dot_and_cross(own, shared)
        evidence[:, 4] = own[:, 0] ** 2 + own[:, 1] ** 2
        evidence[:, 5] = shared[:, 0] ** 2 + shared[:, 1] ** 2
        evidence[:, 6] = 1.0
        evidence *= good[:, None]
        return evidence

    def _used(self) -> slice:
        """Every sample of the block, or every second of the session."""
        return slice(-self._seen % self._step, None, self._step)

    def _midway(self, segment: Segment, block: SegmentBlock) -> Midway:
        gyr, acc = block.gyr_rad_s[segment], block.acc_m_s2[segment]
        before = self._last.get(segment, (gyr[0], acc[0]))
        quat = block.quat_wxyz[segment]
        return midway(quat, gyr, acc, before, self._rate_hz, self._used())

    def _release(self) -> list[SegmentBlock]:
        released = [self._turned(block) for block in self._held]
        self._held = []
        return released

    def _turned(self, block: SegmentBlock) -> SegmentBlock:
        ticks = np.arange(self._tick, self._tick + len(block.t_s))
        self._tick += len(block.t_s)
        quats = dict(block.quat_wxyz)
        for side in self._sides:
            offset = self._offset_at(side, ticks)
            quats[THIGHS[side]] = quaternion.turned_about_z(quats[THIGHS[side]], offset)
        return replace(block, quat_wxyz=quats)

    def _offset_at(self, side: Side, ticks: np.ndarray) -> FloatArray:
        """Ramp over each bin towards the estimate made at its start; constant at first."""
        length = self._bin_rows * self._step
        number, place = np.divmod(ticks, length)
        first = max(int(number[0]) - _WINDOW_BINS - 1, 0)
        stop = max(int(number[-1]) - _WINDOW_BINS, first) + 1
        known = np.array(self._offsets_rad[side][first:stop])
        newest = np.clip(number - _WINDOW_BINS - first, 0, len(known) - 1)
        start = known[np.maximum(newest - 1, 0)]
        return np.asarray(start + place / length * (known[newest] - start))


def _dot_and_cross(own: FloatArray, shared: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cosine and sine (times lengths) of the turn that takes `own` to `shared`, horizontally."""
    x, y, u, v = own[:, 0], own[:, 1], shared[:, 0], shared[:, 1]
    return x * u + y * v, x * v - y * u


def _offsets(evidence: FloatArray, bins: int) -> FloatArray:
    """Offsets in radians from summed evidence (n, `_COLUMNS`), each witness by its precision.

    NaN where hardly a sample of the window was good.
    """
    cos_a, sin_a, cos_f, sin_f, own, shared, samples = evidence.T
    force = np.hypot(cos_f, sin_f)
    coherence = np.clip(force / np.maximum(np.sqrt(own * shared), 1e-12), 1e-6, 0.999)
    # Variance of a phase from a coherence (Bendat & Piersol, Random Data, ch. 9)
    noise = (1 - coherence**2) / (2 * _INDEPENDENT_PER_S * _BIN_S * bins * coherence**2)
    anatomy = 1 / (np.maximum(samples, 1.0) * _ANATOMY_SD_RAD**2)
    witness = 1 / (np.maximum(force, 1e-12) * (_ACCELERATION_FLOOR_RAD**2 + noise))
    offset = np.arctan2(sin_a * anatomy + sin_f * witness, cos_a * anatomy + cos_f * witness)
    return np.where(samples >= _LEAST_SAMPLES_PER_S * _BIN_S * bins, offset, np.nan)
