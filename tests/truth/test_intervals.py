"""Do 95 % intervals contain the truth 95 times in 100? Asked of simulated stride series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.signal import lfilter

from hipimu.data import Bout, Pace, Stride
from hipimu.fatigue import estimate_fatigue
from tests.truth.compare import DEGREE
from tests.unit.strides import stride

RUNS = 300
EASY_DEG, FAST_DEG = -1.0, -3.0


@dataclass(frozen=True)
class Series:
    """Standard deviations in degrees."""

    bouts: int
    strides: int
    bout_sd: float
    stride_sd: float
    memory: float


def session(
    series: Series, rng: np.random.Generator, change_deg: dict[Pace, float]
) -> tuple[list[Stride], list[Bout]]:
    """Easy and fast bouts in turns; peaks with a change, bout offsets and serial correlation."""
    strides, bouts = [], []
    for number in range(2 * series.bouts):
        pace: Pace = "easy" if number % 2 == 0 else "fast"
        bouts.append(Bout(number, pace, "laps", 60.0 * number, 60.0 * number + 60.0, None))
        tau = (number + np.linspace(0, 1, series.strides)) / (2 * series.bouts)
        shocks = rng.normal(0, series.stride_sd * np.sqrt(1 - series.memory**2), len(tau) + 100)
        noise = lfilter([1], [1, -series.memory], shocks)[100:]
        peak = 45.0 + change_deg[pace] * tau + rng.normal(0, series.bout_sd) + noise
        strides += [
            stride(
                60.0 * (number + share),
                pace=pace,
                bout=number,
                moving_fraction=float(t),
                peak_flexion_rad=float(value * DEGREE),
            )
            for t, value, share in zip(tau, peak, np.linspace(0, 0.99, len(tau)), strict=True)
        ]
    return strides, bouts


def coverage(series: Series, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    inside = {"easy": 0, "fast": 0, "rfi": 0}
    for _ in range(RUNS):
        strides, bouts = session(series, rng, {"easy": EASY_DEG, "fast": FAST_DEG})
        flexion, _ = estimate_fatigue(strides, bouts, ["right"])
        for name, interval, true in (
            ("easy", flexion.delta_easy_ci95_rad, EASY_DEG),
            ("fast", flexion.delta_fast_ci95_rad, FAST_DEG),
            ("rfi", flexion.rfi_ci95_rad, EASY_DEG - FAST_DEG),
        ):
            assert interval is not None
            inside[name] += interval[0] <= true * DEGREE <= interval[1]
    return {name: count / RUNS for name, count in inside.items()}


@pytest.mark.parametrize(
    "series",
    [
        Series(bouts=6, strides=60, bout_sd=0.5, stride_sd=1.6, memory=0.6),
        Series(bouts=4, strides=60, bout_sd=0.0, stride_sd=1.6, memory=0.8),
        Series(bouts=10, strides=30, bout_sd=1.0, stride_sd=2.0, memory=0.3),
    ],
)
def test_intervals_contain_the_truth_as_often_as_they_say(series: Series) -> None:
    for name, share in coverage(series, seed=1).items():
        # 300 runs: two standard errors are 2.5 %
        assert 0.92 <= share <= 0.985, name


def test_three_bouts_are_wide_rather_than_wrong() -> None:
    series = Series(bouts=3, strides=60, bout_sd=0.5, stride_sd=1.6, memory=0.6)
    assert min(coverage(series, seed=2).values()) >= 0.95


def test_no_change_is_rarely_called_one() -> None:
    rng = np.random.default_rng(3)
    series = Series(bouts=6, strides=60, bout_sd=0.5, stride_sd=1.6, memory=0.6)
    verdicts = []
    for _ in range(RUNS):
        strides, bouts = session(series, rng, {"easy": -2.0, "fast": -2.0})
        verdicts.append(estimate_fatigue(strides, bouts, ["right"])[0].verdict)
    assert verdicts.count("no_evidence") >= 0.93 * RUNS
