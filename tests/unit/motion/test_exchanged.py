"""Sensors called by each other's names are refused and named; correct ones never are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hipimu.sources.simulate.imu as simulated_sensors
from hipimu.data import SIDES, FloatArray, OrientationBlock, Segment
from hipimu.errors import CalibrationError
from hipimu.motion import Calibrate, Fuse
from hipimu.motion.roles import refuse_exchanged as refuse_roles
from hipimu.motion.sides import lever_vote
from hipimu.motion.sides import refuse_exchanged as refuse_sides
from hipimu.sources import open_recording
from hipimu.sources.simulate import Plan
from hipimu.sources.simulate.plan import PlannedBout
from hipimu.stage import joined
from hipimu.timing import Align
from tests.unit.conftest import STAND, Motion, motion_of
from tests.unit.motion.segments import RATE_HZ, oriented, oriented_part

ISEN = Path(__file__).parents[3] / "recordings" / "isen-run"
ISEN_HZ = 200.0
Names = dict[Segment, Segment]
SIDES_EXCHANGED: Names = {"thigh_left": "thigh_right", "thigh_right": "thigh_left"}
PELVIS_AND_LEFT: Names = {"pelvis": "thigh_left", "thigh_left": "pelvis"}
PELVIS_AND_RIGHT: Names = {"pelvis": "thigh_right", "thigh_right": "pelvis"}
ALL_EXCHANGED: Names = {
    "pelvis": "thigh_left",
    "thigh_left": "thigh_right",
    "thigh_right": "pelvis",
}


def called(block: OrientationBlock, names: Names) -> OrientationBlock:
    """Give each sensor the samples of another."""

    def exchange(values: dict[Segment, FloatArray]) -> dict[Segment, FloatArray]:
        return {segment: values[names.get(segment, segment)] for segment in values}

    aligned = block.aligned
    return OrientationBlock(
        replace(
            aligned,
            gyr_rad_s=exchange(dict(aligned.gyr_rad_s)),
            acc_m_s2=exchange(dict(aligned.acc_m_s2)),
        ),
        exchange(dict(block.quat_wxyz)),
    )


def warnings_of(block: OrientationBlock, rate_hz: float = RATE_HZ) -> tuple[str, ...]:
    stage = Calibrate(tuple(block.quat_wxyz), rate_hz)
    stage.push(block)
    stage.flush()
    assert stage.calibration is not None
    return stage.calibration.warnings


def running(speed: float, seed: int = 3) -> Motion:
    bout = PlannedBout(pace="walk" if speed < 2 else "fast", duration_s=26.0, speed_m_s=speed)
    return motion_of(Plan(seed=seed, rate_hz=RATE_HZ, warm_up=(STAND,), bouts=(bout,)))


@pytest.fixture(scope="module", params=[1.0, 1.4, 2.5, 3.6, 5.0, 7.0, 9.0])
def gait(request: pytest.FixtureRequest) -> OrientationBlock:
    return oriented(running(request.param))


@pytest.fixture(scope="module")
def isen() -> OrientationBlock:
    recording = open_recording(ISEN)
    align = Align(recording.segments, ISEN_HZ)
    fuse = Fuse(recording.segments, ISEN_HZ, "vqf")
    aligned = [out for block in recording.blocks() for out in align.push(block)] + align.flush()
    return joined([out for block in aligned for out in fuse.push(block)])


def test_sensors_that_are_named_right_pass_without_a_word(gait: OrientationBlock) -> None:
    assert warnings_of(gait) == ()


@pytest.mark.parametrize(
    ("names", "thigh"),
    [
        (PELVIS_AND_LEFT, "thigh_left"),
        (PELVIS_AND_RIGHT, "thigh_right"),
        (ALL_EXCHANGED, "thigh_right"),
    ],
)
@pytest.mark.parametrize("stood", [True, False])
def test_a_pelvis_called_a_thigh_is_named(
    gait: OrientationBlock, names: Names, thigh: Segment, stood: bool
) -> None:
    start = 0 if stood else 700
    block = oriented_part(called(gait, names), start, len(gait.aligned.t_s))
    remedy = rf"\[sensors.pelvis\] and \[sensors.{thigh}\] in recording.toml"
    with pytest.raises(CalibrationError, match=rf"pelvis and {thigh} are exchanged.*{remedy}"):
        warnings_of(block)


@pytest.mark.parametrize("speed", [1.0, 1.4, 2.5, 3.6, 5.0, 7.0])
def test_thighs_called_by_the_other_side_are_named(speed: float) -> None:
    remedy = r"\[sensors.thigh_left\] and \[sensors.thigh_right\]"
    with pytest.raises(
        CalibrationError, match=rf"thigh_left and thigh_right are exchanged.*{remedy}"
    ):
        warnings_of(called(oriented(running(speed)), SIDES_EXCHANGED))


def test_in_a_sprint_the_pelvis_hardly_drops_and_there_is_only_a_warning() -> None:
    said = warnings_of(called(oriented(running(9.0)), SIDES_EXCHANGED))
    assert "thigh_left and thigh_right are exchanged, as it seems" in said[0]


@pytest.mark.parametrize("worn", ["thigh_left", "thigh_right"])
def test_one_thigh_called_by_the_other_side(worn: Segment) -> None:
    block = oriented(running(3.6))
    other = SIDES_EXCHANGED[worn]

    def only(values: dict[Segment, FloatArray]) -> dict[Segment, FloatArray]:
        return {"pelvis": values["pelvis"], other: values[worn]}

    aligned = block.aligned
    wrong = OrientationBlock(
        replace(
            aligned,
            gyr_rad_s=only(dict(aligned.gyr_rad_s)),
            acc_m_s2=only(dict(aligned.acc_m_s2)),
        ),
        only(dict(block.quat_wxyz)),
    )
    with pytest.raises(CalibrationError, match=rf"{other} is worn on the other.*Rename .*{worn}"):
        warnings_of(wrong)


@pytest.mark.parametrize("inside_m", [0.0, -0.06])
def test_sensors_elsewhere_on_the_thigh_raise_no_alarm(
    monkeypatch: pytest.MonkeyPatch, inside_m: float
) -> None:
    """At the front, and on the inner side, where the lever speaks for the wrong side."""
    places = {"left": np.array([0.07, -0.2, -inside_m]), "right": np.array([0.07, -0.2, inside_m])}
    monkeypatch.setattr(simulated_sensors, "_THIGH_SENSOR_M", places)
    assert warnings_of(oriented(running(3.6))) == ()


class TestRealRunner:
    def test_named_right(self, isen: OrientationBlock) -> None:
        (warning,) = warnings_of(isen, ISEN_HZ)
        assert warning.startswith("only 8 s of gait")

    @pytest.mark.parametrize(
        ("names", "two"),
        [
            (SIDES_EXCHANGED, "thigh_left and thigh_right"),
            (PELVIS_AND_LEFT, "pelvis and thigh_left"),
            (PELVIS_AND_RIGHT, "pelvis and thigh_right"),
        ],
    )
    def test_exchanged(self, isen: OrientationBlock, names: Names, two: str) -> None:
        with pytest.raises(CalibrationError, match=f"{two} are exchanged"):
            warnings_of(called(isen, names), ISEN_HZ)

    @pytest.mark.parametrize("segment", ["pelvis", "thigh_left", "thigh_right"])
    @pytest.mark.parametrize("flip", [(-1, -1, -1), (-1, 1, 1)])
    def test_a_sensor_that_turns_the_other_way_in_a_corner(
        self, isen: OrientationBlock, segment: Segment, flip: tuple[int, int, int]
    ) -> None:
        """All of the gyroscope reversed, and its axis along the vertical (x here) alone."""
        gyr = dict(isen.aligned.gyr_rad_s)
        gyr[segment] = gyr[segment] * np.array(flip)
        wrong = replace(isen, aligned=replace(isen.aligned, gyr_rad_s=gyr))
        with pytest.raises(CalibrationError, match=f"{segment} sensor turns left when the others"):
            warnings_of(wrong, ISEN_HZ)


def test_between_sure_and_silent_there_is_a_warning() -> None:
    assert refuse_sides(-1.0, 0.9, SIDES) == refuse_sides(0.0, -0.9, SIDES) == ()
    assert "check them" in refuse_sides(-1.0, -0.25, SIDES)[0]
    with pytest.raises(CalibrationError):
        refuse_sides(-1.0, -0.4, SIDES)


def test_levers_vote_only_together_and_within_a_thighs_width() -> None:
    assert lever_vote({"left": -0.06, "right": 0.06}) == 1.0
    assert lever_vote({"left": 0.06, "right": -0.015}) == pytest.approx(-0.5)
    assert lever_vote({"left": 0.06, "right": 0.06}) == 0.0
    assert lever_vote({"left": 0.2, "right": -0.06}) == 0.0
    assert lever_vote({"left": 0.06}) == -1.0


def test_a_pelvis_that_swings_nearly_as_fast_is_said() -> None:
    rate_hz, time_s = 100.0, np.arange(0, 8, 0.01)
    swing = np.sin(2 * np.pi * 1.25 * time_s)[:, None] * np.array([0.0, 0.0, 1.0])
    gyr: dict[Segment, FloatArray] = {"pelvis": 2.7 * swing, "thigh_left": 3.0 * swing}
    (warning,) = refuse_roles(gyr, [(slice(400, 800), 80.0)], rate_hz)
    assert "nearly as fast as the thigh_left" in warning
