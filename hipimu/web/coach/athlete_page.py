"""One athlete over weeks: calendar, trend, notes, sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from hipimu.data import OUTCOMES, SIDES, Outcome, Side, Trend, TrendPoint
from hipimu.report.numerals import clock
from hipimu.report.over_weeks import trend_sentence
from hipimu.report.pace_source import told_by
from hipimu.report.wording import verdict_words
from hipimu.store import Athlete, ListedSession, Note, StoreView
from hipimu.web.coach import words
from hipimu.web.coach.calendar import Week, weeks
from hipimu.web.coach.over_weeks import Followed, recent, trend_of
from hipimu.web.coach.sessions import SPANS, USUAL_WEEKS, days_between, quality_of, verdict_of
from hipimu.web.coach.trend_chart import TrendChart, trend_charts
from hipimu.web.coach.words import BY_NAME, PEAKS, QUANTITIES, Quantity

_ALL_WEEKS: Final = 5200
_SIDES: Final[tuple[Side | None, ...]] = (None, *SIDES)
CALENDAR_WEEKS: Final = 8
"""Shown at once; older ones open."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of an athlete is shown."""

    quantity: str = "delta_fast"
    side: Side | None = None
    outcome: Outcome = "peak_flexion"
    weeks: int = USUAL_WEEKS

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Choice:
        """Return what an address asks for; what it does not say, or says wrongly, is as usual."""
        usual = cls()
        told = query.get("weeks", "")
        asked = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else usual.weeks
        quantity = query["show"] if query.get("show") in BY_NAME else usual.quantity
        return cls(
            quantity=quantity,
            side=next((side for side in _SIDES if side == query.get("side")), _SIDES[0]),
            outcome=next((peak for peak in OUTCOMES if peak == query.get("peak")), usual.outcome),
            weeks=asked if asked in SPANS else usual.weeks,
        )

    def followed(self) -> Followed:
        """Return what is to be followed."""
        return Followed(self.quantity, self.side, self.outcome, self.weeks)

    def query(self) -> str:
        """Write it as the query of an address, what is usual left out."""
        usual = Choice()
        told = {
            "show": (self.quantity, usual.quantity),
            "side": (self.side or "", ""),
            "peak": (self.outcome, usual.outcome),
            "weeks": (str(self.weeks), str(usual.weeks)),
        }
        given = urlencode({name: own for name, (own, other) in told.items() if own != other})
        return f"?{given}" if given else ""


@dataclass(frozen=True, slots=True)
class Link:
    """One of several things that can be shown."""

    text: str
    query: str
    current: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in the list."""

    name: str
    started_at: datetime | None
    when: str
    duration: str
    mark: str
    verdict: str
    value: str
    span: str
    left_out: str
    quality: tuple[str, ...]
    context: str
    pace: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class AthletePage:
    """What an athlete's page shows."""

    athlete: Athlete
    choice: Choice
    quantity: Quantity
    links: Mapping[str, tuple[Link, ...]]
    trend: Trend
    charts: tuple[TrendChart, ...]
    said: str
    recent: tuple[Week, ...]
    older: tuple[Week, ...]
    rows: tuple[SessionRow, ...]
    hidden: int
    """Sessions before the weeks that are shown."""
    days_since: float | None
    notes: tuple[Note, ...]
    deleted: tuple[Note, ...]


def athlete_page(store: StoreView, name: str, choice: Choice, now: datetime) -> AthletePage:
    """Look through one athlete's sessions.

    Raises
    ------
    StoreError
        When there is no such athlete.
    """
    athlete = store.athlete(name)
    listed = recent(store, athlete, choice.weeks, now)
    found = trend_of(store, athlete, choice.followed(), listed)
    notes = store.notes(athlete=athlete.name)
    calendar = weeks(listed, words.local(now).date(), choice.weeks or _ALL_WEEKS)
    points = {point.session: point for point in found.points}
    return AthletePage(
        athlete=athlete,
        choice=choice,
        quantity=BY_NAME[choice.quantity],
        links=_links(choice),
        trend=found,
        charts=trend_charts(found, notes),
        said=_said(found),
        recent=calendar[:CALENDAR_WEEKS],
        older=calendar[CALENDAR_WEEKS:],
        rows=tuple(_row(session, points.get(session.name), choice) for session in listed),
        hidden=athlete.sessions - len(listed),
        days_since=days_between(athlete.last_session_at, now),
        notes=tuple(reversed(notes)),
        deleted=store.notes(athlete=athlete.name, deleted=True),
    )


def _links(choice: Choice) -> dict[str, tuple[Link, ...]]:
    return {
        "Quantity": tuple(
            Link(own.short, replace(choice, quantity=own.name).query(), own.name == choice.quantity)
            for own in QUANTITIES
        ),
        "Peak": tuple(
            Link(text, replace(choice, outcome=peak).query(), peak == choice.outcome)
            for peak, text in PEAKS.items()
        ),
        "Side": tuple(
            Link(words.whose(side).capitalize(), replace(choice, side=side).query(),
                 side == choice.side)
            for side in _SIDES
        ),
        "Time": tuple(
            Link(text.capitalize(), replace(choice, weeks=span).query(), span == choice.weeks)
            for span, text in SPANS.items()
        ),
    }  # fmt: skip


def _said(found: Trend) -> str:
    """Say what became of it, how sure that is, and what may be chance."""
    if found.change is None or found.detectable is None:
        return trend_sentence(found)
    chance = f"Two single sessions may differ by {words.angle(found.detectable)} by chance."
    return f"{trend_sentence(found)} {chance}"


def _row(session: ListedSession, point: TrendPoint | None, choice: Choice) -> SessionRow:
    verdict = verdict_of(session, choice.outcome)
    told = session.context
    parts = (told.surface, told.shoes, *told.tags, told.injury and f"injury: {told.injury}")
    return SessionRow(
        name=session.name,
        started_at=session.started_at,
        when=words.when(session.started_at),
        duration=clock(session.duration_s),
        mark=words.mark(verdict),
        verdict=verdict_words(verdict),
        value=words.angle(None if point is None else point.value),
        span=words.angle_span(None if point is None else point.interval),
        left_out="" if point is None else point.left_out,
        quality=quality_of(session),
        context=", ".join(part for part in parts if part),
        pace=told_by(session.pace_source),
        simulated=session.simulated,
    )
