"""The only place where units convert. Inside hipimu: SI and radians."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

GRAVITY_M_S2: Final = 9.80665
"""Standard gravity (CGPM 1901), in m/s²."""

_DEG_PER_RAD: Final = 180.0 / np.pi

Number = TypeVar("Number", float, NDArray[np.float64])


def rad_from_deg(angle_deg: Number) -> Number:
    """Degrees to radians; also deg/s to rad/s."""
    return angle_deg / _DEG_PER_RAD


def deg_from_rad(angle_rad: Number) -> Number:
    """Radians to degrees."""
    return angle_rad * _DEG_PER_RAD


def ms_from_s(time_s: Number) -> Number:
    """Seconds to milliseconds."""
    return time_s * 1e3


def s_from_us(time_us: Number) -> Number:
    """Microseconds to seconds."""
    return time_us * 1e-6
