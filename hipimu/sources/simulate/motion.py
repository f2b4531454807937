"""From the stride table to continuous motion: pelvis pose, hip angles, accelerations.

World → pelvis pose → hip Cardan angles → thigh. Everything is a smooth function of the stride
phase, evaluated on a 1 kHz grid piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from hipimu.data import FloatArray, Side
from hipimu.maths import quaternion
from hipimu.sources.simulate.body import StrideTable
from hipimu.units import GRAVITY_M_S2, rad_from_deg

FINE_HZ = 1000.0
_PHASE_OF_SIDE: dict[Side, float] = {"right": 0.0, "left": np.pi}
# Segment axes (x forward, y up, z right) in an earth frame with x forward, y left, z up.
_UPRIGHT = quaternion.from_axes(
    np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), np.array([0, -1.0, 0])
)
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
    """Unit-height ringing after each foot contact."""


class Runner:
    """Evaluates a stride table anywhere in time.

    Parameters
    ----------
    table : StrideTable
    heading_rad : float
        Direction of running in the earth frame.
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
        }

    def pose(self, t_s: FloatArray) -> Pose:
        """Evaluate the motion at times (n,) in seconds."""
        count = np.clip(self._phase(t_s), 0.0, len(self._centre))
        at = np.clip(count, self._centre[0], self._centre[-1])
        level = {name: np.clip(curve(at), 0.0, None) for name, curve in self._levels.items()}
        theta = 2 * np.pi * count
        pelvis = self._pelvis(theta, level)
        thigh: dict[Side, FloatArray] = {}
        flexion: dict[Side, FloatArray] = {}
        impact: dict[Side, FloatArray] = {}
        for side, shift in _PHASE_OF_SIDE.items():
            peak_flexion, peak_extension = (curve(at) for curve in self._peaks[side])
            flexion[side] = _hip_flexion(theta + shift, peak_flexion, peak_extension)
            joint = _hip_joint(theta + shift, flexion[side], level["moving"], side)
            thigh[side] = quaternion.multiply(pelvis, joint)
            impact[side] = self._ringing(t_s, shift, level["running"])
        acc = self._acceleration(theta, level)
        return Pose(pelvis, thigh, flexion, acc, impact)

    def _pelvis(self, theta: FloatArray, level: dict[str, FloatArray]) -> FloatArray:
        tilt = level["running"] * rad_from_deg(5.0) + level["moving"] * rad_from_deg(2.5) * np.cos(
            2 * theta + 0.6
        )
        obliquity = level["moving"] * rad_from_deg(4.0) * np.sin(theta + 0.5)
        turn = level["moving"] * rad_from_deg(5.0) * np.sin(theta + 2.2)
        local = _product(_about("y", turn), _about("x", -obliquity), _about("z", -tilt))
        facing = quaternion.multiply(quaternion.about_z(np.full(1, self.heading_rad)), _UPRIGHT)
        return quaternion.multiply(facing, local)

    def _acceleration(self, theta: FloatArray, level: dict[str, FloatArray]) -> FloatArray:
        running = level["running"][:, None]
        walking = (level["moving"] - level["running"]).clip(0.0)[:, None]
        local = running * _running_acc(theta, level["speed"]) + walking * _walking_acc(theta)
        cos, sin = np.cos(self.heading_rad), np.sin(self.heading_rad)
        x, y, z = local.T
        return np.stack((cos * x - sin * y, sin * x + cos * y, z), axis=1)

    def _ringing(self, t_s: FloatArray, shift: float, running: FloatArray) -> FloatArray:
        """Damped 22 Hz oscillation after each contact of one foot, scaled by running."""
        offset = (_CONTACT_PHASE - shift) / (2 * np.pi)
        strides = np.arange(len(self._centre))
        contacts = np.interp(
            strides + offset % 1.0, np.arange(len(self.table.start_s)), self.table.start_s
        )
        last = np.searchsorted(contacts, t_s, side="right") - 1
        since = np.where(last >= 0, t_s - contacts[np.maximum(last, 0)], 10.0)
        return running * np.exp(-since / 0.02) * np.sin(2 * np.pi * 22.0 * since)


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
