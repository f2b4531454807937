"""From the stride table to continuous motion: pelvis pose, hip angles, accelerations.

World → pelvis pose → hip Cardan angles → thigh. Everything is a smooth function of the stride
phase, evaluated on a 1 kHz grid piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from hipimu.data import FloatArray, Side
from hipimu.maths import quaternion
from hipimu.sources.simulate.body import StrideTable
from hipimu.sources.simulate.hops import hop_acceleration, hop_flexion, landings
from hipimu.sources.simulate.lifts import lift_flexion
from hipimu.units import GRAVITY_M_S2, rad_from_deg

FINE_HZ = 1000.0
_PHASE_OF_SIDE: dict[Side, float] = {"right": 0.0, "left": np.pi}
# Segment axes (x forward, y up, z right) in an earth frame with x forward, y left, z up.
_UPRIGHT = quaternion.from_axes(
    np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), np.array([0, -1.0, 0])
)
_SHOCK_HZ, _SHOCK_S = 22.0, 0.02
_WOBBLE_HZ, _WOBBLE_S, _WOBBLE_ONSET_S = 9.0, 0.05, 0.008
_TILT_BY_GRADE = rad_from_deg(40.0)
"""Forward tilt of the pelvis uphill, per rise: a scale, no claim."""
_HEADING_EVERY_S = 0.02
_CONTACT_PHASE = 0.9
"""Foot contact comes this far (radians of the stride) after peak flexion."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Motion on a time grid, (n, …)."""

    pelvis_wxyz: FloatArray
    thigh_wxyz: dict[Side, FloatArray]
    hip_flexion_rad: dict[Side, FloatArray]
    mid_hip_acc_m_s2: FloatArray
    """Acceleration of the point between the hip centres, in the earth frame, without gravity."""
    impact: dict[Side, FloatArray]
    """Unit-height ringing of the shock after each foot contact."""
    wobble: dict[Side, FloatArray]
    """Unit-height swinging of soft tissue after each foot contact."""


class Runner:
    """Evaluates a stride table anywhere in time.

    Parameters
    ----------
    table : StrideTable
    heading_rad : float
        Direction of running in the earth frame, at the start.
    """

    def __init__(self, table: StrideTable, heading_rad: float) -> None:
        self.table = table
        self.heading_rad = heading_rad

    @cached_property
    def _phase(self) -> CubicSpline:
        return CubicSpline(self.table.start_s, np.arange(len(self.table.start_s)))

    @cached_property
    def _centre(self) -> FloatArray:
        return np.arange(0.5, len(self.table.speed_m_s), dtype=np.float64)

    def _smooth(self, values: FloatArray, width: float) -> CubicSpline:
        """Stride-wise values as a twice differentiable function of the stride count."""
        softened = gaussian_filter1d(values, width, mode="nearest") if width else values
        return CubicSpline(self._centre, softened, bc_type="natural")

    @cached_property
    def _peaks(self) -> dict[Side, tuple[CubicSpline, CubicSpline]]:
        table = self.table
        return {
            side: (
                self._smooth(table.flexion_rad[side], 0.6),
                self._smooth(table.extension_rad[side], 0.6),
            )
            for side in ("left", "right")
        }

    @cached_property
    def _levels(self) -> dict[str, CubicSpline]:
        table = self.table
        return {
            "running": self._smooth(table.running, 0.8),
            "moving": self._smooth(table.moving, 0.8),
            "speed": self._smooth(table.speed_m_s, 0.8),
            "speeding": self._smooth(table.speeding_m_s2, 0.8),
            "grade": self._smooth(table.grade, 0.8),
        }

    def _count(self, t_s: FloatArray) -> FloatArray:
        """Strides since the start, whole at each boundary."""
        return np.clip(self._phase(t_s), 0.0, len(self._centre))

    def _level(self, count: FloatArray) -> dict[str, FloatArray]:
        at = np.clip(count, self._centre[0], self._centre[-1])
        signed = ("speeding", "grade")
        return {
            name: curve(at) if name in signed else np.clip(curve(at), 0.0, None)
            for name, curve in self._levels.items()
        }

    @cached_property
    def _bending(self) -> tuple[CubicSpline, CubicSpline]:
        """Turn since the start and its rate, by time."""
        t_s = np.arange(0.0, self.table.start_s[-1] + _HEADING_EVERY_S, _HEADING_EVERY_S)
        level = self._level(self._count(t_s))
        speed = level["speed"] * level["moving"].clip(0.0, 1.0)
        distance = cumulative_trapezoid(speed, t_s, initial=0)
        turn_rate = CubicSpline(t_s, speed * self.table.track.curvature_1_m(distance))
        return turn_rate.antiderivative(), turn_rate

    def _course(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Heading in radians and its rate in rad/s; one value each where nothing bends."""
        if not self.table.track.bends:
            return np.full(1, self.heading_rad), np.zeros(1)
        turned, turn_rate = self._bending
        at = np.clip(t_s, 0.0, self.table.start_s[-1])
        return self.heading_rad + turned(at), turn_rate(at)

    def pose(self, t_s: FloatArray) -> Pose:
        """Evaluate the motion at times (n,) in seconds."""
        count = self._count(t_s)
        at = np.clip(count, self._centre[0], self._centre[-1])
        level = self._level(count)
        course = self._course(t_s)
        theta = 2 * np.pi * count
        pelvis = self._pelvis(theta, level, course)
        thigh: dict[Side, FloatArray] = {}
        flexion: dict[Side, FloatArray] = {}
        impact: dict[Side, FloatArray] = {}
        wobble: dict[Side, FloatArray] = {}
        for side, shift in _PHASE_OF_SIDE.items():
            peak_flexion, peak_extension = (curve(at) for curve in self._peaks[side])
            flexion[side] = _hip_flexion(theta + shift, peak_flexion, peak_extension)
            flexion[side] = flexion[side] + hop_flexion(t_s, self.table.hop_s)
            if side == "left":
                flexion[side] = flexion[side] + lift_flexion(t_s, self.table.lift_s)
            joint = _hip_joint(theta + shift, flexion[side], level["moving"], side)
            thigh[side] = quaternion.multiply(pelvis, joint)
            steps = level["running"], _since(self._contacts(shift), t_s)
            hops = 1.0, _since(landings(self.table.hop_s), t_s)
            impact[side] = _shock(*steps) + _shock(*hops)
            wobble[side] = _wobble(*steps) + _wobble(*hops)
        acc = self._acceleration(theta, level, course)
        acc[:, 2] += hop_acceleration(t_s, self.table.hop_s)
        return Pose(pelvis, thigh, flexion, acc, impact, wobble)

    def _pelvis(
        self, theta: FloatArray, level: dict[str, FloatArray], course: tuple[FloatArray, FloatArray]
    ) -> FloatArray:
        tilt = level["running"] * rad_from_deg(5.0) + level["moving"] * rad_from_deg(2.5) * np.cos(
            2 * theta + 0.6
        )
        tilt = tilt + level["moving"] * _TILT_BY_GRADE * level["grade"]
        obliquity = level["moving"] * rad_from_deg(4.0) * np.sin(theta + 0.5)
        turn = level["moving"] * rad_from_deg(5.0) * np.sin(theta + 2.2)
        local = _product(_about("y", turn), _about("x", -obliquity), _about("z", -tilt))
        heading, turn_rate = course
        facing = quaternion.about_z(heading)
        if self.table.track.bends:
            # a runner leans into a curve until the mean force on the ground goes through the body
            lean = np.arctan(level["speed"] * turn_rate / GRAVITY_M_S2)
            facing = quaternion.multiply(facing, _about("x", -lean))
        return quaternion.multiply(quaternion.multiply(facing, _UPRIGHT), local)

    def _acceleration(
        self, theta: FloatArray, level: dict[str, FloatArray], course: tuple[FloatArray, FloatArray]
    ) -> FloatArray:
        running = level["running"][:, None]
        walking = (level["moving"] - level["running"]).clip(0.0)[:, None]
        local = running * _running_acc(theta, level["speed"]) + walking * _walking_acc(theta)
        heading, turn_rate = course
        cos, sin = np.cos(heading), np.sin(heading)
        x, y, z = local.T
        x, y = x + level["speeding"], y + level["speed"] * turn_rate
        return np.stack((cos * x - sin * y, sin * x + cos * y, z), axis=1)

    def _contacts(self, shift: float) -> FloatArray:
        """When one foot comes to the ground, (strides,)."""
        offset = (_CONTACT_PHASE - shift) / (2 * np.pi)
        strides = np.arange(len(self._centre))
        boundaries = np.arange(len(self.table.start_s))
        return np.asarray(np.interp(strides + offset % 1.0, boundaries, self.table.start_s))


def _since(events_s: FloatArray, t_s: FloatArray) -> FloatArray:
    """Seconds since the last event, (n,); long ago where there is none."""
    last = np.searchsorted(events_s, t_s, side="right")
    before = np.concatenate(([-np.inf], events_s))[last]
    return np.minimum(t_s - before, 10.0)


def _shock(level: FloatArray | float, since: FloatArray) -> FloatArray:
    """Damped 22 Hz ringing."""
    decay = np.exp(-since / _SHOCK_S)
    return np.asarray(level * decay * np.sin(2 * np.pi * _SHOCK_HZ * since))


def _wobble(level: FloatArray | float, since: FloatArray) -> FloatArray:
    """Damped 9 Hz swinging that reaches 1; it sets in without a jump of speed or acceleration."""
    return np.asarray(level * _swinging(since) / _WOBBLE_PEAK)


def _swinging(since: FloatArray) -> FloatArray:
    onset = (1 - np.exp(-since / _WOBBLE_ONSET_S)) ** 2
    swing = np.sin(2 * np.pi * _WOBBLE_HZ * since)
    return np.asarray(onset * np.exp(-since / _WOBBLE_S) * swing)


_WOBBLE_PEAK = float(_swinging(np.linspace(0.0, 0.2, 2001)).max())


def _hip_flexion(
    theta: FloatArray, peak_flexion: FloatArray, peak_extension: FloatArray
) -> FloatArray:
    """Hip flexion over the stride: swing (extension → flexion) is quicker than stance."""
    warped = theta - 0.25 * (1 - np.cos(theta))
    shape = np.cos(warped) + 0.04 * np.cos(2 * warped + 0.8)
    middle = 0.5 * (peak_flexion - peak_extension)
    return middle + 0.5 * (peak_flexion + peak_extension) * shape


def _hip_joint(
    theta: FloatArray, flexion: FloatArray, moving: FloatArray, side: Side
) -> FloatArray:
    """Thigh in the pelvis: ISB Cardan Z–X–Y, left mirrored."""
    mirror = 1.0 if side == "right" else -1.0
    adduction = moving * rad_from_deg(5.0) * np.sin(theta - 0.4)
    rotation = moving * rad_from_deg(4.0) * np.sin(theta + 1.1)
    return _product(
        _about("z", flexion), _about("x", mirror * adduction), _about("y", mirror * rotation)
    )


def _running_acc(theta: FloatArray, speed: FloatArray) -> FloatArray:
    """Flight and half-sine stance: vertical, braking then propulsion, push to the other side."""
    share = np.clip(0.86 - 0.075 * speed, 0.3, 0.8)  # contact as a share of the step
    push = np.zeros((len(theta), 3))
    for side, shift in _PHASE_OF_SIDE.items():
        since = np.mod(theta + shift - _CONTACT_PHASE, 2 * np.pi) / np.pi
        s = np.clip(since / share, 0.0, 1.0)
        push[:, 2] += GRAVITY_M_S2 * np.pi / (2 * share) * np.sin(np.pi * s)
        push[:, 0] += -3.0 * np.sin(2 * np.pi * s)
        push[:, 1] += (1.5 if side == "right" else -1.5) * np.sin(np.pi * s)
    push[:, 2] -= GRAVITY_M_S2
    return push


def _walking_acc(theta: FloatArray) -> FloatArray:
    """No flight: a gentle double bounce a stride."""
    since = theta - _CONTACT_PHASE
    return np.stack(
        (-1.2 * np.sin(2 * since), 0.8 * np.sin(since), 2.0 * np.sin(2 * since - 0.3)), axis=1
    )


def _about(axis: str, angle: FloatArray) -> FloatArray:
    quat = np.zeros((len(angle), 4))
    quat[:, 0] = np.cos(0.5 * angle)
    quat[:, "wxyz".index(axis)] = np.sin(0.5 * angle)
    return quat


def _product(*quats: FloatArray) -> FloatArray:
    result = quats[0]
    for quat in quats[1:]:
        result = quaternion.multiply(result, quat)
    return result
