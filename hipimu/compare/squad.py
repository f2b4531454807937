"""One quantity over weeks in a group of athletes: who changed, who is due, and where to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from scipy import stats

from hipimu.compare.comparable import in_order, quality_doubts
from hipimu.compare.trends import trend
from hipimu.data import Outcome, SessionSummary, Squad, SquadRow, Trend, Verdict
from hipimu.maths.shrinkage import FEWEST, Shrunk, interval, shrink

DUE_DAYS: Final = 14.0
"""Without a session for so long, a change of a few weeks goes by unseen."""
_GRAVEST: Final[tuple[Verdict, ...]] = ("supported", "reversed", "no_evidence", "not_estimable")


@dataclass(frozen=True, slots=True)
class _Member:
    latest: SessionSummary
    trend: Trend


def squad(
    summaries: Mapping[str, Sequence[SessionSummary]],
    now: datetime,
    quantity: str = "delta_fast",
    outcome: Outcome = "peak_flexion",
) -> Squad:
    """Put athletes side by side, each drawn towards the others as far as its own doubt asks for.

    A mixed model in two stages: a trend for each athlete, then athletes about the squad's mean. The
    first stage leaves every athlete its own scatter; the second averages over how much athletes
    truly differ instead of believing one estimate of it (`hipimu.maths.shrinkage`). Where that
    cannot be told, or there are fewer than four athletes with a trend, everyone stands for themself
    and `Squad.said` tells.

    Parameters
    ----------
    summaries : mapping
        Athlete → sessions, in any order; athletes without sessions are left out.
    now : datetime
        With its time zone.
    quantity : str
        Of the hip's peaks.
    outcome : Outcome

    Returns
    -------
    Squad
        Rows in the order in which they need attention.
    """
    members = {
        athlete: _Member(in_order(sessions)[-1], trend(sessions, quantity, None, outcome))
        for athlete, sessions in sorted(summaries.items())
        if sessions
    }
    known = {
        athlete: estimate
        for athlete, member in members.items()
        if (estimate := _slope(member.trend)) is not None
    }
    shrunk = _together(known)
    drawn = {} if shrunk is None else _drawn(shrunk, list(known))
    rows = [_row(name, member, now, outcome, drawn.get(name)) for name, member in members.items()]
    unit = next((m.trend.unit for m in members.values() if m.trend.unit), "")
    return Squad(
        quantity=quantity,
        unit=unit,
        rows=_ranked(rows, members),
        per_week=None if shrunk is None else shrunk.mean,
        per_week_ci95=None if shrunk is None else interval(shrunk.mean, shrunk.mean_se),
        spread=None if shrunk is None else shrunk.spread,
        shrunk=shrunk is not None,
        said=_said(len(known), shrunk),
    )


def _slope(found: Trend) -> tuple[float, float] | None:
    """Change per week and its standard error, widened for few sessions: the second stage is normal.

    An interval by Student's t taken for a normal one has the same ends.
    """
    if found.per_week is None or found.per_week_ci95 is None:
        return None
    half = 0.5 * (found.per_week_ci95[1] - found.per_week_ci95[0])
    error = half / float(stats.norm.ppf(0.975))
    return (found.per_week, error) if error > 0 else None


def _together(known: Mapping[str, tuple[float, float]]) -> Shrunk | None:
    if len(known) < FEWEST:
        return None
    value, error = np.array(list(known.values())).T
    shrunk = shrink(value, error)
    return shrunk if shrunk is not None and shrunk.settled else None


def _drawn(shrunk: Shrunk, athletes: Sequence[str]) -> dict[str, tuple[float, float]]:
    values = zip(shrunk.value.tolist(), shrunk.standard_error.tolist(), strict=True)
    return dict(zip(athletes, values, strict=True))


def _said(known: int, shrunk: Shrunk | None) -> str:
    if shrunk is not None:
        return f"{known} athletes with a trend, each drawn towards the squad by its own doubt."
    if known < FEWEST:
        return (
            f"{known} athletes with a trend, {FEWEST} are needed to draw them together: everyone "
            "stands for themself."
        )
    return (
        "How much athletes differ cannot be told from these trends: everyone stands for themself."
    )


def _row(
    athlete: str,
    member: _Member,
    now: datetime,
    outcome: Outcome,
    drawn: tuple[float, float] | None,
) -> SquadRow:
    latest, found = member.latest, member.trend
    verdicts = [estimate.verdict for estimate in latest.fatigue if estimate.outcome == outcome]
    since = None if latest.started_at is None else (now - latest.started_at).total_seconds() / 86400
    return SquadRow(
        athlete=athlete,
        session=latest.session,
        started_at=latest.started_at,
        days_since=since,
        verdict=min(verdicts, key=_GRAVEST.index, default="not_estimable"),
        trend=found,
        calibration_quality=latest.calibration_quality,
        loss=max(latest.loss.values(), default=0.0),
        usable_share=latest.usable_share,
        per_week=found.per_week if drawn is None else drawn[0],
        per_week_ci95=found.per_week_ci95 if drawn is None else interval(*drawn),
        attention=0,
        why="",
    )


def _ranked(rows: Sequence[SquadRow], members: Mapping[str, _Member]) -> tuple[SquadRow, ...]:
    """Sort by what needs attention, and say it; alike ones by who waits longest."""
    told = [(*_attention(row, members[row.athlete].latest), row) for row in rows]
    told.sort(key=lambda item: (item[0], -(item[2].days_since or 0.0), item[2].athlete))
    return tuple(
        replace(row, attention=place, why=why) for place, (_, why, row) in enumerate(told, start=1)
    )


def _attention(row: SquadRow, latest: SessionSummary) -> tuple[int, str]:
    """What is urgent first: a loss, silence, doubtful data, a tired run; then news, then none."""
    found = row.trend
    if found.judgement == "real" and worse(found):
        return 0, "Range at fast pace is being lost over weeks."
    if row.days_since is None:
        return 1, "The latest session has no date."
    if row.days_since > DUE_DAYS:
        return 1, f"No session for {row.days_since:.0f} days."
    doubts = list(quality_doubts(latest))
    if doubts:
        return 2, f"Latest session: {'; '.join(doubts)}."
    if row.verdict == "not_estimable":
        return 2, "The latest session could not tell."
    if row.verdict == "supported":
        return 3, "In the latest session more range was lost at fast pace."
    if found.judgement == "real":
        return 4, "Range at fast pace is better kept than weeks ago."
    if found.per_week is None:
        return 5, "Too few sessions for a trend."
    if found.judgement == "noise":
        return 6, "No change beyond scatter."
    return 5, "Whether anything changed cannot be told yet."


def worse(found: Trend) -> bool:
    """Whether range is kept less well: a change falls, or the extra loss at fast pace rises."""
    change = found.change or 0.0
    return change > 0 if found.quantity == "rfi" else change < 0
