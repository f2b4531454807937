"""Robust statistics and resampling that respect serial dependence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def block_means(values: FloatArray, length: int) -> FloatArray:
    """Means of consecutive, non-overlapping blocks; a shorter rest is dropped."""
    count = len(values) // length
    return np.asarray(values[: count * length].reshape(count, length).mean(axis=1))


def in_order_sum(values: FloatArray, axis: int) -> FloatArray:
    """Sum along one axis, first to last.

    `numpy.sum` chooses its order by how the array lies in memory, so that its last bit may depend
    on where the input was cut.
    """
    rows = np.moveaxis(values, axis, 0)
    total = np.zeros(rows.shape[1:])
    for row in rows:
        total += row
    return total


def moving_block_sums(
    values: FloatArray, weights: FloatArray, length: int, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Weighted sums of moving-block bootstrap samples of a series.

    Blocks of `length` consecutive values are drawn with replacement, joined and cut to n (Künsch
    1989, Annals of Statistics 17:1217–1241). What a block adds to the sum depends only on the
    block and its place, so each such pair is computed once, and no sample is ever made.

    Parameters
    ----------
    values, weights : (n,)
    length : int
        Shortened to n where there are fewer values.
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    (draws,)
    """
    n = len(values)
    length = max(1, min(length, n))
    places = -(-n // length)
    blocks = np.lib.stride_tricks.sliding_window_view(values, length)
    at_place = np.zeros((places, length))
    at_place.ravel()[:n] = weights
    adds = blocks @ at_place.T
    starts = rng.integers(0, len(blocks), size=(draws, places))
    return np.asarray(adds[starts, np.arange(places)].sum(axis=1))


def middle(values: Sequence[float]) -> float:
    """Median of a few values, the upper one of two: much quicker than any library's on ten."""
    return sorted(values)[len(values) // 2]
