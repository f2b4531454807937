"""Units that resemble each other, each known with its own doubt: how far to believe each.

A normal–normal mixed model in two stages: what a unit shows scatters about its truth by its own
standard error, and truths scatter about the group's mean. How much they do (τ) is known badly from
a few units; so it is not estimated once and believed, which gives intervals that are too narrow and
fails where the estimate is 0, but averaged over, with a flat prior on τ (Gelman 2006, Bayesian Anal
1:515–534) and one on the mean: the weights are the restricted likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from hipimu.maths.statistics import FloatArray

FEWEST: Final = 4
"""Units: with fewer, all that is known of τ comes from the prior."""
_POINTS: Final = 400
_REACH: Final = 12.0
"""Of the scatter that is seen, as the largest τ that is looked at."""
_REST: Final = 0.01
"""Share of the weight in the last tenth of the grid: more, and τ is not known from these units."""


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """The group, and each unit as far as it is to be believed."""

    mean: float
    mean_se: float
    spread: float
    """Posterior median of τ."""
    value: FloatArray
    """(n,)"""
    standard_error: FloatArray
    """(n,)"""
    settled: bool
    """Whether the units tell τ; else nothing here is to be used."""


def shrink(value: FloatArray, standard_error: FloatArray) -> Shrunk | None:
    """Draw units towards each other.

    Parameters
    ----------
    value, standard_error : (n,)
        Of each unit; errors above 0.

    Returns
    -------
    Shrunk or None
        None with fewer than four units.
    """
    if len(value) < FEWEST:
        return None
    variance = standard_error**2
    seen = float(np.sqrt(value.var(ddof=1) + variance.mean()))
    between = np.linspace(0.0, _REACH * seen, _POINTS)
    weight = 1.0 / (variance + between[:, None] ** 2)
    total = weight.sum(axis=1)
    mean = (weight @ value) / total
    misfit = (weight * (value - mean[:, None]) ** 2).sum(axis=1)
    log_likelihood = 0.5 * (np.log(weight).sum(axis=1) - np.log(total) - misfit)
    share = np.exp(log_likelihood - log_likelihood.max())
    share /= share.sum()
    pull = variance * weight
    drawn = pull * mean[:, None] + (1.0 - pull) * value
    doubt = (1.0 - pull) * variance + pull**2 / total[:, None]
    middle, error = _mixed(share, drawn, doubt)
    centre, centre_error = _mixed(share, mean[:, None], 1.0 / total[:, None])
    half = int(np.searchsorted(np.cumsum(share), 0.5))
    return Shrunk(
        mean=float(centre[0]),
        mean_se=float(centre_error[0]),
        spread=float(between[half]),
        value=middle,
        standard_error=error,
        settled=float(share[-_POINTS // 10 :].sum()) <= _REST,
    )


def _mixed(
    share: FloatArray, value: FloatArray, variance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of a mixture, over the rows."""
    middle = share @ value
    return middle, np.sqrt(share @ (variance + (value - middle) ** 2))


def interval(value: float, standard_error: float) -> tuple[float, float]:
    """95 % interval by the normal distribution."""
    half = float(stats.norm.ppf(0.975)) * standard_error
    return value - half, value + half
