"""Tell whether gyroscope and accelerometer speak of the same, right-handed axes.

Some exports are left-handed: one axis of the accelerometer, or all of the gyroscope, has the wrong
sign. Every number made of such data is wrong, and looks plausible.

In gait a thigh's own swing tells. Turned upright by the gyroscope, what a sensor feels at the hip
is little but gravity and the body's bounce. With rotations of the wrong sign gravity leaks into
the horizontal with every swing.

A pelvis tilts too little for that: the share is 0.9 on the real recording and 0.8 to 1.7 in
simulation, for right-handed sensors. But when the runner turns a corner all sensors turn alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hipimu.data import FloatArray, Segment
from hipimu.maths import filters
from hipimu.motion.filters import Vqf
from hipimu.motion.hip_centre import midway, specific_force_at
from hipimu.units import rad_from_deg

_BAND_HZ = (0.5, 3.0)
_ABOVE_SENSOR_M = 0.2
"""The hip centre lies about so far above a thigh sensor."""
_CORNER_HZ = 0.3
_CORNER_RAD_S = rad_from_deg(8.0)
"""Root mean square while turning: 24°/s on the real recording, at most 4.4°/s straight on."""
_ALIKE = 0.7


def mirrored_share(
    up: FloatArray,
    gyr_rad_s: FloatArray,
    acc_m_s2: FloatArray,
    windows: Sequence[slice],
    rate_hz: float,
) -> float:
    """Horizontal force at the hip if all rotations were reversed, over the force as they are.

    Right-handed: well above 1; 1.3 on the real recording and in simulated walking, 3 to 15 in
    simulated running. Left-handed: as far below 1.

    Parameters
    ----------
    up : (3,)
        Vertical while standing, sensor axes of a thigh.
    gyr_rad_s, acc_m_s2 : (n, 3)
        From standing on, sensor axes.
    windows : sequence of slice
        Where there is gait.
    rate_hz : float
    """
    as_they_are, reversed_ = (
        _horizontal_force(up, sign * gyr_rad_s, acc_m_s2, windows, rate_hz) for sign in (1.0, -1.0)
    )
    return reversed_ / max(as_they_are, 1e-9)


def _horizontal_force(
    up: FloatArray,
    gyr_rad_s: FloatArray,
    acc_m_s2: FloatArray,
    windows: Sequence[slice],
    rate_hz: float,
) -> float:
    """Root mean square in m/s²."""
    quat = Vqf(rate_hz).update(gyr_rad_s, acc_m_s2)
    motion = midway(quat, gyr_rad_s, acc_m_s2, (gyr_rad_s[0], acc_m_s2[0]), rate_hz)
    force = specific_force_at(_ABOVE_SENSOR_M * up, motion)
    slow, _ = filters.run(filters.butterworth(2, _BAND_HZ, rate_hz), force, None)
    horizontal = np.concatenate([slow[window, :2] for window in windows])
    return float(np.sqrt((horizontal**2).sum(axis=1).mean()))


def turns_against(
    up: Mapping[Segment, FloatArray],
    gyr_rad_s: Mapping[Segment, FloatArray],
    windows: Sequence[slice],
    rate_hz: float,
) -> Segment | None:
    """Name the sensor that turns the other way when the runner turns a corner, if one does.

    Of two sensors it is the pelvis: a thigh is looked at by itself, see `mirrored_share`.

    Parameters
    ----------
    up : dict
        Segment → vertical (3,), sensor axes.
    gyr_rad_s : dict
        Segment → (n, 3), sensor axes.
    windows : sequence of slice
        Where there is gait.
    rate_hz : float
    """
    turning = {s: _turning(up[s], gyr_rad_s[s], windows, rate_hz) for s in up}
    if len(turning) < 2 or min(float(rate.std()) for rate in turning.values()) < _CORNER_RAD_S:
        return None
    for segment in sorted(turning, key=lambda s: s != "pelvis"):
        others = [rate for name, rate in turning.items() if name != segment]
        if max(_correlation(turning[segment], rate) for rate in others) < -_ALIKE:
            return segment
    return None


def _turning(
    up: FloatArray, gyr: FloatArray, windows: Sequence[slice], rate_hz: float
) -> FloatArray:
    """Slow angular rate about the vertical, (n,)."""
    rate = (gyr * up).sum(axis=1)[:, None]
    slow, _ = filters.run(filters.butterworth(2, _CORNER_HZ, rate_hz), rate, None)
    return np.concatenate([slow[window, 0] for window in windows])


def _correlation(one: FloatArray, other: FloatArray) -> float:
    product = ((one - one.mean()) * (other - other.mean())).mean()
    return float(product / max(float(one.std() * other.std()), 1e-12))
