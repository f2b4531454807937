"""Places on drawings, weeks of calendars, and what they say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hipimu.compare import trend
from hipimu.data import SessionSummary
from hipimu.store import ListedSession, Note
from hipimu.web.coach import words
from hipimu.web.coach.athlete_page import Choice
from hipimu.web.coach.calendar import weeks
from hipimu.web.coach.scale import Scale, around, ticks
from hipimu.web.coach.sparkline import HEIGHT, WIDTH, frame, sparkline
from hipimu.web.coach.trend_chart import trend_charts
from tests.unit.compare.summaries import START, estimate, not_estimable, season, summary


def listed(like: SessionSummary) -> ListedSession:
    return ListedSession(
        name=like.session,
        athlete=like.athlete,
        recording=like.recording,
        simulated=False,
        started_at=like.started_at,
        duration_s=like.duration_s,
        method=like.method,
        filter=like.filter,
        hipimu_version=like.hipimu_version,
        pace_source=like.pace_source,
        calibration_quality=1.0,
        usable_share=0.9,
        worst_loss=0.0,
        context=like.context,
        fatigue=like.fatigue,
    )


def note(text: str, at: datetime, session: str | None = None, number: int = 1) -> Note:
    return Note(number, "Ada", session, None, "Pat", text, at, None, None)


def test_scales_go_both_ways_and_stay_inside() -> None:
    up = Scale(-2.0, 2.0, 100.0, 0.0)
    assert [up(value) for value in (-2.0, 0.0, 2.0, 9.0)] == [100.0, 50.0, 0.0, 0.0]


def test_limits_hold_all_and_are_never_empty() -> None:
    assert around([1.0], 4.0) == (-1.0, 3.0)
    assert around([], 4.0) == (-2.0, 2.0)
    low, high = around([-10.0, 10.0], 4.0)
    assert (low, high) == pytest.approx((-11.2, 11.2))
    assert [*ticks(-11.2, 11.2)] == [-10.0, -5.0, 0.0, 5.0, 10.0]


def test_a_sparkline_falls_where_range_is_lost_and_says_so() -> None:
    found = trend(season([-1.0, -2.0, -3.0, -6.0]))
    drawn = sparkline(found, frame([found], START + timedelta(days=20)))
    assert drawn is not None
    heights = [y for _, y, _ in drawn.dots]
    assert heights == sorted(heights)
    assert drawn.zero_y < heights[0]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y, _ in drawn.dots)
    assert drawn.said == ("4 sessions: first −1.0° on 2 March 2026, latest −6.0° on 11 March 2026.")


def test_sparklines_share_their_scale() -> None:
    small, large = trend(season([-1.0] * 4)), trend(season([-9.0] * 4))
    shared = frame([small, large], START + timedelta(days=20))
    first, second = sparkline(small, shared), sparkline(large, shared)
    assert first is not None
    assert second is not None
    assert first.zero_y == second.zero_y
    assert first.last[1] < second.last[1]


def test_nothing_known_is_not_drawn() -> None:
    found = trend([summary(0.0, [not_estimable()])])
    assert sparkline(found, frame([found], START)) is None
    assert trend_charts(found, ()) == ()


def test_a_trend_goes_through_its_sessions() -> None:
    found = trend(season([-6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0]))
    for drawn in trend_charts(found, ()):
        ends = [tuple(map(float, pair.split(","))) for pair in drawn.line.split()]
        assert ends[0] == pytest.approx((drawn.dots[0].x, drawn.dots[0].y), abs=0.2)
        assert ends[1] == pytest.approx((drawn.dots[-1].x, drawn.dots[-1].y), abs=0.2)
        assert drawn.dots[0].low_y is not None
        assert drawn.dots[0].low_y > drawn.dots[0].y
        assert all(drawn.left <= dot.x <= drawn.right for dot in drawn.dots)
        assert "−6.0° (" in drawn.dots[0].said


def test_a_single_session_stands_in_the_middle() -> None:
    (wide, _) = trend_charts(trend(season([-4.0])), ())
    assert wide.dots[0].x == pytest.approx(0.5 * (wide.left + wide.right), abs=0.1)
    assert (wide.line, wide.fan, wide.band) == ("", "", None)


def test_what_is_not_used_is_hollow_and_says_why() -> None:
    sessions = [*season([-4.0] * 5), summary(20.0, [estimate(-4.0)], method="causal")]
    found = trend(sessions, reference=sessions[0])
    dots = trend_charts(found, ())[0].dots
    assert [dot.used for dot in dots] == [True] * 5 + [False]
    assert "not used: Analysed in different ways" in dots[-1].said


def test_notes_stand_at_the_date_of_what_they_are_about() -> None:
    sessions = season([-4.0] * 8)
    late = START + timedelta(days=400)
    flags = trend_charts(
        trend(sessions), [note("slept badly", late, sessions[2].session), note("new shoes", START)]
    )[0]
    dots = flags.dots
    assert [flag.x for flag in flags.flags] == [dots[0].x, dots[2].x]
    assert "slept badly" in flags.flags[1].said


def test_notes_that_are_near_share_a_mark() -> None:
    notes = [note(f"note {i}", START, number=i) for i in range(3)]
    (flag,) = trend_charts(trend(season([-4.0] * 8)), notes)[0].flags
    assert (flag.text, flag.note) == ("3", 0)


def test_weeks_begin_on_monday_and_the_latest_comes_first() -> None:
    sessions = [listed(summary(float(day))) for day in (0, 1, 8)]
    made = weeks(sessions, date(2026, 3, 12), 10)
    assert [week.title for week in made] == ["9 Mar", "2 Mar"]
    assert [week.count for week in made] == [1, 2]
    assert [bool(day.entries) for day in made[1].days][:3] == [True, True, False]
    assert [day.today for day in made[0].days].index(True) == 3


def test_weeks_without_a_date_are_none() -> None:
    assert weeks([listed(summary(None))], date(2026, 3, 12), 10) == ()


def test_a_choice_comes_back_from_its_address() -> None:
    chosen = Choice("rfi", "left", "peak_extension", 12)
    query = dict(pair.split("=") for pair in chosen.query()[1:].split("&"))
    assert Choice.read(query) == chosen
    assert Choice().query() == ""


def test_a_real_change_is_told_by_what_it_means() -> None:
    better = trend(season([-8.0, -7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0], se_deg=0.3))
    extra = trend(season([-8.0, -7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0], se_deg=0.3), "rfi")
    assert (words.judged(better), words.judged_mark(better)) == ("real change: better", "▲")
    assert (words.judged(extra), words.judged_mark(extra)) == ("real change: better", "▼")


def test_times_are_local() -> None:
    moment = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
    own = moment.astimezone()
    assert words.when(moment) == f"{own.day} July 2026, {own:%H:%M}"
    assert words.ago(0.4) == "today"
    assert words.ago(1.9) == "1 day ago"
