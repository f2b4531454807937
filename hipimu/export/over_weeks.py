"""Comparisons and trends as plain JSON values: degrees instead of radians, times in ISO 8601."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from hipimu.data import Difference, Incomparable, Interval, Trend, TrendPoint
from hipimu.units import deg_from_rad

COMPARISON: Final = "hipimu-comparison/1"
TREND: Final = "hipimu-trend/1"
_DIGITS: Final = 6


def comparison_document(
    sessions: Iterable[str],
    between: Iterable[Incomparable],
    pairs: Iterable[tuple[str, str, Iterable[Difference]]],
) -> dict[str, Any]:
    """Give two or more sessions side by side, each against the first.

    Parameters
    ----------
    sessions : iterable of str
    between : iterable of Incomparable
    pairs : iterable of (str, str, differences)
        Names of the first and the second session, and what changed.

    Returns
    -------
    dict
    """
    return {
        "schema": COMPARISON,
        "sessions": list(sessions),
        "incomparable": [
            {
                "sessions": list(item.sessions),
                "about": item.about,
                "refuses": item.refuses,
                "said": item.said,
            }
            for item in between
        ],
        "pairs": [
            {"first": first, "second": second, "differences": [_difference(one) for one in found]}
            for first, second, found in pairs
        ],
    }


def trend_document(athlete: str, found: Iterable[Trend]) -> dict[str, Any]:
    """Give an athlete's trends.

    Parameters
    ----------
    athlete : str
    found : iterable of Trend
        The first is the one that is told first.

    Returns
    -------
    dict
    """
    return {"schema": TREND, "athlete": athlete, "trends": [_trend(one) for one in found]}


def _difference(one: Difference) -> dict[str, Any]:
    unit = one.unit
    return {
        "quantity": one.quantity,
        "unit": _shown(unit),
        "side": one.side,
        "outcome": one.outcome,
        "pace": one.pace,
        "first": _number(one.first, unit),
        "second": _number(one.second, unit),
        "change": _number(one.change, unit),
        "change_ci95": _ends(one.change_ci95, unit),
        "detectable": _number(one.detectable, unit),
        "judgement": one.judgement,
        "reasons": list(one.reasons),
    }


def _trend(one: Trend) -> dict[str, Any]:
    unit = one.unit
    return {
        "quantity": one.quantity,
        "unit": _shown(unit),
        "side": one.side,
        "outcome": one.outcome,
        "per_week": _number(one.per_week, unit),
        "per_week_ci95": _ends(one.per_week_ci95, unit),
        "change": _number(one.change, unit),
        "change_ci95": _ends(one.change_ci95, unit),
        "detectable": _number(one.detectable, unit),
        "repeatability_sd": _number(one.repeatability_sd, unit),
        "judgement": one.judgement,
        "reasons": list(one.reasons),
        "points": [_point(point, unit) for point in one.points],
    }


def _point(point: TrendPoint, unit: str) -> dict[str, Any]:
    return {
        "session": point.session,
        "started_at": point.started_at.isoformat(),
        "value": _number(point.value, unit),
        "interval": _ends(point.interval, unit),
        "left_out": point.left_out,
    }


def _shown(unit: str) -> str:
    return unit.replace("rad", "deg", 1) if unit.startswith("rad") else unit


def _number(value: float | None, unit: str) -> float | None:
    if value is None:
        return None
    shown = deg_from_rad(value) if unit.startswith("rad") else value
    return float(f"{shown:.{_DIGITS}g}")


def _ends(interval: Interval | None, unit: str) -> list[float | None] | None:
    return None if interval is None else [_number(end, unit) for end in interval]
