"""How a quantity changes over a session: bouts, one line a pace, differences of speed taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hipimu.data import MIN_BOUT_S, MIN_BOUTS, MIN_STRIDES, BoolArray, FloatArray, IntArray, Pace
from hipimu.maths.bout_regression import (
    BoutMeans,
    Covariate,
    Estimate,
    Fit,
    bout_means,
    centred,
    fit_bouts,
    matched_to,
)
from hipimu.strength.columns import PACES, StrideColumns

_MIN_SPAN: Final = 0.5
_LEVEL_GRADE: Final = 0.002
"""Bouts whose grade differs by less are on one level."""
_GRADE_PER_SPEED: Final = 50.0
"""Doubt about the effect of grade (per rise) ÷ that of speed (per m/s), as for the peaks: 100° and
2°."""
_SHARE_PER_SPEED: Final = 0.05
"""of the quantity per m/s: least doubt about the effect of speed, as 2° are of a peak of 40°."""
_LARGEST_INFLATION: Final = 3.0
_SAME_SPEED_M_S: Final = 0.05
_ROUNDING: Final = 1e-12
"""of the quantity."""
_OR_ONE: Final = ", or one of more than five minutes"
_WORDS: Final = {0: "no", 1: "one", 2: "two", 3: "three"}


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """One quantity averaged over bouts, (m,) each."""

    means: BoutMeans
    """`group` is the place of the pace in `PACES`."""
    first: FloatArray
    """τ of each bout's first stride."""
    last: FloatArray
    speed_m_s: FloatArray
    """NaN where unknown."""
    grade: FloatArray


@dataclass(frozen=True, slots=True)
class Answer:
    """Level and change at one pace, or why there are none."""

    level: Estimate | None = None
    change: Estimate | None = None
    reasons: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()


def averaged(columns: StrideColumns, values: FloatArray) -> Averaged:
    """Average a quantity (n,) of strides over bouts; strides of which it is not known are left out.

    Parameters
    ----------
    columns : StrideColumns
    values : (n,)
    """
    known = np.isfinite(values)
    fraction, unit = columns.fraction[known], columns.unit[known]
    means = bout_means(values[known], fraction, unit, columns.group[known])
    _, inside = np.unique(unit, return_inverse=True)
    count = len(means.mean)
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, inside, fraction)
    np.maximum.at(last, inside, fraction)
    return Averaged(
        means,
        first,
        last,
        _mean_of_known(columns.speed_m_s[known], inside, count),
        _mean_of_known(columns.grade[known], inside, count),
    )


def _mean_of_known(values: FloatArray, inside: IntArray, count: int) -> FloatArray:
    known = np.isfinite(values)
    strides = np.bincount(inside[known], minlength=count)
    total = np.bincount(inside[known], values[known], minlength=count)
    return np.where(strides > 0, total / np.maximum(strides, 1), np.nan)


def combined(parts: Sequence[Averaged], weights: Sequence[float]) -> Averaged:
    """Weighted sum of a quantity of both sides, bout by bout; bouts that one lacks are left out.

    The sides' scatter inside bouts is taken as independent; what they share shows in the scatter of
    whole bouts, which the interval is made from.
    """
    shared = sorted(set.intersection(*(set(part.means.bout.tolist()) for part in parts)))
    rows = [_rows(part, np.isin(part.means.bout, shared)) for part in parts]
    means = [part.means for part in rows]
    return Averaged(
        means=replace(
            means[0],
            mean=np.asarray(weights) @ np.stack([m.mean for m in means]),
            variance=np.asarray(weights) ** 2 @ np.stack([m.variance for m in means]),
            fraction=np.mean([m.fraction for m in means], axis=0),
            strides=np.stack([m.strides for m in means]).min(axis=0),
        ),
        first=np.stack([part.first for part in rows]).max(axis=0),
        last=np.stack([part.last for part in rows]).min(axis=0),
        speed_m_s=np.mean([part.speed_m_s for part in rows], axis=0),
        grade=np.mean([part.grade for part in rows], axis=0),
    )


def changes(
    observed: Averaged,
    paces: Sequence[Pace],
    least_sd: float | None = None,
    *,
    one_scatter: bool = False,
) -> dict[Pace, Answer]:
    """Estimate level and change at each pace.

    What differs between easy and fast pace says what speed does within each, where both are known.
    Of a single pace the effect of speed is expected to be none, give or take what would make the
    quantity proportional to speed.

    Parameters
    ----------
    observed : Averaged
    paces : sequence of Pace
    least_sd : float, optional
        Least doubt about the effect of speed, per m/s; without it, a twentieth of the quantity.
    one_scatter : bool
        Whether bouts of both paces scatter alike about their lines, so that they can tell of it
        together, as those of the peaks do. Accelerations and moments scatter more where they are
        larger: taken together, fast bouts would look surer than they are.

    Returns
    -------
    dict
        An answer for every pace.
    """
    refused = {pace: _reasons_against(observed, pace) for pace in paces}
    good = [pace for pace in paces if not refused[pace]]
    answers = {pace: Answer(reasons=refused[pace]) for pace in paces}
    if good:
        answers |= _answers(_rows(observed, _at(observed, good)), good, least_sd, one_scatter)
    return answers


def _at(observed: Averaged, paces: Sequence[Pace]) -> BoolArray:
    return np.isin(observed.means.group, [PACES.index(pace) for pace in paces])


def _rows(observed: Averaged, kept: BoolArray) -> Averaged:
    return Averaged(
        _kept(observed.means, kept),
        observed.first[kept],
        observed.last[kept],
        observed.speed_m_s[kept],
        observed.grade[kept],
    )


def _kept(bouts: BoutMeans, kept: BoolArray) -> BoutMeans:
    return BoutMeans(
        bouts.mean[kept],
        bouts.variance[kept],
        bouts.fraction[kept],
        bouts.group[kept],
        bouts.strides[kept],
        bouts.bout[kept],
    )


def _reasons_against(observed: Averaged, pace: Pace) -> tuple[str, ...]:
    own = _rows(observed, _at(observed, [pace]))
    bouts, strides = len(own.means.mean), int(own.means.strides.sum())
    word = "" if pace == "other" else f"{pace} "
    if bouts < MIN_BOUTS:
        many = "" if bouts == 1 else "s"
        needed = f"{_WORDS[MIN_BOUTS]} are needed{'' if word else _OR_ONE}"
        return (
            f"it has {_WORDS[bouts]} {word}bout{many} of at least {MIN_BOUT_S:.0f} s, {needed}",
        )
    if strides < MIN_STRIDES:
        return (f"it has {strides} usable {word}strides, {MIN_STRIDES} are needed",)
    if float(own.last.max() - own.first.min()) < _MIN_SPAN:
        return (f"its {word}bouts lie too close together to show a change over the run",)
    return ()


def _answers(
    observed: Averaged, paces: Sequence[Pace], least_sd: float | None, one_scatter: bool
) -> dict[Pace, Answer]:
    """Fit; the rows are those of the paces, which are numbered from 0 for the fit."""
    numbers = [PACES.index(pace) for pace in paces]
    bouts = replace(observed.means, group=np.searchsorted(numbers, observed.means.group))
    if least_sd is None:
        least_sd = _SHARE_PER_SPEED * float(np.abs(bouts.mean).mean())
    speed = _speed(observed.speed_m_s, bouts, least_sd)
    grade = _grade(observed.grade, bouts, least_sd)
    if one_scatter or len(paces) == 1:
        return _fitted(bouts, speed, grade, observed.speed_m_s, paces)
    answers: dict[Pace, Answer] = {}
    for place, pace in enumerate(paces):
        own = bouts.group == place
        alone = replace(_kept(bouts, own), group=np.zeros(int(own.sum()), dtype=np.int64))
        answers |= _fitted(alone, _of(speed, own), _of(grade, own), observed.speed_m_s[own], [pace])
    return answers


def _of(covariates: Sequence[Covariate], kept: BoolArray) -> tuple[Covariate, ...]:
    """Return the covariates that matter to these bouts."""
    own = [replace(c, values=c.values[kept]) for c in covariates]
    return tuple(c for c in own if c.values.any())


def _fitted(
    bouts: BoutMeans,
    speed: tuple[Covariate, ...],
    grade: tuple[Covariate, ...],
    speed_m_s: FloatArray,
    paces: Sequence[Pace],
) -> dict[Pace, Answer]:
    bare = fit_bouts(bouts, grade, len(paces))
    fit = fit_bouts(bouts, speed + grade, len(paces)) if speed else bare
    caveats = [_drifted(fit, bare, bouts, speed_m_s, place, p) for place, p in enumerate(paces)]
    if not np.isfinite(fit.degrees_of_freedom):
        fit, caveats = fit_bouts(bouts, (), len(paces)), [(_TOO_FEW_FOR_SPEED,)] * len(paces)
    nothing = _ROUNDING * float(np.abs(bouts.mean).max())
    return {
        pace: Answer(
            _rounded(fit.level(place), nothing),
            _rounded(fit.change(place), nothing),
            caveats=caveats[place],
        )
        for place, pace in enumerate(paces)
    }


def _rounded(estimate: Estimate, nothing: float) -> Estimate:
    """Turn what is only left of rounding into nothing: it would be sure of itself."""
    value, doubt = (
        0.0 if abs(number) <= nothing else number
        for number in (estimate.value, estimate.standard_error)
    )
    return Estimate(value, doubt, estimate.degrees_of_freedom)


_TOO_FEW_FOR_SPEED: Final = "its bouts are too few to take differences of speed and grade out"


def _speed(speed: FloatArray, bouts: BoutMeans, least_sd: float) -> tuple[Covariate, ...]:
    if not np.isfinite(speed).all():
        return ()
    if len(np.unique(bouts.group)) > 1:
        return matched_to(bouts, speed, least_sd)
    middle = float(np.average(speed, weights=bouts.strides))
    if np.ptp(speed) <= 1e-6 * max(abs(middle), 1e-6):
        return ()
    level = abs(float(np.average(bouts.mean, weights=bouts.strides)))
    return (Covariate(speed - middle, 0.0, max(level / max(middle, 1.0), least_sd)),)


def _grade(grade: FloatArray, bouts: BoutMeans, least_sd: float) -> tuple[Covariate, ...]:
    if not np.isfinite(grade).all() or np.ptp(grade) < _LEVEL_GRADE:
        return ()
    return (Covariate(centred(grade, bouts), 0.0, _GRADE_PER_SPEED * least_sd),)


def _drifted(
    fit: Fit, bare: Fit, bouts: BoutMeans, speed_m_s: FloatArray, place: int, pace: Pace
) -> tuple[str, ...]:
    """Say that speed drifted so much that what time did and what speed did are known together."""
    doubt, before = (f.change(place).standard_error for f in (fit, bare))
    if not 0.0 < _LARGEST_INFLATION * before <= doubt:
        return ()
    own = bouts.group == place
    drift = float(np.polyfit(bouts.fraction[own], speed_m_s[own], 1)[0])
    if abs(drift) < _SAME_SPEED_M_S:
        return ()
    word = "" if pace == "other" else f"{pace} "
    verb = "slowed" if drift < 0 else "grew quicker"
    said = f"its {word}pace {verb} by {abs(drift):.1f} m/s over the run"
    return (f"{said}: a change may be that of speed",)
