"""Bring all sensors onto one evenly spaced time base, with gaps marked."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hipimu.data import AlignedBlock, Flag, FloatArray, ImuBlock, Segment, SensorSummary
from hipimu.stage import Stage

_GAP_INTERVALS = 1.5
"""Neighbouring samples further apart than this many sampling intervals enclose a gap."""
_NEAR_INTERVALS = 0.25
"""A grid point this close to a real sample is no gap, whatever lies on its other side."""


@dataclass(slots=True)
class _Waiting:
    """Samples of one sensor that are not yet on the grid: time, gyr, acc, clipped in columns."""

    rows: FloatArray = field(default_factory=lambda: np.empty((0, 8)))
    first_s: float | None = None
    last_s: float = 0.0
    samples: int = 0
    missing: int = 0
    clipped: int = 0


class Align(Stage[ImuBlock, AlignedBlock]):
    """Interpolate every sensor linearly at t₀ + k / rate.

    t₀ is the latest first sample of all sensors; k starts at 1, so that every grid point has a
    sample on either side. A block comes out as soon as all sensors have passed its end.

    Parameters
    ----------
    segments : tuple of Segment
        The sensors that will deliver; nothing comes out before all have started.
    rate_hz : float
        Of the grid.
    sensor_rate_hz : dict
        Declared sampling rate of each sensor, for telling gaps.
    """

    state_names = ("_waiting", "_next", "_start_s")

    def __init__(
        self,
        segments: tuple[Segment, ...],
        rate_hz: float,
        sensor_rate_hz: dict[Segment, float] | None = None,
    ) -> None:
        self.rate_hz = rate_hz
        self._sensor_rate_hz = sensor_rate_hz or dict.fromkeys(segments, rate_hz)
        self._waiting = {segment: _Waiting() for segment in segments}
        self._next = 1
        self._start_s: float | None = None

    def push(self, block: ImuBlock) -> list[AlignedBlock]:
        """Take samples of one sensor; return what all sensors have passed."""
        if len(block.t_s) == 0:
            return []
        waiting = self._waiting[block.sensor]
        self._count(waiting, block)
        fresh = np.column_stack((block.t_s, block.gyr_rad_s, block.acc_m_s2, block.clipped))
        waiting.rows = np.concatenate((waiting.rows, fresh))
        return self._emit()

    def summaries(self) -> tuple[SensorSummary, ...]:
        """What each sensor has delivered so far."""
        return tuple(_summary(segment, waiting) for segment, waiting in self._waiting.items())

    def _count(self, waiting: _Waiting, block: ImuBlock) -> None:
        times = block.t_s
        if waiting.first_s is None:
            waiting.first_s = float(times[0])
        else:
            times = np.concatenate(([waiting.last_s], times))
        steps = np.diff(times) * self._sensor_rate_hz[block.sensor]
        waiting.missing += int(np.rint(steps[steps > _GAP_INTERVALS] - 1).sum())
        waiting.samples += len(block.t_s)
        waiting.clipped += int(block.clipped.sum())
        waiting.last_s = float(block.t_s[-1])

    def _emit(self) -> list[AlignedBlock]:
        if any(w.first_s is None for w in self._waiting.values()):
            return []
        if self._start_s is None:
            self._start_s = max(w.first_s for w in self._waiting.values() if w.first_s is not None)
        end_s = min(w.last_s for w in self._waiting.values())
        ticks = np.arange(self._next, int((end_s - self._start_s) * self.rate_hz) + 2)
        t_s = self._start_s + ticks / self.rate_hz
        t_s = t_s[t_s <= end_s]
        if len(t_s) == 0:
            return []
        self._next += len(t_s)
        gyr, acc, flags = {}, {}, {}
        for segment, waiting in self._waiting.items():
            values, flags[segment] = self._at(t_s, segment, waiting.rows)
            gyr[segment], acc[segment] = values[:, :3].copy(), values[:, 3:].copy()
            keep = np.searchsorted(waiting.rows[:, 0], t_s[-1], side="left") - 1
            waiting.rows = waiting.rows[keep:]
        return [AlignedBlock(t_s, self.rate_hz, gyr, acc, flags)]

    def _at(
        self, t_s: FloatArray, segment: Segment, rows: FloatArray
    ) -> tuple[FloatArray, np.ndarray]:
        times = rows[:, 0]
        after = np.searchsorted(times, t_s, side="left")
        before = after - 1
        step = times[after] - times[before]
        weight = (t_s - times[before]) / step
        values = rows[before, 1:7] + weight[:, None] * (rows[after, 1:7] - rows[before, 1:7])
        interval = 1 / self._sensor_rate_hz[segment]
        nearest = np.minimum(t_s - times[before], times[after] - t_s)
        gap = (step > _GAP_INTERVALS * interval) & (nearest > _NEAR_INTERVALS * interval)
        clipped = (rows[before, 7] > 0) | (rows[after, 7] > 0)
        flags = gap * int(Flag.GAP) + clipped * int(Flag.CLIPPED)
        return values, flags.astype(np.uint8)


def _summary(segment: Segment, waiting: _Waiting) -> SensorSummary:
    expected = waiting.samples + waiting.missing
    span_s = waiting.last_s - (waiting.first_s or 0.0)
    return SensorSummary(
        sensor=segment,
        samples=waiting.samples,
        rate_hz=(expected - 1) / span_s if span_s > 0 else 0.0,
        loss=waiting.missing / expected if expected else 0.0,
        clipped=waiting.clipped / waiting.samples if waiting.samples else 0.0,
    )
