"""Several sensors in one recording, and every way in which it ends."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hipimu.data import Arrival
from hipimu.errors import JournalError, SensorError
from hipimu.sources.ble import Patience, Recorder, SensorSetup, scan
from hipimu.sources.ble.virtual import virtual_world
from tests.unit.sources.ble.imus import (
    CONVERSATION,
    INTERVAL_S,
    Imu,
    imu_spec,
    instrumented,
    one,
    play,
    recording,
    setups,
    until,
)

ROLES = ("pelvis", "thigh_left", "thigh_right")


def test_three_sensors_connect_one_after_the_other_and_all_deliver() -> None:
    imus = [Imu() for _ in ROLES]

    async def main() -> None:
        worn = [(imu_spec(n), imu) for n, imu in enumerate(imus, 1)]
        async with virtual_world(*worn, interval_s=INTERVAL_S) as world:
            backend = instrumented(world)
            async with recording(world, roles=ROLES, backend=backend) as run:
                assert await run.recorder.wait_until_streaming()
                assert {status.phase for status in run.recorder.status} == {"streaming"}
                for role in ROLES:
                    await run.until_packets(50, role)
            expected = [f"{what} 0{n}" for n in (1, 2, 3) for what in ("connect", "connected")]
            assert backend.log[:6] == expected
            for role in ROLES:
                assert run.numbers(role) == list(range(len(run.numbers(role))))
                assert run.states(role) == ["up", "down"]
            serials = [status.serial for status in run.recorder.status]
            assert serials == ["SN0001", "SN0002", "SN0003"]
            await until(lambda: all(imu.log[-2:] == ["stop", "gone"] for imu in imus))

    play(main)


def test_in_real_time_as_well() -> None:
    """The one test that waits: with the clock of `since_now`, as a recording does."""
    arrivals: list[Arrival] = []

    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=0.003) as world:
            (setup,) = await setups(world)
            recorder = Recorder([setup], arrivals.append, backend=world.backend)
            stop = asyncio.Event()
            running = asyncio.create_task(recorder.run(stop))
            await recorder.wait_until_streaming()
            world.sensor("IMU 1").drop()
            await until(lambda: recorder.status[0].reconnects == 1)
            before = len(arrivals)
            await until(lambda: len(arrivals) > before + 20)
            stop.set()
            await running

    began = time.monotonic_ns()
    asyncio.run(main())
    times = [arrival.t_host_ns for arrival in arrivals]
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < time.monotonic_ns() - began


def test_a_recording_that_is_stopped_at_once_ends_at_once() -> None:
    async def main() -> None:
        async with one(Imu()) as run:
            began_s = run.world.now_s()
            await run.end()
            assert run.world.now_s() - began_s < 3.0
        assert run.arrivals == []
        assert run.status().phase == "stopped"

    play(main)


@pytest.mark.parametrize("after_s", [0.0, 0.001, 0.1, 0.3, 0.6, 0.8, 1.0, 1.2])
def test_stopped_or_cancelled_at_any_moment_it_leaves_nothing_connected(after_s: float) -> None:
    async def main(cancelled: bool) -> None:
        imu = Imu()
        async with one(imu) as run:
            await asyncio.sleep(after_s)
            if cancelled:
                run.task.cancel()
                await asyncio.wait({run.task})
                assert run.task.cancelled()
            else:
                await run.end()
            await asyncio.sleep(0.5)
            assert not run.sensor.is_connected
            assert run.states() in ([], ["up", "down"])
            if "start" in imu.log:
                assert imu.log[-2:] == ["stop", "gone"]
            assert not [t for t in asyncio.all_tasks() if "link to" in t.get_name()]
            if cancelled:
                run.task = asyncio.create_task(asyncio.sleep(0.0))

    async def cancelling() -> None:
        with pytest.raises(asyncio.CancelledError):
            await main(True)

    async def stopping() -> None:
        await main(False)

    play(stopping)
    play(cancelling)


def test_a_sink_that_fails_ends_the_recording_cleanly_and_its_error_arrives() -> None:
    taken: list[Arrival] = []
    imu = Imu()
    full = JournalError("The disk is full.", "Free space.", path=Path("journal.bin"))

    def sink(arrival: Arrival) -> None:
        if len(taken) == 20:
            raise full
        taken.append(arrival)

    async def main() -> None:
        async with virtual_world((imu_spec(), imu), interval_s=INTERVAL_S) as world:
            with pytest.raises(JournalError) as caught:
                async with recording(world, sink=sink) as run:
                    await asyncio.wait({run.task}, timeout=20.0)
            assert caught.value is full
            assert len(taken) == 20  # it is not called again
            await until(lambda: imu.log[-2:] == ["stop", "gone"])

    play(main)


def test_one_sensor_that_does_not_start_ends_it_and_the_others_are_stopped() -> None:
    good, mute = Imu(), Imu(starts=False)

    async def main() -> None:
        worn = ((imu_spec(1), good), (imu_spec(2), mute))
        async with virtual_world(*worn, interval_s=INTERVAL_S) as world:
            with pytest.raises(SensorError, match=r"thigh_left \(IMU 2\)") as caught:
                async with recording(world, roles=ROLES[:2]) as run:
                    assert not await run.recorder.wait_until_streaming()
            assert caught.value.sensor == "thigh_left"
            await until(lambda: good.log[-2:] == ["stop", "gone"])
            assert run.numbers() == list(range(len(run.numbers())))

    play(main)


def test_the_time_to_start_runs_from_a_sensors_turn() -> None:
    async def main() -> None:
        # On slow links: more than five seconds each until they deliver, one after the other.
        worn = [(imu_spec(n), Imu()) for n in (1, 2, 3)]
        async with (
            virtual_world(*worn, interval_s=0.1) as world,
            recording(world, roles=ROLES, start_s=8.0) as run,
        ):
            assert await run.recorder.wait_until_streaming()
            assert run.packets("thigh_right")[0].t_host_ns > 9e9

    play(main)


def test_the_end_is_bounded_though_the_device_and_the_system_are_stuck() -> None:
    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=INTERVAL_S) as world:
            backend = instrumented(world, "stuck")
            async with recording(world, backend=backend) as run:
                await run.until_packets(10)
                run.sensor.slow_down(30.0)
                await asyncio.sleep(0.5)
                began_s = world.now_s()
                await run.end()
                patience = Patience()
                assert world.now_s() - began_s <= patience.stop_s + patience.disconnect_s + 0.1

    play(main)


def test_a_library_that_loses_the_wish_to_stop_does_not_keep_the_recording_going() -> None:
    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=INTERVAL_S) as world:
            backend = instrumented(world, "deaf")
            async with recording(world, backend=backend) as run:
                await run.until_packets(10)
                run.sensor.drop()
                await run.until(lambda: backend.log[-1] == "disconnect 01")
                began_s = world.now_s()
                await run.end()
                assert world.now_s() - began_s < 1.0

    play(main)


def test_roles_and_devices_are_given_once() -> None:
    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=INTERVAL_S) as world:
            (heard,) = await scan(1.0, backend=world.backend)
            setup = SensorSetup("pelvis", heard.device, CONVERSATION)
            with pytest.raises(ValueError, match="the same role: pelvis, pelvis"):
                Recorder([setup, setup], lambda arrival: None)
            with pytest.raises(ValueError, match="the same device: D4"):
                Recorder([setup, replace(setup, sensor="thigh_left")], lambda arrival: None)

    play(main)
