"""Links that are lost: how soon they are back, and that nothing is lost or doubled beyond them."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest

from hipimu.data import LinkEvent, Packet
from hipimu.sources.ble.virtual import virtual_world
from tests.unit.sources.ble.imus import (
    INTERVAL_S,
    START,
    Imu,
    Recording,
    imu_spec,
    instrumented,
    one,
    play,
    recording,
)

SLOW_HZ = 25.0

STREAMING_COMMANDS = ["subscribe data", "subscribe control", "rate", "range", "start"]


def gaps(numbers: list[int]) -> list[tuple[int, int]]:
    return [(a, b) for a, b in pairwise(numbers) if b != a + 1]


def check_order(run: Recording, sensor: str = "pelvis") -> None:
    """Links go up and down in turn, packets come only while one is up, and time never runs back."""
    up = False
    last_ns = 0
    for arrival in run.arrivals:
        assert arrival.t_host_ns >= last_ns
        last_ns = arrival.t_host_ns
        if arrival.sensor != sensor:
            continue
        if isinstance(arrival, LinkEvent):
            assert up is (arrival.state == "down")
            assert bool(arrival.why) is up
            up = not up
        else:
            assert up
    assert not up
    numbers = run.numbers(sensor)
    assert all(b > a for a, b in pairwise(numbers)), "something came twice"


def test_after_a_drop_the_stream_goes_on_and_nothing_comes_twice() -> None:
    imu = Imu()

    async def main() -> None:
        async with one(imu) as run:
            await run.until_packets(100)
            for _ in range(5):
                run.sensor.drop()
                await run.until_packets(60)
            assert run.status().reconnects == 5
            assert run.status().stale == 0
        check_order(run)
        assert run.states() == ["up", "down"] * 6
        assert [event.why for event in run.links() if event.why] == ["the link was lost"] * 5 + [
            "stopped"
        ]
        # While there is no link the sensor does not count: nothing is missing but what was on air.
        assert sum(b - a - 1 for a, b in gaps(run.numbers())) <= 5 * 3
        assert len(gaps(run.numbers())) <= 5
        lives = "|".join(imu.log).split("|gone")
        assert all(life.strip("|") == "|".join(STREAMING_COMMANDS) for life in lives[:5])

    play(main)


def test_link_events_stand_exactly_at_the_gap() -> None:
    async def main() -> None:
        async with one(Imu()) as run:
            await run.until_packets(300)
            run.sensor.drop()
            await run.until_packets(300)
        down = run.arrivals.index(run.links()[1])
        before, after = run.arrivals[down - 1], run.arrivals[down + 2]
        assert run.arrivals[down + 1] == run.links()[2]
        assert isinstance(before, Packet)
        assert isinstance(after, Packet)
        assert run.links()[1].t_host_ns - before.t_host_ns < 50e6
        # Connecting, finding out what it has and configuring take their time after the event.
        assert after.t_host_ns > run.links()[2].t_host_ns
        steps = [b.t_host_ns - a.t_host_ns for a, b in pairwise(run.packets())]
        assert sum(step > 50e6 for step in steps) == 1

    play(main)


def test_a_reconnection_after_a_drop_takes_about_two_seconds() -> None:
    """Back-off, forty connection events to find out what it has, quiet, answers."""

    async def main() -> None:
        async with one(Imu()) as run:
            await run.until_packets(300)
            run.sensor.drop()
            await run.until_packets(300)
        assert max(b.t_host_ns - a.t_host_ns for a, b in pairwise(run.packets())) < 2.5e9

    play(main)


def test_a_device_that_falls_silent_is_disconnected_and_connected_anew() -> None:
    imu = Imu()

    async def main() -> None:
        async with virtual_world((imu_spec(), imu), interval_s=INTERVAL_S) as world:
            backend = instrumented(world)
            async with recording(world, backend=backend) as run:
                await run.until_packets(100)
                run.sensor.fall_silent(for_s=3.0)
                await run.until(lambda: "down" in run.states())
                silence_ns = run.links()[1].t_host_ns - run.packets()[-1].t_host_ns
                assert silence_ns == pytest.approx(2e9, rel=0.01)
                assert run.links()[1].why == "no packet came for 2.0 s"
                await run.until_packets(100)
            check_order(run)
        # Its client is disconnected before the next one connects, dead or not.
        assert backend.log[:5] == [
            *("connect 01", "connected 01", "disconnect 01", "connect 01", "connected 01"),
        ]
        assert imu.log.count("start") == 2

    play(main)


def test_out_of_range_and_back() -> None:
    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=INTERVAL_S) as world:
            backend = instrumented(world)
            async with recording(world, backend=backend) as run:
                await run.until_packets(100)
                run.sensor.out_of_range(for_s=60.0)
                await run.until(lambda: run.status().why == "it is not heard")
                assert run.status().phase in ("down", "waiting")
                await asyncio.sleep(45.0)
                await run.until_packets(100)
                assert run.status().why == ""
            check_order(run)
            assert run.states() == ["up", "down", "up", "down"]
        # By its old name once; then only when it was heard.
        lost = backend.log[backend.log.index("disconnect 01") + 1 :]
        assert lost[:3] == ["connect 01", "disconnect 01", "scan"]
        assert lost.count("connect 01") == 2

    play(main)


def test_the_back_off_grows_to_a_quarter_of_a_minute_and_ends_with_a_good_link() -> None:
    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=INTERVAL_S) as world:
            backend = instrumented(world)
            loop = asyncio.get_running_loop()
            at_s: list[float] = []

            async with recording(world, backend=backend) as run:
                await run.until_packets(600)
                run.sensor.out_of_range()
                phase = ""
                async with asyncio.timeout(200.0):
                    while len(at_s) < 8:
                        await asyncio.sleep(0.01)
                        if (now := run.status().phase) != phase:
                            if phase == "waiting":
                                at_s.append(loop.time())
                            phase = now
                waits = [b - a for a, b in pairwise(at_s)]
                # The attempt itself: 10 s of connecting at first, 5 s of scanning later.
                spent = [10.0, *[5.0] * 6]
                backed_off = [w - s for w, s in zip(waits, spent, strict=True)]
                assert backed_off == pytest.approx([1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0], abs=0.1)
                run.sensor.back_in_range()
                await run.until_packets(600)
                run.sensor.drop()
                await run.until(lambda: run.status().phase == "waiting")
                began_s = loop.time()
                await run.until(lambda: run.status().phase == "connecting")
                assert loop.time() - began_s == pytest.approx(0.5, abs=0.05)

    play(main)


def test_jitter_spreads_the_attempts_of_sensors_that_fail_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # By chance two of them would now and then fall into the same millisecond.
    monkeypatch.setattr("hipimu.sources.ble.link.random", random.Random(7))  # noqa: S311 - no secret

    async def main() -> None:
        specs = [(imu_spec(n), Imu()) for n in (1, 2, 3)]
        roles = ("pelvis", "thigh_left", "thigh_right")
        async with (
            virtual_world(*specs, interval_s=INTERVAL_S) as world,
            recording(world, roles=roles, jitter=0.25) as run,
        ):
            for role in roles:
                await run.until_packets(10, role)
            for sensor in world.sensors.values():
                sensor.drop()
            moments: dict[str, float] = {}
            async with asyncio.timeout(30.0):
                while len(moments) < 3:
                    await asyncio.sleep(0.001)
                    for status in run.recorder.status:
                        if status.phase == "connecting":
                            moments.setdefault(status.sensor, run.world.now_s())
            assert len({round(moment, 3) for moment in moments.values()}) == 3

    play(main)


def test_what_a_dead_client_still_delivers_is_dropped_and_counted() -> None:
    """As with bleak issue 2002: after each reconnection everything comes once more."""

    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=INTERVAL_S) as world:
            backend = instrumented(world, "haunted")
            async with recording(world, backend=backend) as run:
                await run.until_packets(100)
                first = len(run.packets())
                run.sensor.drop()
                await run.until_packets(300)
                assert run.status().stale > 290
                assert run.status().stale <= len(run.packets()) - first + 2
                run.sensor.drop()
                await run.until_packets(300)
                assert run.status().stale > 290 + 2 * 290
            check_order(run)
            assert run.status().packets == len(run.packets())

    play(main)


def test_a_disconnection_that_never_ends_does_not_keep_the_link_down() -> None:
    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=INTERVAL_S) as world:
            backend = instrumented(world, "stuck")
            async with recording(world, backend=backend) as run:
                await run.until_packets(100)
                run.sensor.drop()
                await run.until_packets(100)
            check_order(run)

    play(main)


def test_a_device_that_restarts_while_it_is_configured_is_asked_again() -> None:
    class Crashing(Imu):
        crashes = 1

        def on_write(self, characteristic, payload, at_s):  # type: ignore[no-untyped-def]
            if payload == START and self.crashes:
                self.crashes -= 1
                self.crash()
            return super().on_write(characteristic, payload, at_s)

        def crash(self) -> None:
            raise NotImplementedError

    async def main() -> None:
        imu = Crashing()
        async with one(imu) as run:
            imu.crash = run.sensor.drop  # type: ignore[method-assign]
            await run.until_packets(50)
            assert run.status().reconnects == 1
        check_order(run)
        assert run.states() == ["up", "down", "up", "down"]

    play(main)


def test_after_the_first_packet_no_trouble_of_the_device_ends_the_recording() -> None:
    imu = Imu()

    async def main() -> None:
        async with one(imu) as run:
            await run.until_packets(50)
            imu.refuses = True
            run.sensor.drop()
            await asyncio.sleep(120.0)
            assert not run.task.done()
            assert "refuses the command" in run.status().why
            imu.refuses = False
            await run.until_packets(50)
        check_order(run)

    play(main)


def test_lost_together_found_by_one_scan() -> None:
    roles = ("pelvis", "thigh_left", "thigh_right")

    async def main() -> None:
        specs = [(imu_spec(n), Imu(rate_hz=SLOW_HZ)) for n in (1, 2, 3)]
        async with virtual_world(*specs, interval_s=INTERVAL_S) as world:
            backend = instrumented(world)
            async with recording(world, roles=roles, backend=backend) as run:
                for role in roles:
                    await run.until_packets(150, role)
                for sensor in world.sensors.values():
                    sensor.out_of_range()
                await run.until(
                    lambda: all(s.why == "it is not heard" for s in run.recorder.status)
                )
                await run.until(lambda: backend.log[-1] == "scan")
                scans = backend.log.count("scan")
                # They come round the corner a step apart.
                for sensor in world.sensors.values():
                    await asyncio.sleep(0.12)
                    sensor.back_in_range()
                for role in roles:
                    await run.until_packets(10, role)
            for role in roles:
                check_order(run, role)
                assert run.states(role) == ["up", "down", "up", "down"]
        assert backend.log.count("scan") == scans
        assert scans <= 4  # each for itself would have needed more
        for n in (1, 2, 3):  # at first, by the old device, when found
            assert backend.log.count(f"connect 0{n}") == 3

    play(main)


def test_a_search_gives_way_to_a_sensor_that_can_be_connected_to() -> None:
    async def main() -> None:
        specs = [(imu_spec(n), Imu(rate_hz=SLOW_HZ)) for n in (1, 2)]
        async with virtual_world(*specs, interval_s=INTERVAL_S) as world:
            backend = instrumented(world)
            async with recording(world, roles=("pelvis", "foot_pod"), backend=backend) as run:
                await run.until_packets(150)
                await run.until_packets(150, "foot_pod")
                world.sensor("IMU 2").out_of_range()
                await run.until(lambda: backend.log[-1] == "scan")
                world.sensor("IMU 1").drop()
                await run.until(lambda: len(run.links()) == 3)
            lost, back = run.links()[1:3]
            # Half a second of back-off, and connecting; the scan would have taken five.
            assert back.t_host_ns - lost.t_host_ns < 2e9

    play(main)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_order_is_kept_and_in_the_end_all_deliver(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    roles = ("pelvis", "thigh_left")

    async def main() -> None:
        specs = [(imu_spec(n), Imu(rate_hz=SLOW_HZ)) for n in (1, 2)]
        async with virtual_world(*specs, interval_s=INTERVAL_S, missed=0.05, seed=seed) as world:
            backend = instrumented(world, "haunted" if chance.random() < 0.5 else None)
            async with recording(world, roles=roles, backend=backend, start_s=120.0) as run:
                for _ in range(8):
                    await asyncio.sleep(chance.uniform(0.0, 6.0))
                    sensor = chance.choice(list(world.sensors.values()))
                    match chance.randrange(5):
                        case 0:
                            sensor.drop(away_s=chance.uniform(0.0, 8.0))
                        case 1:
                            sensor.out_of_range(for_s=chance.uniform(0.0, 15.0))
                        case 2:
                            sensor.fall_silent(for_s=chance.uniform(0.0, 5.0))
                        case 3:
                            sensor.hold(chance.uniform(0.0, 3.0))
                        case 4:
                            sensor.slow_down(0.1, 3, for_s=chance.uniform(0.0, 5.0))
                await asyncio.sleep(45.0)
                for role in roles:
                    assert run.status(role).phase == "streaming"
                    before = len(run.packets(role))
                    await asyncio.sleep(5.0)
                    assert len(run.packets(role)) - before == pytest.approx(5 * SLOW_HZ, rel=0.05)
            for role in roles:
                check_order(run, role)

    play(main)
