"""Fit one sensor's clock to another's on the motion of the hip centre they share.

Gauss–Newton on three things at once: the two lever arms to the hip centre, and the thigh's clock
as a straight line over the pelvis's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from hipimu.data import BoolArray, FloatArray, IntArray
from hipimu.timing.coarse import PELVIS_UP_M, THIGH_UP_M, Candidate, candidates
from hipimu.timing.vertical import GRID_HZ, VerticalMotion

_ROUNDS = 8
_LARGEST_STEP_S = 0.05
_LEVER_SD_M = 0.07
"""How far a lever arm may lie from the one along the vertical that is assumed first."""
_SHAPES_PER_S = 5.0
"""Independent pieces of evidence on the lever arms in a second of gait."""
_WINDOW_S = (4.0, 20.0)
_WINDOWS = 6
"""of the session at least, down to windows of 4 s."""
_LEAST_WINDOW = 0.25
"""of the fullest one's movement."""
_DRIFT_SD = 100e-6
"""What quartz clocks do to each other."""
_SHORT_S = 120.0
"""Where windows span less, nothing is learnt about drift: it is left at 0, give or take the above,
which then costs at most 6 ms at either end."""
_HUBER = 1.5
_SD_OF_MEDIAN = 1.4826
"""Standard deviation over median absolute deviation, of a Gaussian."""
_LEAST_SCATTER_S = 1e-4
_MOST_ALIKE = 0.8
"""Correlation of neighbouring windows beyond which there is hardly more than one."""
_MISFIT_SHAPES = 2.0
"""What straps and soft tissue add repeats with every stride, so that more strides do not average it
out. Nearly all vertical motion is at the frequency of the steps; there a misfit has two phases, and
one of the two looks like a clock."""
_EVIDENCE_PER_S = 2.0
_SAME_S = 0.1
"""Fits closer than this have found the same offset."""


@dataclass(frozen=True, slots=True)
class ClockMatch:
    """How one sensor's clock runs against the pelvis's.

    The sensor's clock shows t + offset_s + drift · (t − start_s) at the time t of the pelvis's.
    """

    start_s: float
    """First time both have samples, on the pelvis's clock."""
    end_s: float
    offset_s: float
    """At `start_s`."""
    offset_se_s: float
    drift_ppm: float
    """Positive: the sensor's clock gains."""
    drift_se_ppm: float
    worst_se_s: float
    """Largest standard error of the time between `start_s` and `end_s`."""
    explained: float
    """Share of the hip centre's motion that both sensors agree on, at most 1."""
    evidence: float
    """Against the next best offset, natural logarithm of the likelihood ratio."""
    windows: int

    def to_pelvis(self, t_s: FloatArray) -> FloatArray:
        """Times (n,) of the sensor's clock on the pelvis's."""
        return self.start_s + (t_s - self.start_s - self.offset_s) / (1 + 1e-6 * self.drift_ppm)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """A straight line through the offsets of the windows, and how well the motions agree."""

    clock: Candidate
    covariance: FloatArray
    """(2, 2) of offset at the centre, s, and drift: the windows' scatter."""
    systematic_s: float
    """Standard error of the offset from what repeats with every stride."""
    misfit: float
    seconds: float
    """Of movement, in the overlap."""
    windows: int


def match_clocks(pelvis: VerticalMotion, thigh: VerticalMotion) -> ClockMatch | None:
    """Find the thigh's clock on the pelvis's; None where too little movement is shared."""
    spline = CubicSpline(thigh.t_s, thigh.felt)
    fits = [_fit(pelvis, thigh, spline, start) for start in candidates(pelvis, thigh)]
    found = sorted((fit for fit in fits if fit is not None), key=lambda fit: fit.misfit)
    if not found:
        return None
    best = found[0]
    others = [fit for fit in found if abs(_apart(fit, best)) > _SAME_S]
    evidence = np.inf
    if others:
        ratio = others[0].misfit / max(best.misfit, 1e-12)
        evidence = 0.5 * _EVIDENCE_PER_S * best.seconds * np.log(ratio)
    return _described(best, pelvis, thigh, float(evidence))


def _apart(fit: _Fit, best: _Fit) -> float:
    return fit.clock.offset_s - float(_line(best.clock, np.array([fit.clock.centre_s]))[0])


def _line(clock: Candidate, t_s: FloatArray) -> FloatArray:
    """What to add to times of the pelvis's clock, (n,)."""
    return clock.offset_s + clock.drift * (t_s - clock.centre_s)


def _fit(
    pelvis: VerticalMotion, thigh: VerticalMotion, spline: CubicSpline, clock: Candidate
) -> _Fit | None:
    prior_m = np.concatenate((PELVIS_UP_M * pelvis.up, THIGH_UP_M * thigh.up))
    moving = pelvis.moving(), thigh.moving()
    for _ in range(_ROUNDS):
        own_s = pelvis.t_s + _line(clock, pelvis.t_s)
        used = _usable(pelvis, thigh, moving, own_s)
        windows = _windows(used)
        if windows is None:
            return None
        here, there = pelvis.felt[used], spline(own_s[used])
        lever_m = _levers(here, there, prior_m)
        hip = there @ np.r_[1.0, lever_m[3:]]
        error = here @ np.r_[1.0, lever_m[:3]] - hip
        slope = spline(own_s[used], 1) @ np.r_[1.0, lever_m[3:]]
        seen = _Windows.of(pelvis.t_s[used], error * slope, slope**2, windows[used])
        if len(seen.t_s) == 0:
            return None
        clock, covariance = _moved(clock, seen)
    squared = float(error @ error)
    return _Fit(
        clock,
        covariance,
        float(np.sqrt(squared / (slope @ slope) / _MISFIT_SHAPES)),
        2 * squared / float(((hip + error) ** 2).sum() + (hip**2).sum()),
        float(used.sum() / GRID_HZ),
        len(seen.t_s),
    )


def _usable(
    pelvis: VerticalMotion,
    thigh: VerticalMotion,
    moving: tuple[BoolArray, BoolArray],
    own_s: FloatArray,
) -> BoolArray:
    """Samples of the pelvis at which both are known and one of them moves, (n,)."""
    at = np.rint((own_s - thigh.t_s[0]) * GRID_HZ).astype(np.int64)
    inside = (at >= 0) & (at < len(thigh.t_s))
    at = np.clip(at, 0, len(thigh.t_s) - 1)
    either = moving[0] | moving[1][at]
    return np.asarray(inside & pelvis.known & thigh.known[at] & either)


def _windows(used: BoolArray) -> IntArray | None:
    """Number of each sample's window, (n,); None where there is less than one of movement."""
    seconds = used.sum() / GRID_HZ
    if seconds < _WINDOW_S[0]:
        return None
    width_s = min(max(seconds / _WINDOWS, _WINDOW_S[0]), _WINDOW_S[1])
    return np.asarray(np.arange(len(used)) // round(width_s * GRID_HZ), dtype=np.int64)


def _levers(here: FloatArray, there: FloatArray, prior_m: FloatArray) -> FloatArray:
    """Lever arms of pelvis and thigh, (6,): least squares, held near what bodies measure."""
    columns = np.concatenate((here[:, 1:], -there[:, 1:]), axis=1)
    wanted = there[:, 0] - here[:, 0] - columns @ prior_m
    noise = float(wanted @ wanted) / len(wanted) * GRID_HZ / _SHAPES_PER_S
    normal = columns.T @ columns + np.eye(6) * noise / _LEVER_SD_M**2
    return np.asarray(prior_m + np.linalg.solve(normal, columns.T @ wanted))


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """One offset a window, (windows,) each."""

    t_s: FloatArray
    offset_s: FloatArray
    weight: FloatArray

    @classmethod
    def of(
        cls, t_s: FloatArray, product: FloatArray, square: FloatArray, window: IntArray
    ) -> _Windows:
        """Sum evidence (n,) by window; windows with too little movement are left out."""
        count = np.bincount(window)
        full = count >= _LEAST_WINDOW * count.max()
        weight = np.bincount(window, square)[full]
        offset_s = np.bincount(window, product)[full] / np.maximum(weight, 1e-12)
        return cls(np.bincount(window, t_s)[full] / count[full], offset_s, weight)


def _moved(clock: Candidate, seen: _Windows) -> tuple[Candidate, FloatArray]:
    """Robust straight line through the windows (Huber 1964); the clock moved by it."""
    centre_s = float(np.average(seen.t_s, weights=seen.weight))
    short = float(np.ptp(seen.t_s)) < _SHORT_S
    drift = 0.0 if short else clock.drift
    clock = Candidate(clock.offset_s + clock.drift * (centre_s - clock.centre_s), drift, centre_s)
    design = np.stack((np.ones(len(seen.t_s)), seen.t_s - centre_s), axis=1)
    weight = seen.weight / seen.weight.mean()
    line, variance = np.zeros(2), 1e-6
    prior = np.diag([0.0, 1e18 if short else _DRIFT_SD**-2])
    for _ in range(_ROUNDS):
        left = np.sqrt(weight) * (seen.offset_s - design @ line)
        scale = max(float(np.median(np.abs(left))) * _SD_OF_MEDIAN, _LEAST_SCATTER_S)
        trusted = weight * np.minimum(1.0, _HUBER * scale / np.maximum(np.abs(left), 1e-9))
        left = np.sqrt(trusted) * (seen.offset_s - design @ line)
        variance = _variance(left, scale)
        normal = (design * trusted[:, None]).T @ design / variance + prior
        known = design.T @ (trusted * seen.offset_s) / variance - prior @ [0.0, drift]
        line = np.linalg.solve(normal, known)
    covariance = np.linalg.inv(normal)
    if short:
        covariance[1, 1] = _DRIFT_SD**2
    step_s = float(np.clip(line[0], -_LARGEST_STEP_S, _LARGEST_STEP_S))
    drift += 0.0 if short else float(line[1])
    return Candidate(clock.offset_s + step_s, drift, centre_s), covariance


def _variance(left: FloatArray, scale: float) -> float:
    """Variance of a window's offset, larger where neighbouring windows err alike."""
    freedom = len(left) - 2
    if freedom < 1:
        return _LARGEST_STEP_S**2
    squared = float(left @ left)
    alike = float(left[1:] @ left[:-1]) / max(squared, 1e-18)
    alike = min(max(alike, 0.0), _MOST_ALIKE)
    return max(squared / freedom, scale**2) * (1 + alike) / (1 - alike)


def _described(
    best: _Fit, pelvis: VerticalMotion, thigh: VerticalMotion, evidence: float
) -> ClockMatch:
    """Say the clock at the first time both have samples."""
    clock = best.clock

    def on_pelvis(own_s: float) -> float:
        since = (own_s - clock.offset_s - clock.centre_s) / (1 + clock.drift)
        return clock.centre_s + since

    start_s = max(float(pelvis.t_s[0]), on_pelvis(float(thigh.t_s[0])))
    end_s = min(float(pelvis.t_s[-1]), on_pelvis(float(thigh.t_s[-1])))
    at_s = np.array([start_s, end_s])
    design = np.stack((np.ones(2), at_s - clock.centre_s), axis=1)
    scatter = np.einsum("ij,jk,ik->i", design, best.covariance, design)
    se_s = np.sqrt(scatter + best.systematic_s**2)
    return ClockMatch(
        start_s=start_s,
        end_s=end_s,
        offset_s=float(_line(clock, at_s)[0]),
        offset_se_s=float(se_s[0]),
        drift_ppm=1e6 * clock.drift,
        drift_se_ppm=1e6 * float(np.sqrt(best.covariance[1, 1])),
        worst_se_s=float(se_s.max()),
        explained=1 - best.misfit,
        evidence=evidence,
        windows=best.windows,
    )
