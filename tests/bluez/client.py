"""In the machine: plain bleak on BlueZ, written down counter by counter.

Finds three counting sensors, connects, subscribes, starts them, comes back where a link is lost,
and writes ``received.json`` into the folder it is given: for each sensor, for each time it was
connected, the counters that arrived.

usage: client.py FOLDER SECONDS
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from tests.unit.sources.ble.virtual.counting import CONTROL, DATA, SERVICE, START, STOP, counter

SENSORS = 3


class Recorder:
    """Keeps one sensor connected until it is told to end."""

    def __init__(self, device: BLEDevice, connecting: asyncio.Lock) -> None:
        self.device = device
        self.links: list[list[int]] = []
        self.started = asyncio.Event()
        self._connecting = connecting

    async def record(self, end: asyncio.Event) -> None:
        """Connect, and again whenever the link is lost."""
        while not end.is_set():
            lost = asyncio.Event()
            client = _client(self.device, lost)
            try:
                await self._begin(client)
                await _first(lost.wait(), end.wait())
                if client.is_connected:
                    await client.write_gatt_char(CONTROL, STOP, response=True)
            except (BleakError, TimeoutError) as error:
                print(f"{self.device.name}: {type(error).__name__} {error}", flush=True)
            finally:
                # Also where the link is gone: else the next one gets everything twice.
                await client.disconnect()

    async def _begin(self, client: BleakClient) -> None:
        async with self._connecting:
            await client.connect()
        print(f"{self.device.name}: connected", flush=True)
        got: list[int] = []
        # Raises now and then: BlueZ may say that services are resolved before they are there.
        await client.start_notify(DATA, lambda _, data: got.append(counter(data)))
        self.links.append(got)
        await client.write_gatt_char(CONTROL, START, response=True)
        self.started.set()


def _client(device: BLEDevice, lost: asyncio.Event) -> BleakClient:
    return BleakClient(device, lambda _: lost.set(), timeout=20.0)


async def _first(*waits: object) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


async def find() -> list[BLEDevice]:
    """Scan until all are heard."""
    found: dict[str, BLEDevice] = {}
    all_heard = asyncio.Event()

    def heard(device: BLEDevice, data: AdvertisementData) -> None:
        if data.local_name and SERVICE in data.service_uuids:
            found[device.address] = device
            if len(found) == SENSORS:
                all_heard.set()

    async with BleakScanner(heard, [SERVICE]):
        await asyncio.wait_for(all_heard.wait(), 30.0)
    return [found[address] for address in sorted(found)]


async def main(folder: Path, seconds: float) -> None:
    """Record for so long after the last sensor started."""
    connecting, end = asyncio.Lock(), asyncio.Event()
    recorders = [Recorder(device, connecting) for device in await find()]
    running = [asyncio.create_task(recorder.record(end)) for recorder in recorders]
    for recorder in recorders:
        await asyncio.wait_for(recorder.started.wait(), 60.0)
    print("all started", flush=True)
    await asyncio.sleep(seconds)
    end.set()
    await asyncio.gather(*running)
    received = {recorder.device.name: recorder.links for recorder in recorders}
    (folder / "received.json").write_text(json.dumps(received))


asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
