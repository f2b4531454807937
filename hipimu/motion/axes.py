"""Which way is forward on a strap: segment axes from standing and gait.

Standing gives each sensor's vertical. The medio-lateral axis lies in the horizontal plane and is
found there as a direction without sign; `signs.py` tells right from left afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hipimu.data import FloatArray
from hipimu.maths import quaternion
from hipimu.maths.filters import cross


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """A horizontal direction in sensor axes, sign unknown."""

    axis: FloatArray
    """(3,) unit."""
    ratio: float
    """Standard deviation along it over that across it."""


def horizontal_basis(up: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Two unit vectors (3,) that span the plane across `up`; any right-handed pair will do."""
    helper = np.eye(3)[int(np.argmin(np.abs(up)))]
    first = cross(up, helper)
    first = first / np.sqrt((first**2).sum())
    return first, cross(up, first)


def thigh_axis(up: FloatArray, gyr_rad_s: FloatArray) -> Direction:
    """Medio-lateral axis of a thigh: principal direction of the horizontal angular rate.

    The vertical part is left out first: in running the thigh turns fastest about its long axis.

    Parameters
    ----------
    up : (3,)
        Vertical while standing, sensor axes.
    gyr_rad_s : (n, 3)
        Low-passed, during gait.
    """
    return _principal(up, [_moments(up, gyr_rad_s)])


def pelvis_axis(up: FloatArray, windows: list[tuple[FloatArray, FloatArray, float]]) -> Direction:
    """Medio-lateral axis of the pelvis from the symmetry of gait.

    Left and right steps mirror each other. So what repeats every *step* (the even part) moves in
    the sagittal plane – tilt rate about, acceleration across the medio-lateral axis – and what
    alternates between steps (the odd part) moves across it: obliquity rate, sideways acceleration.
    Four estimates of one direction that do not share their errors, each counted by how clearly it
    stands out. The largest principal axis of the whole signal would mix the two.

    Parameters
    ----------
    up : (3,)
        Vertical while standing, sensor axes.
    windows : list of (gyr (n, 3), acc (n, 3), half a stride in samples)
        Band-limited, during gait.
    """
    moments = []
    halves = [round(half) for _, _, half in windows]
    gyr, acc = [w[0] for w in windows], [w[1] for w in windows]
    for parts, even_is_along in ((gyr, True), (acc, False)):
        pairs = list(zip(parts, halves, strict=True))
        even = np.sum([_moments(up, _even(part, half)) for part, half in pairs], axis=0)
        odd = np.sum([_moments(up, _odd(part, half)) for part, half in pairs], axis=0)
        for part, along in ((even, even_is_along), (odd, not even_is_along)):
            part = part / max(part[0] + part[1], 1e-12)
            moments.append(part if along else _turned(part))
    return _principal(up, moments)


def upright_frame(up: FloatArray, right: FloatArray) -> FloatArray:
    """Segment → sensor quaternion (4,) from vertical and right, sensor axes."""
    right = right - (right * up).sum() * up
    right = right / np.sqrt((right**2).sum())
    return quaternion.from_axes(cross(up, right), up, right)


def _even(values: FloatArray, half: int) -> FloatArray:
    return 0.5 * (values[:-half] + values[half:])


def _odd(values: FloatArray, half: int) -> FloatArray:
    return 0.5 * (values[:-half] - values[half:])


def _moments(up: FloatArray, values: FloatArray) -> FloatArray:
    """Second moments (xx, yy, xy) of the horizontal part of (n, 3), mean removed."""
    first, second = horizontal_basis(up)
    x, y = (values * first).sum(axis=1), (values * second).sum(axis=1)
    x, y = x - x.mean(), y - y.mean()
    return np.array([(x * x).sum(), (y * y).sum(), (x * y).sum()])


def _turned(moments: FloatArray) -> FloatArray:
    """Moments after a quarter turn of the plane."""
    return np.array([moments[1], moments[0], -moments[2]])


def _principal(up: FloatArray, parts: list[FloatArray]) -> Direction:
    xx, yy, xy = np.sum(parts, axis=0)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    spread = np.hypot(0.5 * (xx - yy), xy)
    middle = 0.5 * (xx + yy)
    first, second = horizontal_basis(up)
    axis = np.cos(angle) * first + np.sin(angle) * second
    return Direction(axis, float(np.sqrt((middle + spread) / max(middle - spread, 1e-12))))
