"""The left knee lifted twice out of standing: how a runner shows which thigh is which."""

from __future__ import annotations

import numpy as np

from hipimu.data import FloatArray
from hipimu.units import rad_from_deg

LIFTS = 2
_UP_S, _HOLD_S, _DOWN_S = 0.6, 0.2, 0.6
_EVERY_S = 2.0
_HEIGHT_RAD = rad_from_deg(70.0)


def lift_starts(start_s: float, duration_s: float) -> FloatArray:
    """When the lifts of a bout begin, (2,), in the middle of the bout."""
    middle = start_s + 0.5 * (duration_s - _UP_S - _HOLD_S - _DOWN_S)
    return np.asarray(middle + _EVERY_S * (np.arange(LIFTS) - 0.5 * (LIFTS - 1)))


def lift_flexion(t_s: FloatArray, lift_s: FloatArray) -> FloatArray:
    """Hip flexion of the lifted leg in radians at times (n,)."""
    total = np.zeros(len(t_s))
    for start in lift_s:
        since = t_s - start
        total += _smooth(since / _UP_S) - _smooth((since - _UP_S - _HOLD_S) / _DOWN_S)
    return np.asarray(_HEIGHT_RAD * total)


def _smooth(share: FloatArray) -> FloatArray:
    """From 0 to 1 without a jerk at either end."""
    x = np.clip(share, 0.0, 1.0)
    return np.asarray(x**3 * (10 - 15 * x + 6 * x**2))
