"""How smooth a swing is: SPARC and log dimensionless jerk, the nearer to 0 the smoother.

Written from their definitions: spectral arc length, Balasubramanian, Melendez-Calderon and Burdet
2012 (IEEE Trans Biomed Eng 59:2126–2136), with the band that adapts to the movement of
Balasubramanian et al. 2015 (J NeuroEng Rehabil 12:112); dimensionless jerk, Hogan and Sternad 2009
(J Mot Behav 41:529–534), with its logarithm as in the paper of 2015.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hipimu.data import FloatArray, IntArray
from hipimu.strength.smooth import BAND_HZ
from hipimu.strength.swings import Swings

_THRESHOLD: Final = 0.05
"""of the largest amplitude: the band ends where the spectrum stays below."""
_PADDING: Final = 4
"""Zeros to 2⁴ times the length make the arc finely sampled."""
_AT_ONCE: Final = 1000


def sparc(
    speed: FloatArray, first: IntArray, length: IntArray, rate_hz: float, band_hz: float = BAND_HZ
) -> FloatArray:
    """Spectral arc length of each movement.

    −∫ √((1/ω_c)² + (dV̂/dω)²) dω from 0 to ω_c, where V̂ is the amplitude spectrum of the speed,
    1 at its largest, and ω_c the last frequency within the band at which it is at least 0.05.

    Parameters
    ----------
    speed : (s,)
        All movements one behind the other.
    first, length : (n,)
        Where each of them lies; length 0: there is nothing.
    rate_hz, band_hz : float

    Returns
    -------
    (n,)
        NaN where there is nothing.
    """
    found = np.full(len(length), np.nan)
    used = np.flatnonzero(length)
    if len(used) == 0:
        return found
    size = 2 ** (int(np.ceil(np.log2(length.max()))) + _PADDING)
    frequency = np.arange(size // 2 + 1) * rate_hz / size
    inside = int(np.searchsorted(frequency, band_hz, side="right"))
    for start in range(0, len(used), _AT_ONCE):
        own = used[start : start + _AT_ONCE]
        rows = np.zeros((len(own), int(length[own].max())))
        column = np.arange(rows.shape[1])
        there = column < length[own, None]
        rows[there] = speed[(first[own, None] + column)[there]]
        found[own] = _arc(np.abs(np.fft.rfft(rows, size))[:, :inside], frequency[:inside])
    return found


def _arc(amplitude: FloatArray, frequency: FloatArray) -> FloatArray:
    largest = amplitude.max(axis=1)
    still = largest <= 0.0
    share = amplitude / np.where(still, 1.0, largest)[:, None]
    loud = share >= _THRESHOLD
    loud[:, 0] = True
    last = loud.shape[1] - 1 - np.argmax(loud[:, ::-1], axis=1)
    low = np.argmax(share >= _THRESHOLD, axis=1)
    width = np.where(last > low, frequency[last] - frequency[low], np.inf)
    rises = np.diff(share, axis=1)
    steps = np.hypot(np.diff(frequency) / width[:, None], rises)
    place = np.arange(steps.shape[1])
    within = (place >= low[:, None]) & (place < last[:, None])
    return np.where(still | (last <= low), np.nan, -(steps * within).sum(axis=1))


def log_dimensionless_jerk(
    peak_speed: FloatArray, jerk_squared_s: FloatArray, duration_s: FloatArray
) -> FloatArray:
    """−ln(T³/v² · ∫ j² dt) of each movement.

    Parameters
    ----------
    peak_speed : (n,)
    jerk_squared_s : (n,)
        Integral of the squared second derivative of speed.
    duration_s : (n,)

    Returns
    -------
    (n,)
        NaN where any of them is missing or nothing moves.
    """
    sound = (peak_speed > 0) & (jerk_squared_s > 0) & (duration_s > 0)
    found = np.full(len(peak_speed), np.nan)
    scale = duration_s[sound] ** 3 / peak_speed[sound] ** 2
    found[sound] = -np.log(scale * jerk_squared_s[sound])
    return found


def swing_sparc(swings: Swings) -> FloatArray:
    """SPARC of the hip's velocity in each swing, (n,)."""
    return sparc(swings.hip_rad_s, swings.first, swings.length, 1.0 / swings.step_s)


def swing_ldlj(swings: Swings) -> FloatArray:
    """Log dimensionless jerk of the hip in each swing, (n,)."""
    squared = swings.sums(swings.hip_rad_s3**2) * swings.step_s
    peak = swings.share_below(swings.hip_rad_s, 1.0)
    return log_dimensionless_jerk(peak, squared, swings.duration_s)
