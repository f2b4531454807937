"""Orientation of every sensor over a session that is complete."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hipimu.data import AlignedBlock, FlagArray, FloatArray, OrientationBlock, Segment
from hipimu.motion.filters import make_filter, whole_session
from hipimu.motion.recovery import Recovery, distrusted
from hipimu.stage import WholeSession


class FuseSession(WholeSession[AlignedBlock, OrientationBlock]):
    """Run one orientation filter a sensor, looking both ways where the filter can.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
    filter_name : str
        One of `hipimu.motion.FILTER_NAMES`.

    Raises
    ------
    UnknownNameError
        When there is no such filter.
    """

    def __init__(self, segments: tuple[Segment, ...], rate_hz: float, filter_name: str) -> None:
        super().__init__()
        make_filter(filter_name, rate_hz)  # refuse at once
        self._segments = segments
        self._rate_hz = rate_hz
        self._filter_name = filter_name

    def whole(self, session: AlignedBlock) -> OrientationBlock:
        """Return the orientation after every sample."""
        quats = {}
        for segment in self._segments:
            gyr = _midway(session.gyr_rad_s[segment])
            acc = session.acc_m_s2[segment]
            quat = whole_session(self._filter_name, self._rate_hz, gyr, acc)
            quats[segment] = np.asfortranarray(quat)
        flags = {s: self._distrusted(marks) for s, marks in session.flags.items()}
        return OrientationBlock(replace(session, flags=flags), quats)

    def _distrusted(self, flags: FlagArray) -> FlagArray:
        """Looking both ways, the time before a gap suffers as the time after it does."""
        after = distrusted(flags, Recovery(), self._rate_hz)
        return after | distrusted(flags[::-1], Recovery(), self._rate_hz)[::-1]


def _midway(gyr_rad_s: FloatArray) -> FloatArray:
    """Mean of each sample and the one before: the rate half way through the step."""
    mean = gyr_rad_s.copy()
    mean[1:] += gyr_rad_s[:-1]
    mean[1:] *= 0.5
    return mean
