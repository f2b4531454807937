"""Quantities in the units of faces, with as many decimals as their interval deserves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import Measure
from hipimu.report.catalogue import DIMENSIONS, ENTRIES, display_for, entry_of
from hipimu.report.numerals import chance, number, pace_of, spread_decimals
from hipimu.report.quantity import PERCENT, display_of, shown_change, told_change
from tests.unit.report.strengths import strength_of

RAD = math.pi / 180


@pytest.mark.parametrize(
    ("unit", "value", "half", "told"),
    [
        ("rad", -3.14 * RAD, 1.26 * RAD, "−3.1° (−4.4 to −1.9)"),
        ("rad", -13.14 * RAD, 12.6 * RAD, "−13.1° (−25.7 to −0.5)"),
        ("rad/s", -41.4 * RAD, 22.4 * RAD, "−41 °/s (−64 to −19)"),
        ("rad/s²", -643.2 * RAD, 261.0 * RAD, "−640 °/s² (−900 to −380)"),
        ("N·m", -1.234, 0.5, "−1.2 N·m (−1.7 to −0.7)"),
        ("1", -0.02, 0.03, "−0.02 (−0.05 to 0.01)"),
    ],
)
def test_changes_have_a_unit_and_deserved_decimals(
    unit: str, value: float, half: float, told: str
) -> None:
    display = display_of(unit)
    change = shown_change(value, (value - half, value + half), display)

    assert change is not None
    assert told_change(change, display).replace("\u00a0", " ") == told


def test_the_change_of_a_share_is_in_percentage_points() -> None:
    change = shown_change(-0.31, (-0.43, -0.19), PERCENT)

    assert change is not None
    assert (
        told_change(change, PERCENT).replace("\u00a0", " ") == "−31 percentage points (−43 to −19)"
    )


def test_an_unknown_unit_is_shown_as_it_is() -> None:
    display = display_of("W/kg")
    change = shown_change(1.234, (1.0, 1.5), display)

    assert change is not None
    assert told_change(change, display).replace("\u00a0", " ") == "1.23 W/kg (1.00 to 1.50)"


@pytest.mark.parametrize("ends", [None, (math.nan, 1.0), (0.0, math.inf)])
def test_a_change_without_an_interval_is_no_change(ends: tuple[float, float] | None) -> None:
    assert shown_change(1.0, ends) is None


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5), st.integers(0, 3))
def test_two_figures_of_the_width_are_left(low: float, width: float, most: int) -> None:
    decimals = spread_decimals((low, low + width), most)
    step = 10.0**-decimals

    assert decimals <= most
    assert step <= 1.02 * width / 10 or decimals == most
    assert float(number(low, decimals).replace("−", "-")) == pytest.approx(low, abs=0.51 * step)


def test_a_width_that_says_nothing_takes_the_most() -> None:
    assert spread_decimals((1.0, 1.0), 2) == 2
    assert spread_decimals((math.nan, 1.0), 2) == 2


def test_pace_and_chance() -> None:
    assert pace_of(4.08) == "4:05 min/km"
    assert pace_of(0.0) == "standing"
    assert [chance(p) for p in (0.0004, 0.0312, 0.0499, 0.314)] == [
        "< 0.001",
        "0.031",
        "0.050",
        "0.31",
    ]


def test_every_known_measure_is_in_the_catalogue() -> None:
    measures = [m for part in strength_of().dimensions() for m in part.measures]
    assert {measure.name for measure in measures} == set(ENTRIES)
    assert set(DIMENSIONS) == {part.name for part in strength_of().dimensions()}


def test_an_unknown_measure_is_called_by_its_name() -> None:
    measure = Measure("hip_hop_index", "rad")

    assert entry_of(measure.name).title == "Hip hop index"
    assert display_for(measure).shown(np.pi) == pytest.approx(180.0)
    assert entry_of("").title == "Unnamed"
