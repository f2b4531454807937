"""Move a sensor's specific force to the hip centre, which pelvis and thigh share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hipimu.data import FloatArray, Side
from hipimu.maths import quaternion
from hipimu.maths.filters import cross
from hipimu.maths.layout import columns_of

REFERENCE_HEIGHT_M = 1.75
"""The body height these lever arms are for; de Leva's women measured 1.735 m, the men 1.741 m."""
# Lever arms from sensor to hip centre in segment axes, metres, for an adult of that height:
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


@dataclass(frozen=True, slots=True, eq=False)
class Levers:
    """Lever arms from sensor to hip centre in segment axes, (3,) each."""

    pelvis_m: Mapping[Side, FloatArray]
    thigh_m: Mapping[Side, FloatArray]


def levers_of(height_m: float | None) -> Levers:
    """Lever arms of a body: segments grow with height (de Leva 1996).

    Parameters
    ----------
    height_m : float or None
        Body height; None: `REFERENCE_HEIGHT_M`.
    """
    share = 1.0 if height_m is None else height_m / REFERENCE_HEIGHT_M
    return Levers(
        {side: share * lever for side, lever in PELVIS_LEVER_M.items()},
        {side: share * lever for side, lever in THIGH_LEVER_M.items()},
    )


@dataclass(frozen=True, slots=True, eq=False)
class Midway:
    """A segment's motion half way between neighbouring samples, segment axes, (n, 3) each."""

    quat_wxyz: FloatArray
    """(n, 4) segment → earth, at the later sample."""
    rate_rad_s: FloatArray
    speeding_rad_s2: FloatArray
    acc_m_s2: FloatArray


def midway(
    quat_wxyz: FloatArray,
    gyr_rad_s: FloatArray,
    acc_m_s2: FloatArray,
    before: tuple[FloatArray, FloatArray],
    rate_hz: float,
    used: slice = slice(None),
) -> Midway:
    """Mean and difference of neighbouring samples, so that nothing later than each is needed.

    Parameters
    ----------
    quat_wxyz : (n, 4)
    gyr_rad_s, acc_m_s2 : (n, 3)
        Segment axes.
    before : tuple of (3,)
        gyr and acc of the sample before the first.
    rate_hz : float
    used : slice
        Which of the n samples to return.
    """
    gyr, gyr_before = gyr_rad_s[used], _delayed(gyr_rad_s, before[0])[used]
    acc, acc_before = acc_m_s2[used], _delayed(acc_m_s2, before[1])[used]
    return Midway(
        quat_wxyz[used],
        0.5 * (gyr + gyr_before),
        (gyr - gyr_before) * rate_hz,
        0.5 * (acc + acc_before),
    )


def _delayed(values: FloatArray, first: FloatArray) -> FloatArray:
    before = columns_of(values.shape)
    before[0], before[1:] = first, values[:-1]
    return before


def specific_force_at(lever_m: FloatArray, motion: Midway) -> FloatArray:
    """Specific force of a point on the segment: a + ω̇ × r + ω × (ω × r).

    Parameters
    ----------
    lever_m : (3,)
        From the sensor to the point, segment axes.
    motion : Midway

    Returns
    -------
    (n, 3)
        In the segment's earth frame.
    """
    rate = motion.rate_rad_s
    wx, wy, wz = rate[:, 0], rate[:, 1], rate[:, 2]
    rx, ry, rz = lever_m
    local = cross(motion.speeding_rad_s2, lever_m)
    local += motion.acc_m_s2
    # ω × (ω × r) = ω(ω·r) − r(ω·ω)
    local += (wx * rx + wy * ry + wz * rz)[:, None] * rate
    squared = wx * wx + wy * wy + wz * wz
    for axis in range(3):  # column by column: a product with a row would lie across memory
        local[:, axis] -= squared * lever_m[axis]
    return quaternion.rotate(motion.quat_wxyz, local)
