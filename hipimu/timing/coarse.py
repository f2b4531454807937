"""Which moments of two recordings may be the same: candidates for the offset of two clocks.

Gait repeats itself, so that its waveform matches at every step. What does not repeat is when it
begins, ends and changes: the envelope of the motion finds the place within a second or so, and
the waveform then gives one candidate for each step around it. Which of them it is, the fit decides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import fft, signal

from hipimu.data import BoolArray, FloatArray
from hipimu.maths.peaks import local_maxima
from hipimu.timing.vertical import GRID_HZ, VerticalMotion, root_mean_square

_THIN = 5
"""Envelopes are compared at 10 Hz."""
_ENVELOPE_S = 0.5
_ENVELOPE_FLOOR_M_S2 = 0.3
_LEAST_OVERLAP = 0.5
"""of the shorter recording."""
_PLACES = 3
_APART_S = 4.0
"""Places of the envelope closer than this are one."""
_AROUND_S = 3.0
_WINDOW_S = 5.0
_LEAST_MOVING = 0.5
"""of a window."""
_DRIFTS_PPM = 200.0
_DRIFT_STEP_S = 0.015
"""How far the ends of the recording may lie apart from one tried drift to the next."""
_CANDIDATES = 8
_STEP_APART = 5
"""Candidates of one place lie at least so many grid samples apart."""
# Lever arms from sensor to hip centre along the vertical, metres (see motion.hip_centre).
PELVIS_UP_M = -0.10
THIGH_UP_M = 0.20


class Candidate(NamedTuple):
    """The thigh's clock as a straight line over the pelvis's: what to add to the latter."""

    offset_s: float
    """At `centre_s`."""
    drift: float
    centre_s: float
    """On the pelvis's clock."""


def candidates(pelvis: VerticalMotion, thigh: VerticalMotion) -> list[Candidate]:
    """Return the offsets at which the motions may be the same, most likely first."""
    hips = pelvis.at(PELVIS_UP_M * pelvis.up), thigh.at(THIGH_UP_M * thigh.up)
    found: list[Candidate] = []
    for lag in _places(*(_envelope(motion) for motion in (pelvis, thigh))):
        offset_s = float(thigh.t_s[0] - pelvis.t_s[0]) + lag * _THIN / GRID_HZ
        found += _steps(pelvis, thigh, hips, offset_s)
    return found


def _envelope(motion: VerticalMotion) -> tuple[FloatArray, BoolArray]:
    envelope = np.log(root_mean_square(motion.felt[:, 0], _ENVELOPE_S) + _ENVELOPE_FLOOR_M_S2)
    return envelope[::_THIN], motion.known[::_THIN]


def _places(pelvis: tuple[FloatArray, BoolArray], thigh: tuple[FloatArray, BoolArray]) -> list[int]:
    """Lags of thigh behind pelvis, in samples, at which the envelopes agree best."""
    score, first = _correlation(*pelvis, *thigh)
    places: list[int] = []
    for at in np.argsort(-score):
        if not np.isfinite(score[at]) or len(places) == _PLACES:
            break
        if all(abs(int(at) - place) > _APART_S * GRID_HZ / _THIN for place in places):
            places.append(int(at))
    return [place + first for place in places]


def _correlation(
    left: FloatArray, left_known: BoolArray, right: FloatArray, right_known: BoolArray
) -> tuple[FloatArray, int]:
    """Correlation coefficient over what overlaps at each lag (Padfield 2012), and the first lag.

    D. Padfield, Masked object registration in the Fourier domain, IEEE TIP 21:2706–2718.
    """
    size = fft.next_fast_len(len(left) + len(right))

    def lagged(x: FloatArray, y: FloatArray) -> FloatArray:
        product = fft.irfft(np.conj(fft.rfft(x, size)) * fft.rfft(y, size), size)
        return np.concatenate((product[size - len(left) + 1 :], product[: len(right)]))

    a, b = (v - v.mean() for v in (left, right))
    m, n = left_known.astype(float), right_known.astype(float)
    a, b = a * m, b * n
    count = np.maximum(lagged(m, n), 1.0)
    sum_a, sum_b = lagged(a, n), lagged(m, b)
    cross = lagged(a, b) - sum_a * sum_b / count
    var_a = lagged(a * a, n) - sum_a**2 / count
    var_b = lagged(m, b * b) - sum_b**2 / count
    least = 1e-3 * count
    score = cross / np.sqrt(np.maximum(var_a, least) * np.maximum(var_b, least))
    enough = count >= _LEAST_OVERLAP * min(m.sum(), n.sum())
    return np.where(enough, score, -np.inf), 1 - len(left)


def _steps(
    pelvis: VerticalMotion,
    thigh: VerticalMotion,
    hips: tuple[FloatArray, FloatArray],
    offset_s: float,
) -> list[Candidate]:
    """Best offsets within three seconds, each with its best drift: one a step."""
    centre_s, score = _window_scores(pelvis, thigh, hips, offset_s)
    if len(centre_s) == 0:
        return []
    middle_s = float(centre_s.mean())
    drifts = _drifts(centre_s - middle_s)
    around = round(_AROUND_S * GRID_HZ)
    rows = np.arange(len(centre_s))[:, None]
    sums = np.empty((len(drifts), 2 * around + 1))
    for i, drift in enumerate(drifts):
        moved = np.rint(drift * (centre_s - middle_s) * GRID_HZ).astype(np.int64)
        at = np.arange(2 * around + 1) + moved[:, None]
        sums[i] = score[rows, np.clip(at, 0, 2 * around)].mean(axis=0)
    best = sums.max(axis=0)
    peaks = sorted(local_maxima(best).tolist(), key=lambda at: -best[at])
    kept: list[int] = []
    for at in peaks:
        if len(kept) < _CANDIDATES and all(abs(at - k) >= _STEP_APART for k in kept):
            kept.append(at)
    return [
        Candidate(offset_s + (at - around) / GRID_HZ, float(drifts[sums[:, at].argmax()]), middle_s)
        for at in kept
    ]


def _drifts(from_middle_s: FloatArray) -> FloatArray:
    half_s = max(float(np.abs(from_middle_s).max()), 1.0)
    step = min(_DRIFT_STEP_S / half_s, _DRIFTS_PPM * 1e-6)
    count = int(_DRIFTS_PPM * 1e-6 / step)
    return np.asarray(np.arange(-count, count + 1) * step, dtype=np.float64)


def _window_scores(
    pelvis: VerticalMotion,
    thigh: VerticalMotion,
    hips: tuple[FloatArray, FloatArray],
    offset_s: float,
) -> tuple[FloatArray, FloatArray]:
    """Correlation (windows, lags) of each window of movement, and the windows' middle times."""
    width, around = round(_WINDOW_S * GRID_HZ), round(_AROUND_S * GRID_HZ)
    shift = round((offset_s + float(pelvis.t_s[0] - thigh.t_s[0])) * GRID_HZ)
    reach = width + 2 * around
    moving = pelvis.moving() & pelvis.known
    padded = np.pad(hips[1] * thigh.known, reach)
    times, scores = [], []
    for first in range(0, len(hips[0]) - width + 1, width):
        low = first + shift - around + reach
        inside = 0 <= low <= len(padded) - reach
        if not inside or moving[first : first + width].mean() < _LEAST_MOVING:
            continue
        x, y = hips[0][first : first + width], padded[low : low + reach]
        energy = np.convolve(y**2, np.ones(width), mode="valid")
        score = signal.correlate(y, x, mode="valid") / np.sqrt(energy * (x @ x) + 1e-9)
        times.append(float(pelvis.t_s[first]) + 0.5 * _WINDOW_S)
        scores.append(score)
    return np.array(times), np.array(scores)
