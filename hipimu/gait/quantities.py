"""The quantities that pace is told from: speed, or else step rate × bounce of the pelvis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hipimu.data import Activity, FloatArray, PelvisRhythm, SpeedTrack
from hipimu.gait.traces import Trace, known_at

_SPEED_M_S = (1.0, 12.0)
"""Beyond this, what a watch says of somebody running is that it has lost its satellites."""
_CLEAR_SPEED = float(np.log(1.12))
"""More than watches err (2 to 3 % over a lap) and than an even run wanders; easy and fast differ
by more in any interval session."""
_CLEAR_RHYTHM = float(np.log(1.08))
"""The pelvis is trusted less. In runs whose watch records step rate and ground contact, step rate
goes with speed to the power 0.06 to 0.18 and bounce to the power 0.3 to 0.7, so that this takes
about a fifth of speed."""
_MORE_STEPS = float(np.log(1.01))
_MORE_BOUNCE = float(np.log(1.03))
"""Running faster has more of both. Uphill there are more steps with less bounce, on soft ground
less bounce alone: those are no paces."""
_COST = np.array([155.4, -30.4, -43.3, 46.3, 19.5, 3.6])
"""Energy cost of running in J/(kg·m), a polynomial of grade (Minetti et al. 2002, J Appl Physiol
93:1039–1046)."""
_STEEPEST = 0.45
"""As far as it was measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """Something that has to be larger at fast than at easy pace."""

    trace: Trace
    least: float
    """By how much, of log levels."""


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """What pace is told from, and what must not contradict it."""

    trace: Trace
    least: float
    """Difference of log levels that makes two paces."""
    witnesses: tuple[Witness, ...]


def speed_quantity(
    track: SpeedTrack, activity: Activity | None, pelvis: PelvisRhythm | None, at_s: FloatArray
) -> Quantity:
    """Speed at times (n,), to be borne out on hills and by the pelvis.

    Where grade is known, the paces must also differ in what running costs: an even effort over
    hills has fast and slow stretches, but one pace. And whoever runs faster does not step and
    bounce less: if that is so, the watch's clock is off.
    """
    speed = known_at(track.t_s, track.speed_m_s, at_s)
    speed[(speed < _SPEED_M_S[0]) | (speed > _SPEED_M_S[1])] = np.nan
    level = np.log(speed)
    witnesses = []
    if activity is not None:
        grade = known_at(activity.t_s, activity.grade, at_s)
        witnesses.append(Witness(Trace(at_s, level + np.log(relative_cost(grade))), _CLEAR_SPEED))
    if pelvis is not None:
        witnesses.append(Witness(rhythm_quantity(pelvis, at_s).trace, 0.0))
    return Quantity(Trace(at_s, level), _CLEAR_SPEED, tuple(witnesses))


def rhythm_quantity(pelvis: PelvisRhythm, at_s: FloatArray) -> Quantity:
    """Step rate × bounce at times (n,); each must be larger at fast pace."""
    steps = _log(known_at(pelvis.t_s, pelvis.step_rate_hz, at_s))
    bounce = _log(known_at(pelvis.t_s, pelvis.bounce_m_s2, at_s))
    witnesses = (
        Witness(Trace(at_s, steps), _MORE_STEPS),
        Witness(Trace(at_s, bounce), _MORE_BOUNCE),
    )
    return Quantity(Trace(at_s, steps + bounce), _CLEAR_RHYTHM, witnesses)


def relative_cost(grade: FloatArray) -> FloatArray:
    """Energy cost of running a distance at a grade, relative to the level, (n,)."""
    return np.asarray(np.polyval(_COST, np.clip(grade, -_STEEPEST, _STEEPEST)) / _COST[-1])


def _log(values: FloatArray) -> FloatArray:
    """Logarithm, NaN where there is none, (n,)."""
    return np.log(np.where(values > 0.0, values, np.nan))
