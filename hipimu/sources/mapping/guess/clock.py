"""Which column is the time, and what it counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from hipimu.data import FloatArray
from hipimu.sources.mapping.guess.choice import Choice, likely, sure, unknown
from hipimu.sources.mapping.guess.magnitudes import unit_of_time, wraps_at
from hipimu.sources.mapping.guess.words import Meaning

_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}:\d{2}([.,:]\d{1,9})?")
_EVEN: Final = 0.5
"""How far a step of a nameless column of times may be from the usual one, as a share of it."""
_PER_S: Final = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


@dataclass(frozen=True, slots=True)
class Clock:
    """The column of times; `column` None where there is none."""

    column: str | None
    unit: str | None
    rate_hz: float | None
    """None where it is not known, not even nearly."""
    choices: tuple[Choice, ...]


def clock_of(
    times: Sequence[tuple[str, Meaning]],
    numbers: Mapping[str, FloatArray],
    texts: Mapping[str, Sequence[str]],
) -> Clock:
    """Return which column is the time.

    Parameters
    ----------
    times : sequence of (str, Meaning)
        Columns whose names say that they may be.
    numbers : mapping of str to (n,) array
        Columns of numbers, of one sensor's rows: those in `times`, and others that may be.
    texts : mapping of str to sequence of str
        The first cells of columns in `times` that are no numbers.
    """
    found = [_named(name, meaning, numbers, texts) for name, meaning in times]
    usable = [clock for clock in found if clock is not None and clock.unit != "sample"]
    if usable:
        return usable[0]
    named = {name for name, _ in times}
    even = next((name for name in numbers if name not in named and _even(numbers[name])), None)
    if even is not None:
        clock = _counting(even, None, numbers[even], "No name says it, but its steps are even")
        if clock.unit is not None:
            return clock
    counted = [clock for clock in found if clock is not None]
    return counted[0] if counted else _none()


def _none() -> Clock:
    because = "There is no column of times: say how many samples a second there are."
    return Clock(None, None, None, (unknown("time.rate_hz", because),))


def _named(
    name: str,
    meaning: Meaning,
    numbers: Mapping[str, FloatArray],
    texts: Mapping[str, Sequence[str]],
) -> Clock | None:
    if name in texts:
        return _written(name, texts[name])
    values = numbers.get(name)
    if values is None or len(values) < 3 or not np.isfinite(values).all():
        return None
    if meaning.kind == "count":
        return _samples(name)
    return _counting(name, meaning.unit, values, "Its name says it")


def _samples(name: str) -> Clock:
    because = f"{name} counts samples; how many a second there are stands nowhere."
    choices = (
        sure("time.column", f'"{name}"', "Its name says that it counts samples."),
        sure("time.unit", '"sample"', "Its name says it."),
        unknown("time.rate_hz", because),
    )
    return Clock(name, "sample", None, choices)


def _written(name: str, cells: Sequence[str]) -> Clock | None:
    """Return a column of dates or times of day."""
    unit, what = None, ""
    if all(_CLOCK.fullmatch(cell) for cell in cells):
        unit, what = "clock", "times of day"
    elif all(map(_is_date, cells)):
        unit, what = "iso", "dates and times"
    if unit is None:
        return None
    choices = [
        sure("time.column", f'"{name}"', "Its name says it."),
        sure("time.unit", f'"{unit}"', f"Cells like {cells[0]} are {what}."),
    ]
    if unit == "iso" and datetime.fromisoformat(cells[0]).utcoffset() is None:
        because = "The dates say no time zone; without one, when it started is left open."
        choices.append(unknown("time.zone", because))
    return Clock(name, unit, None, tuple(choices))


def _is_date(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return not cell.isdigit()


def _counting(name: str, unit: str | None, values: FloatArray, because: str) -> Clock:
    steps = np.diff(values)
    step = float(np.median(steps[steps > 0.0])) if (steps > 0.0).any() else float("nan")
    choices = [sure("time.column", f'"{name}"', f"{because}.")]
    told = unit_of_time(step)
    if unit is not None and told.unit not in (None, unit):
        because = f"The name says {unit}, but s{told.because[1:]}"
        choices.append(unknown("time.unit", because, f'"{unit}"'))
    elif unit is not None:
        choices.append(sure("time.unit", f'"{unit}"', "Its name or the line below it says so."))
    elif told.unit is not None:
        unit = told.unit
        choices.append(likely("time.unit", f'"{unit}"', told.because))
    else:
        choices.append(unknown("time.unit", told.because))
    wraps = wraps_at(values, step)
    if wraps is not None:
        because = f"{name} falls back by {-float(np.min(steps)):.0f} once: it counts so far."
        choices.append(sure("time.wraps_at", f"{wraps:.0f}", because))
    rate_hz = None if unit is None or not step > 0.0 else _PER_S[unit] / step
    return Clock(name, unit, rate_hz, tuple(choices))


def _even(values: FloatArray) -> bool:
    """Say whether numbers rise by the same again and again."""
    if len(values) < 10 or not np.isfinite(values).all():
        return False
    steps = np.diff(values)
    usual = float(np.median(steps))
    return usual > 0.0 and bool(np.mean(np.abs(steps - usual) <= _EVEN * usual) > 0.95)
