"""The same question asked in other ways: a sensitivity analysis, never the answer itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
from scipy import stats

from hipimu.data import FloatArray, Pace, RobustLine
from hipimu.fatigue.model import Model, fit_model
from hipimu.fatigue.series import PACES, Chosen

_DRAWS: Final = 400
Check = Literal["theil_sen", "cadence_adjusted", "speed_unadjusted"]


def robust_lines(
    chosen: Chosen, values: Mapping[Pace, FloatArray], model: Model, rng: np.random.Generator
) -> tuple[RobustLine, ...]:
    """Ask for RFI again: by medians of pairs of bouts, at equal cadence, and whatever the speed."""
    checks = [_theil_sen(chosen, values, model, rng)]
    cadence = fit_model(chosen, values, by_cadence=True)
    if len(cadence.fit.coefficients) > len(model.fit.coefficients):
        checks.append(_line("cadence_adjusted", cadence))
    if model.speed_m_s is not None:
        checks.append(_line("speed_unadjusted", fit_model(chosen, values, by_speed=False)))
    return tuple(checks)


def _line(name: Check, model: Model) -> RobustLine:
    return RobustLine(name, model.rfi.value, model.rfi.interval())


def _theil_sen(
    chosen: Chosen, values: Mapping[Pace, FloatArray], model: Model, rng: np.random.Generator
) -> RobustLine:
    """RFI from the median slope between all pairs of bouts, each told by its median.

    Theil 1950 (Proc K Ned Akad Wet 53:386–392), Sen 1968 (J Am Stat Assoc 63:1379–1389). The
    interval comes from drawing the bouts' offsets anew, made wider for the two parameters fitted,
    and Student's t with the bouts' degrees of freedom.
    """
    slopes: list[float] = []
    spread: list[float] = []
    for pace in PACES:
        tau, middle = _medians(chosen, values, pace)
        slope = float(_median_slopes(tau, middle[None, :])[0])
        offset = middle - slope * tau
        offset = (offset - np.median(offset)) * np.sqrt(len(tau) / max(len(tau) - 2, 1))
        drawn = offset[rng.integers(0, len(tau), size=(_DRAWS, len(tau)))]
        spread.append(float(_median_slopes(tau, drawn).std(ddof=1)))
        slopes.append(slope)
    rfi = float(slopes[0] - slopes[1])
    freedom = model.fit.degrees_of_freedom
    half = float(stats.t.ppf(0.975, freedom) * np.hypot(spread[0], spread[1]))
    return RobustLine("theil_sen", rfi, (rfi - half, rfi + half))


def _medians(
    chosen: Chosen, values: Mapping[Pace, FloatArray], pace: Pace
) -> tuple[FloatArray, FloatArray]:
    """Return mean τ and the median of each bout, (m,) each."""
    bouts = [chosen[pace].bout == bout for bout in np.unique(chosen[pace].bout)]
    tau = np.array([chosen[pace].fraction[own].mean() for own in bouts])
    return tau, np.array([np.median(values[pace][own]) for own in bouts])


def _median_slopes(x: FloatArray, y: FloatArray) -> FloatArray:
    """Median slope between all pairs of points, for each row of y (rows, m)."""
    first, second = np.triu_indices(len(x), 1)
    slopes = (y[:, second] - y[:, first]) / (x[second] - x[first])
    return np.asarray(np.median(slopes, axis=1))
