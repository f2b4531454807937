"""What the coach's pages call things: quantities, judgements, times, the state of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hipimu.data import Outcome, Side, Trend, Verdict
from hipimu.report.numerals import counted, number, percent, span
from hipimu.report.over_weeks import judgement_words
from hipimu.units import deg_from_rad


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity that can be followed over weeks."""

    name: str
    title: str
    short: str
    reading: str
    """One line below its chart."""
    less_is_better: bool | None = False
    """None: neither more nor less is better by itself."""


QUANTITIES: Final = (
    Quantity(
        "delta_fast",
        "Range kept at fast pace",
        "Kept at fast pace",
        "Change of the peak over each run at fast pace. 0° is all kept; lower is range lost.",
    ),
    Quantity(
        "rfi",
        "Extra loss at fast pace (RFI)",
        "Extra loss (RFI)",
        "How much more each run lost at fast than at easy pace. Higher is more range lost.",
        less_is_better=True,
    ),
    Quantity(
        "delta_easy",
        "Range kept at easy pace",
        "Kept at easy pace",
        "Change of the peak over each run at easy pace. 0° is all kept; lower is range lost.",
    ),
    Quantity(
        "reserve",
        "Reserve when fresh",
        "Reserve",
        "How much further the fresh peak goes at fast than at easy pace.",
        less_is_better=None,
    ),
    Quantity(
        "level_fast",
        "Fresh peak at fast pace",
        "Fresh, fast",
        "The peak at the start of each run. It rises with speed and counts from standing.",
        less_is_better=None,
    ),
    Quantity(
        "level_easy",
        "Fresh peak at easy pace",
        "Fresh, easy",
        "The peak at the start of each run. It rises with speed and counts from standing.",
        less_is_better=None,
    ),
)
BY_NAME: Final[Mapping[str, Quantity]] = {own.name: own for own in QUANTITIES}

PEAKS: Final[Mapping[Outcome, str]] = {
    "peak_flexion": "Flexion",
    "peak_extension": "Extension",
}
_MARKS: Final[Mapping[Verdict, str]] = {
    "supported": "▼",
    "reversed": "▲",
    "no_evidence": "=",
    "not_estimable": "?",
}
GRAVEST: Final[tuple[Verdict, ...]] = ("supported", "reversed", "no_evidence", "not_estimable")
_WEEKS: Final = 4
MOST_LOSS: Final = 0.05
LEAST_CALIBRATION: Final = 0.8
LEAST_USABLE: Final = 0.7


def mark(verdict: Verdict) -> str:
    """Return a sign for a verdict, where there is no room for words."""
    return _MARKS[verdict]


def judged(found: Trend) -> str:
    """Say what became of a trend: whether it is real, and which way it goes."""
    words = judgement_words(found.judgement)
    if found.judgement != "real" or found.change is None:
        return words
    way = _way(found)
    return f"{words}: {way}" if way else words


def judged_mark(found: Trend) -> str:
    """Return a sign for the same: it points where the curve goes."""
    if found.judgement == "real" and found.change is not None:
        return "▲" if found.change > 0 else "▼"
    return "=" if found.judgement == "noise" else "?"


def _way(found: Trend) -> str:
    kind = BY_NAME.get(found.quantity)
    rises = (found.change or 0.0) > 0
    if kind is None or kind.less_is_better is None:
        return "rising" if rises else "falling"
    return "better" if rises != kind.less_is_better else "worse"


def quality(calibration: float, usable_share: float, loss: float) -> tuple[str, ...]:
    """Say what is amiss with a session's data; empty where nothing is."""
    doubts = []
    if loss > MOST_LOSS:
        doubts.append(f"{percent(loss)} of samples lost")
    if calibration < LEAST_CALIBRATION:
        doubts.append("standing not seen")
    if usable_share < LEAST_USABLE:
        doubts.append(f"{percent(usable_share)} of strides count")
    return tuple(doubts)


def angle(value_rad: float | None, *, signed: bool = False) -> str:
    """Write an angle in degrees; a dash where it is not known."""
    if value_rad is None:
        return "–"
    value = deg_from_rad(value_rad)
    plus = "+" if signed and round(value, 1) > 0 else ""
    return f"{plus}{number(value)}°"


def angle_span(interval_rad: tuple[float, float] | None) -> str:
    """Write an interval in degrees; empty where there is none."""
    if interval_rad is None:
        return ""
    return span((deg_from_rad(interval_rad[0]), deg_from_rad(interval_rad[1])))


def angle_change(value_rad: float | None, interval_rad: tuple[float, float] | None) -> str:
    """Write a change in degrees with its interval: ``+1.2° (0.4 to 2.0)``."""
    interval = angle_span(interval_rad)
    return f"{angle(value_rad, signed=True)}{f' ({interval})' if interval else ''}"


def in_month(per_week: float | None, ci95: tuple[float, float] | None) -> str:
    """Write a change per week as one in four weeks, where a decimal says more; empty: unknown."""
    if per_week is None:
        return ""
    ends = None if ci95 is None else (_WEEKS * ci95[0], _WEEKS * ci95[1])
    return f"{angle_change(_WEEKS * per_week, ends)} in {_WEEKS} weeks"


def whose(side: Side | None) -> str:
    """Name a side, or both."""
    return side or "both sides"


def local(moment: datetime) -> datetime:
    """Return a moment on this computer's clock."""
    return moment.astimezone()


def day(moment: datetime | None) -> str:
    """Write a local day as ``1 July 2026``."""
    if moment is None:
        return "no date"
    own = local(moment)
    return f"{own.day} {own:%B %Y}"


def short_day(moment: datetime | None) -> str:
    """Write a local day as ``1 Jul``."""
    if moment is None:
        return "no date"
    own = local(moment)
    return f"{own.day} {own:%b}"


def when(moment: datetime | None) -> str:
    """Write a local moment as ``1 July 2026, 18:30``."""
    return "no date" if moment is None else f"{day(moment)}, {local(moment):%H:%M}"


def ago(days: float | None) -> str:
    """Write how long ago something was, in whole days."""
    if days is None:
        return "unknown"
    if days < 1:
        return "today"
    return f"{counted(int(days), 'day')} ago"
