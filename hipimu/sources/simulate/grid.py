"""Samples and the fine ticks between them, on any sensor's clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from hipimu.data import FloatArray
from hipimu.sources.simulate.clock import SensorClock
from hipimu.sources.simulate.motion import FINE_HZ


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A piece of the session on a clock: samples `first` to `last`, and the fine ticks around."""

    first: int
    last: int
    rate_hz: float
    clock: SensorClock

    @property
    def factor(self) -> int:
        """Ticks per sample."""
        return round(FINE_HZ / self.rate_hz)

    @property
    def fine_hz(self) -> float:
        """Ticks per second of the reference clock."""
        return self.factor * self.rate_hz * (1 + self.clock.drift)

    @property
    def taps(self) -> FloatArray:
        """Filter of the sensor, between ticks and samples."""
        return _low_pass(self.rate_hz, self.factor * self.rate_hz)

    @property
    def margin(self) -> int:
        """Ticks that the filter needs beyond the samples."""
        return len(self.taps) // 2 + 2

    @property
    def fine_t_s(self) -> FloatArray:
        """Ticks on the reference clock, with the filter's margin at either end."""
        first, last = self.first * self.factor, self.last * self.factor
        ticks = np.arange(first - self.margin, last + self.margin)
        return self.clock.reference_s(ticks / (self.factor * self.rate_hz))

    @property
    def own_t_s(self) -> FloatArray:
        """Samples on the grid's clock."""
        return np.arange(self.first, self.last) / self.rate_hz

    def on(self, clock: SensorClock) -> Grid:
        """Return the samples that another clock takes during the same time."""
        if clock.is_reference:
            return self
        ends = clock.own_s(np.array([self.first, self.last]) / self.rate_hz) * self.rate_hz
        first, last = (int(end) for end in np.ceil(ends))
        return Grid(first, last, self.rate_hz, clock)


def _low_pass(rate_hz: float, fine_hz: float) -> FloatArray:
    """Symmetric filter at 0.4 of the output rate."""
    half = int(2.5 * fine_hz / rate_hz)
    return np.asarray(signal.firwin(2 * half + 1, 0.4 * rate_hz, fs=fine_hz), dtype=np.float64)
