"""Smoothness against published values, closed forms and movements made rougher on purpose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from hipimu.data import FloatArray
from hipimu.strength.smoothness import log_dimensionless_jerk, sparc

RATE_HZ = 100.0


def sparc_of(speed: FloatArray, rate_hz: float = RATE_HZ, band_hz: float = 12.0) -> float:
    return float(sparc(speed, np.array([0]), np.array([len(speed)]), rate_hz, band_hz)[0])


def ldlj_of(speed: FloatArray, rate_hz: float = 1000.0) -> float:
    jerk = np.gradient(np.gradient(speed, 1 / rate_hz), 1 / rate_hz)
    duration = (len(speed) - 1) / rate_hz
    return float(
        log_dimensionless_jerk(
            np.array([speed.max()]),
            np.array([np.trapezoid(jerk**2, dx=1 / rate_hz)]),
            np.array([duration]),
        )[0]
    )


def minimum_jerk(duration_s: float = 1.0, rate_hz: float = 1000.0) -> FloatArray:
    """Flash and Hogan 1985 (J Neurosci 5:1688–1703): speed 30 (τ² − 2τ³ + τ⁴)."""
    tau = np.linspace(0.0, 1.0, round(duration_s * rate_hz) + 1)
    return 30 * (tau**2 - 2 * tau**3 + tau**4)


def test_the_published_example() -> None:
    """The authors' own example: a Gaussian at 100 Hz, band 10 Hz, gives −1.41403 and −5.81636.

    https://github.com/siva82kb/SPARC, scripts/smoothness.py.
    """
    t_s = np.arange(-1.0, 1.0, 0.01)
    speed = np.exp(-5 * t_s**2)
    assert sparc_of(speed, band_hz=10.0) == pytest.approx(-1.41403, abs=5e-6)
    fine = np.arange(-1.0, 1.0, 0.001)
    assert ldlj_of(np.exp(-5 * fine**2)) == pytest.approx(-5.81636, abs=0.01)


def test_a_minimum_jerk_movement_in_closed_form() -> None:
    """∫ j² = 720/T⁵, peak speed 1.875/T: −ln(720/1.875²) = −ln 204.8."""
    for duration_s in (0.3, 1.0):
        found = ldlj_of(minimum_jerk(duration_s, 10_000.0), 10_000.0)
        assert found == pytest.approx(-np.log(204.8), abs=0.03)
    assert log_dimensionless_jerk(np.array([1.875]), np.array([720.0]), np.array([1.0]))[
        0
    ] == pytest.approx(-np.log(204.8))


def test_a_half_cosine_in_closed_form() -> None:
    """Speed sin(πτ): ∫ (π² sin πτ)² dτ = π⁴/2."""
    tau = np.linspace(0.0, 1.0, 10_001)
    assert ldlj_of(np.sin(np.pi * tau), 10_000.0) == pytest.approx(-np.log(np.pi**4 / 2), abs=0.01)


def test_more_submovements_are_less_smooth() -> None:
    one = minimum_jerk(0.4, 1000.0)
    rough = []
    for count in range(1, 6):
        speed = np.zeros(2200)
        for i in range(count):
            speed[i * 300 : i * 300 + len(one)] += one
        speed = speed[: 300 * (count - 1) + len(one)]
        rough.append((sparc_of(speed, 1000.0), ldlj_of(speed)))
    assert (np.diff(np.array(rough), axis=0) < 0).all()


@given(st.floats(0.01, 100.0), st.sampled_from([0.5, 1.0, 2.0]))
def test_neither_size_nor_duration_matters(times: float, slower: float) -> None:
    """As long as the band holds the whole movement."""
    one = minimum_jerk(1.0)
    other = times * minimum_jerk(slower)
    assert sparc_of(other, 1000.0) == pytest.approx(sparc_of(one, 1000.0), abs=0.01)
    assert ldlj_of(other) == pytest.approx(ldlj_of(one), abs=0.02)


def test_many_movements_are_each_measured_by_themselves() -> None:
    parts = [minimum_jerk(d, RATE_HZ) for d in (0.5, 1.0, 0.7)]
    rough = parts[1] * (1 + 0.5 * np.sin(np.arange(len(parts[1]))))
    speed = np.concatenate((parts[0], rough, parts[2]))
    length = np.array([len(parts[0]), 0, len(rough), len(parts[2])])
    found = sparc(speed, np.cumsum(length) - length, length, RATE_HZ)
    assert np.isnan(found[1])
    for place, part in ((0, parts[0]), (2, rough), (3, parts[2])):
        assert found[place] == pytest.approx(sparc_of(part), abs=0.01)


def test_what_does_not_move_has_no_smoothness() -> None:
    assert np.isnan(sparc_of(np.zeros(50)))
    assert_allclose(
        log_dimensionless_jerk(np.array([0.0, np.nan]), np.array([1.0, 1.0]), np.array([1.0, 1.0])),
        np.nan,
    )
    assert len(sparc(np.empty(0), np.empty(0, int), np.empty(0, int), RATE_HZ)) == 0
