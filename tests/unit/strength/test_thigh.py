"""The thigh's figures are those of the table, and what is unknown is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import Body
from hipimu.strength.thigh import NO_HEIGHT, NO_SEX, thigh_of

MAN = Body(73.0, "m", 1.741)
WOMAN = Body(61.9, "f", 1.735)


def test_a_man_of_the_table() -> None:
    """De Leva 1996: thigh 0.4222 m, 14.16 % of 73 kg, centre 40.95 %, gyration 32.9 %."""
    thigh = thigh_of(MAN)
    mass, length = 0.1416 * 73.0, 0.4222
    assert thigh.mass_arm_kg_m == pytest.approx(mass * 0.4095 * length)
    assert thigh.inertia_kg_m2 == pytest.approx(mass * length**2 * (0.4095**2 + 0.329**2))
    assert thigh.pendulum_m == pytest.approx(length * (0.4095**2 + 0.329**2) / 0.4095)
    assert thigh.caveats == ()


def test_a_woman_of_the_table() -> None:
    thigh = thigh_of(WOMAN)
    mass, length = 0.1478 * 61.9, 0.3685
    assert thigh.mass_arm_kg_m == pytest.approx(mass * 0.3612 * length)
    assert thigh.inertia_kg_m2 == pytest.approx(mass * length**2 * (0.3612**2 + 0.364**2))


@given(st.floats(30.0, 200.0), st.floats(1.2, 2.2), st.floats(1.1, 3.0))
def test_inertia_grows_with_mass_and_the_square_of_height(
    mass: float, height: float, times: float
) -> None:
    one = thigh_of(Body(mass, "f", height))
    heavier, taller = thigh_of(Body(times * mass, "f", height)), thigh_of(Body(mass, "f", 2.0))
    assert one.inertia_kg_m2 is not None
    assert heavier.inertia_kg_m2 == pytest.approx(times * one.inertia_kg_m2)
    assert taller.inertia_kg_m2 == pytest.approx((2.0 / height) ** 2 * one.inertia_kg_m2)
    assert heavier.pendulum_m == pytest.approx(one.pendulum_m)


@pytest.mark.parametrize("sex", [None, "x"])
def test_between_man_and_woman_where_sex_is_not_known(sex: None) -> None:
    man, woman, either = (thigh_of(Body(70.0, s, 1.7)) for s in ("m", "f", sex))
    assert man.inertia_kg_m2 is not None
    assert woman.inertia_kg_m2 is not None
    assert either.inertia_kg_m2 == pytest.approx((man.inertia_kg_m2 + woman.inertia_kg_m2) / 2)
    assert abs(man.inertia_kg_m2 / (either.inertia_kg_m2 or 0.0) - 1) < 0.14
    assert either.caveats == (NO_SEX,)


def test_height_is_assumed_mass_never() -> None:
    assert thigh_of(Body(70.0, "m")).caveats == (NO_HEIGHT,)
    for mass in (None, 0.0, -3.0, float("nan"), float("inf")):
        thigh = thigh_of(Body(mass, "m", 1.8))
        assert thigh.inertia_kg_m2 is None
        assert thigh.mass_arm_kg_m is None
        assert thigh.pendulum_m == pytest.approx(thigh_of(Body(70.0, "m", 1.8)).pendulum_m)
