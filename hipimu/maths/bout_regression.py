"""How a quantity of every stride changes over a session, with whole bouts as the unit.

A thousand strides from six bouts know little more than six bouts do: neighbouring strides resemble
each other, and whole bouts lie above or below the trend. So each bout becomes one observation, its
mean, with a sampling variance of its own; a random-effects regression of these means on moving time
follows, as in a meta-regression of studies: between-bout variance after Paule and Mandel (1982,
J Res Natl Bur Stand 87:377–385), interval after Knapp and Hartung (2003, Stat Med 22:2693–2710),
which is exact for equal variances however few the bouts. Trends inside a bout are left out on
purpose: warming into a bout and tiring within it are no change over the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BoutMeans:
    """One row a bout, (m,) each."""

    mean: FloatArray
    variance: FloatArray
    """Of the mean, from the scatter of strides inside bouts and their likeness."""
    fraction: FloatArray
    """Mean of τ, 0–1."""
    group: IntArray
    """Number of the pace, from 0."""
    strides: FloatArray
    bout: IntArray
    """The bout's number in the session."""


@dataclass(frozen=True, slots=True, eq=False)
class Covariate:
    """Something else that moves the quantity, and what is known of its effect beforehand.

    A handful of bouts cannot tell the effect of speed and that of time apart by themselves; a
    prior as wide as the doubt keeps both in, and the doubt reaches the interval.
    """

    values: FloatArray
    """(m,) zero where it does not matter; centred."""
    mean: float
    """Of the effect, in units of the quantity per unit of the value."""
    sd: float
    """Of the effect; infinite: nothing is known."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its doubt."""

    value: float
    standard_error: float
    degrees_of_freedom: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Two-sided interval by Student's t."""
        quantile = float(stats.t.ppf(0.5 + 0.5 * level, self.degrees_of_freedom))
        half = quantile * self.standard_error
        return self.value - half, self.value + half

    def p_value(self) -> float:
        """Two-sided p of the value being zero."""
        if self.standard_error <= 0.0:
            return 0.0 if self.value else 1.0
        ratio = abs(self.value) / self.standard_error
        return float(2.0 * stats.t.sf(ratio, self.degrees_of_freedom))


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A regression of bout means: level and change of each group, then covariates."""

    coefficients: FloatArray
    """(2·groups + covariates,): for each group its level at τ = 0 and its change to τ = 1."""
    covariance: FloatArray
    degrees_of_freedom: float
    residual: FloatArray
    """(m,) of each bout."""
    between_variance: float
    """Of whole bouts about the line, beyond what their strides explain."""
    projection: FloatArray
    """(coefficients, m): what each bout's mean adds to each coefficient."""

    def level(self, group: int) -> Estimate:
        """Value of a group at τ = 0."""
        return self.contrast({2 * group: 1.0})

    def change(self, group: int) -> Estimate:
        """Change of a group from τ = 0 to τ = 1."""
        return self.contrast({2 * group + 1: 1.0})

    def contrast(self, weights: dict[int, float]) -> Estimate:
        """Weighted sum of coefficients, named by their places."""
        vector = np.zeros(len(self.coefficients))
        for place, weight in weights.items():
            vector[place] = weight
        variance = max(float(vector @ self.covariance @ vector), 0.0)
        return Estimate(
            float(vector @ self.coefficients), float(np.sqrt(variance)), self.degrees_of_freedom
        )


def bout_means(
    values: FloatArray, fraction: FloatArray, bout: IntArray, group: IntArray
) -> BoutMeans:
    """Average strides into bouts.

    Parameters
    ----------
    values, fraction : (n,)
        The quantity of each stride and its τ; all finite, in order of time.
    bout, group : (n,)
        Number of the bout and of its pace.

    Returns
    -------
    BoutMeans
        In order of bouts.
    """
    names, first, inside = np.unique(bout, return_index=True, return_inverse=True)
    strides = np.bincount(inside).astype(np.float64)
    mean = np.bincount(inside, values) / strides
    groups = np.asarray(group[first], dtype=np.int64)
    variance = np.zeros(len(names))
    for number in np.unique(groups):
        own = np.flatnonzero(group == number)
        spread, likeness = _inside(values[own] - mean[inside[own]], inside[own])
        rows = groups == number
        variance[rows] = spread * likeness / strides[rows]
    return BoutMeans(
        mean=np.asarray(mean),
        variance=variance,
        fraction=np.asarray(np.bincount(inside, fraction) / strides),
        group=groups,
        strides=strides,
        bout=np.asarray(names, dtype=np.int64),
    )


def _inside(residual: FloatArray, inside: IntArray) -> tuple[float, float]:
    """Variance of strides about their bout's mean, and by how much likeness inflates that of means.

    (1 + φ) / (1 − φ) for a first-order autoregression with lag-one correlation φ; φ is pooled over
    bouts, and raised by what taking out the mean of n strides lowers it (about (1 + 3φ) / n:
    Kendall 1954, Biometrika 41:403–404).
    """
    lost = len(np.unique(inside))
    freedom = len(residual) - lost
    if freedom < 1:
        return 0.0, 1.0
    total = float(residual @ residual)
    neighbours = inside[1:] == inside[:-1]
    if total <= 0.0 or not neighbours.any():
        return total / freedom, 1.0
    shared = float((residual[1:] * residual[:-1])[neighbours].sum())
    correlation = shared / total * len(residual) / max(int(neighbours.sum()), 1)
    length = len(residual) / lost
    correlation = float(np.clip(correlation + (1 + 3 * correlation) / length, 0.0, 0.95))
    return total / freedom, (1 + correlation) / (1 - correlation)


def fit_bouts(
    bouts: BoutMeans, covariates: Sequence[Covariate] = (), groups: int | None = None
) -> Fit:
    """Fit one straight line a group through the means of bouts.

    Parameters
    ----------
    bouts : BoutMeans
        At least three bouts of each group, at two different τ.
    covariates : sequence of Covariate
    groups : int, optional
        Number of groups; without it, as many as there are.

    Returns
    -------
    Fit
        With degrees of freedom after the effective number of parameters: an effect that the prior
        alone decides costs none.
    """
    count = int(bouts.group.max()) + 1 if groups is None else groups
    design = _design(bouts, covariates, count)
    prior_mean = np.concatenate((np.zeros(2 * count), [c.mean for c in covariates]))
    prior_weight = np.concatenate((np.zeros(2 * count), [c.sd**-2 for c in covariates]))
    problem = _Problem(design, bouts.mean, bouts.variance, prior_mean, prior_weight)
    between = _paule_mandel(problem)
    # Little is known of the variance between a few bouts: weights that lean towards equality keep
    # the intervals right where it is estimated as zero and is not; the scale takes up the rest.
    weight = _weights(bouts.variance, max(between, float(bouts.variance.mean())))
    solved = problem.solve(weight)
    freedom = max(len(bouts.mean) - solved.used, 1.0)
    if solved.used > len(bouts.mean) - 0.5:
        freedom = float("nan")
    scale = float(weight @ solved.residual**2) / freedom
    # what a prior knows is not known better because the bouts happen to lie on a line
    final = problem.solve(weight / scale) if scale > 0 and covariates else solved
    covariance = final.covariance if covariates and scale > 0 else scale * solved.covariance
    return Fit(
        coefficients=final.coefficients,
        covariance=covariance,
        degrees_of_freedom=freedom,
        residual=final.residual,
        between_variance=between,
        projection=final.projection,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    coefficients: FloatArray
    covariance: FloatArray
    residual: FloatArray
    projection: FloatArray
    used: float
    """Effective number of parameters that the bouts pay for."""


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    design: FloatArray
    mean: FloatArray
    variance: FloatArray
    prior_mean: FloatArray
    prior_weight: FloatArray

    def solve(self, weight: FloatArray) -> _Solved:
        """Weighted least squares with the priors as further observations."""
        # Priors are further rows. By the pseudo-inverse of these rows, not of their squares: a
        # sharp prior beside a faint one would be lost to rounding.
        rows = np.vstack((np.sqrt(weight)[:, None] * self.design, np.diag(self.prior_weight**0.5)))
        size = np.sqrt((rows**2).sum(axis=0))
        inverse = np.linalg.pinv(rows / size, rcond=1e-12) / size[:, None]
        projection = inverse[:, : len(weight)] * np.sqrt(weight)
        coefficients = projection @ self.mean + inverse[:, len(weight) :] @ (
            self.prior_weight**0.5 * self.prior_mean
        )
        return _Solved(
            coefficients=coefficients,
            covariance=np.asarray(inverse @ inverse.T),
            residual=self.mean - self.design @ coefficients,
            projection=projection,
            used=float(np.trace(projection @ self.design)),
        )


def _design(bouts: BoutMeans, covariates: Sequence[Covariate], groups: int) -> FloatArray:
    columns = []
    for number in range(groups):
        own = (bouts.group == number).astype(np.float64)
        columns += [own, own * bouts.fraction]
    columns += [covariate.values for covariate in covariates]
    return np.stack(columns, axis=1)


def _weights(variance: FloatArray, between: float) -> FloatArray:
    """Inverse variances; where bouts have none at all, all count alike."""
    total = variance + between
    floor = max(float(total.max()) * 1e-9, 1e-30)
    return np.asarray(1.0 / np.maximum(total, floor))


def _paule_mandel(problem: _Problem) -> float:
    """Between-bout variance at which the weighted residuals are as large as they should be."""

    def surplus(between: float) -> float:
        weight = _weights(problem.variance, between)
        solved = problem.solve(weight)
        return float(weight @ solved.residual**2) - (len(problem.mean) - solved.used)

    if surplus(0.0) <= 0.0:
        return 0.0
    high = float(problem.mean.var()) + 1e-12
    while surplus(high) > 0.0 and high < 1e6 * (float(problem.mean.var()) + 1e-12):
        high *= 4.0
    if surplus(high) > 0.0:
        return high
    return float(optimize.brentq(surplus, 0.0, high, rtol=1e-6))


def matched_to(bouts: BoutMeans, by: FloatArray, least_sd: float) -> tuple[Covariate, ...]:
    """Take out what goes with another quantity, speed above all, within each group.

    Between two paces the quantity changes by so much per metre per second; within a pace the
    slope may be none at all, or twice that (of peak extension most of the rise comes at low speeds,
    of peak flexion at high ones). So the effect within each group is expected to be that slope,
    give or take its own size.

    Parameters
    ----------
    bouts : BoutMeans
        Of two groups; with one there is no slope to expect, and nothing is known beforehand.
    by : (m,)
        The other quantity, averaged over each bout.
    least_sd : float
        Of the expected effect, however small its slope.

    Returns
    -------
    tuple of Covariate
        One for each group in which the other quantity varies.
    """
    names = np.unique(bouts.group)
    level = [_average(bouts.mean, bouts, name) for name in names]
    centre = [_average(by, bouts, name) for name in names]
    slope, sd = 0.0, np.inf
    if len(names) == 2 and centre[1] != centre[0]:
        slope = (level[1] - level[0]) / (centre[1] - centre[0])
        sd = max(abs(slope), least_sd)
    found = []
    for name, middle in zip(names, centre, strict=True):
        own = bouts.group == name
        values = np.where(own, by - middle, 0.0)
        if np.ptp(by[own]) > 1e-6 * max(abs(middle), 1e-6):
            found.append(Covariate(values, slope, sd))
    return tuple(found)


def centred(values: FloatArray, bouts: BoutMeans) -> FloatArray:
    """Take from each bout's value the mean of its group, (m,): what differs between them is level.

    Groups are numbered from 0, and each has a bout.
    """
    total = np.bincount(bouts.group, values)
    return np.asarray(values - (total / np.bincount(bouts.group))[bouts.group])


def _average(values: FloatArray, bouts: BoutMeans, group: int) -> float:
    own = bouts.group == group
    return float(np.average(values[own], weights=bouts.strides[own]))
