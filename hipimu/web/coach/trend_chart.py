"""One quantity over weeks as a drawing: sessions with intervals, the line, what may be chance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from hipimu.data import Trend, TrendPoint
from hipimu.report.numerals import number
from hipimu.store import Note
from hipimu.units import deg_from_rad
from hipimu.web.coach import words
from hipimu.web.coach.scale import Scale, around, polyline, ticks

Layout = Literal["wide", "narrow"]
_SIZE: Final[dict[Layout, tuple[float, float]]] = {"wide": (960.0, 300.0), "narrow": (340.0, 250.0)}
_LEFT: Final = 44.0
_RIGHT: Final = 10.0
_TOP: Final = 26.0
"""Room for the notes."""
_FOOT: Final = 26.0
_LEAST_DEG: Final = 6.0
_LEAST_DAYS: Final = 14.0
_APART: Final = 15.0
"""Marks of notes that are nearer become one."""
_LABELS: Final[dict[Layout, int]] = {"wide": 8, "narrow": 4}


@dataclass(frozen=True, slots=True)
class Dot:
    """One session."""

    session: str
    x: float
    y: float
    low_y: float | None
    high_y: float | None
    used: bool
    said: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Notes at one date."""

    x: float
    text: str
    note: int
    said: str


@dataclass(frozen=True, slots=True)
class TrendChart:
    """What is drawn, in pixels."""

    layout: Layout
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    y_ticks: tuple[tuple[float, str], ...]
    x_ticks: tuple[tuple[float, str], ...]
    dots: tuple[Dot, ...]
    line: str
    fan: str
    """Slopes that the interval allows, through the middle of the sessions."""
    band: tuple[float, float] | None
    """Upper and lower edge of what two sessions may differ by chance, about where the line
    begins."""
    flags: tuple[Flag, ...]


def trend_charts(found: Trend, notes: Sequence[Note]) -> tuple[TrendChart, ...]:
    """Draw a trend for wide and for narrow screens; empty where no session could tell."""
    points = [point for point in found.points if point.value is not None]
    if not points:
        return ()
    return tuple(_chart(found, points, notes, layout) for layout in _SIZE)


def _chart(
    found: Trend, points: Sequence[TrendPoint], notes: Sequence[Note], layout: Layout
) -> TrendChart:
    width, height = _SIZE[layout]
    first, last = points[0].started_at, points[-1].started_at
    days = _days(last, first)
    air = max(0.03 * days, 0.5 * (_LEAST_DAYS - days))
    x = Scale(-air, days + air, _LEFT, width - _RIGHT)
    low, high = _limits(points)
    y = Scale(low, high, height - _FOOT, _TOP)
    fitted = _Fitted.of(found, points, first)
    return TrendChart(
        layout=layout,
        width=width,
        height=height,
        left=_LEFT,
        right=width - _RIGHT,
        top=_TOP,
        bottom=height - _FOOT,
        y_ticks=tuple((y(value), _tick(value)) for value in ticks(low, high)),
        x_ticks=tuple((x(_days(at, first)), text) for at, text in _dates(first, last, layout)),
        dots=tuple(_dot(point, x(_days(point.started_at, first)), y) for point in points),
        line="" if fitted is None else polyline(fitted.line(x, y)),
        fan="" if fitted is None else polyline(fitted.fan(x, y)),
        band=None if fitted is None else fitted.band(y),
        flags=tuple(_flags(notes, points, first, x)),
    )


def _tick(value: float) -> str:
    return f"{number(value, 0 if value == round(value) else 1)}°"


def _days(at: datetime, first: datetime) -> float:
    return (at - first).total_seconds() / 86400


def _limits(points: Sequence[TrendPoint]) -> tuple[float, float]:
    values = [deg_from_rad(point.value or 0.0) for point in points]
    ends = [deg_from_rad(end) for point in points for end in point.interval or ()]
    return around([*values, *ends], _LEAST_DEG)


def _dot(point: TrendPoint, x: float, y: Scale) -> Dot:
    ends = point.interval
    interval = words.angle_span(ends)
    told = f"{words.day(point.started_at)}: {words.angle(point.value)}"
    return Dot(
        session=point.session,
        x=x,
        y=y(deg_from_rad(point.value or 0.0)),
        low_y=None if ends is None else y(deg_from_rad(ends[0])),
        high_y=None if ends is None else y(deg_from_rad(ends[1])),
        used=not point.left_out,
        said=told
        + (f" ({interval})" if interval else "")
        + (f"; not used: {point.left_out}" if point.left_out else ""),
    )


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The line of a trend, which tells its slope, through the middle of its sessions; degrees."""

    begin: float
    """Days since the first point that is shown."""
    end: float
    middle: float
    level: float
    slope: float
    slopes: tuple[float, float]
    detectable: float | None

    @classmethod
    def of(cls, found: Trend, points: Sequence[TrendPoint], first: datetime) -> _Fitted | None:
        used = [point for point in points if not point.left_out]
        if found.per_week is None or found.per_week_ci95 is None or not used:
            return None
        days = [_days(point.started_at, first) for point in used]
        values = [deg_from_rad(point.value or 0.0) for point in used]
        low, high = found.per_week_ci95
        return cls(
            begin=days[0],
            end=days[-1],
            middle=math.fsum(days) / len(days),
            level=math.fsum(values) / len(values),
            slope=deg_from_rad(found.per_week) / 7.0,
            slopes=(deg_from_rad(low) / 7.0, deg_from_rad(high) / 7.0),
            detectable=None if found.detectable is None else deg_from_rad(found.detectable),
        )

    def _at(self, day: float, slope: float) -> float:
        return self.level + slope * (day - self.middle)

    def line(self, x: Scale, y: Scale) -> Iterator[tuple[float, float]]:
        for day in (self.begin, self.end):
            yield x(day), y(self._at(day, self.slope))

    def fan(self, x: Scale, y: Scale) -> Iterator[tuple[float, float]]:
        low, high = self.slopes
        for day, slope in (
            (self.begin, low),
            (self.end, high),
            (self.end, low),
            (self.begin, high),
        ):
            yield x(day), y(self._at(day, slope))

    def band(self, y: Scale) -> tuple[float, float] | None:
        if self.detectable is None:
            return None
        start = self._at(self.begin, self.slope)
        return y(start + self.detectable), y(start - self.detectable)


def _dates(first: datetime, last: datetime, layout: Layout) -> Iterator[tuple[datetime, str]]:
    """Days to name below the chart: evenly, whole weeks apart where there are many."""
    days = max((last - first).total_seconds() / 86400, 0.0)
    most = _LABELS[layout]
    step = max(1, math.ceil(days / most / 7)) * 7 if days > most else 1
    at = first
    while at <= last + timedelta(hours=12):
        yield at, words.short_day(at)
        at += timedelta(days=step)


def _flags(
    notes: Sequence[Note], points: Sequence[TrendPoint], first: datetime, x: Scale
) -> Iterator[Flag]:
    """Mark notes at the date of what they are about."""
    dates = {point.session: point.started_at for point in points}
    placed = sorted((_at(note, dates), note.id, note) for note in notes)
    groups: list[tuple[float, list[Note]]] = []
    for at, _, note in placed:
        place = x(_days(at, first))
        if groups and place - groups[-1][0] < _APART:
            groups[-1][1].append(note)
        else:
            groups.append((place, [note]))
    for place, own in groups:
        many = str(len(own)) if len(own) > 1 else ""
        said = "; ".join(f"{words.short_day(_at(note, dates))}: {note.text[:80]}" for note in own)
        yield Flag(place, many, own[0].id, said)


def _at(note: Note, dates: dict[str, datetime]) -> datetime:
    return dates.get(note.session or "", note.created_at)
