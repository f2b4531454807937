"""A straight line through sessions over weeks.

Each session is one observation with a variance of its own (what the session itself knows of its
doubt), and whole sessions lie above or below the line beyond that (the day, the straps). It is the
regression that tells how bouts change over a run, one floor up: random effects after Paule and
Mandel (1982), intervals after Knapp and Hartung (2003) by Student's t, exact for equal variances
however few the sessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hipimu.compare.comparable import free_text
from hipimu.compare.readings import Reading
from hipimu.data import FloatArray, SessionSummary
from hipimu.maths.bout_regression import BoutMeans, Covariate, Estimate, fit_bouts

_WEEK_S: Final = 7 * 86400.0


@dataclass(frozen=True, slots=True, eq=False)
class Used:
    """Sessions of one trend in order of time, (m,) each."""

    weeks: FloatArray
    """Since the first."""
    value: FloatArray
    variance: FloatArray
    """Of each value, as its session tells it."""
    shoes: tuple[str, ...]
    """Empty where not known, as is the ground."""
    surface: tuple[str, ...]

    @property
    def span_weeks(self) -> float:
        """From the first session to the last."""
        return float(np.ptp(self.weeks)) if len(self.weeks) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A fitted line and what remains about it."""

    change: Estimate
    """From the first session to the last."""
    residual: FloatArray
    """(m,)"""
    ranks_z: float
    """How clearly sessions rise by their ranks alone, in standard deviations: the test that belongs
    to the median of all pairs (Theil–Sen), which no session far out can decide."""


def used(sessions: Sequence[tuple[SessionSummary, Reading]]) -> Used:
    """Gather the sessions of a trend; all have a date."""
    seconds = np.array([s.started_at.timestamp() for s, _ in sessions if s.started_at is not None])
    since = seconds - seconds.min() if len(seconds) else seconds
    return Used(
        weeks=since / _WEEK_S,
        value=np.array([reading.value for _, reading in sessions]),
        variance=np.array([reading.variance() for _, reading in sessions]),
        shoes=tuple(free_text(session.context.shoes) or "" for session, _ in sessions),
        surface=tuple(free_text(session.context.surface) or "" for session, _ in sessions),
    )


def fit_line(sessions: Used) -> Line | None:
    """Fit the line; None where no degree of freedom is left.

    Where shoes or ground changed, each kind has a level of its own: what they do is not what weeks
    did. A session that does not say counts with the latest kind.
    """
    count = len(sessions.value)
    covariates = _kinds(sessions)
    if count < 3 + len(covariates) or sessions.span_weeks <= 0.0:
        return None
    fraction = sessions.weeks / sessions.span_weeks
    bouts = BoutMeans(
        mean=sessions.value,
        variance=sessions.variance,
        fraction=fraction,
        group=np.zeros(count, dtype=np.int64),
        strides=np.ones(count),
        bout=np.arange(count),
    )
    fit = fit_bouts(bouts, covariates)
    return Line(fit.change(0), fit.residual, _ranks_z(fraction, sessions.value, kinds_of(sessions)))


def kinds_of(sessions: Used) -> tuple[str, ...]:
    """Shoes and ground of each session; what it does not say is as in the latest that does."""
    told = (_filled(sessions.shoes), _filled(sessions.surface))
    return tuple(" on ".join(both) for both in zip(*told, strict=True))


def _filled(told: Sequence[str]) -> tuple[str, ...]:
    latest = next((text for text in reversed(told) if text), "")
    return tuple(text or latest for text in told)


def _kinds(sessions: Used) -> tuple[Covariate, ...]:
    kinds = kinds_of(sessions)
    others = sorted(set(kinds) - set(kinds[-1:]))
    columns = [np.array([kind == other for kind in kinds], dtype=np.float64) for other in others]
    return tuple(Covariate(column - column.mean(), 0.0, np.inf) for column in columns)


def _ranks_z(fraction: FloatArray, value: FloatArray, kinds: Sequence[str]) -> float:
    """Mann 1945 (Econometrica 13:245–259), Kendall 1975; pairs of different kinds say nothing."""
    kind = np.unique(np.array(kinds), return_inverse=True)[1]
    first, second = np.triu_indices(len(value), 1)
    alike = kind[first] == kind[second]
    later = np.sign(fraction[second] - fraction[first])
    surplus = float((later * np.sign(value[second] - value[first]))[alike].sum())
    size = np.bincount(kind)
    variance = float((size * (size - 1) * (2 * size + 5)).sum()) / 18.0
    return surplus / float(np.sqrt(variance)) if variance > 0 else 0.0
