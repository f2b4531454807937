"""How a sensor sits on its segment: mounting, straps that slip, soft tissue that swings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from hipimu.data import SEGMENTS, THIGHS, FloatArray, Segment
from hipimu.maths import quaternion
from hipimu.sources.simulate.motion import Pose
from hipimu.sources.simulate.plan import Plan, Slip, SoftTissue
from hipimu.sources.simulate.streams import stream
from hipimu.units import rad_from_deg

_AXES: Mapping[str, FloatArray] = {
    "forward": np.array([1.0, 0.0, 0.0]),
    "long": np.array([0.0, 1.0, 0.0]),
    "across": np.array([0.0, 0.0, 1.0]),
}
_ALIGNED = np.array([1.0, 0.0, 0.0, 0.0])
_PELVIS_SHARE = 0.5
"""The pelvis feels half of each foot's impact."""


def mountings(plan: Plan, rng: np.random.Generator) -> dict[Segment, FloatArray]:
    """Segment → sensor rotations (4,): any, none, or a quarter turn and a little more."""
    result: dict[Segment, FloatArray] = {}
    for segment in SEGMENTS:
        drawn = rng.normal(size=4)  # a Gaussian's direction is uniform (Shoemake 1992)
        if plan.mounting == "quarter_turn":
            own = stream(plan.seed, "mounting", segment)
            result[segment] = _near_quarter_turn(plan.mounting_spread_deg, own)
        else:
            random = plan.mounting == "random"
            result[segment] = quaternion.normalise(drawn) if random else _ALIGNED
    return result


def quarter_turns() -> list[FloatArray]:
    """The 24 rotations that take axes to axes, (4,) each."""
    turns = []
    for order in permutations(range(3)):
        for signs in product((1.0, -1.0), repeat=3):
            axes = np.eye(3)[list(order)] * np.array(signs)[:, None]
            if np.dot(np.cross(axes[0], axes[1]), axes[2]) > 0:
                turns.append(quaternion.from_axes(*axes))
    return turns


def _near_quarter_turn(spread_deg: float, rng: np.random.Generator) -> FloatArray:
    turn = quarter_turns()[rng.integers(24)]
    tilt_rad = rad_from_deg(rng.uniform(0.0, 1.0) * spread_deg)
    return quaternion.multiply(quaternion.about_axis(rng.normal(size=3), tilt_rad), turn)


@dataclass(frozen=True, slots=True, eq=False)
class Strap:
    """One sensor on its segment.

    Parameters
    ----------
    segment : Segment
    mounting_wxyz : ndarray (4,)
        Segment → sensor, before anything moved.
    slips : tuple of Slip
        Those of this sensor.
    tissue : SoftTissue
    wobble_axis : ndarray (3,)
        In segment axes: about this one the soft tissue turns the sensor.
    """

    segment: Segment
    mounting_wxyz: FloatArray
    slips: tuple[Slip, ...]
    tissue: SoftTissue
    wobble_axis: FloatArray

    def turn(self, t_s: FloatArray, pose: Pose) -> FloatArray | None:
        """Rotation of the sensor on its segment, (n, 4) in segment axes; None: it sits still."""
        vectors = [_slipped(slip, t_s) for slip in self.slips]
        if self.tissue.impact_deg:
            size = rad_from_deg(self.tissue.impact_deg) * self._wobble(pose)
            vectors.append(size[:, None] * self.wobble_axis)
        if self.tissue.flexion_share and self.segment != "pelvis":
            side = next(s for s, thigh in THIGHS.items() if thigh == self.segment)
            further = self.tissue.flexion_share * pose.hip_flexion_rad[side]
            vectors.append(further[:, None] * _AXES["across"])
        if not vectors:
            return None
        turned = quaternion.from_vector(vectors[0])
        for vector in vectors[1:]:
            turned = quaternion.multiply(turned, quaternion.from_vector(vector))
        return turned

    def shift_m(self, pose: Pose) -> FloatArray | None:
        """Shift of the sensor along its segment, (n, 3) in segment axes; None: it stays."""
        if not self.tissue.impact_mm:
            return None
        along = -1e-3 * self.tissue.impact_mm * self._wobble(pose)
        return np.asarray(along[:, None] * _AXES["long"])

    def after(self, count: int) -> FloatArray:
        """Segment → sensor after the first `count` slips, (4,)."""
        quat = self.mounting_wxyz
        for slip in self.slips[:count]:
            turn = quaternion.about_axis(_AXES[slip.axis], rad_from_deg(slip.angle_deg))
            quat = quaternion.multiply(quat, quaternion.conjugate(turn))
        return quat

    def _wobble(self, pose: Pose) -> FloatArray:
        for side, thigh in THIGHS.items():
            if thigh == self.segment:
                return pose.wobble[side]
        return np.asarray(_PELVIS_SHARE * (pose.wobble["left"] + pose.wobble["right"]))


def strap(plan: Plan, segment: Segment, mounting_wxyz: FloatArray) -> Strap:
    """Draw how one sensor is worn."""
    # Skin over the thigh moves most in the plane of running, and never in one plane alone.
    drawn = stream(plan.seed, "soft tissue", segment).normal((0.0, 0.0, 1.0), 0.3)
    slips = [slip for slip in plan.slip if slip.sensor == segment]
    slips.sort(key=lambda slip: slip.at_s)
    axis = drawn / np.sqrt((drawn * drawn).sum())
    return Strap(segment, mounting_wxyz, tuple(slips), plan.soft_tissue, axis)


def _slipped(slip: Slip, t_s: FloatArray) -> FloatArray:
    """Rotation vectors (n, 3): nothing before, the whole angle after, without a jerk between."""
    share = np.clip((t_s - slip.at_s) / slip.over_s, 0.0, 1.0)
    smooth = share**3 * (10 - 15 * share + 6 * share**2)
    return np.asarray(rad_from_deg(slip.angle_deg) * smooth[:, None] * _AXES[slip.axis])
