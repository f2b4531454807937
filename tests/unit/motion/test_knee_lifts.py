"""The knee that was lifted twice, in tilts made of bumps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import FloatArray
from hipimu.motion.knee_lifts import Lift, Tilts

RATE_HZ = 50.0
T = np.arange(0, 20, 1 / RATE_HZ)


def bumps(*at_s: float, deg: float = 70.0, width_s: float = 0.3) -> FloatArray:
    """Tilt that rises to `deg` at each time, (n,)."""
    shape = np.zeros(len(T))
    for at in at_s:
        shape += np.exp(-(((T - at) / width_s) ** 2))
    return np.asarray(np.radians(deg) * shape)


def tilts(**tilt_rad: FloatArray) -> Tilts:
    turning = {name: np.abs(np.gradient(tilt, T)) for name, tilt in tilt_rad.items()}
    return Tilts(tilt_rad, turning, np.ones(len(T), dtype=bool), RATE_HZ)


def at_s(lifts: tuple[Lift, ...]) -> list[float]:
    return [round(lift.at / RATE_HZ, 1) for lift in lifts]


def test_two_lifts_while_all_else_stays() -> None:
    moving = tilts(a=bumps(5, 7), b=bumps(6, deg=10), c=bumps(5, 7, deg=25))

    ((first, second),) = moving.pairs()

    assert (first.name, second.name) == ("a", "a")
    assert at_s((first, second)) == [5.0, 7.0]
    assert np.degrees(first.height_rad) == pytest.approx(70, abs=0.1)


def test_a_leg_that_swings_back_after_a_lift_is_no_second_one() -> None:
    """As a real runner does it: 72° up, 33° back."""
    moving = tilts(a=bumps(5) + bumps(5.9, deg=33, width_s=0.2), b=bumps(), c=bumps())
    again = tilts(a=moving.tilt_rad["a"] + bumps(7), b=bumps(), c=bumps())

    assert moving.pairs() == ()
    assert [at_s(pair) for pair in again.pairs()] == [[5.0, 7.0]]


@given(st.floats(0.8, 1.8), st.floats(25.0, 80.0), st.floats(0.75, 1.0))
def test_thighs_that_take_turns_are_no_lifts(stride_s: float, deg: float, share: float) -> None:
    left = np.arange(2.0, 18.0, stride_s)
    width_s = 0.2 * stride_s
    moving = tilts(
        a=bumps(*left, deg=deg, width_s=width_s),
        b=bumps(*(left + 0.5 * stride_s), deg=share * deg, width_s=width_s),
        c=bumps(*left, deg=8.0),
    )

    assert moving.pairs() == ()


@pytest.mark.parametrize("apart_s", [0.5, 9.0])
def test_lifts_too_close_or_too_far_apart(apart_s: float) -> None:
    assert tilts(a=bumps(5, 5 + apart_s, width_s=0.1), b=bumps(), c=bumps()).pairs() == ()


def test_two_sensors_that_rise_together_are_no_single_knee() -> None:
    assert tilts(a=bumps(5, 7), b=bumps(5, 7, deg=60), c=bumps()).pairs() == ()


def test_low_lifts_are_none() -> None:
    assert tilts(a=bumps(5, 7, deg=28), b=bumps(), c=bumps()).pairs() == ()


def test_one_lift_alone() -> None:
    moving = tilts(a=bumps(5), b=bumps(), c=bumps())

    assert moving.pairs() == ()
    assert [lift.name for lift in moving.singles()] == ["a"]


def test_where_samples_are_missing_nothing_is_said() -> None:
    whole = np.ones(len(T), dtype=bool)
    whole[round(5.5 * RATE_HZ) : round(6.5 * RATE_HZ)] = False
    lifted = tilts(a=bumps(5, 7), b=bumps(), c=bumps())

    assert len(lifted.pairs()) == 1
    assert replace(lifted, whole=whole).pairs() == ()


def test_a_sensor_that_turns_but_seems_not_to_tilt_is_no_sensor_that_stayed() -> None:
    """As left-handed axes make it look in gait."""
    lifted = tilts(a=bumps(5, 7), b=bumps(), c=bumps())
    turning = dict(lifted.turning_rad_s) | {"b": np.roll(lifted.turning_rad_s["a"], 50)}

    assert replace(lifted, turning_rad_s=turning).pairs() == ()


class TestTwoSensors:
    """The other thigh is not there to take turns with."""

    def test_high_lifts_with_a_pause_on_either_side(self) -> None:
        ((first, second),) = tilts(a=bumps(5, 7), b=bumps(5, 7, deg=15)).pairs()
        assert at_s((first, second)) == [5.0, 7.0]

    @given(st.floats(0.8, 1.8), st.floats(45.0, 80.0))
    def test_gait_is_none(self, stride_s: float, deg: float) -> None:
        thigh = bumps(*np.arange(2.0, 18.0, stride_s), deg=deg, width_s=0.2 * stride_s)
        assert tilts(a=thigh, b=bumps()).pairs() == ()

    def test_two_steps_are_too_low(self) -> None:
        assert tilts(a=bumps(5, 7, deg=40), b=bumps()).pairs() == ()

    def test_nothing_is_said_before_the_pause_is_over(self) -> None:
        until = round(8.0 * RATE_HZ)
        lifted = tilts(a=bumps(5, 7), b=bumps())
        early = Tilts(
            {name: tilt[:until] for name, tilt in lifted.tilt_rad.items()},
            {name: rate[:until] for name, rate in lifted.turning_rad_s.items()},
            lifted.whole[:until],
            RATE_HZ,
        )

        assert early.pairs() == ()
