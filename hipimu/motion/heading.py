"""One heading for all segments: without magnetometers each sensor drifts about the vertical.

Two witnesses say by how much a thigh's earth frame must be turned to meet the pelvis's:

- *acceleration*: pelvis and thigh share the hip centre, so their specific forces there must point
  the same way. Strong with stiff straps; on a real runner soft tissue can leave next to nothing of
  it (docs, accuracy), so it counts by its coherence;
- *anatomy*: over several strides the medio-lateral axes of thigh and pelvis point the same way on
  average. What this costs is said in the docs: the mean hip rotation cannot be measured.
"""

from __future__ import annotations

import numpy as np

from hipimu.data import SIDES, THIGHS, FloatArray, Segment, SegmentBlock, Side
from hipimu.maths import filters, quaternion
from hipimu.motion.hip_centre import PELVIS_LEVER_M, THIGH_LEVER_M, specific_force_at
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

    state_names = ("_memory", "_last", "_held", "_carry", "_bins", "_offsets_rad", "_tick")

    def __init__(self, segments: tuple[Segment, ...], rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._sides: tuple[Side, ...] = tuple(s for s in SIDES if THIGHS[s] in segments)
        self._bin = max(int(_BIN_S * rate_hz), 1)
        self._sections = filters.butterworth(2, _BAND_HZ, rate_hz)
        self._memory: dict[Side, FloatArray] = {}
        self._last: dict[Segment, tuple[FloatArray, FloatArray]] = {}
        self._held: list[SegmentBlock] = []
        self._carry: dict[Side, FloatArray] = {s: np.empty((0, _COLUMNS)) for s in self._sides}
        self._bins: dict[Side, list[FloatArray]] = {s: [] for s in self._sides}
        self._offsets_rad: dict[Side, list[float]] = {s: [] for s in self._sides}
        self._tick = 0

    def push(self, block: SegmentBlock) -> list[SegmentBlock]:
        """Return the block in one earth frame, once the first estimate stands."""
        for side in self._sides:
            self._witness(side, block)
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
            rows = [*self._bins[side], self._carry[side].sum(axis=0)]
            self._offsets_rad[side].append(_offset(np.array(rows)))
        return self._release()

    def _witness(self, side: Side, block: SegmentBlock) -> None:
        """Add this block's evidence and close the bins it completes."""
        evidence = np.concatenate((self._carry[side], self._evidence(side, block)))
        while len(evidence) >= self._bin:
            self._bins[side].append(evidence[: self._bin].sum(axis=0))
            evidence = evidence[self._bin :]
            self._close(side)
        self._carry[side] = evidence.copy()

    def _close(self, side: Side) -> None:
        bins = self._bins[side]
        if len(bins) < _WINDOW_BINS:
            return
        del bins[: len(bins) - _WINDOW_BINS]
        offset = _offset(np.array(bins))
        known = self._offsets_rad[side]
        if known:  # the nearest turn, so that a ramp never goes the long way round
            offset = known[-1] + float(np.angle(np.exp(1j * (offset - known[-1]))))
        known.append(offset)

    def _evidence(self, side: Side, block: SegmentBlock) -> FloatArray:
        """Per sample, (n, `_COLUMNS`)."""
        thigh = THIGHS[side]
        across = [quaternion.axis_in_earth(block.quat_wxyz[s], 2) for s in (thigh, "pelvis")]
        forces = np.column_stack(
            (
                self._force(thigh, THIGH_LEVER_M[side], block)[:, :2],
                self._force("pelvis", PELVIS_LEVER_M[side], block)[:, :2],
            )
        )
        forces, self._memory[side] = filters.run(
            self._sections, forces, self._memory.get(side)
        )
        own, shared = forces[:, :2], forces[:, 2:]
        good = (block.flags[thigh] | block.flags["pelvis"]) == 0
        columns = (
            *_dot_and_cross(across[0], across[1]),
            *_dot_and_cross(own, shared),
            own[:, 0] ** 2 + own[:, 1] ** 2,
            shared[:, 0] ** 2 + shared[:, 1] ** 2,
            np.ones(len(good)),
        )
        return np.stack(columns, axis=1) * good[:, None]

    def _force(self, segment: Segment, lever_m: FloatArray, block: SegmentBlock) -> FloatArray:
        gyr, acc = block.gyr_rad_s[segment], block.acc_m_s2[segment]
        before = self._last.get(segment, (gyr[0], acc[0]))
        quat = block.quat_wxyz[segment]
        return specific_force_at(lever_m, quat, gyr, acc, before, self._rate_hz)

    def _release(self) -> list[SegmentBlock]:
        released = [self._turned(block) for block in self._held]
        self._held = []
        return released

    def _turned(self, block: SegmentBlock) -> SegmentBlock:
        ticks = np.arange(self._tick, self._tick + len(block.t_s))
        self._tick += len(block.t_s)
        quats = dict(block.quat_wxyz)
        for side in self._sides:
            turn = quaternion.about_z(self._offset_at(side, ticks))
            quats[THIGHS[side]] = quaternion.multiply(turn, quats[THIGHS[side]])
        return SegmentBlock(
            block.t_s, block.rate_hz, quats, block.gyr_rad_s, block.acc_m_s2, block.flags
        )

    def _offset_at(self, side: Side, ticks: np.ndarray) -> FloatArray:
        """Ramp over each bin towards the estimate made at its start; constant at first."""
        known = np.array(self._offsets_rad[side])
        newest = np.clip(ticks // self._bin - _WINDOW_BINS, 0, len(known) - 1)
        previous = np.maximum(newest - 1, 0)
        share = (ticks % self._bin) / self._bin
        return np.asarray(known[previous] + share * (known[newest] - known[previous]))


def _dot_and_cross(own: FloatArray, shared: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cosine and sine (times lengths) of the turn that takes `own` to `shared`, horizontally."""
    x, y, u, v = own[:, 0], own[:, 1], shared[:, 0], shared[:, 1]
    return x * u + y * v, x * v - y * u


def _offset(bins: FloatArray) -> float:
    """Offset in radians from evidence (bins, `_COLUMNS`), each witness by its precision."""
    cos_a, sin_a, cos_f, sin_f, own, shared, samples = bins.sum(axis=0)
    force = np.hypot(cos_f, sin_f)
    coherence = min(force / max(np.sqrt(own * shared), 1e-12), 0.999)
    independent = _INDEPENDENT_PER_S * _BIN_S * max(len(bins), 1)
    # Variance of a phase from a coherence (Bendat & Piersol, Random Data, ch. 9)
    noise = (1 - coherence**2) / (2 * independent * max(coherence, 1e-6) ** 2)
    anatomy = np.array([cos_a, sin_a]) / max(samples, 1.0) / _ANATOMY_SD_RAD**2
    witness = np.array([cos_f, sin_f]) / max(force, 1e-12) / (_ACCELERATION_FLOOR_RAD**2 + noise)
    total = anatomy + witness * (force > 0)
    return float(np.arctan2(total[1], total[0]))
