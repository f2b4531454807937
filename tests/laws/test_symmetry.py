"""What a body does not care about, hip angles must not care about either."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import SIDES, FloatArray, ImuBlock, OrientationBlock, Segment
from hipimu.maths import quaternion
from hipimu.motion import Calibrate, HipAngles, MatchHeading, SteadySegments
from hipimu.pipeline import SamplePath
from hipimu.stage import Chain
from tests.laws.conftest import RATE_HZ, SEGMENTS, SIMULATION, _align, _fuse, _through
from tests.simulated import Samples, Simulation, blocks_of

DEGREE = np.pi / 180
TURNS = st.lists(st.floats(-np.pi, np.pi), min_size=3, max_size=3)
SEEDS = st.integers(0, 2**32 - 1)
ANGLES = ("flexion_rad", "adduction_rad", "rotation_rad", "thigh_rad", "pelvis_tilt_rad")


def angles(blocks: list[Any], chain: Chain) -> dict[str, dict[str, FloatArray]]:
    out = [o for block in blocks for o in chain.push(block)] + chain.flush()
    return {
        side: {
            name: np.concatenate([getattr(b, name) for b in out if b.side == side])
            for name in (*ANGLES, "pelvis_obliquity_rad")
        }
        for side in SIDES
    }


def whole() -> Chain:
    return SamplePath(SEGMENTS, RATE_HZ).angles


def imu_blocks(samples: Samples) -> list[ImuBlock]:
    return blocks_of(samples, 0, 10**6)


REFERENCE = angles(imu_blocks(SIMULATION.samples), whole())


@settings(max_examples=10, deadline=None)
@given(turns=TURNS)
def test_heading_of_each_earth_frame_does_not_matter(turns: list[float]) -> None:
    (block,) = _through((_align, _fuse), None)
    turned = {
        segment: quaternion.turned_about_z(quat, np.full(len(quat), turn))
        for (segment, quat), turn in zip(block.quat_wxyz.items(), turns, strict=True)
    }
    chain = Chain(
        [
            Calibrate(SEGMENTS, RATE_HZ),
            MatchHeading(SEGMENTS, RATE_HZ),
            SteadySegments(SEGMENTS, RATE_HZ),
            HipAngles(SEGMENTS),
        ]
    )
    result = angles([OrientationBlock(block.aligned, turned)], chain)
    for side in SIDES:
        for name in ANGLES:
            np.testing.assert_allclose(
                result[side][name], REFERENCE[side][name], atol=1e-9, err_msg=name
            )


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_how_a_sensor_sits_on_its_strap_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    turned: Samples = {}
    for segment, (t_s, gyr, acc) in SIMULATION.samples.items():
        mount = quaternion.normalise(rng.normal(size=4))
        turned[segment] = (t_s, quaternion.rotate(mount, gyr), quaternion.rotate(mount, acc))
    result = angles(imu_blocks(turned), whole())
    for side in SIDES:
        for name in ANGLES:
            error = np.abs(result[side][name] - REFERENCE[side][name])
            # Not exactly nothing: VQF limits its bias estimate axis by axis
            assert error.max() < 0.2 * DEGREE, f"{side} {name}"


def mirrored(simulation: Simulation) -> Samples:
    """The same run in a mirror that swaps left and right.

    Seen in each sensor's own mirrored axes, a reflection turns the sign of one component of the
    specific force and of the other two components of the angular rate, a pseudovector.
    """
    other: dict[Segment, Segment] = {
        "pelvis": "pelvis",
        "thigh_left": "thigh_right",
        "thigh_right": "thigh_left",
    }
    flip = np.array([1.0, 1.0, -1.0])
    return {
        segment: (t_s, -flip * gyr, flip * acc)
        for segment, (t_s, gyr, acc) in (
            (segment, simulation.samples[other[segment]]) for segment in simulation.segments
        )
    }


def test_mirroring_the_body_swaps_the_sides() -> None:
    result = angles(imu_blocks(mirrored(SIMULATION)), whole())
    for side, swapped in zip(SIDES, reversed(SIDES), strict=True):
        for name in ANGLES:
            np.testing.assert_allclose(
                result[side][name], REFERENCE[swapped][name], atol=0.02 * DEGREE, err_msg=name
            )
        np.testing.assert_allclose(
            result[side]["pelvis_obliquity_rad"],
            -REFERENCE[swapped]["pelvis_obliquity_rad"],
            atol=0.02 * DEGREE,
        )


@pytest.mark.parametrize("side", SIDES)
def test_one_thigh_measures_what_two_do(side: str) -> None:
    segments: tuple[Segment, ...] = ("pelvis", "thigh_left" if side == "left" else "thigh_right")
    samples = {segment: SIMULATION.samples[segment] for segment in segments}
    chain = SamplePath(segments, RATE_HZ).angles
    out = [o for block in imu_blocks(samples) for o in chain.push(block)] + chain.flush()
    alone = np.concatenate([block.flexion_rad for block in out])
    assert {block.side for block in out} == {side}
    assert np.abs(alone - REFERENCE[side]["flexion_rad"]).max() < 1.0 * DEGREE


def test_a_gap_is_marked_in_every_angle_it_touches() -> None:
    samples = dict(SIMULATION.samples)
    t_s, gyr, acc = samples["thigh_left"]
    lost = slice(2500, 2504)  # short enough to be bridged
    samples["thigh_left"] = (
        np.delete(t_s, lost),
        np.delete(gyr, lost, axis=0),
        np.delete(acc, lost, axis=0),
    )
    chain = whole()
    out = [o for block in imu_blocks(samples) for o in chain.push(block)] + chain.flush()
    flags = {side: np.concatenate([b.flags for b in out if b.side == side]) for side in SIDES}
    t_out = np.concatenate([b.t_s for b in out if b.side == "left"])
    assert t_out[flags["left"] > 0] == pytest.approx(t_s[lost])
    assert not flags["right"].any()


def test_the_reference_is_the_truth() -> None:
    for side in SIDES:
        true = SIMULATION.flexion_rad[side][1 : len(REFERENCE[side]["flexion_rad"]) + 1]
        error = REFERENCE[side]["flexion_rad"] - true
        assert np.sqrt((error**2).mean()) < 0.5 * DEGREE
