"""Clocks of sensors, and samples that never arrive.

The pelvis's clock is the reference. Without a common clock every sensor is switched on and off by
itself, samples on the beat of its own clock and writes that clock's time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hipimu.data import BoolArray, FloatArray, Segment
from hipimu.sources.simulate.plan import Plan
from hipimu.sources.simulate.streams import stream

_SWITCHED_WITHIN_S = 2.0
"""Separate loggers are switched on and off within so many seconds of the session's ends."""


@dataclass(frozen=True, slots=True)
class SensorClock:
    """One sensor's clock: own time = offset + (1 + drift) · reference time."""

    offset_s: float = 0.0
    drift: float = 0.0
    """Share by which it runs fast."""
    on_s: float = -np.inf
    """When the sensor is switched on, on the reference clock."""
    off_s: float = np.inf

    @property
    def is_reference(self) -> bool:
        """Whether it shows the reference time."""
        return self.offset_s == 0.0 and self.drift == 0.0

    def own_s(self, t_s: FloatArray) -> FloatArray:
        """Turn reference time into own time."""
        return self.offset_s + (1 + self.drift) * t_s

    def reference_s(self, own_s: FloatArray) -> FloatArray:
        """Turn own time into reference time."""
        return (own_s - self.offset_s) / (1 + self.drift)


def sensor_clock(plan: Plan, segment: Segment, duration_s: float) -> SensorClock:
    """Draw one sensor's clock."""
    if plan.clock.synchronised:
        return SensorClock()
    rng = stream(plan.seed, "clock", segment)
    offset, drift = rng.normal(size=2)
    late, early = rng.uniform(0.0, _SWITCHED_WITHIN_S, 2)
    own = float(segment != "pelvis")
    return SensorClock(
        offset_s=own * plan.clock.offset_s * float(offset),
        drift=own * plan.clock.drift_ppm * 1e-6 * float(drift),
        on_s=float(late),
        off_s=duration_s - float(early),
    )


class Stamps:
    """Time stamps as they are written: whole microseconds, strictly increasing.

    Parameters
    ----------
    plan : Plan
    segment : Segment
    """

    def __init__(self, plan: Plan, segment: Segment) -> None:
        self._rng = stream(plan.seed, "jitter", segment)
        self._jitter_s = 1e-3 * plan.clock.jitter_ms
        self._last_us = np.iinfo(np.int64).min // 2

    def draw(self, count: int) -> FloatArray:
        """Return errors of the next stamps in seconds, (count,)."""
        return self._rng.normal(0.0, 1.0, count) * self._jitter_s

    def written(self, stamps_s: FloatArray) -> FloatArray:
        """Round stamps (n,) in seconds and put each behind the one before."""
        if not self._jitter_s:
            return np.round(stamps_s, 6)
        rank = np.arange(len(stamps_s))
        wanted_us = np.round(stamps_s * 1e6).astype(np.int64)
        lifted = np.maximum(wanted_us - rank, self._last_us + 1)
        written_us = np.maximum.accumulate(lifted) + rank
        self._last_us = int(written_us[-1]) if len(written_us) else self._last_us
        return np.round(written_us * 1e-6, 6)


class Bursts:
    """Which samples the radio loses: a link that is up or down (Gilbert 1960).

    Lengths of both states are geometric, with the means that the plan's share and burst give.

    Parameters
    ----------
    plan : Plan
    segment : Segment
    """

    def __init__(self, plan: Plan, segment: Segment) -> None:
        self._rng = stream(plan.seed, "radio", segment)
        loss = plan.radio.loss
        self._end = min(1.0, 1 / (plan.radio.burst_s * plan.rate_hz))
        self._begin = self._end * loss / (1 - loss)
        self._down = bool(self._rng.uniform() < loss)
        self._left = 0

    def arrived(self, count: int) -> BoolArray:
        """Return whether each of the next samples arrives, (count,)."""
        arrives = np.ones(count, dtype=bool)
        at = 0
        while self._begin and at < count:
            if not self._left:
                self._left = int(self._rng.geometric(self._end if self._down else self._begin))
            run = min(self._left, count - at)
            arrives[at : at + run] = not self._down
            at, self._left = at + run, self._left - run
            self._down ^= not self._left
        return arrives
