"""Force is what physics says of a pendulum, and scales as physics says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from hipimu.data import Body
from hipimu.strength.columns import run_of
from hipimu.strength.force import Demand, demand_of
from hipimu.strength.full_range import zero_moment_rad
from hipimu.strength.swings import Swings, swings_of
from hipimu.strength.thigh import thigh_of
from hipimu.units import GRAVITY_M_S2
from tests.unit.strength import pendulum

THIGH = thigh_of(Body(70.0, "m", 1.75))
GAIN = 1 / (1 + (1 / (12 * pendulum.PERIOD_S)) ** 8)
AMPLITUDES = st.floats(0.1, 1.2)
PERIODS = st.floats(0.45, 1.2)


def swings(**changes: float) -> Swings:
    kept = {k: v for k, v in changes.items() if k != "force_m_s2"}
    columns = run_of(pendulum.strides(**kept), pendulum.BOUTS, ["right"]).sides["right"]  # type: ignore[arg-type]
    return swings_of(columns, pendulum.motion(**changes))  # type: ignore[arg-type]


def demand(**changes: float) -> Demand:
    return demand_of(swings(**changes), THIGH)


def middle(values: np.ndarray) -> float:
    assert np.isfinite(values).all()
    return float(np.median(values))


def test_a_cosine_swing() -> None:
    """95 % of half a cosine's samples lie below cos(0.05 π / 2 …): a cos² share, in closed form."""
    found = demand()
    peak = pendulum.AMPLITUDE_RAD * (2 * np.pi / pendulum.PERIOD_S) ** 2
    below = np.cos(0.05 * np.pi)  # acceleration falls from +peak to −peak over the swing
    assert middle(found.peak_acceleration_rad_s2) == pytest.approx(GAIN * peak * below, rel=0.005)
    inertia = THIGH.inertia_kg_m2 or 0.0
    assert middle(found.peak_moment_n_m) == pytest.approx(inertia * peak * below, rel=0.005)
    # all that was put in is there half way: ½ I ω²
    speed = pendulum.AMPLITUDE_RAD * 2 * np.pi / pendulum.PERIOD_S
    assert middle(found.swing_work_j) == pytest.approx(0.5 * inertia * speed**2, rel=0.005)


def test_a_constant_force_adds_its_moment_and_work() -> None:
    arm, force = THIGH.mass_arm_kg_m or 0.0, 5.0
    bare, pushed = demand(), demand(force_m_s2=force)
    more = pushed.peak_moment_n_m - bare.peak_moment_n_m
    assert middle(more) == pytest.approx(arm * force, rel=1e-3)
    inertia, a = THIGH.inertia_kg_m2 or 0.0, pendulum.AMPLITUDE_RAD
    omega = 2 * np.pi / pendulum.PERIOD_S

    def power(t: float) -> float:
        moment = inertia * a * omega**2 * np.cos(omega * t) + arm * force
        return float(max(moment * a * omega * np.sin(omega * t), 0.0))

    work = integrate.quad(power, 0.0, pendulum.PERIOD_S / 2, limit=200)[0]
    assert middle(pushed.swing_work_j) == pytest.approx(work, rel=0.01)


def test_a_free_pendulum_asks_for_nothing() -> None:
    """A thigh that swings by gravity alone, by as little as makes sin θ = θ, has no moment."""
    period = 2 * np.pi * np.sqrt(THIGH.pendulum_m / GRAVITY_M_S2)
    a = 0.05
    motion = pendulum.motion(amplitude_rad=a, period_s=period)
    hanging = pendulum.of_series(
        motion.flexion_rad, motion.rate_hz, force=GRAVITY_M_S2 * np.sin(motion.thigh_rad)
    )
    columns = run_of(
        pendulum.strides(amplitude_rad=a, period_s=period), pendulum.BOUTS, ["right"]
    ).sides["right"]
    free = demand_of(swings_of(columns, hanging), THIGH)
    driven = demand_of(swings_of(columns, motion), THIGH)
    assert middle(free.peak_moment_n_m) < 0.01 * middle(driven.peak_moment_n_m)
    assert middle(free.swing_work_j) < 0.01 * middle(driven.swing_work_j)


@settings(max_examples=20, deadline=None)
@given(AMPLITUDES, st.floats(1.1, 2.0))
def test_twice_the_range_asks_for_twice_the_acceleration_and_four_times_the_work(
    amplitude: float, times: float
) -> None:
    one, other = demand(amplitude_rad=amplitude), demand(amplitude_rad=times * amplitude)
    assert middle(other.peak_acceleration_rad_s2 / one.peak_acceleration_rad_s2) == pytest.approx(
        times, rel=1e-3
    )
    assert middle(other.swing_work_j / one.swing_work_j) == pytest.approx(times**2, rel=1e-3)


@settings(max_examples=20, deadline=None)
@given(PERIODS, st.floats(1.1, 1.6))
def test_half_the_time_asks_for_four_times_as_much(period: float, times: float) -> None:
    slow, quick = demand(period_s=period * times), demand(period_s=period)
    for name in ("peak_acceleration_rad_s2", "peak_moment_n_m", "swing_work_j"):
        ratio = middle(getattr(quick, name)) / middle(getattr(slow, name))
        assert ratio == pytest.approx(times**2, rel=0.02)


@settings(max_examples=20, deadline=None)
@given(st.floats(-1.0, 1.0))
def test_a_wrong_neutral_changes_no_demand(offset: float) -> None:
    for name in ("peak_acceleration_rad_s2", "peak_moment_n_m", "swing_work_j"):
        one, other = (getattr(demand(offset_rad=o), name) for o in (0.0, offset))
        assert middle(other) == pytest.approx(middle(one), rel=1e-3)


def test_without_a_mass_there_is_acceleration_only() -> None:
    found = demand_of(swings(), thigh_of(Body(None, "m", 1.75)))
    assert np.isfinite(found.peak_acceleration_rad_s2).all()
    assert np.isnan(found.peak_moment_n_m).all()
    assert np.isnan(found.swing_work_j).all()


@given(st.floats(-0.8, 0.8))
def test_driving_turns_into_braking_where_the_moment_is_nought(share: float) -> None:
    """A constant force moves the turn: θ̈·l′ + f = 0 at −a·cos = a·f/(l′·a·ω²)."""
    omega, a = 2 * np.pi / pendulum.PERIOD_S, pendulum.AMPLITUDE_RAD
    force = share * THIGH.pendulum_m * a * omega**2
    found = zero_moment_rad(swings(force_m_s2=force), THIGH)
    assert middle(found) == pytest.approx(a * share, abs=0.01)
    without = zero_moment_rad(swings(force_m_s2=force), thigh_of(Body(None, "m", 1.75)))
    assert without == pytest.approx(found)


def test_a_thigh_that_is_driven_to_the_end_never_turns() -> None:
    omega, a = 2 * np.pi / pendulum.PERIOD_S, pendulum.AMPLITUDE_RAD
    found = zero_moment_rad(swings(force_m_s2=1.1 * THIGH.pendulum_m * a * omega**2), THIGH)
    assert np.isnan(found).all()
