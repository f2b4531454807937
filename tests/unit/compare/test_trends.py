"""Lines over weeks: what is used, what is left out, and every judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from hipimu.compare import trend, trends
from hipimu.data import OUTCOMES, SIDES, SessionSummary, TrainingContext
from hipimu.units import deg_from_rad
from tests.unit.compare.summaries import estimate, not_estimable, season, summary

STEADY = [0.4, -0.3, 0.2, -0.5, 0.3, -0.1, 0.4, -0.4, 0.1, -0.1, 0.2, -0.2]


UNSURE = [-8.8, -8.0, -5.3, -6.4, -9.1, -6.8, -7.3, -6.1, -8.1, -5.4, -5.2, -3.2]


def rising(per_session_deg: float, scatter: float = 1.0) -> list[float]:
    return [-8 + per_session_deg * i + scatter * error for i, error in enumerate(STEADY)]


def test_the_line_of_exact_values_is_exact() -> None:
    found = trend(season([-8 + 0.5 * i for i in range(8)], [7.0 * i for i in range(8)]))
    assert found.per_week is not None
    assert found.change is not None

    assert deg_from_rad(found.per_week) == pytest.approx(0.5)
    assert deg_from_rad(found.change) == pytest.approx(3.5)
    assert (found.judgement, found.unit, found.athlete) == ("real", "rad", "Ada")


@pytest.mark.parametrize(
    ("values", "judgement"),
    [
        (rising(0.4), "real"),
        (rising(-0.4), "real"),
        (rising(0.0), "noise"),
        ([-8.0, -2.0, -7.0, -3.0], "cannot_tell"),
    ],
)
def test_judgements(values: list[float], judgement: str) -> None:
    days = [7.0 * i for i in range(len(values))]
    assert trend(season(values, days)).judgement == judgement


def test_repeatability_is_between_the_default_and_the_athletes_own() -> None:
    quiet, loud = trend(season(rising(0.0, 0.2))), trend(season(rising(0.0, 12.0)))
    assert quiet.repeatability_sd is not None
    assert loud.repeatability_sd is not None

    assert deg_from_rad(quiet.repeatability_sd) < 1.5
    assert deg_from_rad(loud.repeatability_sd) > 3
    assert quiet.detectable == pytest.approx(1.96 * 2**0.5 * quiet.repeatability_sd, rel=1e-3)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_too_few_sessions_are_no_trend(count: int) -> None:
    found = trend(season([-8.0, -5.0, -1.0][:count], [0.0, 20.0, 40.0][:count]))

    assert found.judgement == "cannot_tell"
    assert found.reasons
    assert (found.per_week is None) == (count < 3)


def test_a_good_week_is_no_trend() -> None:
    found = trend(season(rising(0.4), [float(day) for day in range(12)]))
    assert found.judgement == "cannot_tell"
    assert "span 11 days" in found.reasons[0]


@pytest.mark.parametrize(
    "odd",
    [
        replace(summary(40.5, [estimate(9.0)]), method="causal"),
        replace(summary(40.5, [estimate(9.0)]), filter="ekf"),
        replace(summary(40.5, [estimate(9.0)]), athlete="Emil"),
        summary(40.5, [not_estimable()]),
        summary(40.5, []),
        replace(summary(None, [estimate(9.0)]), method="causal"),
        summary(None, [estimate(9.0)]),
    ],
)
def test_a_session_that_is_left_out_changes_nothing(odd: SessionSummary) -> None:
    sessions = season(rising(0.3), [4.0 * i for i in range(12)])
    without, beside = trend(sessions), trend([*sessions, odd])

    assert beside.judgement == without.judgement == "real"
    assert beside.change_ci95 == without.change_ci95
    assert beside.repeatability_sd == without.repeatability_sd
    if odd.started_at is None:
        assert "1 without a date left out" in beside.reasons
    else:
        (point,) = [point for point in beside.points if point.left_out]
        assert point.session == "run-40.5"


def test_the_latest_session_says_what_is_comparable() -> None:
    sessions = season(rising(0.4))
    newest = summary(60, [estimate(-4.0)], method="causal")
    found = trend([*sessions, newest])

    assert sum(not point.left_out for point in found.points) == 1
    assert found.judgement == "cannot_tell"
    assert trend([*sessions, newest], reference=sessions[-1]).judgement == "real"


def test_levels_are_followed_at_one_speed_from_one_neutral() -> None:
    sessions = season(rising(0.0))
    slower = replace(sessions[3], speed_m_s={"easy": 3.0, "fast": 4.0})
    guessed = replace(sessions[4], neutral="guessed from the mean pose in gait")
    changed = [slower if i == 3 else guessed if i == 4 else s for i, s in enumerate(sessions)]
    found = trend(changed, "level_fast", "left")

    assert [bool(point.left_out) for point in found.points].count(True) == 2
    assert not any(point.left_out for point in trend(changed, "rfi", "left").points)


def in_shoes(values: list[float], shoes: Sequence[str | None]) -> list[SessionSummary]:
    return [
        replace(session, context=TrainingContext(shoes=worn))
        for session, worn in zip(season(values), shoes, strict=True)
    ]


def test_new_shoes_are_no_trend() -> None:
    step = [value + (4.0 if i >= 6 else 0.0) for i, value in enumerate(rising(0.0))]
    shoes = ["old"] * 6 + ["new"] * 6

    assert trend(season(step)).judgement == "real"
    told = trend(in_shoes(step, shoes))
    assert told.judgement != "real"
    assert "shoes or ground changed" in told.reasons[0]
    assert trend(in_shoes(rising(0.4), shoes)).judgement == "real"


def test_shoes_that_nobody_told_are_the_latest() -> None:
    shoes = [None, "a", None, "a", None, "a", None, None, "a", "a", None, None]
    assert trend(in_shoes(rising(0.4), shoes)) == trend(in_shoes(rising(0.4), ["a"] * 12))


def test_other_shoes_every_time_say_nothing() -> None:
    found = trend(in_shoes(rising(0.4), [str(i) for i in range(12)]))
    assert found.judgement == "cannot_tell"
    assert found.per_week is None
    assert "too often" in found.reasons[0]


def both(fast: tuple[float, float], day: float) -> SessionSummary:
    return summary(day, [estimate(fast[0]), estimate(fast[1], side="right")])


def test_without_a_side_it_is_the_mean_of_both() -> None:
    sessions = [both((-6 + i, -2 - i), 5.0 * i) for i in range(6)]
    one_leg = summary(12.0, [estimate(30.0)])
    found = trend([*sessions, one_leg])

    assert found.change == pytest.approx(0.0, abs=1e-12)
    (aside,) = [point for point in found.points if point.left_out]
    assert "same sides" in aside.left_out
    assert trend(sessions, side="left").change == pytest.approx(
        -(trend(sessions, side="right").change or 0)
    )


def test_the_default_trends_are_corrected_for_one_another() -> None:
    """With p between 0.0125 and 0.05 a single trend is real, one among four is not."""
    values = UNSURE
    alone = trend(season(values), side="left")
    sessions = [
        summary(
            3.0 * i,
            [
                estimate(value if (side, peak) == ("left", "peak_flexion") else 3 * STEADY[i],
                         side=side, outcome=peak)
                for side in SIDES
                for peak in OUTCOMES
            ],
        )
        for i, value in enumerate(values)
    ]  # fmt: skip
    found = trends(sessions)

    assert len(found) == 8
    assert [one.quantity for one in found] == ["delta_fast"] * 4 + ["rfi"] * 4
    assert alone.judgement == "real"
    assert found[0].change_ci95 == alone.change_ci95
    assert found[0].judgement == "cannot_tell"
    assert "among 4 trends" in found[0].reasons[-1]


def test_peaks_that_were_never_measured_have_no_trend() -> None:
    assert {(one.side, one.outcome) for one in trends(season(rising(0.4)))} == {
        ("left", "peak_flexion")
    }


def test_one_session_far_out_is_no_trend() -> None:
    values = [-4.0, -4.1, -3.9, -4.05, -4.0, -3.95, -4.1, 8.0]
    straight = [-4.0, -4.1, -3.9, -4.05, -4.0, -3.95, -4.1, -4.0]
    assert trend(season(values)).judgement == "cannot_tell"
    assert trend(season(straight)).judgement == "noise"


@pytest.mark.parametrize("quantity", ["level_fast", "level_easy"])
def test_levels_of_both_sides_have_no_interval_and_do_not_fail(quantity: str) -> None:
    found = trend(season(rising(0.4)), quantity)
    assert all(point.interval is None for point in found.points)
    assert found.judgement in ("real", "noise", "cannot_tell")
