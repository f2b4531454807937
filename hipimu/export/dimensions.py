"""The four dimensions of a session as plain JSON values: degrees instead of radians."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

from hipimu.data import Dimension, Durability, Interval, Measure, RangeProfile, Strength
from hipimu.units import deg_from_rad

_NAMES: Final = ("force", "endurance", "full_range", "control")
_DIGITS: Final = 6
"""Significant ones: more than any of these numbers deserves."""


def dimensions(strength: Strength | None) -> dict[str, Any]:
    """Turn the four dimensions, the range profiles and durability into JSON values.

    Parameters
    ----------
    strength : Strength or None
        None: nothing was measured; the dimensions are None.

    Returns
    -------
    dict
        Angles in degrees, other quantities in SI units, each with its unit; None for what is not
        known, never NaN.
    """
    if strength is None:
        return {**dict.fromkeys(_NAMES), "profiles": [], "durability": []}
    return {
        **{dimension.name: _dimension(dimension) for dimension in strength.dimensions()},
        "profiles": [_profile(profile) for profile in strength.profiles],
        "durability": [_durability(entry) for entry in strength.durability],
    }


def _dimension(dimension: Dimension) -> dict[str, Any]:
    return {
        "headline": measure_document(dimension.headline),
        "measures": [measure_document(measure) for measure in dimension.measures],
        "reasons": list(dimension.reasons),
    }


def measure_document(measure: Measure) -> dict[str, Any]:
    """Turn one measure into JSON values, angles in degrees."""
    unit = measure.unit
    return {
        "name": measure.name,
        "unit": _shown(unit),
        "side": measure.side,
        "pace": measure.pace,
        "fresh": _number(measure.fresh, unit),
        "fresh_ci95": _ends(measure.fresh_ci95, unit),
        "delta": _number(measure.delta, unit),
        "delta_ci95": _ends(measure.delta_ci95, unit),
        "reasons": list(measure.reasons),
        "caveats": list(measure.caveats),
    }


def _profile(profile: RangeProfile) -> dict[str, Any]:
    unit = profile.unit
    return {
        "side": profile.side,
        "pace": profile.pace,
        "quantity": profile.quantity,
        "unit": _shown(unit),
        "from_deg": _row(profile.from_rad.tolist(), "rad"),
        "to_deg": _row(profile.to_rad.tolist(), "rad"),
        "fresh": _row(profile.fresh.tolist(), unit),
        "delta": _row(profile.delta.tolist(), unit),
        "delta_low": _row(profile.delta_low.tolist(), unit),
        "delta_high": _row(profile.delta_high.tolist(), unit),
        "q_value": _row(profile.q_value.tolist(), "1"),
    }


def _durability(entry: Durability) -> dict[str, Any]:
    return {
        "side": entry.side,
        "outcome": entry.outcome,
        "left_at_s": _number(entry.left_at_s, "s"),
        "moving_s": _number(entry.moving_s, "s"),
        "baseline_deg": _number(entry.baseline_rad, "rad"),
        "threshold_deg": _number(entry.threshold_rad, "rad"),
        "reasons": list(entry.reasons),
    }


def _shown(unit: str) -> str:
    return unit.replace("rad", "deg", 1) if unit.startswith("rad") else unit


def _number(value: float | None, unit: str) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    shown = deg_from_rad(value) if unit.startswith("rad") else value
    return float(f"{shown:.{_DIGITS}g}")


def _row(values: Iterable[float], unit: str) -> list[float | None]:
    return [_number(value, unit) for value in values]


def _ends(interval: Interval | None, unit: str) -> list[float | None] | None:
    if interval is None or not all(map(math.isfinite, interval)):
        return None
    return _row(interval, unit)
