"""Three hops on both legs: crouch and push, flight, landing and crouch.

The push makes the speed that the flight needs (impulse = m g flight / 2), and the landing takes
it away again.
"""

from __future__ import annotations

import numpy as np

from hipimu.data import FloatArray
from hipimu.units import GRAVITY_M_S2, rad_from_deg

HOPS = 3
_PUSH_S, _FLIGHT_S, _LANDING_S = 0.25, 0.30, 0.25
_EVERY_S = 1.2
_CROUCH_S = 0.45
_CROUCH_RAD = rad_from_deg(20.0)


def hop_starts(start_s: float, duration_s: float) -> FloatArray:
    """When the pushes of a bout begin, (3,): the middle hop is in the middle of the bout."""
    middle = start_s + 0.5 * duration_s - 0.5 * (_PUSH_S + _FLIGHT_S + _LANDING_S)
    return np.asarray(middle + _EVERY_S * (np.arange(HOPS) - 1.0))


def landings(hop_s: FloatArray) -> FloatArray:
    """When both feet touch the ground again, (h,)."""
    return hop_s + _PUSH_S + _FLIGHT_S


def hop_acceleration(t_s: FloatArray, hop_s: FloatArray) -> FloatArray:
    """Vertical acceleration of the body in m/s² at times (n,), without gravity, (n,)."""
    take_off = 0.5 * GRAVITY_M_S2 * _FLIGHT_S
    total = np.zeros(len(t_s))
    for start in hop_s:
        since = t_s - start
        total += np.pi * take_off / (2 * _PUSH_S) * _half_sine(since / _PUSH_S)
        landed = since - _PUSH_S - _FLIGHT_S
        total += np.pi * take_off / (2 * _LANDING_S) * _half_sine(landed / _LANDING_S)
        total -= GRAVITY_M_S2 * ((since >= _PUSH_S) & (landed < 0))
    return total


def hop_flexion(t_s: FloatArray, hop_s: FloatArray) -> FloatArray:
    """Hip flexion of both legs in radians at times (n,): a crouch before and after the flight."""
    total = np.zeros(len(t_s))
    for start in hop_s:
        for end in (start + _PUSH_S, start + _PUSH_S + _FLIGHT_S + _CROUCH_S):
            total += _CROUCH_RAD * _half_sine((t_s - end) / _CROUCH_S + 1.0) ** 2
    return total


def _half_sine(share: FloatArray) -> FloatArray:
    return np.sin(np.pi * np.clip(share, 0.0, 1.0))
