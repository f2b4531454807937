"""Slopes, crossings and vertices, on curves where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import signal

from hipimu.maths import peaks

COEFFICIENTS = st.floats(-50.0, 50.0)


@given(st.integers(1, 6), st.integers(0, 1000))
def test_slope_is_the_quadratic_savitzky_golay_derivative(half: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=40)
    expected = signal.savgol_filter(values, 2 * half + 1, polyorder=2, deriv=1)

    assert_allclose(peaks.slope(values, half), expected[half:-half], atol=1e-12)


@given(st.integers(1, 6), st.integers(0, 1000), st.integers(0, 20))
def test_slope_does_not_depend_on_what_lies_outside_its_window(
    half: int, seed: int, first: int
) -> None:
    values = np.random.default_rng(seed).normal(size=40)

    assert_array_equal(peaks.slope(values[first:], half), peaks.slope(values, half)[first:])


@pytest.mark.parametrize("n", [0, 1, 6])
def test_slope_of_less_than_a_window_is_empty(n: int) -> None:
    assert len(peaks.slope(np.arange(float(n)), 3)) == 0


def test_crossings_are_where_the_sign_changes_and_a_zero_counts_as_below() -> None:
    values = np.array([-1.0, 1.0, 0.0, 0.0, 2.0, -3.0, -1.0, 0.0, -1.0])

    assert_array_equal(peaks.rising_crossings(values), [0, 3])
    assert_array_equal(peaks.falling_crossings(values), [1, 4])


def test_local_maxima_takes_the_first_sample_of_a_plateau_and_no_ends() -> None:
    values = np.array([9.0, 1.0, 3.0, 3.0, 2.0, 2.0, 4.0, 1.0, 5.0])

    assert_array_equal(peaks.local_maxima(values), [2, 6])


@given(st.floats(-0.5, 0.5), st.floats(0.01, 50.0), COEFFICIENTS, st.sampled_from([-1.0, 1.0]))
def test_vertices_of_parabolas_are_exact(
    offset: float, width: float, top: float, sign: float
) -> None:
    before, middle, after = (
        np.array([top - sign * width * (at - offset) ** 2]) for at in (-1.0, 0.0, 1.0)
    )
    found, value = peaks.parabola_vertices(before, middle, after)

    assert_allclose(found, [offset], atol=1e-9)
    assert_allclose(value, [top], atol=1e-9)


def test_a_line_has_its_vertex_in_the_middle_and_nothing_leaves_half_a_sample() -> None:
    before, middle, after = np.array([1.0, 0.0]), np.array([2.0, 1.0]), np.array([3.0, 1.9])
    offset, value = peaks.parabola_vertices(before, middle, after)

    assert_array_equal(offset, [0.0, 0.5])
    assert value[0] == 2.0
