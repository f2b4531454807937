"""What is worked out beside the readout: a baseline that is known stays."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from hipimu.data import SIDES, Lap, SpeedTrack
from hipimu.pipeline.so_far import Evidence, SoFar, Thinker
from tests.unit.strides import stride

SPEED = SpeedTrack(np.arange(0.0, 900.0), np.where(np.arange(900) // 100 % 2, 5.0, 3.0))


def evidence(until_s: float, laps: tuple[Lap, ...] = (), flexion_rad: float = 0.8) -> Evidence:
    strides = [
        stride(t, side=side, stride=n, peak_flexion_rad=flexion_rad)
        for side in SIDES
        for n, t in enumerate(np.arange(1.0, until_s, 0.7).tolist())
    ]
    return Evidence(strides, laps, SPEED, SIDES)


def waited(thinker: Thinker, done: Callable[[SoFar], bool]) -> SoFar:
    until = time.monotonic() + 20.0
    while not done(thinker.latest):
        assert time.monotonic() < until, thinker.failure
        time.sleep(0.01)
    return thinker.latest


def values(found: SoFar) -> set[float]:
    return {
        round(b.value_rad, 3)
        for b in found.baselines
        if b.value_rad is not None and b.outcome == "peak_flexion"
    }


def thought_twice(laps: tuple[Lap, ...]) -> tuple[SoFar, SoFar]:
    """The second time every stride is said to have been another."""
    given = [evidence(600.0, laps)]
    thinker = Thinker(lambda: given[0])
    first = waited(thinker, lambda found: found.strides > 0)
    given[0] = evidence(610.0, laps, flexion_rad=0.9)
    thinker.hurry()
    second = waited(thinker, lambda found: found.strides > first.strides)
    thinker.close()
    return first, second


def test_a_foot_pods_baseline_stays_once_it_is_known() -> None:
    first, second = thought_twice(())
    assert values(first) == {0.8}
    assert values(second) == {0.8}


def test_with_buttons_what_is_taken_back_counts() -> None:
    laps = tuple(Lap(100.0 * n, 100.0 * (n + 1), ("easy", "fast")[n % 2]) for n in range(6))
    first, second = thought_twice(laps)
    assert values(first) == {0.8}
    assert values(second) == {0.9}


def test_a_fault_is_kept_and_ends_only_the_thinking() -> None:
    def broken() -> Evidence:
        raise ZeroDivisionError

    thinker = Thinker(broken)
    until = time.monotonic() + 10.0
    while thinker.failure is None and time.monotonic() < until:
        time.sleep(0.01)
    assert isinstance(thinker.failure, ZeroDivisionError)
    thinker.close()
    assert thinker.latest.baselines == ()
