"""One quantity of one athlete over weeks, and whether it really changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hipimu.compare.comparable import in_order, level_doubt, refusal
from hipimu.compare.line import Line, Used, fit_line, kinds_of, used
from hipimu.compare.readings import Key, Reading, is_level, of_hip, reading_of, sides_of
from hipimu.compare.scatter import Scatter, scatter_of
from hipimu.data import (
    OUTCOMES,
    SIDES,
    Interval,
    Judgement,
    Outcome,
    Pace,
    SessionSummary,
    Side,
    Trend,
    TrendPoint,
)
from hipimu.maths.statistics import holm

DEFAULT: Final = ("delta_fast", "rfi")
"""What is lost at fast pace over a run, and how much more than at easy pace."""
FEWEST: Final = 4
"""Sessions. Nothing is a trait before it was seen three times, and a line through three has one
degree of freedom: its interval is thirteen standard errors wide to either side."""
LEAST_WEEKS: Final = 2.0
"""Within less a good week looks like a trend."""
_ALPHA: Final = 0.05
_RANKS_AGREE: Final = 1.96
"""Two-sided 5 %, as the interval. It costs little power, and keeps false alarms below 5 % where
sessions are not alike (docs, explanation “Over weeks”)."""
_PACE_OF: Final[dict[str, Pace]] = {
    "delta_easy": "easy",
    "delta_fast": "fast",
    "level_easy": "easy",
    "level_fast": "fast",
}


@dataclass(frozen=True, slots=True)
class _Judged:
    trend: Trend
    p_value: float | None = None


def trend(
    summaries: Iterable[SessionSummary],
    quantity: str = "delta_fast",
    side: Side | None = None,
    outcome: Outcome | None = "peak_flexion",
    *,
    pace: Pace | None = None,
    reference: SessionSummary | None = None,
) -> Trend:
    """Follow one quantity of one athlete over weeks.

    *Real* is a change whose 95 % interval excludes 0, and that the ranks of the sessions confirm
    (the test of Theil–Sen's median of all pairs); *noise* one whose interval lies within the
    detectable change between two single sessions; else it cannot be told. Where shoes or ground
    changed, sessions are held against those in the same ones.

    Parameters
    ----------
    summaries : iterable of SessionSummary
        Of one athlete, in any order.
    quantity : str
        As in `Difference.quantity`.
    side : Side, optional
        None: the mean of the sides, or a quantity that has no side.
    outcome : Outcome, optional
        None for measures of the four dimensions.
    pace : Pace, optional
        Only of measures of the four dimensions.
    reference : SessionSummary, optional
        What cannot be held against it is left out. None: the latest session.

    Returns
    -------
    Trend
        Numbers are None where there are too few sessions; `reasons` says so.
    """
    key = _key(quantity, side, outcome, pace)
    return _trend(in_order(summaries), key, reference).trend


def trends(
    summaries: Iterable[SessionSummary],
    quantities: Sequence[str] = DEFAULT,
    outcomes: Sequence[Outcome] = OUTCOMES,
    *,
    reference: SessionSummary | None = None,
) -> tuple[Trend, ...]:
    """Follow quantities of the hip's peaks on each side, as far as they are there.

    Whoever looks at four trends sees one of twenty too often: what is called real is so for its
    quantity as a whole, over sides and peaks (Holm 1979).

    Parameters
    ----------
    summaries : iterable of SessionSummary
    quantities : sequence of str
        Of the hip's peaks.
    outcomes : sequence of Outcome
    reference : SessionSummary, optional
        As for `trend`.
    """
    ordered = in_order(summaries)
    found: list[Trend] = []
    for quantity in quantities:
        keys = [_key(quantity, side, peak, None) for side in SIDES for peak in outcomes]
        family = [_trend(ordered, key, reference) for key in keys]
        found += _corrected([one for one in family if _was_measured(one.trend)])
    return tuple(found)


def _was_measured(found: Trend) -> bool:
    return any(point.value is not None for point in found.points)


def _key(quantity: str, side: Side | None, outcome: Outcome | None, pace: Pace | None) -> Key:
    if "/" in quantity:
        return Key(quantity, side, None, pace)
    return Key(quantity, side, outcome, _PACE_OF.get(quantity))


def _trend(
    ordered: Sequence[SessionSummary], key: Key, reference: SessionSummary | None
) -> _Judged:
    if not ordered:
        return _followed(_empty(ordered, key, ""), used(()))
    against = reference or ordered[-1]
    known = [(session, reading_of(session, key)) for session in ordered]
    refused = [refusal(session, against) for session in ordered]
    told = [s for (s, reading), why in zip(known, refused, strict=True) if reading and not why]
    sides = sides_of(told[-1], key) if told and key.side is None else ()
    points: list[TrendPoint] = []
    kept: list[tuple[SessionSummary, Reading]] = []
    for (session, reading), no in zip(known, refused, strict=True):
        why = no or _left_out(session, reading, against, key, sides)
        if session.started_at is not None:
            value, ci95 = (reading.value, reading.ci95) if reading else (None, None)
            points.append(TrendPoint(session.session, session.started_at, value, ci95, why))
            if reading and not why:
                kept.append((session, reading))
    unit = next((reading.unit for _, reading in reversed(known) if reading), "")
    base = replace(_empty(ordered, key, unit), points=tuple(points), reasons=_undated(ordered))
    return _followed(base, used(kept))


def _empty(ordered: Sequence[SessionSummary], key: Key, unit: str) -> Trend:
    return Trend(
        athlete=ordered[-1].athlete if ordered else "",
        quantity=key.quantity,
        unit="rad" if of_hip(key.quantity) else unit,
        side=key.side,
        outcome=key.outcome,
        points=(),
        per_week=None,
        per_week_ci95=None,
        change=None,
        change_ci95=None,
        detectable=None,
        repeatability_sd=None,
        judgement="cannot_tell",
    )


def _undated(ordered: Sequence[SessionSummary]) -> tuple[str, ...]:
    count = sum(session.started_at is None for session in ordered)
    return (f"{count} without a date left out",) if count else ()


def _left_out(
    session: SessionSummary,
    reading: Reading | None,
    against: SessionSummary,
    key: Key,
    sides: tuple[Side, ...],
) -> str:
    """Why a session is shown and not used; empty where it is used."""
    if reading is None:
        return "this run could not tell"
    if sides and sides_of(session, key) != sides:
        return "not the same sides were measured"
    return level_doubt(session, against) if is_level(key.quantity) else ""


def _followed(base: Trend, sessions: Used) -> _Judged:
    line = fit_line(sessions)
    if line is None:
        scatter = scatter_of(base.quantity, (), 0.0, sessions.variance.tolist())
        detectable = None if scatter is None else scatter.detectable()
        reasons = (*base.reasons, *(_too_little(sessions) or (_NO_FREEDOM,)))
        return _Judged(replace(base, detectable=detectable, reasons=reasons))
    scatter = scatter_of(
        base.quantity,
        line.residual.tolist(),
        line.change.degrees_of_freedom,
        sessions.variance.tolist(),
    )
    low, high = line.change.interval()
    weeks = sessions.span_weeks
    filled = replace(
        base,
        per_week=line.change.value / weeks,
        per_week_ci95=(low / weeks, high / weeks),
        change=line.change.value,
        change_ci95=(low, high),
        detectable=None if scatter is None else scatter.detectable(),
        repeatability_sd=None if scatter is None else scatter.sd,
    )
    return _judged(filled, sessions, line, scatter)


_NO_FREEDOM: Final = "shoes or ground changed too often to tell what weeks did"


def _too_little(sessions: Used) -> tuple[str, ...]:
    count = len(sessions.value)
    if count < FEWEST:
        return (f"{count} comparable of the {FEWEST} sessions that a trend needs",)
    if sessions.span_weeks < LEAST_WEEKS:
        days = 7 * sessions.span_weeks
        return (f"the sessions span {days:.0f} days, a trend needs {7 * LEAST_WEEKS:.0f}",)
    return ()


def _judged(base: Trend, sessions: Used, line: Line, scatter: Scatter | None) -> _Judged:
    too_little = _too_little(sessions)
    if too_little:
        return _Judged(replace(base, reasons=(*base.reasons, *too_little)))
    judgement, reasons = _judgement(line, scatter)
    if len(set(kinds_of(sessions))) > 1:
        reasons = ("shoes or ground changed: told within the same ones", *reasons)
    told = replace(base, judgement=judgement, reasons=(*base.reasons, *reasons))
    return _Judged(told, line.change.p_value())


def _judgement(line: Line, scatter: Scatter | None) -> tuple[Judgement, tuple[str, ...]]:
    interval: Interval = line.change.interval()
    if interval[0] > 0 or interval[1] < 0:
        if line.ranks_z * np.sign(line.change.value) > _RANKS_AGREE:
            return "real", ()
        return "cannot_tell", ("by their ranks the sessions do not say the same as clearly",)
    if scatter is None:
        return "cannot_tell", ()
    detectable = scatter.detectable()
    if -detectable <= interval[0] and interval[1] <= detectable:
        return "noise", ()
    return "cannot_tell", ("a change that matters may be there, and may not",)


def _corrected(found: Sequence[_Judged]) -> list[Trend]:
    known = [place for place, one in enumerate(found) if one.p_value is not None]
    adjusted = holm([found[place].p_value or 0.0 for place in known])
    result = [one.trend for one in found]
    for place, p_value in zip(known, adjusted, strict=True):
        if result[place].judgement == "real" and p_value > _ALPHA:
            reason = f"among {len(known)} trends one like this comes up by chance"
            result[place] = replace(
                result[place],
                judgement="cannot_tell",
                reasons=(*result[place].reasons, reason),
            )
    return result
