"""The first page: who changed, who is due, and where the data is poor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hipimu.data import Squad, SquadRow
from hipimu.report.wording import verdict_words
from hipimu.store import Athlete, ListedSession, StoreView
from hipimu.web.coach import words
from hipimu.web.coach.over_weeks import OUTCOME, squad_now
from hipimu.web.coach.sessions import USUAL_WEEKS, quality_of, verdict_of
from hipimu.web.coach.sparkline import Sparkline, frame, sparkline


@dataclass(frozen=True, slots=True)
class Row:
    """One athlete."""

    athlete: str
    session: str
    why: str
    spark: Sparkline | None
    mark: str
    verdict: str
    judged: str
    judged_mark: str
    change: str
    """Empty where there is no trend."""
    reasons: tuple[str, ...]
    ago: str
    started_at: datetime | None
    quality: tuple[str, ...]
    """What is amiss; empty where nothing is."""
    simulated: bool


@dataclass(frozen=True, slots=True)
class SquadPage:
    """What the first page shows."""

    rows: tuple[Row, ...]
    waiting: tuple[Athlete, ...]
    """Athletes without any session."""
    said: str
    together: str
    """Change of the squad's mean; empty where it is not known."""
    weeks: int


def squad_page(
    store: StoreView, now: datetime, weeks: int = USUAL_WEEKS, team: str | None = None
) -> SquadPage:
    """Look through everybody's sessions of the last weeks.

    Parameters
    ----------
    store : StoreView
    now : datetime
        With its time zone.
    weeks : int
        To look back; 0: all. Who has no session in them is shown by the latest one.
    team : str or None
        Only who is in this team; None: all.

    Returns
    -------
    SquadPage
        Rows in the order in which they need attention.
    """
    found = squad_now(store, now, weeks, team)
    made = found.squad
    shared = frame((row.trend for row in made.rows), now)
    rows = tuple(
        _row(row, found.latest[row.athlete], sparkline(row.trend, shared)) for row in made.rows
    )
    return SquadPage(rows, found.waiting, made.said, _together(made), weeks)


def _row(row: SquadRow, latest: ListedSession, spark: Sparkline | None) -> Row:
    verdict = verdict_of(latest, OUTCOME)
    return Row(
        athlete=row.athlete,
        session=row.session,
        why=row.why,
        spark=spark,
        mark=words.mark(verdict),
        verdict=verdict_words(verdict),
        judged=words.judged(row.trend),
        judged_mark=words.judged_mark(row.trend),
        change=words.in_month(row.per_week, row.per_week_ci95),
        reasons=row.trend.reasons,
        ago=words.ago(row.days_since),
        started_at=row.started_at,
        quality=quality_of(latest),
        simulated=latest.simulated,
    )


def _together(made: Squad) -> str:
    return words.in_month(made.per_week, made.per_week_ci95)
