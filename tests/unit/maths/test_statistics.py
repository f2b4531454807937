"""Blocks keep neighbours together: that is what they are for."""

from __future__ import annotations

from statistics import median_high

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.maths import statistics
from hipimu.maths.statistics import FloatArray


def test_block_means_drop_a_shorter_rest() -> None:
    assert_array_equal(statistics.block_means(np.arange(8.0), 3), [1.0, 4.0])
    assert len(statistics.block_means(np.arange(2.0), 3)) == 0


def samples_of(values: FloatArray, length: int, draws: int, seed: int) -> FloatArray:
    """The samples whose sums are returned, (draws, n): one place at a time, drawn alike."""
    places = np.eye(len(values))
    return np.stack(
        [
            statistics.moving_block_sums(
                values, weights, length, draws, np.random.default_rng(seed)
            )
            for weights in places
        ],
        axis=1,
    )


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 1000))
def test_moving_blocks_join_runs_of_consecutive_values(n: int, length: int, seed: int) -> None:
    values = np.arange(float(n))
    samples = samples_of(values, length, 6, seed)
    used = min(length, n)

    assert samples.shape == (6, n)
    assert set(samples.ravel()) <= set(values)
    for start in range(0, n, used):
        block = samples[:, start : start + used]
        assert np.all(np.diff(block, axis=1) == 1)


def test_every_block_is_drawn_and_equal_seeds_draw_equally() -> None:
    values = np.arange(10.0)
    draws = [samples_of(values, 3, 400, seed=5) for _ in range(2)]

    assert set(draws[0][:, 0]) == set(range(8))
    assert_array_equal(draws[0], draws[1])


@given(st.integers(1, 30), st.integers(1, 9), st.integers(0, 1000))
def test_block_sums_are_weighted_sums_of_whole_samples(n: int, length: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(size=(2, n))

    sums = statistics.moving_block_sums(values, weights, length, 5, np.random.default_rng(seed))

    assert_allclose(sums, samples_of(values, length, 5, seed) @ weights, atol=1e-12)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_middle_is_the_upper_median(values: list[float]) -> None:
    before = list(values)

    assert statistics.middle(values) == median_high(values)
    assert values == before
