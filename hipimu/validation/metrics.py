"""How far off: strides beside their truth, curves and orientations beside a reference.

Pure functions. An error is always ours − theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from hipimu.data import (
    OUTCOMES,
    BoolArray,
    FloatArray,
    IntArray,
    Outcome,
    Side,
    Stride,
    set_aside,
)
from hipimu.maths import quaternion

SAME_STRIDE = 0.3
"""Peaks belong to the same stride when they lie within this share of the stride time."""
_LIMITS = 1.96
"""95 % limits of agreement: mean ± 1.96 standard deviations (Bland & Altman 1986, Lancet 327)."""

Peaks = Mapping[Outcome, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class TrueStrides:
    """The true strides of one leg in order of time; rows are strides."""

    side: Side
    t_s: Peaks
    """(n,) when each peak was, on the pelvis's clock."""
    peak_rad: Peaks
    """(n,)"""
    scored: BoolArray
    """(n,) running strides of the piece that is looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Usable strides of one leg in one session beside their reference, (n,) each."""

    ours_rad: Peaks
    theirs_rad: Peaks
    late_s: Peaks
    """Time of our peak minus time of theirs."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the true running strides."""

    true: int
    found: int
    """Matched by a stride of ours, whether it was used or set aside."""
    invented: int
    """Strides of ours that match no true one."""
    kept: int
    set_aside: Mapping[str, int]
    """Strides by reason; one stride can have several."""

    @property
    def recall(self) -> float:
        """Share of the true strides that were found, 0–1."""
        return self.found / self.true if self.true else 0.0

    @property
    def precision(self) -> float:
        """Share of our strides that are true ones, 0–1."""
        claimed = self.found + self.invented
        return self.found / claimed if claimed else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class PeakErrors:
    """Errors of one peak over the usable strides."""

    strides: int
    rmse_rad: float
    rmse_offset_removed_rad: float
    """After taking away the mean error of each leg in each session."""
    bias_rad: float
    limits_rad: tuple[float, float]
    """95 % limits of agreement."""
    timing_rmse_s: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two curves over the same time agree."""

    r: float
    rmse_rad: float
    rmse_offset_removed_rad: float
    bias_rad: float


@dataclass(frozen=True, slots=True)
class OrientationErrors:
    """RMSE of an orientation against an optical one."""

    total_rad: float
    heading_rad: float
    inclination_rad: float


def match(true_s: FloatArray, found_s: FloatArray, within_s: FloatArray) -> IntArray:
    """Give each found event the nearest true one, each true one to the nearest found only.

    Parameters
    ----------
    true_s : (n,)
        Increasing.
    found_s : (m,)
    within_s : (n,)
        How far a found event may be from this true one.

    Returns
    -------
    (m,) int
        Index of the true event, −1 where there is none.
    """
    if not len(true_s) or not len(found_s):
        return np.full(len(found_s), -1, dtype=np.int64)
    near = _nearest(true_s, found_s)
    distance = np.abs(found_s - true_s[near])
    result = np.where(distance <= within_s[near], near, -1)
    taken: set[int] = set()
    for index in np.argsort(distance, kind="stable").tolist():
        if int(result[index]) in taken:
            result[index] = -1
        elif result[index] >= 0:
            taken.add(int(result[index]))
    return np.asarray(result, dtype=np.int64)


def _nearest(true_s: FloatArray, found_s: FloatArray) -> IntArray:
    after = np.clip(np.searchsorted(true_s, found_s), 1, max(len(true_s) - 1, 1))
    after = np.minimum(after, len(true_s) - 1)
    before = np.maximum(after - 1, 0)
    closer = np.abs(found_s - true_s[before]) <= np.abs(true_s[after] - found_s)
    return np.where(closer, before, after).astype(np.int64)


def stride_times(t_peak_flexion_s: FloatArray) -> FloatArray:
    """Time to the nearer neighbouring stride, (n,): a break beside a stride does not count."""
    if len(t_peak_flexion_s) < 2:
        return np.ones(len(t_peak_flexion_s))
    gaps = np.diff(t_peak_flexion_s)
    after, before = np.append(gaps, gaps[-1]), np.insert(gaps, 0, gaps[0])
    return np.asarray(np.minimum(after, before), dtype=np.float64)


def score(true: TrueStrides, strides: Sequence[Stride]) -> tuple[Counts, Pairs]:
    """Compare the strides of one leg with its true ones.

    Parameters
    ----------
    true : TrueStrides
    strides : sequence of Stride
        Of the session; those of the other leg are left out.

    Returns
    -------
    Counts
        Over the scored true strides. A stride of ours that matches none counts as invented when
        the nearest true stride is a scored one.
    Pairs
        The usable strides beside their true ones.
    """
    own = [stride for stride in strides if stride.side == true.side]
    t_true = true.t_s["peak_flexion"]
    t_found = np.array([stride.t_peak_flexion_s for stride in own])
    at = match(t_true, t_found, SAME_STRIDE * stride_times(t_true))
    found = [(stride, int(i)) for stride, i in zip(own, at, strict=True) if i >= 0]
    found = [(stride, i) for stride, i in found if true.scored[i]]
    unmatched = t_found[at < 0]
    invented = int(true.scored[_nearest(t_true, unmatched)].sum()) if len(t_true) else 0
    usable = [(stride, i) for stride, i in found if stride.usable()]
    aside = set_aside(stride for stride, _ in found)
    counts = Counts(int(true.scored.sum()), len(found), invented, len(usable), aside)
    return counts, _pairs(true, usable)


def _pairs(true: TrueStrides, usable: Sequence[tuple[Stride, int]]) -> Pairs:
    at = np.array([i for _, i in usable], dtype=np.int64)
    own = [stride for stride, _ in usable]
    ours = {
        "peak_flexion": np.array([s.peak_flexion_rad for s in own]),
        "peak_extension": np.array([s.peak_extension_rad for s in own]),
    }
    when = {
        "peak_flexion": np.array([s.t_peak_flexion_s for s in own]),
        "peak_extension": np.array([s.t_peak_extension_s for s in own]),
    }
    return Pairs(
        ours_rad={outcome: ours[outcome] for outcome in OUTCOMES},
        theirs_rad={outcome: true.peak_rad[outcome][at] for outcome in OUTCOMES},
        late_s={outcome: when[outcome] - true.t_s[outcome][at] for outcome in OUTCOMES},
    )


def added(counts: Sequence[Counts]) -> Counts:
    """Add up the counts of several legs and sessions."""
    aside: Counter[str] = Counter()
    for each in counts:
        aside.update(each.set_aside)
    return Counts(
        sum(c.true for c in counts),
        sum(c.found for c in counts),
        sum(c.invented for c in counts),
        sum(c.kept for c in counts),
        dict(sorted(aside.items())),
    )


def peak_errors(pairs: Sequence[Pairs], outcome: Outcome) -> PeakErrors | None:
    """Errors of one peak over all legs and sessions; None without a usable stride."""
    errors = [p.ours_rad[outcome] - p.theirs_rad[outcome] for p in pairs]
    errors = [error for error in errors if len(error)]
    if not errors:
        return None
    every = np.concatenate(errors)
    centred = np.concatenate([error - error.mean() for error in errors])
    bias, spread = float(every.mean()), _LIMITS * float(every.std())
    return PeakErrors(
        strides=len(every),
        rmse_rad=rms(every),
        rmse_offset_removed_rad=rms(centred),
        bias_rad=bias,
        limits_rad=(bias - spread, bias + spread),
        timing_rmse_s=rms(np.concatenate([p.late_s[outcome] for p in pairs])),
    )


def peaks_beside(pairs: Sequence[Pairs], outcome: Outcome) -> tuple[FloatArray, FloatArray]:
    """Our and their peaks of all legs and sessions, (n,) each."""
    ours = [p.ours_rad[outcome] for p in pairs]
    theirs = [p.theirs_rad[outcome] for p in pairs]
    empty = np.empty(0)
    return np.concatenate([empty, *ours]), np.concatenate([empty, *theirs])


def agreement(ours_rad: FloatArray, theirs_rad: FloatArray) -> Agreement:
    """Compare two curves sampled at the same times, (n,) each."""
    error = ours_rad - theirs_rad
    return Agreement(
        r=float(np.corrcoef(ours_rad, theirs_rad)[0, 1]),
        rmse_rad=rms(error),
        rmse_offset_removed_rad=rms(error - error.mean()),
        bias_rad=float(error.mean()),
    )


def rms(values: FloatArray) -> float:
    """Root of the mean square."""
    return float(np.sqrt((values**2).mean()))


def orientation_errors(
    ours_wxyz: FloatArray, optical_wxyz: FloatArray, movement: BoolArray
) -> OrientationErrors:
    """Score an orientation by the rule of the BROAD benchmark.

    The error quaternion in the earth frame is e = ours · optical⁻¹; total error
    2 arccos |e_w|, heading error 2 arctan |e_z / e_w|, inclination error
    2 arccos √(e_w² + e_z²); RMSE over the samples with movement and optical data (Laidig,
    Caruso, Cereatti & Seel 2021, Data 6(7):72). A heading that nobody measured is free: the
    constant turn about the vertical that makes the mean squared cosine of half the total error
    largest is taken away first. It leaves the inclination as it is.

    Parameters
    ----------
    ours_wxyz, optical_wxyz : (n, 4)
        Sensor → earth, z up; NaN where the cameras saw nothing.
    movement : (n,) bool
    """
    used = movement & np.isfinite(optical_wxyz).all(axis=1)
    optical = optical_wxyz[used] / np.linalg.norm(optical_wxyz[used], axis=1)[:, None]
    error = quaternion.multiply(ours_wxyz[used], quaternion.conjugate(optical))
    w, z = _without_heading_offset(error[:, 0], error[:, 3])
    return OrientationErrors(
        total_rad=rms(2 * np.arccos(np.clip(np.abs(w), 0, 1))),
        heading_rad=rms(2 * np.arctan2(np.abs(z), np.abs(w))),
        inclination_rad=rms(2 * np.arccos(np.clip(np.hypot(w, z), 0, 1))),
    )


def _without_heading_offset(w: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Turn about the vertical by the constant angle that makes Σ w² largest."""
    half = 0.5 * np.arctan2(2 * (w * z).sum(), (w**2 - z**2).sum())
    cos, sin = np.cos(half), np.sin(half)
    return w * cos + z * sin, z * cos - w * sin


def pooled(scores: Sequence[Sequence[tuple[Counts, Pairs]]]) -> tuple[Counts, tuple[Pairs, ...]]:
    """Pool the legs of several sessions."""
    every = tuple(chain.from_iterable(scores))
    return added([counts for counts, _ in every]), tuple(pairs for _, pairs in every)
