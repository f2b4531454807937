"""What a run gives to publishers, made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hipimu.data import (
    FloatArray,
    HipAngleBlock,
    ImuBlock,
    Reason,
    Segment,
    Side,
    Stride,
)
from hipimu.units import rad_from_deg

RATE_HZ = 100.0


def imu(segment: Segment, start_s: float, count: int, late_s: float = 0.0) -> ImuBlock:
    """Samples whose first acceleration is their time, and whose second says which sensor."""
    t_s = start_s + late_s + np.arange(count) / RATE_HZ
    which = float(("pelvis", "thigh_left", "thigh_right").index(segment))
    acc = np.column_stack([t_s, np.full(count, which), np.zeros(count)])
    return ImuBlock(segment, t_s, 0.1 * acc, acc, np.zeros(count, dtype=np.bool_))


def angles(side: Side, start_s: float, count: int, **changes: Any) -> HipAngleBlock:
    """Angles whose flexion is thirty degrees on the left and forty on the right."""
    t_s = start_s + np.arange(count) / RATE_HZ

    def constant(angle_deg: float) -> FloatArray:
        return np.full(count, rad_from_deg(angle_deg))

    block = HipAngleBlock(
        side=side,
        t_s=t_s,
        rate_hz=RATE_HZ,
        flexion_rad=constant(30.0 if side == "left" else 40.0),
        adduction_rad=constant(1.0),
        rotation_rad=constant(2.0),
        thigh_rad=constant(3.0),
        pelvis_tilt_rad=constant(4.0),
        pelvis_obliquity_rad=constant(5.0),
        pelvis_rotation_rad=constant(6.0),
        pelvis_acc_m_s2=constant(0.0),
        hip_force_m_s2=constant(0.0),
        flags=np.zeros(count, dtype=np.uint8),
    )
    return replace(block, **changes)


def stride(side: Side = "left", number: int = 0, t_s: float = 12.3456, **changes: Any) -> Stride:
    """A running stride with a peak flexion of fifty degrees."""
    made = Stride(
        side=side,
        stride=number,
        t_peak_extension_s=t_s - 0.3,
        peak_extension_rad=rad_from_deg(14.0),
        t_peak_flexion_s=t_s,
        peak_flexion_rad=rad_from_deg(50.0),
        stride_time_s=0.68,
        gait="running",
        pelvis_tilt_rad=0.0,
        pelvis_tilt_range_rad=0.0,
        pelvis_obliquity_range_rad=0.0,
        pelvis_rotation_range_rad=0.0,
        thigh_peak_flexion_rad=0.0,
        thigh_peak_extension_rad=0.0,
    )
    return made._replace(**changes)


SET_ASIDE = stride(number=7, quality=0.0, reasons=(Reason.GAP, Reason.CLIPPED), stride_time_s=None)
