"""Samples of any rate on an even grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def means_between(t_s: FloatArray, values: FloatArray, edges_s: FloatArray) -> FloatArray:
    """Mean of a signal between neighbouring edges; straight lines join its samples.

    What is quicker than the grid is averaged out rather than folded back.

    Parameters
    ----------
    t_s : (n,)
        Strictly increasing, n ≥ 2.
    values : (n, channels)
    edges_s : (m + 1,)
        Increasing, within the first and the last sample.

    Returns
    -------
    (m, channels)
    """
    steps = np.diff(t_s)[:, None]
    areas = np.concatenate(
        (np.zeros((1, values.shape[1])), np.cumsum(0.5 * steps * (values[1:] + values[:-1]), 0))
    )
    before = np.clip(np.searchsorted(t_s, edges_s, side="right") - 1, 0, len(t_s) - 2)
    since = (edges_s - t_s[before])[:, None]
    slope = (values[before + 1] - values[before]) / steps[before]
    until = areas[before] + since * (values[before] + 0.5 * since * slope)
    return np.asarray(np.diff(until, axis=0) / np.diff(edges_s)[:, None])
