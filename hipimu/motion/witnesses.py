"""What says by how much a thigh's earth frame is turned against the pelvis's.

Two witnesses, and a check:

- *acceleration*: pelvis and thigh share the hip centre, so their specific forces there must point
  the same way. Strong with stiff straps; on a real runner soft tissue can leave next to nothing of
  it (docs, accuracy), so it counts by its coherence;
- *anatomy*: over several strides the medio-lateral axes of thigh and pelvis point the same way on
  average. What this costs is said in the docs: the mean hip rotation cannot be measured;
- *the vertical*: over whole strides a runner hardly speeds up, so the mean specific force points
  up. Where it does not, the orientation filter and the accelerometer disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hipimu.data import THIGHS, BoolArray, Flag, FloatArray, Segment, SegmentBlock, Side
from hipimu.maths import filters, quaternion
from hipimu.maths.layout import columns_of
from hipimu.motion.hip_centre import Levers, Midway, midway, specific_force_at
from hipimu.units import GRAVITY_M_S2, deg_from_rad, rad_from_deg

BIN_S = 1.0
_BAND_HZ = (0.5, 8.0)
_ANATOMY_SD_RAD = rad_from_deg(6.0)
"""How far the mean hip rotation in gait may lie from standing."""
_ACCELERATION_FLOOR_RAD = rad_from_deg(6.0)
"""What wrong lever arms and soft tissue leave even at full coherence."""
_INDEPENDENT_PER_S = 16.0
"""Independent samples a second in the band: twice its width."""
_THIN_OUT_HZ = 80.0
"""From this rate on every second sample is evidence enough: the band ends at 8 Hz."""
_LEAST_SAMPLES_PER_S = 10.0
"""Good samples a second that a window must have."""
_SURE_COHERENCE = 0.6
CONTRADICTION_RAD = rad_from_deg(25.0)
"""Sure accelerations and anatomy further apart than this: one of the axes is wrong."""
_SHARED_RAD = rad_from_deg(15.0)
"""Beyond what lever arms and straps do to both thighs alike in simulated runs (under 10°)."""
_LEAN_RAD = rad_from_deg(6.0)
"""A runner who gains 1 m/s in a second leans the mean specific force by 6°."""

COLUMNS = 11
"""of a row of evidence: anatomy cos, sin; acceleration cos, sin; energies; samples; horizontal
specific force of thigh x, y and pelvis x, y."""
_SAMPLES = 6
_SPOILT = np.uint8(Flag.GAP | Flag.SHORT_GAP | Flag.CLIPPED)
"""Samples that are no evidence; the other doubts are about the sensor as a whole."""


@dataclass(slots=True)
class Memory:
    """What the evidence of later samples needs of earlier ones: plain data."""

    filters: dict[Side, FloatArray] = field(default_factory=dict)
    last: dict[Segment, tuple[FloatArray, FloatArray]] = field(default_factory=dict)
    """Angular rate and specific force of the newest sample."""
    seen: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What windows of evidence say, (n,) each."""

    offset_rad: FloatArray
    """Turn from the thigh's earth frame to the pelvis's; NaN where hardly a sample was good."""
    apart_rad: FloatArray
    """Turn from what anatomy says to what acceleration says."""
    sure: BoolArray
    """Whether there is enough evidence, and acceleration coherent enough to contradict anatomy."""
    leaning: BoolArray
    """Whether the mean specific force of thigh or pelvis is off the vertical."""


class Witnesses:
    """Makes evidence row by row; holds parameters only.

    Parameters
    ----------
    rate_hz : float
    levers : Levers
        From the sensors to the hip centres.
    """

    def __init__(self, rate_hz: float, levers: Levers) -> None:
        self._rate_hz = rate_hz
        self._levers = levers
        self.step = 2 if rate_hz >= _THIN_OUT_HZ else 1
        """Every how manieth sample is used."""
        self.bin_rows = max(int(BIN_S * rate_hz / self.step), 1)
        self._sections = filters.butterworth(2, _BAND_HZ, rate_hz / self.step)

    def hear(
        self, block: SegmentBlock, sides: tuple[Side, ...], memory: Memory
    ) -> dict[Side, FloatArray]:
        """Return the evidence of every sample used, (n, `COLUMNS`) a side; updates `memory`."""
        used = slice(-memory.seen % self.step, None, self.step)
        motion = {s: self._midway(s, block, used, memory) for s in block.quat_wxyz}
        heard = {side: self._evidence(side, block, used, motion, memory) for side in sides}
        memory.seen += len(block.t_s)
        for segment, gyr in block.gyr_rad_s.items():
            memory.last[segment] = (gyr[-1].copy(), block.acc_m_s2[segment][-1].copy())
        return heard

    def _midway(self, segment: Segment, block: SegmentBlock, used: slice, memory: Memory) -> Midway:
        gyr, acc = block.gyr_rad_s[segment], block.acc_m_s2[segment]
        before = memory.last.get(segment, (gyr[0], acc[0]))
        return midway(block.quat_wxyz[segment], gyr, acc, before, self._rate_hz, used)

    def _evidence(
        self,
        side: Side,
        block: SegmentBlock,
        used: slice,
        motion: dict[Segment, Midway],
        memory: Memory,
    ) -> FloatArray:
        thigh = THIGHS[side]
        axes = [quaternion.axis_in_earth(motion[s].quat_wxyz, 2) for s in (thigh, "pelvis")]
        felt = columns_of((len(axes[0]), 4))
        felt[:, :2] = specific_force_at(self._levers.thigh_m[side], motion[thigh])[:, :2]
        pelvis_lever = self._levers.pelvis_m[side]
        felt[:, 2:] = specific_force_at(pelvis_lever, motion["pelvis"])[:, :2]
        forces = felt
        if len(felt):
            forces, memory.filters[side] = filters.run(
                self._sections, felt, memory.filters.get(side)
            )
        own, shared = forces[:, :2], forces[:, 2:]
        good = ((block.flags[thigh][used] | block.flags["pelvis"][used]) & _SPOILT) == 0
        evidence = columns_of((len(good), COLUMNS))
        evidence[:, 0], evidence[:, 1] = _dot_and_cross(axes[0], axes[1])
        evidence[:, 2], evidence[:, 3] = _dot_and_cross(own, shared)
        evidence[:, 4] = own[:, 0] ** 2 + own[:, 1] ** 2
        evidence[:, 5] = shared[:, 0] ** 2 + shared[:, 1] ** 2
        evidence[:, _SAMPLES] = 1.0
        evidence[:, 7:] = felt
        evidence *= good[:, None]
        return evidence


def weigh(evidence: FloatArray, bins: FloatArray | float) -> Estimate:
    """Return what summed evidence (n, `COLUMNS`) over `bins` bins each says.

    Every witness counts by its precision.
    """
    cos_a, sin_a, cos_f, sin_f, own, shared, samples, *lean = evidence.T
    force = np.hypot(cos_f, sin_f)
    coherence = np.clip(force / np.maximum(np.sqrt(own * shared), 1e-12), 1e-6, 0.999)
    # Variance of a phase from a coherence (Bendat & Piersol, Random Data, ch. 9)
    noise = (1 - coherence**2) / (2 * _INDEPENDENT_PER_S * BIN_S * bins * coherence**2)
    anatomy = 1 / (np.maximum(samples, 1.0) * _ANATOMY_SD_RAD**2)
    witness = 1 / (np.maximum(force, 1e-12) * (_ACCELERATION_FLOOR_RAD**2 + noise))
    offset = np.arctan2(sin_a * anatomy + sin_f * witness, cos_a * anatomy + cos_f * witness)
    apart = np.arctan2(sin_f * cos_a - cos_f * sin_a, cos_f * cos_a + sin_f * sin_a)
    enough = samples >= _LEAST_SAMPLES_PER_S * BIN_S * bins
    tilt = np.maximum(np.hypot(lean[0], lean[1]), np.hypot(lean[2], lean[3]))
    return Estimate(
        offset_rad=np.where(enough, offset, np.nan),
        apart_rad=apart,
        sure=enough & (coherence > _SURE_COHERENCE),
        leaning=enough & (tilt > np.tan(_LEAN_RAD) * GRAVITY_M_S2 * samples),
    )


def thighs_say(left: Estimate, right: Estimate) -> str | None:
    """What both thighs together say about the axes; None while they agree with anatomy.

    An error of the pelvis's axes turns both thighs' accelerations the same way, one of a thigh's
    only its own.

    Parameters
    ----------
    left, right : Estimate
        Over the whole session, (1,) each.
    """
    if not (left.sure[0] and right.sure[0]):
        return None
    turns = float(left.apart_rad[0]), float(right.apart_rad[0])
    shared = min(turns, key=abs)
    if turns[0] * turns[1] > 0 and abs(shared) > _SHARED_RAD:
        return (
            f"both thighs say that the pelvis's axes are turned by about "
            f"{deg_from_rad(abs(shared)):.0f}° about the vertical: look where its sensor sits"
        )
    if max(map(abs, turns)) > CONTRADICTION_RAD:
        worse = "left" if abs(turns[0]) > abs(turns[1]) else "right"
        return (
            f"the thighs do not agree about the heading: the {worse} thigh's axes are in doubt by "
            f"about {deg_from_rad(max(map(abs, turns))):.0f}°"
        )
    return None


def _dot_and_cross(own: FloatArray, shared: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cosine and sine (times lengths) of the turn that takes `own` to `shared`, horizontally."""
    x, y, u, v = own[:, 0], own[:, 1], shared[:, 0], shared[:, 1]
    return x * u + y * v, x * v - y * u
