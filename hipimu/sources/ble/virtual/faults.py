"""What may go wrong inside a sensor, before its packets reach the radio."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from hipimu.sources.ble.virtual.spec import Outgoing

Malformation = Literal["truncated", "lengthened", "garbage", "empty"]
"""Half the packet; three bytes too many; random bytes of the right length; none at all."""


@dataclass(slots=True)
class Tally:
    """What a sensor did with its packets: the truth that a recording is held against."""

    due: int = 0
    """Packets that the behaviour gave while somebody was subscribed."""
    sent: int = 0
    """Handed to the radio, each counted once."""
    lost: int = 0
    """Discarded in the sensor: by command, while silent, or because its buffer was full."""
    repeated: int = 0
    """Handed to the radio a second time."""
    malformed: int = 0
    """Of those sent, how many were spoilt."""


@dataclass(slots=True)
class Faults:
    """Which share of the packets is lost, repeated or spoilt; 0 to 1."""

    loss: float = 0.0
    repetition: float = 0.0
    malformation: float = 0.0
    malformed_as: Malformation = "truncated"
    silent: bool = False
    """Nothing is sent at all, though the link stays up."""
    seed: int = 0
    tally: Tally = field(default_factory=Tally)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - repeatable faults, no secrets

    def pass_on(self, packets: Sequence[Outgoing]) -> list[Outgoing]:
        """Give what still reaches the radio of the packets that are due, in order."""
        self.tally.due += len(packets)
        if self._harmless():
            return list(packets)
        kept = [p for p in packets if not self.silent and not self._happens(self.loss)]
        self.tally.lost += len(packets) - len(kept)
        return [copy for packet in kept for copy in self._copies(self._spoil(packet))]

    def _harmless(self) -> bool:
        return not (self.silent or self.loss or self.repetition or self.malformation)

    def _happens(self, share: float) -> bool:
        return share > 0.0 and self._chance.random() < share

    def _copies(self, packet: Outgoing) -> tuple[Outgoing, ...]:
        if not self._happens(self.repetition):
            return (packet,)
        self.tally.repeated += 1
        return (packet, packet)

    def _spoil(self, packet: Outgoing) -> Outgoing:
        if not self._happens(self.malformation):
            return packet
        self.tally.malformed += 1
        return packet._replace(payload=self._spoilt(packet.payload))

    def _spoilt(self, payload: bytes) -> bytes:
        match self.malformed_as:
            case "truncated":
                return payload[: len(payload) // 2]
            case "lengthened":
                return payload + self._chance.randbytes(3)
            case "garbage":
                return self._chance.randbytes(len(payload))
            case "empty":
                return b""
