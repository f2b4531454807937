"""Readings of one sensor, as radio brings them → samples on the host's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from hipimu.data import BoolArray, FloatArray, ImuBlock, IntArray, Readings, Segment, TickBlock
from hipimu.stage import Stage, State
from hipimu.timing.clock import UnwrapClock
from hipimu.units import ns_from_s, s_from_ns

_ACC, _GYR, _MAG = "acc_m_s2", "gyr_rad_s", "mag_ut"
_FARTHEST_PERIODS = 2.5
"""Acceleration is not interpolated between samples further apart."""
_UNCOUNTED_DELAY_S = 0.04
"""Of a sensor without clock and counter: two or three connection intervals of the radio."""
_LEAST_STEP_NS = 1000
"""Times never stand still, whatever the clocks are steered by."""


@dataclass(frozen=True, slots=True)
class LayoutTiming:
    """What the ticks of one layout are."""

    tick_s: float
    wrap: int
    counted: bool
    """Whether the device says them itself, by a clock or a counter."""


@dataclass(slots=True)
class _Part:
    """Samples of one of two layouts that wait for the other's."""

    t_s: FloatArray = field(default_factory=lambda: np.empty(0))
    values: FloatArray = field(default_factory=lambda: np.empty((0, 3)))
    clipped: BoolArray = field(default_factory=lambda: np.empty(0, dtype=np.bool_))

    def add(self, t_s: FloatArray, values: FloatArray, clipped: BoolArray) -> None:
        self.t_s = np.concatenate((self.t_s, t_s))
        self.values = np.concatenate((self.values, values))
        self.clipped = np.concatenate((self.clipped, clipped))

    def drop(self, count: int) -> None:
        self.t_s, self.values = self.t_s[count:], self.values[count:]
        self.clipped = self.clipped[count:]


class TimeReadings(Stage[Readings, ImuBlock]):
    """Put one sensor's readings on the host's clock, as samples with both acc and gyr.

    Every layout has a clock of its own, followed by `UnwrapClock`. Where acceleration and angular
    rate come in packets of their own, acceleration is interpolated linearly at the times of the
    angular rate. Times are whole nanoseconds, so that what is stored is what was shown.

    Parameters
    ----------
    sensor : Segment
    layouts : mapping
        Name of each layout that holds acc, gyr or both → what its ticks are.
    rate_hz : float
        Declared.
    """

    state_names: ClassVar[tuple[str, ...]] = ("_acc", "_gyr", "_last_ns")

    def __init__(
        self, sensor: Segment, layouts: Mapping[str, LayoutTiming], rate_hz: float
    ) -> None:
        self._sensor, self._period_s = sensor, 1 / rate_hz
        self._clocks = {name: _clock(timing) for name, timing in layouts.items()}
        self._acc, self._gyr = _Part(), _Part()
        self._last_ns: int | None = None

    @property
    def drift_ppm(self) -> float:
        """How much the device's clock gains on the host's."""
        return next(iter(self._clocks.values())).drift_ppm

    @property
    def restarts(self) -> int:
        """How often a layout's ticks began anew, or jumped."""
        return max(clock.restarts for clock in self._clocks.values())

    def state(self) -> State:
        """Return a copy of everything that has changed."""
        return super().state() | {"clocks": {n: c.state() for n, c in self._clocks.items()}}

    def restore(self, state: State) -> None:
        """Go on where `state` was taken."""
        super().restore(state)
        for name, clock in self._clocks.items():
            clock.restore(state["clocks"][name])

    def push(self, block: Readings) -> list[ImuBlock]:
        """Take readings of one layout; return the samples that are whole."""
        clock = self._clocks.get(block.layout)
        if clock is None or block.ticks is None or len(block.ticks) == 0:
            return []
        t_s = self._times(clock, block.ticks, block.arrival_s)
        clipped = block.clipped if block.clipped is not None else np.zeros(len(t_s), np.bool_)
        has = {name: block.signals[name] for name in (_ACC, _GYR) if name in block.signals}
        if len(has) == 2:
            return [self._block(t_s, has[_GYR], has[_ACC], clipped, block.signals.get(_MAG))]
        for name, part in ((_ACC, self._acc), (_GYR, self._gyr)):
            if name in has:
                part.add(t_s, has[name], clipped)
        return self._paired(final=False)

    def flush(self) -> list[ImuBlock]:
        """Return nothing more: what has no partner yet never gets one."""
        return self._paired(final=True)

    def _times(self, clock: UnwrapClock, ticks: IntArray, arrival_s: FloatArray) -> FloatArray:
        (timed,) = clock.push(TickBlock(self._sensor, ticks, arrival_s))
        return timed.t_s

    def _block(
        self,
        t_s: FloatArray,
        gyr: FloatArray,
        acc: FloatArray,
        clipped: BoolArray,
        mag: FloatArray | None,
    ) -> ImuBlock:
        t_ns = self._advancing(ns_from_s(t_s))
        for array in (t_ns, gyr, acc, clipped):
            array.setflags(write=False)
        return ImuBlock(self._sensor, s_from_ns(t_ns), gyr, acc, clipped, mag)

    def _advancing(self, t_ns: IntArray) -> IntArray:
        """The same times, each a little later than the one before."""
        before = t_ns[0] - _LEAST_STEP_NS if self._last_ns is None else self._last_ns
        steps = np.arange(1, len(t_ns) + 1) * _LEAST_STEP_NS
        pushed = np.maximum.accumulate(np.concatenate(([before], t_ns - steps)))[1:] + steps
        self._last_ns = int(pushed[-1])
        return np.asarray(pushed, dtype=np.int64)

    def _paired(self, *, final: bool) -> list[ImuBlock]:
        acc, gyr = self._acc, self._gyr
        if not len(acc.t_s) or not len(gyr.t_s):
            return []
        # A sample exactly at the last acceleration waits for the next, so that cuts do not matter.
        ready = int(np.searchsorted(gyr.t_s, acc.t_s[-1], side="right" if final else "left"))
        if not ready:
            return []
        t_s = gyr.t_s[:ready]
        after = np.clip(np.searchsorted(acc.t_s, t_s, side="right"), 1, len(acc.t_s) - 1)
        before = after - 1
        apart_s = acc.t_s[after] - acc.t_s[before]
        near = (acc.t_s[before] <= t_s) & (apart_s <= _FARTHEST_PERIODS * self._period_s)
        near &= apart_s > 0
        weight = np.divide(t_s - acc.t_s[before], apart_s, where=near, out=np.zeros(ready))
        values = acc.values[before] + weight[:, None] * (acc.values[after] - acc.values[before])
        clipped = gyr.clipped[:ready] | acc.clipped[before] | acc.clipped[after]
        made = []
        if near.any():
            rate = gyr.values[:ready][near]
            made = [self._block(t_s[near], rate, values[near], clipped[near], None)]
        self._gyr.drop(ready)
        self._acc.drop(int(max(before[-1], 0)))
        return made


def _clock(timing: LayoutTiming) -> UnwrapClock:
    if timing.counted:
        return UnwrapClock(timing.tick_s, timing.wrap)
    return UnwrapClock(timing.tick_s, timing.wrap, restart_delay_s=_UNCOUNTED_DELAY_S)
