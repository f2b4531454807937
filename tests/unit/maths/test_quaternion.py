"""Quaternions against SciPy's rotations, which were written by others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.transform import Rotation

from hipimu.data import FloatArray
from hipimu.maths import quaternion

SEEDS = st.integers(0, 2**32 - 1)
ANGLES = st.floats(-10.0, 10.0)
HALF_TURN_AXES = [
    (1, 0, 0),
    (0, 1, 0),
    (0, 0, 1),
    (1, 1, 0),
    (0, 1, -1),
    (-1, 0, 1),
    (1, -2, 3),
]


def random_quats(seed: int, n: int = 7) -> FloatArray:
    return quaternion.normalise(np.random.default_rng(seed).normal(size=(n, 4)))


def random_vectors(seed: int, n: int = 7) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(n, 3))


def scipy_of(quat: FloatArray) -> Rotation:
    return Rotation.from_quat(np.roll(quat, -1, axis=-1))


def assert_same_rotation(quat: FloatArray, expected: Rotation) -> None:
    assert_allclose(scipy_of(quat).as_matrix(), expected.as_matrix(), atol=1e-12)


@given(SEEDS, SEEDS)
def test_multiply_turns_by_the_right_one_first(one: int, other: int) -> None:
    left, right = random_quats(one), random_quats(other)

    assert_same_rotation(quaternion.multiply(left, right), scipy_of(left) * scipy_of(right))


@given(SEEDS, SEEDS, SEEDS)
def test_multiply_is_associative(a: int, b: int, c: int) -> None:
    x, y, z = random_quats(a), random_quats(b), random_quats(c)
    one_way = quaternion.multiply(quaternion.multiply(x, y), z)
    other_way = quaternion.multiply(x, quaternion.multiply(y, z))

    assert_allclose(one_way, other_way, atol=1e-14)


def test_multiply_broadcasts_one_over_many() -> None:
    one, many = random_quats(1, 1)[0], random_quats(2)

    assert_array_equal(
        quaternion.multiply(one, many), [quaternion.multiply(one, row) for row in many]
    )
    assert_array_equal(
        quaternion.multiply(many, one), [quaternion.multiply(row, one) for row in many]
    )


@given(SEEDS)
def test_conjugate_is_the_inverse(seed: int) -> None:
    quat = random_quats(seed)
    back = quaternion.multiply(quaternion.conjugate(quat), quat)

    assert_allclose(back, np.tile([1.0, 0, 0, 0], (len(quat), 1)), atol=1e-14)


@given(SEEDS, SEEDS)
def test_rotate_agrees_with_scipy_row_by_row_and_for_one_quaternion(one: int, other: int) -> None:
    quats, vectors = random_quats(one), random_vectors(other)

    assert_allclose(quaternion.rotate(quats, vectors), scipy_of(quats).apply(vectors), atol=1e-13)
    assert_allclose(
        quaternion.rotate(quats[0], vectors), scipy_of(quats[0]).apply(vectors), atol=1e-13
    )
    assert_allclose(
        quaternion.rotate(quats, vectors[0]), scipy_of(quats).apply(vectors[0]), atol=1e-13
    )
    assert quaternion.rotate(quats[0], vectors[0]).shape == (3,)


@given(SEEDS)
def test_a_row_does_not_depend_on_its_neighbours(seed: int) -> None:
    quats, vectors = random_quats(seed), random_vectors(seed)

    for function, second in ((quaternion.rotate, vectors), (quaternion.multiply, quats[::-1])):
        whole = function(quats, second)
        pieces = [function(quats[i : i + 1], second[i : i + 1]) for i in range(len(quats))]
        assert_array_equal(whole, np.concatenate(pieces))


@given(ANGLES, SEEDS)
def test_turning_about_the_vertical(angle: float, seed: int) -> None:
    quats = random_quats(seed)
    angles = np.linspace(angle, angle + 3.0, len(quats))
    about_z = Rotation.from_rotvec(angles[:, None] * [0.0, 0.0, 1.0])

    assert_same_rotation(quaternion.about_z(angles), about_z)
    assert_same_rotation(quaternion.turned_about_z(quats, angles), about_z * scipy_of(quats))


@given(SEEDS, ANGLES)
def test_about_axis_takes_axes_of_any_length(seed: int, angle: float) -> None:
    axis = 5.0 * random_vectors(seed, 1)[0]
    expected = Rotation.from_rotvec(angle * axis / np.linalg.norm(axis))

    assert_same_rotation(quaternion.about_axis(axis, angle), expected)


@given(SEEDS, st.floats(0.0, 3.1))
def test_rotation_vectors_there_and_back(seed: int, size: float) -> None:
    direction = random_vectors(seed)
    vectors = size * direction / np.linalg.norm(direction, axis=1)[:, None]
    quat = quaternion.from_vector(vectors)

    assert_same_rotation(quat, Rotation.from_rotvec(vectors))
    assert_allclose(quaternion.to_vector(quat), vectors, atol=1e-9)


@given(SEEDS)
def test_to_vector_goes_the_shortest_way_whatever_the_sign(seed: int) -> None:
    quat = random_quats(seed)

    assert_allclose(quaternion.to_vector(-quat), quaternion.to_vector(quat), atol=1e-12)
    assert_allclose(quaternion.to_vector(quat), scipy_of(quat).as_rotvec(), atol=1e-9)


def test_the_rotation_vector_of_no_rotation_is_zero() -> None:
    assert_array_equal(quaternion.from_vector(np.zeros((1, 3))), [[1.0, 0, 0, 0]])
    assert_array_equal(quaternion.to_vector(np.array([[1.0, 0, 0, 0]])), np.zeros((1, 3)))


@given(SEEDS)
def test_from_axes_takes_back_the_axes_of_any_rotation(seed: int) -> None:
    turn = scipy_of(random_quats(seed, 1)[0])
    x, y, z = turn.as_matrix().T
    quat = quaternion.from_axes(x, y, z)

    assert_same_rotation(quat, turn)
    assert np.linalg.norm(quat) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("axis", HALF_TURN_AXES)
@pytest.mark.parametrize("short_of", [0.0, 1e-9, -1e-9])
def test_from_axes_holds_at_half_turns(axis: tuple[int, ...], short_of: float) -> None:
    """Half turns have w = 0: dividing by it is what goes wrong there."""
    unit = np.array(axis) / np.linalg.norm(axis)
    turn = Rotation.from_rotvec((np.pi - short_of) * unit)
    quat = quaternion.from_axes(*turn.as_matrix().T)

    assert_same_rotation(quat, turn)


@given(SEEDS)
def test_axes_and_vertical_are_columns_and_last_row_of_the_matrix(seed: int) -> None:
    quats = random_quats(seed)
    matrix = scipy_of(quats).as_matrix()

    for axis in range(3):
        assert_allclose(quaternion.axis_in_earth(quats, axis), matrix[:, :, axis], atol=1e-13)
    assert_allclose(quaternion.vertical_in_frame(quats), matrix[:, 2, :], atol=1e-13)


def test_normalise_scales_every_row() -> None:
    quats = random_quats(3)

    assert_allclose(quaternion.normalise(quats * 7.0), quats, atol=1e-15)


@pytest.mark.parametrize("axis", HALF_TURN_AXES)
@given(seed=SEEDS)
def test_many_matrices_at_once(seed: int, axis: tuple[int, int, int]) -> None:
    half_turn = np.array([0.0, *axis]) / np.linalg.norm(axis)
    quats = np.vstack([random_quats(seed), half_turn])

    matrices = scipy_of(quats).as_matrix()

    assert_same_rotation(quaternion.from_matrices(matrices), scipy_of(quats))


@given(SEEDS)
def test_roll_pitch_yaw_turn_about_the_fixed_axes(seed: int) -> None:
    angles = 3.0 * random_vectors(seed)

    assert_same_rotation(quaternion.from_roll_pitch_yaw(angles), Rotation.from_euler("xyz", angles))
