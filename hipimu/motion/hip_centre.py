"""Move a sensor's specific force to the hip centre, which pelvis and thigh share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hipimu.data import FloatArray, Side
from hipimu.maths import quaternion
from hipimu.maths.filters import cross

# Lever arms from sensor to hip centre in segment axes, metres, for an adult of middle height:
# pelvis sensor over the sacrum, thigh sensor on the outside half way down. Rounded from the
# segment proportions of de Leva 1996 (J Biomech 29:1223–1230).
PELVIS_LEVER_M: Mapping[Side, FloatArray] = {
    "left": np.array([0.10, -0.10, -0.085]),
    "right": np.array([0.10, -0.10, 0.085]),
}
THIGH_LEVER_M: Mapping[Side, FloatArray] = {
    "left": np.array([-0.02, 0.20, 0.06]),
    "right": np.array([-0.02, 0.20, -0.06]),
}


def specific_force_at(
    lever_m: FloatArray,
    quat_wxyz: FloatArray,
    gyr_rad_s: FloatArray,
    acc_m_s2: FloatArray,
    before: tuple[FloatArray, FloatArray],
    rate_hz: float,
) -> FloatArray:
    """Specific force of a point on the segment, in the segment's earth frame.

    a + ω̇ × r + ω × (ω × r), evaluated half way between neighbouring samples so that ω̇ is a plain
    difference and nothing later than the sample is needed.

    Parameters
    ----------
    lever_m : (3,)
        From the sensor to the point, segment axes.
    quat_wxyz : (n, 4)
        Segment → earth.
    gyr_rad_s, acc_m_s2 : (n, 3)
        Segment axes.
    before : tuple of (3,)
        gyr and acc of the sample before the first.
    rate_hz : float

    Returns
    -------
    (n, 3)
    """
    gyr_before = np.concatenate((before[0][None], gyr_rad_s[:-1]))
    acc_before = np.concatenate((before[1][None], acc_m_s2[:-1]))
    rate = 0.5 * (gyr_rad_s + gyr_before)
    speeding = (gyr_rad_s - gyr_before) * rate_hz
    local = (
        0.5 * (acc_m_s2 + acc_before)
        + cross(speeding, lever_m)
        + cross(rate, cross(rate, lever_m))
    )
    return quaternion.rotate(quat_wxyz, local)
