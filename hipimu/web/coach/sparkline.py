"""A season in a line: one quantity, all sessions, as high as a line of text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hipimu.data import Trend, TrendPoint
from hipimu.report.numerals import counted
from hipimu.units import deg_from_rad
from hipimu.web.coach import words
from hipimu.web.coach.scale import Scale, around, polyline

WIDTH: Final = 132.0
HEIGHT: Final = 34.0
_EDGE: Final = 4.0
_LEAST_DEG: Final = 4.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """What is drawn, in pixels, and what it says."""

    zero_y: float
    """Where nothing is lost."""
    line: str
    dots: tuple[tuple[float, float, bool], ...]
    """Place, and whether the session is used."""
    last: tuple[float, float]
    said: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What all sparklines of a table share, so that they can be held against each other."""

    since: datetime
    until: datetime
    low_deg: float
    high_deg: float


def frame(trends: Iterable[Trend], until: datetime) -> Frame:
    """Return the frame of all trends; zero is always in it."""
    points = [point for found in trends for point in _known(found)]
    values = [_degrees(point) for point in points]
    low, high = around([0.0, *values], _LEAST_DEG)
    since = min((point.started_at for point in points), default=until)
    return Frame(since, until, low, high)


def _known(found: Trend) -> list[TrendPoint]:
    return [point for point in found.points if point.value is not None]


def _degrees(point: TrendPoint) -> float:
    return deg_from_rad(point.value or 0.0)


def sparkline(found: Trend, shared: Frame) -> Sparkline | None:
    """Draw one trend; None where no session of it could tell."""
    points = _known(found)
    if not points:
        return None
    span_s = max((shared.until - shared.since).total_seconds(), 1.0)
    x = Scale(0.0, span_s, _EDGE, WIDTH - _EDGE)
    y = Scale(shared.low_deg, shared.high_deg, HEIGHT - _EDGE, _EDGE)
    places = [(x((p.started_at - shared.since).total_seconds()), y(_degrees(p))) for p in points]
    used = [place for place, p in zip(places, points, strict=True) if not p.left_out]
    dots = tuple((*place, not p.left_out) for place, p in zip(places, points, strict=True))
    return Sparkline(y(0.0), polyline(used), dots, places[-1], _said(points))


def _said(points: list[TrendPoint]) -> str:
    first, last = points[0], points[-1]
    told = f"latest {words.angle(last.value)} on {words.day(last.started_at)}"
    if len(points) == 1:
        return f"1 session: {told}."
    began = f"first {words.angle(first.value)} on {words.day(first.started_at)}"
    return f"{counted(len(points), 'session')}: {began}, {told}."
