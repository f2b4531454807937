"""What holds for any sessions whatever."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.compare import comparable, differences, trend, trends
from hipimu.compare.comparable import in_order
from hipimu.data import FatigueEstimate, SessionSummary, Side, TrainingContext
from tests.unit.compare.summaries import estimate, not_estimable, summary

OTHER: dict[Side, Side] = {"left": "right", "right": "left"}
angles = st.floats(-20, 20)
doubts = st.sampled_from([0.0, 1e-9, 0.4, 1.1, 6.0])


@st.composite
def estimates(draw: st.DrawFn) -> tuple[FatigueEstimate, ...]:
    sides: list[Side] = draw(st.sampled_from([["left"], ["right"], ["left", "right"]]))
    return tuple(
        (draw(st.booleans()) and not_estimable(side))
        or estimate(draw(angles), draw(angles), side=side, se_deg=draw(doubts))
        for side in sides
    )


@st.composite
def sessions(draw: st.DrawFn, least: int = 0, most: int = 9) -> list[SessionSummary]:
    days = draw(st.lists(st.integers(0, 60), min_size=least, max_size=most, unique=True))
    kinds = {
        "method": st.sampled_from(["refined", "refined", "refined", "causal"]),
        "neutral": st.sampled_from(["quiet standing, 1.0–7.0 s", "guessed"]),
        "speed_m_s": st.sampled_from([{}, {"fast": 5.0}, {"easy": 3.0, "fast": 4.5}]),
        "context": st.builds(TrainingContext, shoes=st.sampled_from([None, "a", "b"])),
    }
    return [
        summary(float(day), draw(estimates()), **{k: draw(kind) for k, kind in kinds.items()})
        for day in days
    ]


def numbers(value: Any) -> Iterator[float]:
    if is_dataclass(value):
        for field in fields(value):
            yield from numbers(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


def every(found: list[SessionSummary]) -> tuple[Any, ...]:
    return (
        comparable(found),
        trends(found),
        trend(found),
        trend(found, "level_fast", "left"),
        *(differences(a, b, found) for a, b in pairwise(found)),
    )


@settings(max_examples=60, deadline=None)
@given(sessions(), st.randoms())
def test_the_order_of_sessions_does_not_matter(found: list[SessionSummary], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)

    assert comparable(shuffled) == comparable(found)
    assert trends(shuffled) == trends(found)
    if len(found) > 1:
        pair = found[0], found[1]
        assert differences(*pair, shuffled) == differences(*pair, found)


@settings(max_examples=60, deadline=None)
@given(sessions())
def test_every_number_is_finite(found: list[SessionSummary]) -> None:
    assert all(math.isfinite(number) for number in numbers(every(found)))


@settings(max_examples=50, deadline=None)
@given(sessions(least=2))
def test_exchanging_first_and_second_negates(found: list[SessionSummary]) -> None:
    # Own sessions are those that compare with the second: of one kind both ways.
    first, second = (replace(s, method="refined", neutral="", speed_m_s={}) for s in found[:2])
    own = [replace(s, method="refined", neutral="", speed_m_s={}) for s in found]
    there = {one.quantity + str(one.side): one for one in differences(first, second, own)}
    back = {one.quantity + str(one.side): one for one in differences(second, first, own)}

    assert there.keys() == back.keys()
    for name, one in there.items():
        other = back[name]
        assert other.change == -one.change
        assert (other.first, other.second) == (one.second, one.first)
        assert (other.judgement, other.reasons) == (one.judgement, one.reasons)
        assert other.detectable == pytest.approx(one.detectable)
        if one.change_ci95 is not None:
            low, high = one.change_ci95
            assert other.change_ci95 == pytest.approx((-high, -low), abs=1e-12)


def scaled(session: SessionSummary, by: float) -> SessionSummary:
    fatigue = tuple(
        replace(
            one,
            delta_fast_rad=by * one.delta_fast_rad,
            delta_fast_ci95_rad=(by * one.delta_fast_ci95_rad[0], by * one.delta_fast_ci95_rad[1]),
        )
        if one.delta_fast_rad is not None and one.delta_fast_ci95_rad is not None
        else one
        for one in session.fatigue
    )
    return replace(session, fatigue=fatigue)


@settings(max_examples=50, deadline=None)
@given(sessions(), st.sampled_from([0.5, 4.0, -2.0]))
def test_scaling_goes_through_the_line(found: list[SessionSummary], by: float) -> None:
    before, after = trend(found), trend([scaled(session, by) for session in found])

    assert (before.change is None) == (after.change is None)
    if before.change is None or before.change_ci95 is None:
        return
    assert after.change == pytest.approx(by * before.change, rel=1e-5, abs=1e-9)
    ends = sorted(by * end for end in before.change_ci95)
    assert after.change_ci95 == pytest.approx(ends, rel=1e-4, abs=1e-7)


@settings(max_examples=50, deadline=None)
@given(sessions(least=3), estimates(), st.integers(0, 60))
def test_what_is_left_out_changes_nothing(
    found: list[SessionSummary], fatigue: tuple[FatigueEstimate, ...], day: int
) -> None:
    latest = in_order(found)[-1]
    odd = summary(day - 0.5, fatigue, filter="ekf")
    without, beside = trend(found, reference=latest), trend([*found, odd], reference=latest)

    assert replace(beside, points=()) == replace(without, points=())
    assert [p for p in beside.points if p.session != odd.session] == list(without.points)


def mirrored(session: SessionSummary) -> SessionSummary:
    fatigue = tuple(replace(one, side=OTHER[one.side]) for one in session.fatigue)
    return replace(session, fatigue=fatigue)


@settings(max_examples=50, deadline=None)
@given(sessions())
def test_mirrored_sides_mirror(found: list[SessionSummary]) -> None:
    turned = [mirrored(session) for session in found]
    for side in ("left", "right"):
        expected = trend(found, side=side)
        assert trend(turned, side=OTHER[side]) == replace(expected, side=OTHER[side])
    assert trend(turned).judgement == trend(found).judgement
    assert trend(turned).change == pytest.approx(trend(found).change, abs=1e-12)
