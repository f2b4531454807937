"""The end of the range: how fast it is entered, and how often."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from hipimu.data import Body, Bout, Side, Stride
from hipimu.strength.columns import run_of
from hipimu.strength.full_range import entry_velocity_rad_s, full_range, top_entry_rad
from hipimu.strength.swings import Swings, swings_of
from hipimu.strength.thigh import thigh_of
from tests.unit.fatigue.sessions import Design, session
from tests.unit.strength import pendulum

THIGH = thigh_of(Body(70.0, "m", 1.75))


def swings(**changes: float) -> Swings:
    columns = run_of(pendulum.strides(**changes), pendulum.BOUTS, ["right"]).sides["right"]  # type: ignore[arg-type]
    return swings_of(columns, pendulum.motion(**changes))  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.9, 0.9), st.floats(-0.5, 0.5))
def test_velocity_where_an_angle_is_passed(share: float, offset: float) -> None:
    """A cosine passes share·a with a·ω·√(1 − share²); a wrong neutral changes nothing of it."""
    a, omega = pendulum.AMPLITUDE_RAD, 2 * np.pi / pendulum.PERIOD_S
    found = entry_velocity_rad_s(swings(offset_rad=offset), offset + share * a)
    assert np.median(found) == pytest.approx(a * omega * np.sqrt(1 - share**2), rel=0.01)


def test_what_is_not_reached_is_passed_at_nought() -> None:
    found = entry_velocity_rad_s(swings(), 1.05 * pendulum.AMPLITUDE_RAD)
    assert_array_equal(found, 0.0)
    assert np.isnan(entry_velocity_rad_s(swings(), float("nan"))).all()


def peaks_only(design: Design) -> tuple[list[Stride], list[Bout]]:
    strides, bouts = session(design)
    return [s._replace(peak_extension_rad=0.3) for s in strides], bouts


def test_the_top_fifth_is_of_the_fresh_fast_range() -> None:
    """Fast peaks are 0.9 rad when fresh: 0.9 − 0.2·(0.9 + 0.3)."""
    strides, bouts = peaks_only(Design(delta_fast_rad=-0.4))
    run = run_of(strides, bouts, ["right"])
    assert top_entry_rad(run.sides["right"], run) == pytest.approx(0.66)


@pytest.mark.parametrize(("loss", "late_share"), [(0.1, 1.0), (0.48, 0.5)])
def test_the_share_falls_once_a_fifth_of_the_range_is_lost(loss: float, late_share: float) -> None:
    """0.24 rad are a fifth: a loss of 0.48 rad leaves it half way through the run."""
    design = Design(delta_fast_rad=-loss, bouts_each=8)
    strides, bouts = peaks_only(design)
    run = run_of(strides, bouts, ["right"])
    said = full_range(run, {"right": swings_of(run.sides["right"], None)}, THIGH)
    (reached,) = [m for m in said.measures if m.name == "reached_share"]
    assert (reached.unit, reached.side, reached.pace) == ("1", "right", "fast")
    assert reached.fresh is not None
    assert reached.delta is not None
    assert 0.0 <= reached.fresh <= 1.0
    if late_share == 1.0:
        assert (reached.fresh, reached.delta) == pytest.approx((1.0, 0.0))
    else:
        assert reached.delta == pytest.approx(-1.4, abs=0.15)  # a line through a step


def test_a_run_without_fast_bouts_says_so() -> None:
    strides, bouts = peaks_only(Design())
    plain = [s._replace(pace="other") for s in strides if s.pace == "easy"]
    run = run_of(plain, bouts, ["right"])
    said = full_range(run, {"right": swings_of(run.sides["right"], None)}, THIGH)
    why = "it has no fast bouts of at least 30 s, three are needed"
    assert said.headline.reasons == (why,)
    assert said.headline.name == "entry_velocity"
    names = [(m.name, m.pace) for m in said.measures]
    assert names == [
        ("entry_velocity", "fast"),
        ("reached_share", "fast"),
        ("zero_moment_angle", "other"),
    ]


def test_both_sides_have_ends_of_their_own() -> None:
    right, bouts = peaks_only(Design())
    left = [s._replace(side="left", peak_flexion_rad=s.peak_flexion_rad + 0.2) for s in right]
    sides: list[Side] = ["left", "right"]
    run = run_of([*left, *right], bouts, sides)
    entries = [top_entry_rad(run.sides[side], run) for side in sides]
    assert entries[0] - entries[1] == pytest.approx(0.2 - 0.2 * 0.2)
