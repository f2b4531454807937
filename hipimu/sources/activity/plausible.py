"""Values that cannot be true of a runner become NaN, with a sentence of how many."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from hipimu.data import BoolArray, FloatArray
from hipimu.sources.activity.watch_file import WatchFile

FASTEST_M_S: Final = 13.0
"""No one runs faster for long."""
_ONE_LEG_PER_MIN = 120.0
"""A median above it counts both legs: no one takes 240 steps a minute for long, and no one runs
with fewer than 120."""


class _Bounds(NamedTuple):
    low: float
    high: float
    name: str


_BOUNDS: Final = {
    "altitude_m": _Bounds(-500.0, 9000.0, "altitudes"),
    "grade": _Bounds(-0.6, 0.6, "grades above 60 %"),
    "heart_rate_bpm": _Bounds(20.0, 250.0, "heart rates"),
    "cadence_spm": _Bounds(20.0, 300.0, "cadences"),
    "speed_m_s": _Bounds(0.0, FASTEST_M_S, f"speeds above {FASTEST_M_S:g} m/s, or negative"),
}


def plausible(name: str, values: FloatArray) -> tuple[FloatArray, tuple[str, ...]]:
    """Replace what lies out of bounds by NaN.

    Parameters
    ----------
    name : str
        Of the quantity, with its unit.
    values : (n,)

    Returns
    -------
    values : (n,)
    warnings : tuple of str
    """
    low, high, what = _BOUNDS[name]
    known = ~np.isnan(values)
    wrong = known & ~((values >= low) & (values <= high))
    return np.where(wrong, math.nan, values), _left_out(wrong, what)


def _left_out(wrong: BoolArray, what: str) -> tuple[str, ...]:
    count = int(wrong.sum())
    return (f"{count} impossible values are left out: {what}",) if count else ()


def without_false_positions(file: WatchFile) -> tuple[WatchFile, tuple[str, ...]]:
    """Replace positions that are none on Earth, and that of a receiver without a fix (0, 0)."""
    latitude, longitude = file.latitude_rad, file.longitude_rad
    known = ~(np.isnan(latitude) | np.isnan(longitude))
    off_earth = (np.abs(latitude) > math.pi / 2) | (np.abs(longitude) > math.pi)
    wrong = known & (off_earth | ((latitude == 0) & (longitude == 0)))
    keep = known & ~wrong
    changed = replace(
        file,
        latitude_rad=np.where(keep, latitude, math.nan),
        longitude_rad=np.where(keep, longitude, math.nan),
    )
    return changed, _left_out(wrong, "positions that are nowhere on Earth")


def steps_per_minute(
    cadence_per_min: FloatArray, sport: str | None
) -> tuple[FloatArray, tuple[str, ...]]:
    """Turn what a file calls cadence into steps of both legs.

    FIT and TCX count one leg when running (FIT SDK, record.cadence: rpm; ActivityExtension v2,
    RunCadence). GPX has no rule, and some writers of the others break theirs: the median tells.
    Zero means no steps, not a slow rhythm, and becomes NaN. Of a bicycle it counts the cranks.

    Parameters
    ----------
    cadence_per_min : (n,)
        As in the file.
    sport : str or None

    Returns
    -------
    cadence_spm : (n,)
    warnings : tuple of str
    """
    stepping = np.where(cadence_per_min > 0, cadence_per_min, math.nan)
    if np.isnan(stepping).all() or is_cycling(sport):
        return np.full(len(stepping), math.nan), ()
    both_legs = float(np.nanmedian(stepping)) > _ONE_LEG_PER_MIN
    return plausible("cadence_spm", stepping if both_legs else 2.0 * stepping)


def is_cycling(sport: str | None) -> bool:
    """Whether a sport is done on a bicycle."""
    return sport is not None and any(word in sport.lower() for word in ("cycl", "bik"))


def sport_warning(sport: str | None) -> tuple[str, ...]:
    """Warn where the watch calls it anything but running."""
    said = (sport or "").strip().lower()
    if not said or said == "generic" or "run" in said:
        return ()
    return (f"the watch calls this {said!r:.40}, not running",)
