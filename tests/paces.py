"""Made-up runs: how fast somebody ran, what a watch made of it, and when the strides came."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.signal import lfilter

from hipimu.data import Activity, FloatArray, PelvisRhythm, SpeedTrack, Stride, WatchLap
from tests.unit.strides import STRIDE_S, strides_at

Part = tuple[float, float]
"""Duration in seconds and speed in m/s."""

INTERVALS: tuple[Part, ...] = ((120.0, 3.0), (60.0, 5.0)) * 6


def speeds(parts: Sequence[Part]) -> FloatArray:
    """True speed every second, (n,)."""
    pieces = [np.full(round(duration), speed) for duration, speed in parts]
    return np.concatenate([np.empty(0), *pieces])


def strides_over(duration_s: float, first_s: float = 0.0, **changes: object) -> list[Stride]:
    """Strides of both legs, evenly over the time."""
    times = np.arange(first_s + 0.5, first_s + duration_s, STRIDE_S)
    late = times[:-1] + 0.5 * STRIDE_S
    return [*strides_at(times, "left", **changes), *strides_at(late, "right", **changes)]


def wandering(n: int, sd: float, memory_s: float, rng: np.random.Generator) -> FloatArray:
    """Noise that forgets itself in `memory_s` seconds, (n,)."""
    keep = np.exp(-1.0 / memory_s)
    begin = int(6 * memory_s)
    shocks = rng.normal(0.0, sd * np.sqrt(1 - keep**2), n + begin)
    return np.asarray(lfilter([1.0], [1.0, -keep], shocks)[begin:])


def satellite_watch(
    speed: FloatArray, rng: np.random.Generator, wander: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Times and speeds as a watch writes them.

    2 % white noise, 5 s smoothing that lags, whole seconds, dropouts of up to 25 s; `wander` adds
    errors that last for 20 s.
    """
    n = len(speed)
    noisy = speed * (1 + rng.normal(0.0, 0.02, n) + wandering(n, wander, 20.0, rng))
    smooth = np.convolve(np.concatenate((np.full(4, noisy[0]), noisy)), np.ones(5) / 5, "valid")
    kept = np.ones(n, dtype=np.bool_)
    for start in rng.integers(0, n, n // 400):
        kept[start : start + rng.integers(2, 26)] = False
    written = np.asarray(np.round(smooth[kept], 3), dtype=np.float64)
    return np.arange(n, dtype=np.float64)[kept], written


def track(parts: Sequence[Part]) -> SpeedTrack:
    """Speed without any error."""
    speed = speeds(parts)
    return SpeedTrack(np.arange(len(speed), dtype=np.float64), speed)


def watch_file(
    parts: Sequence[Part], laps: Sequence[WatchLap] = (), **series: FloatArray
) -> Activity:
    """What a watch without any error recorded of a run; `series` replaces its columns."""
    speed = speeds(parts)
    unknown = np.full(len(speed), np.nan)
    return Activity(
        name="run.fit",
        started_at=None,
        t_s=series.get("t_s", np.arange(len(speed), dtype=np.float64)),
        speed_m_s=series.get("speed_m_s", speed),
        grade=series.get("grade", unknown),
        heart_rate_bpm=series.get("heart_rate_bpm", unknown),
        cadence_spm=series.get("cadence_spm", unknown),
        laps=tuple(laps),
    )


def rhythm_of(
    speed: FloatArray,
    rng: np.random.Generator | None = None,
    step_power: float = 0.12,
    bounce_power: float = 0.4,
) -> PelvisRhythm:
    """Rhythm of a runner in whom step rate and bounce go with powers of speed; noisy with `rng`."""
    n = len(speed)
    step_rate = np.asarray(2.75 * (speed / 3.0) ** step_power, dtype=np.float64)
    bounce = np.asarray(9.0 * (speed / 3.0) ** bounce_power, dtype=np.float64)
    if rng is not None:
        step_rate *= 1 + wandering(n, 0.01, 4.0, rng) + wandering(n, 0.005, 200.0, rng)
        bounce *= 1 + wandering(n, 0.02, 4.0, rng) + wandering(n, 0.015, 200.0, rng)
    t_s = np.arange(n, dtype=np.float64) + 0.5
    return PelvisRhythm(t_s, step_rate, bounce)
