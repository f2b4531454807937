"""A sensor that sends its counter and nothing else, and a client that writes down what came."""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from hipimu.sources.ble.virtual import (
    CharacteristicSpec,
    DeviceClock,
    Outgoing,
    Passive,
    PeripheralSpec,
    Reaction,
    Reply,
    VirtualWorld,
)

SERVICE, CONTROL, DATA, REPLIES, QUIET = (
    f"6d0d000{k}-2f2c-4b2e-9f0a-0d5a4f3c1e00" for k in range(5)
)
BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"
START, STOP, ASK, REFUSED = b"\x01", b"\x00", b"\x02", b"\x03"

_T = TypeVar("_T")


class Counting(Passive):
    """Sample k is taken at k/rate of the device's clock and says k, filled up to `size` bytes."""

    def __init__(self, rate_hz: float = 120.0, size: int = 20) -> None:
        self.rate_hz = rate_hz
        self.size = size
        self.starts: list[DeviceClock] = []
        self.disconnects = 0

    def on_start(self, clock: DeviceClock) -> None:
        self.starts.append(clock)

    def on_disconnect(self, at_s: float) -> None:
        self.disconnects += 1

    def on_write(self, characteristic: str, payload: bytes, at_s: float) -> Reaction:
        if payload == ASK:
            return Reaction((Reply(REPLIES, b"later", 0.05), Reply(REPLIES, b"now")))
        if payload == REFUSED:
            return Reaction(error=0x80)
        return Reaction(streaming=payload == START)

    def on_read(self, characteristic: str, at_s: float) -> bytes | None:
        return b"asked" if characteristic == CONTROL else None

    def packets(self, from_s: float, to_s: float) -> Sequence[Outgoing]:
        first, end = (math.ceil(t * self.rate_hz) for t in (from_s, to_s))
        filler = bytes(self.size - 4)
        return [
            Outgoing(k / self.rate_hz, DATA, struct.pack("<I", k) + filler)
            for k in range(first, end)
        ]


def spec(number: int = 0, **changes: Any) -> PeripheralSpec:
    """Describe the counting sensor number so and so."""
    fields: dict[str, Any] = {
        "name": f"Counting {number}",
        "address": f"C0:00:00:00:00:{number:02X}",
        "characteristics": (
            CharacteristicSpec(DATA, SERVICE, ("notify",)),
            CharacteristicSpec(CONTROL, SERVICE, ("read", "write")),
            CharacteristicSpec(BATTERY, BATTERY_SERVICE, ("read", "notify"), bytes([87])),
            CharacteristicSpec(REPLIES, SERVICE, ("indicate",)),
            CharacteristicSpec(QUIET, SERVICE, ("write-without-response",)),
        ),
        "advertised_services": (SERVICE,),
        "advertising_s": 0.02,
    }
    return PeripheralSpec(**(fields | changes))


def run(work: Coroutine[Any, Any, _T], limit_s: float = 20.0) -> _T:
    """Run a test; what hangs fails."""
    return asyncio.run(asyncio.wait_for(work, limit_s))


async def find(world: VirtualWorld, number: int = 0, timeout_s: float = 5.0) -> BLEDevice:
    """Scan for a counting sensor."""
    device = await BleakScanner.find_device_by_address(
        spec(number).address, timeout_s, backend=world.backend.scanner
    )
    assert device is not None, f"sensor {number} is not found"
    return device


async def is_found(world: VirtualWorld, number: int = 0, within_s: float = 0.3) -> bool:
    """Tell whether a counting sensor is heard within a time."""
    address = spec(number).address
    scanner = BleakScanner
    return (
        await scanner.find_device_by_address(address, within_s, backend=world.backend.scanner)
    ) is not None


@asynccontextmanager
async def counters(
    world: VirtualWorld, device: BLEDevice, into: list[int]
) -> AsyncIterator[BleakClient]:
    """Connect, subscribe, start; stop and leave at the end if there still is a link."""
    client = BleakClient(device, backend=world.backend.client, timeout=5.0)
    await client.connect()
    try:
        await client.start_notify(DATA, lambda _, data: into.append(counter(data)))
        await client.write_gatt_char(CONTROL, START, response=True)
        yield client
        if client.is_connected:
            await client.write_gatt_char(CONTROL, STOP, response=True)
    finally:
        await client.disconnect()


def counter(payload: bytes | bytearray) -> int:
    """Read what a counting sensor sent."""
    value: int = struct.unpack_from("<I", payload)[0]
    return value


async def until(condition: Any, limit_s: float = 5.0) -> float:
    """Wait until something is so; give how long it took in seconds."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    while not condition():
        assert loop.time() - began_s < limit_s, "it never came to be"
        await asyncio.sleep(0.005)
    return loop.time() - began_s
