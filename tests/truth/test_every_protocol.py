"""Every known sensor through the real Bluetooth client: a link, a drop, and all samples."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from hipimu.data import Arrival, ImuBlock
from hipimu.pipeline import RadioPath, Wanted
from hipimu.pipeline.assigned import setup_of
from hipimu.pipeline.choose_sensors import RoleRequest, assign, recognised
from hipimu.pipeline.virtual import virtual_sensors
from hipimu.protocol import Protocol, known
from hipimu.sources.ble import Recorder, scan
from hipimu.sources.ble.virtual import virtual_world
from hipimu.stage import joined
from tests.air import motion
from tests.unit.sources.ble.imus import play

SPOKEN = [p for p in known().values() if p.usable_for_angles]
SECONDS = 8.0


async def recorded(protocol: Protocol) -> list[Arrival]:
    arrivals: list[Arrival] = []
    ((role, spec, behaviour),) = virtual_sensors(1, motion(), protocol.id)
    async with virtual_world((spec, behaviour), missed=0.05) as world:
        heard = await scan(5.0, backend=world.backend, until=lambda found: len(found) == 1)
        found = recognised(heard, {})
        assert found[0].protocol is protocol
        (given,) = assign(found, [RoleRequest(role, spec.address)])
        loop = asyncio.get_running_loop()
        recorder = Recorder(
            [setup_of(given)],
            arrivals.append,
            backend=world.backend,
            clock=lambda: round(loop.time() * 1e9),
        )
        stop = asyncio.Event()
        running = asyncio.create_task(recorder.run(stop))
        await recorder.wait_until_streaming()
        await asyncio.sleep(SECONDS / 2)
        world.sensor(spec.name).drop()
        await asyncio.sleep(SECONDS)
        stop.set()
        await running
    return arrivals


@pytest.mark.parametrize("protocol", SPOKEN, ids=lambda p: p.id)
def test_it_is_found_configured_recorded_and_found_again(protocol: Protocol) -> None:
    arrivals: list[Arrival] = []

    async def main() -> None:
        arrivals.extend(await recorded(protocol))

    play(main)
    path = RadioPath({"pelvis": Wanted(protocol)})
    blocks: list[ImuBlock] = path.push(arrivals) + path.flush()
    (health,) = path.health(arrivals[-1].t_host_ns * 1e-9)
    whole = joined(blocks)
    rate_hz = path.rate_hz("pelvis")
    steps_s = np.diff(whole.t_s)
    gaps_s = steps_s[steps_s > 0.3]

    assert (health.drops, health.duplicates, health.malformed) == (1, 0, 0)
    assert len(gaps_s) == 1
    assert gaps_s[0] < 5.0
    # Everything but the gap is there, at the pace of the sensor's own clock.
    assert np.median(steps_s) == pytest.approx(1 / rate_hz, rel=0.02)
    assert len(whole.t_s) >= rate_hz * (whole.t_s[-1] - whole.t_s[0] - gaps_s[0] - 0.3)
    assert health.lost <= 0.01 * len(whole.t_s)
    # The runner stands still all the while: what is felt is gravity.
    felt = np.sqrt((whole.acc_m_s2**2).sum(axis=1))
    assert np.median(felt) == pytest.approx(9.81, abs=0.2)
