"""What sensors strapped to the simulated runner report.

A sensor at p + R r feels the specific force Rᵀ(p̈ + g ẑ) and turns with ω = log(RᵀR⁺)/Δt. Motion
is made at 1 kHz, low-passed and decimated, as a sensor's own filter does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import signal

from hipimu.data import SEGMENTS, SIDES, THIGHS, FloatArray, Segment, Side
from hipimu.maths import quaternion
from hipimu.maths.filters import cross
from hipimu.sources.simulate.motion import FINE_HZ, Pose, Runner
from hipimu.sources.simulate.plan import Plan
from hipimu.units import GRAVITY_M_S2, rad_from_deg

_CHUNK_S = 60.0
# In segment axes, metres, from the point between the hip centres and from the hip centre.
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
    """Sensor samples and true angles on one clock."""

    t_s: FloatArray
    gyr_rad_s: dict[Segment, FloatArray]
    acc_m_s2: dict[Segment, FloatArray]
    hip_flexion_rad: dict[Side, FloatArray]
    fine_t_s: FloatArray
    fine_flexion_rad: dict[Side, FloatArray]
    """The same angle at 1 kHz: its peaks are the truth."""


def mountings(plan: Plan, rng: np.random.Generator) -> dict[Segment, FloatArray]:
    """Segment → sensor rotations (4,), uniformly random or none."""
    result: dict[Segment, FloatArray] = {}
    for segment in SEGMENTS:
        drawn = rng.normal(size=4)  # a Gaussian's direction is uniform (Shoemake 1992)
        aligned = np.array([1.0, 0.0, 0.0, 0.0])
        result[segment] = quaternion.normalise(drawn) if plan.mounting == "random" else aligned
    return result


def simulate_blocks(
    plan: Plan,
    runner: Runner,
    mounting: dict[Segment, FloatArray],
    rng: np.random.Generator,
) -> Iterator[SimulatedBlock]:
    """Yield the session piece by piece, about a minute each."""
    factor = round(FINE_HZ / plan.rate_hz)
    fine_hz = factor * plan.rate_hz
    taps = _low_pass(plan.rate_hz, fine_hz)
    bias = {s: rng.normal(0, rad_from_deg(plan.noise.gyr_bias_deg_s), 3) for s in plan.sensors}
    total = int(runner.table.start_s[-1] * plan.rate_hz)
    step = int(_CHUNK_S * plan.rate_hz)
    for first in range(0, total, step):
        last = min(first + step, total)
        yield _block(plan, runner, mounting, bias, taps, (first, last, factor, fine_hz), rng)


def _block(
    plan: Plan,
    runner: Runner,
    mounting: dict[Segment, FloatArray],
    bias: dict[Segment, FloatArray],
    taps: FloatArray,
    grid: tuple[int, int, int, float],
    rng: np.random.Generator,
) -> SimulatedBlock:
    first, last, factor, fine_hz = grid
    margin = len(taps) // 2 + 2
    ticks = np.arange(first * factor - margin, last * factor + margin)
    pose = runner.pose(ticks / fine_hz)
    gyr: dict[Segment, FloatArray] = {}
    acc: dict[Segment, FloatArray] = {}
    for segment in plan.sensors:
        rate, force = _felt(segment, pose, plan.noise.impact_g, fine_hz)
        kept = [_decimate(values, taps, factor) for values in (rate, force)]
        gyr[segment] = quaternion.rotate(mounting[segment], kept[0]) + bias[segment]
        acc[segment] = quaternion.rotate(mounting[segment], kept[1])
        _add_noise(plan, gyr[segment], acc[segment], rng)
    inner = slice(margin, len(ticks) - margin)
    fine = {side: pose.hip_flexion_rad[side][inner] for side in SIDES}
    return SimulatedBlock(
        t_s=np.arange(first, last) / plan.rate_hz,
        gyr_rad_s=gyr,
        acc_m_s2=acc,
        hip_flexion_rad={side: values[::factor] for side, values in fine.items()},
        fine_t_s=ticks[inner] / fine_hz,
        fine_flexion_rad=fine,
    )


def _felt(
    segment: Segment, pose: Pose, impact_g: float, fine_hz: float
) -> tuple[FloatArray, FloatArray]:
    """Angular rate and specific force in segment axes; one sample shorter at either end."""
    turn = _rate(pose.pelvis_wxyz, fine_hz)
    if segment == "pelvis":
        at = pose.mid_hip_acc_m_s2 + _swing(pose.pelvis_wxyz, turn, _PELVIS_SENSOR_M, fine_hz)
        quat, rate = pose.pelvis_wxyz, turn
        shake = 0.5 * impact_g * (pose.impact["left"] + pose.impact["right"])
    else:
        side = next(s for s in SIDES if THIGHS[s] == segment)
        quat = pose.thigh_wxyz[side]
        rate = _rate(quat, fine_hz)
        at = (
            pose.mid_hip_acc_m_s2
            + _swing(pose.pelvis_wxyz, turn, _HIP_CENTRE_M[side], fine_hz)
            + _swing(quat, rate, _THIGH_SENSOR_M[side], fine_hz)
        )
        shake = impact_g * pose.impact[side]
    felt = at.copy()
    felt[:, 2] += GRAVITY_M_S2 * (1 + shake)
    return rate, quaternion.rotate(quaternion.conjugate(quat), felt)


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


def _low_pass(rate_hz: float, fine_hz: float) -> FloatArray:
    """Symmetric filter at 0.4 of the output rate."""
    half = int(2.5 * fine_hz / rate_hz)
    return np.asarray(signal.firwin(2 * half + 1, 0.4 * rate_hz, fs=fine_hz), dtype=np.float64)


def _decimate(values: FloatArray, taps: FloatArray, factor: int) -> FloatArray:
    smooth = signal.oaconvolve(values[2:-2], taps[:, None], mode="valid", axes=0)
    return np.asarray(smooth[::factor], dtype=np.float64)


def _add_noise(plan: Plan, gyr: FloatArray, acc: FloatArray, rng: np.random.Generator) -> None:
    """White noise of the given density over the band up to half the rate."""
    band = np.sqrt(0.5 * plan.rate_hz)
    gyr += rng.normal(0, rad_from_deg(plan.noise.gyr_deg_s_sqrt_hz) * band, gyr.shape)
    acc += rng.normal(0, plan.noise.acc_ug_sqrt_hz * 1e-6 * GRAVITY_M_S2 * band, acc.shape)
