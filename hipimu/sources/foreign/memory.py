"""A foreign sensor as a file of samples, like those that are read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hipimu.data import Segment
from hipimu.sources.csv_folder import CHANNELS, TIME
from hipimu.sources.foreign.noun import ForeignSensor
from hipimu.sources.samples import Channels, SampleFile, Samples

_ROWS_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class ForeignFile(SampleFile):
    """One sensor of a foreign file."""

    sensor: ForeignSensor = field(kw_only=True)

    @property
    def channels(self) -> Channels:
        """The names that hipimu gives them: the files' own differ too much."""
        return CHANNELS

    @property
    def time_channel(self) -> str:
        """The name that hipimu gives it."""
        return TIME

    def pieces(self) -> Iterator[Samples]:
        """Give all samples, a piece at a time."""
        own = self.sensor
        whole = Samples(0, 1.0, own.t_s, own.acc_m_s2, own.gyr_rad_s, own.mag_ut, own.counter)
        for start in range(0, len(whole), _ROWS_AT_ONCE):
            yield whole.part(start, start + _ROWS_AT_ONCE)

    def line_of(self, row: int) -> int | None:
        """Return the line, counted from 1, of a row counted from 0."""
        first = self.sensor.first_line
        return None if first is None else first + row


def file_of(segment: Segment, sensor: ForeignSensor) -> ForeignFile:
    """Return a sensor as the file of a segment."""
    return ForeignFile(segment, sensor.path, sensor.rate_hz, sensor=sensor)
