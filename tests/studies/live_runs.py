"""Several live runs at once, each with virtual sensors, drops and a journal of its own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from hipimu.data import SIDES, LiveState, ShownStride, StartState
from hipimu.pipeline import LivePath
from hipimu.pipeline.assigned import Assigned, radio_path
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.choose_sensors import RoleRequest, assign, recognised
from hipimu.pipeline.readout import Readout
from hipimu.pipeline.record import LiveRecording
from hipimu.pipeline.virtual import virtual_sensors
from hipimu.report.so_far import so_far
from hipimu.sources.ble import scan
from hipimu.sources.ble.virtual import VirtualWorld, virtual_world
from hipimu.sources.simulate import Plan, WornMotion
from hipimu.sources.simulate.plan import PlannedBout

RUN_S = 100.0
_DROPS = 3


def plan_of(seed: int) -> Plan:
    """A short start, and then running."""
    return Plan(
        seed=seed,
        warm_up=(
            PlannedBout(pace="stand", duration_s=18.0),
            PlannedBout(pace="walk", duration_s=22.0, speed_m_s=1.4),
        ),
        bouts=(
            PlannedBout(pace="easy", duration_s=40.0, speed_m_s=3.0),
            PlannedBout(pace="fast", duration_s=60.0, speed_m_s=5.0),
        ),
    )


async def recorded_live(folders: Sequence[Path]) -> list[list[ShownStride]]:
    """Record runs, and return the strides that each showed."""
    runs = (_run(folder, seed) for seed, folder in enumerate(folders, start=1))
    return list(await asyncio.gather(*runs))


async def _run(folder: Path, seed: int) -> list[ShownStride]:
    sensors = virtual_sensors(3, WornMotion(plan_of(seed)), "hipimu-open")
    specs = [(spec, behaviour) for _, spec, behaviour in sensors]
    async with virtual_world(*specs, interval_s=0.015, missed=0.05) as world:
        heard = await scan(5.0, backend=world.backend, until=lambda found: len(found) == 3)
        requests = [RoleRequest(role, spec.address) for role, spec, _ in sensors]
        assigned = assign(recognised(heard, {}), requests)
        return await _recorded(folder, world, assigned, random.Random(seed))  # noqa: S311


async def _recorded(
    folder: Path, world: VirtualWorld, assigned: list[Assigned], rng: random.Random
) -> list[ShownStride]:
    start = StartState("sensors")
    board = LiveBoard(LiveState(1, 0.0, 0, "start", "virtual", folder.stem, start, SIDES))
    readout = Readout(LivePath(radio_path(assigned)), board, so_far, worn=True)
    recording = LiveRecording(folder, assigned, world.backend, simulated=True, reader=readout)
    stop = asyncio.Event()

    async def drop() -> None:
        await recording.wait_until_streaming()
        loop, names = asyncio.get_running_loop(), list(world.sensors)
        for number in range(_DROPS):
            at_s = rng.uniform(45.0, 80.0)
            loop.call_later(at_s, world.sensor(names[number]).drop)
        loop.call_later(RUN_S - 20.0, stop.set)

    dropping = asyncio.create_task(drop())
    await recording.run(stop)
    await dropping
    return list(board.strides())
