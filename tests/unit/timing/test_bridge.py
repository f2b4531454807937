"""Filling gaps: nothing to do, rhythm, none, and what is too long."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from hipimu.data import AlignedBlock, Flag, FloatArray, Segment
from hipimu.stage import joined
from hipimu.timing import TWO_SIDED_S, BridgeGaps

RATE_HZ = 100.0
N = 1000


def block(gyr: FloatArray, start: int, length: int) -> AlignedBlock:
    """One thigh whose samples start … start + length − 1 are missing."""
    flags = np.zeros(N, dtype=np.uint8)
    flags[start : start + length] = int(Flag.GAP)
    shown = gyr.copy()
    shown[start : start + length] = 0.0
    acc = np.tile([0.0, 0.0, 9.8], (N, 1))
    one: Segment = "thigh_left"
    return AlignedBlock(np.arange(N) / RATE_HZ, RATE_HZ, {one: shown}, {one: acc}, {one: flags})


def rhythm(period_s: float = 0.7) -> FloatArray:
    phase = 2 * np.pi * np.arange(N) / RATE_HZ / period_s
    return np.stack((5 * np.sin(phase), np.sin(2 * phase), np.cos(phase + 1)), axis=1)


def bridged(whole: AlignedBlock, look_ahead_s: float = TWO_SIDED_S) -> AlignedBlock:
    stage = BridgeGaps(tuple(whole.flags), RATE_HZ, look_ahead_s)
    return joined(stage.push(whole) + stage.flush())


def test_without_gaps_the_very_block_comes_back() -> None:
    whole = block(rhythm(), 0, 0)
    assert BridgeGaps(("thigh_left",), RATE_HZ).push(whole) == [whole]


@pytest.mark.parametrize("length", [1, 6, 20, 40])
@pytest.mark.parametrize("look_ahead_s", [0.0, 0.2, 3.3])
def test_what_repeats_is_restored(length: int, look_ahead_s: float) -> None:
    gyr = rhythm()
    out = bridged(block(gyr, 600, length), look_ahead_s)
    missed = (out.gyr_rad_s["thigh_left"] - gyr).sum(axis=0) / RATE_HZ
    assert np.abs(missed).max() < np.radians(0.5)
    assert set(out.flags["thigh_left"][600 : 600 + length]) == {int(Flag.BRIDGED)}
    assert_array_equal(out.gyr_rad_s["thigh_left"][:600], gyr[:600])


def test_later_strides_help_where_there_are_no_earlier_ones() -> None:
    gyr = rhythm()
    first = block(gyr, 20, 15)
    assert set(bridged(first, 0.2).flags["thigh_left"][20:35]) == {int(Flag.GAP)}
    assert set(bridged(first).flags["thigh_left"][20:35]) == {int(Flag.BRIDGED)}


@pytest.mark.parametrize("length", [8, 20])
def test_what_never_repeats_stays_a_gap(length: int) -> None:
    gyr = np.random.default_rng(1).normal(0, 8.0, (N, 3))
    out = bridged(block(gyr, 600, length))
    assert set(out.flags["thigh_left"][600 : 600 + length]) == {int(Flag.GAP)}


def test_a_gap_too_long_is_left_alone_and_holds_nothing_back() -> None:
    given = block(rhythm(), 600, 400)
    stage = BridgeGaps(("thigh_left",), RATE_HZ)
    (out,) = stage.push(given)
    assert len(out.t_s) == N
    assert_array_equal(out.gyr_rad_s["thigh_left"], given.gyr_rad_s["thigh_left"])
    assert_array_equal(out.flags["thigh_left"], given.flags["thigh_left"])
    assert stage.flush() == []
