"""Causal filters: SciPy's numbers, whatever the cuts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import signal

from hipimu.data import FloatArray
from hipimu.maths import filters

N = 60


def noise(seed: int = 0, columns: int = 3) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(N, columns)) + 2.0


@pytest.mark.parametrize(
    ("cutoff_hz", "expected"),
    [
        (5.0, signal.butter(2, 5.0, "lowpass", fs=100.0, output="sos")),
        ((0.5, 8.0), signal.butter(2, [0.5, 8.0], "bandpass", fs=100.0, output="sos")),
    ],
)
def test_run_is_scipys_filter_started_at_rest_on_the_first_sample(
    cutoff_hz: float | tuple[float, float], expected: FloatArray
) -> None:
    sections = filters.butterworth(2, cutoff_hz, 100.0)
    values = noise()

    filtered, _ = filters.run(sections, values, None)

    assert_array_equal(sections, expected)
    for column in range(3):
        zi = signal.sosfilt_zi(expected) * values[0, column]
        assert_array_equal(
            filtered[:, column], signal.sosfilt(expected, values[:, column], zi=zi)[0]
        )


@given(st.lists(st.integers(1, N - 1), max_size=5, unique=True), st.integers(0, 1000))
def test_cuts_change_no_bit(cuts: list[int], seed: int) -> None:
    sections = filters.butterworth(2, (0.5, 8.0), 50.0)
    values = noise(seed)
    whole, last = filters.run(sections, values, None)

    memory, pieces = None, []
    for piece in np.split(values, sorted(cuts)):
        filtered, memory = filters.run(sections, piece, memory)
        pieces.append(filtered)

    assert_array_equal(np.concatenate(pieces), whole)
    assert memory is not None
    assert_array_equal(memory, last)


def test_a_constant_passes_a_low_pass_from_the_first_sample_and_never_a_band_pass() -> None:
    values = np.full((N, 2), 3.0)

    low, _ = filters.run(filters.butterworth(2, 5.0, 100.0), values, None)
    band, _ = filters.run(filters.butterworth(2, (0.5, 8.0), 100.0), values, None)

    assert_allclose(low, values, rtol=1e-9)
    assert_allclose(band, 0.0, atol=1e-9)


@given(st.integers(0, 1000))
def test_cross_is_numpys_and_broadcasts(seed: int) -> None:
    left, right = noise(seed), noise(seed + 1)

    assert_allclose(filters.cross(left, right), np.cross(left, right), atol=1e-14)
    assert_allclose(filters.cross(left, right[0]), np.cross(left, right[0]), atol=1e-14)
    assert_allclose(filters.cross(left[0], right[0]), np.cross(left[0], right[0]), atol=1e-14)


def test_length_is_the_euclidean_norm() -> None:
    assert_allclose(filters.length(np.array([[3.0, 4.0, 12.0], [0, 0, 0]])), [13.0, 0.0])
