"""Every orientation filter by name: upright on a slowly moving pelvis, resumable anywhere."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import FloatArray
from hipimu.errors import UnknownNameError
from hipimu.maths import quaternion
from hipimu.motion import FILTER_NAMES
from hipimu.motion.filters import make_filter, upright_from
from hipimu.sources.simulate import Plan
from hipimu.units import deg_from_rad
from tests.unit.conftest import STAND, WALK, Motion, motion_of

TILT_BOUND_DEG = {"vqf": 0.5, "madgwick": 2.5, "mahony": 2.0, "ekf": 2.0}
"""Largest tilt error of a pelvis that stands, then walks, in degrees."""


@pytest.fixture(scope="module")
def walking() -> Motion:
    return motion_of(Plan(seed=5, rate_hz=100.0, warm_up=(STAND,), bouts=(WALK,)))


def tilt_error_deg(quats: FloatArray, motion: Motion) -> FloatArray:
    """Angle between the estimated and the true vertical in sensor axes, (n,)."""
    truth = quaternion.rotate(
        motion.mounting["pelvis"], quaternion.vertical_in_frame(motion.pose.pelvis_wxyz)
    )
    found = quaternion.vertical_in_frame(quats)
    return deg_from_rad(np.arccos(np.clip((truth * found).sum(axis=1), -1.0, 1.0)))


def test_a_bound_is_stated_for_every_filter() -> None:
    assert set(TILT_BOUND_DEG) == set(FILTER_NAMES)


@pytest.mark.parametrize("name", FILTER_NAMES)
def test_the_tilt_of_a_walking_pelvis_stays_within_its_bound(name: str, walking: Motion) -> None:
    samples = walking.samples
    quats = make_filter(name, 100.0).update(samples.gyr_rad_s["pelvis"], samples.acc_m_s2["pelvis"])

    assert_allclose(np.linalg.norm(quats, axis=1), 1.0, atol=1e-9)
    assert tilt_error_deg(quats, walking).max() < TILT_BOUND_DEG[name]


@pytest.mark.parametrize("name", FILTER_NAMES)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_turning_about_a_sensor_axis_is_followed_the_right_way(name: str, axis: int) -> None:
    """One radian in one second about each axis, from a slanting start: conventions cannot hide."""
    gyr = np.zeros((100, 3))
    gyr[:, axis] = 1.0
    start = quaternion.normalise(np.array([1.0, 0.3, -0.2, 0.1]))
    turned = quaternion.from_vector(gyr * np.arange(1, 101)[:, None] / 100.0)
    truth = quaternion.multiply(start, turned)
    acc = 9.80665 * quaternion.vertical_in_frame(truth)

    found = make_filter(name, 100.0).update(gyr, acc)
    travelled = quaternion.multiply(quaternion.conjugate(found[0]), found[-1])

    expected = np.zeros(3)
    expected[axis] = 0.99
    assert_allclose(quaternion.to_vector(travelled[None])[0], expected, atol=0.02)


@pytest.mark.parametrize("name", FILTER_NAMES)
def test_a_filter_goes_on_where_its_state_was_taken(name: str, walking: Motion) -> None:
    gyr, acc = walking.samples.gyr_rad_s["pelvis"][:300], walking.samples.acc_m_s2["pelvis"][:300]
    whole = make_filter(name, 100.0).update(gyr, acc)
    first, second = make_filter(name, 100.0), make_filter(name, 100.0)
    first.update(gyr[:120], acc[:120])
    state = first.state()
    first.update(gyr[:50], acc[:50])  # the state is a copy: this must not reach it
    second.restore(state)

    assert_array_equal(second.update(gyr[120:], acc[120:]), whole[120:])


def test_an_unknown_filter_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError) as caught:
        make_filter("kalman", 100.0)

    assert "'kalman'" in caught.value.what
    assert caught.value.known == FILTER_NAMES
    for name in FILTER_NAMES:
        assert name in caught.value.remedy


@pytest.mark.parametrize(
    "acc", [(0, 0, 9.8), (0, 0, -9.8), (9.8, 0, 0), (0, -9.8, 0), (1.0, 2.0, -3.0), (0, 1e-7, -1)]
)
def test_upright_from_takes_the_felt_force_up(acc: tuple[float, float, float]) -> None:
    force = np.array(acc, dtype=np.float64)
    turned = quaternion.rotate(upright_from(force), force)

    assert_allclose(turned / np.linalg.norm(force), [0.0, 0.0, 1.0], atol=1e-6)
