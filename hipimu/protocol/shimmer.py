"""Shimmer's byte stream: acknowledgements, an inquiry's answer, and packets as that says.

Facts from the vendor's firmware documents (ShimmerResearch/log-and-stream-common). Packets handed
on are ``u24 ticks, 3 i16 acc, 3 i16 gyr``, in whatever order the device sends its channels.
"""

from __future__ import annotations

from dataclasses import dataclass

from hipimu.protocol.codecs import Codec, CodecParameters

_ACK, _NACK = 0xFF, 0xFE
_DATA, _INQUIRY, _STATUS = 0x00, 0x02, 0x8A
_TICKS = 3
_CONFIG_BYTES = 7
_STATUS_SIZES = {0x71: 4, 0x94: 5}
_ACC, _GYR = (0x00, 0x01, 0x02), (0x0A, 0x0B, 0x0C)
_MOST_HELD = 4096
_SIZES = dict.fromkeys((*range(0x1A), 0x1C), 2)
_SIZES |= {0x1A: 3, 0x1B: 3, 0x1D: 1, 0x20: 1, 0x1E: 3, 0x1F: 3, 0x21: 3, 0x22: 3}
_SIZES |= dict.fromkeys(range(0x23, 0x27), 2)
_STEP_TICKS = (1, 32768)
"""Between neighbouring packets: at least one packet a second."""


@dataclass(frozen=True, slots=True)
class _Order:
    """Where the six channels are in a packet."""

    length: int
    places: tuple[int, ...]
    """Of acc x, y, z and gyr x, y, z, from the packet's first byte."""


class Shimmer(Codec):
    """Byte stream ↔ packets of ticks, acceleration and angular rate.

    Parameters
    ----------
    parameters : CodecParameters
    """

    def __init__(self, parameters: CodecParameters) -> None:
        super().__init__(parameters)
        self._held = b""
        self._order: _Order | None = None

    def decode(self, characteristic: str, payload: bytes) -> list[bytes]:
        """Return the packets that are whole now."""
        del characteristic
        data = self._held + payload
        packets, at, skipped = [], 0, 0
        while at < len(data):
            size = self._size(data, at)
            if size is None:
                break
            if size == 0:
                at, skipped = at + 1, skipped + 1
                continue
            if data[at] == _DATA:
                packets.append(self._reordered(data[at : at + size]))
            at += size
        self._held = data[at:][-_MOST_HELD:]
        if skipped and not packets:
            raise ValueError(f"{skipped} bytes belong to no message")
        return packets

    def _size(self, data: bytes, at: int) -> int | None:
        """Bytes of the message that begins here; 0 where none can, None while it is incomplete."""
        kind, left = data[at], len(data) - at
        if kind in (_ACK, _NACK):
            return 1
        if kind == _INQUIRY:
            return self._inquiry(data, at)
        if kind == _STATUS:
            if left < 2:
                return None
            size = _STATUS_SIZES.get(data[at + 1], 0)
            return size if left >= size else None
        if kind == _DATA and self._order is not None:
            return self._data(data, at)
        return 0

    def _data(self, data: bytes, at: int) -> int | None:
        """A packet is believed where another message follows it, or the payload ends there."""
        if self._order is None:
            return 0
        end = at + self._order.length
        if len(data) < end:
            return None
        if len(data) == end or data[end] in (_ACK, _NACK, _STATUS):
            return self._order.length
        if data[end] != _DATA:
            return 0
        if len(data) < end + 1 + _TICKS:
            return self._order.length
        step = (_ticks(data, end) - _ticks(data, at)) % 2**24
        return self._order.length if _STEP_TICKS[0] <= step <= _STEP_TICKS[1] else 0

    def _inquiry(self, data: bytes, at: int) -> int | None:
        begin = at + 1 + 2 + _CONFIG_BYTES
        if len(data) < begin + 2:
            return None
        channels = data[begin]
        end = begin + 2 + channels
        if len(data) < end:
            return None if channels <= 64 else 0
        self._order = _order(data[begin + 2 : end])
        return end - at if self._order is not None else 0

    def _reordered(self, packet: bytes) -> bytes:
        if self._order is None:
            raise ValueError("no inquiry was answered: the order of the channels is not known")
        values = b"".join(packet[place : place + 2] for place in self._order.places)
        return packet[1 : 1 + _TICKS] + values

    def encode(self, characteristic: str, packet: bytes) -> list[bytes]:
        """Return a data packet in the order of the last inquiry's answer; none before it."""
        del characteristic
        if self._order is None:
            return []
        data = bytearray(self._order.length)
        data[1 : 1 + _TICKS] = packet[:_TICKS]
        for i, place in enumerate(self._order.places):
            data[place : place + 2] = packet[_TICKS + 2 * i : _TICKS + 2 * i + 2]
        return [bytes(data)]


def _ticks(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 1 : at + 1 + _TICKS], "little")


def _order(channels: bytes) -> _Order | None:
    """Where the channels are; None where one is not known or acc and gyr are not both there."""
    places: dict[int, int] = {}
    at = 1 + _TICKS
    for channel in channels:
        if channel not in _SIZES:
            return None
        places[channel] = at
        at += _SIZES[channel]
    if not all(channel in places for channel in (*_ACC, *_GYR)):
        return None
    return _Order(at, tuple(places[channel] for channel in (*_ACC, *_GYR)))
