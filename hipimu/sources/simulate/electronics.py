"""What a sensor makes of the motion it feels: scale error, offset, noise, clipping.

reading = clip((I + scale and cross-axis error) · felt + offset + random walk + white noise)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hipimu.data import FloatArray, Segment
from hipimu.sources.simulate.plan import Plan
from hipimu.sources.simulate.streams import stream
from hipimu.units import GRAVITY_M_S2, rad_from_deg


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Constant errors of one sensor, in SI units."""

    gyr_bias_rad_s: FloatArray
    """(3,)"""
    acc_bias_m_s2: FloatArray
    gyr_gain: FloatArray
    """(3, 3) reading = gain · felt."""
    acc_gain: FloatArray


def errors(plan: Plan, segment: Segment, gyr_bias_rad_s: FloatArray) -> Errors:
    """Draw the constant errors of one sensor; the gyroscope's offset is drawn already."""
    noise = plan.noise
    acc_bias = stream(plan.seed, "acc bias", segment).normal(size=3)
    return Errors(
        gyr_bias_rad_s=gyr_bias_rad_s,
        acc_bias_m_s2=acc_bias * noise.acc_bias_mg * 1e-3 * GRAVITY_M_S2,
        gyr_gain=_gain(plan.seed, "gyr", segment, noise.gyr_scale, noise.gyr_cross_axis),
        acc_gain=_gain(plan.seed, "acc", segment, noise.acc_scale, noise.acc_cross_axis),
    )


def _gain(seed: int, kind: str, segment: Segment, scale: float, cross_axis: float) -> FloatArray:
    drawn = stream(seed, kind, "gain", segment).normal(size=(3, 3))
    size = np.where(np.eye(3, dtype=bool), scale, cross_axis)
    return np.asarray(np.eye(3) + size * drawn)


def amplified(gain: FloatArray, felt: FloatArray) -> FloatArray:
    """Apply scale and cross-axis errors to vectors (n, 3)."""
    if np.array_equal(gain, np.eye(3)):
        return felt
    return np.stack([(row * felt).sum(axis=1) for row in gain], axis=1)


def white_noise(plan: Plan, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Noise of gyroscope and accelerometer, (n, 3), over the band up to half the rate."""
    band = np.sqrt(0.5 * plan.rate_hz)
    gyr = rng.normal(0, rad_from_deg(plan.noise.gyr_deg_s_sqrt_hz) * band, (count, 3))
    acc = rng.normal(0, plan.noise.acc_ug_sqrt_hz * 1e-6 * GRAVITY_M_S2 * band, (count, 3))
    return gyr, acc


class Walk:
    """Random walk of a gyroscope's offset, sample by sample from 0.

    Parameters
    ----------
    plan : Plan
    segment : Segment
    """

    def __init__(self, plan: Plan, segment: Segment) -> None:
        self._rng = stream(plan.seed, "walk", segment)
        self._step = rad_from_deg(plan.noise.gyr_bias_walk_deg_s_sqrt_s) / plan.rate_hz**0.5
        self.last_rad_s = np.zeros(3)

    def next(self, count: int) -> FloatArray:
        """Return the next offsets in rad/s, (count, 3)."""
        walked = self.last_rad_s + np.cumsum(self._rng.normal(0, self._step, (count, 3)), axis=0)
        self.last_rad_s = walked[-1]
        return walked


def clipped(values: FloatArray, limit: float | None) -> FloatArray:
    """Values (n, 3) within a sensor's range."""
    return values if limit is None else np.clip(values, -limit, limit)
