"""What recording costs and loses: `make study-recording`, about five minutes.

Three virtual sensors at 120 Hz and a connection interval of 15 ms with 5 % of the events missed:

1. a minute without a fault: nothing may be lost or come twice;
2. the same with five drops of the link: gaps where the link was down, and nowhere else;
3. CPU: the same minute with a client that only counts packets, and with one that records;
4. twenty recordings killed at random moments: every acknowledged packet must be there.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from hipimu.data import Arrival, Entry, ImuBlock, LinkEvent
from hipimu.pipeline import Wanted
from hipimu.pipeline.assigned import Assigned, radio_path, setup_of
from hipimu.pipeline.choose_sensors import Recognised, RoleRequest, assign, recognised
from hipimu.pipeline.radio import RadioPath
from hipimu.pipeline.record import Decoding, LiveRecording
from hipimu.pipeline.virtual import virtual_plan, virtual_sensors
from hipimu.sources.ble import Recorder, scan
from hipimu.sources.ble.virtual import VirtualWorld, virtual_world
from hipimu.sources.journal import read_journal
from hipimu.sources.simulate import WornMotion

RATE_HZ = 120.0
MINUTE_S = 60.0
DROPS_S = (8.0, 18.0, 28.0, 38.0, 48.0)
KILLS = 20
Result = TypeVar("Result")


async def with_sensors(
    use: Callable[[VirtualWorld, list[Assigned]], Awaitable[Result]], motion: WornMotion
) -> Result:
    """Put three sensors on the air, each sample in a packet of its own, and hand them over."""
    sensors = virtual_sensors(3, motion, "hipimu-open")
    specs = [(spec, behaviour) for _, spec, behaviour in sensors]
    async with virtual_world(*specs, interval_s=0.015, missed=0.05) as world:
        heard = await scan(3.0, backend=world.backend, until=lambda found: len(found) == 3)
        devices: list[Recognised] = recognised(heard, {})
        requests = [RoleRequest(role, spec.address) for role, spec, _ in sensors]
        assigned = assign(devices, requests)
        settings = {"rate_hz": RATE_HZ, "samples_per_packet": 1.0}
        each = [replace(e, wanted=Wanted(e.wanted.protocol, settings)) for e in assigned]
        return await use(world, each)


class Keeping(Decoding):
    """Decodes, and keeps the samples."""

    def __init__(self, radio: RadioPath, blocks: list[ImuBlock]) -> None:
        super().__init__(radio)
        self._blocks = blocks

    def take(self, entries: list[Entry], now_s: float) -> None:
        self._blocks.extend(self.radio.push(entries))


async def recorded(
    world: VirtualWorld, assigned: list[Assigned], folder: Path, drops_s: tuple[float, ...] = ()
) -> tuple[LiveRecording, list[ImuBlock], float]:
    """Record a minute, counted from when all deliver; return samples and the CPU it took."""
    blocks: list[ImuBlock] = []
    reader = Keeping(radio_path(assigned), blocks)
    recording = LiveRecording(folder, assigned, world.backend, reader=reader)
    stop = asyncio.Event()
    spent = [0.0]

    async def watch() -> None:
        await recording.wait_until_streaming()
        loop = asyncio.get_running_loop()
        names = list(world.sensors)
        for number, at_s in enumerate(drops_s):
            loop.call_later(at_s, world.sensor(names[number % 3]).drop)
        before = time.process_time()
        await asyncio.sleep(MINUTE_S)
        spent[0] = time.process_time() - before
        stop.set()

    watching = asyncio.create_task(watch())
    await recording.run(stop)
    await watching
    return recording, blocks, spent[0] / MINUTE_S


async def counted(world: VirtualWorld, assigned: list[Assigned]) -> float:
    """Receive for a minute and only count; return the CPU it took."""
    count = [0]

    def sink(arrival: Arrival) -> None:
        count[0] += 1

    recorder = Recorder([setup_of(entry) for entry in assigned], sink, backend=world.backend)
    stop = asyncio.Event()
    running = asyncio.create_task(recorder.run(stop))
    await recorder.wait_until_streaming()
    before = time.process_time()
    await asyncio.sleep(MINUTE_S)
    spent = (time.process_time() - before) / MINUTE_S
    stop.set()
    await running
    return spent


def gaps_of(blocks: list[ImuBlock], segment: str) -> list[tuple[float, float]]:
    t_s = np.concatenate([b.t_s for b in blocks if b.sensor == segment])
    at = np.flatnonzero(np.diff(t_s) > 1.5 / RATE_HZ)
    return [(float(t_s[i]), float(t_s[i + 1])) for i in at]


def outages_of(folder: Path, segment: str) -> list[tuple[float, float]]:
    events = [
        e
        for e in read_journal(folder / "journal.bin").entries()
        if isinstance(e, LinkEvent) and e.sensor == segment
    ]
    downs = [e.t_host_ns * 1e-9 for e in events if e.state == "down"][:-1]
    ups = sorted({e.t_host_ns * 1e-9 for e in events if e.state == "up"})[1:]
    return list(zip(downs, ups, strict=True))


def report(folder: Path, recording: LiveRecording, blocks: list[ImuBlock]) -> bool:
    good = True
    for line in recording.lines():
        health = line.health
        gaps, outages = gaps_of(blocks, health.sensor), outages_of(folder, health.sensor)
        # The last sample before a drop may be up to a packet and a connection interval old.
        right = len(gaps) == len(outages) and all(
            down - 0.2 < start < down + 0.05 and up - 0.05 < end < up + 1.0
            for (start, end), (down, up) in zip(gaps, outages, strict=True)
        )
        good = good and right and health.lost == 0 and health.duplicates == 0
        print(
            f"  {health.sensor:12} {health.samples} samples, {health.lost} lost, "
            f"{health.duplicates} twice, {health.drops} drops, "
            f"{len(gaps)} gaps {'where' if right else 'NOT where'} the link was down"
        )
    return good


def clean_and_dropped(motion: WornMotion, place: Path) -> bool:
    good = True
    for name, drops_s in (("clean", ()), ("dropped", DROPS_S)):
        folder = place / f"{name}.hipimu"

        use = partial(recorded, folder=folder, drops_s=drops_s)
        recording, blocks, cpu = asyncio.run(with_sensors(use, motion))
        print(f"{name}: {100 * cpu:.1f} % of a core, radios included")
        good = report(folder, recording, blocks) and good
    return good


def cost(motion: WornMotion, place: Path) -> None:
    alone = asyncio.run(with_sensors(counted, motion))

    use = partial(recorded, folder=place / "cost.hipimu")
    _, _, whole = asyncio.run(with_sensors(use, motion))
    print(
        f"CPU: {100 * alone:.1f} % of a core to receive and count, "
        f"{100 * whole:.1f} % to record: {100 * (whole - alone):.1f} % more"
    )


_CHILD = """
import asyncio, sys
from pathlib import Path
from tests.studies.recording import *

async def use(world, assigned):
    recording = LiveRecording(Path(sys.argv[1]), assigned, world.backend)
    def tell(lines):
        print(recording.acknowledged, flush=True)
    recording.on_lines = tell
    await recording.run(asyncio.Event())

asyncio.run(with_sensors(use, WornMotion(virtual_plan(1.0))))
"""


def killed(place: Path) -> bool:
    """Kill recordings at random moments; every acknowledged arrival must be there."""
    rng = random.Random(5)  # noqa: S311 - moments, no secrets
    good = True
    for number in range(KILLS):
        folder = place / f"killed-{number}.hipimu"
        command = [sys.executable, "-c", _CHILD, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            while int(child.stdout.readline()) < 100:
                pass
            time.sleep(rng.uniform(0.5, 5.0))
            os.kill(child.pid, signal.SIGKILL)
            said = [int(x) for x in child.stdout.read().split()]
        acknowledged = said[-1] if said else 0
        journal = read_journal(folder / "journal.bin")
        there = sum(1 for _ in journal.entries())
        good = good and there >= acknowledged and not journal.damage.missing
        print(f"  killed {number + 1}: {acknowledged} acknowledged, {there} there")
    return good


def main() -> int:
    """Run all four; 0 where the promises hold."""
    motion = WornMotion(virtual_plan(3.0))
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        good = clean_and_dropped(motion, place)
        cost(motion, place)
        good = killed(place) and good
    print("all promises hold" if good else "a promise is broken")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
