"""Durability finds the moment a peak leaves, and says nothing where it did not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from hipimu.data import Bout, Durability, FloatArray, Pace, Stride
from hipimu.strength.columns import run_of
from hipimu.strength.endurance import durability, endurance
from hipimu.units import rad_from_deg
from tests.unit.fatigue.sessions import Design, session
from tests.unit.strides import STRIDE_S, stride

DEG = rad_from_deg(1.0)
COUNT = 1200
LONG = Bout(0, "other", "none", 0.0, 3000.0, None)


def steady(peak_rad: FloatArray, pace: Pace = "other") -> list[Stride]:
    count = len(peak_rad)
    return [
        stride(
            i * STRIDE_S,
            stride=i,
            pace=pace,
            bout=0,
            moving_fraction=i / count,
            peak_flexion_rad=float(peak),
        )
        for i, peak in enumerate(peak_rad)
    ]


def noise(seed: int, sd_deg: float = 1.0, count: int = COUNT) -> FloatArray:
    return 0.7 + np.random.default_rng(seed).normal(0.0, sd_deg * DEG, count)


def found(strides: list[Stride], **given: float) -> Durability:
    run = run_of(strides, (LONG,), ["right"])
    detectable = {("right", "peak_flexion"): given["rad"]} if given else {}
    return durability(run, detectable)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("at", [300, 650, 1000])
@pytest.mark.parametrize("step_deg", [-4.0, 4.0])
def test_a_step_is_found_at_its_moment(at: int, step_deg: float) -> None:
    peak = noise(1) + step_deg * DEG * (np.arange(COUNT) >= at)
    left = found(steady(peak))
    assert left.left_at_s == pytest.approx(at * STRIDE_S, abs=15 * STRIDE_S)
    assert left.moving_s == pytest.approx(left.left_at_s, rel=0.01)
    assert left.baseline_rad == pytest.approx(0.7, abs=0.5 * DEG)
    assert left.reasons == ()


def test_a_slow_loss_is_found_when_it_exceeds_the_detectable_change() -> None:
    peak = noise(2, 0.5) - 5 * DEG * np.arange(COUNT) / COUNT
    left = found(steady(peak), rad=2 * DEG)
    expected = (50 + (2 / 5) * COUNT) * STRIDE_S  # the baseline is that of stride 50
    assert left.threshold_rad is not None
    assert left.threshold_rad >= 2 * DEG
    if left.threshold_rad == pytest.approx(2 * DEG):
        assert left.left_at_s == pytest.approx(expected, abs=40 * STRIDE_S)


def test_it_is_censored_where_nothing_changes() -> None:
    kept = found(steady(noise(3)))
    assert kept.left_at_s is None
    assert kept.moving_s == pytest.approx(COUNT * STRIDE_S)
    assert kept.threshold_rad is not None
    assert kept.reasons == ()


def in_bouts(seed: int, bout_sd_deg: float, step_deg: float = 0.0) -> Durability:
    """Eight bouts of 150 strides; the step comes with the fifth."""
    offset = np.random.default_rng(seed).normal(0.0, bout_sd_deg * DEG, 8)
    offset[4:] += step_deg * DEG
    peak = noise(seed) + np.repeat(offset, 150)
    strides = [s._replace(bout=i // 150, pace="easy") for i, s in enumerate(steady(peak))]
    bouts = tuple(replace(LONG, bout=i) for i in range(8))
    return durability(run_of(strides, bouts, ["right"]), {})[0]


def test_whole_bouts_that_scatter_seldom_leave() -> None:
    left = [in_bouts(seed, 0.7).left_at_s is not None for seed in range(60)]
    assert np.mean(left) <= 0.1


def test_a_steady_run_that_wanders_for_a_minute_seldom_leaves() -> None:
    left = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        memory = np.exp(-STRIDE_S / 60)
        shocks = random.normal(0.0, 0.5 * DEG * np.sqrt(1 - memory**2), COUNT + 500)
        wander = lfilter([1.0], [1.0, -memory], shocks)[500:]
        left.append(found(steady(noise(seed) + wander)).left_at_s is not None)
    assert np.mean(left) <= 0.15


def test_a_step_stands_out_of_bouts_that_scatter() -> None:
    for seed in range(5):
        left = in_bouts(seed, 0.3, -5.0).left_at_s
        assert left == pytest.approx(600 * STRIDE_S, abs=15 * STRIDE_S)


def test_away_for_99_strides_is_not_away() -> None:
    for length, left in ((95, False), (130, True)):
        there = (np.arange(COUNT) >= 600) & (np.arange(COUNT) < 600 + length)
        assert (found(steady(noise(4, 0.3) + 4 * DEG * there)).left_at_s is not None) is left


def test_to_and_fro_is_not_one_way() -> None:
    swinging = 4 * DEG * np.sign(np.sin(np.arange(COUNT) * np.pi / 80))
    swinging[:200] = 0.0
    assert found(steady(noise(5, 0.3) + swinging), rad=2 * DEG).left_at_s is None


@pytest.mark.parametrize(
    ("count", "why"),
    [
        (0, "it has no strides, 100 are needed for a baseline"),
        (99, "it has 99 strides, 100 are needed for a baseline"),
        (100, "it has no strides after the baseline, 100 are needed"),
        (180, "it has 80 strides after the baseline, 100 are needed"),
    ],
)
def test_too_few_strides_are_said(count: int, why: str) -> None:
    missing = found(steady(noise(6, count=count)))
    assert missing.reasons == (why,)
    assert missing.left_at_s is missing.moving_s is missing.baseline_rad is None


@settings(max_examples=30, deadline=None)
@given(st.floats(-1.0, 1.0), st.integers(0, 100))
def test_a_wrong_neutral_moves_no_moment(offset: float, seed: int) -> None:
    peak = noise(seed) - 4 * DEG * (np.arange(COUNT) >= 700)
    one, other = found(steady(peak)), found(steady(peak + offset))
    assert one.left_at_s == other.left_at_s


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0, 0.0])
def test_a_detectable_change_that_is_none_is_told_from_the_strides(bad: float) -> None:
    strides = steady(noise(7))
    assert found(strides, rad=bad).threshold_rad == found(strides).threshold_rad


def test_endurance_is_the_change_at_easy_pace() -> None:
    strides, bouts = session(Design(delta_easy_rad=-0.04, delta_fast_rad=-0.2, noise_rad=0.01))
    said = endurance(run_of(strides, bouts, ["right"]))
    assert [(m.name, m.side, m.pace) for m in said.measures] == [
        ("delta_peak_flexion", "right", "easy"),
        ("delta_peak_extension", "right", "easy"),
    ]
    assert said.headline.delta == pytest.approx(-0.04, abs=0.01)


def test_a_steady_run_is_cut_into_pieces_and_says_so() -> None:
    peak = noise(8) - 4 * DEG * np.arange(COUNT) / COUNT
    said = endurance(run_of(steady(peak), (LONG,), ["right"])).headline
    assert said.pace == "other"
    assert said.delta == pytest.approx(-4 * DEG, abs=1.5 * DEG)
    assert said.caveats == (
        "it rests on pieces of one bout, which resemble each other: the interval may be too narrow",
    )
