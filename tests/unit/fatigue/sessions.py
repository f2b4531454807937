"""Interval sessions as strides and bouts, with changes that are known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hipimu.data import Bout, FloatArray, Outcome, Pace, PaceSource, Side, Stride
from tests.unit.strides import STRIDE_S, stride

LEVEL_RAD: dict[Pace, float] = {"easy": 0.65, "fast": 0.90, "other": 0.4}


@dataclass(frozen=True, slots=True)
class Design:
    """Bouts alternate between easy and fast; each holds `per_bout` strides."""

    delta_easy_rad: float = 0.0
    delta_fast_rad: float = 0.0
    outcome: Outcome = "peak_flexion"
    bouts_each: int = 4
    per_bout: int = 60
    bout_s: float = 60.0
    noise_rad: float = 0.0
    bout_rad: float = 0.0
    seed: int = 0
    side: Side = "right"
    speed_effect_rad_s_m: float = 0.0
    speed: bool = False
    source: PaceSource = "laps"


def session(design: Design) -> tuple[list[Stride], list[Bout]]:
    """Strides over τ from 0 to 1, and their bouts."""
    random = np.random.default_rng(design.seed)
    total = 2 * design.bouts_each * design.per_bout
    strides: list[Stride] = []
    bouts: list[Bout] = []
    for number in range(2 * design.bouts_each):
        pace: Pace = "fast" if number % 2 else "easy"
        delta = design.delta_fast_rad if pace == "fast" else design.delta_easy_rad
        start = number * (design.bout_s + 10.0)
        bouts.append(Bout(number, pace, design.source, start, start + design.bout_s, None, pace))
        tau = (number * design.per_bout + np.arange(design.per_bout)) / (total - 1)
        speed = (5.0 if pace == "fast" else 3.0) + random.normal(0.0, 0.3, design.per_bout)
        peak = LEVEL_RAD[pace] + delta * tau + random.normal(0.0, design.bout_rad)
        peak = peak + random.normal(0.0, design.noise_rad, design.per_bout)
        peak = peak + design.speed_effect_rad_s_m * (speed - (5.0 if pace == "fast" else 3.0))
        strides += _bout(design, pace, number, start, (tau, peak, speed))
    return strides, bouts


def _bout(
    design: Design,
    pace: Pace,
    number: int,
    start_s: float,
    columns: tuple[FloatArray, FloatArray, FloatArray],
) -> list[Stride]:
    return [
        stride(
            start_s + i * STRIDE_S,
            side=design.side,
            pace=pace,
            bout=number,
            moving_fraction=tau,
            speed_m_s=speed if design.speed else None,
            **{f"{design.outcome}_rad": peak},
        )
        for i, (tau, peak, speed) in enumerate(zip(*(c.tolist() for c in columns), strict=True))
    ]
