"""From a quantity of every stride to what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hipimu.data import (
    SIDES,
    Dimension,
    DimensionName,
    FloatArray,
    Interval,
    Measure,
    Pace,
    Side,
)
from hipimu.maths.bout_regression import Estimate
from hipimu.strength.columns import Run
from hipimu.strength.estimate import Answer, Averaged, averaged, changes, combined

NO_SIDE: Final = "no side was measured"
SPEED_UNKNOWN: Final = "speed is not known: a change of speed may pass for one of this"
CUT: Final = (
    "it rests on pieces of one bout, which resemble each other: the interval may be too narrow"
)
_HEADLINE_PACES: Final[tuple[Pace, ...]] = ("fast", "easy", "other")


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured of every stride."""

    name: str
    unit: str
    least_sd: float | None = None
    """See `hipimu.strength.estimate.changes`."""
    one_scatter: bool = False
    """Whether it scatters alike at both paces; see there."""
    follows_speed: bool = False
    """Whether a change of speed changes it so much that it cannot be read without."""
    reasons: tuple[str, ...] = ()
    """Why it cannot be known at all."""
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """A quantity averaged over bouts: of each side, or of none."""

    quantity: Quantity
    of: Mapping[Side | None, Averaged]


def observe(run: Run, values: Mapping[Side, FloatArray], quantity: Quantity) -> Observed:
    """Average a quantity of each side's strides.

    Parameters
    ----------
    run : Run
    values : dict
        Per side, (n,) as its strides.
    quantity : Quantity
    """
    return Observed(
        quantity, {side: averaged(own, values[side]) for side, own in run.sides.items()}
    )


def together(observed: Observed, weights: tuple[float, float]) -> Observed:
    """Weighted sum of left and right; of nothing where one of them is missing."""
    if not all(side in observed.of for side in SIDES):
        return Observed(observed.quantity, {})
    parts = [observed.of[side] for side in SIDES]
    return Observed(observed.quantity, {None: combined(parts, weights)})


def measures_of(observed: Observed, run: Run, shown: Sequence[Pace] | None = None) -> list[Measure]:
    """Say level and change for each side and each pace.

    Parameters
    ----------
    observed : Observed
    run : Run
    shown : sequence of Pace, optional
        Which of the run's paces; all are estimated together.
    """
    wanted = run.paces if shown is None else shown
    return [
        measure
        for side, of_side in observed.of.items()
        for measure in _measures(observed.quantity, run, side, of_side)
        if measure.pace in wanted
    ]


def headline_of(observed: Observed, run: Run, shown: Sequence[Pace] | None = None) -> Measure:
    """Say it of both sides together, at fast pace; where that is not known, of what is.

    What is chosen does not depend on what was found: the clearest of many changes is often chance.
    """
    of_all = measures_of(together(observed, (0.5, 0.5)), run, shown)
    found = [*of_all, *measures_of(observed, run, shown)]
    found.sort(key=lambda measure: _HEADLINE_PACES.index(measure.pace or "other"))
    found.sort(key=lambda measure: measure.fresh is None)
    q = observed.quantity
    return found[0] if found else Measure(q.name, q.unit, reasons=q.reasons or (NO_SIDE,))


def dimension(name: DimensionName, headline: Measure, measures: Iterable[Measure]) -> Dimension:
    """Gather a dimension; where nothing could be measured, every reason once."""
    kept = tuple(measures)
    known = any(measure.fresh is not None for measure in (headline, *kept))
    reasons = () if known else dict.fromkeys(r for m in (headline, *kept) for r in m.reasons)
    return Dimension(name, headline, kept, tuple(reasons))


def interval(estimate: Estimate) -> Interval:
    """95 % interval as plain numbers."""
    low, high = estimate.interval()
    return float(low), float(high)


def _measures(quantity: Quantity, run: Run, side: Side | None, observed: Averaged) -> list[Measure]:
    if quantity.reasons:
        answers = {pace: Answer(reasons=quantity.reasons) for pace in run.paces}
    else:
        answers = changes(observed, run.paces, quantity.least_sd, one_scatter=quantity.one_scatter)
    speed_known = bool(np.isfinite(observed.speed_m_s).all())
    return [
        _measure(quantity, side, pace, answers[pace], _caveats(quantity, run, pace, speed_known))
        for pace in run.paces
    ]


def _caveats(quantity: Quantity, run: Run, pace: Pace, speed_known: bool) -> tuple[str, ...]:
    return (
        *quantity.caveats,
        *((SPEED_UNKNOWN,) if quantity.follows_speed and not speed_known else ()),
        *((CUT,) if pace in run.cut else ()),
    )


def _measure(
    quantity: Quantity, side: Side | None, pace: Pace, answer: Answer, caveats: tuple[str, ...]
) -> Measure:
    level, change = answer.level, answer.change
    if level is None or change is None:
        return Measure(quantity.name, quantity.unit, side, pace, reasons=answer.reasons)
    return Measure(
        name=quantity.name,
        unit=quantity.unit,
        side=side,
        pace=pace,
        fresh=level.value,
        delta=change.value,
        delta_ci95=interval(change),
        fresh_ci95=interval(level),
        caveats=answer.caveats + caveats,
    )
