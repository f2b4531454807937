"""What is computed where a system exports orientations instead of what its sensors measured.

Both follow from how an orientation turns: they carry the system's own filter, and are smoother
than what its sensors measured.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hipimu.data import FloatArray
from hipimu.maths.quaternion import conjugate, multiply, rotate, to_vector
from hipimu.units import GRAVITY_M_S2

ACC_REMARK: Final = (
    "{}: acceleration was computed from the exported free acceleration and orientation, which "
    "carry the system's own filter."
)
GYR_REMARK: Final = (
    "{}: angular velocity was computed from how the exported orientation turns from sample to "
    "sample; it is smoother than a measured one."
)
_LENGTHS: Final = (0.9, 1.1)
"""Of quaternions that are rotations, as far as digits and damage go."""


def unit_or_nan(quat: FloatArray) -> FloatArray:
    """Scale quaternions (n, 4) to unit length; NaN where one is no rotation at all."""
    length = np.sqrt((quat * quat).sum(axis=1, keepdims=True))
    good = (length > _LENGTHS[0]) & (length < _LENGTHS[1])
    return np.where(good, quat / np.where(good, length, 1.0), np.nan)


def specific_force(quat_wxyz: FloatArray, free_acc_m_s2: FloatArray) -> FloatArray:
    """Return what an accelerometer measures, in the sensor's axes.

    Parameters
    ----------
    quat_wxyz : (n, 4) array
        Sensor → earth, z up.
    free_acc_m_s2 : (n, 3) array
        Acceleration in the earth's frame, without gravity.

    Returns
    -------
    (n, 3) array
        m/s², +g upwards at rest.
    """
    upwards = np.array([0.0, 0.0, GRAVITY_M_S2])
    return rotate(conjugate(quat_wxyz), free_acc_m_s2 + upwards)


def angular_velocity(quat_wxyz: FloatArray, t_s: FloatArray) -> FloatArray:
    """Return the mean angular velocity since the sample before, in the sensor's axes.

    Integrated sample by sample, as strapdown filters do, it gives the same orientations back.

    Parameters
    ----------
    quat_wxyz : (n, 4) array
        Sensor → any frame that stands still.
    t_s : (n,) array

    Returns
    -------
    (n - 1, 3) array
        rad/s; the first sample has none.
    """
    turns = multiply(conjugate(quat_wxyz[:-1]), quat_wxyz[1:])
    return np.asarray(to_vector(turns) / np.diff(t_s)[:, None])
