"""Step rate and bounce of made-up pelvis signals whose rhythm is known."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from hipimu.data import FloatArray, PelvisRhythm
from hipimu.gait import pelvis_rhythm
from hipimu.units import GRAVITY_M_S2

RATE_HZ = 100.0


def clock(duration_s: float, rate_hz: float = RATE_HZ) -> FloatArray:
    return np.arange(round(duration_s * rate_hz)) / rate_hz


def bouncing(
    t_s: FloatArray, step_hz: float, share: float = 0.6, limp: float = 0.0, late: float = 0.0
) -> FloatArray:
    """Specific force of flight and half-sine stance; every second step is larger and later."""
    felt = np.zeros(len(t_s))
    for leg in (0, 1):
        since = np.mod(0.5 * (t_s * step_hz - leg * (1 + late)), 1.0) * 2
        height = 1 + limp * (1 - 2 * leg)
        push = GRAVITY_M_S2 * np.pi / (2 * share) * height
        felt += push * np.sin(np.pi * np.clip(since / share, 0.0, 1.0))
    return felt


def rhythm(felt: FloatArray, rate_hz: float = RATE_HZ) -> PelvisRhythm:
    return pelvis_rhythm(np.arange(len(felt)) / rate_hz, felt, rate_hz)


@pytest.mark.parametrize("step_hz", [2.2, 2.5, 2.7, 2.85, 3.1, 3.6, 4.2, 4.8])
@pytest.mark.parametrize("rate_hz", [50.0, 60.0, 100.0, 104.0, 200.0])
def test_the_step_rate_is_found(step_hz: float, rate_hz: float) -> None:
    found = rhythm(bouncing(clock(30.0, rate_hz), step_hz), rate_hz)

    assert_allclose(found.step_rate_hz, step_hz, rtol=0.01)


@pytest.mark.parametrize("step_hz", [2.5, 2.8, 3.2])
def test_a_limp_neither_halves_nor_moves_it(step_hz: float) -> None:
    found = rhythm(bouncing(clock(30.0), step_hz, limp=0.15, late=0.1))

    assert_allclose(found.step_rate_hz, step_hz, rtol=0.01)


@pytest.mark.parametrize("step_hz", [1.7, 1.9, 2.1])
def test_two_bumps_a_step_as_in_walking_are_one_step(step_hz: float) -> None:
    phase = 2 * np.pi * step_hz * clock(30.0)
    found = rhythm(GRAVITY_M_S2 + 2.0 * np.cos(phase) + 2.6 * np.cos(2 * phase))

    assert_allclose(found.step_rate_hz, step_hz, rtol=0.01)


@pytest.mark.parametrize("share", [0.45, 0.6, 0.75])
def test_the_bounce_is_that_of_a_half_sine(share: float) -> None:
    """Mean square of the pushes, π² g² ÷ (8 share), less the squared mean, g²."""
    found = rhythm(bouncing(clock(30.0), 2.8, share))
    expected = GRAVITY_M_S2 * np.sqrt(np.pi**2 / (8 * share) - 1)

    assert_allclose(found.bounce_m_s2, expected, rtol=0.02)


def test_values_belong_to_the_middle_of_their_windows() -> None:
    t_s = clock(60.0) + 1000.0
    felt = bouncing(t_s, 2.6)
    felt[t_s >= 1030.0] = bouncing(t_s[t_s >= 1030.0], 2.6, 0.45)
    found = pelvis_rhythm(t_s, felt, RATE_HZ)

    assert_allclose(np.diff(found.t_s), 1.0)
    half = 0.5 * (found.bounce_m_s2[0] + found.bounce_m_s2[-1])
    crossing = np.interp(half, found.bounce_m_s2, found.t_s)
    assert crossing == pytest.approx(1030.0, abs=0.3)
    assert np.all(found.t_s[[0, -1]] == pytest.approx([1002.0, 1058.0], abs=0.02))


def test_standing_and_noise_have_no_rhythm() -> None:
    rng = np.random.default_rng(1)
    standing = GRAVITY_M_S2 + rng.normal(0.0, 0.05, 3000)
    shaking = GRAVITY_M_S2 + rng.normal(0.0, 5.0, 3000)

    assert np.isnan(rhythm(standing).step_rate_hz).all()
    assert np.isnan(rhythm(shaking).step_rate_hz).mean() > 0.95
    assert np.all(rhythm(standing).bounce_m_s2 < 0.06)


@pytest.mark.parametrize("value", [0.0, GRAVITY_M_S2, 16 * GRAVITY_M_S2])
def test_a_sensor_that_is_stuck(value: float) -> None:
    found = rhythm(np.full(2000, value))

    assert np.isnan(found.step_rate_hz).all()
    assert_allclose(found.bounce_m_s2, 0.0, atol=1e-6)


def test_a_few_lost_samples_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    felt = bouncing(clock(60.0), 2.8)
    lost = felt.copy()
    for start in rng.integers(0, len(felt), 40):
        lost[start : start + 6] = np.nan
    found = rhythm(lost)

    assert_allclose(found.step_rate_hz, 2.8, rtol=0.01)
    assert_allclose(found.bounce_m_s2, rhythm(felt).bounce_m_s2, rtol=0.1)


def test_many_lost_samples_are_unknown_and_only_there() -> None:
    felt = bouncing(clock(60.0), 2.8)
    felt[2000:3000] = np.nan
    found = rhythm(felt)
    touched = (found.t_s > 18.5) & (found.t_s < 31.5)

    assert np.isfinite(found.step_rate_hz[~touched]).all()
    inner = (found.t_s > 21.0) & (found.t_s < 29.0)
    assert np.isnan(found.step_rate_hz[inner]).all()
    assert np.isnan(found.bounce_m_s2[inner]).all()
    assert np.isnan(rhythm(np.full(1000, np.nan)).bounce_m_s2).all()


@pytest.mark.parametrize("samples", [0, 1, 10, 399])
def test_less_than_a_window_has_no_values(samples: int) -> None:
    found = rhythm(np.ones(samples))

    assert len(found.t_s) == len(found.step_rate_hz) == len(found.bounce_m_s2) == 0


def test_one_window_is_enough() -> None:
    assert len(rhythm(bouncing(clock(4.0), 2.8)).t_s) == 1


@settings(max_examples=30)
@given(
    st.lists(
        st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 9.81, 160.0, -3.0, 1e-300, 1e150]),
        min_size=1,
        max_size=60,
    ),
    st.floats(5.0, 500.0),
)
def test_anything_gives_positive_numbers_or_nan(values: list[float], rate_hz: float) -> None:
    felt = np.resize(np.array(values), round(8.0 * rate_hz))
    with np.errstate(all="raise", under="ignore"):
        found = rhythm(felt, rate_hz)

    assert len(found.t_s) == len(found.step_rate_hz) == len(found.bounce_m_s2)
    rate, bounce = found.step_rate_hz, found.bounce_m_s2
    assert np.all(np.isnan(rate) | ((rate > 1.0) & (rate < 8.0)))
    assert np.all(np.isnan(bounce) | (bounce >= 0.0))


@settings(max_examples=20)
@given(st.floats(0.2, 5.0), st.floats(-50.0, 50.0))
def test_the_step_rate_knows_neither_scale_nor_offset(scale: float, offset: float) -> None:
    felt = bouncing(clock(20.0), 2.8)
    one, other = rhythm(felt), rhythm(scale * felt + offset)

    assert_allclose(other.step_rate_hz, one.step_rate_hz, rtol=1e-6)
    assert_allclose(other.bounce_m_s2, scale * one.bounce_m_s2, rtol=1e-6)


def test_an_hour_takes_a_moment() -> None:
    felt = bouncing(clock(3600.0), 2.8)
    begin = time.perf_counter()
    found = rhythm(felt)

    assert len(found.t_s) == 3597
    assert time.perf_counter() - begin < 2.0
