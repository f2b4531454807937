"""Find standing and gait in raw sensor data, before any axis is known.

Works on fixed windows at fixed sample indices and on quantities that do not change when a sensor
is turned on its strap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hipimu.data import FloatArray, Segment
from hipimu.units import GRAVITY_M_S2

_STILL_GYR_RAD_S = 0.06
_STILL_ACC_M_S2 = 0.4
_SHORTEST_S = 0.35
_LONGEST_S = 1.3
_MIN_RATE_RAD_S = 0.8
_MIN_CORRELATION = 0.5
_SHORTER_WINS = 0.85
"""The shortest lag whose correlation reaches this share of the best is the stride: the best may be
two strides."""


def is_quiet(gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> bool:
    """Tell whether a sensor neither turns nor shakes in a window (n, 3), whatever its offsets."""
    turning = np.sqrt(((gyr_rad_s - gyr_rad_s.mean(axis=0)) ** 2).sum(axis=1).mean())
    shaking = np.sqrt(((acc_m_s2 - acc_m_s2.mean(axis=0)) ** 2).sum(axis=1).mean())
    return bool(turning < _STILL_GYR_RAD_S and shaking < _STILL_ACC_M_S2)


def is_still(gyr_rad_s: FloatArray, acc_m_s2: FloatArray) -> bool:
    """Tell whether one sensor's window (n, 3) is quiet standing."""
    felt = np.sqrt((acc_m_s2.mean(axis=0) ** 2).sum())
    near_gravity = abs(felt - GRAVITY_M_S2) < 0.05 * GRAVITY_M_S2
    return bool(near_gravity) and is_quiet(gyr_rad_s, acc_m_s2)


def last_short_stand(
    gyr_rad_s: Mapping[Segment, FloatArray],
    acc_m_s2: Mapping[Segment, FloatArray],
    before: int,
    rate_hz: float,
) -> slice | None:
    """Find the last quiet standing of at least a second, or None.

    Parameters
    ----------
    gyr_rad_s, acc_m_s2 : dict
        Segment → (n, 3), all sensors; all must be still.
    before : int
        Look at samples before this one only.
    rate_hz : float
    """
    second, step = int(rate_hz), max(int(0.25 * rate_hz), 1)
    found: slice | None = None
    for start in range(0, before - second + 1, step):
        window = slice(start, start + second)
        if not all(is_still(gyr_rad_s[s][window], acc_m_s2[s][window]) for s in gyr_rad_s):
            continue
        joins = found is not None and start <= found.stop
        found = slice(found.start if found is not None and joins else start, window.stop)
    return found


def stride_time_s(
    thigh_gyr_rad_s: Sequence[FloatArray], rate_hz: float, longest_s: float = _LONGEST_S
) -> float | None:
    """Stride time of a window of thigh gyroscopes, or None when it is no gait.

    Peak of the vector autocorrelation: Σ ω(t)·ω(t + T), which no mounting changes.

    Parameters
    ----------
    thigh_gyr_rad_s : sequence of (n, 3)
    rate_hz : float
    longest_s : float
        No stride is longer.
    """
    total = np.zeros(len(thigh_gyr_rad_s[0]))
    for gyr in thigh_gyr_rad_s:
        centred = gyr - gyr.mean(axis=0)
        if np.sqrt((centred**2).sum(axis=1).mean()) < _MIN_RATE_RAD_S:
            return None
        total += _autocorrelation(centred)
    correlation = total / total[0]
    first, last = (round(limit * rate_hz) for limit in (_SHORTEST_S, longest_s))
    lags = np.arange(first, min(last, len(correlation) - 2))
    inner = correlation[lags]
    peaks = lags[(inner >= correlation[lags - 1]) & (inner >= correlation[lags + 1])]
    if len(peaks) == 0 or correlation[peaks].max() < _MIN_CORRELATION:
        return None
    good = peaks[correlation[peaks] >= _SHORTER_WINS * correlation[peaks].max()]
    return float(good[0] / rate_hz)


def _autocorrelation(values: FloatArray) -> FloatArray:
    """Unbiased autocorrelation of a vector series (n, 3) at lags 0 … n − 1, (n,)."""
    n = len(values)
    spectrum = np.fft.rfft(values, 2 * n, axis=0)
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
    return np.asarray(np.fft.irfft(power)[:n] / np.arange(n, 0, -1))
