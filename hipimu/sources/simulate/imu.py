"""What sensors strapped to the simulated runner report.

A sensor at p + R r feels the specific force Rᵀ(p̈ + g ẑ) and turns with ω = log(RᵀR⁺)/Δt. Motion
is made at 1 kHz, low-passed and decimated, as a sensor's own filter does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import signal

from hipimu.data import SEGMENTS, SIDES, THIGHS, BoolArray, FloatArray, Segment, Side
from hipimu.maths import quaternion
from hipimu.maths.filters import cross
from hipimu.sources.simulate.clock import Bursts, SensorClock, Stamps, sensor_clock
from hipimu.sources.simulate.electronics import (
    Errors,
    Walk,
    amplified,
    clipped,
    errors,
    white_noise,
)
from hipimu.sources.simulate.grid import Grid
from hipimu.sources.simulate.motion import Pose, Runner
from hipimu.sources.simulate.plan import Plan
from hipimu.sources.simulate.strap import Strap, strap
from hipimu.units import GRAVITY_M_S2, rad_from_deg

_CHUNK_S = 60.0
_HEIGHT_M = 1.75
# Of a body of that height: in segment axes, metres, from the point between the hip centres and
# from the hip centre.
_PELVIS_SENSOR_M = np.array([-0.10, 0.10, 0.0])
_HIP_CENTRE_M: dict[Side, FloatArray] = {
    "left": np.array([0.0, 0.0, -0.085]),
    "right": np.array([0.0, 0.0, 0.085]),
}
_THIGH_SENSOR_M: dict[Side, FloatArray] = {
    "left": np.array([0.02, -0.20, -0.06]),
    "right": np.array([0.02, -0.20, 0.06]),
}


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedBlock:
    """A piece of the session: true angles, and what the sensors wrote meanwhile."""

    t_s: FloatArray
    """(n,) grid of the true angles, on the reference clock."""
    sensor_t_s: dict[Segment, FloatArray]
    """Time stamps, each sensor's own; samples lost or not taken have none."""
    gyr_rad_s: dict[Segment, FloatArray]
    acc_m_s2: dict[Segment, FloatArray]
    hip_flexion_rad: dict[Side, FloatArray]
    fine_t_s: FloatArray
    fine_flexion_rad: dict[Side, FloatArray]
    """The same angle at 1 kHz: its peaks are the truth."""


@dataclass(frozen=True, slots=True, eq=False)
class Sensor:
    """One sensor with all that was drawn for it."""

    strap: Strap
    errors: Errors
    walk: Walk
    clock: SensorClock
    stamps: Stamps
    bursts: Bursts


def fit_sensors(
    plan: Plan, mounting: dict[Segment, FloatArray], duration_s: float, rng: np.random.Generator
) -> dict[Segment, Sensor]:
    """Draw all three sensors, also one that is not worn: the others' draws stay the same.

    Parameters
    ----------
    plan : Plan
    mounting : dict
        Segment → sensor rotations (4,).
    duration_s : float
        Of the session.
    rng : Generator
    """
    bias_rad_s = rad_from_deg(plan.noise.gyr_bias_deg_s)
    return {
        segment: Sensor(
            strap=strap(plan, segment, mounting[segment]),
            errors=errors(plan, segment, rng.normal(0, bias_rad_s, 3)),
            walk=Walk(plan, segment),
            clock=sensor_clock(plan, segment, duration_s),
            stamps=Stamps(plan, segment),
            bursts=Bursts(plan, segment),
        )
        for segment in SEGMENTS
    }


def simulate_blocks(
    plan: Plan,
    runner: Runner,
    sensors: dict[Segment, Sensor],
    rng: np.random.Generator,
) -> Iterator[SimulatedBlock]:
    """Yield the session piece by piece, about a minute each."""
    total = round(float(runner.table.start_s[-1]) * plan.rate_hz)
    step = int(_CHUNK_S * plan.rate_hz)
    for first in range(0, total, step):
        grid = Grid(first, min(first + step, total), plan.rate_hz, SensorClock())
        yield _block(plan, runner, sensors, grid, rng)


def _block(
    plan: Plan,
    runner: Runner,
    sensors: dict[Segment, Sensor],
    grid: Grid,
    rng: np.random.Generator,
) -> SimulatedBlock:
    pose = runner.pose(grid.fine_t_s)
    parts: dict[Segment, _Samples] = {}
    for segment in SEGMENTS:
        faults = _faults(plan, sensors[segment], grid.last - grid.first, rng)
        own = grid.on(sensors[segment].clock)
        if segment in plan.sensors:
            posed = pose if own is grid else runner.pose(own.fine_t_s)
            parts[segment] = _samples(plan, sensors[segment], own, posed, faults, grid)
    inner = slice(grid.margin, -grid.margin)
    fine = {side: pose.hip_flexion_rad[side][inner] for side in SIDES}
    return SimulatedBlock(
        t_s=grid.own_t_s,
        sensor_t_s={segment: part.t_s for segment, part in parts.items()},
        gyr_rad_s={segment: part.gyr_rad_s for segment, part in parts.items()},
        acc_m_s2={segment: part.acc_m_s2 for segment, part in parts.items()},
        hip_flexion_rad={side: values[:: grid.factor] for side, values in fine.items()},
        fine_t_s=grid.fine_t_s[inner],
        fine_flexion_rad=fine,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    t_s: FloatArray
    gyr_rad_s: FloatArray
    acc_m_s2: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Faults:
    """What is drawn anew for every sample, (n, …)."""

    gyr_rad_s: FloatArray
    acc_m_s2: FloatArray
    stamp_s: FloatArray
    arrived: BoolArray


def _faults(plan: Plan, sensor: Sensor, count: int, rng: np.random.Generator) -> _Faults:
    gyr, acc = white_noise(plan, count, rng)
    walk = sensor.walk.next(count)
    return _Faults(gyr + walk, acc, sensor.stamps.draw(count), sensor.bursts.arrived(count))


def _samples(
    plan: Plan, sensor: Sensor, own: Grid, pose: Pose, faults: _Faults, grid: Grid
) -> _Samples:
    """Return what one sensor writes of one piece of the session."""
    if own.last <= own.first:
        return _Samples(np.empty(0), np.empty((0, 3)), np.empty((0, 3)))
    felt = _felt(sensor.strap, pose, own, plan)
    kept = [_decimate(values, own.taps, own.factor) for values in felt]
    turned = [quaternion.rotate(sensor.strap.mounting_wxyz, values) for values in kept]
    t_s = own.clock.reference_s(own.own_t_s)
    # Faults are drawn on the reference clock, so that another clock changes none of them; one in
    # thousands is then used twice.
    at = np.clip(np.round(t_s * plan.rate_hz).astype(int) - grid.first, 0, len(faults.stamp_s) - 1)
    there = (t_s >= sensor.clock.on_s) & (t_s < sensor.clock.off_s) & faults.arrived[at]
    error = sensor.errors
    gyr = amplified(error.gyr_gain, turned[0]) + error.gyr_bias_rad_s + faults.gyr_rad_s[at]
    acc = amplified(error.acc_gain, turned[1]) + error.acc_bias_m_s2 + faults.acc_m_s2[at]
    return _Samples(
        sensor.stamps.written((own.own_t_s + faults.stamp_s[at])[there]),
        clipped(gyr, _limit_rad_s(plan))[there],
        clipped(acc, _limit_m_s2(plan))[there],
    )


def _limit_rad_s(plan: Plan) -> float | None:
    return None if plan.range.gyr_deg_s is None else rad_from_deg(plan.range.gyr_deg_s)


def _limit_m_s2(plan: Plan) -> float | None:
    return None if plan.range.acc_g is None else plan.range.acc_g * GRAVITY_M_S2


def _felt(worn: Strap, pose: Pose, grid: Grid, plan: Plan) -> tuple[FloatArray, FloatArray]:
    """Angular rate and specific force in segment axes; one sample shorter at either end."""
    fine_hz, scale = grid.fine_hz, plan.body.height_m / _HEIGHT_M
    turn = _rate(pose.pelvis_wxyz, fine_hz)
    if worn.segment == "pelvis":
        quat, rate = pose.pelvis_wxyz, turn
        at = pose.mid_hip_acc_m_s2 + _swing(quat, turn, scale * _PELVIS_SENSOR_M, fine_hz)
        shake = 0.5 * plan.noise.impact_g * (pose.impact["left"] + pose.impact["right"])
    else:
        side = next(s for s in SIDES if THIGHS[s] == worn.segment)
        quat = pose.thigh_wxyz[side]
        rate = _rate(quat, fine_hz)
        at = (
            pose.mid_hip_acc_m_s2
            + _swing(pose.pelvis_wxyz, turn, scale * _HIP_CENTRE_M[side], fine_hz)
            + _swing(quat, rate, scale * _THIGH_SENSOR_M[side], fine_hz)
        )
        shake = plan.noise.impact_g * pose.impact[side]
    shift_m = worn.shift_m(pose)
    if shift_m is not None:
        at = at + _second_derivative(quaternion.rotate(quat, shift_m), fine_hz)
    on_segment = worn.turn(grid.fine_t_s, pose)
    if on_segment is not None:
        quat = quaternion.multiply(quat, on_segment)
        rate = _rate(quat, fine_hz)
    felt = at.copy()
    felt[:, 2] += GRAVITY_M_S2 * (1 + shake)
    return rate, quaternion.rotate(quaternion.conjugate(quat), felt)


def _second_derivative(values: FloatArray, rate_hz: float) -> FloatArray:
    """Of vectors (n, 3), by central differences."""
    inner = (values[2:] - 2 * values[1:-1] + values[:-2]) * rate_hz**2
    return np.concatenate((inner[:1], inner, inner[-1:]))


def _rate(quat: FloatArray, rate_hz: float) -> FloatArray:
    """Angular rate in body axes by central differences, (n, 3)."""
    turn = quaternion.multiply(quaternion.conjugate(quat[:-2]), quat[2:])
    inner = quaternion.to_vector(turn) * (0.5 * rate_hz)
    return np.concatenate((inner[:1], inner, inner[-1:]))


def _swing(quat: FloatArray, rate: FloatArray, lever_m: FloatArray, rate_hz: float) -> FloatArray:
    """Acceleration of a point `lever_m` away on a turning body, in the earth frame."""
    speeding = np.gradient(rate, 1 / rate_hz, axis=0)
    local = cross(speeding, lever_m) + cross(rate, cross(rate, lever_m))
    return quaternion.rotate(quat, local)


def _decimate(values: FloatArray, taps: FloatArray, factor: int) -> FloatArray:
    smooth = signal.oaconvolve(values[2:-2], taps[:, None], mode="valid", axes=0)
    return np.asarray(smooth[::factor], dtype=np.float64)
