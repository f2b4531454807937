"""Known turns of the thighs about the vertical are found again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from hipimu.data import SIDES, THIGHS, Flag, FloatArray, Segment, SegmentBlock, Side
from hipimu.maths import quaternion
from hipimu.motion import MatchHeading, MatchHeadingSession
from hipimu.sources.simulate import Plan
from hipimu.sources.simulate.plan import PlannedBout
from hipimu.units import deg_from_rad
from tests.unit.conftest import STAND, Motion, motion_of
from tests.unit.motion.segments import RATE_HZ, segment_part, true_quats, true_segments

ALL: tuple[Segment, ...] = ("pelvis", "thigh_left", "thigh_right")
FIRST = 700
"""Sample from which the runner has stopped standing."""
BOUND_DEG = 4.0
"""At easy pace: on average over strides the axes of a thigh and the pelvis are not parallel."""
TRACKING_DEG = 5.0
"""A drift of 0.5°/s is seen in the middle of a window of ten seconds."""


@pytest.fixture(scope="module")
def running() -> Motion:
    bout = PlannedBout(pace="easy", duration_s=36.0, speed_m_s=3.0)
    return motion_of(Plan(seed=9, rate_hz=RATE_HZ, warm_up=(STAND,), bouts=(bout,)))


def turned(
    motion: Motion, angles_deg: Mapping[Side, float], drift_deg_s: float = 0.0
) -> SegmentBlock:
    """Steady running with the true axes, the thighs' earth frames turned."""
    since_s = motion.samples.t_s - motion.samples.t_s[FIRST]
    angles = {side: np.radians(a + drift_deg_s * since_s) for side, a in angles_deg.items()}
    return segment_part(true_segments(motion, angles), FIRST, len(since_s))


def matched(
    block: SegmentBlock, kind: type[MatchHeading] | type[MatchHeadingSession] = MatchHeading
) -> SegmentBlock:
    stage = kind(ALL, RATE_HZ)
    (found,) = stage.push(block) + stage.flush()
    return found


def residual_deg(motion: Motion, found: SegmentBlock, side: Side) -> FloatArray:
    """Turn about the vertical that is left in a thigh, degrees (n,)."""
    true = true_quats(motion)[THIGHS[side]][FIRST : FIRST + len(found.t_s)]
    left = quaternion.multiply(found.quat_wxyz[THIGHS[side]], quaternion.conjugate(true))
    return deg_from_rad(quaternion.to_vector(left)[:, 2])


KINDS = pytest.mark.parametrize("kind", [MatchHeading, MatchHeadingSession])


@KINDS
@pytest.mark.parametrize("left_deg", [-175.0, -60.0, 0.0, 15.0, 120.0])
def test_an_imposed_turn_is_found_on_each_side_by_itself(
    running: Motion, left_deg: float, kind: type[MatchHeading] | type[MatchHeadingSession]
) -> None:
    block = turned(running, {"left": left_deg, "right": 40.0 - left_deg})
    found = matched(block, kind)

    for side in SIDES:
        assert np.abs(residual_deg(running, found, side)).max() < BOUND_DEG
    assert_array_equal(found.quat_wxyz["pelvis"], block.quat_wxyz["pelvis"])
    assert_array_equal(found.gyr_rad_s["thigh_left"], block.gyr_rad_s["thigh_left"])


@pytest.mark.parametrize("drift_deg_s", [-0.5, 0.5])
def test_a_slow_drift_is_followed_even_past_half_a_turn(
    running: Motion, drift_deg_s: float
) -> None:
    start: dict[Side, float] = {"left": 180.0 - 18.0 * drift_deg_s, "right": 0.0}
    found = matched(turned(running, start, drift_deg_s))

    for side in SIDES:
        settled = residual_deg(running, found, side)[1200:]
        assert np.abs(settled).max() < BOUND_DEG + TRACKING_DEG


def test_ten_seconds_are_held_back_and_nothing_is_lost(running: Motion) -> None:
    block = turned(running, {"left": 30.0, "right": 0.0})
    stage = MatchHeading(ALL, RATE_HZ)
    released = {
        start: stage.push(segment_part(block, start, start + 100))
        for start in range(0, len(block.t_s), 100)
    }
    out = [piece for pieces in released.values() for piece in pieces]

    assert next(start for start, pieces in released.items() if pieces) == 900
    assert_array_equal(np.concatenate([piece.t_s for piece in out]), block.t_s)
    assert stage.flush() == []


def test_less_than_ten_seconds_come_out_at_the_end(running: Motion) -> None:
    short = segment_part(turned(running, {"left": 30.0, "right": -30.0}), 0, 650)
    stage = MatchHeading(ALL, RATE_HZ)

    assert stage.push(short) == []
    (found,) = stage.flush()
    for side in SIDES:
        assert np.abs(residual_deg(running, found, side)).max() < BOUND_DEG


def test_flagged_samples_are_no_evidence(running: Motion) -> None:
    """Four seconds in which one thigh points anywhere leave the match alone when marked."""
    spoilt = turned(running, {"left": 25.0, "right": 0.0})
    spoilt.quat_wxyz["thigh_left"][200:600] = [0.5, 0.5, 0.5, 0.5]
    unmarked = residual_deg(running, matched(spoilt), "left")[700:1000]
    spoilt.flags["thigh_left"][200:600] = int(Flag.GAP)
    marked = residual_deg(running, matched(spoilt), "left")[700:1000]

    assert np.abs(marked).max() < BOUND_DEG + 1.0
    assert np.abs(unmarked).max() > 2 * BOUND_DEG


def test_looking_both_ways_a_drift_is_not_followed_late(running: Motion) -> None:
    found = matched(turned(running, {"left": 10.0, "right": 0.0}, 0.5), MatchHeadingSession)
    middle = residual_deg(running, found, "left")[600:-600]
    assert np.abs(middle).max() < BOUND_DEG


@KINDS
def test_a_filter_off_the_vertical_is_noticed(
    running: Motion, kind: type[MatchHeading] | type[MatchHeadingSession]
) -> None:
    block = turned(running, {"left": 0.0, "right": 0.0})
    tilted = quaternion.about_axis(np.array([0.0, 1.0, 0.0]), np.radians(10.0))
    block.quat_wxyz["thigh_left"][:] = quaternion.multiply(tilted, block.quat_wxyz["thigh_left"])
    found = matched(block, kind)

    assert np.all(found.flags["thigh_left"][1200:-600] & int(Flag.TILT))
    assert not np.any(found.flags["thigh_right"] & int(Flag.TILT))


@KINDS
def test_axes_that_the_joint_contradicts_are_noticed(
    running: Motion, kind: type[MatchHeading] | type[MatchHeadingSession]
) -> None:
    """A thigh's axes 60° off about its length: the joint's acceleration points elsewhere."""
    block = turned(running, {"left": 0.0, "right": 0.0})
    mistaken(block, "thigh_left", 60.0)
    found = matched(block, kind)

    assert np.mean((found.flags["thigh_left"] & int(Flag.HEADING)) != 0) > 0.8
    assert not np.any(found.flags["thigh_right"])


def mistaken(block: SegmentBlock, segment: Segment, angle_deg: float) -> SegmentBlock:
    """One segment's axes off by an angle about its length."""
    wrong = quaternion.about_axis(np.array([0.0, 1.0, 0.0]), np.radians(angle_deg))
    back = quaternion.conjugate(wrong)
    block.quat_wxyz[segment][:] = quaternion.multiply(block.quat_wxyz[segment], wrong)
    for values in (block.gyr_rad_s[segment], block.acc_m_s2[segment]):
        values[:] = quaternion.rotate(back, values)
    return block


@KINDS
@pytest.mark.parametrize(
    ("segment", "angle_deg", "said"),
    [
        ("pelvis", 0.0, None),
        ("pelvis", 45.0, "pelvis's axes"),
        ("pelvis", -45.0, "pelvis's axes"),
        ("thigh_left", 60.0, "left thigh's axes"),
        ("thigh_right", -60.0, "right thigh's axes"),
    ],
)
def test_both_thighs_together_say_whose_axes_are_wrong(
    running: Motion,
    kind: type[MatchHeading] | type[MatchHeadingSession],
    segment: Segment,
    angle_deg: float,
    said: str | None,
) -> None:
    block = turned(running, {"left": 20.0, "right": -50.0})
    stage = kind(ALL, RATE_HZ)
    stage.push(mistaken(block, segment, angle_deg))
    stage.flush()

    if said is None:
        assert stage.warnings == ()
    else:
        (warning,) = stage.warnings
        assert said in warning
