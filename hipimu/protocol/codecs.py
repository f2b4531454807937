"""Named codecs: what a table of fields cannot say, because it needs memory.

A codec stands between the radio's payloads and the packets that layouts describe. Each works on
one device's stream, in both directions: `decode` for what is received, `encode` for virtual
sensors. Garbage raises `ValueError` with a sentence, and leaves the codec able to go on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodecParameters:
    """What a protocol file says about its framing."""

    begins: tuple[bytes, ...] = ()
    """How packets begin, of all layouts of its characteristics."""
    length: int | None = None
    """Bytes in a packet, where fixed."""


class Codec(ABC):
    """Payloads of one device ↔ packets.

    Parameters
    ----------
    parameters : CodecParameters
    """

    def __init__(self, parameters: CodecParameters) -> None:
        self.parameters = parameters

    @abstractmethod
    def decode(self, characteristic: str, payload: bytes) -> list[bytes]:
        """Return the packets that a payload completes.

        Parameters
        ----------
        characteristic : str
            Its name in the protocol file.
        payload : bytes

        Raises
        ------
        ValueError
            When it is damaged; the sentence says how.
        """

    @abstractmethod
    def encode(self, characteristic: str, packet: bytes) -> list[bytes]:
        """Return the payloads in which a packet is sent.

        Parameters
        ----------
        characteristic, packet
            As in `decode`.
        """


class Resync(Codec):
    """Packets of fixed length in a byte stream, found anew after damage by how they begin."""

    def __init__(self, parameters: CodecParameters) -> None:
        super().__init__(parameters)
        if not parameters.length or not all(parameters.begins):
            raise ValueError("the codec resync needs length, and begins in every layout")
        self._length = parameters.length
        self._held = b""

    def decode(self, characteristic: str, payload: bytes) -> list[bytes]:
        """Return whole packets; what is no packet is skipped, and said once nothing is left."""
        del characteristic
        if self._is_whole(payload):
            self._held = b""
        data = self._held + payload
        packets, at, skipped = [], 0, 0
        while len(data) - at >= self._length:
            if data.startswith(self.parameters.begins, at):
                packets.append(data[at : at + self._length])
                at += self._length
            else:
                at += 1
                skipped += 1
        self._held = data[at:]
        if skipped and not packets:
            raise ValueError(f"{skipped} bytes belong to no packet")
        return packets

    def _is_whole(self, payload: bytes) -> bool:
        """A payload that holds whole packets needs nothing from before."""
        return len(payload) % self._length == 0 and payload.startswith(self.parameters.begins)

    def encode(self, characteristic: str, packet: bytes) -> list[bytes]:
        """Return the packet as it is."""
        del characteristic
        return [packet]


class TwoPart(Codec):
    """A packet that is too long comes in two: ``02 ref …`` is continued by ``03 ref …``."""

    _FIRST, _REST = 2, 3
    _HEADER = 2

    def __init__(self, parameters: CodecParameters) -> None:
        super().__init__(parameters)
        if not parameters.length:
            raise ValueError("the codec two_part needs length: bytes of a whole packet")
        self._length = parameters.length
        self._held: bytes | None = None

    def decode(self, characteristic: str, payload: bytes) -> list[bytes]:
        """Return a packet once it is whole; other messages pass as they are."""
        del characteristic
        if len(payload) < self._HEADER:
            raise ValueError(f"{len(payload)} bytes are too short for a message")
        kind = payload[0]
        if kind == self._FIRST and len(payload) < self._length:
            broken, self._held = self._held, payload
            if broken is not None:
                raise ValueError(f"a packet of {len(broken)} bytes was never completed")
            return []
        if kind != self._REST:
            return [payload]
        first, self._held = self._held, None
        if first is None or first[1] != payload[1]:
            raise ValueError("a second part came without its first")
        return [first + payload[self._HEADER :]]

    def encode(self, characteristic: str, packet: bytes) -> list[bytes]:
        """Return the packet in two parts, or one where it is short."""
        del characteristic
        half = self._length * 3 // 4
        if packet[:1] != bytes([self._FIRST]) or len(packet) <= half:
            return [packet]
        return [packet[:half], bytes([self._REST, packet[1]]) + packet[half:]]
