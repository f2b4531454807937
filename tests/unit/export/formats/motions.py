"""Motion that is known because it was made up, as an analysis would give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hipimu.data import THIGHS, FloatArray, Segment, SegmentBlock, Session
from hipimu.export.formats.noun import Conversion
from hipimu.maths import quaternion
from hipimu.motion import HipAngles
from hipimu.pipeline.motion3d import Motion3d
from hipimu.sources import Recording
from tests.unit.export.formats.recordings import in_memory, told
from tests.unit.report.sessions import short_session

FORWARD, UP, RIGHT = np.eye(3)
"""In segment axes."""
STANDING = quaternion.about_axis(FORWARD, np.pi / 2)
"""Segment → earth of whoever faces x."""
RATE_HZ = 100.0


def turned(what: FloatArray, towards: FloatArray, angle_rad: FloatArray) -> FloatArray:
    """Return turns (n, 4) that move an axis of a segment towards another."""
    return quaternion.from_vector(np.cross(what, towards) * angle_rad[:, None])


def motion_with(
    turns: Mapping[Segment, FloatArray],
    heading_rad: float = 0.0,
    segments: tuple[Segment, ...] = ("pelvis", "thigh_left", "thigh_right"),
    t0_s: float = 5.0,
) -> Motion3d:
    """Return motion in which segments are turned away from standing; thighs not with the pelvis."""
    n = len(next(iter(turns.values())))
    still = np.tile([1.0, 0.0, 0.0, 0.0], (n, 1))
    stand = quaternion.turned_about_z(np.tile(STANDING, (n, 1)), np.full(n, heading_rad))
    quat = {s: quaternion.multiply(stand, turns.get(s, still)) for s in segments}
    none = {s: np.zeros((n, 3)) for s in segments}
    block = SegmentBlock(
        t0_s + np.arange(n) / RATE_HZ,
        RATE_HZ,
        quat,
        none,
        none,
        {s: np.zeros(n, np.uint8) for s in segments},
    )
    return with_angles(block)


def with_angles(block: SegmentBlock) -> Motion3d:
    segments = tuple(block.quat_wxyz)
    assert set(segments) <= {"pelvis", *THIGHS.values()}
    angles = {angle.side: angle for angle in HipAngles(segments).push(block)}
    return Motion3d(short_session(), block, angles)


def conversion_of(motion: Motion3d, said: list[str] | None = None) -> Conversion:
    """Return a conversion that has been analysed already."""
    conversion = Conversion(in_memory(told()), tell=(said if said is not None else []).append)
    conversion.__dict__["motion"] = motion
    return conversion


def conversion_about(
    session: Session, recording: Recording, *, end_s: float, said: list[str] | None = None
) -> Conversion:
    """Return a conversion of a made-up session, with nobody moving on a time base from 0."""
    n = round(end_s * RATE_HZ) + 1
    motion = motion_with({"pelvis": np.tile([1.0, 0.0, 0.0, 0.0], (n, 1))}, t0_s=0.0)
    conversion = Conversion(recording, tell=(said if said is not None else []).append)
    conversion.__dict__["motion"] = replace(motion, session=session)
    return conversion
