"""The line, and how sure it is: the standard error must match how results really scatter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import FloatArray
from hipimu.fatigue.trend import PaceStrides, Trend, fit_trend, t_quantile

BOUT = np.repeat(np.arange(5), 60)
TAU = np.linspace(0.0, 1.0, len(BOUT))


def fit(peak_rad: FloatArray, speed_m_s: FloatArray | None = None) -> Trend:
    return fit_trend(PaceStrides(TAU, peak_rad, BOUT, speed_m_s), np.random.default_rng(1))


@given(st.floats(-1.0, 1.0), st.floats(-0.5, 0.5))
def test_a_straight_line_is_found_without_doubt(level: float, delta: float) -> None:
    found = fit(level + delta * TAU)

    assert found.level_rad == pytest.approx(level, abs=1e-9)
    assert found.delta_rad == pytest.approx(delta, abs=1e-9)
    assert found.standard_error_rad == pytest.approx(0.0, abs=1e-9)
    assert found.early_sd_rad == pytest.approx(0.0, abs=1e-9)


def test_speed_is_used_where_it_varies_and_costs_a_degree_of_freedom() -> None:
    varying = 4.0 + 0.3 * np.sin(np.arange(len(TAU)))
    steady = 4.0 + 0.01 * np.sin(np.arange(len(TAU)))
    peak = 0.7 - 0.05 * TAU + 0.1 * (varying - varying.mean())

    assert fit(peak, varying).delta_rad == pytest.approx(-0.05, abs=1e-9)
    assert fit(peak, varying).level_rad == pytest.approx(0.7, abs=1e-9)
    assert fit(peak, varying).degrees_of_freedom == 2
    assert fit(peak, steady).degrees_of_freedom == 3
    assert fit(peak).degrees_of_freedom == 3


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.706), (2, 4.303), (10, 2.228), (1e9, 1.960)]
)
def test_students_t_from_the_table(freedom: float, expected: float) -> None:
    assert t_quantile(freedom) == pytest.approx(expected, abs=5e-4)


def drawn(random: np.random.Generator, bout_rad: float, stride_rad: float) -> FloatArray:
    """Offsets of whole bouts, and strides that resemble their neighbours (AR(1), 0.6)."""
    shocks = random.normal(0.0, stride_rad * 0.8, len(TAU))
    for i in range(1, len(shocks)):
        shocks[i] += 0.6 * shocks[i - 1]
    return np.asarray(shocks + random.normal(0.0, bout_rad, 5)[BOUT])


@pytest.mark.parametrize(("bout_rad", "stride_rad"), [(0.02, 0.01), (0.0, 0.03)])
def test_the_standard_error_is_that_of_repeated_runs(bout_rad: float, stride_rad: float) -> None:
    """Independent strides would claim a third of it in either case."""
    random = np.random.default_rng(4)
    found = [fit(drawn(random, bout_rad, stride_rad)) for _ in range(120)]
    scatter = np.std([f.delta_rad for f in found], ddof=1)
    claimed = np.sqrt(np.mean([f.standard_error_rad**2 for f in found]))

    assert 0.9 < claimed / scatter < 1.3


def test_the_early_variation_is_that_of_means_of_25_strides() -> None:
    """Steps of ±0.02 rad, 25 strides each, in the first third; nothing afterwards."""
    early = np.arange(len(TAU)) < 100
    steps = np.where((np.arange(len(TAU)) // 25) % 2, 0.02, -0.02) * early

    assert fit(steps).early_sd_rad == pytest.approx(0.02 * np.sqrt(4 / 3), rel=0.1)
