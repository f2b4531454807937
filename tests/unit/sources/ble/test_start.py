"""From connecting to the first packet: what is written when, and what is said where it fails."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from hipimu.data import Conversation, LinkEvent
from hipimu.errors import SensorError
from hipimu.sources.ble.virtual import VirtualWorld, virtual_world
from tests.unit.sources.ble.imus import (
    CONVERSATION,
    DATA,
    INTERVAL_S,
    SERIAL,
    SET_RATE,
    Imu,
    command,
    imu_spec,
    instrumented,
    one,
    play,
    record_for,
    recording,
    until,
)

SUBSCRIBED = ["subscribe data", "subscribe control"]
IN_ORDER = [*SUBSCRIBED, "rate", "range", "start"]


def test_everything_is_subscribed_then_configured_then_started_then_stopped() -> None:
    imu = Imu()

    async def main() -> None:
        async with one(imu) as run:
            await run.until_packets(30)
            assert run.states() == ["up"]
            await run.end()
            await until(lambda: imu.log == [*IN_ORDER, "stop", "gone"])
        numbers = run.numbers()
        assert numbers == list(range(len(numbers)))
        assert {packet.characteristic for packet in run.packets()} == {DATA}
        first, *_, last = run.arrivals
        assert first == LinkEvent("pelvis", "up", first.t_host_ns)
        assert last == LinkEvent("pelvis", "down", last.t_host_ns, "stopped")
        times = [arrival.t_host_ns for arrival in run.arrivals]
        assert times[0] > 0
        assert all(a <= b for a, b in pairwise(times))
        assert times[-1] < 5e9

    play(main)


def test_the_next_command_waits_for_the_answer_to_the_one_before() -> None:
    imu = Imu()

    async def main() -> None:
        async with one(imu) as run:
            await run.until_packets(1)

    play(main)
    rate_s, range_s, start_s, _stop_s = imu.written_s
    assert range_s - rate_s >= 0.05  # when the answer came
    assert start_s - range_s >= 0.05


def test_a_command_that_goes_unanswered_is_written_once_more() -> None:
    imu = Imu(ignore=1)

    async def main() -> None:
        async with one(imu) as run:
            await run.until_packets(5)
            assert run.states() == ["up"]

    play(main)
    assert imu.log[:6] == [*SUBSCRIBED, "rate", "rate", "range", "start"]


def test_pauses_are_kept() -> None:
    imu = Imu()
    paused = replace(CONVERSATION, configure=(replace(command(SET_RATE), wait_s=0.2),))

    async def main() -> None:
        async with one(imu, paused) as run:
            await run.until_packets(1)

    play(main)
    assert imu.written_s[1] - imu.written_s[0] >= 0.25


def test_what_the_device_tells_of_itself_is_in_its_status() -> None:
    async def main() -> None:
        async with one(Imu(), battery_every_s=10.0) as run:
            assert run.status().phase == "connecting"
            await run.until(lambda: run.status().phase == "streaming")
            status = run.status()
            assert status.why == ""
            assert (status.serial, status.firmware) == ("SN0001", "1.2")
            assert (status.device_name, status.address) == ("IMU 1", "D4:22:CD:00:00:01")
            assert (status.battery, status.mtu) == (0.87, 247)
            assert status.packets == len(run.packets())
            assert status.last_packet_ns == run.packets()[-1].t_host_ns
            run.sensor.set_battery(12)
            await run.until(lambda: run.status().battery == 0.12)
            run.sensor.set_battery(255)
            await run.until_packets(1500)
            assert run.status().battery == 0.12
        assert run.status().phase == "stopped"

    play(main)


def test_a_device_that_tells_nothing_of_itself_delivers_all_the_same() -> None:
    spec = imu_spec()
    bare = replace(spec, characteristics=spec.characteristics[:2])

    async def main() -> None:
        async with (
            virtual_world((bare, Imu()), interval_s=INTERVAL_S) as world,
            recording(world) as run,
        ):
            await run.until_packets(1)
            status = run.status()
            assert (status.serial, status.firmware, status.battery) == (None, None, None)

    play(main)


def test_a_hostile_serial_number_is_harmless() -> None:
    async def main() -> None:
        async with one(Imu()) as run:
            run.sensor.pretend(SERIAL, b"\x1b[2J\xff" + b"9" * 240)
            await run.until_packets(1)
            told = run.status().serial
            assert told is not None
            assert told.startswith("�[2J�999")
            assert len(told) == 64

    play(main)


def test_a_stream_left_over_is_stopped_before_configuring_and_set_apart() -> None:
    imu = Imu(keeps_streaming=True, counts_anew=True)

    async def main() -> None:
        async with one(imu) as run:
            await run.until(lambda: run.status().phase == "streaming")
            await run.until_packets(10)
            assert run.status().reconnects == 0
        assert imu.log[:6] == [*SUBSCRIBED, "stop", "rate", "range", "start"]
        assert run.states() == ["up", "down"]
        numbers, old = run.numbers(), run.arrivals.index(run.links()[0])
        assert old > 0
        assert numbers[:old] == list(range(old))
        assert numbers[old:] == list(range(len(numbers) - old))

    play(main)


def test_what_streams_by_itself_and_cannot_be_stopped_is_set_apart_after_configuring() -> None:
    imu = Imu(keeps_streaming=True)

    async def main() -> None:
        async with one(imu, replace(CONVERSATION, start=(), stop=())) as run:
            await run.until(lambda: run.status().phase == "streaming")
        assert run.states() == ["up", "down"]
        assert run.arrivals.index(run.links()[0]) > 0
        assert run.numbers() == list(range(len(run.numbers())))
        assert imu.log[:4] == IN_ORDER[:4]

    play(main)


def test_what_needs_no_configuration_streams_from_the_first_packet_on() -> None:
    async def main() -> None:
        bare = replace(CONVERSATION, configure=(), start=(), stop=())
        async with one(Imu(keeps_streaming=True), bare) as run:
            await run.until_packets(5)
        assert run.states() == ["up", "down"]

    play(main)


async def failure(
    world: VirtualWorld, conversation: Conversation = CONVERSATION, **options: Any
) -> SensorError:
    """Record until it fails, and check that the message names the sensor."""
    with pytest.raises(SensorError, match=r"pelvis \(IMU 1\)") as caught:
        await record_for(world, conversation, 60.0, **options)
    assert caught.value.sensor == "pelvis"
    assert caught.value.remedy.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("imu", "reason", "says"),
    [
        (Imu(answers=False), "refused", "does not answer the command 01 64"),
        (Imu(refuses=True), "refused", "refuses the command 01 64: GATT Protocol Error"),
        (Imu(starts=False), "silent", "no packet came for 3.0 s"),
    ],
    ids=["mute", "refusing", "silent"],
)
def test_a_device_that_does_not_do_what_it_should(imu: Imu, reason: str, says: str) -> None:
    async def main() -> None:
        async with virtual_world((imu_spec(), imu), interval_s=INTERVAL_S) as world:
            error = await failure(world)
            assert (error.reason, says in error.what) == (reason, True), error
            await until(lambda: not world.sensor("IMU 1").is_connected)

    play(main)


def test_a_device_without_the_protocols_characteristics() -> None:
    missing = DATA.replace("2-", "9-", 1)

    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=INTERVAL_S) as world:
            error = await failure(world, replace(CONVERSATION, subscribe=(missing,)))
            assert error.reason == "refused"
            assert f"no characteristic {missing}" in error.what
            assert "test-imu" in error.remedy

    play(main)


def test_a_device_that_went_away_after_the_scan() -> None:
    async def main() -> None:
        async with virtual_world((imu_spec(), Imu()), interval_s=INTERVAL_S) as world:
            backend = instrumented(world)
            away = world.sensor("IMU 1").out_of_range
            error = await failure(world, backend=backend, before=away)
            assert error.reason == "unreachable"
            assert "it is not heard" in error.what
            # By what the first scan gave at first; then only if it is heard again.
            assert backend.log[:3] == ["connect 01", "disconnect 01", "scan"]
            assert backend.log.count("connect 01") == 1

    play(main)


def test_a_device_that_comes_late_is_waited_for() -> None:
    async def main() -> None:
        async with one(Imu()) as run:
            run.sensor.out_of_range(for_s=20.0)
            await run.until_packets(3)
        assert run.states() == ["up", "down"]

    play(main)
