"""The sign self-test: every vote turns over with the axis, and a body in gait votes right."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hipimu.data import FloatArray, Segment, SegmentBlock
from hipimu.maths import filters, quaternion
from hipimu.motion import signs
from hipimu.sources.simulate import Plan
from hipimu.sources.simulate.plan import PlannedBout
from tests.unit.conftest import EASY, STAND, WALK, motion_of
from tests.unit.motion.segments import RATE_HZ, segment_part, true_segments

HALF_TURN = np.array([0.0, 0.0, 1.0, 0.0])
"""About the segment's long axis: what swapping right for left does."""


@pytest.fixture(scope="module", params=["walk", "easy"])
def gait(request: pytest.FixtureRequest) -> SegmentBlock:
    """Steady gait with the true axes."""
    bout = {"walk": WALK, "easy": EASY}[request.param]
    block = true_segments(
        motion_of(Plan(seed=2, rate_hz=RATE_HZ, warm_up=(STAND,), bouts=(bout,))), {}
    )
    return segment_part(block, 800, len(block.t_s))


def slow(values: FloatArray) -> FloatArray:
    return filters.run(filters.butterworth(2, 5.0, RATE_HZ), values, None)[0]


@pytest.mark.parametrize("thigh", ["thigh_left", "thigh_right"])
def test_thigh_votes(gait: SegmentBlock, thigh: Segment) -> None:
    quat, rate = gait.quat_wxyz[thigh], slow(gait.gyr_rad_s[thigh])[:, 2]
    acc = gait.acc_m_s2[thigh]
    right = signs.thigh_votes(quat, rate, acc)
    wrong = signs.thigh_votes(quaternion.multiply(quat, HALF_TURN), -rate, acc * [-1.0, 1.0, -1.0])

    assert signs.decide(right)[0] == 1.0
    assert right["the thigh comes further forward than back"] > 0.3
    assert right["the thigh swings forward faster than back"] > 0.2
    for name, vote in right.items():
        assert -1.0 <= vote <= 1.0
        assert wrong[name] == pytest.approx(-vote, abs=1e-9)


def test_pelvis_votes(gait: SegmentBlock) -> None:
    up = quaternion.vertical_in_frame(gait.quat_wxyz["pelvis"])
    tilt = -np.arctan2(up[:, 0], up[:, 1])
    right_up = quaternion.axis_in_earth(gait.quat_wxyz["pelvis"], 2)[:, 2]
    swinging = slow(gait.gyr_rad_s["thigh_right"] - gait.gyr_rad_s["thigh_left"])[:, 2]
    right = signs.pelvis_votes(tilt, right_up, swinging)
    wrong = signs.pelvis_votes(-tilt, -right_up, swinging)

    assert signs.decide(right)[0] == 1.0
    for name, vote in right.items():
        assert -1.0 <= vote <= 1.0
        assert wrong[name] == pytest.approx(-vote, abs=1e-9)


def test_braking_comes_before_the_push() -> None:
    t = np.arange(400) / RATE_HZ
    bounce = np.sin(2 * np.pi * 2.8 * t)
    forward = -np.cos(
        2 * np.pi * 2.8 * t
    )  # against the bounce by a quarter: first brake, then push
    stride_samples = 2 / 2.8 * RATE_HZ
    vote = signs.braking_vote(forward, bounce, stride_samples)

    assert vote > 0.5
    assert signs.braking_vote(-forward, bounce, stride_samples) == pytest.approx(-vote)


@pytest.mark.parametrize(("bout", "flies"), [(WALK, False), (EASY, True)])
def test_only_running_flies(bout: PlannedBout, flies: bool) -> None:
    motion = motion_of(Plan(seed=2, rate_hz=RATE_HZ, warm_up=(STAND,), bouts=(bout,)))

    assert signs.is_flight(motion.samples.acc_m_s2["pelvis"][800:]) is flies


@pytest.mark.parametrize(
    ("votes", "sign", "margin"),
    [
        ([0.5, 0.2], 1.0, 1.0),
        ([-0.5, -1.0, -0.1], -1.0, 1.0),
        ([1.0, -0.5], 1.0, 1 / 3),
        ([0.5, -0.5], 1.0, 0.0),
        ([0.0], 1.0, 0.0),
    ],
)
def test_decide_takes_the_sum_and_says_how_far_votes_agree(
    votes: list[float], sign: float, margin: float
) -> None:
    found = signs.decide({str(i): vote for i, vote in enumerate(votes)})

    assert_allclose(found, (sign, margin))
