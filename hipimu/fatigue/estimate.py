"""Estimate the change at each pace and its contrast, and say what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    Bout,
    FatigueEstimate,
    FloatArray,
    Interval,
    Outcome,
    Pace,
    Side,
    Stride,
    Verdict,
    set_aside,
)
from hipimu.fatigue.checks import robust_lines
from hipimu.fatigue.enough import not_separable, reasons_against
from hipimu.fatigue.model import RESERVE, Model, fit_model
from hipimu.fatigue.series import PACES, Chosen, usable_sides
from hipimu.maths.statistics import block_means, holm
from hipimu.units import rad_from_deg

_DETECTABLE_FLOOR_RAD: Final = rad_from_deg(0.5)
_EARLY: Final = 1 / 3
_BLOCK_STRIDES: Final = 25
_SEED: Final = 20_210_420


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
    for side, chosen in usable_sides(strides, bouts, sides):
        own = [stride for stride in strides if stride.side == side]
        aside = {pace: set_aside(s for s in own if s.pace == pace) for pace in PACES}
        estimates += [
            replace(_estimate(side, outcome, chosen, bouts), set_aside=aside)
            for outcome in OUTCOMES
        ]
    return _corrected(estimates)


def _estimate(
    side: Side, outcome: Outcome, chosen: Chosen, bouts: Sequence[Bout]
) -> FatigueEstimate:
    count: dict[Pace, int] = {pace: len(chosen[pace].bout) for pace in PACES}
    distinct: dict[Pace, int] = {pace: len(set(chosen[pace].bout.tolist())) for pace in PACES}
    refused = FatigueEstimate(side, outcome, "not_estimable", (), count, distinct)
    reasons = reasons_against(chosen, bouts)
    if reasons:
        return replace(refused, reasons=reasons)
    values = {pace: chosen[pace].peak_rad[outcome] for pace in PACES}
    model = fit_model(chosen, values)
    drift = model.speed_change_m_s()
    reasons = not_separable(model, fit_model(chosen, values, by_speed=False))
    if reasons:
        return replace(refused, reasons=reasons, speed_change_m_s=drift)
    rng = np.random.default_rng(_SEED)  # the same session gives the same interval
    answered = replace(
        _filled(refused, model, _detectable(chosen, values, model)),
        checks=robust_lines(chosen, values, model, rng),
        speed_change_m_s=drift,
    )
    return _judged(answered, bouts)


def _filled(empty: FatigueEstimate, model: Model, detectable_rad: float) -> FatigueEstimate:
    easy, fast = (model.change(pace) for pace in PACES)
    level = {pace: model.fit.level(i).value for i, pace in enumerate(PACES)}
    reserve, rfi = model.fit.contrast(RESERVE), model.rfi
    return replace(
        empty,
        delta_easy_rad=easy.value,
        delta_easy_ci95_rad=easy.interval(),
        delta_fast_rad=fast.value,
        delta_fast_ci95_rad=fast.interval(),
        rfi_rad=rfi.value,
        rfi_ci95_rad=rfi.interval(),
        detectable_rad=detectable_rad,
        line_rad={
            pace: (level[pace], level[pace] + change.value)
            for pace, change in zip(PACES, (easy, fast), strict=True)
        },
        reserve_rad=reserve.value,
        reserve_ci95_rad=reserve.interval(),
        rfi_share_of_reserve=(
            rfi.value / reserve.value if reserve.value > detectable_rad else None
        ),
        p_value=rfi.p_value(),
        variability=model.variability(),
    )


def _detectable(chosen: Chosen, values: Mapping[Pace, FloatArray], model: Model) -> float:
    """Smallest change that stands out from the runner's own early variation.

    1.96·√2·SD of 25-stride means about the line in the first third, pooled over both paces (the
    usual minimal detectable change between two readings).
    """
    variances = []
    for number, pace in enumerate(PACES):
        tau = chosen[pace].fraction
        line = model.fit.level(number).value + model.fit.change(number).value * tau
        residual = values[pace] - line
        early = tau <= tau.min() + _EARLY * np.ptp(tau)
        means = block_means(residual[early], _BLOCK_STRIDES)
        if len(means) < 3:
            means = block_means(residual, _BLOCK_STRIDES)
        variances.append(means.var(ddof=1) if len(means) > 1 else 0.0)
    return max(float(1.96 * np.sqrt(2 * np.mean(variances))), _DETECTABLE_FLOOR_RAD)


def _judged(estimate: FatigueEstimate, bouts: Sequence[Bout]) -> FatigueEstimate:
    """Give the verdict, and what takes it back."""
    rfi, interval, detectable = estimate.rfi_rad, estimate.rfi_ci95_rad, estimate.detectable_rad
    if rfi is None or interval is None or detectable is None:
        raise AssertionError("called only on what was estimated")
    verdict = _verdict(rfi, interval, detectable)
    if verdict == "no_evidence":
        return replace(estimate, verdict=verdict)
    doubts = (*_other_way_round(estimate, rfi), *_pace_by_proxy(bouts))
    return replace(estimate, verdict="no_evidence" if doubts else verdict, reasons=doubts)


def _verdict(rfi: float, interval: Interval, detectable: float) -> Verdict:
    if interval[0] > 0 and rfi > detectable:
        return "supported"
    if interval[1] < 0 and rfi < -detectable:
        return "reversed"
    return "no_evidence"


def _other_way_round(estimate: FatigueEstimate, rfi: float) -> tuple[str, ...]:
    """A few strides far out can move a mean; the medians of bouts then point elsewhere."""
    against = any(
        check.name == "theil_sen" and check.rfi_rad * rfi < 0 for check in estimate.checks
    )
    return ("the medians of the bouts say the opposite of their means",) if against else ()


def _pace_by_proxy(bouts: Sequence[Bout]) -> tuple[str, ...]:
    """Without any speed, a change of speed passes for one of range."""
    if any(bout.pace in PACES and bout.pace_source == "pelvis" for bout in bouts):
        return (
            "pace is known from the rhythm of the pelvis only, so a change of speed may pass for "
            "one of range: mark laps, or record the speed",
        )
    return ()


def _corrected(estimates: Sequence[FatigueEstimate]) -> tuple[FatigueEstimate, ...]:
    """Correct p for the number of comparisons in this session."""
    known = [i for i, estimate in enumerate(estimates) if estimate.p_value is not None]
    adjusted = holm([estimates[i].p_value or 0.0 for i in known])
    by_place = dict(zip(known, adjusted, strict=True))
    return tuple(replace(e, p_holm=by_place.get(i)) for i, e in enumerate(estimates))
