"""What files call the units of acceleration, angular velocity, magnetic field and time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from hipimu.units import UNITS

Quantity = Literal["acc", "gyr", "mag"]

KNOWN_UNITS: Final[Mapping[Quantity, tuple[str, ...]]] = {
    "acc": ("m/s2", "g", "mg"),
    "gyr": ("rad/s", "deg/s", "mdeg/s"),
    "mag": ("uT", "nT", "mT", "T", "gauss", "mgauss"),
}
"""As `hipimu.units.UNITS` spells them."""

TIME_UNITS: Final[Mapping[str, float]] = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
"""Units of numbers that are times, and what one is in seconds."""

_SPELLINGS: Final[Mapping[Quantity, Mapping[str, tuple[str, ...]]]] = {
    "acc": {
        "m/s2": (
            *("m/s2", "m/s/s", "ms-2", "ms2", "mps2", "mpss", "m/sec2", "m/sec/sec"),
            *("meter/second2", "metres/second2", "meterspersecondsquared", "si"),
        ),
        "g": ("g", "gs", "gn", "g0", "gravity", "gravities", "g-force"),
        "mg": ("mg", "milli-g", "millig", "mgs"),
    },
    "gyr": {
        "rad/s": ("rad/s", "rads-1", "rads", "rps", "rad/sec", "radians/s", "radpersecond"),
        "deg/s": (
            *("deg/s", "degs-1", "degs", "dps", "deg/sec", "degree/s", "degrees/s"),
            *("degree/second", "degrees/second", "degreepersecond", "degreespersecond"),
        ),
        "mdeg/s": ("mdeg/s", "mdps", "millideg/s", "mdegs-1"),
    },
    "mag": {
        "uT": ("ut", "microtesla", "mut"),
        "nT": ("nt", "nanotesla"),
        "mT": ("mt", "millitesla"),
        "T": ("t", "tesla"),
        "gauss": ("g", "gs", "gauss", "ga"),
        "mgauss": ("mg", "mgs", "mgauss", "milligauss", "mga"),
    },
}
_TIMES: Final[Mapping[str, tuple[str, ...]]] = {
    "s": ("s", "sec", "secs", "second", "seconds", "sekunden", "sekunde", "segundos", "secondes"),
    "ms": ("ms", "msec", "millis", "millisecond", "milliseconds", "millisekunden", "msecs"),
    "us": ("us", "usec", "micros", "microsecond", "microseconds", "mikrosekunden"),
    "ns": ("ns", "nsec", "nanos", "nanosecond", "nanoseconds", "nanosekunden"),
}


def unit_named(quantity: Quantity, text: str) -> str | None:
    """Return the unit that a file's spelling means, as `KNOWN_UNITS` spells it; None if none.

    Examples
    --------
    >>> unit_named("acc", "m/s²"), unit_named("gyr", "°/s"), unit_named("mag", "G")
    ('m/s2', 'deg/s', 'gauss')
    """
    plain = _plain(text)
    spellings = _SPELLINGS[quantity].items()
    return next((unit for unit, names in spellings if plain in names), None)


def time_unit_named(text: str) -> str | None:
    """Return the unit of time that a file's spelling means: s, ms, us, ns; None if none.

    Examples
    --------
    >>> time_unit_named("µs"), time_unit_named("Sekunden")
    ('us', 's')
    """
    plain = _plain(text)
    return next((unit for unit, names in _TIMES.items() if plain in names), None)


def worth(unit: str) -> float:
    """Return what one of `KNOWN_UNITS` is in m/s², rad/s or µT."""
    return UNITS[unit][1]


def _plain(text: str) -> str:
    """Write the many ways of powers, micro and degrees in one."""
    plain = text.strip().strip("[](){}").strip().lower()
    for old, new in (("²", "2"), ("⁻¹", "-1"), ("°", "deg"), ("µ", "u"), ("μ", "u"), ("−", "-")):
        plain = plain.replace(old, new)
    plain = plain.replace("^", "").replace("**", "").replace("⁻2", "-2")
    return (
        re.sub(r"[\s·*_.]+", "", plain).replace("degree/s", "deg/s").replace("degrees/s", "deg/s")
    )
