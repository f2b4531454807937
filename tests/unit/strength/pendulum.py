"""A thigh that swings as a cosine: everything about it is known in closed form."""

from __future__ import annotations

import numpy as np

from hipimu.data import Bout, FloatArray, HipMotion, Side, Stride
from tests.unit.strides import stride

AMPLITUDE_RAD = 0.6
PERIOD_S = 0.7
SWINGS = 40


def motion(
    *,
    amplitude_rad: float = AMPLITUDE_RAD,
    period_s: float = PERIOD_S,
    rate_hz: float = 100.0,
    offset_rad: float = 0.0,
    force_m_s2: float = 0.0,
    side: Side = "right",
) -> HipMotion:
    """Peak extension at t = 0, then 40 strides; the pelvis stands still."""
    t_s = np.arange(0.0, SWINGS * period_s + 1e-9, 1.0 / rate_hz)
    angle = offset_rad - amplitude_rad * np.cos(2 * np.pi * t_s / period_s)
    return of_series(angle, rate_hz, force=np.full(len(t_s), force_m_s2), side=side)


def of_series(
    flexion: FloatArray,
    rate_hz: float,
    *,
    thigh: FloatArray | None = None,
    tilt: FloatArray | None = None,
    force: FloatArray | None = None,
    side: Side = "right",
) -> HipMotion:
    zeros = np.zeros(len(flexion))
    return HipMotion(
        side=side,
        rate_hz=rate_hz,
        t_s=np.arange(len(flexion)) / rate_hz,
        flexion_rad=flexion,
        thigh_rad=flexion if thigh is None else thigh,
        pelvis_tilt_rad=zeros if tilt is None else tilt,
        hip_force_m_s2=zeros if force is None else force,
        pelvis_acc_m_s2=zeros,
    )


def strides(
    *,
    amplitude_rad: float = AMPLITUDE_RAD,
    period_s: float = PERIOD_S,
    offset_rad: float = 0.0,
    side: Side = "right",
    first: int = 2,
    last: int = SWINGS - 2,
) -> list[Stride]:
    """All but those next to the ends, in one bout."""
    return [
        stride(
            (i + 0.5) * period_s,
            side=side,
            stride=i,
            t_peak_extension_s=i * period_s,
            peak_extension_rad=amplitude_rad - offset_rad,
            peak_flexion_rad=amplitude_rad + offset_rad,
            stride_time_s=period_s,
            pace="fast",
            bout=0,
            moving_fraction=i / SWINGS,
        )
        for i in range(first, last)
    ]


BOUTS = (Bout(0, "fast", "laps", 0.0, 1000.0, None),)
