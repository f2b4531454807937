"""The whole motion: what the session was made of, on one time base, gaps marked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hipimu.data import SEGMENTS, SIDES, Flag, ImuBlock
from hipimu.motion import HipAngles
from hipimu.pipeline.motion3d import Motion3d, motion_of
from hipimu.pipeline.session import Parameters
from hipimu.sources import open_recording
from tests.unit.conftest import ShortSession


@pytest.fixture(scope="module")
def motion(short_simulated: ShortSession) -> Motion3d:
    return motion_of(open_recording(short_simulated.recording), Parameters())


def test_it_comes_with_the_very_session(motion: Motion3d, short_simulated: ShortSession) -> None:
    assert motion.session.strides == short_simulated.session.strides
    assert motion.session.bouts == short_simulated.session.bouts


def test_everything_is_on_one_time_base(motion: Motion3d) -> None:
    n = len(motion.t_s)
    assert np.ptp(np.diff(motion.t_s)) < 1e-9
    assert motion.rate_hz == 100.0
    assert motion.t_s[-1] - motion.t_s[0] == pytest.approx(motion.session.duration_s)
    for segment in SEGMENTS:
        quat = motion.quat_wxyz(segment)
        assert quat.shape == (n, 4)
        np.testing.assert_allclose((quat**2).sum(axis=1), 1.0, atol=1e-9)
    for side in SIDES:
        np.testing.assert_array_equal(motion.angles[side].t_s, motion.t_s)


def test_the_strides_peaks_are_those_of_the_angles(motion: Motion3d) -> None:
    for side in SIDES:
        flexion = motion.angles_rad(side, "flexion_rad")
        for stride in (s for s in motion.session.strides if s.side == side and s.usable()):
            at = np.interp(stride.t_peak_flexion_s, motion.t_s, flexion)
            assert at == pytest.approx(stride.peak_flexion_rad, abs=np.radians(0.5))


def test_the_angles_are_those_of_the_segments(motion: Motion3d) -> None:
    for angle in HipAngles(SEGMENTS).push(motion.segments):
        np.testing.assert_array_equal(
            angle.rotation_rad, motion.angles_rad(angle.side, "rotation_rad")
        )


def test_gaps_are_left_out(motion: Motion3d) -> None:
    flags = {s: f.copy() for s, f in motion.segments.flags.items()}
    flags["thigh_left"][10:20] |= np.uint8(Flag.GAP | Flag.TILT)
    flags["pelvis"][40] |= np.uint8(Flag.GAP)
    flags["pelvis"][50] |= np.uint8(Flag.BRIDGED)
    gappy = replace(motion, segments=replace(motion.segments, flags=flags))
    lost = {s: np.flatnonzero(np.isnan(gappy.quat_wxyz(s)[:, 0])).tolist() for s in SEGMENTS}
    assert lost == {"pelvis": [40], "thigh_left": list(range(10, 20)), "thigh_right": []}
    missing = np.flatnonzero(np.isnan(gappy.angles_rad("left", "flexion_rad"))).tolist()
    assert missing == [*range(10, 20), 40]


def test_samples_are_kept_where_each_sensor_had_its_clock(short_simulated: ShortSession) -> None:
    recording = open_recording(short_simulated.recording)
    apart = replace(
        recording, metadata=recording.metadata.model_copy(update={"synchronised": False})
    )
    motion = motion_of(apart, Parameters())
    assert {block.sensor for block in motion.samples} == set(SEGMENTS)

    def count(blocks: tuple[ImuBlock, ...]) -> int:
        return sum(len(block.t_s) for block in blocks if block.sensor == "thigh_left")

    assert count(motion.samples) == count(tuple(recording.blocks()))
