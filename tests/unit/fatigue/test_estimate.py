"""Exact answers on exact data, and every verdict from data that asks for it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from hipimu.data import OUTCOMES, FatigueEstimate, Outcome, Reason
from hipimu.fatigue import estimate_fatigue
from hipimu.units import rad_from_deg
from tests.unit.fatigue.sessions import LEVEL_RAD, Design, session

EXACT = 1e-9
ASIDE: list[dict[str, Any]] = [
    {"quality": 0.0, "reasons": (Reason.GAP,)},
    {"gait": "walking"},
    {"bout": None},
]


def estimate(design: Design) -> FatigueEstimate:
    strides, bouts = session(design)
    found = estimate_fatigue(strides, bouts, (design.side,))
    return found[OUTCOMES.index(design.outcome)]


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize(
    ("easy_deg", "fast_deg", "verdict"),
    [
        (-1.0, -5.0, "supported"),
        (2.0, -2.0, "supported"),
        (-4.0, -1.0, "reversed"),
        (-1.0, 6.0, "reversed"),
        (-5.0, -5.0, "no_evidence"),
        (0.0, -0.4, "no_evidence"),  # less than what anyone could detect
        (0.0, 0.4, "no_evidence"),
    ],
)
def test_changes_without_noise_are_found_exactly(
    outcome: Outcome, easy_deg: float, fast_deg: float, verdict: str
) -> None:
    easy, fast = rad_from_deg(easy_deg), rad_from_deg(fast_deg)
    found = estimate(Design(delta_easy_rad=easy, delta_fast_rad=fast, outcome=outcome))

    assert found.delta_easy_rad == pytest.approx(easy, abs=EXACT)
    assert found.delta_fast_rad == pytest.approx(fast, abs=EXACT)
    assert found.rfi_rad == pytest.approx(easy - fast, abs=EXACT)
    assert found.rfi_ci95_rad == pytest.approx((easy - fast, easy - fast), abs=EXACT)
    assert found.delta_fast_ci95_rad == pytest.approx((fast, fast), abs=EXACT)
    assert found.detectable_rad == pytest.approx(rad_from_deg(0.5))
    assert found.verdict == verdict
    assert found.reasons == ()
    assert found.line_rad["easy"] == pytest.approx(
        (LEVEL_RAD["easy"], LEVEL_RAD["easy"] + easy), abs=EXACT
    )
    assert found.line_rad["fast"] == pytest.approx(
        (LEVEL_RAD["fast"], LEVEL_RAD["fast"] + fast), abs=EXACT
    )


def test_the_other_peak_and_the_other_side_are_not_touched() -> None:
    right, bouts = session(Design(delta_fast_rad=-0.1))
    left, _ = session(Design(side="left"))
    found = {(e.side, e.outcome): e for e in estimate_fatigue([*left, *right], bouts)}

    assert list(found) == [(side, outcome) for side in ("left", "right") for outcome in OUTCOMES]
    assert found["right", "peak_flexion"].verdict == "supported"
    for key in (("right", "peak_extension"), ("left", "peak_flexion"), ("left", "peak_extension")):
        assert found[key].verdict == "no_evidence"


def test_mirrored_changes_give_the_mirrored_answer() -> None:
    one = estimate(Design(delta_easy_rad=-0.01, delta_fast_rad=-0.08))
    other = estimate(Design(delta_easy_rad=0.01, delta_fast_rad=0.08))

    assert (one.verdict, other.verdict) == ("supported", "reversed")
    assert one.rfi_rad == pytest.approx(-(other.rfi_rad or 0.0))


def test_a_constant_offset_of_all_angles_cancels() -> None:
    """A neutral pose that was wrong by 10° changes no change."""
    strides, bouts = session(Design(delta_fast_rad=-0.05, noise_rad=0.02))
    shifted = [s._replace(peak_flexion_rad=s.peak_flexion_rad + 0.17) for s in strides]
    one, other = (estimate_fatigue(s, bouts, ("right",))[0] for s in (strides, shifted))

    assert one.rfi_rad == pytest.approx(other.rfi_rad, abs=EXACT)
    assert one.rfi_ci95_rad == pytest.approx(other.rfi_ci95_rad, abs=EXACT)
    assert one.verdict == other.verdict


def test_whole_bouts_that_scatter_widen_the_interval_until_nothing_is_claimed() -> None:
    quiet = estimate(Design(delta_fast_rad=-0.05, noise_rad=0.02, bout_rad=0.0))
    loud = estimate(Design(delta_fast_rad=-0.05, noise_rad=0.02, bout_rad=0.06, seed=2))

    assert quiet.verdict == "supported"
    assert loud.verdict == "no_evidence"
    assert quiet.rfi_ci95_rad is not None
    assert loud.rfi_ci95_rad is not None
    assert np.ptp(loud.rfi_ci95_rad) > 3 * np.ptp(quiet.rfi_ci95_rad)


def test_a_large_change_is_not_claimed_while_its_interval_holds_0() -> None:
    found = estimate(Design(delta_fast_rad=-0.08, noise_rad=0.02, bout_rad=0.03, seed=1))

    assert found.rfi_rad is not None
    assert found.detectable_rad is not None
    assert found.rfi_ci95_rad is not None
    assert found.rfi_rad > 2 * found.detectable_rad
    assert found.rfi_ci95_rad[0] < 0 < found.rfi_ci95_rad[1]
    assert found.verdict == "no_evidence"


def test_the_interval_is_centred_and_that_of_the_contrast_the_widest() -> None:
    found = estimate(Design(delta_fast_rad=-0.05, noise_rad=0.03, bout_rad=0.01))
    widths = []
    for middle, interval in (
        (found.delta_easy_rad, found.delta_easy_ci95_rad),
        (found.delta_fast_rad, found.delta_fast_ci95_rad),
        (found.rfi_rad, found.rfi_ci95_rad),
    ):
        assert interval is not None
        assert np.mean(interval) == pytest.approx(middle)
        widths.append(float(np.ptp(interval)))

    assert widths[2] < widths[0] + widths[1]
    assert widths[2] > 0.5 * max(widths[:2])


def test_slow_wandering_raises_what_can_be_detected() -> None:
    """Each pace wanders by ±0.03 rad from block to block of 25 strides about its line."""
    design = Design(delta_fast_rad=-0.05, per_bout=100)
    strides, bouts = session(design)
    count = {"easy": 0, "fast": 0}
    wandering = []
    for s in strides:
        block = count[s.pace] // 25
        count[s.pace] += 1
        step = 0.03 if block % 2 else -0.03
        wandering.append(s._replace(peak_flexion_rad=s.peak_flexion_rad + step))
    found = estimate_fatigue(wandering, bouts, ("right",))[0]

    assert found.detectable_rad == pytest.approx(1.96 * np.sqrt(2) * 0.03, rel=0.15)


def test_the_same_strides_give_the_same_interval() -> None:
    design = Design(delta_fast_rad=-0.05, noise_rad=0.03, bout_rad=0.01)
    one, other = estimate(design), estimate(design)

    for f in fields(FatigueEstimate):
        assert getattr(one, f.name) == getattr(other, f.name)


def test_speed_is_taken_out_where_it_is_known() -> None:
    """1 m/s of speed is worth 0.1 rad here: left in it would be noise, taken out it is nothing."""
    known = estimate(Design(delta_fast_rad=-0.05, speed_effect_rad_s_m=0.1, speed=True))
    unknown = estimate(Design(delta_fast_rad=-0.05, speed_effect_rad_s_m=0.1, speed=False))

    assert known.rfi_rad is not None
    assert unknown.rfi_rad is not None
    assert abs(known.rfi_rad - 0.05) < 0.05 * abs(unknown.rfi_rad - 0.05)
    assert {check.name for check in known.checks} > {"speed_unadjusted"}
    unadjusted = next(c for c in known.checks if c.name == "speed_unadjusted")
    assert unadjusted.rfi_rad == pytest.approx(unknown.rfi_rad)


def test_only_usable_strides_count() -> None:
    strides, bouts = session(Design(delta_fast_rad=-0.05))
    spoilt = [
        s._replace(peak_flexion_rad=9.0, **change)
        for s, change in zip(
            strides[::10],
            ASIDE * 16,
            strict=True,
        )
    ]
    found = estimate_fatigue([*strides, *spoilt], bouts, ("right",))[0]

    assert found.rfi_rad == pytest.approx(0.05, abs=EXACT)
    assert found.strides == {"easy": 240, "fast": 240}
    assert found.bouts == {"easy": 4, "fast": 4}
    aside = [found.set_aside[pace] for pace in ("easy", "fast")]
    assert sum(counts["gap"] for counts in aside) == 16
    assert sum(counts["walking"] for counts in aside) == 16


def test_reserve_and_the_share_of_it_that_was_lost() -> None:
    found = estimate(Design(delta_easy_rad=-0.01, delta_fast_rad=-0.06))
    reserve = LEVEL_RAD["fast"] - LEVEL_RAD["easy"]

    assert found.reserve_rad == pytest.approx(reserve, abs=EXACT)
    assert found.rfi_share_of_reserve == pytest.approx(0.05 / reserve)


def test_no_share_of_a_reserve_that_is_none() -> None:
    strides, bouts = session(Design(delta_fast_rad=-0.05))
    level = [
        s._replace(peak_flexion_rad=s.peak_flexion_rad - 0.25 * (s.pace == "fast")) for s in strides
    ]
    found = estimate_fatigue(level, bouts, ("right",))[0]

    assert found.reserve_rad == pytest.approx(0.0, abs=EXACT)
    assert found.rfi_share_of_reserve is None


def test_p_is_corrected_for_all_comparisons_of_the_session() -> None:
    strides, bouts = session(Design(delta_fast_rad=-0.05, noise_rad=0.02, bout_rad=0.01))
    still = [s._replace(side="left", peak_flexion_rad=s.peak_extension_rad) for s in strides]
    found = estimate_fatigue([*still, *strides], bouts)
    p = np.array([e.p_value for e in found], dtype=float)
    corrected = np.array([e.p_holm for e in found], dtype=float)

    assert corrected.min() == pytest.approx(4 * p.min())
    assert corrected.tolist() == pytest.approx([1.0, 1.0, 4 * p.min(), 1.0])


def test_a_few_wild_strides_do_not_make_a_finding() -> None:
    """One stride in eight of the late fast bouts falls by 57°; all the others rise a little."""
    strides, bouts = session(Design(delta_fast_rad=0.02, noise_rad=0.003, bouts_each=5))
    wild = [
        s._replace(peak_flexion_rad=s.peak_flexion_rad - (s.moving_fraction or 0.0))
        if i % 8 == 0 and s.pace == "fast"
        else s
        for i, s in enumerate(strides)
    ]
    found = estimate_fatigue(wild, bouts, ("right",))[0]

    assert found.rfi_ci95_rad is not None
    assert found.rfi_ci95_rad[0] > 0
    assert found.verdict == "no_evidence"
    assert found.reasons == ("the medians of the bouts say the opposite of their means",)


def test_a_pace_that_only_the_pelvis_tells_is_no_finding() -> None:
    by_laps = estimate(Design(delta_fast_rad=-0.08, noise_rad=0.01))
    by_pelvis = estimate(Design(delta_fast_rad=-0.08, noise_rad=0.01, source="pelvis"))

    assert by_laps.verdict == "supported"
    assert by_pelvis.verdict == "no_evidence"
    assert by_pelvis.rfi_rad == by_laps.rfi_rad
    assert "rhythm of the pelvis" in by_pelvis.reasons[0]
