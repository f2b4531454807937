"""The low-pass and its derivatives are what their formula says, without delay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from hipimu.strength.smooth import BAND_HZ, filled, smooth

RATE_HZ = 100.0
T_S = np.arange(0.0, 10.0, 1 / RATE_HZ)
INNER = slice(150, -150)


def gain(frequency_hz: float) -> float:
    """Of a fourth-order Butterworth filter run twice."""
    return float(1 / (1 + (frequency_hz / BAND_HZ) ** 8))


@pytest.mark.parametrize("frequency_hz", [1.4, 5.0, 12.0, 20.0])
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_a_sine_keeps_its_phase_and_has_its_own_derivatives(
    frequency_hz: float, order: int
) -> None:
    omega = 2 * np.pi * frequency_hz
    found = smooth(np.sin(omega * T_S), RATE_HZ).series(order, 1)
    expected = gain(frequency_hz) * omega**order * np.sin(omega * T_S + 0.5 * np.pi * order)
    assert_allclose(found[INNER], expected[INNER], atol=2e-3 * omega**order)


@given(st.floats(-5.0, 5.0), st.floats(-5.0, 5.0), st.integers(2, 400))
def test_straight_lines_stay_to_their_very_ends(level: float, slope: float, count: int) -> None:
    t_s = np.arange(count) / RATE_HZ
    curve = smooth(level + slope * t_s, RATE_HZ)
    if count > RATE_HZ:  # what lies beyond is made by reflection
        assert_allclose(curve.series(0, 1), level + slope * t_s, atol=1e-2)
    assert len(curve.series(0, 4)) == 4 * (count - 1) + 1


def test_a_finer_grid_passes_through_the_coarse_one() -> None:
    values = np.sin(9 * T_S) + 0.2 * np.cos(31 * T_S)
    curve = smooth(values, RATE_HZ)
    for order in (0, 1, 2):
        assert_allclose(curve.series(order, 4)[::4], curve.series(order, 1), atol=1e-9, rtol=1e-9)
    between = np.arange(len(T_S) * 4 - 3) / (4 * RATE_HZ)
    expected = np.sin(9 * between) + 0.2 * np.cos(31 * between)
    assert_allclose(curve.series(0, 4)[600:-600], expected[600:-600], atol=2e-3)


def test_turned_round_in_time_it_is_the_same_turned_round() -> None:
    values = np.random.default_rng(1).normal(size=1000)
    ahead, back = smooth(values, RATE_HZ), smooth(values[::-1], RATE_HZ)
    assert_allclose(ahead.series(0, 1)[INNER], back.series(0, 1)[::-1][INNER], atol=1e-6)


def test_the_hilbert_transform_of_a_cosine_is_a_sine() -> None:
    found = smooth(3.0 + np.cos(10 * T_S), RATE_HZ).analytic(0.5)
    inner = slice(300, -300)
    assert_allclose(found[inner], np.exp(10j * T_S)[inner], atol=0.01 + (0.5 * 2 * np.pi / 10) ** 4)


def test_a_change_of_the_mean_is_soon_forgotten() -> None:
    stepped = np.cos(10 * T_S) + np.where(T_S < 5.0, 0.0, 4.0)
    found = smooth(stepped, RATE_HZ).analytic(0.5)
    away = np.angle(found * np.exp(-10j * T_S))
    assert np.abs(away[480:520]).max() > 0.3
    assert np.abs(away[750:800]).max() < 0.02


def test_gaps_are_filled_by_lines() -> None:
    holed = np.array([np.nan, 1.0, np.nan, np.inf, 4.0, np.nan])
    assert_allclose(filled(holed), [1.0, 1.0, 2.0, 3.0, 4.0, 4.0])
    assert_allclose(filled(np.full(3, np.nan)), 0.0)
