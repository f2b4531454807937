"""The other end of the radio: a device that understands commands and sends packets.

It is made from the same protocol file, so that what is decoded and what is sent cannot drift
apart; nothing here knows a radio.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hipimu.data import FloatArray
from hipimu.protocol.commands import Template
from hipimu.protocol.conversation import mode_of
from hipimu.protocol.encoder import Encoder
from hipimu.protocol.schema import Clock, Protocol, Write
from hipimu.protocol.settings import value_of

SignalSource = Callable[[FloatArray], Mapping[str, FloatArray]]
"""Times (n,) on the device's clock → signals with their unit in the name, (n, …) each."""


class Sent(NamedTuple):
    """One payload that a device sends."""

    due_s: float
    characteristic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device does about a command."""

    replies: tuple[tuple[str, bytes], ...] = ()
    """Characteristic and payload of each."""
    streaming: bool | None = None
    """Whether it measures from now on; None: as before."""


@dataclass(slots=True)
class _Flow:
    """One layout on its way: samples taken and packets sent so far."""

    layout: str
    samples: int = 0
    packets: int = 0


class Device:
    """Speak a protocol.

    Parameters
    ----------
    protocol : Protocol
    measure : callable
        What the device measures at given times.
    """

    def __init__(self, protocol: Protocol, measure: SignalSource) -> None:
        self.protocol = protocol
        self._measure = measure
        self._encoder = Encoder(protocol)
        self._uuid = {alias: c.uuid for alias, c in protocol.characteristics.items()}
        self._flows: list[_Flow] = []
        self._counter = dict.fromkeys(protocol.layouts, 0)
        self._next_s: float | None = None

    @property
    def starts_by_itself(self) -> bool:
        """Whether it measures without being told to."""
        return not mode_of(self.protocol).start

    def forget(self) -> None:
        """Begin anew, as after switching on."""
        self._encoder = Encoder(self.protocol)
        self._counter = dict.fromkeys(self._counter, 0)
        self.stop()

    def stop(self) -> None:
        """Stop measuring."""
        self._flows, self._next_s = [], None

    def write(self, characteristic: str, payload: bytes) -> Answer:
        """Take a command; one that the protocol does not know changes nothing.

        Parameters
        ----------
        characteristic : str
            UUID.
        payload : bytes
        """
        mode = mode_of(self.protocol)
        groups = ((self.protocol.configure, None), (mode.start, True), (mode.stop, False))
        for writes, streaming in groups:
            for number, write in enumerate(writes):
                values = self._understood(write, characteristic, payload)
                if values is None:
                    continue
                self._encoder.change(values)
                # Of several commands that start, the last one does.
                last = number == len(writes) - 1
                return Answer(self._replies(write), streaming if last or not streaming else None)
        return Answer()

    def _understood(
        self, write: Write, characteristic: str, payload: bytes
    ) -> dict[str, float] | None:
        if self._uuid[write.to] != characteristic:
            return None
        codes = Template(write.bytes_).read(payload)
        if codes is None:
            return None
        values = {name: value_of(self.protocol, name, code) for name, code in codes.items()}
        if any(value is None for value in values.values()):
            return None
        return {name: value for name, value in values.items() if value is not None}

    def _replies(self, write: Write) -> tuple[tuple[str, bytes], ...]:
        if write.reply is None:
            return ()
        payload = bytes.fromhex(write.reply.example or write.reply.begins)
        self._encoder.learn(write.reply.from_, payload)
        return ((self._uuid[write.reply.from_], payload),)

    def packets(self, from_s: float, to_s: float) -> list[Sent]:
        """Return what is sent at from_s ≤ t < to_s of the device's clock, in order.

        A packet is sent when its last sample is taken. The first call after a start begins the
        measurement.

        Parameters
        ----------
        from_s, to_s : float
        """
        if not self._flows:
            self._begin(from_s)
        sent = [packet for flow in self._flows for packet in self._of(flow, to_s)]
        return sorted(sent, key=lambda packet: packet.due_s)

    def _begin(self, from_s: float) -> None:
        names = [n for f in ("acc", "gyr") for n in self._encoder.layouts_with(f)]
        names = names or list(self.protocol.layouts)[:1]
        self._flows = [_Flow(name) for name in dict.fromkeys(names)]
        self._next_s = from_s

    def _of(self, flow: _Flow, to_s: float) -> list[Sent]:
        start_s = self._next_s if self._next_s is not None else 0.0
        rate_hz = self._encoder.settings.get("rate_hz", 1.0)
        samples = self._encoder.samples_in(flow.layout)
        uuid = self._uuid[self.protocol.layouts[flow.layout].from_]
        sent: list[Sent] = []
        while True:
            numbers = flow.samples + np.arange(samples)
            t_s = start_s + numbers / rate_hz
            if t_s[-1] >= to_s:
                return sent
            signals = self._measure(t_s)
            if not self.protocol.layouts[flow.layout].samples:
                signals = {name: values[0] for name, values in signals.items()}
            payloads = self._encoder.encode(
                flow.layout,
                signals,
                clock_ticks=_stamp(self.protocol.clock, t_s),
                counter=self._counter[flow.layout],
            )
            flow.samples += samples
            self._counter[flow.layout] += 1
            sent += [Sent(float(t_s[-1]), uuid, payload) for payload in payloads]


def _stamp(clock: Clock | None, t_s: FloatArray) -> int:
    if clock is None:
        return 0
    return round(float(t_s[0 if clock.stamps == "first" else -1]) / clock.tick_s)
