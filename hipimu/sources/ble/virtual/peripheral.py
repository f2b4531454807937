"""A virtual sensor on the air: answers, streams by its own clock, and comes back after a loss."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from itertools import groupby
from typing import Any, TypeVar

from bumble import att, core
from bumble.device import Connection
from bumble.gatt import Characteristic, CharacteristicValue, Service

from hipimu.sources.ble.virtual.advertising import make_advertising, short_uuid
from hipimu.sources.ble.virtual.controller import new_device
from hipimu.sources.ble.virtual.faults import Faults
from hipimu.sources.ble.virtual.radio import Air
from hipimu.sources.ble.virtual.spec import (
    Behaviour,
    CharacteristicSpec,
    DeviceClock,
    Outgoing,
    PeripheralSpec,
    Reaction,
)

_TICK_S = 0.005
_NOTIFICATION = struct.Struct("<BH")  # Core Specification, volume 3, part F, section 3.4.7.1
_NOTIFICATION_OPCODE = 0x1B
_PROPERTIES = {
    "read": Characteristic.Properties.READ,
    "write": Characteristic.Properties.WRITE,
    "write-without-response": Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
    "notify": Characteristic.Properties.NOTIFY,
    "indicate": Characteristic.Properties.INDICATE,
}
_Given = TypeVar("_Given")


class Peripheral:
    """One device: its specification and behaviour, put on the air.

    Parameters
    ----------
    spec : PeripheralSpec
    behaviour : Behaviour
        Asked every 5 ms, while streaming, for what became due.
    air : Air
    now_s : callable
        The world's time in seconds.
    seed : int
        Of its faults.
    """

    def __init__(
        self,
        spec: PeripheralSpec,
        behaviour: Behaviour,
        air: Air,
        now_s: Callable[[], float],
        seed: int = 0,
    ) -> None:
        self.spec = spec
        self.faults = Faults(seed=seed)
        self.connections = 0
        self.pretended: dict[str, bytes] = {}
        self.advertised_name = spec.advertised_name or spec.name.encode()
        self.away_s = 0.0
        self.failure: Exception | None = None
        self._behaviour = behaviour
        self._now_s = now_s
        self._link = air.add_sensor(spec.address, spec.rssi_dbm)
        self._device = new_device(air, spec.name, spec.address, spec.advertising_s)
        self._device.gatt_server.max_mtu = spec.largest_mtu
        self._device.on("connection", self._connected)
        self._characteristics = {c.uuid: self._make(c) for c in spec.characteristics}
        self._device.add_services(self._services())
        self._connection: Connection | None = None
        self._subscribed: set[str] = set()
        self._clock = spec.clock
        self._asked_s = 0.0
        self._tick: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_on = False

    @property
    def is_connected(self) -> bool:
        """Whether the device believes that somebody is connected to it."""
        return self._connection is not None

    @property
    def is_streaming(self) -> bool:
        """Whether its behaviour is asked for packets."""
        return self._tick is not None

    @property
    def clock(self) -> DeviceClock:
        """The device's clock, as it runs since it was switched on or began anew."""
        return self._clock

    async def power_on(self) -> None:
        """Start its clock and let itself be found."""
        self._is_on = True
        self._behaviour.on_start(self._clock)
        await self._device.power_on()
        await self.advertise()

    async def advertise(self) -> None:
        """Advertise what it now says of itself."""
        spec = self.spec
        if spec.advertisement is not None:
            advertisement, scan_response = spec.advertisement, b""
        else:
            advertisement, scan_response = make_advertising(
                self.advertised_name, spec.advertised_services, spec.manufacturer_data
            )
        await self._device.start_advertising(
            advertising_data=advertisement, scan_response_data=scan_response
        )

    def limit_mtu(self, mtu: int) -> None:
        """Agree to no more than this ATT MTU at the next connection."""
        self._device.gatt_server.max_mtu = mtu

    def hang_up(self) -> None:
        """End the link from the device's side."""
        if self._connection is not None:
            self.begin(self._connection.disconnect)

    def begin(self, work: Callable[[], Awaitable[Any]]) -> None:
        """Run something on the side; what it raises is kept for the end."""
        if self._is_on:
            task = asyncio.ensure_future(self._attempt(work))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def power_off(self) -> None:
        """Stop all that runs."""
        self._is_on = False
        self._stream(False)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- the link -------------------------------------------------------------------------

    def _connected(self, connection: Connection) -> None:
        self.connections += 1
        self._connection = connection
        connection.on(connection.EVENT_DISCONNECTION, self._disconnected)

    def _disconnected(self, _reason: int) -> None:
        self._connection = None
        self._subscribed.clear()
        self._stream(False)
        self._call(self._behaviour.on_disconnect, self._at_s())
        if self.spec.after_drop == "restarts":
            self._clock = DeviceClock(self._now_s(), self.spec.clock.drift_ppm)
            self._call(self._behaviour.on_start, self._clock)
        self.begin(self._come_back)

    async def _come_back(self) -> None:
        away_s, self.away_s = self.away_s, 0.0
        await asyncio.sleep(away_s)
        await self.advertise()

    # -- requests -------------------------------------------------------------------------

    def _services(self) -> Iterable[Service]:
        specs = sorted(self.spec.characteristics, key=lambda c: self._place(c.service))
        for uuid, members in groupby(specs, key=lambda c: c.service):
            yield Service(
                core.UUID.from_bytes(short_uuid(uuid)),
                [self._characteristics[c.uuid] for c in members],
            )

    def _place(self, service: str) -> int:
        return [c.service for c in self.spec.characteristics].index(service)

    def _make(self, spec: CharacteristicSpec) -> Characteristic[bytes]:
        properties = Characteristic.Properties(0)
        for name in spec.properties:
            properties |= _PROPERTIES[name]
        characteristic: Characteristic[bytes] = Characteristic(
            core.UUID.from_bytes(short_uuid(spec.uuid)),
            properties,
            Characteristic.Permissions.READABLE | Characteristic.Permissions.WRITEABLE,
            CharacteristicValue(partial(self._read, spec), partial(self._written, spec)),
        )
        characteristic.on(characteristic.EVENT_SUBSCRIPTION, partial(self._subscription, spec.uuid))
        return characteristic

    def _read(self, spec: CharacteristicSpec, _connection: Connection) -> bytes:
        if "read" not in spec.properties:
            raise att.ATT_Error(att.ErrorCode.READ_NOT_PERMITTED)
        if (pretended := self.pretended.get(spec.uuid)) is not None:
            return pretended
        answer = self._request(self._behaviour.on_read, spec.uuid, self._at_s())
        return spec.value if answer is None else answer

    def _written(self, spec: CharacteristicSpec, _connection: Connection, value: bytes) -> None:
        if not {"write", "write-without-response"} & set(spec.properties):
            raise att.ATT_Error(att.ErrorCode.WRITE_NOT_PERMITTED)
        reaction = self._request(self._behaviour.on_write, spec.uuid, value, self._at_s())
        if reaction.error is not None:
            raise att.ATT_Error(reaction.error)
        self._react(reaction)

    def _subscription(
        self, uuid: str, _connection: Connection, notified: bool, indicated: bool
    ) -> None:
        on = notified or indicated
        (self._subscribed.add if on else self._subscribed.discard)(uuid)
        reaction = self._call(self._behaviour.on_subscribe, uuid, on, self._at_s())
        if reaction is not None:
            self._react(reaction)

    def _react(self, reaction: Reaction) -> None:
        if reaction.streaming is not None:
            self._stream(reaction.streaming)
        loop = asyncio.get_running_loop()
        for characteristic, payload, after_s in reaction.replies:
            answer = partial(self._answer, self._connection, characteristic, payload)
            if after_s > 0.0:
                loop.call_later(after_s, answer)
            else:
                loop.call_soon(answer)  # after the write itself was acknowledged

    def _answer(self, asker: Connection | None, characteristic: str, payload: bytes) -> None:
        if asker is self._connection and not self.faults.silent:
            self._notify(characteristic, payload)

    # -- the stream -----------------------------------------------------------------------

    def _stream(self, on: bool) -> None:
        if on and self._tick is None:
            self._asked_s = self._at_s()
            self._wait()
        elif not on and self._tick is not None:
            self._tick.cancel()
            self._tick = None

    def _wait(self) -> None:
        self._tick = asyncio.get_running_loop().call_later(_TICK_S, self._send_due)

    def _send_due(self) -> None:
        self._wait()
        until_s = self._at_s()
        packets = self._call(self._behaviour.packets, self._asked_s, until_s)
        self._asked_s = until_s
        if not packets:
            return
        wanted = [p for p in packets if p.characteristic in self._subscribed]
        for packet in self.faults.pass_on(wanted):
            self._hand_over(packet)

    def _hand_over(self, packet: Outgoing) -> None:
        tally = self.faults.tally
        if self._link.waiting >= self.spec.buffer_packets:
            tally.lost += 1
            return
        tally.sent += 1
        self._notify(packet.characteristic, packet.payload)

    def _notify(self, uuid: str, payload: bytes) -> None:
        connection = self._connection
        if connection is None or uuid not in self._subscribed:
            return
        characteristic = self._characteristics[uuid]
        if not characteristic.properties & Characteristic.Properties.NOTIFY:
            server = self._device.gatt_server
            self.begin(partial(server.indicate_subscriber, connection, characteristic, payload))
            return
        room = connection.att_mtu - _NOTIFICATION.size
        header = _NOTIFICATION.pack(_NOTIFICATION_OPCODE, characteristic.handle)
        # Written out, as bumble's own way costs a task and four objects for each packet.
        connection.send_l2cap_pdu(att.ATT_CID, header + payload[:room])

    # -- its clock, and the behaviour's mistakes ------------------------------------------

    def _at_s(self) -> float:
        return self._clock.device_s(self._now_s())

    def _call(self, method: Callable[..., _Given], *arguments: Any) -> _Given | None:
        """Ask the behaviour; the first mistake ends the stream and is raised at the end."""
        try:
            return method(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever a behaviour does wrong
            self._fail(error)
            return None

    def _request(self, method: Callable[..., _Given], *arguments: Any) -> _Given:
        try:
            return method(*arguments)
        except Exception as error:
            self._fail(error)
            raise att.ATT_Error(att.ErrorCode.UNLIKELY_ERROR) from error

    async def _attempt(self, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            await work()
        except core.BaseBumbleError:
            # The link ended underneath: what a sensor would not notice either.
            pass
        except Exception as error:  # noqa: BLE001 - kept for the end
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.failure = self.failure or error
        self._stream(False)
