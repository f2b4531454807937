"""What is computed of sessions over weeks, before anybody shows it: for the pages and the API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hipimu.compare import squad, trend
from hipimu.data import Outcome, SessionSummary, Side, Squad, Trend
from hipimu.store import Athlete, ListedSession, StoreView
from hipimu.web.coach import words
from hipimu.web.coach.sessions import USUAL_WEEKS, as_summary

QUANTITY: Final = "delta_fast"
OUTCOME: Final[Outcome] = "peak_flexion"
_LEVEL: Final = "level_"
_AROUND: Final = timedelta(weeks=26)
"""Sessions that tell the athlete's scatter: a season to either side."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Which quantity of an athlete is followed, and over how long."""

    quantity: str = QUANTITY
    side: Side | None = None
    outcome: Outcome = OUTCOME
    weeks: int = USUAL_WEEKS
    """To look back; 0: all."""


@dataclass(frozen=True, slots=True)
class SquadNow:
    """A squad, and each athlete's latest session."""

    squad: Squad
    latest: Mapping[str, ListedSession]
    waiting: tuple[Athlete, ...]
    """Athletes without any session."""


def squad_now(
    store: StoreView, now: datetime, weeks: int = USUAL_WEEKS, team: str | None = None
) -> SquadNow:
    """Look through everybody's sessions of the last weeks.

    Parameters
    ----------
    store : StoreView
    now : datetime
        With its time zone.
    weeks : int
        To look back; 0: all. Who has no session in them is there with the latest one.
    team : str or None
        Only who is in this team; None: all.
    """
    athletes = tuple(own for own in store.athletes() if team is None or own.team == team)
    by_athlete = _by_athlete(store, athletes, now, weeks)
    light = {name: _light(store, own) for name, own in by_athlete.items()}
    return SquadNow(
        squad=squad(light, now, QUANTITY, OUTCOME),
        latest={name: own[0] for name, own in by_athlete.items()},
        waiting=tuple(athlete for athlete in athletes if not athlete.sessions),
    )


def _by_athlete(
    store: StoreView, athletes: Sequence[Athlete], now: datetime, weeks: int
) -> dict[str, list[ListedSession]]:
    """Sessions of each athlete, newest first."""
    since = now - timedelta(weeks=weeks) if weeks else None
    wanted = {athlete.name for athlete in athletes}
    found: defaultdict[str, list[ListedSession]] = defaultdict(list)
    for session in store.listed(since=since):
        if session.athlete in wanted:
            found[session.athlete].append(session)
    for athlete in athletes:
        if athlete.sessions and athlete.name not in found:
            latest = store.listed(athlete.name, athlete.last_session_at)
            found[athlete.name] = list(latest[:1])
    return found


def _light(store: StoreView, own: Sequence[ListedSession]) -> list[SessionSummary]:
    """The latest one whole where its data is poor: then it matters which sensor it was."""
    made = [as_summary(session, (OUTCOME,)) for session in own]
    latest = own[0]
    if latest.worst_loss > words.MOST_LOSS:
        made[0] = store.summary(latest.name)
    return made


def recent(
    store: StoreView, athlete: Athlete, weeks: int, now: datetime
) -> tuple[ListedSession, ...]:
    """Return an athlete's sessions of the last weeks; without any, or of 0, all there are."""
    if not weeks:
        return store.listed(athlete.name)
    since = now - timedelta(weeks=weeks)
    return store.listed(athlete.name, since) or store.listed(athlete.name)


def trend_of(
    store: StoreView, athlete: Athlete, followed: Followed, listed: Sequence[ListedSession]
) -> Trend:
    """Follow one quantity through an athlete's sessions, newest first."""
    light = [as_summary(session, (followed.outcome,)) for session in listed]
    if followed.quantity.startswith(_LEVEL):
        # Levels follow speed, which lists do not know.
        names = {session.name for session in listed}
        since = listed[-1].started_at if listed else None
        whole = store.summaries(athlete.name, since)
        light = [summary for summary in whole if summary.session in names]
    return trend(light, followed.quantity, followed.side, followed.outcome)


def repeated(store: StoreView, summaries: Sequence[SessionSummary]) -> tuple[SessionSummary, ...]:
    """Return sessions of the same athlete at about that time, which tell how much they scatter."""
    athletes = {summary.athlete for summary in summaries}
    dates = [summary.started_at for summary in summaries if summary.started_at is not None]
    if len(athletes) > 1 or not dates:
        return tuple(summaries) if len(athletes) == 1 else ()
    return store.summaries(athletes.pop(), min(dates) - _AROUND, max(dates) + _AROUND)
