"""Agreement at all lags at once, against one lag at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import FloatArray
from hipimu.maths.correlation import lagged_agreement


def series(length: int, share_known: float, seed: int) -> FloatArray:
    random = np.random.default_rng(seed)
    values = 160.0 + 10.0 * random.normal(size=length)
    values[random.random(length) > share_known] = np.nan
    return np.asarray(values)


def beside(left: FloatArray, right: FloatArray, lag: int) -> tuple[FloatArray, FloatArray]:
    """Known pairs left[i], right[i + lag]."""
    at = np.arange(max(0, -lag), min(len(left), len(right) - lag))
    x, y = left[at], right[at + lag]
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]


@given(
    n=st.integers(2, 40), m=st.integers(2, 40), known=st.floats(0.3, 1.0), seed=st.integers(0, 999)
)
def test_every_lag_is_what_it_says(n: int, m: int, known: float, seed: int) -> None:
    left, right = series(n, known, seed), series(m, known, seed + 1000)
    found = lagged_agreement(left, right, least_sd=0.1)
    assert found.lag.tolist() == list(range(1 - n, m))
    for lag, r, concordance, count in zip(*found, strict=True):
        x, y = beside(left, right, int(lag))
        assert count == len(x)
        if len(x) < 2 or min(x.std(), y.std()) < 0.11:
            continue
        assert r == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6)
        spread = x.var() + y.var() + (x.mean() - y.mean()) ** 2
        cov = ((x - x.mean()) * (y - y.mean())).mean()
        assert concordance == pytest.approx(2 * cov / spread, abs=1e-6)


@given(shift=st.integers(-30, 30), seed=st.integers(0, 999))
def test_the_lag_of_a_copy(shift: int, seed: int) -> None:
    whole = series(200, 1.0, seed)
    found = lagged_agreement(whole[50:150], whole[50 + shift : 150 + shift], least_sd=0.1)
    enough = np.where(found.known > 40, found.concordance, -1.0)
    assert found.lag[int(np.nanargmax(enough))] == -shift
    assert np.nanmax(enough) == pytest.approx(1.0)


def test_level_counts_for_concordance_only() -> None:
    left = series(100, 1.0, 1)
    found = lagged_agreement(left, left + 40.0, least_sd=0.1)
    at = int(np.flatnonzero(found.lag == 0)[0])
    assert found.r[at] == pytest.approx(1.0)
    assert found.concordance[at] < 0.15


def test_what_does_not_vary_agrees_with_nothing() -> None:
    found = lagged_agreement(np.full(50, 160.0), series(50, 1.0, 2), least_sd=0.1)
    assert np.isnan(found.r).all()
    assert np.isnan(found.concordance).all()


def test_nothing_known() -> None:
    found = lagged_agreement(np.full(5, np.nan), np.full(7, np.nan), least_sd=0.1)
    assert found.known.tolist() == [0.0] * 11
    assert np.isnan(found.r).all()
