"""Unit quaternions, scalar first, as plain arrays.

`quat_wxyz` (..., 4) turns a vector of frame A into frame B: ``v_B = rotate(quat, v_A)``. Products
are written out component by component, so that a row's result never depends on its neighbours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hipimu.maths.layout import columns_of

FloatArray = NDArray[np.float64]


def multiply(left: FloatArray, right: FloatArray) -> FloatArray:
    """Hamilton product: first `right`, then `left`. Shapes broadcast, (..., 4)."""
    w1, x1, y1, z1 = _columns(left)
    w2, x2, y2, z2 = _columns(right)
    product = columns_of(np.broadcast_shapes(left.shape, right.shape))
    product[..., 0] = w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2
    product[..., 1] = w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2
    product[..., 2] = w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2
    product[..., 3] = w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2
    return product


def conjugate(quat: FloatArray) -> FloatArray:
    """Return the inverse of unit quaternions, (..., 4)."""
    return np.asarray(quat * np.array([1.0, -1.0, -1.0, -1.0]))


def rotate(quat: FloatArray, vector: FloatArray) -> FloatArray:
    """Turn vectors (..., 3) by unit quaternions (..., 4); shapes broadcast."""
    if quat.ndim == 1:
        return _rotate_by_one(quat, vector)
    w, x, y, z = _columns(quat)
    vx, vy, vz = vector[..., 0], vector[..., 1], vector[..., 2]
    # v + 2w(u×v) + 2u×(u×v), Rodrigues' formula with t = 2u×v
    tx, ty, tz = 2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)
    turned = columns_of((*np.broadcast_shapes(quat.shape[:-1], vector.shape[:-1]), 3))
    turned[..., 0] = vx + w * tx + y * tz - z * ty
    turned[..., 1] = vy + w * ty + z * tx - x * tz
    turned[..., 2] = vz + w * tz + x * ty - y * tx
    return turned


def _rotate_by_one(quat: FloatArray, vector: FloatArray) -> FloatArray:
    """Turn all vectors alike: nine products each instead of eighteen."""
    w, x, y, z = quat.tolist()  # plain numbers: their arithmetic is much the quicker
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    vx, vy, vz = vector[..., 0], vector[..., 1], vector[..., 2]
    turned = columns_of(vector.shape)
    for i, (a, b, c) in enumerate(rows):
        turned[..., i] = a * vx + b * vy + c * vz
    return turned


def about_z(angle_rad: FloatArray) -> FloatArray:
    """Rotations about the earth's vertical, (n,) → (n, 4)."""
    half = 0.5 * np.asarray(angle_rad)
    quat = columns_of((len(half), 4))
    quat[:, 0], quat[:, 1:3], quat[:, 3] = np.cos(half), 0.0, np.sin(half)
    return quat


def turned_about_z(quat: FloatArray, angle_rad: FloatArray) -> FloatArray:
    """Turn frames (n, 4) about the earth's vertical by (n,): ``multiply(about_z(angle), quat)``."""
    cos, sin = np.cos(0.5 * angle_rad), np.sin(0.5 * angle_rad)
    w, x, y, z = _columns(quat)
    turned = columns_of(quat.shape)
    turned[:, 0] = cos * w - sin * z
    turned[:, 1] = cos * x - sin * y
    turned[:, 2] = cos * y + sin * x
    turned[:, 3] = cos * z + sin * w
    return turned


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


def from_matrices(matrix: FloatArray) -> FloatArray:
    """Rotation matrices (n, 3, 3) A → B → (n, 4), each scaled to unit length.

    Follows Shepperd (1978) like `from_axes`, for many rows at once.
    """
    trace = matrix[:, 0, 0] + matrix[:, 1, 1] + matrix[:, 2, 2]
    diagonal = np.stack([matrix[:, i, i] for i in range(3)], axis=1)
    squares = np.column_stack([trace, 2 * diagonal - trace[:, None]])
    w = matrix[:, [2, 0, 1], [1, 2, 0]] - matrix[:, [1, 2, 0], [2, 0, 1]]
    pairs = matrix[:, [1, 2, 2], [0, 0, 1]] + matrix[:, [0, 0, 1], [1, 2, 2]]
    xy, xz, yz = pairs.T
    # Four times each component times the one that is chosen as divisor.
    products = np.empty((len(matrix), 4, 4))
    products[:, 0] = np.column_stack([1 + squares[:, 0], w])
    products[:, 1] = np.column_stack([w[:, 0], 1 + squares[:, 1], xy, xz])
    products[:, 2] = np.column_stack([w[:, 1], xy, 1 + squares[:, 2], yz])
    products[:, 3] = np.column_stack([w[:, 2], xz, yz, 1 + squares[:, 3]])
    return normalise(products[np.arange(len(matrix)), np.argmax(squares, axis=1)])


def from_roll_pitch_yaw(angles_rad: FloatArray) -> FloatArray:
    """Turns about x, then y, then z of the fixed frame (n, 3) in radians → (n, 4)."""
    half = 0.5 * angles_rad
    (cr, cp, cy), (sr, sp, sy) = np.cos(half).T, np.sin(half).T
    return np.column_stack(
        [
            cr * cp * cy + sr * sp * sy,
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
        ]
    )


def normalise(quat: FloatArray) -> FloatArray:
    """Scale to unit length, (..., 4)."""
    return np.asarray(quat / np.sqrt((quat * quat).sum(axis=-1, keepdims=True)))


def axis_in_earth(quat: FloatArray, axis: int) -> FloatArray:
    """Return where a frame's axis (0, 1, 2) points: one column of the matrix, (n, 3)."""
    w, x, y, z = _columns(quat)
    column = columns_of((*quat.shape[:-1], 3))
    if axis == 0:
        column[..., 0] = 1 - 2 * (y * y + z * z)
        column[..., 1] = 2 * (x * y + w * z)
        column[..., 2] = 2 * (x * z - w * y)
    elif axis == 1:
        column[..., 0] = 2 * (x * y - w * z)
        column[..., 1] = 1 - 2 * (x * x + z * z)
        column[..., 2] = 2 * (y * z + w * x)
    else:
        column[..., 0] = 2 * (x * z + w * y)
        column[..., 1] = 2 * (y * z - w * x)
        column[..., 2] = 1 - 2 * (x * x + y * y)
    return column


def vertical_in_frame(quat: FloatArray) -> FloatArray:
    """Return the earth's vertical seen from the frame: last row of the matrix, (n, 3)."""
    w, x, y, z = _columns(quat)
    row = columns_of((*quat.shape[:-1], 3))
    row[..., 0] = 2 * (x * z - w * y)
    row[..., 1] = 2 * (y * z + w * x)
    row[..., 2] = 1 - 2 * (x * x + y * y)
    return row


def cardan_zxy(quat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the turns about z, then the new x, then the new y, in radians, (n,) each."""
    y_axis = axis_in_earth(quat, 1)
    z_row = vertical_in_frame(quat)
    about_z = np.arctan2(-y_axis[:, 0], y_axis[:, 1])
    about_x = np.arcsin(np.clip(y_axis[:, 2], -1, 1))
    return about_z, about_x, np.arctan2(-z_row[:, 0], z_row[:, 2])


def _columns(quat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    return quat[..., 0], quat[..., 1], quat[..., 2], quat[..., 3]
