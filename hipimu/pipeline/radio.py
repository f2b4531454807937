"""Packets as they arrive → samples: decoding and timing, sensor by sensor.

The same path takes packets during a run and from a journal afterwards; how they are cut into
batches changes nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from hipimu.data import (
    SEGMENTS,
    Absence,
    Beside,
    Entry,
    ImuBlock,
    LinkEvent,
    LinkState,
    Mark,
    Packet,
    Readings,
    Segment,
    SensorHealth,
)
from hipimu.data.radio import STOPPED
from hipimu.protocol import Decoder, Protocol
from hipimu.stage import part
from hipimu.timing import LayoutTiming, TimeReadings

_RATE_WINDOW_S = 5.0
_LATE_S = 0.5
_GAP_PERIODS = 1.5
_OfSensor = Packet | LinkEvent | Absence


@dataclass(frozen=True, slots=True)
class Wanted:
    """One sensor of a recording: what it speaks, and how it is set."""

    protocol: Protocol
    settings: Mapping[str, float] = field(default_factory=dict)


class RadioPath:
    """Decode and time the packets of a recording.

    Parameters
    ----------
    sensors : mapping
        Name of each sensor, a segment or one such as ``heart_rate`` → what it speaks.

    Raises
    ------
    UnknownNameError
        When a setting is not in its protocol.
    """

    def __init__(self, sensors: Mapping[str, Wanted]) -> None:
        self._sensors = {name: _Sensor(name, wanted) for name, wanted in sensors.items()}
        self.beside: list[Beside] = []
        """What devices beside the IMUs said, in the order in which it came."""
        self.marks: list[Mark] = []
        """Lap buttons pressed, in the order in which they were."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Those that carry a sensor."""
        return tuple(segment for segment in SEGMENTS if segment in self._sensors)

    def rate_hz(self, sensor: str) -> float:
        """Return a sensor's declared sampling rate."""
        return self._sensors[sensor].decoder.rate_hz

    def push(self, entries: Iterable[Entry]) -> list[ImuBlock]:
        """Take what a recording is made of, in the order in which it came.

        Parameters
        ----------
        entries : iterable of Entry
            Those of sensors that are not in the recording are left alone.

        Returns
        -------
        list of ImuBlock
            What is complete, on the host's clock.
        """
        waiting: dict[str, list[_OfSensor]] = {}
        for entry in entries:
            if isinstance(entry, Mark):
                self.marks.append(entry)
            else:
                waiting.setdefault(entry.sensor, []).append(entry)
        blocks: list[ImuBlock] = []
        for name, of_sensor in waiting.items():
            sensor = self._sensors.get(name)
            if sensor is not None:
                blocks += sensor.push(of_sensor, self.beside)
        return blocks

    def flush(self) -> list[ImuBlock]:
        """Say that nothing follows; return what was held back."""
        return [block for sensor in self._sensors.values() for block in sensor.flush()]

    def health(self, now_s: float) -> tuple[SensorHealth, ...]:
        """How well each sensor delivers, at a host time."""
        return tuple(sensor.health(now_s) for sensor in self._sensors.values())


class _Sensor:
    """One sensor's way from packets to samples, and its books."""

    def __init__(self, name: str, wanted: Wanted) -> None:
        self.name = name
        self.decoder = Decoder(wanted.protocol, name, wanted.settings)
        self._timed = self._timing(wanted.protocol)
        self._link: LinkState = "down"
        self._packets = self._samples = self._clipped = self._missing = 0
        self._drops = self._late = 0
        self._gone_until_s = -math.inf
        self._last_s: float | None = None
        self._last_sample_s: float | None = None
        self._recent: deque[tuple[float, float, int]] = deque()
        """First and last time and number of samples of each block."""

    def _timing(self, protocol: Protocol) -> TimeReadings | None:
        segment = next((s for s in SEGMENTS if s == self.name), None)
        if segment is None:
            return None
        layouts = {}
        for name in protocol.layouts:
            timing = self.decoder.timing(name)
            counted = timing.source != "count"
            layouts[name] = LayoutTiming(timing.tick_s, timing.wrap, counted)
        return TimeReadings(segment, layouts, self.decoder.rate_hz)

    def push(self, entries: Sequence[_OfSensor], beside: list[Beside]) -> list[ImuBlock]:
        blocks: list[ImuBlock] = []
        for key, run in groupby(entries, _kind):
            if key is None:
                for event in run:
                    self._event(event)
            else:
                packets = [entry for entry in run if isinstance(entry, Packet)]
                blocks += self._decoded(key, packets, beside)
        return blocks

    def flush(self) -> list[ImuBlock]:
        return [] if self._timed is None else self._counted(self._timed.flush())

    def _event(self, event: _OfSensor) -> None:
        if isinstance(event, Absence):
            self._gone_until_s = max(self._gone_until_s, event.until_ns * 1e-9)
        if not isinstance(event, LinkEvent):
            return
        if event.state == "up":
            self.decoder.link_up()
            self._last_sample_s = None
        elif self._link == "up" and event.why != STOPPED:
            self._drops += 1
        self._link = event.state

    def _decoded(
        self, characteristic: str, packets: list[Packet], beside: list[Beside]
    ) -> list[ImuBlock]:
        if self._link == "down":
            # Sent before the device was configured: with what settings, nobody knows.
            return []
        times = [packet.t_host_ns * 1e-9 for packet in packets]
        payloads = [packet.payload for packet in packets]
        self._packets += len(packets)
        self._last_s = times[-1]
        decoded = self.decoder.push(characteristic, payloads, times)
        if self._timed is None:
            beside += [_beside(self.name, r) for r in decoded.readings]
            return []
        made = [block for r in decoded.readings for block in self._timed.push(r)]
        return self._counted(made)

    def _counted(self, blocks: list[ImuBlock]) -> list[ImuBlock]:
        in_time = [kept for block in blocks if (kept := self._in_time(block)) is not None]
        for block in in_time:
            before = self._last_sample_s
            t_s = block.t_s if before is None else np.concatenate(([before], block.t_s))
            steps = np.diff(t_s) * self.decoder.rate_hz
            self._missing += int(np.rint(steps[steps > _GAP_PERIODS] - 1).sum())
            self._samples += len(block.t_s)
            self._clipped += int(block.clipped.sum())
            self._last_sample_s = float(block.t_s[-1])
            self._recent.append((float(block.t_s[0]), self._last_sample_s, len(block.t_s)))
        return in_time

    def _in_time(self, block: ImuBlock) -> ImuBlock | None:
        """Leave out samples that the others did not wait for."""
        # Half an interval apart, so that no sample lies on what has been passed over.
        after_s = self._gone_until_s + 0.5 / self.decoder.rate_hz
        if block.t_s[0] > after_s:
            return block
        first = int(np.searchsorted(block.t_s, after_s, side="right"))
        self._late += first
        return part(block, first, len(block.t_s)) if first < len(block.t_s) else None

    def health(self, now_s: float) -> SensorHealth:
        lost = self._lost()
        return SensorHealth(
            sensor=self.name,
            link=self._link,
            packets=self._packets,
            samples=self._samples,
            rate_hz=self._rate_hz(now_s),
            lost=lost,
            loss=lost / (self._samples + lost) if self._samples else 0.0,
            drops=self._drops,
            duplicates=self.decoder.duplicates,
            malformed=self.decoder.refused,
            clipped=self._clipped / self._samples if self._samples else 0.0,
            last_s=self._last_s,
            late=self._late,
        )

    def _rate_hz(self, now_s: float) -> float:
        while self._recent and self._recent[0][0] < now_s - _RATE_WINDOW_S:
            self._recent.popleft()
        if not self._recent:
            return 0.0
        # What has not arrived yet is no lower rate, unless it is long in coming.
        end_s = max(self._recent[-1][1] + 1 / self.decoder.rate_hz, now_s - _LATE_S)
        return sum(count for *_, count in self._recent) / (end_s - self._recent[0][0])

    def _lost(self) -> int:
        counted = self.decoder.lost
        if counted is None:
            return self._missing
        each = self._samples / self._packets if self._packets else 1.0
        return round(counted * each)


def _kind(entry: _OfSensor) -> str | None:
    return entry.characteristic if isinstance(entry, Packet) else None


def _beside(sensor: str, readings: Readings) -> Beside:
    return Beside(sensor, readings.arrival_s, readings.signals)
