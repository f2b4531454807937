"""One gap, filled with what the movement did at the most similar moments around it.

Moments before (and, where allowed, after) the gap whose surroundings look like the gap's own are
sought by sliding the surroundings along the signal. A combination of the best few is fitted to the
surroundings by regularised least squares: their average, scaled, shifted in time, plus differences
between them. That is local linear prediction from analogues (Farmer & Sidorowich 1987, Phys. Rev.
Lett. 59:845–848). What is left at both edges is taken off along a straight line, so that the fill
meets the samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hipimu.data import BoolArray, FloatArray, IntArray

REACH_S = 3.0
"""How far away the similar moments may lie: four strides of easy running."""
CONTEXT_S = 0.3
"""How much of the surroundings on either side is compared."""
_NEAREST_S = 0.3
"""Closer moments are no other stride."""
_APART_S = 0.25
_MOMENTS = 4
_RIDGE = 0.05
_LEAST_ROWS = 12
_FORCE_WEIGHT = 0.1
"""1 m/s² counts as much as so many rad/s."""
_SURE_RAD = 0.003
"""Below this expected error a straight line is not worth a try."""
_LEAST_PRETENDED = 8
_CAUTION = 1.3
"""The surroundings were fitted, the gap was not."""


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """What stands in for missing samples."""

    gyr_rad_s: FloatArray
    """(n, 3)"""
    acc_m_s2: FloatArray
    """(n, 3)"""
    error_rad: float
    """Expected error of orientation after the gap."""


def fill_from_likeness(
    values: FloatArray, missing: BoolArray, start: int, end: int, rate_hz: float
) -> Fill | None:
    """Fill samples `start` … `end` − 1.

    Parameters
    ----------
    values : (n, 6)
        Angular rate in rad/s and specific force in m/s²: all that may be looked at.
    missing : (n,)
        Samples not to be relied on, among them those to be filled.
    start, end : int
    rate_hz : float

    Returns
    -------
    Fill or None
        None where the gap touches the end of what is known; a straight line where that promises
        less error than anything similar within `REACH_S`.
    """
    context = round(CONTEXT_S * rate_hz)
    low, high = max(start - context, 0), min(end + context, len(values))
    if low == start or high <= end:
        return None
    scaled = np.array(values)
    scaled[:, 3:] *= _FORCE_WEIGHT
    own, known, gap = scaled[low:high], ~missing[low:high], (start - low, end - low)
    shifts = _similar(scaled, missing, (low, start, end, high), rate_hz)
    while len(shifts):
        moments = (np.arange(low - 1, high + 1) + shifts[:, None]).clip(0, len(values) - 1)
        basis, comparable = _basis(scaled[moments], missing[moments])
        comparable &= known
        if comparable.sum() >= _LEAST_ROWS:
            guess = _combined(basis, own, comparable)
            likely = _joined_up(guess, own, comparable, gap, rate_hz)
            alike = scaled[moments[:, 1:-1], :3]
            harder = _harder(alike - basis[0, :, :3], comparable, gap)
            likely = replace(likely, error_rad=harder * likely.error_rad)
            if likely.error_rad <= _SURE_RAD:
                return likely
            straight = _joined_up(np.zeros(own.shape), own, known, gap, rate_hz)
            harder = _harder(alike, comparable, gap)
            straight = replace(straight, error_rad=harder * straight.error_rad)
            return min(likely, straight, key=lambda fill: fill.error_rad)
        shifts = shifts[:-1]  # too much is missing around them: fewer moments miss less
    return _joined_up(np.zeros(own.shape), own, known, gap, rate_hz)


def _similar(
    scaled: FloatArray, missing: BoolArray, at: tuple[int, int, int, int], rate_hz: float
) -> IntArray:
    """Shifts to the moments that look most alike, best first; nothing of their own is missing."""
    low, start, end, high = at
    unlike = _unlikeness(scaled, missing, low, high)
    shifts = np.arange(len(unlike)) - low
    lost = np.concatenate(([0, 0], np.cumsum(missing), [0]))
    first, last = start - 1 + shifts, np.minimum(end + 1 + shifts, len(missing))
    whole = (lost[last + 1] == lost[np.maximum(first, 0) + 1]) & (first >= 0)
    near = max(round(_NEAREST_S * rate_hz), end - start + 2)
    unlike[~whole | (np.abs(shifts) < near)] = np.inf
    inner = unlike[1:-1]
    lows = np.flatnonzero((inner <= unlike[:-2]) & (inner <= unlike[2:]) & (inner < np.inf)) + 1
    chosen: list[int] = []
    for candidate in shifts[lows[np.argsort(unlike[lows], kind="stable")]].tolist():
        if all(abs(candidate - other) >= _APART_S * rate_hz for other in chosen):
            chosen.append(candidate)
        if len(chosen) == _MOMENTS:
            break
    return np.array(chosen, dtype=np.int64)


def _unlikeness(scaled: FloatArray, missing: BoolArray, low: int, high: int) -> FloatArray:
    """Mean squared difference of angular rate between low … high and every place it slides to."""
    there = (~missing).astype(np.float64)
    rates = scaled[:, :3] * there[:, None]
    power = rates[:, 0] ** 2 + rates[:, 1] ** 2 + rates[:, 2] ** 2
    own = there[low:high]
    both = np.correlate(there, own)
    total = np.correlate(there, power[low:high]) + np.correlate(power, own)
    for axis in rates.T:
        column = np.ascontiguousarray(axis)
        total -= 2 * np.correlate(column, column[low:high])
    return np.where(both >= _LEAST_ROWS, total / np.maximum(both, 1.0), np.inf)


def _basis(moments: FloatArray, missing: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Average, slope and departures from it, (k + 1, n, 6), and where all are known, (n,)."""
    mean = moments[0].copy()
    for moment in moments[1:]:
        mean += moment
    mean /= len(moments)
    slope = 0.5 * (mean[2:] - mean[:-2])
    unknown = np.logical_or.reduce(missing, axis=0)
    known = ~(unknown[1:-1] | unknown[2:] | unknown[:-2])
    return np.concatenate((mean[None, 1:-1], slope[None], moments[:-1, 1:-1] - mean[1:-1])), known


def _combined(basis: FloatArray, own: FloatArray, known: BoolArray) -> FloatArray:
    """Average plus what of the basis brings it nearest to the known surroundings, (n, 6)."""
    columns = basis[:, known].reshape(len(basis), -1)
    rest = (own - basis[0])[known].ravel()
    normal = np.einsum("ik,jk->ij", columns, columns)
    normal[np.diag_indices(len(basis))] *= 1 + _RIDGE
    normal[np.diag_indices(len(basis))] += 1e-9
    weights = np.linalg.solve(normal, np.einsum("ik,k->i", columns, rest)).tolist()
    guess = (1 + weights[0]) * basis[0]
    for weight, column in zip(weights[1:], basis[1:], strict=True):
        guess += weight * column
    return np.asarray(guess)


def _joined_up(
    guess: FloatArray, own: FloatArray, known: BoolArray, gap: tuple[int, int], rate_hz: float
) -> Fill:
    """Add to the guess (n, 6) a straight line, so that it meets the samples on both sides."""
    start, end = gap
    length = end - start
    rest = own - guess
    share = (np.arange(1, length + 1) / (length + 1))[:, None]
    filled = guess[start:end] + (1 - share) * rest[start - 1] + share * rest[end]
    filled[:, 3:] /= _FORCE_WEIGHT
    error_rad = _expected(rest[:, :3], known, length) / rate_hz
    return Fill(filled[:, :3], filled[:, 3:], error_rad)


def _expected(rest: FloatArray, known: BoolArray, length: int) -> float:
    """Expected error of the sum over the gap, by gaps of its length pretended beside it.

    Where none fits, all the residual is taken to add up.
    """
    whole = _whole_windows(known, length)
    if np.count_nonzero(whole) >= _LEAST_PRETENDED:
        return _CAUTION * _rms(_off_line(rest, length)[whole])
    return _CAUTION * length * _rms(rest[known])


def _harder(departures: FloatArray, known: BoolArray, gap: tuple[int, int]) -> float:
    """How much further the moments' departures (k, n, 3) add up over the gap than beside it, ≥ 1.

    A foot's landing is less alike from stride to stride than what surrounds it.
    """
    start, length = gap[0], gap[1] - gap[0]
    whole = _whole_windows(known, length)
    if np.count_nonzero(whole) < _LEAST_PRETENDED:
        return 1.0
    columns = departures.transpose(1, 0, 2).reshape(departures.shape[1], -1)
    sums = _off_line(columns, length)
    return max(_rms(sums[start - 1 : start]) / max(_rms(sums[whole]), 1e-9), 1.0)


def _off_line(values: FloatArray, length: int) -> FloatArray:
    """Sums over every window of `length`, less those of the line between its neighbours."""
    wide = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=wide[1:])
    inner = wide[length + 1 : -1] - wide[1 : -length - 1]
    return np.asarray(inner - 0.5 * length * (values[: len(inner)] + values[length + 1 :]))


def _whole_windows(known: BoolArray, length: int) -> BoolArray:
    lost = np.concatenate(([0], np.cumsum(~known)))
    return np.asarray(lost[length + 2 :] == lost[: -length - 2])


def _rms(rows: FloatArray) -> float:
    """Root mean square length of the rows."""
    return math.sqrt(float(np.einsum("ij,ij->", rows, rows)) / max(len(rows), 1))
