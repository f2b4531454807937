"""Links that break, sensors that are not there: bleak learns of it, and the next try works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from bleak import BleakClient
from bleak.exc import BleakDeviceNotFoundError, BleakError

from hipimu.sources.ble.virtual import VirtualSensor, VirtualWorld, virtual_world
from tests.unit.sources.ble.virtual.counting import (
    BATTERY,
    Counting,
    counters,
    find,
    is_found,
    run,
    spec,
    until,
)


@asynccontextmanager
async def one(
    behaviour: Counting | None = None, *, supervision_s: float = 0.2, **changes: Any
) -> AsyncIterator[tuple[VirtualWorld, VirtualSensor]]:
    sensor = (spec(**changes), behaviour or Counting())
    async with virtual_world(sensor, interval_s=0.001, supervision_s=supervision_s) as world:
        yield world, world.sensor("Counting 0")


@pytest.mark.parametrize("after_drop", ["runs", "restarts"])
def test_after_a_drop_the_counter_runs_on_or_begins_anew(after_drop: str) -> None:
    before: list[int] = []
    after: list[int] = []
    behaviour = Counting()

    async def record() -> None:
        async with one(behaviour, after_drop=after_drop) as (world, sensor):
            device = await find(world)
            async with counters(world, device, before) as client:
                await until(lambda: len(before) > 20)
                sensor.drop()
                await until(lambda: not client.is_connected)
            async with counters(world, device, after):
                await until(lambda: len(after) > 5)
            assert sensor.connections == 2
            await until(lambda: not sensor.is_connected)

    run(record())
    assert behaviour.disconnects == 2
    assert before == list(range(before[0], before[-1] + 1))
    if after_drop == "runs":
        assert before[-1] < after[0]
        assert len(behaviour.starts) == 1
    else:
        assert after[0] < before[0] + len(before)
        assert len(behaviour.starts) == 3


def test_the_disconnected_callback_is_called_once() -> None:
    called: list[BleakClient] = []

    async def drop() -> BleakClient:
        async with one() as (world, sensor):
            client = BleakClient(await find(world), called.append, backend=world.backend.client)
            await client.connect()
            sensor.drop(after_s=0.02)
            await until(lambda: called)
            await client.disconnect()
            with pytest.raises(BleakError, match=r"(?i)service discovery|not connected"):
                await client.read_gatt_char(BATTERY)
            return client

    assert run(drop()) is called[0]
    assert len(called) == 1


def test_a_sensor_that_went_away_is_not_found_until_it_is_back() -> None:
    async def leave() -> None:
        async with one() as (world, sensor):
            async with counters(world, await find(world), []) as client:
                sensor.drop(away_s=0.3)
                await until(lambda: not client.is_connected)
            assert not await is_found(world, within_s=0.1)
            assert await is_found(world, within_s=1.0)

    run(leave())


def test_a_short_walk_out_of_range_delays_and_loses_nothing() -> None:
    got: list[int] = []

    async def walk() -> int:
        async with one(supervision_s=1.0) as (world, sensor):
            async with counters(world, await find(world), got):
                await until(lambda: len(got) > 10)
                sensor.out_of_range(for_s=0.3)
                await asyncio.sleep(0.01)
                heard = len(got)
                await asyncio.sleep(0.25)
                assert len(got) == heard
                await until(lambda: len(got) > heard + 40)
            return sensor.tally.sent

    sent = run(walk())
    assert got == list(range(got[0], got[0] + sent))


def test_a_long_walk_out_of_range_ends_the_link_and_back_it_is_found_again() -> None:
    got: list[int] = []

    async def walk() -> None:
        async with one(supervision_s=0.2) as (world, sensor):
            device = await find(world)
            async with counters(world, device, got) as client:
                await until(lambda: got)
                sensor.out_of_range()
                took_s = await until(lambda: not client.is_connected)
                assert took_s == pytest.approx(0.2, abs=0.05)
                assert not sensor.is_connected
                assert sensor.waiting == 0
            assert not await is_found(world, within_s=0.1)
            sensor.back_in_range()
            async with counters(world, device, got):
                await until(lambda: len(got) > 20)

    run(walk())
    assert got == sorted(set(got))


def test_connecting_to_an_absent_sensor_times_out_and_the_next_connects() -> None:
    async def connect() -> None:
        sensors = [(spec(k), Counting()) for k in range(2)]
        async with virtual_world(*sensors, interval_s=0) as world:
            absent, present = await find(world, 0), await find(world, 1)
            world.sensor("Counting 0").out_of_range()
            with pytest.raises(TimeoutError):
                await BleakClient(absent, timeout=0.2, backend=world.backend.client).connect()
            async with BleakClient(present, timeout=1.0, backend=world.backend.client) as client:
                assert client.is_connected
            world.sensor("Counting 0").back_in_range()
            async with BleakClient(absent, timeout=1.0, backend=world.backend.client) as client:
                assert client.is_connected

    run(connect())


def test_connecting_can_be_cancelled_and_the_adapter_stays_usable() -> None:
    async def connect() -> None:
        async with one() as (world, sensor):
            device = await find(world)
            sensor.out_of_range()
            waiting = asyncio.create_task(
                BleakClient(device, backend=world.backend.client).connect()
            )
            await asyncio.sleep(0.05)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            sensor.back_in_range()
            async with counters(world, device, []):
                assert sensor.connections == 1

    run(connect())


def test_two_clients_connect_one_after_the_other() -> None:
    async def connect() -> None:
        sensors = [(spec(k), Counting()) for k in range(2)]
        async with virtual_world(*sensors, interval_s=0) as world:
            clients = [
                BleakClient(await find(world, k), backend=world.backend.client) for k in range(2)
            ]
            await asyncio.gather(*(client.connect() for client in clients))
            assert all(client.is_connected for client in clients)

    run(connect())


def test_a_read_ends_when_the_link_does() -> None:
    async def read() -> None:
        async with (
            one(supervision_s=0.1) as (world, sensor),
            counters(world, await find(world), []) as client,
        ):
            sensor.out_of_range()
            with pytest.raises(BleakError, match="disconnected"):
                await client.read_gatt_char(BATTERY)

    run(read(), limit_s=5.0)


def test_a_sensor_that_leaves_while_it_is_looked_at_fails_the_connection() -> None:
    async def connect() -> None:
        async with virtual_world((spec(), Counting()), interval_s=0.01) as world:
            sensor = world.sensor("Counting 0")
            client = BleakClient(await find(world), backend=world.backend.client)
            connecting = asyncio.create_task(client.connect())
            await until(lambda: sensor.is_connected)
            sensor.drop(after_s=0.05)
            with pytest.raises(BleakError, match="disconnected"):
                await connecting
            assert not client.is_connected
            await client.connect()
            assert client.is_connected

    run(connect())


def test_a_silent_sensor_keeps_its_link_and_its_counter_runs_on() -> None:
    got: list[int] = []

    async def listen() -> int:
        async with one() as (world, sensor), counters(world, await find(world), got) as client:
            await until(lambda: len(got) > 10)
            sensor.fall_silent(for_s=0.3)
            await asyncio.sleep(0.05)
            heard = len(got)
            await asyncio.sleep(0.2)
            assert (len(got), client.is_connected) == (heard, True)
            await until(lambda: len(got) > heard)
            return heard

    heard = run(listen())
    assert 20 <= got[heard] - got[heard - 1] <= 60


def test_held_packets_come_in_a_burst() -> None:
    got: list[int] = []

    async def listen() -> int:
        async with one() as (world, sensor):
            async with counters(world, await find(world), got) as client:
                await until(lambda: len(got) > 10)
                sensor.hold(0.3)
                heard = len(got)
                await asyncio.sleep(0.25)
                assert (len(got) - heard, client.is_connected) == (0, True)
                took_s = await until(lambda: len(got) >= heard + 30)
                assert took_s < 0.15
            return sensor.tally.sent

    sent = run(listen())
    assert got == list(range(got[0], got[0] + sent))


def test_what_still_waits_when_the_client_leaves_belongs_to_no_later_link() -> None:
    async def leave() -> None:
        async with one() as (world, sensor):
            device = await find(world)
            async with counters(world, device, []) as client:
                sensor.hold(0.4)
                await until(lambda: sensor.waiting > 10)
                await client.disconnect()
                await until(lambda: not sensor.is_connected)
                assert sensor.waiting == 0

    run(leave())


def test_connecting_twice_and_unknown_addresses_are_refused() -> None:
    async def connect() -> None:
        async with one() as (world, _):
            async with counters(world, await find(world), []) as client:
                with pytest.raises(BleakError, match="already connected"):
                    await client.connect()
            stranger = BleakClient("C0:00:00:00:00:77", timeout=0.2, backend=world.backend.client)
            with pytest.raises(BleakDeviceNotFoundError):
                await stranger.connect()
            known = BleakClient(spec().address.lower(), backend=world.backend.client)
            await known.connect()
            assert known.is_connected

    run(connect())
