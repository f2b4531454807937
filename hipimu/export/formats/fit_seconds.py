"""A run second by second and lap by lap, as a watch would tell it; no file format yet.

A moment of the file is a whole second of UTC; what stands at it is of the second that ends there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Final

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    Bout,
    FatigueEstimate,
    FloatArray,
    Outcome,
    Session,
    Side,
    Stride,
)
from hipimu.export.formats.noun import Conversion
from hipimu.pipeline.lap_fatigue import fatigue_until
from hipimu.units import deg_from_rad

Peak = tuple[Side, Outcome]
PEAKS: Final[tuple[Peak, ...]] = tuple((side, outcome) for outcome in OUTCOMES for side in SIDES)
_FAR_S: Final = 5.0
"""What was measured so long ago is not known now."""
_CADENCE_S: Final = 3.0
_SPEED_KNOWN: Final = 0.95
"""of the seconds: with less, a distance would be a guess."""
_SHORT_PAUSE_S: Final = 2.0
"""between laps: less belongs to the lap before."""


@dataclass(frozen=True, slots=True, eq=False)
class Seconds:
    """What is known at each second, (n,) each, NaN where it is not."""

    utc_s: tuple[int, ...]
    """Seconds since 1970."""
    speed_m_s: FloatArray
    distance_m: FloatArray
    cadence_spm: FloatArray
    """Steps, not strides, per minute."""
    heart_rate_bpm: FloatArray
    peak_deg: Mapping[Peak, FloatArray]
    """Median of the peaks of usable strides."""

    def mean(self, values: FloatArray, start_s: int, end_s: int) -> float | None:
        """Return the mean of what is known after one moment and up to another."""
        first = self.utc_s[0]
        part = values[max(start_s - first + 1, 0) : max(end_s - first + 1, 0)]
        known = part[np.isfinite(part)]
        return float(known.mean()) if len(known) else None

    def way_m(self, start_s: int, end_s: int) -> float | None:
        """Return the distance between two moments, where it is known."""
        first, last = self.utc_s[0], len(self.utc_s) - 1
        ends = self.distance_m[[min(max(s - first, 0), last) for s in (start_s, end_s)]]
        return float(ends[1] - ends[0]) if np.isfinite(ends).all() else None


@dataclass(frozen=True, slots=True, eq=False)
class RunLap:
    """A bout, or what lies between two of them."""

    start_s: int
    """Seconds since 1970."""
    end_s: int
    bout: Bout | None = None
    peak_deg: Mapping[Peak, float] | None = None
    """Medians of the bout's usable strides."""
    rfi_deg: Mapping[Peak, float] | None = None
    """As if the run had ended here; only what can be estimated."""


def seconds_of(conversion: Conversion, start: datetime) -> Seconds:
    """Return the run second by second.

    Parameters
    ----------
    conversion : Conversion
    start : datetime
        What time it was at 0 on the recording's clock.
    """
    motion, session = conversion.motion, conversion.session
    zero = start.timestamp()
    first = math.floor(zero + float(motion.t_s[0]))
    last = math.ceil(zero + float(motion.t_s[-1]))
    utc = np.arange(first, max(last, first + 1) + 1)
    t_s = np.asarray(utc - zero, dtype=np.float64)
    speed = _speed(conversion, t_s)
    strides = sorted(session.strides, key=lambda stride: stride.t_peak_flexion_s)
    return Seconds(
        tuple(utc.tolist()),
        speed,
        _distance(speed),
        _cadence(strides, t_s),
        _heart_rate(conversion, t_s),
        {peak: _peaks(strides, peak, t_s) for peak in PEAKS},
    )


def laps_of(session: Session, start: datetime, seconds: Seconds) -> tuple[RunLap, ...]:
    """Return laps without holes between them: bouts, and what lies between."""
    zero = start.timestamp()
    begin, end = seconds.utc_s[0], seconds.utc_s[-1]
    laps: list[RunLap] = []
    at = begin
    for bout in session.bouts:
        own = (round(zero + bout.start_s), min(round(zero + bout.end_s), end))
        bout_start = max(own[0], at)
        if own[1] <= bout_start:
            continue
        if bout_start - at > _SHORT_PAUSE_S or (not laps and bout_start > at):
            laps.append(RunLap(at, bout_start))
        elif laps:
            laps[-1] = replace(laps[-1], end_s=bout_start)
        laps.append(_bout_lap(session, bout, bout_start, own[1]))
        at = own[1]
    if end - at > _SHORT_PAUSE_S or not laps:
        laps.append(RunLap(at, end))
    else:
        laps[-1] = replace(laps[-1], end_s=end)
    return tuple(laps)


def rfi_of(estimates: Iterable[FatigueEstimate]) -> dict[Peak, float]:
    """Return the RFI in degrees where it can be estimated."""
    return {
        (e.side, e.outcome): deg_from_rad(e.rfi_rad) for e in estimates if e.rfi_rad is not None
    }


def _bout_lap(session: Session, bout: Bout, start_s: int, end_s: int) -> RunLap:
    own = [s for s in session.strides if s.bout == bout.bout and s.usable()]
    peaks: dict[Peak, list[float]] = defaultdict(list)
    for stride in own:
        for outcome in OUTCOMES:
            peaks[stride.side, outcome].append(_peak_deg(stride, outcome))
    return RunLap(
        start_s,
        end_s,
        bout,
        {peak: median(values) for peak, values in peaks.items()},
        rfi_of(fatigue_until(session, bout.end_s)),
    )


def _peak_deg(stride: Stride, outcome: Outcome) -> float:
    flexion = outcome == "peak_flexion"
    return deg_from_rad(stride.peak_flexion_rad if flexion else stride.peak_extension_rad)


def _peaks(strides: Iterable[Stride], peak: Peak, t_s: FloatArray) -> FloatArray:
    side, outcome = peak
    found: dict[int, list[float]] = defaultdict(list)
    for stride in strides:
        if stride.side == side and stride.usable():
            flexion = outcome == "peak_flexion"
            when = stride.t_peak_flexion_s if flexion else stride.t_peak_extension_s
            found[int(np.searchsorted(t_s, when))].append(_peak_deg(stride, outcome))
    values = np.full(len(t_s), np.nan)
    for second, own in found.items():
        if second < len(values):
            values[second] = median(own)
    return values


def _cadence(strides: Iterable[Stride], t_s: FloatArray) -> FloatArray:
    """Return the median over the last three seconds, in which there are at least two strides."""
    known = [(s.t_peak_flexion_s, 120.0 / s.stride_time_s) for s in strides if s.stride_time_s]
    when, cadence = np.array(known, dtype=np.float64).reshape(-1, 2).T
    stop = np.searchsorted(when, t_s, side="right")
    begin = np.searchsorted(when, t_s - _CADENCE_S, side="right")
    return np.array(
        [np.median(cadence[a:b]) if b > a else np.nan for a, b in zip(begin, stop, strict=True)]
    )


def _speed(conversion: Conversion, t_s: FloatArray) -> FloatArray:
    """Return the speed from beside the recording, or a watch's."""
    track = conversion.recording.speed
    if track is not None:
        return _at(track.t_s, track.speed_m_s, t_s)
    return _of_watch(conversion, "speed_m_s", t_s)


def _heart_rate(conversion: Conversion, t_s: FloatArray) -> FloatArray:
    strap = conversion.heart_rate
    if strap is not None:
        return _at(*strap, t_s)
    return _of_watch(conversion, "heart_rate_bpm", t_s)


def _of_watch(conversion: Conversion, name: str, t_s: FloatArray) -> FloatArray:
    activity, watch = conversion.recording.activity, conversion.session.watch
    if activity is None or watch is None:
        return np.full(len(t_s), np.nan)
    return _at(activity.t_s + watch.offset_s, getattr(activity, name), t_s)


def _at(known_s: FloatArray, values: FloatArray, t_s: FloatArray) -> FloatArray:
    """Interpolate, but not far from what is known."""
    there = np.isfinite(values)
    known_s, values = known_s[there], values[there]
    if not len(known_s):
        return np.full(len(t_s), np.nan)
    after = np.searchsorted(known_s, t_s).clip(0, len(known_s) - 1)
    nearest = np.minimum(
        np.abs(known_s[after] - t_s), np.abs(known_s[np.maximum(after - 1, 0)] - t_s)
    )
    return np.where(nearest <= _FAR_S, np.interp(t_s, known_s, values), np.nan)


def _distance(speed_m_s: FloatArray) -> FloatArray:
    known = np.isfinite(speed_m_s)
    if known.mean() < _SPEED_KNOWN:
        return np.full(len(speed_m_s), np.nan)
    speed = np.where(known, speed_m_s, 0.0)
    steps = 0.5 * (speed[1:] + speed[:-1])
    return np.concatenate(([0.0], np.cumsum(steps)))
