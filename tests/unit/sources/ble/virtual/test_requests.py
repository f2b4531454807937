"""Reading, writing, replies, sizes: what bleak asks of a virtual sensor."""

from __future__ import annotations

import asyncio

import pytest
from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError, BleakGATTProtocolError

from hipimu.sources.ble.virtual import virtual_world
from tests.unit.sources.ble.virtual.counting import (
    ASK,
    BATTERY,
    BATTERY_SERVICE,
    CONTROL,
    DATA,
    QUIET,
    REFUSED,
    REPLIES,
    SERVICE,
    START,
    Counting,
    find,
    run,
    spec,
    until,
)

DEVICE_NAME = "00002a00-0000-1000-8000-00805f9b34fb"


def test_services_and_characteristics_are_those_specified() -> None:
    async def look() -> dict[str, tuple[str, list[str]]]:
        async with (
            virtual_world((spec(), Counting()), interval_s=0) as world,
            BleakClient(await find(world), backend=world.backend.client) as client,
        ):
            found = client.services.characteristics.values()
            return {c.uuid: (c.service_uuid, sorted(c.properties)) for c in found}

    found = run(look())
    assert found[DATA] == (SERVICE, ["notify"])
    assert found[CONTROL] == (SERVICE, ["read", "write"])
    assert found[BATTERY] == (BATTERY_SERVICE, ["notify", "read"])
    assert found[QUIET] == (SERVICE, ["write-without-response"])


def test_reading_gives_the_behaviours_answer_else_the_value_else_a_lie() -> None:
    async def read() -> list[bytearray]:
        async with (
            virtual_world((spec(), Counting()), interval_s=0) as world,
            BleakClient(await find(world), backend=world.backend.client) as client,
        ):
            sensor = world.sensor("Counting 0")
            answers = [await client.read_gatt_char(uuid) for uuid in (CONTROL, BATTERY)]
            sensor.set_battery(3)
            sensor.pretend(CONTROL, b"lie")
            return answers + [
                await client.read_gatt_char(u) for u in (CONTROL, BATTERY, DEVICE_NAME)
            ]

    assert run(read()) == [b"asked", b"\x57", b"lie", b"\x03", b"Counting 0"]


def test_refusals_have_the_codes_of_the_attribute_protocol() -> None:
    async def ask() -> list[int]:
        async with (
            virtual_world((spec(), Counting()), interval_s=0) as world,
            BleakClient(await find(world), backend=world.backend.client) as client,
        ):
            codes = []
            for request in (
                client.read_gatt_char(QUIET),
                client.write_gatt_char(BATTERY, b"\x00", response=True),
                client.write_gatt_char(CONTROL, REFUSED, response=True),
            ):
                with pytest.raises(BleakGATTProtocolError) as refused:
                    await request
                codes.append(int(refused.value.code))
            return codes

    assert run(ask()) == [0x02, 0x03, 0x80]


def test_a_behaviour_that_fails_on_a_request_answers_unlikely_error() -> None:
    class Broken(Counting):
        def on_read(self, characteristic: str, at_s: float) -> bytes | None:
            raise KeyError(characteristic)

    async def read() -> None:
        async with (
            virtual_world((spec(), Broken()), interval_s=0) as world,
            BleakClient(await find(world), backend=world.backend.client) as client,
        ):
            with pytest.raises(BleakGATTProtocolError) as refused:
                await client.read_gatt_char(BATTERY)
            assert refused.value.code == 0x0E

    with pytest.raises(KeyError, match=BATTERY):
        run(read())


def test_replies_are_indicated_and_come_when_they_should() -> None:
    replies: list[bytes] = []

    async def ask() -> None:
        async with (
            virtual_world((spec(), Counting()), interval_s=0.001) as world,
            BleakClient(await find(world), backend=world.backend.client) as client,
        ):
            await client.start_notify(REPLIES, lambda _, data: replies.append(bytes(data)))
            await client.write_gatt_char(CONTROL, ASK, response=True)
            await until(lambda: replies)
            assert replies == [b"now"]
            await until(lambda: len(replies) == 2)
            await client.stop_notify(REPLIES)
            await client.write_gatt_char(CONTROL, ASK, response=True)
            await asyncio.sleep(0.1)

    run(ask())
    assert replies == [b"now", b"later"]


@pytest.mark.parametrize(
    ("of_sensor", "of_adapter", "received"), [(247, 247, 100), (23, 247, 20), (247, 64, 61)]
)
def test_what_does_not_fit_the_mtu_is_cut(of_sensor: int, of_adapter: int, received: int) -> None:
    got: list[int] = []

    async def listen() -> int:
        sensors = (spec(), Counting(size=100))
        async with virtual_world(sensors, interval_s=0, largest_mtu=of_adapter) as world:
            world.sensor("Counting 0").limit_mtu(of_sensor)
            async with BleakClient(await find(world), backend=world.backend.client) as client:
                await client.start_notify(DATA, lambda _, data: got.append(len(data)))
                await client.write_gatt_char(CONTROL, START, response=True)
                await until(lambda: len(got) > 3)
                return client.mtu_size

    assert run(listen()) == min(of_sensor, of_adapter)
    assert set(got) == {received}


def test_a_write_without_response_has_to_fit() -> None:
    async def write() -> None:
        async with (
            virtual_world((spec(), Counting()), interval_s=0, largest_mtu=23) as world,
            BleakClient(await find(world), backend=world.backend.client) as client,
        ):
            quiet = client.services.get_characteristic(QUIET)
            assert isinstance(quiet, BleakGATTCharacteristic)
            assert quiet.max_write_without_response_size == 20
            await client.write_gatt_char(quiet, START + bytes(19), response=False)
            with pytest.raises(BleakError, match="do not fit"):
                await client.write_gatt_char(quiet, bytes(21), response=False)

    run(write())


def test_notifications_are_started_once_and_only_where_there_are_some() -> None:
    async def subscribe() -> None:
        async with (
            virtual_world((spec(), Counting()), interval_s=0) as world,
            BleakClient(await find(world), backend=world.backend.client) as client,
        ):
            await client.start_notify(DATA, lambda *_: None)
            with pytest.raises(BleakError, match="already"):
                await client.start_notify(DATA, lambda *_: None)
            with pytest.raises(BleakError, match="neither"):
                await client.start_notify(CONTROL, lambda *_: None)
            await client.stop_notify(DATA)
            await client.start_notify(DATA, lambda *_: None)

    run(subscribe())
