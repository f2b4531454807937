"""Range profiles: each bin by itself, and only what was lost is called lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from hipimu.data import SIDES, Body, FloatArray, HipMotion, RangeProfile, Stride
from hipimu.strength import measure_strength
from hipimu.strength.columns import run_of
from hipimu.strength.force import demand_of
from hipimu.strength.profiles import BIN_RAD, Binned, binned
from hipimu.strength.swings import Swings, swings_of
from hipimu.strength.thigh import thigh_of
from tests.unit.strength import pendulum
from tests.unit.strength.runners import Known, intervals, known

BODY = Body(70.0, "m", 1.75)
THIGH = thigh_of(BODY)
DEG = np.pi / 180


def swings(**changes: float) -> Swings:
    columns = run_of(pendulum.strides(**changes), pendulum.BOUTS, ["right"]).sides["right"]  # type: ignore[arg-type]
    return swings_of(columns, pendulum.motion(**changes))  # type: ignore[arg-type]


def at(bins: Binned, name: str, lower_deg: float) -> FloatArray:
    place = int(np.argmin(np.abs(bins.from_rad - lower_deg * DEG)))
    assert bins.from_rad[place] == pytest.approx(lower_deg * DEG)
    return bins.values[name][:, place]  # type: ignore[index]


@pytest.mark.parametrize("lower_deg", [-20, -5, 0, 10, 20])
def test_a_cosine_has_in_each_bin_what_it_has_in_its_middle(lower_deg: float) -> None:
    bins = binned(swings(), THIGH)
    a, omega = pendulum.AMPLITUDE_RAD, 2 * np.pi / pendulum.PERIOD_S
    middle = (lower_deg + 2.5) * DEG
    speed, pull = omega * np.sqrt(a**2 - middle**2), -(omega**2) * middle
    assert_allclose(at(bins, "velocity", lower_deg), speed, rtol=0.03)
    assert_allclose(at(bins, "acceleration", lower_deg), pull, atol=2.0)
    inertia = THIGH.inertia_kg_m2 or 0.0
    work = inertia * pull * BIN_RAD  # moment times angle; both ends are passed
    assert_allclose(at(bins, "work", lower_deg).mean(), work, atol=0.15)


def test_work_of_all_bins_is_the_net_work_and_of_the_driving_ones_the_work_put_in() -> None:
    own = swings()
    bins = binned(own, THIGH)
    total = np.nansum(bins.values["work"], axis=1)
    assert_allclose(total, 0.0, atol=0.05)
    driving = bins.values["work"][:, bins.from_rad < -1e-9].sum(axis=1)
    assert_allclose(driving, demand_of(own, THIGH).swing_work_j, rtol=0.02)


def test_what_is_not_reached_is_passed_at_nought_and_accelerates_nowhere() -> None:
    """Every second stride ends at 20° instead of 34°."""
    own = swings()
    number = own.owner()
    short = (number % 2 == 1) & (own.hip_rad > 20 * DEG)
    squeezed = replace(own, hip_rad=np.where(short, 19.9 * DEG, own.hip_rad))
    bins = binned(squeezed, THIGH)
    odd = np.arange(len(own.length)) % 2 == 1
    top = at(bins, "velocity", 25), at(bins, "acceleration", 25), at(bins, "work", 25)
    assert_allclose(top[0][odd], 0.0)
    assert np.isnan(top[1][odd]).all()
    assert_allclose(top[2][odd], 0.0)
    assert (top[0][~odd] > 1.0).all()
    assert np.isfinite(top[1][~odd]).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(-8, 8))
def test_moving_neutral_by_whole_bins_moves_bins_only(steps: int) -> None:
    one, other = (binned(swings(offset_rad=k * BIN_RAD), THIGH) for k in (0, steps))
    lower = one.from_rad[2:-2]
    place = np.searchsorted(other.from_rad, lower + steps * BIN_RAD - 1e-6)
    assert_allclose(other.values["velocity"][:, place], one.values["velocity"][:, 2:-2], atol=0.05)


def test_unusable_swings_have_nothing_in_any_bin() -> None:
    columns = run_of(pendulum.strides(), pendulum.BOUTS, ["right"]).sides["right"]
    bins = binned(swings_of(columns, None), THIGH)
    assert all(np.isnan(values).all() for values in bins.values.values())
    assert "work" not in binned(swings(), thigh_of(Body())).values


def clipped(session: Known, loss_rad: float) -> Known:
    """Take range off the last 15° of fast strides, more and more over the run.

    A twice differentiable squeeze of the angle above a knee point: below it nothing changes.
    """
    motion = {}
    for side in SIDES:
        whole = session.motion[side]
        knee = 35.0 * DEG
        own = [s for s in session.strides if s.side == side and s.pace == "fast"]
        tau = np.interp(
            whole.t_s,
            [s.t_peak_flexion_s for s in own],
            [s.moving_fraction or 0.0 for s in own],
        )
        above = np.maximum(whole.flexion_rad - knee, 0.0)
        span = 15 * DEG
        fast = np.interp(whole.t_s, *_fast_spans(session))
        less = loss_rad * tau * fast * (above / span) ** 3 / (1 + (above / span) ** 2)
        motion[side] = replace(
            whole, flexion_rad=whole.flexion_rad - less, thigh_rad=whole.thigh_rad - less
        )
    strides = [_remeasured(s, motion[s.side]) for s in session.strides]
    return Known(tuple(strides), session.bouts, motion)


def _fast_spans(session: Known) -> tuple[list[float], list[float]]:
    """1 inside fast bouts, 0 outside."""
    t_s, share = [-1.0], [0.0]
    for bout in session.bouts:
        if bout.pace == "fast":
            t_s += [bout.start_s, bout.start_s + 0.5, bout.end_s - 0.5, bout.end_s]
            share += [0.0, 1.0, 1.0, 0.0]
    return t_s, share


def _remeasured(stride: Stride, motion: HipMotion) -> Stride:
    near = np.abs(motion.t_s - stride.t_peak_flexion_s) < 0.1
    return stride._replace(peak_flexion_rad=float(motion.flexion_rad[near].max()))


def lost(profiles: Sequence[RangeProfile], quantity: str) -> dict[tuple[str, str], FloatArray]:
    """Lower edges in degrees of bins that lost, per side and pace."""
    return {
        (p.side, p.pace): np.degrees(p.from_rad[(p.q_value < 0.05) & (p.delta < 0)])
        for p in profiles
        if p.quantity == quantity
    }


def test_a_loss_of_the_end_of_the_fast_range_is_seen_there_and_nowhere_else() -> None:
    steady = intervals(3, 6, variability={"bout_deg": 0.1, "amplitude": 0.01})
    session = clipped(known(steady), 8 * DEG)
    said = measure_strength(session.strides, session.bouts, session.motion, BODY)
    found = lost(said.profiles, "velocity")
    for side in SIDES:
        assert len(found[side, "easy"]) == 0
        assert len(found[side, "fast"]) >= 2
        assert found[side, "fast"].min() > 29.0  # 12 Hz carry the knee at 35° one bin further
        assert found[side, "fast"].max() > 44.0
    assert said.full_range.headline.delta_ci95 is not None
    assert said.full_range.headline.delta_ci95[1] < 0.0
    assert said.endurance.headline.delta_ci95 is not None
    low, high = said.endurance.headline.delta_ci95
    assert low < 0.0 < high


def test_profiles_tell_of_fresh_and_tired_where_most_fresh_strides_went() -> None:
    session = known(intervals(1))
    profiles = measure_strength(session.strides, session.bouts, session.motion, BODY).profiles
    assert {(p.side, p.pace, p.quantity) for p in profiles} == {
        (side, pace, name)
        for side in SIDES
        for pace in ("easy", "fast")
        for name in ("velocity", "acceleration", "work")
    }
    for p in profiles:
        assert_allclose(p.to_rad - p.from_rad, BIN_RAD)
        assert_allclose(np.diff(p.from_rad), BIN_RAD)
        assert np.isfinite(p.fresh).all()
        assert (p.delta_low <= p.delta).all()
        assert (p.delta <= p.delta_high).all()
        assert ((p.q_value >= 0) & (p.q_value <= 1)).all()
    velocity = next(p for p in profiles if (p.pace, p.quantity) == ("fast", "velocity"))
    assert 20 * DEG < velocity.to_rad[-1] < 60 * DEG
    assert velocity.fresh.max() == pytest.approx(8.7, rel=0.1)
