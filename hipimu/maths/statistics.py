"""Small statistics that respect serial dependence, and corrections for many comparisons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

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


def middle(values: Sequence[float]) -> float:
    """Median of a few values, the upper one of two: much quicker than any library's on ten."""
    return sorted(values)[len(values) // 2]


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p for making several comparisons, whatever they have to do with each other.

    Holm 1979 (Scand J Stat 6:65–70).

    Parameters
    ----------
    p_values : sequence of float

    Returns
    -------
    list of float
        In the same order, each at least as large as it was and at most 1.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min((len(p_values) - rank) * p_values[place], 1.0))
        adjusted[place] = largest
    return adjusted


def benjamini_hochberg(p_values: FloatArray) -> FloatArray:
    """Correct p for the false-discovery rate; NaN stays NaN and counts for nothing.

    Benjamini and Hochberg 1995 (J R Stat Soc B 57:289–300).

    Parameters
    ----------
    p_values : (n,)

    Returns
    -------
    (n,)
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    if len(known) == 0:
        return adjusted
    adjusted[known] = stats.false_discovery_control(p_values[known], method="bh")
    return adjusted
