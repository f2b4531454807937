"""Samples of any origin in, strides out, as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hipimu.data import Calibration, FloatArray, HipAngleBlock, ImuBlock, Segment, Stride
from hipimu.pipeline.sample_path import SamplePath


class Stream:
    """The causal way from samples to strides, for samples that arrive during a run.

    How samples are cut into blocks changes nothing, and what comes out is what `analyse` gives by
    its method ``causal``.

    Parameters
    ----------
    segments : sequence of Segment
        Where sensors are worn: ``pelvis`` and one or both of ``thigh_left``, ``thigh_right``.
    rate_hz : float
        Of the sensors, the highest where they differ.
    filter_name : str
        One of `hipimu.filters.names()`.
    mounting_wxyz : mapping or None
        Known quaternions segment → sensor; without them standing and gait tell.

    Examples
    --------
    >>> import hipimu
    >>> recording = hipimu.open_recording("recordings/isen-run")
    >>> stream = hipimu.Stream(recording.segments, recording.rate_hz)
    >>> strides = [stride for block in recording.blocks() for stride in stream.push(block)]
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        rate_hz: float,
        filter_name: str = "vqf",
        *,
        mounting_wxyz: Mapping[Segment, FloatArray] | None = None,
    ) -> None:
        self._path = SamplePath(
            tuple(segments),
            rate_hz,
            filter_name,
            method="causal",
            mounting_wxyz=dict(mounting_wxyz or {}),
        )
        self.angles: list[HipAngleBlock] = []
        """Hip angles that the last call gave."""

    @property
    def calibration(self) -> Calibration | None:
        """The sensors' axes, once standing and gait have told them; before, no stride comes out."""
        return self._path.calibration

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to read before trusting the angles."""
        return self._path.warnings

    def push(self, block: ImuBlock) -> list[Stride]:
        """Take the next samples of one sensor; return the strides that are now complete.

        Parameters
        ----------
        block : ImuBlock
            On one clock for all sensors.
        """
        self.angles = self._path.angles.push(block)
        return [stride for angles in self.angles for stride in self._path.strides.push(angles)]

    def flush(self) -> list[Stride]:
        """Say that nothing follows; return what was held back."""
        self.angles = self._path.angles.flush()
        found = [stride for angles in self.angles for stride in self._path.strides.push(angles)]
        return [*found, *self._path.strides.flush()]
