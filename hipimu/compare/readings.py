"""What a summary says of each quantity that can be held against that of another session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import Final, NamedTuple

from scipy import stats

from hipimu.data import (
    SIDES,
    DimensionName,
    FatigueEstimate,
    Interval,
    Measure,
    Outcome,
    Pace,
    SessionSummary,
    Side,
)

_LEVELS: Final = ("level_easy", "level_fast")
_ANGLES: Final = ("rfi", "delta_easy", "delta_fast", *_LEVELS, "reserve")
_CHANGE: Final = "/change"
_USUAL_FREEDOM: Final = 8.0
"""Of a session of six easy and six fast bouts: two lines take four parameters."""


class Key(NamedTuple):
    """Which quantity: one row of a table of two sessions."""

    quantity: str
    side: Side | None
    outcome: Outcome | None
    pace: Pace | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One quantity of one session; SI units."""

    key: Key
    unit: str
    value: float
    ci95: Interval | None
    degrees_of_freedom: float
    """Of the interval."""

    def variance(self) -> float:
        """Of the value, as far as the session itself tells it; 0 where it does not."""
        if self.ci95 is None:
            return 0.0
        half = 0.5 * (self.ci95[1] - self.ci95[0])
        return (half / _quantile(self.degrees_of_freedom)) ** 2


@cache
def _quantile(degrees_of_freedom: float) -> float:
    return float(stats.t.ppf(0.975, degrees_of_freedom))


def is_level(quantity: str) -> bool:
    """Whether it counts from neutral and follows speed, as changes within a run do not."""
    if "/" not in quantity:
        return quantity in _LEVELS
    return not quantity.endswith(_CHANGE)


def of_hip(quantity: str) -> bool:
    """Whether it is an angle of a hip peak, for which a default scatter is stated."""
    return quantity in _ANGLES


def readings(summary: SessionSummary) -> dict[Key, Reading]:
    """Return every quantity that this session could estimate.

    Parameters
    ----------
    summary : SessionSummary

    Returns
    -------
    dict
        In the order in which they are shown: the hip peaks of the left and the right side, then the
        four dimensions. Measures have their fresh value under ``dimension/name`` and their change
        over the run under ``dimension/name/change``.
    """
    found = [*_of_fatigue(summary.fatigue), *_of_strength(summary)]
    return {reading.key: reading for reading in found}


def reading_of(summary: SessionSummary, key: Key) -> Reading | None:
    """Return one quantity; without a side, the mean of the sides that are asked of each.

    Sides share the run, so their errors may too: the mean's interval is as wide as theirs are on
    average, as if they shared all of it.
    """
    known = _readings_like(summary, key)
    if key in known or key.side is not None:
        return known.get(key)
    both = [known[own] for side in SIDES if (own := key._replace(side=side)) in known]
    return _mean(key, both) if both else None


def sides_of(summary: SessionSummary, key: Key) -> tuple[Side, ...]:
    """Sides for which a quantity is there."""
    known = _readings_like(summary, key)
    return tuple(side for side in SIDES if key._replace(side=side) in known)


def _readings_like(summary: SessionSummary, key: Key) -> dict[Key, Reading]:
    """Those of one quantity and outcome, whatever the side: quick enough for a squad's season."""
    if "/" in key.quantity:
        measured = _of_strength(summary)
        return {own.key: own for own in measured if own.key.quantity == key.quantity}
    wanted = [key.quantity] if of_hip(key.quantity) else []
    of_peak = (estimate for estimate in summary.fatigue if estimate.outcome == key.outcome)
    return {own.key: own for own in _of_fatigue(of_peak, wanted)}


def _mean(key: Key, of_sides: list[Reading]) -> Reading:
    return Reading(
        key=key,
        unit=of_sides[0].unit,
        value=fmean(reading.value for reading in of_sides),
        ci95=_mean_interval([reading.ci95 for reading in of_sides]),
        degrees_of_freedom=min(reading.degrees_of_freedom for reading in of_sides),
    )


def _mean_interval(intervals: list[Interval | None]) -> Interval | None:
    """Mean of both ends; None where any side has no interval."""
    known = [interval for interval in intervals if interval is not None]
    if not known or len(known) < len(intervals):
        return None
    return fmean(low for low, _ in known), fmean(high for _, high in known)


def _of_fatigue(
    fatigue: Iterable[FatigueEstimate], quantities: Sequence[str] = _ANGLES
) -> Iterator[Reading]:
    for estimate in fatigue:
        if estimate.verdict == "not_estimable":
            continue
        freedom = _freedom(estimate)
        for quantity in quantities:
            pace, value, ci95 = _part(estimate, quantity)
            if value is not None:
                key = Key(quantity, estimate.side, estimate.outcome, pace)
                yield Reading(key, "rad", value, ci95, freedom)


def _part(
    estimate: FatigueEstimate, quantity: str
) -> tuple[Pace | None, float | None, Interval | None]:
    match quantity:
        case "rfi":
            return None, estimate.rfi_rad, estimate.rfi_ci95_rad
        case "delta_easy":
            return "easy", estimate.delta_easy_rad, estimate.delta_easy_ci95_rad
        case "delta_fast":
            return "fast", estimate.delta_fast_rad, estimate.delta_fast_ci95_rad
        case "reserve":
            return None, estimate.reserve_rad, estimate.reserve_ci95_rad
        case _:
            pace = _PACE_OF_LEVEL[quantity]
            line = estimate.line_rad.get(pace)
            return pace, None if line is None else line[0], None


_PACES: Final[tuple[Pace, Pace]] = ("easy", "fast")
_PACE_OF_LEVEL: Final[Mapping[str, Pace]] = dict(zip(_LEVELS, _PACES, strict=True))


def _freedom(estimate: FatigueEstimate) -> float:
    bouts = sum(estimate.bouts.get(pace, 0) for pace in _PACES)
    return float(max(bouts - 4, 1)) if bouts else _USUAL_FREEDOM


def _of_strength(summary: SessionSummary) -> Iterator[Reading]:
    if summary.strength is None:
        return
    freedom = max(
        (_freedom(e) for e in summary.fatigue if e.verdict != "not_estimable"),
        default=_USUAL_FREEDOM,
    )
    for dimension in summary.strength.dimensions():
        for measure in dimension.measures:
            yield from _of_measure(dimension.name, measure, freedom)


def _of_measure(dimension: DimensionName, measure: Measure, freedom: float) -> Iterator[Reading]:
    name = f"{dimension}/{measure.name}"
    # Endurance's own quantities are changes of the peaks, whose level stands under level_easy.
    if measure.fresh is not None and dimension != "endurance":
        key = Key(name, measure.side, None, measure.pace)
        yield Reading(key, measure.unit, measure.fresh, measure.fresh_ci95, freedom)
    if measure.delta is not None:
        key = Key(name + _CHANGE, measure.side, None, measure.pace)
        yield Reading(key, measure.unit, measure.delta, measure.delta_ci95, freedom)
