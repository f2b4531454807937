"""The causal way from packets to strides: during a run, or from its journal.

Both give the same numbers, bit for bit: the journal keeps packets as they came, and no stage
depends on how they are cut into batches.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hipimu.data import Arrival, HipAngleBlock, ImuBlock, Stride
from hipimu.pipeline.radio import RadioPath
from hipimu.pipeline.sample_path import SamplePath


class Shown(NamedTuple):
    """What a batch of packets gave."""

    angles: list[HipAngleBlock]
    strides: list[Stride]


class LivePath:
    """Packets in, hip angles and strides out.

    Parameters
    ----------
    radio : RadioPath
    samples : SamplePath or None
        Without it, a causal one with the sensors of `radio` at the highest of their rates.
    """

    def __init__(self, radio: RadioPath, samples: SamplePath | None = None) -> None:
        self.radio = radio
        rates = {segment: radio.rate_hz(segment) for segment in radio.segments}
        self.samples = samples or SamplePath(
            radio.segments, max(rates.values()), method="causal", sensor_rate_hz=rates
        )

    def push(self, arrivals: Iterable[Arrival]) -> Shown:
        """Take packets and link events in the order in which they came."""
        return self._through(self.radio.push(arrivals))

    def flush(self) -> Shown:
        """Say that nothing follows; return what was held back."""
        angles, strides = self._through(self.radio.flush())
        last = self.samples.angles.flush()
        found = [stride for block in last for stride in self.samples.strides.push(block)]
        return Shown([*angles, *last], [*strides, *found, *self.samples.strides.flush()])

    def _through(self, blocks: list[ImuBlock]) -> Shown:
        angles = [out for block in blocks for out in self.samples.angles.push(block)]
        return Shown(angles, [s for block in angles for s in self.samples.strides.push(block)])
