"""Causal filters whose memory can be carried over any cut."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from hipimu.maths.layout import columns_of

FloatArray = NDArray[np.float64]


@lru_cache(maxsize=64)
def butterworth(order: int, cutoff_hz: float | tuple[float, float], rate_hz: float) -> FloatArray:
    """Second-order sections of a Butterworth low-pass, or band-pass for two cut-offs."""
    if isinstance(cutoff_hz, tuple):
        sections = signal.butter(order, list(cutoff_hz), "bandpass", fs=rate_hz, output="sos")
    else:
        sections = signal.butter(order, cutoff_hz, "lowpass", fs=rate_hz, output="sos")
    return np.asarray(sections, dtype=np.float64)


def run(
    sections: FloatArray, values: FloatArray, memory: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Filter (n, channels) forward in time.

    Parameters
    ----------
    sections : (sections, 6)
        From `butterworth`.
    values : (n, channels)
        New samples, n ≥ 1.
    memory : (sections, 2, channels) or None
        What the last call returned. None starts in the steady state of the first *sample*, so
        that the result does not depend on how much came with it.

    Returns
    -------
    filtered : (n, channels)
    memory : (sections, 2, channels)
    """
    if memory is None:
        steady = signal.sosfilt_zi(sections)
        memory = steady[:, :, None] * values[0][None, None, :]
    filtered, after = signal.sosfilt(sections, values, axis=0, zi=memory)
    return filtered, after


def cross(left: FloatArray, right: FloatArray) -> FloatArray:
    """Vector product of (..., 3) with (..., 3), written out: `np.cross` takes much longer."""
    ax, ay, az = left[..., 0], left[..., 1], left[..., 2]
    bx, by, bz = right[..., 0], right[..., 1], right[..., 2]
    product = columns_of(np.broadcast_shapes(left.shape, right.shape))
    product[..., 0] = ay * bz - az * by
    product[..., 1] = az * bx - ax * bz
    product[..., 2] = ax * by - ay * bx
    return product


def length(vectors: FloatArray) -> FloatArray:
    """Length of each row of (n, 3), (n,)."""
    x, y, z = vectors[:, 0], vectors[:, 1], vectors[:, 2]
    return np.asarray(np.sqrt(x * x + y * y + z * z))
