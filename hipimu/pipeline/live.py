"""The causal way from packets to strides: during a run, or from its journal.

Both give the same numbers, bit for bit: the journal keeps packets as they came, and no stage
depends on how they are cut into batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hipimu.data import Absence, Entry, HipAngleBlock, ImuBlock, Stride
from hipimu.pipeline.radio import RadioPath
from hipimu.pipeline.sample_path import SamplePath


class Shown(NamedTuple):
    """What a batch of entries gave."""

    blocks: list[ImuBlock]
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

    def push(self, entries: Iterable[Entry]) -> Shown:
        """Take what a recording is made of, in the order in which it came."""
        entries = list(entries)
        blocks = self.radio.push(entries)
        # It makes no difference that the others' samples of this batch precede: `Align`.
        absences = [entry for entry in entries if isinstance(entry, Absence)]
        return Shown(blocks, *self._through([*blocks, *absences]))

    def push_samples(self, blocks: Sequence[ImuBlock]) -> Shown:
        """Take samples that are decoded and timed already."""
        return Shown(list(blocks), *self._through(blocks))

    def flush(self) -> Shown:
        """Say that nothing follows; return what was held back."""
        blocks = self.radio.flush()
        angles, strides = self._through(blocks)
        last = self.samples.angles.flush()
        found = [stride for block in last for stride in self.samples.strides.push(block)]
        return Shown(blocks, [*angles, *last], [*strides, *found, *self.samples.strides.flush()])

    def _through(
        self, blocks: Sequence[ImuBlock | Absence]
    ) -> tuple[list[HipAngleBlock], list[Stride]]:
        angles = [out for block in blocks for out in self.samples.angles.push(block)]
        return angles, [s for block in angles for s in self.samples.strides.push(block)]
