"""A device's counter → seconds on the host's clock, while samples arrive over radio.

Radio only ever delays: of all packets, those that came through at once touch the line that is
sought from above. So the clock is the lower envelope of arrival over device time (Moon, Skelly &
Towsley 1999, Estimation and removal of clock skew from network delay measurements, INFOCOM).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hipimu.data import HostTimeBlock, TickBlock
from hipimu.stage import Stage

_BIN_S = 1.0
"""The quickest packet of each second counts."""
_WINDOW_BINS = 1200
"""What is older than twenty minutes is forgotten: crystals drift with temperature."""
_RATE_BOUNDS = (0.98, 1.02)
"""Host seconds in a second of the device, which may be declared wrong by up to 1 %."""
_SLEW = 0.5
"""of the rate: how much faster or slower than the envelope output may run while it is corrected."""
_EARLY_S = 0.1
_EARLY_SHARE = (0.011, 1e-4)
_RATE_KNOWN_BINS = 60
"""How far a packet may seem to come before it was sent: jitter, and a share of the time in which
nothing came, which is smaller once the rate has been measured for a minute."""
_LATE_PACKET_S = 0.1
"""A counter that goes back by more has restarted; by less, a packet was overtaken."""
_RESTART_DELAY_S = 0.25
_RESTART_BINS = 5
"""A delay that stays larger for so many seconds is no delay, but another count."""


class _Line(NamedTuple):
    """Host time over device time."""

    device_s: float
    host_s: float
    rate: float

    def at(self, device_s: float) -> float:
        return self.host_s + self.rate * (device_s - self.device_s)


class UnwrapClock(Stage[TickBlock, HostTimeBlock]):
    """Unwrap a device's counter and follow its clock against the host's.

    Every second of the device the envelope is fitted anew to the quickest packets of the last
    twenty minutes, and the output runs towards it over the following second, never backwards and
    never in steps. A counter that starts anew is anchored anew, and said. What cannot be seen is
    the least delay of the radio itself: the same for sensors of one kind.

    Parameters
    ----------
    tick_s : float
        Declared length of a tick, right within 1 %.
    wrap : int
        Ticks after which the counter starts from zero: at least one second's worth.
    restart_delay_s : float
        A delay that grows by so much and stays counts as a restart. Where ticks are samples that
        arrived, one that was lost is such a delay for ever.
    """

    state_names = (
        "_ticks",
        "_arrival_s",
        "_envelope",
        "_segment",
        "_bins",
        "_bin",
        "_quickest",
        "_last_s",
        "_late_bins",
        "restarts",
    )

    def __init__(
        self, tick_s: float, wrap: int, *, restart_delay_s: float = _RESTART_DELAY_S
    ) -> None:
        self._tick_s = tick_s
        self._wrap = wrap
        self._restart_delay_s = restart_delay_s
        self.restarts = 0
        self._last_s = -np.inf
        self._arrival_s = -np.inf
        self._ticks: int | None = None
        self._envelope = _Line(0.0, 0.0, 1.0)
        self._segment = (self._envelope, np.inf)
        self._bins: list[tuple[float, float]] = []
        self._bin = 0
        self._quickest: tuple[float, float, float] | None = None
        self._late_bins = 0

    @property
    def drift_ppm(self) -> float:
        """How much the device's clock gains on the host's, by the declared length of a tick."""
        return 1e6 * (1 / self._envelope.rate - 1)

    def push(self, block: TickBlock) -> list[HostTimeBlock]:
        """Return the same samples on the host's clock."""
        if len(block.ticks) == 0:
            return []
        times, restarted = [], []
        for raw, arrival_s in zip(block.ticks.tolist(), block.arrival_s.tolist(), strict=True):
            before = self.restarts
            times.append(self._time(raw, arrival_s))
            restarted.append(self.restarts > before)
        return [HostTimeBlock(block.sensor, np.array(times), np.array(restarted, dtype=np.bool_))]

    def _time(self, raw: int, arrival_s: float) -> float:
        ticks = self._unwrapped(raw, arrival_s)
        if ticks is None:
            self._restart(raw, arrival_s)
            ticks = raw
        self._ticks = max(ticks, self._ticks) if self._ticks is not None else ticks
        self._arrival_s = arrival_s
        device_s = ticks * self._tick_s
        if device_s >= (self._bin + 1) * _BIN_S:
            self._close_bin(device_s)
            if self._late_bins >= _RESTART_BINS:
                self._restart(raw, arrival_s)
                device_s = raw * self._tick_s
        delay_s = arrival_s - self._envelope.at(device_s)
        if self._quickest is None or delay_s < self._quickest[2]:
            self._quickest = (device_s, arrival_s, delay_s)
        self._last_s = max(self._last_s, self._mapped(device_s))
        return self._last_s

    def _unwrapped(self, raw: int, arrival_s: float) -> int | None:
        """Return the latest count that had been sent by the time it arrived.

        None where that lies before the last one: the device has restarted.
        """
        if self._ticks is None:
            self._begin(raw, arrival_s)
            return raw
        share = _EARLY_SHARE[len(self._bins) >= _RATE_KNOWN_BINS]
        early_s = _EARLY_S + share * (arrival_s - self._arrival_s)
        newest = self._ticks + (
            arrival_s + early_s - self._envelope.at(self._ticks * self._tick_s)
        ) / (self._envelope.rate * self._tick_s)
        ticks = raw + int((newest - raw) // self._wrap) * self._wrap
        if (self._ticks - ticks) * self._tick_s > _LATE_PACKET_S:
            return None
        return ticks

    def _restart(self, raw: int, arrival_s: float) -> None:
        self.restarts += 1
        self._begin(raw, arrival_s)

    def _begin(self, raw: int, arrival_s: float) -> None:
        """Anchor the envelope at one packet, keeping the rate that is known."""
        device_s = raw * self._tick_s
        start_s = max(arrival_s, self._last_s)
        self._ticks = raw
        self._envelope = _Line(device_s, arrival_s, self._envelope.rate)
        self._segment = (_Line(device_s, start_s, self._envelope.rate), np.inf)
        self._bins = []
        self._bin = int(device_s // _BIN_S)
        self._quickest = None
        self._late_bins = 0

    def _close_bin(self, device_s: float) -> None:
        """Fit the envelope to the bin that ends, and steer the output towards it."""
        number = int(device_s // _BIN_S)
        edge_s = number * _BIN_S
        follows = number == self._bin + 1
        if self._quickest is not None:
            late = self._quickest[2] > self._restart_delay_s
            self._late_bins = self._late_bins + 1 if late else 0
            self._bins = [*self._bins[1 - _WINDOW_BINS :], self._quickest[:2]]
        self._bin, self._quickest = number, None
        here_s = self._mapped(edge_s) if follows else None
        self._envelope = _lower_envelope(self._bins, self._envelope)
        rate = self._envelope.rate
        if here_s is None:
            here_s = max(self._envelope.at(edge_s), self._last_s)
        wanted = (self._envelope.at(edge_s + _BIN_S) - here_s) / _BIN_S
        slewed = min(max(wanted, (1 - _SLEW) * rate), (1 + _SLEW) * rate)
        self._segment = (_Line(edge_s, here_s, slewed), edge_s + _BIN_S)

    def _mapped(self, device_s: float) -> float:
        line, until_s = self._segment
        if device_s <= until_s:
            return line.at(device_s)
        return max(line.at(until_s), self._envelope.at(device_s))


def _lower_envelope(points: list[tuple[float, float]], before: _Line) -> _Line:
    """Line below all (device, host) points that is nearest to them on average.

    It is the edge of the lower convex hull over the points' mean (monotone chain: Andrew 1979).
    """
    hull: list[tuple[float, float]] = []
    for point in points:
        while len(hull) > 1 and not _turns_left(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    if len(hull) < 2:
        device_s, host_s = hull[0]
        return _Line(device_s, host_s, before.rate)
    mean_s = points[0][0] + sum(device - points[0][0] for device, _ in points) / len(points)
    right = next(i for i in range(1, len(hull)) if hull[i][0] >= mean_s)
    (x0, y0), (x1, y1) = hull[right - 1], hull[right]
    rate = min(max((y1 - y0) / (x1 - x0), _RATE_BOUNDS[0]), _RATE_BOUNDS[1])
    return _Line(x0, y0, rate)


def _turns_left(
    first: tuple[float, float], second: tuple[float, float], third: tuple[float, float]
) -> bool:
    (x0, y0), (x1, y1), (x2, y2) = first, second, third
    return (x1 - x0) * (y2 - y0) > (y1 - y0) * (x2 - x0)
