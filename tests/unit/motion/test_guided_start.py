"""What a runner did so far, and what comes next."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import Segment
from hipimu.motion.guided_start import STAND_S, WALK_S, RawSamples, progress, watch
from hipimu.sources.simulate import Plan
from hipimu.sources.simulate.plan import PlannedBout
from tests.simulated import simulation

STOOD, LIFTED, WALKED = 6.0, 13.0, 25.0
Heard = dict[str, RawSamples]


@cache
def guided() -> dict[Segment, RawSamples]:
    """Standing, the left knee twice (highest at 8.5 and 10.5 s), walking."""
    bouts = (
        PlannedBout(pace="stand", duration_s=STOOD),
        PlannedBout(pace="knee_lifts", duration_s=LIFTED - STOOD),
        PlannedBout(pace="walk", duration_s=WALKED - LIFTED, speed_m_s=1.4),
    )
    return dict(simulation(Plan(seed=4, rate_hz=100.0, warm_up=bouts[:2], bouts=bouts[2:])).samples)


def heard(until_s: float, *segments: Segment) -> Heard:
    samples = {s: guided()[s] for s in segments or ("pelvis", "thigh_left", "thigh_right")}
    cut = {}
    for segment, (t_s, gyr, acc) in samples.items():
        early = t_s < until_s
        cut[f"sensor on {segment}"] = (t_s[early], gyr[early], acc[early])
    return cut


def test_the_steps_are_done_one_after_the_other() -> None:
    steps = [progress(heard(until)).next for until in np.arange(1.0, WALKED, 0.5)]

    assert steps == sorted(steps, key=("stand", "lift", "walk", "done").index)
    when = {step: 1.0 + 0.5 * steps.index(step) for step in steps}
    assert when["lift"] == pytest.approx(STAND_S, abs=0.5)
    assert when["walk"] == pytest.approx(11.0, abs=0.6)
    assert when["done"] == pytest.approx(LIFTED + WALK_S, abs=1.5)


def test_how_far_each_step_has_come_is_said() -> None:
    whole = progress(heard(WALKED))

    assert progress(heard(2.5)).stood_s == pytest.approx(2.5, abs=0.3)
    assert progress(heard(10.0)).lifts == 1
    assert whole.stood_s == pytest.approx(7.8, abs=0.6)
    assert whole.lifts == 2
    assert whole.walked_s == pytest.approx(WALKED - LIFTED, abs=2.0)


def test_of_two_sensors_the_right_thigh_never_rises_and_walking_completes_the_start() -> None:
    assert progress(heard(17.0, "pelvis", "thigh_right")).next == "lift"
    assert progress(heard(WALKED, "pelvis", "thigh_right")).next == "done"


def test_of_two_sensors_the_left_thigh_is_seen_to_rise() -> None:
    """Seen a little later, when it is sure that no gait goes on."""
    bouts = (
        PlannedBout(pace="stand", duration_s=STOOD),
        PlannedBout(pace="knee_lifts", duration_s=LIFTED - STOOD),
        PlannedBout(pace="stand", duration_s=4.0),
    )
    samples = simulation(Plan(seed=4, rate_hz=100.0, warm_up=bouts[:2], bouts=bouts[2:])).samples
    two: Heard = {s: samples[s] for s in ("pelvis", "thigh_left")}
    assert progress(two).next == "walk"


def test_a_sensor_on_the_table_holds_up_nothing() -> None:
    t_s = guided()["pelvis"][0]
    lying = (t_s, np.zeros((len(t_s), 3)), np.tile([0.0, 0.0, 9.81], (len(t_s), 1)))

    assert progress(heard(WALKED) | {"spare": lying}).next == "done"
    assert "spare" not in watch(heard(WALKED) | {"spare": lying}).worn


def test_samples_that_are_missing_are_no_standing() -> None:
    gappy = heard(STOOD)
    t_s, gyr, acc = gappy["sensor on pelvis"]
    there = np.mod(t_s, 1.5) < 0.75
    gappy["sensor on pelvis"] = (t_s[there], gyr[there], acc[there])

    assert progress(gappy).next == "stand"


def test_without_samples_the_runner_is_to_stand() -> None:
    none = (np.empty(0), np.empty((0, 3)), np.empty((0, 3)))

    assert progress({}).next == "stand"
    assert progress({"a": none, "b": none}).next == "stand"


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 300), min_size=1, max_size=4))
def test_whatever_sensors_say_something_is_answered(seed: int, counts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.uniform(-3, 2)
    noise = {
        f"{i}": (
            rng.uniform(-5, 5) + np.cumsum(rng.uniform(0.001, 0.2, count)),
            rng.normal(0, size, (count, 3)),
            rng.normal(0, 10 * size, (count, 3)),
        )
        for i, count in enumerate(counts)
    }
    assert progress(noise).lifts in (0, 1, 2)
