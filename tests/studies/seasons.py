"""Seasons of simulated athletes, drawn as summaries: what each session says of δ_fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hipimu.data import OUTCOMES, SIDES, FloatArray, SessionSummary, TrainingContext
from tests.unit.compare.summaries import BOUTS, SE_DEG, estimate, summary

WEEKS: Final = 8.0
_FREEDOM: Final = 2 * BOUTS - 4
_USUAL_DEG: Final = -4.0


@dataclass(frozen=True, slots=True)
class Season:
    """One kind of season; seeds make many of it."""

    name: str
    what: str = ""
    improvement_deg: float = 0.0
    """Of the truth, from the first day to the last."""
    sessions: int = 17
    weeks: float = WEEKS
    scatter_deg: float = 2.0
    """Between sessions, beyond what each knows of its own doubt."""
    memory: float = 0.0
    """Lag-one correlation of that scatter."""
    heavy_tails: bool = False
    uneven: bool = False
    """Days drawn anew, in bursts, instead of evenly."""
    unequal: bool = False
    """One session in three is three times as uncertain, as with three bouts."""
    outlier_deg: float = 0.0
    """How far one session, any of the last third, is off."""
    shoes_deg: float = 0.0
    """What other shoes do from the middle on."""
    shoes_told: bool = False
    both: bool = False
    """Both sides, whose scatter is half their own and half the day's; else the left only."""


def every(per_week: float, weeks: float = WEEKS) -> int:
    """Sessions from the first day to the last."""
    return round(per_week * weeks) + 1


def drawn(season: Season, seed: int) -> list[SessionSummary]:
    """Draw one athlete's season; left peak flexion."""
    rng = np.random.default_rng([seed, *season.name.encode()])
    days = _days(season, rng)
    shared = _scatter(season, len(days), rng) if season.both else None
    sides = [(side, *_values(season, days, rng, shared)) for side in SIDES[: 1 + season.both]]
    told = [
        summary(
            float(day),
            [
                estimate(value[i], side=side, se_deg=_told_error(error[i], rng))
                for side, value, error in sides
            ],
        )
        for i, day in enumerate(days)
    ]
    if not season.shoes_told:
        return told
    half = len(told) // 2
    shoes = ["old"] * half + ["new"] * (len(told) - half)
    return [
        replace(session, context=TrainingContext(shoes=worn))
        for session, worn in zip(told, shoes, strict=True)
    ]


def four_at_once(season: Season, seed: int) -> list[SessionSummary]:
    """Draw both sides and both peaks; the improvement is in the first of the four only."""
    rng = np.random.default_rng([seed, *season.name.encode(), 4])
    days = _days(season, rng)
    columns = []
    for number in range(4):
        own = season if number == 0 else replace(season, improvement_deg=0.0)
        columns.append(_values(own, days, rng))
    keys = [(side, outcome) for side in SIDES for outcome in OUTCOMES]
    return [
        summary(
            float(day),
            [
                estimate(value[i], side=side, outcome=peak, se_deg=_told_error(error[i], rng))
                for (side, peak), (value, error) in zip(keys, columns, strict=True)
            ],
        )
        for i, day in enumerate(days)
    ]


def _days(season: Season, rng: np.random.Generator) -> FloatArray:
    if not season.uneven:
        return np.linspace(0.0, 7 * season.weeks, season.sessions)
    inner = rng.beta(0.5, 0.5, season.sessions - 2)
    return np.sort(np.concatenate(([0.0, 1.0], inner))) * 7 * season.weeks


def _values(
    season: Season,
    days: FloatArray,
    rng: np.random.Generator,
    shared: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """What sessions measure, and their own standard errors, degrees."""
    count = len(days)
    error = np.full(count, SE_DEG)
    if season.unequal:
        error[rng.random(count) < 1 / 3] *= 3
    value = _USUAL_DEG + season.improvement_deg * days / days[-1]
    scatter = _scatter(season, count, rng)
    if shared is not None:
        scatter = np.sqrt(0.5) * (scatter + shared)
    value = value + season.scatter_deg * scatter
    value = value + error * rng.standard_normal(count)
    if season.outlier_deg:
        value[rng.integers(count - count // 3, count)] += season.outlier_deg * rng.choice([-1, 1])
    value[count // 2 :] += season.shoes_deg
    return value, error


def _scatter(season: Season, count: int, rng: np.random.Generator) -> FloatArray:
    draw: Callable[[int], FloatArray] = rng.standard_normal
    white = rng.standard_t(3, count) / np.sqrt(3.0) if season.heavy_tails else draw(count)
    for i in range(1, count):
        white[i] = season.memory * white[i - 1] + np.sqrt(1 - season.memory**2) * white[i]
    return np.asarray(white)


def _told_error(error: float, rng: np.random.Generator) -> float:
    """A session estimates its own error from few bouts."""
    return float(error * np.sqrt(rng.chisquare(_FREEDOM) / _FREEDOM))
