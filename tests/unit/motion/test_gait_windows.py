"""Standing and gait told apart before any axis is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import FloatArray
from hipimu.maths import quaternion
from hipimu.motion import gait_windows

RATE_HZ = 100.0
T = np.arange(400) / RATE_HZ


def swing(stride_s: float, rad_s: float = 3.0) -> FloatArray:
    """A thigh gyroscope in gait, (n, 3)."""
    phase = 2 * np.pi * T / stride_s
    return rad_s * np.stack(
        (0.3 * np.sin(phase), 0.6 * np.sin(2 * phase + 1), np.cos(phase) + 0.3 * np.cos(2 * phase)),
        1,
    )


@given(st.floats(0.4, 1.25), st.integers(0, 1000))
def test_the_stride_time_is_found_in_any_mounting(stride_s: float, seed: int) -> None:
    turn = quaternion.normalise(np.random.default_rng(seed).normal(size=4))
    found = gait_windows.stride_time_s([quaternion.rotate(turn, swing(stride_s)) + 0.2], RATE_HZ)

    assert found == pytest.approx(stride_s, abs=1.5 / RATE_HZ)


def test_two_thighs_are_looked_at_together() -> None:
    later = np.roll(swing(0.8), 40, axis=0)

    assert gait_windows.stride_time_s([swing(0.8), later], RATE_HZ) == pytest.approx(0.8, abs=0.015)
    assert gait_windows.stride_time_s([swing(0.8), 0.01 * later], RATE_HZ) is None


@pytest.mark.parametrize(
    "gyr",
    [
        pytest.param(np.zeros((400, 3)), id="still"),
        pytest.param(swing(0.8, 0.3), id="too slow"),
        pytest.param(swing(2.5), id="longer than a stride"),
        pytest.param(np.random.default_rng(1).normal(0, 3, (400, 3)), id="noise"),
    ],
)
def test_what_is_no_gait_has_no_stride_time(gyr: FloatArray) -> None:
    assert gait_windows.stride_time_s([gyr], RATE_HZ) is None


def quiet(seed: int = 0, gyr: float = 0.01, acc: float = 0.05, felt: float = 9.80665) -> bool:
    """One second of noise about a constant; `gyr` and `acc` a channel."""
    random = np.random.default_rng(seed)
    turning = random.normal([0.02, -0.01, 0.03], gyr, (100, 3))
    shaking = random.normal(0, acc, (100, 3)) + felt * np.array([0.6, 0.0, 0.8])
    return gait_windows.is_still(turning, shaking)


def test_quiet_standing_may_have_bias_and_sway_but_no_movement() -> None:
    assert quiet()
    assert not quiet(gyr=0.1)
    assert not quiet(acc=0.5)


@pytest.mark.parametrize("felt", [9.0, 10.6, 0.0])
def test_what_does_not_feel_gravity_does_not_stand(felt: float) -> None:
    assert not quiet(felt=felt)
