"""Estimate the change at each pace and its contrast, and say what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    Bout,
    FatigueEstimate,
    Interval,
    Outcome,
    Pace,
    Side,
    Stride,
    Verdict,
    set_aside,
)
from hipimu.fatigue.enough import reasons_against
from hipimu.fatigue.trend import PaceStrides, Trend, fit_trend, t_quantile
from hipimu.units import rad_from_deg

_DETECTABLE_FLOOR_RAD = rad_from_deg(0.5)
_SEED = 20_210_420
PACES: tuple[Pace, Pace] = ("easy", "fast")


def estimate_fatigue(
    strides: Sequence[Stride], bouts: Sequence[Bout], sides: Iterable[Side] = SIDES
) -> tuple[FatigueEstimate, ...]:
    """Estimate range-dependent fatigue for every side and peak.

    Parameters
    ----------
    strides : sequence of Stride
        Labelled with pace, bout and moving fraction.
    bouts : sequence of Bout
    sides : iterable of Side
        The sides that were measured.

    Returns
    -------
    tuple of FatigueEstimate
        One for each side and outcome, also where the answer is "not estimable".
    """
    estimates = []
    for side in sides:
        own = {pace: _usable(strides, side, pace) for pace in PACES}
        aside = {
            pace: set_aside(s for s in strides if s.side == side and s.pace == pace)
            for pace in PACES
        }
        estimates += [
            replace(_estimate(side, outcome, own, bouts), set_aside=aside) for outcome in OUTCOMES
        ]
    return tuple(estimates)


def _estimate(
    side: Side, outcome: Outcome, own: Mapping[Pace, Sequence[Stride]], bouts: Sequence[Bout]
) -> FatigueEstimate:
    chosen = {pace: _series(own[pace], outcome) for pace in PACES}
    count = {pace: len(chosen[pace].peak_rad) for pace in PACES}
    distinct = {pace: len(set(chosen[pace].bout.tolist())) for pace in PACES}
    reasons = reasons_against(chosen, bouts)
    if reasons:
        return FatigueEstimate(side, outcome, "not_estimable", reasons, count, distinct)
    rng = np.random.default_rng(_SEED)  # the same session gives the same interval
    easy, fast = (fit_trend(chosen[pace], rng) for pace in PACES)
    rfi = -(fast.delta_rad - easy.delta_rad)
    rfi_ci = _contrast_interval(rfi, easy, fast)
    detectable = _detectable(easy, fast)
    return FatigueEstimate(
        side=side,
        outcome=outcome,
        verdict=_verdict(rfi, rfi_ci, detectable),
        reasons=(),
        strides=count,
        bouts=distinct,
        delta_easy_rad=easy.delta_rad,
        delta_easy_ci95_rad=_interval(easy),
        delta_fast_rad=fast.delta_rad,
        delta_fast_ci95_rad=_interval(fast),
        rfi_rad=rfi,
        rfi_ci95_rad=rfi_ci,
        detectable_rad=detectable,
        line_rad={
            pace: (trend.level_rad, trend.level_rad + trend.delta_rad)
            for pace, trend in zip(PACES, (easy, fast), strict=True)
        },
    )


def _usable(strides: Sequence[Stride], side: Side, pace: Pace) -> list[Stride]:
    own = [s for s in strides if s.side == side and s.pace == pace]
    return [s for s in own if s.bout is not None and s.usable()]


def _series(strides: Sequence[Stride], outcome: Outcome) -> PaceStrides:
    peak = attrgetter(f"{outcome}_rad")
    speeds = [s.speed_m_s for s in strides]
    known = bool(speeds) and None not in speeds
    return PaceStrides(
        fraction=np.array([s.moving_fraction for s in strides], dtype=np.float64),
        peak_rad=np.array([peak(s) for s in strides], dtype=np.float64),
        bout=np.array([s.bout for s in strides], dtype=np.int64),
        speed_m_s=np.array(speeds, dtype=np.float64) if known else None,
    )


def _interval(trend: Trend) -> Interval:
    half = t_quantile(trend.degrees_of_freedom) * trend.standard_error_rad
    return trend.delta_rad - half, trend.delta_rad + half


def _contrast_interval(rfi: float, easy: Trend, fast: Trend) -> Interval:
    """95 % interval of the difference of two trends; degrees of freedom after Welch (1947)."""
    errors = np.array([t.standard_error_rad for t in (easy, fast)])
    total = np.hypot(*errors)
    # as shares of the whole, so that strides without any scatter do not end in 0 / 0
    shares = (errors / total) ** 2 if total > 0 else np.full(2, 0.5)
    freedom = 1 / (shares**2 / [t.degrees_of_freedom for t in (easy, fast)]).sum()
    half = t_quantile(float(freedom)) * total
    return float(rfi - half), float(rfi + half)


def _detectable(easy: Trend, fast: Trend) -> float:
    """Smallest change that stands out from the runner's own early variation.

    1.96·√2·SD of 25-stride means about the trend, pooled over both paces (the usual minimal
    detectable change between two readings).
    """
    pooled = np.sqrt(0.5 * (easy.early_sd_rad**2 + fast.early_sd_rad**2))
    return max(float(1.96 * np.sqrt(2) * pooled), _DETECTABLE_FLOOR_RAD)


def _verdict(rfi: float, interval: Interval, detectable: float) -> Verdict:
    if interval[0] > 0 and rfi > detectable:
        return "supported"
    if interval[1] < 0 and rfi < -detectable:
        return "reversed"
    return "no_evidence"
