"""Where does a sampled curve turn or cross: the searches that gait is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def slope(values: FloatArray, half_width: int) -> FloatArray:
    """Least-squares slope per sample over 2·half_width + 1 samples, (n,) → (n − 2·half_width,).

    The quadratic Savitzky–Golay first derivative (Savitzky & Golay 1964); entry i belongs to
    sample i + half_width. Sums run in a fixed order, so results do not depend on the length of
    the input.
    """
    width = 2 * half_width + 1
    count = max(len(values) - width + 1, 0)
    total = np.zeros(count)
    for offset in range(1, half_width + 1):
        ahead = values[half_width + offset : half_width + offset + count]
        behind = values[half_width - offset : half_width - offset + count]
        total += offset * (ahead - behind)
    return total / (half_width * (half_width + 1) * (2 * half_width + 1) / 3)


def rising_crossings(values: FloatArray) -> IntArray:
    """Indices i where values go from ≤ 0 at i to > 0 at i + 1."""
    return np.flatnonzero((values[:-1] <= 0) & (values[1:] > 0)).astype(np.int64)


def falling_crossings(values: FloatArray) -> IntArray:
    """Indices i where values go from > 0 at i to ≤ 0 at i + 1."""
    return np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0)).astype(np.int64)


def local_maxima(values: FloatArray) -> IntArray:
    """Indices whose value is above the one before and not below the one after."""
    inner = values[1:-1]
    return (np.flatnonzero((inner > values[:-2]) & (inner >= values[2:])) + 1).astype(np.int64)


def parabola_vertices(
    before: FloatArray, middle: FloatArray, after: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Vertices of parabolas through three evenly spaced samples each, (n,).

    Returns
    -------
    offset : (n,)
        In samples from the middle one, −0.5 … 0.5; 0 where the three lie on a line.
    value : (n,)
        At the vertex.
    """
    curvature = before - 2 * middle + after
    straight = curvature == 0
    offset = 0.5 * (before - after) / np.where(straight, 1.0, curvature)
    offset = np.where(straight, 0.0, np.clip(offset, -0.5, 0.5))
    return offset, middle - 0.25 * (before - after) * offset
