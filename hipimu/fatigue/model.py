"""The regression behind every fatigue estimate: one line a pace through the means of bouts.

Y = α_k + f_k (v − v̄_k) + γ·grade + δ_k·τ + u_bout + ε
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from hipimu.data import FloatArray, Pace, Variability
from hipimu.fatigue.series import PACES, Chosen, averaged, averaged_where_known
from hipimu.maths.bout_regression import (
    BoutMeans,
    Covariate,
    Estimate,
    Fit,
    centred,
    fit_bouts,
    matched_to,
)
from hipimu.units import rad_from_deg

_LEAST_SPEED_SD: Final = rad_from_deg(2.0)
"""rad per m/s: how far the effect of speed within a pace may be from that between the paces."""
_GRADE_SD: Final = rad_from_deg(100.0)
"""rad per rise: a degree of hip for every per cent of grade is more than runners show."""
_LEVEL_GRADE: Final = 0.002
"""Bouts whose grade differs by less are on one level."""
RFI: Final[dict[int, float]] = {1: 1.0, 3: -1.0}
"""−(δ_fast − δ_easy) as weights of `Fit.coefficients`."""
RESERVE: Final[dict[int, float]] = {0: -1.0, 2: 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A fit and what it was made of."""

    fit: Fit
    bouts: BoutMeans
    speed_m_s: FloatArray | None
    """(m,) of each bout; None: not known of all."""

    @property
    def rfi(self) -> Estimate:
        """The contrast of the two changes."""
        return self.fit.contrast(RFI)

    def change(self, pace: Pace) -> Estimate:
        """Change over the session at one pace."""
        return self.fit.change(PACES.index(pace))

    def variability(self) -> Variability:
        """How bouts and strides vary about the lines."""
        each = self.bouts.variance * self.bouts.strides
        return Variability(
            bout_sd_rad=float(np.sqrt(self.fit.between_variance)),
            stride_sd_rad={
                pace: float(np.sqrt(each[self.bouts.group == number].mean()))
                for number, pace in enumerate(PACES)
            },
        )

    def speed_change_m_s(self) -> dict[Pace, float]:
        """How far the speed drifted over the session at each pace; empty where not known."""
        if self.speed_m_s is None:
            return {}
        changes: dict[Pace, float] = {}
        for number, pace in enumerate(PACES):
            own = self.bouts.group == number
            slope = np.polyfit(self.bouts.fraction[own], self.speed_m_s[own], 1)[0]
            changes[pace] = float(slope)
        return changes


def fit_model(
    chosen: Chosen,
    values: Mapping[Pace, FloatArray],
    *,
    by_speed: bool = True,
    by_cadence: bool = False,
) -> Model:
    """Fit the change of one quantity of every stride at both paces.

    Parameters
    ----------
    chosen : dict
        Strides of one side per pace.
    values : dict
        The quantity per pace, (n,) as the strides.
    by_speed : bool
        Whether differences of speed within a pace are taken out, where speed is known.
    by_cadence : bool
        Whether differences of cadence are taken out too.

    Returns
    -------
    Model
    """
    bouts = averaged(chosen, values)
    speed = averaged_where_known(chosen, {pace: chosen[pace].speed_m_s for pace in PACES})
    covariates: tuple[Covariate, ...] = ()
    if by_speed and speed is not None:
        covariates = matched_to(bouts, speed, _LEAST_SPEED_SD)
    covariates += _grade(chosen, bouts)
    if by_cadence:
        covariates += _cadence(chosen, bouts)
    return Model(fit_bouts(bouts, covariates, len(PACES)), bouts, speed)


def _grade(chosen: Chosen, bouts: BoutMeans) -> tuple[Covariate, ...]:
    grade = averaged_where_known(chosen, {pace: chosen[pace].grade for pace in PACES})
    if grade is None or np.ptp(grade) < _LEVEL_GRADE:
        return ()
    return (Covariate(centred(grade, bouts), 0.0, _GRADE_SD),)


def _cadence(chosen: Chosen, bouts: BoutMeans) -> tuple[Covariate, ...]:
    times = averaged_where_known(chosen, {pace: chosen[pace].stride_time_s for pace in PACES})
    if times is None:
        return ()
    cadence = centred(1.0 / times, bouts)
    spare = len(bouts.mean) - 2 * len(PACES)
    if spare < 2 or np.ptp(cadence) < 1e-6:
        return ()
    return (Covariate(cadence, 0.0, np.inf),)
