"""How quick and how bouncy the steps are, from nothing but the pelvis's specific force.

Neither thigh nor hip comes in here, so that pace told from the rhythm cannot carry the answer
about the hip's range in it.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from hipimu.data import BoolArray, FloatArray, IntArray, PelvisRhythm
from hipimu.maths.peaks import parabola_vertices

_WINDOW_S = 4.0
"""Five strides or more: enough for a rhythm, short enough to see a pace change within 2 s."""
_EVERY_S = 1.0
_CHUNK = 600
"""Windows at once, so that a day of running needs no more memory than ten minutes."""
_ENOUGH_HZ = 40.0
"""Steps come at 5 Hz at most; ten samples a step are plenty for their rhythm."""
_STEP_S = (0.19, 0.65)
"""From the fastest sprint to a slow walk."""
_LEAST_LIKENESS = 0.4
"""Autocorrelation one stride on: below this there is no rhythm."""
_AS_LIKE = 0.5
"""Of two lags that are nearly as like, the shorter is the step: the longer ones are whole numbers
of steps."""
_LEAST_KNOWN = 0.75
"""of a window's samples."""
_SENSIBLE_M_S2 = 2000.0
"""No sensor for people measures more than 200 g."""
_STANDING_M_S2 = 0.5
"""Standard deviation; walking has 1.5 and more, running 7 and more."""


def pelvis_rhythm(t_s: FloatArray, pelvis_acc_m_s2: FloatArray, rate_hz: float) -> PelvisRhythm:
    """Measure step rate and bounce in windows of four seconds, one every second.

    The step rate is the lag of the second peak of the unbiased autocorrelation, one stride on,
    halved: a limp, which makes steps unlike, does not move it (Moe-Nilssen & Helbostad 2004,
    J Biomech 37:121–126).

    Parameters
    ----------
    t_s : (n,)
        Evenly spaced, in seconds.
    pelvis_acc_m_s2 : (n,)
        Magnitude of the pelvis's specific force; NaN where unknown.
    rate_hz : float
        Sampling rate.

    Returns
    -------
    PelvisRhythm
        On whole windows; without any where the recording is shorter than one. Step rate and
        bounce are NaN where a quarter of the window is unknown, the step rate also where nothing
        repeats.
    """
    factor = max(int(rate_hz // _ENOUGH_HZ), 1)
    first_s = (float(t_s[0]) if len(t_s) else 0.0) + 0.5 * (factor - 1) / rate_hz
    felt, rate_hz = _averaged(pelvis_acc_m_s2, factor), rate_hz / factor
    width = round(_WINDOW_S * rate_hz)
    starts = np.arange(0.0, len(felt) - width + 1, _EVERY_S * rate_hz).astype(np.int64)
    parts = [
        _measure(felt[starts[at : at + _CHUNK, None] + np.arange(width)], rate_hz)
        for at in range(0, len(starts), _CHUNK)
    ]
    rows = np.concatenate([np.empty((2, 0)), *parts], axis=1)
    centre_s = np.asarray(first_s + (starts + 0.5 * (width - 1)) / rate_hz, dtype=np.float64)
    return PelvisRhythm(centre_s, rows[0], rows[1])


def _averaged(felt: FloatArray, factor: int) -> FloatArray:
    """Means of `factor` neighbours each; NaN where one of them is not what a sensor says."""
    sensible = np.where(np.abs(felt) < _SENSIBLE_M_S2, felt, np.nan)
    count = len(felt) // factor
    return np.asarray(sensible[: count * factor].reshape(count, factor).mean(axis=1))


def _measure(windows: FloatArray, rate_hz: float) -> FloatArray:
    """Step rate in Hz and bounce in m/s² of each window (w, n), (2, w)."""
    known = np.isfinite(windows)
    # a window's ends cut through steps: with less weight there, where they cut matters less
    weight = known * np.hanning(windows.shape[1] + 2)[1:-1]
    share = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    felt = np.where(known, windows, 0.0)
    centred = np.where(known, felt - (share * felt).sum(axis=1, keepdims=True), 0.0)
    enough = known.mean(axis=1) >= _LEAST_KNOWN
    bounce = np.where(enough, np.sqrt((share * centred**2).sum(axis=1)), np.nan)
    rate = np.full(len(windows), np.nan)
    moving = enough & (bounce > _STANDING_M_S2)
    if moving.any():
        rate[moving] = _step_rates(_likeness(centred[moving], known[moving]), rate_hz)
    return np.stack((rate, bounce))


def _likeness(centred: FloatArray, known: BoolArray) -> FloatArray:
    """Unbiased autocorrelation of each row, 1 at lag 0, over the samples that are known, (w, n)."""
    size = fft.next_fast_len(2 * centred.shape[1], real=True)

    def products(rows: FloatArray) -> FloatArray:
        spectrum = fft.rfft(rows, size, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        return np.asarray(fft.irfft(power, size, axis=1)[:, : centred.shape[1]])

    pairs = (
        products(known.astype(np.float64))
        if not known.all()
        else np.arange(centred.shape[1], 0.0, -1.0)[None, :]
    )
    mean = products(centred) / np.maximum(pairs, 1.0)
    return np.asarray(mean / mean[:, :1])


def _step_rates(likeness: FloatArray, rate_hz: float) -> FloatArray:
    """Step rate of each row in Hz, NaN where nothing repeats, (w,)."""
    shortest, longest = (round(bound * rate_hz) for bound in _STEP_S)
    step = _first_peak(likeness, shortest, longest)
    rate = np.full(len(likeness), np.nan)
    rows = np.flatnonzero(step > 0)
    if len(rows) == 0:
        return rate
    # one stride on, near where it must be
    reach = max(shortest // 2, 1)
    near = 2 * step[rows, None] + np.arange(-reach, reach + 1)
    around = np.take_along_axis(likeness[rows], near, axis=1)
    best = around[:, 1:-1].argmax(axis=1) + 1
    at = np.arange(len(rows))
    offset, height = parabola_vertices(around[at, best - 1], around[at, best], around[at, best + 1])
    lag = near[at, best] + offset
    rate[rows] = np.where(height >= _LEAST_LIKENESS, 2.0 * rate_hz / lag, np.nan)
    return rate


def _first_peak(likeness: FloatArray, shortest: int, longest: int) -> IntArray:
    """Lag of the first clear local maximum of each row, 0 where there is none, (w,)."""
    inner = likeness[:, shortest : longest + 1]
    before, after = likeness[:, shortest - 1 : longest], likeness[:, shortest + 1 : longest + 2]
    height = np.where((inner > before) & (inner >= after) & (inner > 0.0), inner, 0.0)
    best = height.max(axis=1, keepdims=True)
    first = (height >= _AS_LIKE * best).argmax(axis=1)
    return np.where(best[:, 0] > 0.0, first + shortest, 0)
