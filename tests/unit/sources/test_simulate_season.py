from __future__ import annotations

from datetime import UTC, date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from hipimu.sources.simulate.season import (
    SESSIONS,
    SQUAD,
    Character,
    SeasonSession,
    kept_deg,
    season_session,
)

LAST = date(2026, 7, 1)
BY_NAME = {who.key: who for who in SQUAD}


def season(who: Character) -> list[SeasonSession]:
    return [season_session(who, number, LAST) for number in range(SESSIONS)]


def day_of(session: SeasonSession) -> date:
    started_at = session.plan.started_at
    assert started_at is not None
    return started_at.astimezone(UTC).date()


def kept(session: SeasonSession) -> float:
    return -session.plan.loss.fast_flexion_deg


def test_fourteen_athletes_with_thirty_sessions_that_no_name_confuses() -> None:
    whole = [session for who in SQUAD for session in season(who)]

    assert (len(SQUAD), len(whole)) == (14, 420)
    assert len({session.name for session in whole}) == 420
    assert len({session.plan.seed for session in whole}) == 420
    assert {session.name for session in season(BY_NAME["gul"])} >= {"gul-01", "gul-30"}


def test_the_same_session_is_drawn_the_same_again() -> None:
    who = BY_NAME["ada"]
    assert season_session(who, 7, LAST) == season_session(who, 7, LAST)
    later = season_session(who, 7, LAST + timedelta(days=3))
    assert day_of(later) - day_of(season_session(who, 7, LAST)) == timedelta(days=3)


@pytest.mark.parametrize("who", SQUAD, ids=lambda who: who.key)
def test_days_follow_each_other_over_eight_weeks(who: Character) -> None:
    days = [day_of(session) for session in season(who)]

    assert all(a < b for a, b in pairwise(days))
    assert days[-1] == LAST - timedelta(days=who.silent_days)
    assert days[-1] - days[0] == timedelta(weeks=8)


@pytest.mark.parametrize("who", SQUAD, ids=lambda who: who.key)
def test_good_and_bad_days_scatter_and_make_no_trend(who: Character) -> None:
    planned = [kept(session) for session in season(who)]
    off = planned - np.array([kept_deg(who, number) for number in range(SESSIONS)])
    slope, _ = np.polyfit(np.arange(SESSIONS), planned, 1)

    assert np.std(off) == pytest.approx(who.scatter_deg)
    assert slope * (SESSIONS - 1) == pytest.approx(who.change_deg, abs=1e-9)
    assert np.mean(planned) == pytest.approx(-who.loss_deg)


def test_who_improves_improves_by_so_much() -> None:
    for key, by in (("ada", 3.0), ("mio", 3.0), ("nia", 3.0), ("bjorn", -3.0), ("hanna", 0.0)):
        who = BY_NAME[key]
        assert kept_deg(who, SESSIONS - 1) - kept_deg(who, 0) == pytest.approx(by)


def test_faults_are_where_they_are_said_to_be() -> None:
    dana = [session.plan.radio.loss for session in season(BY_NAME["dana"])]
    bouts = [len(session.plan.all_bouts()) for session in season(BY_NAME["eunji"])]

    assert dana[-3:] == [0.12] * 3
    assert max(dana[:-3]) < 0.01
    assert bouts[-1] < min(bouts[:-1])
