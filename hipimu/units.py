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


def s_from_ms(time_ms: Number) -> Number:
    """Milliseconds to seconds."""
    return time_ms * 1e-3


def s_from_us(time_us: Number) -> Number:
    """Microseconds to seconds."""
    return time_us * 1e-6


def s_from_ns(time_ns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Whole nanoseconds to seconds: the one rounding by which stored times become samples' times.

    Up to 2⁵¹ ns (26 days) either side of zero `ns_from_s` gives the same nanoseconds back.
    """
    return np.asarray(time_ns * 1e-9, dtype=np.float64)


def ns_from_s(time_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Seconds to the nearest whole nanoseconds."""
    return np.rint(time_s * 1e9).astype(np.int64)


UNITS: Final = {
    "m/s2": ("m_s2", 1.0),
    "g": ("m_s2", GRAVITY_M_S2),
    "mg": ("m_s2", 1e-3 * GRAVITY_M_S2),
    "rad/s": ("rad_s", 1.0),
    "deg/s": ("rad_s", 1.0 / _DEG_PER_RAD),
    "mdeg/s": ("rad_s", 1e-3 / _DEG_PER_RAD),
    "rad": ("rad", 1.0),
    "deg": ("rad", 1.0 / _DEG_PER_RAD),
    "uT": ("ut", 1.0),
    "nT": ("ut", 1e-3),
    "mT": ("ut", 1e3),
    "T": ("ut", 1e6),
    "gauss": ("ut", 100.0),
    "mgauss": ("ut", 0.1),
    "m/s": ("m_s", 1.0),
    "km/h": ("m_s", 1.0 / 3.6),
    "m": ("m", 1.0),
    "cm": ("m", 0.01),
    "s": ("s", 1.0),
    "ms": ("s", 1e-3),
    "bpm": ("bpm", 1.0),
    "1/min": ("per_min", 1.0),
    "percent": ("share", 0.01),
    "degC": ("deg_c", 1.0),
    "V": ("v", 1.0),
    "mV": ("v", 1e-3),
    "1": ("", 1.0),
}
"""Units of sensors' data sheets → ending of the name inside hipimu, and its worth there."""
