"""How much an athlete's sessions differ with nothing changed, and what stands out from that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from hipimu.compare.readings import Reading, of_hip
from hipimu.data import SessionSummary
from hipimu.units import rad_from_deg

DEFAULT_DETECTABLE_RAD: Final = rad_from_deg(4.0)
"""Between two days, of a hip peak, as long as an athlete's own is not known: the repeatability of
running kinematics from inertial sensors is 3–7° (Nüesch 2017, Gait Posture 57:85–89); it is what
hipimu aims at."""
FEWEST_OWN: Final = 3
"""Sessions: two lie on any line."""
_WORTH: Final = 4.0
"""Degrees of freedom that the default counts for beside an athlete's own: as much as six sessions.
A standard deviation from three sessions alone would often be next to nothing by chance."""
_Z: Final = float(stats.norm.ppf(0.975))


@dataclass(frozen=True, slots=True)
class Scatter:
    """How single sessions of one athlete scatter about the trend, doubt within each included."""

    sd: float
    degrees_of_freedom: float
    sessions: int
    """Of the athlete's own that it rests on; 0: on the default alone."""
    quantile: float = _Z

    def detectable(self) -> float:
        """Smallest change between two sessions that stands out: the usual 1.96·√2·SD."""
        return self.quantile * float(np.sqrt(2.0)) * self.sd

    def p_value(self, change: float) -> float:
        """How often two sessions differ as much or more with nothing changed."""
        if self.sd <= 0.0:
            return 0.0 if change else 1.0
        return float(2.0 * stats.norm.sf(_Z * abs(change) / self.detectable()))


def scatter_of(
    quantity: str, residual: Sequence[float], freedom: float, variances: Sequence[float]
) -> Scatter | None:
    """Say how sessions scatter, from what they lie above and below their line.

    For angles of the hip the stated default is a start that the athlete's own sessions overcome
    (variances are averaged by degrees of freedom, as in Smyth 2004, Stat Appl Genet Mol Biol 3:3).
    For all else there is no default, and few sessions make a large detectable change (Student's t
    instead of 1.96).

    Parameters
    ----------
    quantity : str
        As in `Difference.quantity`.
    residual : sequence of float
        Of each own session about the line; empty where there is none.
    freedom : float
        Sessions less the parameters of the line.
    variances : sequence of float
        Of each session's value, as the session itself tells it; of those compared at least.

    Returns
    -------
    Scatter or None
        None: nothing is known.
    """
    known = len(residual) >= FEWEST_OWN and freedom >= 1
    own = float(np.square(residual).sum()) / freedom if known else 0.0
    count = len(residual) if known else 0
    if not of_hip(quantity):
        if not known:
            return None
        return Scatter(float(np.sqrt(own)), freedom, count, float(stats.t.ppf(0.975, freedom)))
    between = (DEFAULT_DETECTABLE_RAD / _Z) ** 2 / 2.0
    default = between + (float(np.mean(variances)) if len(variances) else 0.0)
    used = freedom if known else 0.0
    pooled = (_WORTH * default + used * own) / (_WORTH + used)
    return Scatter(float(np.sqrt(pooled)), _WORTH + used, count)


def own_scatter(
    sessions: Sequence[SessionSummary], found: Sequence[Reading], compared: Sequence[Reading]
) -> Scatter | None:
    """Say how an athlete's repeated sessions scatter about a line over time.

    Parameters
    ----------
    sessions : sequence of SessionSummary
    found : sequence of Reading
        Of the same quantity, one a session.
    compared : sequence of Reading
        Those that are held against each other.
    """
    quantity = compared[0].key.quantity
    dated = [
        (session.started_at.timestamp(), reading)
        for session, reading in zip(sessions, found, strict=True)
        if session.started_at is not None
    ]
    variances = [reading.variance() for reading in (found or compared)]
    if len({when for when, _ in dated}) < FEWEST_OWN:
        return scatter_of(quantity, (), 0.0, [reading.variance() for reading in compared])
    when = np.array([t for t, _ in dated])
    values = np.array([reading.value for _, reading in dated])
    span = (when - when.mean()) / np.ptp(when)
    slope = float(span @ (values - values.mean())) / float(span @ span)
    residual = values - values.mean() - slope * span
    return scatter_of(quantity, residual.tolist(), len(values) - 2.0, variances)
