"""From a simulated motion to what each stage of `motion` takes."""

from __future__ import annotations

import numpy as np

from hipimu.data import AlignedBlock, FloatArray, OrientationBlock, Segment, SegmentBlock, Side
from hipimu.maths import quaternion
from hipimu.motion import Fuse
from tests.unit.conftest import Motion

RATE_HZ = 100.0


def oriented(motion: Motion) -> OrientationBlock:
    """Samples of a motion with the orientations that VQF finds."""
    samples, segments = motion.samples, motion.plan.sensors
    aligned = AlignedBlock(
        samples.t_s,
        RATE_HZ,
        samples.gyr_rad_s,
        samples.acc_m_s2,
        {s: np.zeros(len(samples.t_s), dtype=np.uint8) for s in segments},
    )
    (block,) = Fuse(segments, RATE_HZ, "vqf").push(aligned)
    return block


def true_quats(motion: Motion) -> dict[Segment, FloatArray]:
    """Segment → earth as the runner was moved."""
    pose = motion.pose
    return {
        "pelvis": pose.pelvis_wxyz,
        "thigh_left": pose.thigh_wxyz["left"],
        "thigh_right": pose.thigh_wxyz["right"],
    }


def true_segments(motion: Motion, turned_rad: dict[Side, FloatArray]) -> SegmentBlock:
    """Segment motion with known axes, each thigh's earth frame turned about the vertical."""
    samples = motion.samples
    back = {s: quaternion.conjugate(quat) for s, quat in motion.mounting.items()}
    quats = true_quats(motion)
    for side, angle in turned_rad.items():
        thigh: Segment = "thigh_left" if side == "left" else "thigh_right"
        quats[thigh] = quaternion.turned_about_z(quats[thigh], angle)
    return SegmentBlock(
        samples.t_s,
        RATE_HZ,
        quats,
        {s: quaternion.rotate(back[s], samples.gyr_rad_s[s]) for s in quats},
        {s: quaternion.rotate(back[s], samples.acc_m_s2[s]) for s in quats},
        {s: np.zeros(len(samples.t_s), dtype=np.uint8) for s in quats},
    )


def oriented_part(block: OrientationBlock, start: int, stop: int) -> OrientationBlock:
    """Samples `start` up to, not including, `stop`."""
    used, old = slice(start, stop), block.aligned
    aligned = AlignedBlock(
        old.t_s[used],
        old.rate_hz,
        {s: v[used] for s, v in old.gyr_rad_s.items()},
        {s: v[used] for s, v in old.acc_m_s2.items()},
        {s: v[used] for s, v in old.flags.items()},
    )
    return OrientationBlock(aligned, {s: v[used] for s, v in block.quat_wxyz.items()})


def segment_part(block: SegmentBlock, start: int, stop: int) -> SegmentBlock:
    """Samples `start` up to, not including, `stop`."""
    used = slice(start, stop)
    return SegmentBlock(
        block.t_s[used],
        block.rate_hz,
        {s: v[used] for s, v in block.quat_wxyz.items()},
        {s: v[used] for s, v in block.gyr_rad_s.items()},
        {s: v[used] for s, v in block.acc_m_s2.items()},
        {s: v[used] for s, v in block.flags.items()},
    )
