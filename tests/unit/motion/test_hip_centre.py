"""Specific force carried along a rigid body to the joint."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import SIDES, FloatArray
from hipimu.maths import quaternion
from hipimu.motion.hip_centre import (
    PELVIS_LEVER_M,
    REFERENCE_HEIGHT_M,
    THIGH_LEVER_M,
    levers_of,
    midway,
    specific_force_at,
)
from hipimu.units import GRAVITY_M_S2

RATE_HZ = 1000.0
LEVER_M = np.array([-0.02, 0.20, 0.06])


def pendulum() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """A body that swings and twists about a joint which itself is shaken.

    Returns orientation (n, 4), angular rate and specific force of a sensor (n, 3) in body axes,
    and the joint's specific force in the earth frame (n, 3) – by differences of positions only.
    """
    t = np.arange(-2, 502) / RATE_HZ
    vectors = np.stack((0.3 * np.sin(9 * t), 0.4 * np.sin(5 * t + 1), 0.8 * np.sin(8 * t)), axis=1)
    quat = quaternion.from_vector(vectors)
    joint = np.stack((0.02 * np.sin(20 * t), 0.01 * np.cos(17 * t), 0.03 * np.sin(19 * t)), axis=1)
    sensor = joint - quaternion.rotate(quat, np.tile(LEVER_M, (len(t), 1)))

    def felt(position: FloatArray) -> FloatArray:
        curve = (position[2:] - 2 * position[1:-1] + position[:-2]) * RATE_HZ**2
        curve[:, 2] += GRAVITY_M_S2
        return np.asarray(curve)

    step = quaternion.multiply(quaternion.conjugate(quat[:-2]), quat[2:])
    rate = quaternion.to_vector(step) * (0.5 * RATE_HZ)
    inner = quat[1:-1]
    return inner, rate, quaternion.rotate(quaternion.conjugate(inner), felt(sensor)), felt(joint)


def test_the_joints_force_is_found_from_a_sensor_20_cm_away() -> None:
    quat, gyr, acc, expected = pendulum()
    found = specific_force_at(LEVER_M, midway(quat, gyr, acc, (gyr[0], acc[0]), RATE_HZ))
    at_sensor = quaternion.rotate(quat, acc)

    half_way = 0.5 * (expected[1:] + expected[:-1])
    assert np.abs(at_sensor - expected).max() > 8.0  # what the lever arm does
    assert_allclose(found[1:], half_way, atol=0.15)


def test_midway_lies_between_a_sample_and_the_one_before() -> None:
    values, before = np.arange(9.0).reshape(3, 3), np.full(3, 9.0)
    quat = np.tile([1.0, 0.0, 0.0, 0.0], (3, 1))

    motion = midway(quat, values, values, (before, before), 10.0)
    thinned = midway(quat, values, values, (before, before), 10.0, slice(1, None, 2))

    assert_array_equal(motion.rate_rad_s[:, 0], [4.5, 1.5, 4.5])
    assert_array_equal(motion.speeding_rad_s2[:, 0], [-90.0, 30.0, 30.0])
    assert_array_equal(thinned.acc_m_s2, motion.acc_m_s2[1::2])


def test_lever_arms_mirror() -> None:
    for levers in (PELVIS_LEVER_M, THIGH_LEVER_M):
        assert_array_equal(levers["left"] * [1.0, 1.0, -1.0], levers["right"])


def test_lever_arms_grow_with_height() -> None:
    usual, given, tall = (levers_of(height) for height in (None, REFERENCE_HEIGHT_M, 2.1))
    for side in SIDES:
        assert_array_equal(usual.pelvis_m[side], PELVIS_LEVER_M[side])
        assert_array_equal(usual.thigh_m[side], THIGH_LEVER_M[side])
        assert_array_equal(given.thigh_m[side], THIGH_LEVER_M[side])
        assert_allclose(tall.pelvis_m[side], 1.2 * PELVIS_LEVER_M[side])
        assert_allclose(tall.thigh_m[side], 1.2 * THIGH_LEVER_M[side])
