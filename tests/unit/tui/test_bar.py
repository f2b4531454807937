"""A bar shows where a peak stands, and stays as wide as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.tui.bar import bar, progress
from tests.live_states import peak

FRESH_DEG = 50.0


@pytest.mark.parametrize(
    ("change_deg", "drawn"),
    [
        (0.0, "·······▒◆▒·······"),
        (-1.0, "·······◆│▒·······"),
        (-2.0, "······◆▒│▒·······"),
        (2.0, "·······▒│▒◆······"),
        (-8.0, "◆······▒│▒·······"),
        (-9.0, "◀······▒│▒·······"),
        (30.0, "·······▒│▒······▶"),
    ],
)
def test_lower_is_to_the_left(change_deg: float, drawn: str) -> None:
    assert bar(peak("left", FRESH_DEG + change_deg, FRESH_DEG), 17) == drawn


def test_what_is_not_known_is_not_drawn() -> None:
    assert bar(peak("left", None, FRESH_DEG), 17) == "·······▒│▒·······"
    assert bar(peak("left", FRESH_DEG, None), 17) == "·" * 17
    assert bar(None, 17) == "·" * 17


@given(st.floats(-90, 90), st.integers(1, 200))
def test_it_is_always_as_wide(change_deg: float, width: int) -> None:
    assert len(bar(peak("left", FRESH_DEG + change_deg, FRESH_DEG), width)) == width


@pytest.mark.parametrize(("share", "drawn"), [(-1, "░░░░"), (0.5, "██░░"), (7.0, "████")])
def test_progress(share: float, drawn: str) -> None:
    assert progress(share, 4) == drawn
