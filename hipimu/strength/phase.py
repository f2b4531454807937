"""How the pelvis's tilt and the thigh's swing are timed against each other.

Continuous relative phase after Lamb and Stöckl 2014 (Clin Biomech 29:484–493): centre each signal
midway between its extremes, make it analytic by the Hilbert transform, subtract phases. A running
pelvis tips forward and back twice while a thigh swings once, so that the plain difference of phases
would go once round in every stride; the thigh's phase counts twice instead, as in n : m phase
locking (Tass et al. 1998, Phys Rev Lett 81:3291–3294).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipimu.data import FloatArray, HipMotion, IntArray
from hipimu.strength.columns import StrideColumns
from hipimu.strength.smooth import filled, smooth

ComplexArray = NDArray[np.complex128]

_POINTS: Final = 50
_SLOWEST_HZ: Final = 0.5
"""Runners take 0.7 strides a second or more."""
_FROM_MEAN: Final = float(np.sqrt(np.pi / 2))
"""Standard deviation ÷ mean absolute deviation of what is normally distributed."""


def stride_phases(columns: StrideColumns, motion: HipMotion | None) -> ComplexArray:
    """Direction of the relative phase at 50 points of each stride, as unit complex numbers.

    Parameters
    ----------
    columns : StrideColumns
        Strides of one side.
    motion : HipMotion or None
        Of the same side.

    Returns
    -------
    (n, 50)
        NaN where the stride has no beginning or samples are missing.
    """
    size = (len(columns.t_peak_flexion_s), _POINTS)
    if motion is None or len(motion.t_s) < 2:
        return np.full(size, complex(np.nan, np.nan))
    start = columns.t_peak_flexion_s - columns.stride_time_s
    share = (np.arange(_POINTS) + 0.5) / _POINTS
    at = start[:, None] + share * columns.stride_time_s[:, None]
    thigh, tilt = (
        _analytic(series, motion, columns) for series in (motion.thigh_rad, motion.pelvis_tilt_rad)
    )
    whole = np.isfinite(start) & (start >= motion.t_s[0])
    whole &= columns.t_peak_flexion_s <= motion.t_s[-1]
    relative = np.full(size, complex(np.nan, np.nan))
    here = at[whole]
    turned = _at(tilt, motion, here) * np.conj(_at(thigh, motion, here)) ** 2
    length = np.abs(turned)
    relative[whole] = np.where(length > 0, turned, np.nan) / np.where(length > 0, length, 1.0)
    missing = ~(np.isfinite(motion.thigh_rad) & np.isfinite(motion.pelvis_tilt_rad))
    holes = np.interp(here, motion.t_s, missing) > 0
    relative[np.flatnonzero(whole)[holes.any(axis=1)]] = np.nan
    return relative


def _analytic(series: FloatArray, motion: HipMotion, columns: StrideColumns) -> ComplexArray:
    known = filled(series)
    return smooth(known - _middle(known, motion, columns), motion.rate_hz).analytic(_SLOWEST_HZ)


def _middle(series: FloatArray, motion: HipMotion, columns: StrideColumns) -> FloatArray:
    """Midway between the extremes of each stride, with straight lines between strides, (t,)."""
    end = columns.t_peak_flexion_s
    start = end - columns.stride_time_s
    inside = (start >= motion.t_s[0]) & (end <= motion.t_s[-1])
    first = np.searchsorted(motion.t_s, start[inside])
    last = np.searchsorted(motion.t_s, end[inside])
    sound = last > first
    if not sound.any():
        return np.full(len(series), float(np.mean(series)))
    window = np.stack((first[sound], last[sound]), axis=1).ravel()
    padded = np.append(series, series[-1])
    middle = 0.5 * (
        np.maximum.reduceat(padded, window)[::2] + np.minimum.reduceat(padded, window)[::2]
    )
    centre = 0.5 * (start + end)[inside][sound]
    return np.asarray(np.interp(motion.t_s, centre, middle))


def _at(signal: ComplexArray, motion: HipMotion, at_s: FloatArray) -> ComplexArray:
    real = np.interp(at_s, motion.t_s, signal.real)
    return np.asarray(real + 1j * np.interp(at_s, motion.t_s, signal.imag))


def mean_phase_rad(phases: ComplexArray) -> FloatArray:
    """Mean direction of each stride, (n,), without a jump at ±180° within the run.

    Parameters
    ----------
    phases : (n, p)
        From `stride_phases`.
    """
    direction = phases.mean(axis=1)
    known = np.isfinite(direction)
    total = direction[known].sum()
    if not known.any() or total == 0:
        return np.full(len(direction), np.nan)
    centre = np.angle(total)
    away = np.angle(direction * np.exp(-1j * centre))
    return np.asarray(np.where(known, centre + away, np.nan))


def phase_deviation_rad(phases: ComplexArray, unit: IntArray) -> FloatArray:
    """How far each stride's phases lie from those of its bout, as a standard deviation, (n,).

    The mean absolute angle from the circular mean at each point of the stride, averaged over the
    points and scaled to a standard deviation.

    Parameters
    ----------
    phases : (n, p)
    unit : (n,)
        Number of the bout.
    """
    found = np.full(len(unit), np.nan)
    known = np.isfinite(phases).all(axis=1)
    for name in np.unique(unit[known]):
        own = np.flatnonzero(known & (unit == name))
        if len(own) < 2:
            continue
        centre = phases[own].mean(axis=0)
        away = np.abs(np.angle(phases[own] * np.conj(centre))).mean(axis=1)
        found[own] = away * _FROM_MEAN * np.sqrt(len(own) / (len(own) - 1))
    return found
