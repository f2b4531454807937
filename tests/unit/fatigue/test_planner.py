"""What a plan promises is what sessions then show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import Variability
from hipimu.fatigue import Design, bouts_needed, estimate_fatigue, outlook
from hipimu.units import deg_from_rad, rad_from_deg
from tests.unit.fatigue import sessions

SIX = Design(bouts=(6, 6), bout_s=(120.0, 60.0))


def varying(bout_deg: float, stride_deg: float) -> Variability:
    each = rad_from_deg(stride_deg)
    return Variability(rad_from_deg(bout_deg), {"easy": each, "fast": each})


def test_a_promised_loss_is_seen_as_often_as_promised() -> None:
    """Sessions of the planned shape, with the loss that the plan calls the smallest."""
    design = Design(
        bouts=(5, 5), bout_s=(60.0, 60.0), stride_s=(1.0, 1.0), set_aside=0.0,
        variability=varying(0.8, 1.5),
    )  # fmt: skip
    promised = outlook(design)
    supported, widths = 0, []
    runs = 200
    for seed in range(runs):
        strides, bouts = sessions.session(
            sessions.Design(
                bouts_each=5,
                per_bout=60,
                bout_s=60.0,
                delta_fast_rad=-promised.smallest_rad,
                noise_rad=rad_from_deg(1.5),
                bout_rad=rad_from_deg(0.8),
                seed=seed,
            )
        )
        found = estimate_fatigue(strides, bouts, ("right",))[0]
        supported += found.verdict == "supported"
        assert found.rfi_ci95_rad is not None
        widths.append(0.5 * float(np.ptp(found.rfi_ci95_rad)))

    assert supported / runs == pytest.approx(0.8, abs=0.075)  # 2.6 standard errors of 200 runs
    assert np.mean(widths) == pytest.approx(promised.half_width_rad, rel=0.08)


def test_more_of_everything_shows_smaller_losses() -> None:
    smallest = outlook(SIX).smallest_rad

    assert outlook(replace(SIX, bouts=(8, 8))).smallest_rad < smallest
    assert outlook(replace(SIX, bouts=(6, 8))).smallest_rad < smallest
    assert outlook(replace(SIX, bout_s=(240.0, 180.0))).smallest_rad < smallest
    assert outlook(replace(SIX, set_aside=0.4)).smallest_rad > smallest
    assert outlook(replace(SIX, power=0.9)).smallest_rad > smallest
    assert outlook(replace(SIX, variability=varying(1.0, 2.0))).smallest_rad > smallest


@given(
    easy=st.integers(3, 20),
    fast=st.integers(3, 20),
    bout=st.floats(0.0, 3.0),
    stride=st.floats(0.1, 5.0),
)
def test_the_smallest_loss_is_more_than_what_is_never_called_one(
    easy: int, fast: int, bout: float, stride: float
) -> None:
    found = outlook(replace(SIX, bouts=(easy, fast), variability=varying(bout, stride)))

    assert found.smallest_rad > found.detectable_rad >= rad_from_deg(0.5)
    assert found.smallest_rad > found.half_width_rad


def test_bouts_needed_are_the_fewest() -> None:
    needed = bouts_needed(SIX, rad_from_deg(3.0))

    assert needed is not None
    assert needed.smallest_rad <= rad_from_deg(3.0)
    fewer = replace(needed.design, bouts=(needed.design.bouts[0] - 1,) * 2)
    assert outlook(fewer).smallest_rad > rad_from_deg(3.0)


def test_what_no_number_of_bouts_shows() -> None:
    """Below the detectable change nothing is ever called a loss."""
    assert bouts_needed(SIX, rad_from_deg(0.4)) is None


def test_too_few_bouts_cannot_answer() -> None:
    with pytest.raises(ValueError, match="three bouts"):
        outlook(replace(SIX, bouts=(3, 2)))


def test_three_bouts_see_little() -> None:
    assert deg_from_rad(outlook(replace(SIX, bouts=(3, 3))).smallest_rad) > 6.0
