"""Unit quaternions, scalar first, as plain arrays.

`quat_wxyz` (..., 4) turns a vector of frame A into frame B: ``v_B = rotate(quat, v_A)``. Products
are written out component by component, so that a row's result never depends on its neighbours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def multiply(left: FloatArray, right: FloatArray) -> FloatArray:
    """Hamilton product: first `right`, then `left`. Shapes broadcast, (..., 4)."""
    w1, x1, y1, z1 = _columns(left)
    w2, x2, y2, z2 = _columns(right)
    return np.stack(
        (
            w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2,
            w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2,
            w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2,
            w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2,
        ),
        axis=-1,
    )


def conjugate(quat: FloatArray) -> FloatArray:
    """Return the inverse of unit quaternions, (..., 4)."""
    return quat * np.array([1.0, -1.0, -1.0, -1.0])


def rotate(quat: FloatArray, vector: FloatArray) -> FloatArray:
    """Turn vectors (..., 3) by unit quaternions (..., 4); shapes broadcast."""
    w, x, y, z = _columns(quat)
    vx, vy, vz = vector[..., 0], vector[..., 1], vector[..., 2]
    # v + 2w(u×v) + 2u×(u×v), Rodrigues' formula with t = 2u×v
    tx, ty, tz = 2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)
    return np.stack(
        (
            vx + w * tx + y * tz - z * ty,
            vy + w * ty + z * tx - x * tz,
            vz + w * tz + x * ty - y * tx,
        ),
        axis=-1,
    )


def about_z(angle_rad: FloatArray) -> FloatArray:
    """Rotations about the earth's vertical, (n,) → (n, 4)."""
    half = 0.5 * np.asarray(angle_rad)
    zero = np.zeros_like(half)
    return np.stack((np.cos(half), zero, zero, np.sin(half)), axis=-1)


def about_axis(axis: FloatArray, angle_rad: float) -> FloatArray:
    """Rotation by `angle_rad` about a vector (3,) → (4,)."""
    unit = axis / np.sqrt((axis * axis).sum())
    return np.concatenate(([np.cos(0.5 * angle_rad)], np.sin(0.5 * angle_rad) * unit))


def from_vector(rotation_vector_rad: FloatArray) -> FloatArray:
    """Rotation vectors (n, 3) in radians → (n, 4)."""
    angle = np.sqrt((rotation_vector_rad**2).sum(axis=-1))
    half = 0.5 * angle
    # sin(x/2)/x tends to 1/2: np.sinc is sin(πx)/(πx)
    scale = 0.5 * np.sinc(half / np.pi)
    return np.concatenate((np.cos(half)[..., None], scale[..., None] * rotation_vector_rad), -1)


def to_vector(quat: FloatArray) -> FloatArray:
    """Rotation vectors (n, 3) in radians of unit quaternions (n, 4), shortest way."""
    short = np.where(quat[..., :1] < 0, -quat, quat)
    sine = np.sqrt((short[..., 1:] ** 2).sum(axis=-1))
    half = np.arctan2(sine, short[..., 0])
    scale = np.where(sine > 1e-12, 2 * half / np.maximum(sine, 1e-12), 2.0)
    return np.asarray(scale[..., None] * short[..., 1:], dtype=np.float64)


def from_axes(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Rotation that turns the unit axes of A, given in frame B as (3,) each, → (4,) A → B.

    Follows Shepperd (1978), choosing the largest component as divisor.
    """
    trace = x[0] + y[1] + z[2]
    squares = np.array([trace, 2 * x[0] - trace, 2 * y[1] - trace, 2 * z[2] - trace])
    largest = int(np.argmax(squares))
    s = 0.5 * np.sqrt(1.0 + squares[largest])
    f = 0.25 / s
    wx, wy, wz = (y[2] - z[1]) * f, (z[0] - x[2]) * f, (x[1] - y[0]) * f
    xy, xz, yz = (x[1] + y[0]) * f, (z[0] + x[2]) * f, (y[2] + z[1]) * f
    rows = ([s, wx, wy, wz], [wx, s, xy, xz], [wy, xy, s, yz], [wz, xz, yz, s])
    return normalise(np.array(rows[largest], dtype=np.float64))


def normalise(quat: FloatArray) -> FloatArray:
    """Scale to unit length, (..., 4)."""
    return quat / np.sqrt((quat * quat).sum(axis=-1, keepdims=True))


def axis_in_earth(quat: FloatArray, axis: int) -> FloatArray:
    """Return where a frame's axis (0, 1, 2) points: one column of the matrix, (n, 3)."""
    w, x, y, z = _columns(quat)
    if axis == 0:
        parts = (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y))
    elif axis == 1:
        parts = (2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x))
    else:
        parts = (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y))
    return np.stack(parts, axis=-1)


def vertical_in_frame(quat: FloatArray) -> FloatArray:
    """Return the earth's vertical seen from the frame: last row of the matrix, (n, 3)."""
    w, x, y, z = _columns(quat)
    parts = (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y))
    return np.stack(parts, axis=-1)


def _columns(quat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    return quat[..., 0], quat[..., 1], quat[..., 2], quat[..., 3]
