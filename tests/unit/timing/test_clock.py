"""A device's counter on the host's clock: unwrapped, followed, never backwards, restarts said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import FloatArray, HostTimeBlock, TickBlock
from hipimu.timing import UnwrapClock
from tests.radio import sent

RATE_HZ = 100.0
MS = 1e-3


def taken(minutes: float, start_s: float = 5.0) -> FloatArray:
    return start_s + np.arange(int(minutes * 60 * RATE_HZ)) / RATE_HZ


def part(block: TickBlock, kept: Any) -> TickBlock:
    return TickBlock(block.sensor, block.ticks[kept], block.arrival_s[kept])


def joined(*blocks: TickBlock) -> TickBlock:
    ticks, arrival_s = ([getattr(b, n) for b in blocks] for n in ("ticks", "arrival_s"))
    return TickBlock("pelvis", np.concatenate(ticks), np.concatenate(arrival_s))


def clock_of(**radio: Any) -> UnwrapClock:
    return UnwrapClock(radio.get("tick_s", 1 / 32768), radio.get("wrap", 2**16))


def through(stage: UnwrapClock, block: TickBlock) -> HostTimeBlock:
    (out,) = stage.push(block)
    return out


@pytest.mark.parametrize(
    "radio",
    [
        {},
        {"ppm": -100.0, "stalls": 10},
        {"wrong_tick": 0.01},
        {"wrong_tick": -0.01, "stalls": 10},
        {"tick_s": 1e-6, "wrap": 2**32, "start_s": 4290.0},
        {"jitter_s": 0.04},
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_clock_is_followed_through_jitter(radio: dict[str, Any], seed: int) -> None:
    """Within 5 ms after two minutes, and 1.5 ms and 1 ppm after twenty."""
    t_s = taken(22)
    stage = clock_of(**radio)
    found = through(stage, sent(t_s, np.random.default_rng(seed), **radio))
    error_s = np.abs(found.t_s - t_s)
    gain = (1 + 1e-6 * radio.get("ppm", 40.0)) / (1 + radio.get("wrong_tick", 0.0))

    assert error_s[t_s > t_s[0] + 120].max() < 5 * MS
    assert error_s[t_s > t_s[0] + 1200].max() < 1.5 * MS
    assert stage.drift_ppm == pytest.approx(1e6 * (gain - 1), abs=1.0)
    assert stage.restarts == 0
    assert not found.restarted.any()
    assert (np.diff(found.t_s) > 0).all()


@pytest.mark.parametrize("lost_s", [0.5, 3.0, 61.0, 400.0])
@pytest.mark.parametrize("wrong_tick", [0.0, 0.01])
def test_unwrapping_survives_lost_packets(lost_s: float, wrong_tick: float) -> None:
    """The counter wraps every two seconds; what is lost is many times that."""
    t_s = taken(12)
    block = sent(t_s, np.random.default_rng(3), wrong_tick=wrong_tick)
    kept = (t_s < 120) | (t_s >= 120 + lost_s)
    stage = clock_of()
    found = through(stage, part(block, kept))

    assert stage.restarts == 0
    late = t_s[kept] > 60
    assert np.abs(found.t_s - t_s[kept])[late].max() < 10 * MS


def test_a_stall_longer_than_half_the_wrap_is_no_wrap() -> None:
    """A one-byte sample counter comes round in 2.56 s; nothing arrives for 2.2 s."""
    t_s = taken(2)
    block = sent(t_s, np.random.default_rng(4), tick_s=0.01, wrap=256, ppm=0.0, jitter_s=0.005)
    held = (block.arrival_s > 60.0) & (block.arrival_s < 62.2)
    stalled = TickBlock("pelvis", block.ticks, np.where(held, 62.2, block.arrival_s))
    stage = clock_of(tick_s=0.01, wrap=256)
    found = through(stage, stalled)

    assert stage.restarts == 0
    assert np.abs(found.t_s - t_s)[t_s > 20].max() < 20 * MS


@pytest.mark.parametrize(("tick_s", "wrap"), [(1e-6, 2**32), (1 / 32768, 2**16), (1e-3, 2**16)])
@pytest.mark.parametrize("off_s", [0.7, 5.3, 40.0])
def test_a_restart_is_said_and_time_goes_on(tick_s: float, wrap: int, off_s: float) -> None:
    rng = np.random.default_rng(5)
    one, two = taken(3), taken(3, 185.0 + off_s)
    radio: dict[str, Any] = {"tick_s": tick_s, "wrap": wrap}
    stage = clock_of(**radio)
    block = joined(sent(one, rng, **radio), sent(two, rng, start_s=0.2, **radio))
    found = through(stage, block)
    t_s = np.concatenate((one, two))

    assert stage.restarts == found.restarted.sum() == 1
    said = t_s[found.restarted][0]
    assert two[0] <= said < two[0] + 10.0
    assert (np.diff(found.t_s) >= 0).all()
    assert np.abs(found.t_s - t_s)[t_s > said + 60].max() < 5 * MS


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10**6),
    ppm=st.floats(-200, 200),
    wrong_tick=st.floats(-0.01, 0.01),
    jitter_s=st.floats(0.001, 0.08),
    stalls=st.integers(0, 3),
)
def test_time_never_runs_backwards(
    seed: int, ppm: float, wrong_tick: float, jitter_s: float, stalls: int
) -> None:
    rng = np.random.default_rng(seed)
    t_s = taken(0.5)
    block = sent(t_s, rng, ppm=ppm, wrong_tick=wrong_tick, jitter_s=jitter_s, stalls=stalls)
    found = through(clock_of(), part(block, rng.random(len(t_s)) > 0.05))

    assert (np.diff(found.t_s) >= 0).all()


def test_a_packet_that_was_overtaken_is_no_restart() -> None:
    block = sent(taken(1), np.random.default_rng(6))
    order = np.arange(len(block.ticks))
    order[2000:2008] = [*range(2004, 2008), *range(2000, 2004)]
    swapped = TickBlock("pelvis", block.ticks[order], block.arrival_s)
    stage = clock_of()
    found = through(stage, swapped)

    assert stage.restarts == 0
    assert (np.diff(found.t_s) >= 0).all()
    assert stage.push(part(block, slice(0, 0))) == []
