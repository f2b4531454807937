"""Relative phase of signals whose phase is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from hipimu.data import FloatArray, HipMotion, IntArray
from hipimu.strength.columns import StrideColumns, run_of
from hipimu.strength.phase import mean_phase_rad, phase_deviation_rad, stride_phases
from tests.unit.strength import pendulum

RATE_HZ = 100.0
TURN = 2 * np.pi


def columns() -> StrideColumns:
    return run_of(pendulum.strides(first=5, last=35), pendulum.BOUTS, ["right"]).sides["right"]


def tilting(ahead_rad: float, jitter: FloatArray | None = None, **more: float) -> HipMotion:
    """A pelvis that rocks twice a stride, `ahead_rad` before twice the thigh's phase."""
    t_s = np.arange(0.0, pendulum.SWINGS * pendulum.PERIOD_S, 1 / RATE_HZ)
    cycle = t_s / pendulum.PERIOD_S
    thigh = 0.3 - 0.6 * np.cos(TURN * cycle)
    late = np.zeros(len(t_s)) if jitter is None else np.interp(cycle, np.arange(41), jitter)
    tilt = more.get("mean", 0.1) + 0.04 * np.cos(2 * (TURN * cycle - np.pi) + ahead_rad + late)
    return pendulum.of_series(thigh, RATE_HZ, tilt=tilt)


def means(motion: HipMotion) -> FloatArray:
    return mean_phase_rad(stride_phases(columns(), motion))


def wrapped(angle: float) -> float:
    return float(np.angle(np.exp(1j * angle)))


@settings(max_examples=30, deadline=None)
@given(st.floats(-3.1, 3.1), st.floats(-0.5, 0.5))
def test_the_phase_is_found_whatever_the_mean_tilt(ahead: float, mean: float) -> None:
    found = means(tilting(ahead, mean=mean))
    assert np.isfinite(found).all()
    assert max(abs(wrapped(f - ahead)) for f in found) < 0.02


def test_it_does_not_jump_at_half_a_turn() -> None:
    jitter = np.random.default_rng(1).normal(0.0, 0.2, 41)
    found = means(tilting(np.pi, jitter))
    assert np.ptp(found) < 2.0


def test_size_does_not_matter() -> None:
    motion = tilting(0.6)
    larger = replace(motion, thigh_rad=3 * motion.thigh_rad, pelvis_tilt_rad=motion.pelvis_tilt_rad)
    assert_allclose(means(larger), means(motion), atol=1e-9)


def deviation(sd: float, seed: int = 2) -> float:
    jitter = np.random.default_rng(seed).normal(0.0, sd, 41)
    phases = stride_phases(columns(), tilting(0.5, jitter))
    unit: IntArray = np.zeros(len(phases), dtype=np.int64)
    return float(phase_deviation_rad(phases, unit).mean())


def test_unsteady_timing_is_told_by_its_size() -> None:
    steady, little, much = deviation(0.0), deviation(0.1), deviation(0.4)
    assert steady < 0.01
    assert 0.03 < little < 0.15
    assert much == pytest.approx(4 * little, rel=0.3)


def test_each_bout_is_compared_with_itself() -> None:
    """A phase that differs from bout to bout is no unsteadiness."""
    jitter = np.where(np.arange(41) < 20, 0.0, 1.0)
    phases = stride_phases(columns(), tilting(0.0, jitter))
    halves = (np.arange(len(phases)) >= 14).astype(np.int64)
    kept = np.delete(np.arange(len(phases)), [13, 14, 15])
    apart = phase_deviation_rad(phases[kept], halves[kept]).mean()
    together = phase_deviation_rad(phases[kept], np.zeros(len(kept), dtype=np.int64)).mean()
    assert apart < 0.1 < 0.4 < together


def test_strides_without_a_beginning_or_samples_have_no_phase() -> None:
    motion = tilting(0.5)
    holed = motion.pelvis_tilt_rad.copy()
    holed[700] = np.nan  # stride 10 ends at 7.35 s
    found = means(replace(motion, pelvis_tilt_rad=holed))
    assert_allclose(columns().t_peak_flexion_s[np.isnan(found)], [10.5 * pendulum.PERIOD_S])
    none = replace(columns(), stride_time_s=np.full(30, np.nan))
    assert np.isnan(mean_phase_rad(stride_phases(none, motion))).all()
    assert np.isnan(mean_phase_rad(stride_phases(columns(), None))).all()
    alone = phase_deviation_rad(stride_phases(columns(), motion)[:1], np.zeros(1, dtype=np.int64))
    assert np.isnan(alone).all()
