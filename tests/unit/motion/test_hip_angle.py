"""The sign table: move each joint one way, on both sides, and look at the sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.transform import Rotation

from hipimu.data import SIDES, THIGHS, Flag, FloatArray, HipAngleBlock, Segment, SegmentBlock, Side
from hipimu.motion import HipAngles

# Earth while the runner faces x: x forward, y to the left, z up.
FORWARD, LEFT, UP = np.eye(3)
STANDING = Rotation.from_matrix(np.stack((FORWARD, UP, -LEFT), axis=1))
TOWARDS_MIDLINE: dict[Side, FloatArray] = {"left": -LEFT, "right": LEFT}
TURN_RAD = np.radians(20.0)
HEADINGS = (0.0, 2.0, -3.0)
SMALL = st.floats(-1.4, 1.4)
ANY = st.floats(-3.1, 3.1)

ZERO = {
    "flexion_rad": 0.0,
    "adduction_rad": 0.0,
    "rotation_rad": 0.0,
    "thigh_rad": 0.0,
    "pelvis_tilt_rad": 0.0,
    "pelvis_obliquity_rad": 0.0,
    "pelvis_rotation_rad": 0.0,
}


def wxyz(turn: Rotation) -> FloatArray:
    return np.roll(turn.as_quat(), 1)[None]


def taking(start: FloatArray, towards: FloatArray) -> Rotation:
    """Turn that moves `start` by 20° in the direction `towards`, in the earth frame."""
    return Rotation.from_rotvec(TURN_RAD * np.cross(start, towards))


def angles(
    side: Side, pelvis: Rotation, thigh: Rotation, flags: tuple[int, int] = (0, 0)
) -> HipAngleBlock:
    segments: tuple[Segment, ...] = ("pelvis", THIGHS[side])
    block = SegmentBlock(
        np.zeros(1),
        100.0,
        {"pelvis": wxyz(pelvis), THIGHS[side]: wxyz(thigh)},
        {s: np.zeros((1, 3)) for s in segments},
        {s: np.array([[3.0, 4.0, 12.0]]) for s in segments},
        {s: np.array([f], dtype=np.uint8) for s, f in zip(segments, flags, strict=True)},
    )
    (found,) = HipAngles(segments).push(block)
    return found


def assert_angles(found: HipAngleBlock, **expected: float) -> None:
    """Check all angles; those not named must be 0."""
    for name, value in (ZERO | expected).items():
        assert_allclose(getattr(found, name), [value], atol=1e-9, err_msg=name)


def facing(heading: float) -> Rotation:
    return Rotation.from_rotvec(heading * UP)


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("side", SIDES)
class TestEachMovementAlone:
    def test_standing_is_zero(self, side: Side, heading: float) -> None:
        body = facing(heading) * STANDING
        assert_angles(angles(side, body, body), pelvis_rotation_rad=heading)

    def test_knee_forward_is_flexion(self, side: Side, heading: float) -> None:
        thigh = facing(heading) * taking(-UP, FORWARD) * STANDING
        found = angles(side, facing(heading) * STANDING, thigh)
        assert_angles(found, flexion_rad=TURN_RAD, thigh_rad=TURN_RAD, pelvis_rotation_rad=heading)

    def test_knee_to_the_midline_is_adduction(self, side: Side, heading: float) -> None:
        thigh = facing(heading) * taking(-UP, TOWARDS_MIDLINE[side]) * STANDING
        found = angles(side, facing(heading) * STANDING, thigh)
        assert_angles(found, adduction_rad=TURN_RAD, pelvis_rotation_rad=heading)

    def test_kneecap_to_the_midline_is_internal_rotation(self, side: Side, heading: float) -> None:
        thigh = facing(heading) * taking(FORWARD, TOWARDS_MIDLINE[side]) * STANDING
        found = angles(side, facing(heading) * STANDING, thigh)
        assert_angles(found, rotation_rad=TURN_RAD, pelvis_rotation_rad=heading)

    def test_pelvis_leaning_forward_is_anterior_tilt_and_flexes_the_hip(
        self, side: Side, heading: float
    ) -> None:
        pelvis = facing(heading) * taking(UP, FORWARD) * STANDING
        found = angles(side, pelvis, facing(heading) * STANDING)
        assert_angles(
            found, pelvis_tilt_rad=TURN_RAD, flexion_rad=TURN_RAD, pelvis_rotation_rad=heading
        )

    def test_right_side_up_adducts_the_right_hip(self, side: Side, heading: float) -> None:
        pelvis = facing(heading) * taking(-LEFT, UP) * STANDING
        found = angles(side, pelvis, facing(heading) * STANDING)
        adduction = TURN_RAD if side == "right" else -TURN_RAD
        assert_angles(
            found,
            pelvis_obliquity_rad=TURN_RAD,
            adduction_rad=adduction,
            pelvis_rotation_rad=heading,
        )

    def test_the_pelvis_turning_left_turns_the_right_hip_outwards(
        self, side: Side, heading: float
    ) -> None:
        pelvis = facing(heading) * taking(FORWARD, LEFT) * STANDING
        found = angles(side, pelvis, facing(heading) * STANDING)
        rotation = -TURN_RAD if side == "right" else TURN_RAD
        assert_angles(found, pelvis_rotation_rad=heading + TURN_RAD, rotation_rad=rotation)


@given(st.sampled_from(SIDES), ANY, SMALL, SMALL, ANY)
def test_the_hip_is_the_isb_sequence_z_x_y(
    side: Side, flexion: float, adduction: float, rotation: float, heading: float
) -> None:
    """Wu et al. 2002: flexion about the pelvis's z, adduction about x, rotation about y."""
    mirror = 1.0 if side == "right" else -1.0
    pelvis = facing(heading) * Rotation.from_rotvec([0.3, -0.2, 0.1]) * STANDING
    joint = Rotation.from_euler("ZXY", [flexion, mirror * adduction, mirror * rotation])
    found = angles(side, pelvis, pelvis * joint)

    assert_allclose(found.flexion_rad, [flexion], atol=1e-9)
    assert_allclose(found.adduction_rad, [adduction], atol=1e-9)
    assert_allclose(found.rotation_rad, [rotation], atol=1e-9)


@given(ANY, SMALL, SMALL)
def test_the_pelvis_is_rotation_then_obliquity_then_tilt(
    rotation: float, obliquity: float, tilt: float
) -> None:
    pelvis = facing(rotation) * STANDING * Rotation.from_euler("XZ", [-obliquity, -tilt])
    found = angles("right", pelvis, STANDING)

    assert_allclose(found.pelvis_rotation_rad, [rotation], atol=1e-9)
    assert_allclose(found.pelvis_obliquity_rad, [obliquity], atol=1e-9)
    assert_allclose(found.pelvis_tilt_rad, [tilt], atol=1e-9)


def test_flags_of_both_segments_add_up_and_the_pelvis_feels() -> None:
    found = angles("left", STANDING, STANDING, (int(Flag.GAP), int(Flag.CLIPPED)))

    assert_array_equal(found.flags, [Flag.GAP | Flag.CLIPPED])
    assert_allclose(found.pelvis_acc_m_s2, [13.0])


def test_every_side_with_a_thigh_gets_a_block() -> None:
    body = {s: wxyz(STANDING) for s in ("pelvis", "thigh_left", "thigh_right")}
    zeros = {s: np.zeros((1, 3)) for s in body}
    flags = {s: np.zeros(1, dtype=np.uint8) for s in body}
    segments: tuple[Segment, ...] = ("pelvis", "thigh_left", "thigh_right")
    block = SegmentBlock(
        np.zeros(1),
        100.0,
        {s: body[s] for s in segments},
        {s: zeros[s] for s in segments},
        {s: zeros[s] for s in segments},
        {s: flags[s] for s in segments},
    )

    assert [found.side for found in HipAngles(segments).push(block)] == ["left", "right"]
