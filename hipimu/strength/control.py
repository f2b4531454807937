"""Control: how steadily pelvis and thigh move, and how alike the two sides do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from hipimu.data import OUTCOMES, SIDES, Dimension, FloatArray, HipMotion, IntArray, Measure, Side
from hipimu.strength.columns import Run, both_sides
from hipimu.strength.endurance import PEAK_SPEED_SD_RAD, peaks
from hipimu.strength.estimate import averaged
from hipimu.strength.phase import mean_phase_rad, phase_deviation_rad, stride_phases
from hipimu.strength.quantity import (
    Observed,
    Quantity,
    dimension,
    headline_of,
    measures_of,
    observe,
    together,
)
from hipimu.strength.smoothness import swing_ldlj, swing_sparc
from hipimu.strength.swings import Swings
from hipimu.units import rad_from_deg

_PELVIS: Final = (
    "pelvis_tilt",
    "pelvis_tilt_range",
    "pelvis_obliquity_range",
    "pelvis_rotation_range",
)
_ONE_SIDE: Final = "only one thigh was measured"
_FEWEST: Final = 8
"""Strides that a line is taken out of before their scatter is called one."""
_ANGLE_SD: Final = rad_from_deg(0.5)
"""rad per m/s: least doubt about the effect of speed on angles that are near 0."""


def control(run: Run, swings: Mapping[Side, Swings], motion: Mapping[Side, HipMotion]) -> Dimension:
    """Say how pelvis, timing, smoothness, scatter and difference of sides changed.

    The headline is the mean tilt of the pelvis: of all these it is measured best, since gravity
    shows it in every stride, and its change is what the hip's extension is most often bought with.
    """
    pelvis = _pelvis(run)
    observed = [*pelvis, *_timing(run, motion), *_smoothness(run, swings), *_scatter(run)]
    measures = [m for one in observed for m in measures_of(one, run)]
    return dimension("control", headline_of(pelvis[0], run), [*measures, *_asymmetry(run)])


def _pelvis(run: Run) -> list[Observed]:
    """Of the pelvis, which strides of both sides tell; they overlap by half, as neighbours do."""
    if not run.sides:
        return [Observed(Quantity(name, "rad"), {}) for name in _PELVIS]
    columns = both_sides(run)
    return [
        Observed(
            Quantity(name, "rad", _ANGLE_SD),
            {None: averaged(columns, getattr(columns, f"{name}_rad"))},
        )
        for name in _PELVIS
    ]


def _timing(run: Run, motion: Mapping[Side, HipMotion]) -> list[Observed]:
    phases = {side: stride_phases(own, motion.get(side)) for side, own in run.sides.items()}
    return [
        observe(
            run,
            {side: mean_phase_rad(own) for side, own in phases.items()},
            Quantity("relative_phase", "rad", PEAK_SPEED_SD_RAD),
        ),
        observe(
            run,
            {side: phase_deviation_rad(own, run.sides[side].unit) for side, own in phases.items()},
            Quantity("relative_phase_variability", "rad", _ANGLE_SD),
        ),
    ]


def _smoothness(run: Run, swings: Mapping[Side, Swings]) -> list[Observed]:
    return [
        observe(
            run,
            {side: measure(own) for side, own in swings.items()},
            Quantity(name, "1", follows_speed=True),
        )
        for name, measure in (("smoothness_sparc", swing_sparc), ("smoothness_ldlj", swing_ldlj))
    ]


def _scatter(run: Run) -> list[Observed]:
    return [
        observe(
            run,
            {side: scatter(peaks(own, outcome), own.unit) for side, own in run.sides.items()},
            Quantity(f"{outcome}_variability", "rad", _ANGLE_SD),
        )
        for outcome in OUTCOMES
    ]


def scatter(values: FloatArray, unit: IntArray) -> FloatArray:
    """How far each stride lies from the line through its bout, as a standard deviation, (n,).

    √(π/2) times the absolute residual: its mean over a bout is the standard deviation of what is
    normally distributed, and one stride far out moves it little.

    Parameters
    ----------
    values : (n,)
        In order of time.
    unit : (n,)
        Number of the bout; NaN where it has fewer than eight strides.
    """
    found = np.full(len(values), np.nan)
    known = np.isfinite(values)
    for name in np.unique(unit[known]):
        own = np.flatnonzero(known & (unit == name))
        count = len(own)
        if count < _FEWEST:
            continue
        number = np.arange(count) - 0.5 * (count - 1)
        away = values[own] - values[own].mean()
        away -= number * (number @ away) / (number @ number)
        found[own] = np.abs(away) * np.sqrt(0.5 * np.pi * count / (count - 2))
    return found


def _asymmetry(run: Run) -> list[Measure]:
    """Left minus right, bout by bout."""
    measures: list[Measure] = []
    for outcome in OUTCOMES:
        q = Quantity(f"asymmetry_{outcome.removeprefix('peak_')}", "rad", _ANGLE_SD)
        if not all(side in run.sides for side in SIDES):
            why = (_ONE_SIDE,)
            measures += [Measure(q.name, q.unit, None, pace, reasons=why) for pace in run.paces]
            continue
        of_sides = observe(run, {s: peaks(own, outcome) for s, own in run.sides.items()}, q)
        measures += measures_of(together(of_sides, (1.0, -1.0)), run)
    return measures
