"""The causal way from packets to strides: during a run, or from its journal.

Both give the same numbers, bit for bit: the journal keeps packets as they came, and no stage
depends on how they are cut into batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hipimu.data import Absence, Entry, HipAngleBlock, ImuBlock, Stride
from hipimu.pipeline.radio import RadioPath
from hipimu.pipeline.sample_path import SamplePath, sample_path_for
from hipimu.sources import Recording


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
    recording : Recording or None
        One that holds samples and no packets: `radio` then says nothing, and samples are pushed.
    """

    def __init__(self, radio: RadioPath, recording: Recording | None = None) -> None:
        self.radio = radio
        if recording is None:
            self.rates_hz = {segment: radio.rate_hz(segment) for segment in radio.segments}
            self.samples = SamplePath(
                radio.segments,
                max(self.rates_hz.values()),
                method="causal",
                sensor_rate_hz=self.rates_hz,
            )
        else:
            self.rates_hz = {file.segment: file.rate_hz for file in recording.files}
            self.samples = sample_path_for(recording)

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
