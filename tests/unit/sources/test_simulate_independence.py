"""Faults keep to themselves: switched off, one leaves the draws of all others alone."""

from __future__ import annotations

from typing import Any

import pytest
from numpy.testing import assert_array_equal

from hipimu.data import SEGMENTS
from hipimu.sources.simulate.plan import PlannedBout
from tests.unit.sources.sessions import (
    EASY,
    STAND,
    made,
    remade,
)

FAULTS: dict[str, Any] = {
    "noise": {"part": "ICM-20948", "impact_g": 3.0},
    "range": {"acc_g": 2.0, "gyr_deg_s": 250.0},
    "soft_tissue": {"impact_deg": 2.0, "impact_mm": 3.0, "flexion_share": 0.04},
    "slip": [{"sensor": "thigh_right", "at_s": 20.0, "angle_deg": 8.0, "axis": "across"}],
    "clock": {"offset_s": 3.0, "drift_ppm": 40.0, "jitter_ms": 1.0},
    "radio": {"loss": 0.03},
    "body": {"asymmetry": 0.06},
    "course": {"curve_radius_m": 36.5, "straight_m": 20.0},
    "mounting": "quarter_turn",
}
DRAWN_FOR = {
    "noise": {"gyr_bias_rad_s", "gyr_bias_at_end_rad_s", "acc_bias_m_s2", "gyr_gain", "acc_gain"},
    "slip": {"slips"},
    "clock": {"clock_offset_s", "clock_drift_ppm", "on_s", "off_s", "samples"},
    "radio": {"samples"},
    "mounting": {"slips"},  # the mounting after a slip
}


class TestIndependence:
    def test_the_same_plan_with_every_fault_gives_the_same_bytes(self) -> None:
        first = made(**FAULTS)
        again = remade(**FAULTS)
        assert first.files == again.files
        assert first.truth_files == again.truth_files

    @pytest.mark.parametrize("fault", FAULTS)
    def test_without_one_fault_the_draws_of_all_others_stay(self, fault: str) -> None:
        whole = made(**FAULTS)
        without = made(**{name: value for name, value in FAULTS.items() if name != fault})
        assert without.files != whole.files
        for segment in SEGMENTS:
            one, other = (run.truth["sensors"][segment] for run in (whole, without))
            for key in set(one) - DRAWN_FOR.get(fault, set()):
                assert one[key] == other[key], key
        if fault != "mounting":
            assert whole.truth["mounting_wxyz"] == without.truth["mounting_wxyz"]
        if fault != "body":
            assert whole.truth_files["strides.csv"] == without.truth_files["strides.csv"]
        if fault not in ("clock", "radio"):
            for segment in SEGMENTS:
                assert_array_equal(whole.t_s(segment), without.t_s(segment))

    def test_a_fault_of_size_0_is_no_fault(self) -> None:
        nothing = {
            "soft_tissue": {"impact_deg": 0.0, "impact_mm": 0.0, "flexion_share": 0.0},
            "clock": {"offset_s": 0.0, "drift_ppm": 0.0, "jitter_ms": 0.0},
            "radio": {"loss": 0.0, "burst_s": 1.0},
            "body": {"height_m": 1.75, "asymmetry": 0.0},
            "noise": {"acc_bias_mg": 0.0, "gyr_scale": 0.0, "gyr_bias_walk_deg_s_sqrt_s": 0.0},
        }
        assert made(**nothing).files == made().files

    def test_a_thigh_that_is_not_worn_changes_nothing(self) -> None:
        both, one = (made(**FAULTS, sensors=s) for s in (SEGMENTS, ("pelvis", "thigh_right")))
        for name in ("pelvis.csv", "thigh_right.csv"):
            assert both.files[name] == one.files[name]
        assert "thigh_left.csv" not in one.files


def test_no_sample_is_lost_to_rounding() -> None:
    """Stride times add up to the duration but for the last bits."""
    for seed in range(6):
        run = made(seed=seed, bouts=[EASY | {"duration_s": 10.0}], warm_up=[STAND])
        assert len(run.t_s("pelvis")) == len(run.angles) == 1800


def test_a_bout_says_its_last_speed() -> None:
    assert PlannedBout(pace="easy", duration_s=9.0, speed_m_s=3.0).last_speed_m_s == 3.0
