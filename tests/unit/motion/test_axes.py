"""Medio-lateral axes of made-up motions, whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from hipimu.data import FloatArray
from hipimu.maths import quaternion
from hipimu.motion import axes

SEEDS = st.integers(0, 10_000)
T = np.arange(800) / 100.0
HALF = 40.0
"""Half a stride, in samples; a stride takes 0.8 s."""
STRIDE = 2 * np.pi / 0.8


def mount(seed: int) -> FloatArray:
    """A random segment → sensor quaternion (4,)."""
    return quaternion.normalise(np.random.default_rng(seed).normal(size=4))


def angle_deg(one: FloatArray, other: FloatArray) -> float:
    """Between two axes without sign."""
    return float(np.degrees(np.arccos(np.clip(abs((one * other).sum()), 0.0, 1.0))))


def seen(quat: FloatArray, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Components along the segment's axes, as the sensor sees them, (n, 3)."""
    return quaternion.rotate(quat, np.stack((x, y, z), axis=1))


@given(SEEDS)
def test_the_horizontal_basis_is_orthonormal_and_right_handed(seed: int) -> None:
    up = quaternion.rotate(mount(seed), np.array([0.0, 1.0, 0.0]))
    first, second = axes.horizontal_basis(up)

    assert_allclose(
        np.stack((first, second, up)) @ np.stack((first, second, up)).T, np.eye(3), atol=1e-12
    )
    assert_allclose(np.cross(first, second), up, atol=1e-12)


@given(SEEDS)
def test_the_thigh_axis_ignores_even_the_fastest_turn_about_the_long_axis(seed: int) -> None:
    quat = mount(seed)
    gyr = seen(quat, 0.5 * np.sin(STRIDE * T), 9 * np.sin(2 * STRIDE * T), 4 * np.cos(STRIDE * T))
    up, right = (quaternion.rotate(quat, axis) for axis in np.eye(3)[1:])
    found = axes.thigh_axis(up, gyr + 0.3)  # a constant bias changes nothing

    assert angle_deg(found.axis, right) < 0.1
    assert found.ratio == pytest.approx(8.0)
    assert abs((found.axis * up).sum()) < 1e-12


@given(SEEDS)
def test_the_pelvis_axis_is_found_where_obliquity_is_larger_than_tilt(seed: int) -> None:
    """The largest principal axis would be 90° off here: symmetry tells tilt from obliquity."""
    quat = mount(seed)
    gyr = seen(quat, 1.5 * np.sin(STRIDE * T), 2 * np.cos(STRIDE * T), 0.5 * np.sin(2 * STRIDE * T))
    acc = seen(
        quat, 2 * np.sin(2 * STRIDE * T), 9.8 + 6 * np.cos(2 * STRIDE * T), 3 * np.sin(STRIDE * T)
    )
    up, right = (quaternion.rotate(quat, axis) for axis in np.eye(3)[1:])
    windows = [(gyr[:400], acc[:400], HALF), (gyr[400:], acc[400:], HALF)]
    found = axes.pelvis_axis(up, windows)

    assert angle_deg(found.axis, right) < 0.5
    assert angle_deg(axes.thigh_axis(up, gyr).axis, right) > 80.0


@given(SEEDS)
def test_the_upright_frame_has_its_axes_where_it_was_told(seed: int) -> None:
    quat = mount(seed)
    up, right = (quaternion.rotate(quat, axis) for axis in np.eye(3)[1:])
    found = axes.upright_frame(up, right + 0.2 * up)  # what is not horizontal is left out

    assert_allclose(abs((found * quat).sum()), 1.0, atol=1e-12)
