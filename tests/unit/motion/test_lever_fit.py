"""Lever arms come out of the motion for small and tall bodies, and stay put where it is silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from hipimu.data import SIDES, SegmentBlock
from hipimu.motion.hip_centre import levers_of
from hipimu.motion.lever_fit import fitted_levers
from hipimu.sources.simulate import Plan
from hipimu.sources.simulate.plan import Body, PlannedBout, SoftTissue
from tests.unit.conftest import STAND, motion_of
from tests.unit.motion.segments import RATE_HZ, true_segments

CENTIMETRE = 0.01


def running(height_m: float, **faults: object) -> SegmentBlock:
    plan = Plan.model_validate(
        {
            "seed": 9,
            "rate_hz": RATE_HZ,
            "warm_up": (STAND,),
            "bouts": (PlannedBout(pace="easy", duration_s=44.0, speed_m_s=4.0),),
            "body": Body(height_m=height_m),
        }
        | faults
    )
    return true_segments(motion_of(plan), {})


@pytest.mark.parametrize("height_m", [1.5, 1.75, 2.0])
def test_the_lever_along_the_thigh_is_found(height_m: float) -> None:
    found, true = fitted_levers(running(height_m), SIDES, levers_of(None)), levers_of(height_m)
    for side in SIDES:
        assert found.thigh_m[side][1] == pytest.approx(true.thigh_m[side][1], abs=CENTIMETRE)


@pytest.mark.parametrize("height_m", [1.5, 2.0])
def test_soft_tissue_leaves_it_nearer_than_the_usual_one(height_m: float) -> None:
    shaken = running(height_m, soft_tissue=SoftTissue(impact_deg=2.0))
    usual, true = levers_of(None), levers_of(height_m)
    found = fitted_levers(shaken, SIDES, usual)
    for side in SIDES:
        before, after = (abs(x.thigh_m[side] - true.thigh_m[side])[1] for x in (usual, found))
        assert after < 0.7 * before


def test_without_gait_the_usual_ones_stay() -> None:
    block = running(2.0)
    still = replace(block, gyr_rad_s={s: np.zeros_like(g) for s, g in block.gyr_rad_s.items()})
    usual = levers_of(None)
    assert fitted_levers(still, SIDES, usual) is usual


def test_each_side_is_fitted_by_itself() -> None:
    block = running(2.0)
    both, left = (fitted_levers(block, sides, levers_of(None)) for sides in (SIDES, ("left",)))
    assert_array_equal(both.thigh_m["left"], left.thigh_m["left"])
    assert_array_equal(left.thigh_m["right"], levers_of(None).thigh_m["right"])
