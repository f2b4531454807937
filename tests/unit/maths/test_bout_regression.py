"""Lines through bouts: exact where data are exact, and as sure as repeated runs really are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.signal import lfilter

from hipimu.maths.bout_regression import (
    BoutMeans,
    Covariate,
    Estimate,
    Fit,
    FloatArray,
    bout_means,
    fit_bouts,
    matched_to,
)

RFI = {1: 1.0, 3: -1.0}
TAU = np.linspace(0.05, 0.95, 10)
GROUP = np.arange(10) % 2


def bouts(mean: FloatArray, variance: float = 0.0) -> BoutMeans:
    n = len(mean)
    each = np.full(n, variance)
    return BoutMeans(mean, each, TAU[:n], GROUP[:n], np.full(n, 60.0), np.arange(n))


def strides_of(random: np.random.Generator, bout_sd: float, memory: float) -> Fit:
    """Six bouts a pace with 120 and 60 strides that resemble their neighbours; no change at all."""
    values, tau, bout = [], [], []
    for number in range(12):
        n = 60 if number % 2 else 120
        shocks = random.normal(0.0, np.sqrt(1 - memory**2), n + 50)
        values.append(random.normal(0.0, bout_sd) + lfilter([1], [1, -memory], shocks)[50:])
        tau.append((number + np.linspace(0, 1, n)) / 12)
        bout += [number] * n
    names = np.array(bout)
    return fit_bouts(bout_means(np.concatenate(values), np.concatenate(tau), names, names % 2))


@given(st.floats(-1.0, 1.0), st.floats(-0.5, 0.5), st.floats(-1.0, 1.0), st.floats(-0.5, 0.5))
def test_straight_lines_are_found_without_doubt(
    easy: float, easy_change: float, fast: float, fast_change: float
) -> None:
    level, change = np.array([easy, fast])[GROUP], np.array([easy_change, fast_change])[GROUP]
    fit = fit_bouts(bouts(level + change * TAU))

    assert fit.level(0).value == pytest.approx(easy, abs=1e-9)
    assert fit.change(1).value == pytest.approx(fast_change, abs=1e-9)
    assert fit.contrast(RFI).value == pytest.approx(easy_change - fast_change, abs=1e-9)
    assert fit.contrast(RFI).standard_error == pytest.approx(0.0, abs=1e-9)
    assert fit.degrees_of_freedom == pytest.approx(6.0)


def test_with_equal_bouts_it_is_the_textbook_regression() -> None:
    """Ordinary least squares and its t interval, as scipy has them, for one group."""
    random = np.random.default_rng(1)
    mean = random.normal(0.0, 1.0, 7)
    tau = np.linspace(0.0, 1.0, 7)
    one = BoutMeans(mean, np.full(7, 0.2), tau, np.zeros(7, int), np.full(7, 60.0), np.arange(7))
    change = fit_bouts(one).change(0)
    textbook = stats.linregress(tau, mean)

    assert change.value == pytest.approx(textbook.slope)
    assert change.standard_error == pytest.approx(textbook.stderr)
    assert change.degrees_of_freedom == pytest.approx(5.0)
    assert change.p_value() == pytest.approx(textbook.pvalue)


@pytest.mark.parametrize(("bout_sd", "memory"), [(0.6, 0.6), (0.0, 0.6), (0.0, 0.0), (0.2, 0.85)])
def test_intervals_contain_the_truth_as_often_as_they_say(bout_sd: float, memory: float) -> None:
    random = np.random.default_rng(5)
    runs = 500
    inside = 0
    for _ in range(runs):
        low, high = strides_of(random, bout_sd, memory).contrast(RFI).interval()
        inside += low <= 0.0 <= high

    assert 0.925 <= inside / runs <= 0.975  # two and a half standard errors of 500 runs


def test_bouts_that_scatter_inside_count_less() -> None:
    means = bouts(np.where(np.arange(10) == 8, 5.0, 0.0))
    doubtful = np.where(np.arange(10) == 8, 100.0, 0.01)
    equal = fit_bouts(means).change(0).value
    weighted = fit_bouts(
        BoutMeans(means.mean, doubtful, TAU, GROUP, means.strides, means.bout)
    ).change(0)

    assert abs(weighted.value) < 0.5 * abs(equal)


def test_serial_likeness_widens_the_variance_of_a_mean() -> None:
    """By (1 + φ) / (1 − φ), the long-run variance of a first-order autoregression."""
    random = np.random.default_rng(2)
    names = np.repeat(np.arange(200), 100)
    shocks = random.normal(0.0, 1.0, len(names))
    wandering = lfilter([1], [1, -0.6], shocks)
    zero = np.zeros(len(names), dtype=np.int64)
    found = bout_means(wandering, np.linspace(0, 1, len(names)), names, zero)

    assert found.variance[0] == pytest.approx(1 / 0.4**2 / 100, rel=0.1)
    assert found.mean.var() == pytest.approx(found.variance[0], rel=0.25)


def test_a_prior_that_knows_everything_takes_its_effect_out_and_costs_nothing() -> None:
    random = np.random.default_rng(3)
    speed = random.normal(0.0, 0.3, 10)
    clean = 0.5 * TAU + random.normal(0.0, 0.1, 10)
    with_speed = fit_bouts(bouts(clean + 2.0 * speed), [Covariate(speed, 2.0, 1e-9)])
    without = fit_bouts(bouts(clean))

    assert with_speed.change(1).value == pytest.approx(without.change(1).value)
    assert with_speed.change(1).standard_error == pytest.approx(
        without.change(1).standard_error, rel=1e-6
    )
    assert with_speed.degrees_of_freedom == pytest.approx(6.0)


def test_a_prior_that_knows_nothing_is_an_ordinary_regressor() -> None:
    random = np.random.default_rng(4)
    speed = random.normal(0.0, 0.3, 10)
    mean = random.normal(0.0, 0.1, 10)
    fit = fit_bouts(bouts(mean), [Covariate(speed, 0.0, np.inf)])
    design = np.stack([1.0 - GROUP, (1 - GROUP) * TAU, GROUP, GROUP * TAU, speed], axis=1)
    coefficients, residual, *_ = np.linalg.lstsq(design, mean)
    covariance = residual[0] / 5 * np.linalg.inv(design.T @ design)

    assert fit.coefficients == pytest.approx(coefficients)
    assert fit.change(1).standard_error == pytest.approx(np.sqrt(covariance[3, 3]))
    assert fit.degrees_of_freedom == pytest.approx(5.0)


def test_speed_that_drifts_with_time_widens_the_doubt_instead_of_hiding_it() -> None:
    random = np.random.default_rng(6)
    level = np.array([40.0, 50.0])[GROUP]
    mean = bouts(level + random.normal(0.0, 0.2, 10), 0.01)
    steady = np.array([3.0, 5.0])[GROUP]
    slowing = steady - 0.5 * TAU * GROUP
    doubts = [
        fit_bouts(mean, matched_to(mean, speed, 0.1)).contrast(RFI).standard_error
        for speed in (steady, slowing)
    ]

    assert doubts[0] == pytest.approx(fit_bouts(mean).contrast(RFI).standard_error)
    assert doubts[1] == pytest.approx(0.5 * 10 / 1.75, rel=0.1)  # half a m/s × the slope's own size


def test_matching_expects_the_slope_between_the_paces() -> None:
    level = np.array([40.0, 50.0])[GROUP]
    speed = np.array([3.0, 5.0])[GROUP] + 0.1 * np.sin(np.arange(10.0))
    found = matched_to(bouts(level), speed, 0.1)

    assert [c.mean for c in found] == pytest.approx([5.0, 5.0], rel=0.05)
    assert [c.sd for c in found] == pytest.approx([5.0, 5.0], rel=0.05)
    assert all(c.values[c.values != 0].mean() == pytest.approx(0, abs=1e-9) for c in found)


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.706), (2, 4.303), (10, 2.228), (1e9, 1.960)]
)
def test_intervals_use_students_t_from_the_table(freedom: float, quantile: float) -> None:
    assert Estimate(0.0, 1.0, freedom).interval()[1] == pytest.approx(quantile, abs=5e-4)
    assert Estimate(quantile, 1.0, freedom).p_value() == pytest.approx(0.05, abs=1e-4)


def test_nothing_at_all_is_no_finding() -> None:
    assert Estimate(0.0, 0.0, 6.0).p_value() == 1.0
    assert Estimate(0.1, 0.0, 6.0).p_value() == 0.0
