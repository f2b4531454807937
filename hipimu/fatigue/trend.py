"""The change of one peak over the session at one pace, with an interval that respects bouts.

Strides are not independent: neighbours resemble each other, and whole bouts lie above or below the
trend. The bootstrap therefore draws bout offsets and, inside bouts, moving blocks of strides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from hipimu.data import FloatArray, IntArray
from hipimu.maths.statistics import block_means, moving_block_sums

BLOCK_STRIDES = 25
_DRAWS = 400
_EARLY = 1 / 3
_SPEED_SD_M_S = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class PaceStrides:
    """Usable strides of one side at one pace, (n,) each."""

    fraction: FloatArray
    """τ, 0–1."""
    peak_rad: FloatArray
    bout: IntArray
    speed_m_s: FloatArray | None


@dataclass(frozen=True, slots=True)
class Trend:
    """Straight line over the session."""

    level_rad: float
    """At τ = 0 and the pace's mean speed."""
    delta_rad: float
    """Change from τ = 0 to τ = 1."""
    standard_error_rad: float
    """Of `delta_rad`."""
    degrees_of_freedom: float
    early_sd_rad: float
    """Standard deviation of 25-stride means about the line in the first third."""


def fit_trend(strides: PaceStrides, rng: np.random.Generator) -> Trend:
    """Least squares of the peak on τ (and on speed, where it varies), bootstrapped.

    The standard error comes from two-level resampling of residuals: offsets of whole bouts
    (inflated by √(m / (m − 2)) for m bouts, since two parameters were fitted to them) and moving
    blocks of 25 strides within bouts (Künsch 1989). With a handful of bouts percentiles of a
    bootstrap are too narrow, so the interval is made from this standard error and Student's t with
    m − 2 degrees of freedom.
    """
    design = _design(strides)
    pseudo = np.linalg.pinv(design)
    coefficients = pseudo @ strides.peak_rad
    residual = strides.peak_rad - design @ coefficients
    names, inside = np.unique(strides.bout, return_inverse=True)
    size = np.bincount(inside)
    offset = np.asarray(np.bincount(inside, residual) / size, dtype=np.float64)
    freedom = max(len(names) - design.shape[1], 1)
    # Σ wᵢrᵢ = Σ over bouts of their total weight × mean residual + what is left inside bouts
    leverage = np.asarray(np.bincount(inside, pseudo[1]), dtype=np.float64)
    inner = pseudo[1] - (leverage / size)[inside]
    draws = _bout_draws(leverage, offset, freedom, rng)
    draws = draws + _block_draws(inner, inside, residual - offset[inside], rng)
    early = strides.fraction <= strides.fraction.min() + _EARLY * np.ptp(strides.fraction)
    means = block_means(residual[early], BLOCK_STRIDES)
    if len(means) < 3:
        means = block_means(residual, BLOCK_STRIDES)
    return Trend(
        level_rad=float(coefficients[0]),
        delta_rad=float(coefficients[1]),
        standard_error_rad=float(draws.std(ddof=1)),
        degrees_of_freedom=float(freedom),
        early_sd_rad=float(means.std(ddof=1)) if len(means) > 1 else 0.0,
    )


def t_quantile(degrees_of_freedom: float) -> float:
    """Two-sided 95 % point of Student's t."""
    return float(stats.t.ppf(0.975, degrees_of_freedom))


def _design(strides: PaceStrides) -> FloatArray:
    columns = [np.ones(len(strides.fraction)), strides.fraction]
    if strides.speed_m_s is not None and strides.speed_m_s.std() > _SPEED_SD_M_S:
        columns.append(strides.speed_m_s - strides.speed_m_s.mean())
    return np.stack(columns, axis=1)


def _bout_draws(
    leverage: FloatArray, offset: FloatArray, freedom: int, rng: np.random.Generator
) -> FloatArray:
    """Effect of resampled bout offsets on the slope, (draws,)."""
    spread = (offset - offset.mean()) * np.sqrt(len(offset) / freedom)
    chosen = rng.integers(0, len(offset), size=(_DRAWS, len(offset)))
    return np.asarray((spread[chosen] * leverage).sum(axis=1))


def _block_draws(
    weights: FloatArray, inside: IntArray, within: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Effect of resampled blocks of strides on the slope, (draws,)."""
    order = np.argsort(inside, kind="stable")
    return moving_block_sums(within[order], weights[order], BLOCK_STRIDES, _DRAWS, rng)
