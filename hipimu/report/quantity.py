"""Quantities as they are shown: a change with its interval, and the units of faces."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hipimu.data import Change, FloatArray, Interval
from hipimu.report.numerals import number, span, spread_decimals
from hipimu.units import deg_from_rad


@dataclass(frozen=True, slots=True)
class Display:
    """How a quantity of some SI unit is shown."""

    symbol: str
    """With the space that separates it from the number, where there is one."""
    factor: float = 1.0
    """Shown value ÷ SI value."""
    decimals: int = 1
    """At most; fewer where the interval is wider than they deserve."""
    change_symbol: str | None = None
    """Of a change, where it is not that of the quantity."""

    def shown(self, value: float | FloatArray) -> float | FloatArray:
        """Convert from SI."""
        return value * self.factor


_DEG: Final = deg_from_rad(1.0)
_DISPLAYS: Final[Mapping[str, Display]] = {
    "rad": Display("°", _DEG, 1),
    "rad/s": Display("\u00a0°/s", _DEG, 0),
    "rad/s²": Display("\u00a0°/s²", _DEG, 0),
    "N·m": Display("\u00a0N·m", 1.0, 1),
    "J": Display("\u00a0J", 1.0, 1),
    "s": Display("\u00a0s", 1.0, 2),
    "1": Display("", 1.0, 2),
}
PERCENT: Final = Display("\u00a0%", 100.0, 0, "\u00a0percentage points")


def display_of(unit: str) -> Display:
    """Return how a unit is shown; one that is not known is shown as it is."""
    return _DISPLAYS.get(unit) or Display(f"\u00a0{unit}", 1.0, 2)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change over the session and its 95 % interval, in the unit it is shown in."""

    value: float
    ci95: Interval

    def lost(self) -> bool:
        """Whether the whole interval lies below zero."""
        return self.ci95[1] < 0

    def gained(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.ci95[0] > 0

    def clarity(self) -> float:
        """Size relative to the width of its interval."""
        width = self.ci95[1] - self.ci95[0]
        return abs(self.value) / width if width > 0 else float("inf")

    def bound(self) -> float:
        """The largest size the interval allows."""
        return max(abs(self.ci95[0]), abs(self.ci95[1]))


def shown_change(
    value: float | None, ci95: Interval | None, display: Display = _DISPLAYS["rad"]
) -> ShownChange | None:
    """Convert a change from SI; None where it or its interval is unknown."""
    if value is None or ci95 is None or not all(map(math.isfinite, (value, *ci95))):
        return None
    low, high = (end * display.factor for end in ci95)
    return ShownChange(value * display.factor, (low, high))


def deg_change(change: Change) -> ShownChange:
    """Return an angle's change in degrees."""
    low, high = change.delta_ci95
    return ShownChange(deg_from_rad(change.delta), (deg_from_rad(low), deg_from_rad(high)))


def decimals_of(change: ShownChange | None, display: Display) -> int:
    """How many decimals a quantity deserves: degrees keep one, others follow their interval."""
    if change is None or display.symbol == "°":
        return display.decimals
    return spread_decimals(change.ci95, display.decimals)


def told_change(change: ShownChange, display: Display = _DISPLAYS["rad"]) -> str:
    """Write a change with its interval: ``−3.1° (−4.2 to −2.0)``."""
    decimals = decimals_of(change, display)
    value = number(change.value, decimals)
    symbol = display.change_symbol or display.symbol
    # A line may break between a value and its interval, and nowhere else.
    ends = span(change.ci95, decimals).replace(" ", "\u00a0")
    return f"{value}{symbol} ({ends})"
