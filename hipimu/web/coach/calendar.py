"""Sessions in weeks, Monday to Sunday, as this computer's clock has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from hipimu.data import Verdict
from hipimu.report.wording import verdict_words
from hipimu.store import ListedSession
from hipimu.web.coach import words
from hipimu.web.coach.sessions import verdict_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A session on a day."""

    session: str
    verdict: Verdict
    mark: str
    said: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a week."""

    day: date
    today: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days."""

    title: str
    days: tuple[Day, ...]
    count: int


def weeks(sessions: Iterable[ListedSession], today: date, most: int) -> tuple[Week, ...]:
    """Put sessions into weeks, the latest first.

    Parameters
    ----------
    sessions : iterable of ListedSession
        Those without a date are left out.
    today : date
    most : int
        Weeks, counted back from this one.

    Returns
    -------
    tuple of Week
        From this week back to that of the first session, or fewer.
    """
    by_day: defaultdict[date, list[Entry]] = defaultdict(list)
    for session in sorted(sessions, key=lambda s: s.name):
        if session.started_at is not None:
            by_day[words.local(session.started_at).date()].append(_entry(session))
    if not by_day:
        return ()
    this = today - timedelta(days=today.weekday())
    oldest = min(by_day)
    mondays = [this - timedelta(weeks=back) for back in range(most)]
    return tuple(
        _week(monday, by_day, today) for monday in mondays if monday + timedelta(days=6) >= oldest
    )


def _week(monday: date, by_day: dict[date, list[Entry]], today: date) -> Week:
    dates = [monday + timedelta(days=number) for number in range(7)]
    days = tuple(Day(own, own == today, tuple(by_day.get(own, ()))) for own in dates)
    return Week(f"{monday.day} {monday:%b}", days, sum(len(day.entries) for day in days))


def _entry(session: ListedSession) -> Entry:
    verdict = verdict_of(session)
    said = f"{words.when(session.started_at)}: {verdict_words(verdict)}"
    return Entry(session.name, verdict, words.mark(verdict), said)
