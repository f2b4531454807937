"""Who is there: one scan, and what each device said of itself in all its packets together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bleak import BleakAdapter, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError

from hipimu.data import RSSI_UNKNOWN, Advertisement
from hipimu.errors import SensorError
from hipimu.sources.ble.availability import bluetooth_error
from hipimu.sources.device_names import harmless

_MOST_DEVICES = 1000
"""A crowded hall; what changes its address all the time must not fill the memory."""
_MOST_ITEMS = 64
_STOP_S = 5.0
_log = logging.getLogger(__name__)
_Item = TypeVar("_Item")


class Backend(Protocol):
    """What bleak runs on, where it is not the system's own Bluetooth."""

    @property
    def scanner(self) -> type[BaseBleakScanner]:
        """For ``BleakScanner(backend=…)``."""

    @property
    def client(self) -> type[BaseBleakClient]:
        """For ``BleakClient(backend=…)``."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A device that was heard: what it says, and what to connect by."""

    advertisement: Advertisement
    device: BLEDevice


async def scan(
    seconds: float,
    *,
    backend: Backend | None = None,
    on_heard: Callable[[Heard], None] | None = None,
    until: Callable[[Mapping[str, Heard]], bool] | None = None,
) -> tuple[Heard, ...]:
    """Listen to what devices say of themselves.

    Names are harmless to show: see `hipimu.sources.device_names.harmless`. Devices that the system
    holds a connection to do not advertise; they are listed all the same where the system tells,
    as a program that was killed may have left them connected.

    Parameters
    ----------
    seconds : float
        How long.
    backend : Backend or None
        None: the system's Bluetooth.
    on_heard : callable or None
        Called with all that is known of a device whenever it was heard.
    until : callable or None
        Called after `on_heard` with all devices, by address; true ends the scan.

    Returns
    -------
    tuple of Heard
        The nearest first.

    Raises
    ------
    SensorError
        When there is no Bluetooth, or it may not be used.
    Exception
        What `on_heard` or `until` raise.
    """
    found: dict[str, Heard] = {}
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def seen(heard: Heard) -> None:
        if ended.done():
            return
        try:
            merged = _remember(found, heard)
            if merged is not None and on_heard is not None:
                on_heard(merged)
            if until is not None and until(found):
                ended.set_result(None)
        except Exception as error:  # noqa: BLE001 - bleak would swallow it; raised below
            ended.set_exception(error)

    async with listening(seen, backend):
        await asyncio.wait({ended}, timeout=seconds)
    if ended.done():
        ended.result()
    return tuple(sorted(found.values(), key=lambda heard: -heard.advertisement.rssi_dbm))


@asynccontextmanager
async def listening(
    seen: Callable[[Heard], None], backend: Backend | None = None
) -> AsyncIterator[None]:
    """Call `seen` for every packet that is heard meanwhile.

    Raises
    ------
    SensorError
        As `scan`.
    """

    def detected(device: BLEDevice, data: AdvertisementData) -> None:
        seen(_heard(device, data))

    try:
        scanner = BleakScanner(detected, backend=None if backend is None else backend.scanner)
        await scanner.start()
    except (BleakError, OSError, EOFError) as error:
        raise bluetooth_error(error) or _failed(error) from error
    try:
        if backend is None:
            for device in await _connected():
                seen(Heard(Advertisement(device.address, _name(device.name), RSSI_UNKNOWN), device))
        yield
    finally:
        await _stop(scanner)


async def _stop(scanner: BleakScanner) -> None:
    try:
        async with asyncio.timeout(_STOP_S):
            await scanner.stop()
    except (BleakError, OSError, EOFError, TimeoutError) as error:
        # What was heard is good all the same, and the next start says what is wrong.
        _log.warning("the scan did not end properly: %r", error)


async def _connected() -> list[BLEDevice]:
    try:
        adapter = await BleakAdapter.get()
        return await adapter.get_connected_devices()
    except (BleakError, OSError, EOFError, NotImplementedError) as error:
        _log.info("the system does not tell what it is connected to: %r", error)
        return []


def _heard(device: BLEDevice, data: AdvertisementData) -> Heard:
    services = (uuid.lower() for uuid in (*data.service_uuids, *data.service_data))
    return Heard(
        Advertisement(
            address=device.address,
            name=_name(data.local_name or device.name),
            rssi_dbm=data.rssi,
            services=_union((), services),
            company_ids=_union((), data.manufacturer_data),
        ),
        device,
    )


def _remember(found: dict[str, Heard], new: Heard) -> Heard | None:
    """Merge what a device now says into what it said before; None where there is no room."""
    said = new.advertisement
    before = found.get(said.address)
    if before is None and len(found) >= _MOST_DEVICES:
        return None
    if before is not None:
        old = before.advertisement
        said = Advertisement(
            address=said.address,
            name=said.name or old.name,
            rssi_dbm=said.rssi_dbm,
            services=_union(old.services, said.services),
            company_ids=_union(old.company_ids, said.company_ids),
        )
    merged = found[said.address] = Heard(said, new.device)
    return merged


def _union(old: tuple[_Item, ...], new: Iterable[_Item]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys((*old, *new)))[:_MOST_ITEMS]


def _name(name: str | None) -> str:
    return harmless(name or "")


def _failed(error: BaseException) -> SensorError:
    return SensorError(
        f"Looking for sensors failed: {harmless(str(error) or type(error).__name__, 200)}.",
        "Switch Bluetooth off and on again.",
        reason="failed",
    )
