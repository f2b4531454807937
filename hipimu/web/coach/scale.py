"""From numbers to places on a drawing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_STEPS: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight way from values to pixels; upside down where `start` is below `end`."""

    low: float
    high: float
    start: float
    """Pixel of `low`."""
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel, to a tenth; values beyond the ends stay at them."""
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def around(values: Iterable[float], least: float) -> tuple[float, float]:
    """Return limits that hold all values with a little air, and are `least` apart or more."""
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    air = max(0.06 * (high - low), 0.5 * (least - (high - low)), 0.0)
    return low - air, high + air


def ticks(low: float, high: float, most: int = 5) -> Iterator[float]:
    """Round numbers between limits, in at most `most` steps."""
    step = next((s for s in _STEPS if (high - low) / s <= most), _STEPS[-1])
    value = math.ceil(low / step) * step
    while value <= high:
        yield value
        value += step


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Write points for an SVG."""
    return " ".join(f"{x:g},{y:g}" for x, y in points)
