"""Move a sensor's specific force to the hip centre, which pelvis and thigh share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hipimu.data import FloatArray, Side
from hipimu.maths import quaternion
from hipimu.maths.filters import cross
from hipimu.maths.layout import columns_of

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


def delayed(values: FloatArray, first: FloatArray) -> FloatArray:
    """Return the sample before each, (n, 3); `first` (3,) is the one before the first."""
    before = columns_of(values.shape)
    before[0], before[1:] = first, values[:-1]
    return before


def specific_force_at(
    lever_m: FloatArray,
    quat_wxyz: FloatArray,
    gyr_rad_s: tuple[FloatArray, FloatArray],
    acc_m_s2: tuple[FloatArray, FloatArray],
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
    gyr_rad_s, acc_m_s2 : tuple of (n, 3)
        Segment axes: the sample before, and the sample.
    rate_hz : float
        Of neighbouring samples.

    Returns
    -------
    (n, 3)
    """
    rate = 0.5 * (gyr_rad_s[0] + gyr_rad_s[1])
    wx, wy, wz = rate[:, 0], rate[:, 1], rate[:, 2]
    rx, ry, rz = lever_m
    local = cross((gyr_rad_s[1] - gyr_rad_s[0]) * rate_hz, lever_m)
    local += 0.5 * (acc_m_s2[0] + acc_m_s2[1])
    # ω × (ω × r) = ω(ω·r) − r(ω·ω)
    local += (wx * rx + wy * ry + wz * rz)[:, None] * rate
    local -= (wx * wx + wy * wy + wz * wz)[:, None] * lever_m
    return quaternion.rotate(quat_wxyz, local)
