"""Several sensors at once, through the real bleak: everything arrives, once and in order."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
from bleak import BleakClient

from hipimu.sources.ble.virtual import DeviceClock, Outgoing, Passive, Tally, virtual_world
from tests.unit.sources.ble.virtual.counting import (
    CONTROL,
    DATA,
    START,
    Counting,
    counters,
    find,
    run,
    spec,
    until,
)


def test_three_sensors_at_120_hz_lose_and_repeat_nothing_at_5_percent_missed_events() -> None:
    got: list[list[int]] = [[], [], []]

    async def record() -> list[Tally]:
        sensors = [(spec(k), Counting(120.0)) for k in range(3)]
        async with virtual_world(*sensors, missed=0.05) as world, AsyncExitStack() as stack:
            devices = [await find(world, k) for k in range(3)]
            linked = [
                counters(world, device, into) for device, into in zip(devices, got, strict=True)
            ]
            await asyncio.gather(*map(stack.enter_async_context, linked))
            await asyncio.sleep(1.0)
            return [sensor.tally for sensor in world.sensors.values()]

    tallies = run(record())
    for heard, tally in zip(got, tallies, strict=True):
        assert heard == list(range(heard[0], heard[0] + tally.sent))
        assert tally.sent == tally.due
        assert tally.sent >= 1.0 * 120.0
        assert heard[0] > 0, "the clock started with the world, not with the stream"


def test_packets_wait_for_connection_events() -> None:
    arrivals_s: list[float] = []

    async def listen() -> None:
        async with virtual_world((spec(), Counting(500.0)), interval_s=0.015) as world:
            loop = asyncio.get_running_loop()
            client = BleakClient(await find(world), backend=world.backend.client)
            await client.connect()
            await client.start_notify(DATA, lambda *_: arrivals_s.append(loop.time()))
            await client.write_gatt_char(CONTROL, START, response=True)
            await asyncio.sleep(0.4)
            await client.disconnect()

    run(listen())
    gaps_s = [b - a for a, b in pairwise(arrivals_s)]
    bursts = [gap_s for gap_s in gaps_s if gap_s > 0.008]
    # 6 packets fit into each event: 400 a second of the 500.
    assert len(bursts) == pytest.approx(len(arrivals_s) / 6, abs=1.5)
    assert sum(bursts) / len(bursts) == pytest.approx(0.015, abs=0.003)


def test_a_fast_clock_gives_more_samples() -> None:
    fast: list[int] = []
    true: list[int] = []

    async def listen() -> None:
        quick = spec(0, clock=DeviceClock(drift_ppm=200_000.0))
        async with (
            virtual_world((quick, Counting()), (spec(1), Counting()), interval_s=0) as world,
            counters(world, await find(world, 0), fast),
            counters(world, await find(world, 1), true),
        ):
            await until(lambda: len(true) > 40)

    run(listen())
    assert fast[-1] == pytest.approx(1.2 * true[-1], abs=3)


def test_a_clock_that_was_on_before_starts_ahead() -> None:
    got: list[int] = []

    async def listen() -> None:
        old = spec(clock=DeviceClock(start_s=-100.0))
        async with (
            virtual_world((old, Counting(100.0)), interval_s=0) as world,
            counters(world, await find(world), got),
        ):
            await until(lambda: got)

    run(listen())
    assert 10_000 <= got[0] < 10_300


def test_a_sensor_that_nobody_subscribed_to_sends_nothing() -> None:
    async def listen() -> Tally:
        async with virtual_world((spec(), Counting()), interval_s=0) as world:
            async with BleakClient(await find(world), backend=world.backend.client) as client:
                await client.write_gatt_char(CONTROL, START, response=True)
                await until(lambda: world.sensor("Counting 0").is_streaming)
                await asyncio.sleep(0.05)
            return world.sensor("Counting 0").tally

    assert run(listen()) == Tally()


def test_a_full_buffer_loses_packets_and_counts_them() -> None:
    got: list[int] = []

    async def listen() -> Tally:
        small = spec(buffer_packets=10)
        async with virtual_world((small, Counting(500.0)), interval_s=0.001) as world:
            sensor = world.sensor("Counting 0")
            async with counters(world, await find(world), got):
                await until(lambda: got)
                sensor.slow_down(0.05, 1)
                await asyncio.sleep(0.4)
            return sensor.tally

    tally = run(listen())
    assert tally.lost > 100
    assert tally.sent + tally.lost == tally.due
    assert got == sorted(set(got))
    assert got[-1] - got[0] + 1 - len(got) >= 100, "the counter jumps where packets were lost"


def test_what_a_behaviour_does_wrong_is_raised_at_the_end() -> None:
    class Broken(Counting):
        def packets(self, from_s: float, to_s: float) -> list[Outgoing]:
            raise ZeroDivisionError("in packets")

    async def listen() -> None:
        async with (
            virtual_world((spec(), Broken()), interval_s=0) as world,
            counters(world, await find(world), []),
        ):
            await until(lambda: not world.sensor("Counting 0").is_streaming)

    with pytest.raises(ZeroDivisionError, match="in packets"):
        run(listen())


def test_a_passive_device_can_be_connected_to() -> None:
    async def look() -> list[str]:
        async with (
            virtual_world((spec(), Passive()), interval_s=0) as world,
            BleakClient(await find(world), backend=world.backend.client) as client,
        ):
            return [c.uuid for c in client.services.characteristics.values()]

    assert DATA in run(look())
