"""Orientation of every sensor from its gyroscope and accelerometer."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np

from hipimu.data import AlignedBlock, FloatArray, OrientationBlock, Segment
from hipimu.motion.filters import OrientationFilter, make_filter
from hipimu.motion.recovery import Recovery, distrusted
from hipimu.stage import Stage, State


class Fuse(Stage[AlignedBlock, OrientationBlock]):
    """Run one orientation filter a sensor.

    The filter gets the mean of neighbouring gyroscope samples: the rate half way through the step
    it integrates (mid-point rule), which matters at 50–100 Hz.

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

    state_names = ("_last_gyr", "_recovery")

    def __init__(self, segments: tuple[Segment, ...], rate_hz: float, filter_name: str) -> None:
        self._rate_hz = rate_hz
        self._filters: dict[Segment, OrientationFilter] = {
            segment: make_filter(filter_name, rate_hz) for segment in segments
        }
        self._last_gyr: dict[Segment, FloatArray] = {}
        self._recovery = {segment: Recovery() for segment in segments}

    def push(self, block: AlignedBlock) -> list[OrientationBlock]:
        """Return the orientation after every sample."""
        quats, flags = {}, {}
        for segment, orientation_filter in self._filters.items():
            midway = self._midway(segment, block.gyr_rad_s[segment])
            quat = orientation_filter.update(midway, block.acc_m_s2[segment])
            quats[segment] = np.asfortranarray(quat)
            flags[segment] = distrusted(
                block.flags[segment], self._recovery[segment], self._rate_hz
            )
        return [OrientationBlock(replace(block, flags=flags), quats)]

    def _midway(self, segment: Segment, gyr_rad_s: FloatArray) -> FloatArray:
        """Mean of each sample and the one before."""
        mean = np.empty(gyr_rad_s.shape)
        mean[0] = self._last_gyr.get(segment, gyr_rad_s[0])
        mean[1:] = gyr_rad_s[:-1]
        mean += gyr_rad_s
        mean *= 0.5
        self._last_gyr[segment] = gyr_rad_s[-1].copy()
        return mean

    def state(self) -> State:
        """Return the stage's and the filters' state."""
        filters = {segment: f.state() for segment, f in self._filters.items()}
        return super().state() | {"filters": filters}

    def restore(self, state: State) -> None:
        """Restore the stage and its filters."""
        super().restore(state)
        for segment, saved in state["filters"].items():
            self._filters[segment].restore(copy.deepcopy(saved))
