"""Made-up figures of the four dimensions and of compensation, for the made-up sessions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    Change,
    Compensation,
    Dimension,
    DimensionName,
    Durability,
    Measure,
    Outcome,
    Pace,
    RangeProfile,
    Side,
    Strength,
)

PACES: tuple[Pace, ...] = ("easy", "fast")
SPEED_UNKNOWN = "speed is not known: a change of speed may pass for one of this"
NO_MASS = "body mass is unknown: give athlete.mass_kg in recording.toml"
THIGH_DEG: Mapping[tuple[Outcome, Pace], float] = {
    ("peak_flexion", "easy"): 30.0,
    ("peak_flexion", "fast"): 43.0,
    ("peak_extension", "easy"): 20.0,
    ("peak_extension", "fast"): 30.0,
}
FORCE: tuple[tuple[Pace, float, float], ...] = (("easy", 3900.0, -90.0), ("fast", 7300.0, -640.0))
CONTROL: tuple[tuple[str, str, bool, float, float, float], ...] = (
    # name, unit, one a side, fresh, change, half-width; angles in degrees
    ("pelvis_tilt", "rad", False, 6.0, 1.6, 0.7),
    ("pelvis_tilt_range", "rad", False, 7.0, 0.4, 0.6),
    ("pelvis_obliquity_range", "rad", False, 9.0, 0.9, 1.1),
    ("pelvis_rotation_range", "rad", False, 14.0, -0.6, 1.5),
    ("relative_phase", "rad", True, -38.0, 2.1, 3.4),
    ("relative_phase_variability", "rad", True, 4.1, 0.6, 0.5),
    ("smoothness_sparc", "1", True, -1.63, -0.02, 0.03),
    ("smoothness_ldlj", "1", True, -7.9, -0.12, 0.2),
    ("peak_flexion_variability", "rad", True, 1.0, 0.1, 0.2),
    ("peak_extension_variability", "rad", True, 0.8, 0.2, 0.15),
    ("asymmetry_flexion", "rad", False, -0.8, -0.9, 0.7),
    ("asymmetry_extension", "rad", False, 0.6, 0.2, 0.9),
)


class Slopes(Protocol):
    """A change at easy and at fast pace, in degrees."""

    @property
    def easy(self) -> float: ...

    @property
    def fast(self) -> float: ...


def measure(
    name: str,
    unit: str,
    side: Side | None,
    pace: Pace | None,
    fresh: float,
    delta: float,
    half: float,
) -> Measure:
    """One measure; of angles, give degrees."""
    scale = math.pi / 180 if unit.startswith("rad") else 1.0
    ends = ((delta - half) * scale, (delta + half) * scale)
    around = ((fresh - 0.7 * half) * scale, (fresh + 0.7 * half) * scale)
    return Measure(name, unit, side, pace, fresh * scale, delta * scale, ends, (), around)


def missing(name: str, unit: str, side: Side | None, pace: Pace | None, why: str) -> Measure:
    return Measure(name, unit, side, pace, reasons=(why,))


def strength_of(sides: tuple[Side, ...] = SIDES) -> Strength:
    """All four dimensions, with the figures that need a body mass missing."""
    return Strength(
        force=force_of(sides),
        endurance=endurance_of(sides),
        full_range=full_range_of(sides),
        control=control_of(sides),
        profiles=tuple(
            profile_of(side, pace, quantity)
            for side in sides
            for pace in PACES
            for quantity in ("velocity", "acceleration")
        ),
        durability=durability_of(sides),
    )


def force_of(sides: tuple[Side, ...]) -> Dimension:
    measured = [
        measure("peak_acceleration", "rad/s²", side, pace, fresh, delta, 260.0)
        for side in sides
        for pace, fresh, delta in FORCE
    ]
    unknown = [
        missing(name, unit, side, pace, NO_MASS)
        for name, unit in (("swing_work", "J"), ("peak_moment", "N·m"))
        for side in sides
        for pace in PACES
    ]
    both = measure(
        "peak_acceleration",
        "rad/s²",
        None if len(sides) > 1 else sides[0],
        "fast",
        7300.0,
        -640.0,
        260.0,
    )
    return Dimension("force", both, (*measured, *unknown))


def endurance_of(sides: tuple[Side, ...]) -> Dimension:
    measures = tuple(
        measure(f"delta_{outcome}", "rad", side, "easy", fresh, delta, 0.9)
        for side in sides
        for outcome, fresh, delta in (("peak_flexion", 36.0, -0.4), ("peak_extension", 14.0, -1.3))
    )
    return Dimension("endurance", measures[0], measures)


def full_range_of(sides: tuple[Side, ...]) -> Dimension:
    measures = []
    for side in sides:
        measures += [
            measure("entry_velocity", "rad/s", side, "fast", 268.0, -41.0, 22.0),
            measure("reached_share", "1", side, "fast", 0.96, -0.31, 0.12),
            missing("zero_moment_angle", "rad", side, "fast", NO_MASS),
        ]
    careful = tuple(replace(m, caveats=(SPEED_UNKNOWN,)) if m.fresh else m for m in measures)
    return Dimension("full_range", careful[0], careful)


def control_of(sides: tuple[Side, ...]) -> Dimension:
    measures = tuple(
        measure(name, unit, side, pace, fresh, delta, half)
        for name, unit, sided, fresh, delta, half in CONTROL
        if sided or len(sides) == len(SIDES) or not name.startswith("asymmetry")
        for side in (sides if sided else (None,))
        for pace in PACES
    )
    return Dimension("control", measures[1], measures)


def profile_of(side: Side, pace: Pace, quantity: str) -> RangeProfile:
    """Bins of 5° from −15° to the peak; at fast pace the last bins lose, one bin is too thin."""
    edges = np.radians(np.arange(-15.0, 51.0 if pace == "fast" else 36.0, 5.0))
    share = np.linspace(0.0, 1.0, len(edges) - 1)
    fresh = np.sin(np.pi * (0.15 + 0.8 * share))
    if quantity == "acceleration":
        fresh = 40.0 * np.cos(np.pi * share)
    else:
        fresh = np.radians(420.0) * fresh
    scale = 0.12 * np.abs(fresh).max()
    delta = -scale * np.maximum(share - 0.55, 0.0) * (2.4 if pace == "fast" else 0.3)
    delta[0] = math.nan
    half = np.full(len(share), 0.35 * scale)
    q_value = np.where(np.abs(delta) > 1.3 * half, 0.01, 0.4)
    return RangeProfile(
        side=side,
        pace=pace,
        quantity=quantity,  # type: ignore[arg-type]
        unit="rad/s" if quantity == "velocity" else "rad/s²",
        from_rad=edges[:-1],
        to_rad=edges[1:],
        fresh=fresh,
        delta=delta,
        delta_low=delta - half,
        delta_high=delta + half,
        q_value=q_value,
    )


def durability_of(sides: tuple[Side, ...]) -> tuple[Durability, ...]:
    """Flexion is kept to the end, extension leaves its baseline; the right has too few strides."""
    kept = {
        side: Durability(side, "peak_flexion", None, 612.0, math.radians(36.0), math.radians(1.4))
        for side in sides
    }
    left = {
        side: Durability(
            side, "peak_extension", 431.0, 402.0, math.radians(14.0), math.radians(1.1)
        )
        for side in sides
    }
    if "right" in left:
        why = ("it has 80 easy strides after the baseline, 100 are needed",)
        left["right"] = Durability("right", "peak_extension", None, None, None, None, why)
    return tuple(made[side] for made in (kept, left) for side in sides)


def nothing_measured(reason: str) -> Strength:
    """Four dimensions of which none could be measured."""
    headlines: Mapping[DimensionName, tuple[str, str]] = {
        "force": ("peak_acceleration", "rad/s²"),
        "endurance": ("delta_peak_flexion", "rad"),
        "full_range": ("entry_velocity", "rad/s"),
        "control": ("pelvis_tilt", "rad"),
    }
    made = {
        name: Dimension(name, missing(first, unit, None, None, reason), (), (reason,))
        for name, (first, unit) in headlines.items()
    }
    return Strength(made["force"], made["endurance"], made["full_range"], made["control"])


def compensation_of(
    sides: tuple[Side, ...],
    effects: Mapping[tuple[Side, Outcome], Slopes],
    *,
    moved_to_pelvis: bool = False,
) -> tuple[Compensation, ...]:
    """What hip and pelvis add to the thigh's peaks; `moved_to_pelvis`: extension at fast pace."""
    return tuple(
        _split(side, outcome, pace, effects[side, outcome], moved_to_pelvis)
        for side in sides
        for outcome in OUTCOMES
        for pace in PACES
    )


def _split(
    side: Side, outcome: Outcome, pace: Pace, effect: Slopes, moved_to_pelvis: bool
) -> Compensation:
    thigh = THIGH_DEG[outcome, pace]
    pelvis = (6.0 if outcome == "peak_extension" else -6.0) + (1.0 if pace == "fast" else 0.0)
    moved = 5.6 if moved_to_pelvis and (outcome, pace) == ("peak_extension", "fast") else 0.0
    hip_change = (effect.easy if pace == "easy" else effect.fast) - moved
    pelvis_change = moved if moved else 0.3
    return Compensation(
        side,
        outcome,
        pace,
        change(thigh, hip_change + pelvis_change, 1.3),
        change(thigh - pelvis, hip_change, 1.2),
        change(pelvis, pelvis_change, 0.8),
    )


def change(fresh_deg: float, delta_deg: float, half_deg: float) -> Change:
    ends = (math.radians(delta_deg - half_deg), math.radians(delta_deg + half_deg))
    return Change(math.radians(fresh_deg), math.radians(delta_deg), ends)
