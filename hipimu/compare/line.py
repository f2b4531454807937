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
    worn: tuple[str, ...]
    """Shoes and ground; empty where not known."""

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
    robust_change: float
    """The same by the median of all pairs of sessions in the same shoes and on the same ground."""


def used(sessions: Sequence[tuple[SessionSummary, Reading]]) -> Used:
    """Gather the sessions of a trend; all have a date."""
    seconds = np.array([s.started_at.timestamp() for s, _ in sessions if s.started_at is not None])
    since = seconds - seconds.min() if len(seconds) else seconds
    return Used(
        weeks=since / _WEEK_S,
        value=np.array([reading.value for _, reading in sessions]),
        variance=np.array([reading.variance() for _, reading in sessions]),
        worn=tuple(_worn(session) for session, _ in sessions),
    )


def _worn(session: SessionSummary) -> str:
    told = (session.context.shoes, session.context.surface)
    return "/".join((said or "").strip().casefold() for said in told).strip("/")


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
    robust = _theil_sen(fraction, sessions.value, kinds_of(sessions))
    if robust is None:
        return None
    return Line(fit.change(0), fit.residual, robust)


def kinds_of(sessions: Used) -> tuple[str, ...]:
    """Shoes and ground of each session, where it does not say: those of the latest that does."""
    latest = next((worn for worn in reversed(sessions.worn) if worn), "")
    return tuple(worn or latest for worn in sessions.worn)


def _kinds(sessions: Used) -> tuple[Covariate, ...]:
    kinds = kinds_of(sessions)
    others = sorted(set(kinds) - set(kinds[-1:]))
    columns = [np.array([kind == other for kind in kinds], dtype=np.float64) for other in others]
    return tuple(Covariate(column - column.mean(), 0.0, np.inf) for column in columns)


def _theil_sen(fraction: FloatArray, value: FloatArray, kinds: Sequence[str]) -> float | None:
    """Theil 1950, Sen 1968, as in the fatigue estimate; pairs across kinds say nothing."""
    first, second = np.triu_indices(len(value), 1)
    kind = np.unique(np.array(kinds), return_inverse=True)[1]
    apart = fraction[second] - fraction[first]
    told = (kind[first] == kind[second]) & (apart > 0)
    if not told.any():
        return None
    return float(np.median((value[second] - value[first])[told] / apart[told]))
