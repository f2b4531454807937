"""Made-up strides for everything that reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hipimu.data import Side, Stride

STRIDE_S = 0.75


def stride(t_s: float, **changes: Any) -> Stride:
    """A good running stride whose peak flexion is at `t_s`."""
    made = Stride(
        side="right",
        stride=0,
        t_peak_extension_s=t_s - 0.3,
        peak_extension_rad=0.3,
        t_peak_flexion_s=t_s,
        peak_flexion_rad=0.8,
        stride_time_s=STRIDE_S,
        gait="running",
        pelvis_tilt_rad=0.1,
        pelvis_tilt_range_rad=0.05,
        pelvis_obliquity_range_rad=0.1,
        pelvis_rotation_range_rad=0.15,
        thigh_peak_flexion_rad=0.7,
        thigh_peak_extension_rad=0.4,
    )
    return made._replace(**changes)


def strides_at(times_s: Iterable[float], side: Side = "right", **changes: Any) -> list[Stride]:
    """Strides of one leg, counted from 0."""
    return [stride(t, side=side, stride=i, **changes) for i, t in enumerate(times_s)]
