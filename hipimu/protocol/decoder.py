"""Bytes in, samples out: one device's stream, batch by batch, in SI units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hipimu.data import BoolArray, FloatArray, IntArray, Readings
from hipimu.errors import DecodeError
from hipimu.protocol.continuity import Continuity, of_clock, of_counter
from hipimu.protocol.layout import Layout, Shape, WrongShapeError
from hipimu.protocol.named import codec_of
from hipimu.protocol.schema import Protocol
from hipimu.protocol.settings import chosen
from hipimu.protocol.signals import Scale, scales

_FINEST_S = 1e-6
"""Samples between a device's ticks are placed this finely."""
_STEADY = 1 / 16
_RATE_TOLERANCE = 0.05
"""How a device's own sampling interval is followed: slowly, and never far from the declared one."""
_NO_WRAP = 2**40
_REMEDY = "A few are harmless; many mean another firmware, or the wrong protocol."


@dataclass(frozen=True, slots=True)
class Timing:
    """What the ticks of a layout's readings are."""

    tick_s: float
    wrap: int
    source: str
    """``"clock"`` of the device, its ``"counter"``, or the ``"count"`` of what arrived."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What a batch of payloads gave."""

    readings: tuple[Readings, ...]
    """One for each layout and shape, in the order in which they began."""
    refused: tuple[DecodeError, ...] = ()
    """One for each payload, or packet in it, that could not be read."""


@dataclass(slots=True)
class _Stream:
    """One layout with what is remembered of it."""

    name: str
    layout: Layout
    scales: Mapping[str, Scale]
    timing: Timing
    continuity: Continuity | None
    period_ticks: float
    packets: int = 0
    last_tick: int | None = None
    last_samples: int = 1
    last_arrival_s: float = -np.inf

    @property
    def timing_counts(self) -> bool:
        """Whether packets carry a counter."""
        return self.continuity is not None and self.continuity.counts


@dataclass(slots=True)
class _Run:
    """Neighbouring packets of one layout and shape."""

    shape: Shape
    packets: list[bytes] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)


class Decoder:
    """Decode what one device sends.

    Parameters
    ----------
    protocol : Protocol
    sensor : str
        Name that its readings carry.
    settings : mapping or None
        Setting → value, where not the default.

    Raises
    ------
    UnknownNameError
        When a setting or its value is not in the protocol.
    """

    def __init__(
        self, protocol: Protocol, sensor: str, settings: Mapping[str, float] | None = None
    ) -> None:
        self.protocol, self.sensor = protocol, sensor
        self.settings = chosen(protocol, settings)
        self.rate_hz = self.settings.get("rate_hz", 1.0)
        self._codec = codec_of(protocol)
        self._framed = set() if protocol.framing is None else set(protocol.framing.on)
        self._alias = {c.uuid: name for name, c in protocol.characteristics.items()}
        self._streams: dict[str, list[_Stream]] = {}
        for name, layout in protocol.layouts.items():
            stream = self._stream(name, layout.compiled())
            self._streams.setdefault(layout.from_, []).append(stream)
        self.refused = 0

    def timing(self, layout: str) -> Timing:
        """Return what the ticks of a layout's readings are."""
        return next(s.timing for s in self._all() if s.name == layout)

    @property
    def duplicates(self) -> int:
        """Packets that came more than once, so far."""
        return sum(s.continuity.duplicates for s in self._all() if s.continuity)

    @property
    def lost(self) -> int | None:
        """Packets that counters say are missing, so far; None where nothing is counted."""
        counted = [s.continuity for s in self._all() if s.timing_counts]
        return sum(c.lost for c in counted if c is not None) if counted else None

    def link_up(self) -> None:
        """Say that a link is new: nothing of the last one's half-sent packets will follow."""
        # A factor or an inquiry's answer comes anew with the start.
        self._codec = codec_of(self.protocol)
        for stream in self._all():
            stream.last_tick = None
            stream.packets = 0
            if stream.continuity is not None:
                stream.continuity.forget()

    def push(
        self, characteristic: str, payloads: Sequence[bytes], arrival_s: Sequence[float]
    ) -> Decoded:
        """Decode neighbouring payloads of one characteristic.

        Parameters
        ----------
        characteristic : str
            UUID, or its name in the protocol file.
        payloads : sequence of bytes
            m payloads, in the order in which they came.
        arrival_s : sequence of float
            (m,) host time.

        Returns
        -------
        Decoded
            What is damaged is refused and counted; everything else is decoded.
        """
        alias = self._alias.get(characteristic, characteristic)
        streams = self._streams.get(alias, [])
        refused: list[DecodeError] = []
        if self._codec is not None and alias in self._framed:
            payloads, arrival_s = self._unframed(alias, payloads, arrival_s, refused)
        if not streams or not payloads:
            self.refused += len(refused)
            return Decoded((), tuple(refused))
        runs = self._sorted(alias, streams, payloads, arrival_s, refused)
        self.refused += len(refused)
        readings = [self._readings(stream, run) for stream, run in runs]
        return Decoded(tuple(r for r in readings if r is not None), tuple(refused))

    def decode(self, characteristic: str, payload: bytes) -> tuple[Readings, ...]:
        """Decode one payload.

        Raises
        ------
        DecodeError
            When it is not what the protocol says.
        """
        decoded = self.push(characteristic, [payload], [0.0])
        if decoded.refused:
            raise decoded.refused[0]
        return decoded.readings

    def _all(self) -> list[_Stream]:
        return [stream for streams in self._streams.values() for stream in streams]

    def _stream(self, name: str, layout: Layout) -> _Stream:
        timing, continuity = self._timing(layout)
        return _Stream(
            name=name,
            layout=layout,
            scales=scales(self.protocol, layout, self.settings),
            timing=timing,
            continuity=continuity,
            period_ticks=1 / (self.rate_hz * timing.tick_s),
        )

    def _timing(self, layout: Layout) -> tuple[Timing, Continuity | None]:
        clock, counter = self.protocol.clock, self.protocol.counter
        counted = counter is not None and counter.field in layout.names
        continuity = of_counter(counter.wrap) if counter is not None and counted else None
        if clock is not None and clock.field in layout.names:
            fine = max(1, round(clock.tick_s / _FINEST_S))
            timing = Timing(clock.tick_s / fine, clock.wrap * fine, "clock")
            return timing, continuity or of_clock(clock.wrap, clock.tick_s)
        fine = max(1, round(1 / (self.rate_hz * _FINEST_S)))
        source = "counter" if counted else "count"
        return Timing(1 / (self.rate_hz * fine), _NO_WRAP * fine, source), continuity

    def _unframed(
        self,
        alias: str,
        payloads: Sequence[bytes],
        arrival_s: Sequence[float],
        refused: list[DecodeError],
    ) -> tuple[list[bytes], list[float]]:
        packets: list[bytes] = []
        times: list[float] = []
        if self._codec is None:
            raise AssertionError("called only where there is a codec")
        for payload, time_s in zip(payloads, arrival_s, strict=True):
            try:
                found = self._codec.decode(alias, payload)
            except ValueError as error:
                refused.append(self._refusal(alias, payload, str(error)))
                continue
            packets += found
            times += [time_s] * len(found)
        return packets, times

    def _sorted(
        self,
        alias: str,
        streams: list[_Stream],
        packets: Sequence[bytes],
        arrival_s: Sequence[float],
        refused: list[DecodeError],
    ) -> list[tuple[_Stream, _Run]]:
        """Put packets of one layout and shape together, layout by layout in their order."""
        if len(streams) == 1 and _alike(streams[0].layout, packets):
            try:
                shape = streams[0].layout.shape(packets[0])
            except WrongShapeError:
                pass
            else:
                return [(streams[0], _Run(shape, list(packets), list(arrival_s)))]
        runs: dict[str, list[_Run]] = {}
        known = {stream.name: stream for stream in streams}
        for packet, time_s in zip(packets, arrival_s, strict=True):
            stream = next((s for s in streams if packet.startswith(s.layout.begins)), None)
            if stream is None:
                refused.append(self._refusal(alias, packet, "it begins as no layout does"))
                continue
            try:
                shape = stream.layout.shape(packet)
            except WrongShapeError as error:
                refused.append(self._refusal(alias, packet, f"{stream.name}: {error}"))
                continue
            before = runs.setdefault(stream.name, [])
            if not before or before[-1].shape is not shape:
                before.append(_Run(shape))
            before[-1].packets.append(packet)
            before[-1].arrivals.append(time_s)
        return [(known[name], run) for name, many in runs.items() for run in many]

    def _refusal(self, alias: str, packet: bytes, why: str) -> DecodeError:
        return DecodeError(
            f"{self.sensor}: a packet of {self.protocol.id} on {alias} cannot be read: {why}.",
            _REMEDY,
            characteristic=alias,
            payload=packet,
        )

    def _readings(self, stream: _Stream, run: _Run) -> Readings | None:
        fields = stream.layout.unpack(run.shape, run.packets)
        arrivals = np.array(run.arrivals)
        number, keep = self._numbers(stream, fields, len(arrivals))
        if keep is not None:
            if not keep.any():
                return None
            fields = {name: values[keep] for name, values in fields.items()}
            number, arrivals = number[keep], arrivals[keep]
        packets, samples = len(arrivals), run.shape.samples
        ticks = self._ticks(stream, fields, number, samples)
        inside = {f.name for f in run.shape.sample}
        signals = {
            name: scale.applied(fields[scale.field], samples, inside=scale.field in inside)
            for name, scale in stream.scales.items()
            if scale.field in fields
        }
        first = stream.packets
        stream.packets += packets
        return Readings(
            sensor=self.sensor,
            layout=stream.name,
            signals=signals,
            arrival_s=_arrivals(stream, arrivals, ticks, samples),
            packet=_repeated(np.arange(first, first + packets, dtype=np.int64), samples),
            ticks=ticks,
            counter=_spread(number, samples) if stream.timing_counts else None,
            clipped=self._clipped(stream, signals),
        )

    def _numbers(
        self, stream: _Stream, fields: Mapping[str, np.ndarray], packets: int
    ) -> tuple[IntArray, BoolArray | None]:
        """Place of every packet in the stream, and which ones are new."""
        if stream.continuity is None:
            return np.arange(stream.packets, stream.packets + packets, dtype=np.int64), None
        counter, clock = self.protocol.counter, self.protocol.clock
        if stream.timing_counts and counter is not None:
            values = fields[counter.field]
        elif clock is not None:
            values = fields[clock.field]
        else:
            raise AssertionError("what is followed is a counter or a clock")
        keep, number = stream.continuity.push(values.reshape(packets, -1)[:, 0].astype(np.int64))
        return number, keep

    def _ticks(
        self,
        stream: _Stream,
        fields: Mapping[str, np.ndarray],
        number: IntArray,
        samples: int,
    ) -> IntArray:
        timing, clock = stream.timing, self.protocol.clock
        if timing.source != "clock" or clock is None:
            return _spread(number, samples) * round(1 / (self.rate_hz * timing.tick_s))
        fine = timing.wrap // clock.wrap
        ticks = fields[clock.field].astype(np.int64) * fine
        if ticks.ndim > 1 or samples == 1:
            return np.asarray(ticks.ravel() % timing.wrap, dtype=np.int64)
        period = self._periods(stream, ticks, samples, last=clock.stamps == "last")
        stamped = samples - 1 if clock.stamps == "last" else 0
        offsets = np.rint(period[:, None] * (np.arange(samples) - stamped)).astype(np.int64)
        return np.asarray((ticks[:, None] + offsets).ravel() % timing.wrap, dtype=np.int64)

    def _periods(self, stream: _Stream, ticks: IntArray, samples: int, *, last: bool) -> FloatArray:
        """Sampling interval at each packet, (m,) ticks, followed from stamp to stamp."""
        declared = 1 / (self.rate_hz * stream.timing.tick_s)
        least, most = declared * (1 - _RATE_TOLERANCE), declared * (1 + _RATE_TOLERANCE)
        period, before, many = stream.period_ticks, stream.last_tick, stream.last_samples
        periods = np.empty(len(ticks))
        for i, tick in enumerate(ticks.tolist()):
            if before is not None:
                between = samples if last else many
                measured = (tick - before) % stream.timing.wrap / between
                if least <= measured <= most:
                    period += _STEADY * (measured - period)
            periods[i] = period
            before, many = tick, samples
        stream.period_ticks, stream.last_tick, stream.last_samples = period, before, many
        return periods

    def _clipped(self, stream: _Stream, signals: Mapping[str, FloatArray]) -> BoolArray | None:
        found: BoolArray | None = None
        for name, scale in stream.scales.items():
            if scale.limit is None or name not in signals:
                continue
            over = scale.beyond(signals[name])
            found = over if found is None else found | over
        return found


def _alike(layout: Layout, packets: Sequence[bytes]) -> bool:
    """Whether all packets surely have the shape of the first."""
    if layout.conditional:
        return False
    begins = layout.begins
    if any(map(len(packets[0]).__ne__, map(len, packets))):
        return False
    return not begins or all(packet.startswith(begins) for packet in packets)


def _arrivals(stream: _Stream, arrivals: FloatArray, ticks: IntArray, samples: int) -> FloatArray:
    """When samples arrived, less what each waited in its packet for the last one."""
    if samples > 1:
        of_packet = ticks.reshape(-1, samples)
        waited = (of_packet[:, -1:] - of_packet) % stream.timing.wrap * stream.timing.tick_s
        arrivals = (arrivals[:, None] - waited).ravel()
    # Packets that come in one burst: none of them can have come before the one before it.
    arrivals[0] = max(arrivals[0], stream.last_arrival_s)
    arrivals = np.maximum.accumulate(arrivals)
    stream.last_arrival_s = float(arrivals[-1])
    return arrivals


def _repeated(number: IntArray, samples: int) -> IntArray:
    return number if samples == 1 else number.repeat(samples)


def _spread(number: IntArray, samples: int) -> IntArray:
    """Numbers of packets → numbers of their samples."""
    if samples == 1:
        return number
    return np.asarray((number[:, None] * samples + np.arange(samples)).ravel(), dtype=np.int64)
