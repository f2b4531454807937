"""Full range: whether the far end of the fresh fast range is still reached, and with what speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from hipimu.data import BoolArray, Dimension, FloatArray, IntArray, Measure, Pace, Side
from hipimu.strength.columns import Run, StrideColumns
from hipimu.strength.endurance import PEAK_SPEED_SD_RAD
from hipimu.strength.estimate import averaged, changes
from hipimu.strength.quantity import (
    Observed,
    Quantity,
    dimension,
    headline_of,
    measures_of,
    observe,
)
from hipimu.strength.swings import Swings
from hipimu.strength.thigh import Thigh

_TOP: Final = 0.2
"""The last fifth of the range."""
_FAST: Final[tuple[Pace, ...]] = ("fast",)


def full_range(run: Run, swings: Mapping[Side, Swings], thigh: Thigh) -> Dimension:
    """Say how the end of the range changed at fast pace, and where driving turns into braking."""
    velocity, reached = _end_of_range(run, swings)
    zero = observe(
        run,
        {side: zero_moment_rad(swings[side], thigh) for side in run.sides},
        Quantity("zero_moment_angle", "rad", PEAK_SPEED_SD_RAD, False, True, (), thigh.caveats),
    )
    if "fast" in run.paces or not run.sides:
        headline = headline_of(velocity, run, _FAST)
        of_end = [*measures_of(velocity, run, _FAST), *measures_of(reached, run, _FAST)]
    else:
        of_end = [*_without_fast(velocity), *_without_fast(reached)]
        headline = of_end[0]
    measures = [_within_one(m) if m.name == "reached_share" else m for m in of_end]
    return dimension("full_range", headline, [*measures, *measures_of(zero, run)])


def _end_of_range(run: Run, swings: Mapping[Side, Swings]) -> tuple[Observed, Observed]:
    """Velocity on entering the last fifth of the fresh fast range, and whether it is reached."""
    entry_rad = {side: top_entry_rad(columns, run) for side, columns in run.sides.items()}
    velocity = observe(
        run,
        {side: entry_velocity_rad_s(swings[side], entry_rad[side]) for side in run.sides},
        Quantity("entry_velocity", "rad/s", follows_speed=True),
    )
    reached = observe(
        run,
        {side: _reached(columns, entry_rad[side]) for side, columns in run.sides.items()},
        Quantity("reached_share", "1", follows_speed=True),
    )
    return velocity, reached


def top_entry_rad(columns: StrideColumns, run: Run) -> float:
    """Hip angle where the last fifth of the fresh fast range begins; NaN where that is not known.

    Parameters
    ----------
    columns : StrideColumns
        Strides of one side.
    run : Run
    """
    ends = []
    for peak in (-columns.peak_extension_rad, columns.peak_flexion_rad):
        answer = changes(averaged(columns, peak), run.paces, PEAK_SPEED_SD_RAD).get("fast")
        ends.append(np.nan if answer is None or answer.level is None else answer.level.value)
    return float(ends[1] - _TOP * (ends[1] - ends[0]))


def entry_velocity_rad_s(swings: Swings, entry_rad: float) -> FloatArray:
    """Velocity of the hip where it first passes an angle, (n,); 0 where it does not get there.

    Parameters
    ----------
    swings : Swings
    entry_rad : float
        NaN: nothing is known.
    """
    if not np.isfinite(entry_rad):
        return np.full(len(swings.length), np.nan)
    above = swings.hip_rad - entry_rad
    crossed, at = _crossing(swings, above > 0, last=False)
    found = np.where(swings.length > 0, 0.0, np.nan)
    found[crossed] = _between(above, swings.hip_rad_s, at)
    return found


def zero_moment_rad(swings: Swings, thigh: Thigh) -> FloatArray:
    """Hip angle where the moment last turns from driving to braking, (n,); NaN where it does not.

    Of M = I·θ̈ + m·l·f only the sign matters, so that mass cancels: θ̈·I/(m·l) + f = 0.
    """
    drive = thigh.pendulum_m * swings.thigh_rad_s2 + swings.hip_force_m_s2
    crossed, at = _crossing(swings, drive <= 0, last=True)
    found = np.full(len(swings.length), np.nan)
    found[crossed] = _between(drive, swings.hip_rad, at)
    return found


def _crossing(swings: Swings, beyond: BoolArray, *, last: bool) -> tuple[IntArray, IntArray]:
    """Return which swings come to be beyond, and the sample before they first or last do."""
    inner = swings.inner()
    at = np.flatnonzero(inner[:-1] & ~beyond[:-1] & beyond[1:]) if len(inner) else np.empty(0, int)
    owner = swings.owner()[at]
    if last:
        at, owner = at[::-1], owner[::-1]
    crossed, where = np.unique(owner, return_index=True)
    return crossed, at[where]


def _between(zero: FloatArray, values: FloatArray, at: IntArray) -> FloatArray:
    """Values where another series passes 0 between two samples."""
    share = zero[at] / (zero[at] - zero[at + 1])
    return np.asarray(values[at] + share * (values[at + 1] - values[at]))


def _reached(columns: StrideColumns, entry_rad: float) -> FloatArray:
    """1 for a stride whose peak lies in the last fifth, else 0, (n,)."""
    peak = columns.peak_flexion_rad
    known = np.isfinite(peak) & np.isfinite(entry_rad)
    return np.where(known, (peak > entry_rad).astype(np.float64), np.nan)


def _within_one(measure: Measure) -> Measure:
    """A straight line may pass 1; a share does not."""
    if measure.fresh is None:
        return measure
    return replace(measure, fresh=float(np.clip(measure.fresh, 0.0, 1.0)))


def _without_fast(observed: Observed) -> list[Measure]:
    q = observed.quantity
    return [
        Measure(q.name, q.unit, side, "fast", reasons=changes(of_side, _FAST)["fast"].reasons)
        for side, of_side in observed.of.items()
    ]
