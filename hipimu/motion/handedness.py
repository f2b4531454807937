"""Tell whether gyroscope and accelerometer speak of the same, right-handed axes.

Some exports are left-handed: one axis of the accelerometer, or all of the gyroscope, has the wrong
sign. Every number made of such data is wrong, and looks plausible.

In gait a thigh's own swing tells. Turned upright by the gyroscope, what a sensor feels at the hip
is little but gravity and the body's bounce. With rotations of the wrong sign gravity leaks into
the horizontal with every swing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hipimu.data import FloatArray
from hipimu.maths import filters
from hipimu.motion.filters import Vqf
from hipimu.motion.hip_centre import midway, specific_force_at

_BAND_HZ = (0.5, 3.0)
_ABOVE_SENSOR_M = 0.2
"""The hip centre lies about so far above a thigh sensor."""


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
