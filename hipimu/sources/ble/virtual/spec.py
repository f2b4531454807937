"""What a virtual sensor is: plain data, and a behaviour that answers and streams.

Nothing here knows a protocol or a radio library. `PeripheralSpec` says what is there to be found;
a `Behaviour` says what happens when somebody writes, reads or waits. Times are seconds of the
device's own clock unless a name says otherwise; characteristics are full UUIDs in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from hipimu.errors import PlanError
from hipimu.sources.ble.virtual.advertising import ADVERTISEMENT_BYTES

Property = Literal["read", "write", "write-without-response", "notify", "indicate"]

_FULL_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ADDRESS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}")


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """How a device's seconds run against the world's.

    The world's seconds are counted from when the virtual world began.
    """

    start_s: float = 0.0
    """World time at which the device's clock showed 0; negative: it was on before."""
    drift_ppm: float = 0.0
    """Positive: the device's clock is fast."""

    def device_s(self, world_s: float) -> float:
        """Tell what the device's clock shows at the world's time, both in seconds."""
        return (world_s - self.start_s) * (1.0 + 1e-6 * self.drift_ppm)

    def world_s(self, device_s: float) -> float:
        """Tell the world's time when the device's clock shows this, both in seconds."""
        return self.start_s + device_s / (1.0 + 1e-6 * self.drift_ppm)


@dataclass(frozen=True, slots=True)
class CharacteristicSpec:
    """One characteristic of a virtual peripheral."""

    uuid: str
    service: str
    """UUID of the service it belongs to."""
    properties: tuple[Property, ...]
    value: bytes = b""
    """What reading gives where the behaviour has no answer."""

    def __post_init__(self) -> None:
        _check_uuid(self.uuid)
        _check_uuid(self.service)


@dataclass(frozen=True, slots=True)
class PeripheralSpec:
    """What a virtual peripheral shows to everyone, and how its clock runs.

    Raises
    ------
    PlanError
        When the address is no static random one, a UUID is not written in full, or the
        advertisement is too long.
    """

    name: str
    """As read from the device; also advertised, unless `advertised_name` says otherwise."""
    address: str
    """Static random: the first byte is C0 to FF, as in ``D4:22:CD:00:00:01``."""
    characteristics: tuple[CharacteristicSpec, ...]
    advertised_services: tuple[str, ...] = ()
    manufacturer_data: tuple[tuple[int, bytes], ...] = ()
    """Company identifier and the bytes that follow it."""
    advertised_name: bytes | None = None
    """Bytes as they go on air, for names that lie or are no UTF-8."""
    advertisement: bytes | None = None
    """All the advertising data as it goes on air, at most 31 bytes, instead of the above."""
    clock: DeviceClock = DeviceClock()
    after_drop: Literal["runs", "restarts"] = "runs"
    """Whether the device's clock and counters run on when the link is lost, or begin anew."""
    advertising_s: float = 0.1
    """Seconds from one advertisement to the next."""
    rssi_dbm: int = -55
    """Strength at which it is heard."""
    largest_mtu: int = 247
    """Largest ATT MTU the device agrees to, 23 to 517 bytes."""
    buffer_packets: int = 512
    """Notifications that wait for the radio; when it is full, newer ones are discarded."""

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.address) or int(self.address[:2], 16) < 0xC0:
            raise PlanError(
                f"{self.address!r} is no static random Bluetooth address.",
                "Write six bytes as in 'D4:22:CD:00:00:01', the first from C0 to FF.",
            )
        if self.advertisement is not None and len(self.advertisement) > ADVERTISEMENT_BYTES:
            raise PlanError(
                f"The advertisement of {self.name!r} has {len(self.advertisement)} bytes.",
                f"Shorten it to {ADVERTISEMENT_BYTES}.",
            )
        for uuid in self.advertised_services:
            _check_uuid(uuid)


class Outgoing(NamedTuple):
    """One notification, and when it is due by the device's clock."""

    due_s: float
    characteristic: str
    payload: bytes


class Reply(NamedTuple):
    """A notification that answers a write."""

    characteristic: str
    payload: bytes
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a device does after it was written to."""

    replies: tuple[Reply, ...] = ()
    streaming: bool | None = None
    """True: `Behaviour.packets` is asked from now on; False: no longer; None: as before."""
    error: int | None = None
    """ATT error code to refuse the write with, such as 0x80."""


class Behaviour(Protocol):
    """What a device does. One object for each peripheral; it may keep state.

    All calls come from one thread, in order of time. Derive from `Passive` to write only the
    methods that matter.
    """

    def on_start(self, clock: DeviceClock) -> None:
        """The device was switched on or began anew: counters start, its clock shows 0.

        Always the first call. `clock` tells what the device's seconds are in the world's.
        """

    def on_disconnect(self, at_s: float) -> None:
        """The link is gone. The peripheral has stopped asking for packets."""

    def on_write(self, characteristic: str, payload: bytes, at_s: float) -> Reaction:
        """Somebody wrote to a characteristic."""

    def on_subscribe(self, characteristic: str, on: bool, at_s: float) -> Reaction:
        """Somebody wants notifications of a characteristic, or no longer does."""

    def on_read(self, characteristic: str, at_s: float) -> bytes | None:
        """Somebody reads; None stands for the value in the specification."""

    def packets(self, from_s: float, to_s: float) -> Sequence[Outgoing]:
        """All notifications that are due at from_s ≤ t < to_s, in order.

        Only asked while streaming. Consecutive calls leave no time out and ask for none twice.
        What comes back is sent if somebody subscribed to it, and else thrown away.
        """


class Passive:
    """A behaviour that answers nothing and sends nothing: a base for those that do."""

    def on_start(self, clock: DeviceClock) -> None:
        """Do nothing."""

    def on_disconnect(self, at_s: float) -> None:
        """Do nothing."""

    def on_write(self, characteristic: str, payload: bytes, at_s: float) -> Reaction:  # noqa: ARG002
        """Accept it and do nothing."""
        return Reaction()

    def on_subscribe(self, characteristic: str, on: bool, at_s: float) -> Reaction:  # noqa: ARG002
        """Do nothing."""
        return Reaction()

    def on_read(self, characteristic: str, at_s: float) -> bytes | None:  # noqa: ARG002
        """Leave it to the specification."""
        return None

    def packets(self, from_s: float, to_s: float) -> Sequence[Outgoing]:  # noqa: ARG002
        """Send nothing."""
        return ()


def _check_uuid(uuid: str) -> None:
    if not _FULL_UUID.fullmatch(uuid):
        raise PlanError(
            f"{uuid!r} is no full UUID in lower case.",
            "Write it in full, as in '0000180f-0000-1000-8000-00805f9b34fb'.",
        )
