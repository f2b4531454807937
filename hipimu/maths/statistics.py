"""Robust statistics and resampling that respect serial dependence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def block_means(values: FloatArray, length: int) -> FloatArray:
    """Means of consecutive, non-overlapping blocks; a shorter rest is dropped."""
    count = len(values) // length
    return np.asarray(values[: count * length].reshape(count, length).mean(axis=1))


def moving_block_indices(
    n: int, length: int, draws: int, rng: np.random.Generator
) -> IntArray:
    """Indices of `draws` moving-block bootstrap samples of a series of n values.

    Blocks of `length` consecutive values are drawn with replacement and joined (Künsch 1989,
    Annals of Statistics 17:1217–1241).

    Returns
    -------
    (draws, n) of int64
    """
    length = max(1, min(length, n))
    blocks = -(-n // length)
    starts = rng.integers(0, n - length + 1, size=(draws, blocks))
    joined = (starts[:, :, None] + np.arange(length)).reshape(draws, blocks * length)
    return joined[:, :n]
