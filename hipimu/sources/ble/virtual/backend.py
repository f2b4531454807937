"""The real bleak over the simulated radio: what `BleakScanner` and `BleakClient` run on.

bleak takes its platform as an argument, ``backend=``. Here it is a `Central`; everything above,
bleak's own code included, is what runs over a real adapter. Errors are those of bleak on BlueZ.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, NamedTuple, NoReturn, TypeVar

from bleak.args import SizedBuffer
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import (
    AdvertisementData,
    AdvertisementDataCallback,
    BaseBleakScanner,
)
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, core, hci
from bumble.device import Connection, Peer

from hipimu.sources.ble.virtual.advertising import full_uuid, read_advertising
from hipimu.sources.ble.virtual.central import Central, Sighting

_SMALLEST_MTU = att.ATT_DEFAULT_MTU
_NOTIFICATION_HEADER = 3
_Given = TypeVar("_Given")


class Backend(NamedTuple):
    """What to hand to bleak as ``backend=``."""

    scanner: type[BaseBleakScanner]
    client: type[BaseBleakClient]


def make_backend(central: Central, largest_mtu: int = 247) -> Backend:
    """Make bleak's two classes for one adapter.

    Parameters
    ----------
    central : Central
        Switched on.
    largest_mtu : int
        ATT MTU that clients ask for; 23 asks for none.
    """
    scanner = type("VirtualScanner", (_Scanner,), {"central": central})
    client = type(
        "VirtualClient",
        (_Client,),
        {"central": central, "scanner": scanner, "largest_mtu": largest_mtu},
    )
    return Backend(scanner, client)


class _Scanner(BaseBleakScanner):
    central: ClassVar[Central]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str,
        **_others: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        self.seen_devices = {}
        await self.central.add_scanner(self._seen, active=self._active)

    async def stop(self) -> None:
        await self.central.remove_scanner(self._seen)

    def _seen(self, sighting: Sighting) -> None:
        heard = read_advertising(sighting.advertisement, sighting.scan_response)
        if not self.is_allowed_uuid(heard.services):
            return
        address = sighting.address.to_string(False)
        data = AdvertisementData(
            heard.name,
            heard.manufacturer_data,
            heard.service_data,
            heard.services,
            heard.tx_power_dbm,
            sighting.rssi_dbm,
            (sighting,),
        )
        device = self.create_or_update_device(address, address, heard.name, sighting.address, data)
        self.call_detection_callbacks(device, data)


class _Client(BaseBleakClient):
    central: ClassVar[Central]
    scanner: ClassVar[type[_Scanner]]
    largest_mtu: ClassVar[int]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **_others: Any,
    ) -> None:
        super().__init__(
            address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout
        )
        given = address_or_ble_device
        self._device = given if isinstance(given, BLEDevice) else None
        self._peer: Peer | None = None
        self._lost: asyncio.Future[None] | None = None
        self._subscribers: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        known = self._device.name if self._device is not None else None
        return known or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        return _SMALLEST_MTU if self._peer is None else self._peer.connection.att_mtu

    @property
    def is_connected(self) -> bool:
        return self._lost is not None and not self._lost.done()

    async def connect(self, pair: bool, **_others: Any) -> None:  # noqa: ARG002
        if self.is_connected:
            raise BleakError("Client is already connected")
        target = await self._find()
        async with asyncio.timeout(self._timeout):
            self._begin(await self.central.reach(target))
            try:
                await self._look_around()
            except BaseException:
                await self.disconnect()
                raise

    async def disconnect(self) -> None:
        if self._peer is None or not self.is_connected:
            return
        lost = self._lost
        # Where it fails, the link went by itself in the same moment; the event is on its way.
        with suppress(core.BaseBumbleError):
            await self._peer.connection.disconnect()
        if lost is not None:
            await lost

    async def pair(self, *_arguments: Any, **_others: Any) -> None:
        raise BleakError("Virtual sensors need no pairing")

    async def unpair(self) -> None:
        raise BleakError("Virtual sensors need no pairing")

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, **_others: Any
    ) -> bytearray:
        return bytearray(await self._ask(characteristic.obj.read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, **_others: Any
    ) -> bytearray:
        return bytearray(await self._ask(descriptor.obj.read_value()))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        payload = bytes(data)
        if not response and len(payload) > characteristic.max_write_without_response_size:
            raise BleakError(f"{len(payload)} bytes do not fit into one write without response")
        await self._ask(characteristic.obj.write_value(payload, with_response=response))

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        await self._ask(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_others: Any
    ) -> None:
        if characteristic.handle in self._subscribers:
            raise BleakError("Characteristic notifications already started")
        if not {"notify", "indicate"} & set(characteristic.properties):
            raise BleakError(f"{characteristic} supports neither notifications nor indications")

        def receive(value: bytes) -> None:
            callback(bytearray(value))

        self._subscribers[characteristic.handle] = receive
        try:
            await self._ask(characteristic.obj.subscribe(receive))
        except BaseException:
            self._subscribers.pop(characteristic.handle, None)
            raise

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        subscriber = self._subscribers.pop(characteristic.handle, None)
        if subscriber is not None:
            await self._ask(characteristic.obj.unsubscribe(subscriber))

    async def _find(self) -> hci.Address:
        if self._device is None:
            self._device = await _listen_for(self.address, self.scanner, self._timeout)
        address: hci.Address = self._device.details
        return address

    def _begin(self, connection: Connection) -> None:
        self._peer = Peer(connection)
        self._lost = asyncio.get_running_loop().create_future()
        connection.on(connection.EVENT_DISCONNECTION, partial(self._end, self._lost))

    def _end(self, lost: asyncio.Future[None], _reason: int) -> None:
        self._peer = None
        self.services = None
        self._subscribers.clear()
        if not lost.done():
            lost.set_result(None)
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def _look_around(self) -> None:
        peer = self._peer
        if peer is None:
            _raise_disconnected()
        if self.largest_mtu > _SMALLEST_MTU:
            await self._ask(peer.request_mtu(self.largest_mtu))
        await self._ask(peer.discover_all())  # type: ignore[no-untyped-call]
        self.services = _collect(peer, lambda: self.mtu_size - _NOTIFICATION_HEADER)

    async def _ask(self, request: Coroutine[Any, Any, _Given]) -> _Given:
        """Await an answer, but no longer than there is somebody to give one."""
        lost = self._lost
        if lost is None or lost.done():
            request.close()
            raise BleakError("Not connected")
        asked = asyncio.ensure_future(request)
        try:
            either: set[asyncio.Future[Any]] = {asked, lost}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                _raise_disconnected()
            return asked.result()
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except core.BaseBumbleError as error:
            raise BleakError(str(error)) from error
        finally:
            asked.cancel()


async def _listen_for(
    address: str,
    scanner: type[_Scanner],
    timeout: float,
) -> BLEDevice:
    found: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()

    def seen(device: BLEDevice, _data: AdvertisementData) -> None:
        if device.address.lower() == address.lower() and not found.done():
            found.set_result(device)

    listening = scanner(seen, None, "active")
    await listening.start()
    try:
        async with asyncio.timeout(timeout):
            return await found
    except TimeoutError as error:
        raise BleakDeviceNotFoundError(
            address, f"Device with address {address} was not found"
        ) from error
    finally:
        await listening.stop()


def _collect(peer: Peer, room: Callable[[], int]) -> BleakGATTServiceCollection:
    collection = BleakGATTServiceCollection()
    for found in peer.services:
        service = BleakGATTService(found, found.handle, full_uuid(found.uuid.uuid_bytes))
        collection.add_service(service)
        for each in found.characteristics:
            characteristic = BleakGATTCharacteristic(
                each,
                each.handle,
                full_uuid(each.uuid.uuid_bytes),
                list(gatt_char_props_to_strs(int(each.properties))),
                room,
                service,
            )
            collection.add_characteristic(characteristic)
            for one in each.descriptors:
                uuid = full_uuid(one.type.uuid_bytes)
                descriptor = BleakGATTDescriptor(one, one.handle, uuid, characteristic)
                collection.add_descriptor(descriptor)
    return collection


def _raise_disconnected() -> NoReturn:
    raise BleakError("disconnected")
