"""Bring all sensors onto one evenly spaced time base, with gaps marked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from hipimu.data import (
    Absence,
    AlignedBlock,
    Flag,
    FlagArray,
    FloatArray,
    ImuBlock,
    Segment,
    SensorSummary,
)
from hipimu.maths.layout import columns_of
from hipimu.stage import Stage

_GAP_INTERVALS = 1.5
"""Neighbouring samples further apart than this many sampling intervals enclose a gap."""
_NEAR_INTERVALS = 0.25
"""A grid point this close to a real sample is no gap, whatever lies on its other side."""
_SHORT_GAP_S = 0.05
"""A straight line over so much missing time costs a fraction of a degree (tests/truth)."""
WAIT_S = 2.0
"""Where all others are further ahead of one sensor than that, they go on without it. Shorter
silences often end with all samples there; a longer one leaves the live display standing still."""
_ABSENCE_STEP_S = 0.1
"""So long the others then go on at once."""
_ON_SAMPLE = 1e-6
"""of a sampling interval: what rounding of time stamps may leave."""


@dataclass(slots=True)
class _Waiting:
    """Samples of one sensor that are not yet on the grid: time, gyr, acc, clipped in columns."""

    rows: FloatArray = field(default_factory=lambda: np.empty((0, 8)))
    first_s: float | None = None
    last_s: float = 0.0
    samples: int = 0
    missing: int = 0
    clipped: int = 0
    gone_until_s: float = -math.inf
    """Missing samples are not waited for up to here."""

    @property
    def reached_s(self) -> float:
        return max(self.last_s, self.gone_until_s)


class Align(Stage[ImuBlock | Absence, AlignedBlock]):
    """Interpolate every sensor linearly at t₀ + k / rate.

    t₀ is the latest first sample of all sensors; k starts at 1, so that every grid point has a
    sample on either side. A block comes out as soon as all sensors have passed its end, or are said
    to be absent until then. Within a gap longer than `WAIT_S` the sensor is taken to rest, so that
    it makes no difference whether the gap's end is known yet.

    Parameters
    ----------
    segments : tuple of Segment
        The sensors that will deliver; nothing comes out before all have started.
    rate_hz : float
        Of the grid.
    sensor_rate_hz : dict
        Declared sampling rate of each sensor, for telling gaps.
    poorly_timed : frozenset of Segment
        Sensors whose clock is in doubt: all their samples are marked so.
    """

    state_names = ("_waiting", "_next", "_start_s")

    def __init__(
        self,
        segments: tuple[Segment, ...],
        rate_hz: float,
        sensor_rate_hz: dict[Segment, float] | None = None,
        poorly_timed: frozenset[Segment] = frozenset(),
    ) -> None:
        self.rate_hz = rate_hz
        self._poorly_timed = poorly_timed
        self._sensor_rate_hz = sensor_rate_hz or dict.fromkeys(segments, rate_hz)
        self._waiting = {segment: _Waiting() for segment in segments}
        self._next = 1
        self._start_s: float | None = None

    def push(self, block: ImuBlock | Absence) -> list[AlignedBlock]:
        """Take samples of one sensor, or that it is absent; return what all have passed."""
        if isinstance(block, Absence):
            return self._go_on(block)
        if len(block.t_s) == 0:
            return []
        waiting = self._waiting[block.sensor]
        self._count(waiting, block)
        kept = len(waiting.rows)
        rows = columns_of((kept + len(block.t_s), 8))
        rows[:kept] = waiting.rows
        rows[kept:, 0], rows[kept:, 1:4] = block.t_s, block.gyr_rad_s
        rows[kept:, 4:7], rows[kept:, 7] = block.acc_m_s2, block.clipped
        waiting.rows = rows
        return self._emit()

    def flush(self) -> list[AlignedBlock]:
        """Go on to the end without a sensor that ended long before the others."""
        ended = self._overdue()
        if ended is not None:
            segment, until_s = ended
            self._waiting[segment].gone_until_s = until_s
        return self._emit()

    def overdue(self) -> tuple[Segment, float] | None:
        """Tell the sensor that the others should go on without, and until when, in seconds.

        There is one at most: where two of three are missing there is nothing to go on with.
        """
        found = self._overdue()
        if found is None or found[1] < self._waiting[found[0]].gone_until_s + _ABSENCE_STEP_S:
            return None
        return found

    def ended_s(self) -> dict[Segment, float]:
        """Return the sensors that ended long before the others, and when each did."""
        begun = {s: w for s, w in self._waiting.items() if w.first_s is not None}
        end_s = max((w.reached_s for w in begun.values()), default=0.0)
        return {s: w.last_s for s, w in begun.items() if end_s - w.last_s > WAIT_S}

    def absent(self) -> frozenset[Segment]:
        """Return the sensors that the others go on without."""
        return frozenset(s for s, w in self._waiting.items() if w.gone_until_s > w.last_s)

    def _overdue(self) -> tuple[Segment, float] | None:
        if len(self._waiting) < 3 or any(w.first_s is None for w in self._waiting.values()):
            return None
        (slowest, own), (_, next_one), *_ = sorted(
            self._waiting.items(), key=lambda item: item[1].last_s
        )
        behind_s = next_one.last_s - own.last_s
        return (slowest, next_one.last_s) if behind_s > WAIT_S else None

    def _go_on(self, absence: Absence) -> list[AlignedBlock]:
        waiting = next((w for s, w in self._waiting.items() if s == absence.sensor), None)
        if waiting is None:
            return []
        waiting.gone_until_s = max(waiting.gone_until_s, absence.until_ns * 1e-9)
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
        end_s = min(w.reached_s for w in self._waiting.values())
        ticks = np.arange(self._next, int((end_s - self._start_s) * self.rate_hz) + 2)
        t_s = self._start_s + ticks / self.rate_hz
        t_s = t_s[t_s <= end_s]
        if len(t_s) == 0:
            return []
        self._next += len(t_s)
        gyr, acc, flags = {}, {}, {}
        for segment, waiting in self._waiting.items():
            values, flags[segment] = self._at(t_s, segment, waiting.rows)
            if segment in self._poorly_timed:
                flags[segment] |= np.uint8(Flag.SYNC)
            gyr[segment], acc[segment] = values[:, :3].copy("F"), values[:, 3:].copy("F")
            keep = np.searchsorted(waiting.rows[:, 0], t_s[-1], side="left") - 1
            waiting.rows = waiting.rows[keep:].copy("F")
        return [AlignedBlock(t_s, self.rate_hz, gyr, acc, flags)]

    def _at(
        self, t_s: FloatArray, segment: Segment, rows: FloatArray
    ) -> tuple[FloatArray, FlagArray]:
        times = rows[:, 0]
        interval_s = 1 / self._sensor_rate_hz[segment]
        near_s = _ON_SAMPLE * interval_s
        after = int(np.searchsorted(times, t_s[0] - near_s, side="left"))
        here = rows[after : after + len(t_s)]
        if len(here) == len(t_s) and np.abs(here[:, 0] - t_s).max() <= near_s:
            return here[:, 1:7], (here[:, 7] > 0) * np.uint8(Flag.CLIPPED)
        return _interpolated(t_s, rows, interval_s)


def _interpolated(
    t_s: FloatArray, rows: FloatArray, interval_s: float
) -> tuple[FloatArray, FlagArray]:
    """Values (n, 6) and flags (n,) between samples; a point on a sample takes it as it is."""
    times = rows[:, 0]
    following = np.searchsorted(times, t_s, side="left")
    before, after = following - 1, np.minimum(following, len(times) - 1)
    left_s, right_s = t_s - times[before], times[after] - t_s
    right_s[following == len(times)] = math.inf
    absent = left_s + right_s > WAIT_S
    weight = np.where(absent, 0.0, left_s / (left_s + right_s))
    weight[right_s <= _ON_SAMPLE * interval_s] = 1.0
    weight[left_s <= _ON_SAMPLE * interval_s] = 0.0
    values = (1 - weight)[:, None] * rows[before, 1:7] + weight[:, None] * rows[after, 1:7]
    # Just before a long gap ends it may not be known yet that it does.
    near_s = np.where(absent, left_s, np.minimum(left_s, right_s))
    gap = left_s + right_s > _GAP_INTERVALS * interval_s
    gap &= (near_s > _NEAR_INTERVALS * interval_s) & (weight < 1)
    values[gap & absent, :3] = 0.0
    clipped = ((rows[before, 7] > 0) & (weight < 1)) | ((rows[after, 7] > 0) & (weight > 0))
    long = gap & (left_s + right_s > _SHORT_GAP_S + _GAP_INTERVALS * interval_s)
    kind = np.where(long, np.uint8(Flag.GAP), gap * np.uint8(Flag.SHORT_GAP))
    return values, kind | clipped * np.uint8(Flag.CLIPPED)


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
