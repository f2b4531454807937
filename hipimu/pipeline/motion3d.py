"""The whole motion of one recording beside its session, for programs that look at every sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hipimu.data import (
    SIDES,
    THIGHS,
    BoolArray,
    Flag,
    FloatArray,
    HipAngleBlock,
    ImuBlock,
    Segment,
    SegmentBlock,
    Session,
    Side,
)
from hipimu.pipeline.analyse import Progress, analyse_recording
from hipimu.pipeline.session import Parameters
from hipimu.sources import Recording
from hipimu.stage import joined


@dataclass(frozen=True, slots=True, eq=False)
class Motion3d:
    """A session, and the segments and hip angles that it was made of, on one time base.

    Where samples are missing for too long to be filled in, the arrays hold what the filter went on
    with: `known` says where that is, and `quat_wxyz` and `angles_rad` leave it out.
    """

    session: Session
    segments: SegmentBlock
    """Segment → earth, z up; all segments share the pelvis's heading, whose zero means nothing."""
    angles: Mapping[Side, HipAngleBlock]
    """Of every side that has a thigh sensor."""
    samples: tuple[ImuBlock, ...] = ()
    """On the pelvis's clock, where each sensor had its own; else they are the recording's."""

    @property
    def t_s(self) -> FloatArray:
        """On the recording's clock, (n,) evenly spaced."""
        return self.segments.t_s

    @property
    def rate_hz(self) -> float:
        """Of the time base."""
        return self.segments.rate_hz

    def known(self, *segments: Segment) -> BoolArray:
        """Tell where these segments' sensors have samples, or nearly, (n,)."""
        gaps = [(self.segments.flags[segment] & Flag.GAP) != 0 for segment in segments]
        return np.asarray(~np.logical_or.reduce(gaps), dtype=np.bool_)

    def quat_wxyz(self, segment: Segment) -> FloatArray:
        """Return a segment's orientation, (n, 4), NaN in gaps."""
        return np.where(self.known(segment)[:, None], self.segments.quat_wxyz[segment], np.nan)

    def angles_rad(self, side: Side, name: str) -> FloatArray:
        """Return an angle of one hip, such as ``flexion_rad``, (n,), NaN in gaps of either end."""
        values = getattr(self.angles[side], name)
        return np.where(self.known("pelvis", THIGHS[side]), values, np.nan)


def motion_of(
    recording: Recording, parameters: Parameters, progress: Progress | None = None
) -> Motion3d:
    """Analyse an opened recording as `analyse_recording` does, and keep all of its motion.

    Parameters
    ----------
    recording : Recording
    parameters : Parameters
    progress : callable, optional
        Called with the share done, 0–1.

    Returns
    -------
    Motion3d

    Raises
    ------
    HipimuError
        As `analyse_recording`.
    """
    kept = _Kept()
    session = analyse_recording(recording, parameters, progress, observer=kept)
    angles = {side: joined(found) for side, found in kept.angles.items() if found}
    return Motion3d(session, joined(kept.segments), angles, tuple(kept.timed))


class _Kept:
    """Keeps everything."""

    def __init__(self) -> None:
        self.timed: Sequence[ImuBlock] = ()
        self.segments: list[SegmentBlock] = []
        self.angles: dict[Side, list[HipAngleBlock]] = {side: [] for side in SIDES}

    def samples(self, blocks: Sequence[ImuBlock]) -> None:
        self.timed = blocks

    def motion(self, segments: SegmentBlock, angles: Sequence[HipAngleBlock]) -> None:
        self.segments.append(segments)
        for block in angles:
            self.angles[block.side].append(block)
