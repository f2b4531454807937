"""Thigh is hip plus pelvis, and each gets what it did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import Compensation, Stride
from hipimu.fatigue import estimate_fatigue, split_compensation
from hipimu.units import rad_from_deg
from tests.unit.fatigue.sessions import Design, session


def tilting(strides: list[Stride], by_rad: float) -> list[Stride]:
    """The pelvis tips forward by so much over the session; the thigh shows it, the hip does not."""
    return [
        s._replace(
            thigh_peak_extension_rad=s.peak_extension_rad + 0.1 + by_rad * (s.moving_fraction or 0),
            thigh_peak_flexion_rad=s.peak_flexion_rad - 0.1 - by_rad * (s.moving_fraction or 0),
        )
        for s in strides
    ]


def split(design: Design, by_rad: float) -> dict[tuple[str, str], Compensation]:
    strides, bouts = session(design)
    found = split_compensation(tilting(strides, by_rad), bouts, (design.side,))
    return {(c.outcome, c.pace): c for c in found}


def test_lost_hip_extension_that_the_pelvis_makes_up_for() -> None:
    six = rad_from_deg(6.0)
    found = split(Design(delta_fast_rad=-six, outcome="peak_extension"), six)
    fast, easy = found["peak_extension", "fast"], found["peak_extension", "easy"]

    assert fast.thigh_rad.delta == pytest.approx(0.0, abs=1e-9)
    assert fast.hip_rad.delta == pytest.approx(-six)
    assert fast.pelvis_rad.delta == pytest.approx(six)
    assert fast.pelvis_rad.fresh == pytest.approx(0.1)
    assert easy.hip_rad.delta == pytest.approx(0.0, abs=1e-9)
    assert found["peak_flexion", "fast"].pelvis_rad.delta == pytest.approx(-six)


@given(seed=st.integers(0, 50), by=st.floats(-0.1, 0.1), noise=st.floats(0.0, 0.05))
def test_the_parts_add_up_to_the_last_digit(seed: int, by: float, noise: float) -> None:
    design = Design(delta_fast_rad=-0.05, noise_rad=noise, bout_rad=0.01, seed=seed, speed=True)
    for part in split(design, by).values():
        whole = part.hip_rad.delta + part.pelvis_rad.delta
        assert whole == pytest.approx(part.thigh_rad.delta, abs=1e-15)
        for change in (part.thigh_rad, part.hip_rad, part.pelvis_rad):
            low, high = change.delta_ci95
            assert low <= change.delta <= high


def test_where_nothing_can_be_estimated_nothing_is_split() -> None:
    assert split(Design(bouts_each=2), 0.1) == {}
    assert split_compensation([], []) == ()


def test_where_speed_and_range_are_not_separable_nothing_is_split_either() -> None:
    """Only of the peak that is refused: the other hardly depends on speed."""
    strides, bouts = session(Design(speed=True, noise_rad=0.02, bout_rad=0.005))
    slowing = [
        s._replace(speed_m_s=5.0 - 0.8 * (s.moving_fraction or 0.0))
        if s.pace == "fast"
        else s._replace(speed_m_s=3.0)
        for s in strides
    ]
    refused = {
        e.outcome
        for e in estimate_fatigue(slowing, bouts, ("right",))
        if e.verdict == "not_estimable"
    }

    assert "peak_flexion" in refused
    split_of = {c.outcome for c in split_compensation(slowing, bouts, ("right",))}
    assert split_of.isdisjoint(refused)
