"""Endurance: whether easy running keeps its range, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import stats

from hipimu.data import OUTCOMES, Dimension, Durability, FloatArray, IntArray, Outcome, Pace, Side
from hipimu.maths.statistics import block_means
from hipimu.strength.columns import PACES, Run, StrideColumns
from hipimu.strength.quantity import Quantity, dimension, headline_of, measures_of, observe
from hipimu.units import rad_from_deg

PEAK_SPEED_SD_RAD: Final = rad_from_deg(2.0)
"""rad per m/s, as in the fatigue model: with both paces its δ_easy and this one are one number."""
_BASELINE: Final = 100
_WINDOW: Final = 50
_AWAY: Final = 100
_BLOCK: Final = 25
_FEWEST_BLOCKS: Final = 5
_SPARE: Final = 1.25
"""For not knowing the scatter of 4 to 20 bouts well; found by drawing 40 000 still runs."""
_SPARE_OF_TWO: Final = 4.0
_FLOOR_RAD: Final = rad_from_deg(0.5)


def endurance(run: Run) -> Dimension:
    """Say how both peaks changed at easy pace, or at the pace of a steady run."""
    shown = (_steady_pace(run),)
    flexion, extension = (
        observe(
            run,
            {side: peaks(columns, outcome) for side, columns in run.sides.items()},
            Quantity(f"delta_{outcome}", "rad", PEAK_SPEED_SD_RAD, one_scatter=True),
        )
        for outcome in OUTCOMES
    )
    measures = [*measures_of(flexion, run, shown), *measures_of(extension, run, shown)]
    return dimension("endurance", headline_of(flexion, run, shown), measures)


def durability(
    run: Run, detectable_rad: Mapping[tuple[Side, Outcome], float]
) -> tuple[Durability, ...]:
    """Find when each peak left its own baseline at easy pace, and stayed away for 100 strides.

    The baseline is the median of the first 100 strides. A median over 50 strides follows; where it
    lies further away than the detectable change, to one side, for 100 strides on end, the first of
    them is the moment. Strides of all easy bouts count as one row.

    Whole bouts lie above or below each other without anyone tiring. So away is also further than
    the bouts' own scatter explains, as the differences of neighbouring bouts tell it; of a steady
    run, those of neighbouring hundreds of strides.

    Parameters
    ----------
    run : Run
    detectable_rad : dict
        Per side and peak, from the fatigue estimates; of what is not there, it is told from the
        strides of the first third (1.96·√2·SD of means of 25 strides).
    """
    return tuple(
        _durability(run, side, outcome, detectable_rad.get((side, outcome)))
        for outcome in OUTCOMES
        for side in run.sides
    )


def _durability(run: Run, side: Side, outcome: Outcome, detectable_rad: float | None) -> Durability:
    pace = _steady_pace(run)
    columns = run.sides[side]
    own = (columns.group == PACES.index(pace)) & np.isfinite(peaks(columns, outcome))
    values, tau = peaks(columns, outcome)[own], columns.fraction[own]
    missing = Durability(side, outcome, None, None, None, None)
    if len(values) < _BASELINE + _AWAY:
        return replace(missing, reasons=(_too_few(len(values), pace),))
    sound = detectable_rad is not None and np.isfinite(detectable_rad) and detectable_rad > 0
    stands_out = detectable_rad if detectable_rad and sound else _detectable(values, tau)
    # of a steady run there are no bouts to tell how its peaks wander: pieces of it have to
    unit = np.arange(len(values)) // _AWAY if pace in run.cut else columns.unit[own]
    threshold = max(stands_out, _units_apart(values, unit))
    baseline = float(np.median(values[:_BASELINE]))
    left = _left_at(values, baseline, threshold)
    return replace(
        missing,
        left_at_s=None if left is None else float(columns.t_peak_flexion_s[own][left]),
        moving_s=run.moving_s * (1.0 if left is None else float(tau[left])),
        baseline_rad=baseline,
        threshold_rad=threshold,
    )


def _steady_pace(run: Run) -> Pace:
    return "easy" if "easy" in run.paces else "other"


def peaks(columns: StrideColumns, outcome: Outcome) -> FloatArray:
    """Return one peak of each stride, (n,)."""
    return {
        "peak_flexion": columns.peak_flexion_rad,
        "peak_extension": columns.peak_extension_rad,
    }[outcome]


def _too_few(count: int, pace: Pace) -> str:
    word = "" if pace == "other" else f"{pace} "
    if count < _BASELINE:
        return f"it has {count or 'no'} {word}strides, {_BASELINE} are needed for a baseline"
    after = count - _BASELINE
    return f"it has {after or 'no'} {word}strides after the baseline, {_AWAY} are needed"


def _left_at(values: FloatArray, baseline: float, threshold: float) -> int | None:
    """Number of the first stride of the first 100 on end that lie away; None: there are none."""
    windows = np.lib.stride_tricks.sliding_window_view(values, _WINDOW)
    middle = _WINDOW // 2
    after = _BASELINE - middle
    departure = np.median(windows[after:], axis=1) - baseline
    where = np.where(departure > threshold, 1, np.where(departure < -threshold, -1, 0))
    starts = np.concatenate(([0], np.flatnonzero(np.diff(where)) + 1))
    lengths = np.diff(np.concatenate((starts, [len(where)])))
    away = np.flatnonzero((where[starts] != 0) & (lengths >= _AWAY))
    return None if len(away) == 0 else int(starts[away[0]]) + after + middle


def _units_apart(values: FloatArray, unit: IntArray) -> float:
    """How far the furthest of several bouts or pieces lies from the first by chance, 93 % of times.

    From the median difference of neighbours, the smaller of two: a step somewhere in the run is one
    large difference and no scatter.
    """
    names = np.unique(unit)
    if len(names) < 3:
        return 0.0
    steps = np.abs(np.diff([np.median(values[unit == name]) for name in names]))
    usual, spare = float(np.median(steps)), _SPARE
    if len(steps) == 2:
        usual, spare = float(steps.min()), _SPARE_OF_TWO
    looks = float(stats.norm.isf(0.025 / len(steps)) / stats.norm.ppf(0.75))
    return spare * looks * usual


def _detectable(values: FloatArray, tau: FloatArray) -> float:
    """Smallest change that stands out from the runner's own early variation.

    1.96·√2·SD of means of 25 strides as in the fatigue model, with the SD of the differences of
    neighbours: a peak that leaves early would raise one about a line, and hide itself.
    """
    means = block_means(values[tau <= tau.min() + np.ptp(tau) / 3], _BLOCK)
    if len(means) < _FEWEST_BLOCKS:
        means = block_means(values, _BLOCK)
    usual = float(np.median(np.abs(np.diff(means))) / stats.norm.ppf(0.75))
    return max(1.96 * usual, _FLOOR_RAD)
