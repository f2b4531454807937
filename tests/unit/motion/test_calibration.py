"""Any mounting is found from standing and gait, and what cannot be found is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import Calibration, FloatArray, OrientationBlock, Segment
from hipimu.errors import CalibrationError
from hipimu.maths import quaternion
from hipimu.motion import Calibrate
from hipimu.sources.simulate import Plan
from hipimu.sources.simulate.plan import PlannedBout
from hipimu.units import deg_from_rad
from tests.unit.conftest import EASY, FAST, STAND, WALK, Motion, motion_of
from tests.unit.motion.segments import RATE_HZ, oriented, oriented_part

ALL: tuple[Segment, ...] = ("pelvis", "thigh_left", "thigh_right")
PELVIS_DEG = 1.0
LONG_AXIS_DEG = 1.0
FUNCTIONAL_AXIS_DEG = 12.0
"""The simulated thigh also rotates and adducts, which turns its principal axis of rotation."""


def plan_of(*bouts: PlannedBout, seed: int = 1) -> Plan:
    return Plan(seed=seed, rate_hz=RATE_HZ, warm_up=(bouts[0],), bouts=bouts[1:])


def calibrated(
    block: OrientationBlock,
    mounting: dict[Segment, FloatArray] | None = None,
    stand_s: tuple[float, float] | None = None,
) -> Calibration:
    segments = tuple(block.quat_wxyz)
    stage = Calibrate(segments, RATE_HZ, mounting, stand_s)
    stage.push(block)
    stage.flush()
    assert stage.calibration is not None
    return stage.calibration


def errors_deg(found: FloatArray, true: FloatArray) -> tuple[float, float]:
    """Tilt of the long axis, and turn about it, of one segment → sensor quaternion (4,)."""
    wrong = quaternion.multiply(quaternion.conjugate(true), found)
    long_axis = quaternion.axis_in_earth(wrong, 1)
    across = quaternion.axis_in_earth(wrong, 2)
    tilt = np.arccos(np.clip(long_axis[1], -1.0, 1.0))
    turn = np.arctan2(across[0], across[2])
    return float(deg_from_rad(tilt)), float(abs(deg_from_rad(turn)))


def assert_recovered(found: Calibration, motion: Motion) -> None:
    for segment, quat in found.quat_wxyz.items():
        tilt, turn = errors_deg(quat, motion.mounting[segment])
        assert tilt < LONG_AXIS_DEG, segment
        assert turn < (PELVIS_DEG if segment == "pelvis" else FUNCTIONAL_AXIS_DEG), segment


@pytest.fixture(scope="module")
def walking() -> Motion:
    """Stand, then walk 26 s."""
    return motion_of(plan_of(STAND, PlannedBout(pace="walk", duration_s=26.0, speed_m_s=1.4)))


@pytest.fixture(scope="module")
def block(walking: Motion) -> OrientationBlock:
    return oriented(walking)


@pytest.mark.parametrize("seed", range(1, 9))
def test_any_mounting_is_recovered_from_a_walk_and_an_easy_run(seed: int) -> None:
    motion = motion_of(plan_of(STAND, WALK, EASY, seed=seed))
    found = calibrated(oriented(motion))

    assert_recovered(found, motion)
    assert found.source == "stand and gait"
    assert found.gait_s == 20.0
    assert min(found.sign_margin.values()) > 0.5
    assert found.warnings == ()


@pytest.mark.parametrize("seed", [11, 12, 13])
@pytest.mark.parametrize("pace", ["walk", "easy", "fast"])
def test_one_pace_is_enough(pace: str, seed: int) -> None:
    gait = {"walk": WALK, "easy": EASY, "fast": FAST}[pace].model_copy(update={"duration_s": 24.0})
    motion = motion_of(plan_of(STAND, gait, seed=seed))

    assert_recovered(calibrated(oriented(motion)), motion)


@pytest.mark.parametrize("thigh", ["thigh_left", "thigh_right"])
def test_one_thigh_is_enough(thigh: Segment) -> None:
    plan = plan_of(STAND, WALK, EASY, seed=21).model_copy(update={"sensors": ("pelvis", thigh)})
    motion = motion_of(plan)
    found = calibrated(oriented(motion))

    assert set(found.quat_wxyz) == {"pelvis", thigh}
    assert_recovered(found, motion)


def test_everything_is_held_back_until_there_are_20_s_of_gait(block: OrientationBlock) -> None:
    """Windows lie at 0, 4, 8 … s: the first with gait starts at 4 s, the fifth ends at 24 s."""
    stage = Calibrate(ALL, RATE_HZ)
    released = {}
    for start in range(0, len(block.aligned.t_s), 100):
        for out in stage.push(oriented_part(block, start, start + 100)):
            released[start] = out

    first = min(released)
    assert first == 2300
    assert_array_equal(released[first].t_s, block.aligned.t_s[: first + 100])
    assert sum(len(out.t_s) for out in released.values()) == len(block.aligned.t_s)
    assert stage.flush() == []


def test_segments_are_the_sensors_seen_from_their_mounting(
    block: OrientationBlock, walking: Motion
) -> None:
    (out,) = Calibrate(ALL, RATE_HZ, walking.mounting).push(block)

    for segment in ALL:
        back = quaternion.rotate(walking.mounting[segment], out.gyr_rad_s[segment])
        assert_allclose(back, block.aligned.gyr_rad_s[segment], atol=1e-12)
        standing = out.acc_m_s2[segment][:400].mean(axis=0)
        assert_allclose(standing, [0.0, 9.80665, 0.0], atol=0.1)
        # the segment's y axis points up in the earth frame, too
        assert quaternion.axis_in_earth(out.quat_wxyz[segment], 1)[:400, 2].min() > 0.999


def test_a_mounting_that_is_given_is_used_as_it_is(block: OrientationBlock) -> None:
    given = {s: quaternion.normalise(np.arange(1.0, 5.0) + i) for i, s in enumerate(ALL)}
    stage = Calibrate(ALL, RATE_HZ, given)

    assert len(stage.push(oriented_part(block, 0, 10))) == 1  # nothing is held back
    found = stage.calibration
    assert found is not None
    assert (found.source, found.stand_s, found.gait_s) == ("metadata", None, 0.0)
    for segment in ALL:
        assert_array_equal(found.quat_wxyz[segment], given[segment])


def test_one_given_mounting_is_kept_and_the_others_are_found(
    block: OrientationBlock, walking: Motion
) -> None:
    given: dict[Segment, FloatArray] = {"thigh_left": np.array([0.5, 0.5, -0.5, 0.5])}
    found = calibrated(block, given)

    assert_array_equal(found.quat_wxyz["thigh_left"], given["thigh_left"])
    assert errors_deg(found.quat_wxyz["thigh_right"], walking.mounting["thigh_right"])[0] < 1.0
    assert found.source == "stand and gait"


@pytest.mark.parametrize("tilt_deg", [-15.0, 0.0, 10.0])
@pytest.mark.parametrize("turned", ["x forward", "z forward", "x backward"])
def test_the_raw_standing_tilt_is_that_of_the_axis_nearest_to_forward(
    tilt_deg: float, turned: str
) -> None:
    """Whichever way round the sensor sits: leaning back with its face is a positive tilt."""
    about_y = {"x forward": 0.0, "z forward": -0.5 * np.pi, "x backward": np.pi}[turned]
    lean = quaternion.about_axis(np.array([0.0, 0.0, 1.0]), np.radians(tilt_deg))
    turn = quaternion.about_axis(np.array([0.0, 1.0, 0.0]), about_y)
    sensor_to_segment = quaternion.multiply(lean, turn)
    given = {s: quaternion.conjugate(sensor_to_segment) for s in ALL}
    found = Calibrate(ALL, RATE_HZ, given).calibration

    assert found is not None
    assert found.standing_pelvis_tilt_rad == pytest.approx(np.radians(tilt_deg), abs=1e-12)


def test_neutral_is_the_last_standing_before_the_gait_is_complete() -> None:
    motion = motion_of(plan_of(STAND, WALK, STAND, WALK, EASY, seed=4))
    found = calibrated(oriented(motion))

    assert found.stand_s is not None
    start, end = found.stand_s
    assert start >= 18.0
    assert end <= 24.0
    assert end - start >= 3.0 - 1.5 / RATE_HZ
    assert_recovered(found, motion)


def test_a_named_standing_is_used(block: OrientationBlock) -> None:
    found = calibrated(block, stand_s=(1.5, 3.0))

    assert found.stand_s == pytest.approx((1.5, 2.99))


def test_little_gait_is_enough_but_is_said() -> None:
    motion = motion_of(plan_of(STAND, WALK, seed=6))
    found = calibrated(oriented(motion))

    assert 4.0 <= found.gait_s < 20.0
    assert f"only {found.gait_s:.0f} s of gait" in found.warnings[0]
    assert_recovered(found, motion)


def lean_deg(found: FloatArray, true: FloatArray) -> float:
    """How far neutral leans about the axis to the right, signed."""
    up = quaternion.axis_in_earth(quaternion.multiply(quaternion.conjugate(true), found), 1)
    return float(deg_from_rad(np.arctan2(-up[0], up[1])))


@pytest.mark.parametrize("speed", [1.0, 1.4, 2.5, 3.6, 5.0, 7.0])
@pytest.mark.parametrize("seed", [31, 32])
def test_without_standing_neutral_comes_from_gait(speed: float, seed: int) -> None:
    gait = PlannedBout(pace="walk" if speed < 2 else "fast", duration_s=26.0, speed_m_s=speed)
    motion = motion_of(plan_of(STAND, gait, seed=seed))
    block = oriented(motion)
    stood = calibrated(block)
    found = calibrated(oriented_part(block, 700, len(block.aligned.t_s)))

    assert (found.source, found.stand_s, found.quality) == ("gait alone", None, 0.5)
    assert found.standing_pelvis_tilt_rad is None
    (warning,) = found.warnings
    assert "may be off by 10°" in warning
    lean = {s: lean_deg(q, motion.mounting[s]) for s, q in found.quat_wxyz.items()}
    for segment, quat in found.quat_wxyz.items():
        assert errors_deg(quat, stood.quat_wxyz[segment])[1] < 4.0, segment
    for thigh in ("thigh_left", "thigh_right"):
        assert abs(lean[thigh] - lean["pelvis"]) < 6.0


@pytest.mark.parametrize("stood", [120, 180, 250])
def test_standing_for_one_to_three_seconds_is_used_and_said(
    block: OrientationBlock, walking: Motion, stood: int
) -> None:
    """The simulated runner begins to move before the planned 6 s are over."""
    still_until = 500
    found = calibrated(oriented_part(block, still_until - stood, len(block.aligned.t_s)))

    assert (found.source, found.quality) == ("stand and gait", 0.8)
    assert found.stand_s is not None
    assert 1.0 <= found.stand_s[1] - found.stand_s[0] + 1 / RATE_HZ < 3.0
    assert "s of quiet standing were there" in " ".join(found.warnings)
    assert_recovered(found, walking)


def test_a_pose_of_three_seconds_is_preferred_to_a_shorter_one(block: OrientationBlock) -> None:
    found = calibrated(block)

    assert found.quality == 1.0
    assert found.stand_s is not None


class TestRefusals:
    """Each names what is missing and how to mend it."""

    def test_no_standing_and_no_gait(self, block: OrientationBlock) -> None:
        with pytest.raises(CalibrationError, match="No gait"):
            calibrated(oriented_part(block, 700, 900))

    def test_a_sprint_from_the_first_sample_on(self) -> None:
        """At 9 m/s nothing but the lean from standing tells front from back."""
        sprint = PlannedBout(pace="fast", duration_s=26.0, speed_m_s=9.0)
        block = oriented(motion_of(plan_of(STAND, sprint, seed=3)))
        with pytest.raises(
            CalibrationError, match=r"No quiet standing .*pelvis faces.*Stand still"
        ):
            calibrated(oriented_part(block, 700, len(block.aligned.t_s)))

    def test_no_gait(self, block: OrientationBlock) -> None:
        with pytest.raises(CalibrationError, match=r"No gait.*mounting"):
            calibrated(oriented_part(block, 0, 550))

    @pytest.mark.parametrize("segment", ALL)
    def test_a_sensor_that_lay_on_a_table(self, block: OrientationBlock, segment: Segment) -> None:
        acc = {s: v.copy() for s, v in block.aligned.acc_m_s2.items()}
        first, second, third = acc[segment][:520].T
        acc[segment][:520] = np.stack((second, third, first), axis=1)  # a turn by 120°
        lying = replace(block, aligned=replace(block.aligned, acc_m_s2=acc))

        with pytest.raises(CalibrationError, match=f"The {segment} sensor stood .*table"):
            calibrated(lying)

    @pytest.mark.parametrize("stand_s", [(2.0, 2.9), (500.0, 510.0)])
    def test_a_named_standing_without_a_second_of_samples(
        self, block: OrientationBlock, stand_s: tuple[float, float]
    ) -> None:
        with pytest.raises(CalibrationError, match=f"stand_s = .{stand_s[0]:g}, {stand_s[1]:g}"):
            calibrated(block, stand_s=stand_s)

    def test_nothing_at_all_is_no_error(self) -> None:
        assert Calibrate(ALL, RATE_HZ).flush() == []
