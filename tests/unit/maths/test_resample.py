"""Any samples on an even grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.maths.resample import means_between


@given(st.integers(0, 1000), st.integers(2, 60), st.integers(1, 40))
def test_the_mean_between_edges_is_that_of_the_line_through_the_samples(
    seed: int, count: int, bins: int
) -> None:
    rng = np.random.default_rng(seed)
    t_s = np.cumsum(rng.uniform(0.001, 0.3, count))
    values = rng.normal(size=(count, 2))
    edges_s = np.linspace(t_s[0], t_s[-1], bins + 1)

    found = means_between(t_s, values, edges_s)

    for i in range(bins):
        # exact: trapezoids between all corners within the bin
        corners = np.unique(np.concatenate((edges_s[i : i + 2], t_s)))
        corners = corners[(corners >= edges_s[i]) & (corners <= edges_s[i + 1])]
        for channel in range(2):
            line = np.interp(corners, t_s, values[:, channel])
            mean = np.trapezoid(line, corners) / (edges_s[i + 1] - edges_s[i])
            assert found[i, channel] == pytest.approx(mean, abs=1e-9)


def test_what_is_quicker_than_the_grid_is_averaged_out() -> None:
    t_s = np.arange(0, 2, 0.001)
    buzz = np.sin(2 * np.pi * 100.0 * t_s)[:, None]

    found = means_between(t_s, buzz, np.arange(0, 1.9, 0.02))

    assert np.abs(found).max() < 1e-3
