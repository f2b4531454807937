"""Test against a real, unmodified BlueZ: ``make test-bluez``.

BlueZ and its kernel run in a virtual machine; the sensors are out here, on a simulated radio.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from importlib import import_module
from pathlib import Path

from bumble.transport import open_transport

from hipimu.sources.ble.virtual import virtual_world
from tests.bluez.build import Stage
from tests.bluez.machine import REPOSITORY, Machine
from tests.bluez.scenarios import Scenario

INTERVAL_S = 0.015
MISSED = 0.05
SUPERVISION_S = 1.0


async def run(stage: Stage, scenario: Scenario, command: list[str]) -> list[str]:
    """Run the scenario; give what is wrong."""
    world_of = virtual_world(
        *scenario.sensors, interval_s=INTERVAL_S, missed=MISSED, supervision_s=SUPERVISION_S
    )
    machine = Machine(stage)
    async with world_of as world:
        try:
            await machine.start([str(stage.out) if word == "OUT" else word for word in command])
            async with await open_transport(f"unix:{stage.socket}") as transport:
                world.attach(transport)
                playing = asyncio.ensure_future(scenario.play(world))
                code = await machine.finish()
                playing.cancel()
        finally:
            await machine.stop()
        if code != 0:
            return [f"The command ended with exit code {code}."]
        return scenario.check(world, stage.out)


def main() -> None:
    """Read the arguments, build what is missing, run, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.bluez")
    parser.add_argument("--stage", type=Path, default=REPOSITORY / ".bluez", help="folder")
    parser.add_argument("--scenario", default="tests.bluez.scenarios:counting")
    parser.add_argument("--limit-s", type=float, default=300.0)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="instead of the scenario's")
    given = parser.parse_args()
    module, name = given.scenario.split(":")
    scenario: Scenario = getattr(import_module(module), name)()
    stage = Stage(given.stage)
    began_s = time.monotonic()
    stage.build()
    print(f"== built in {time.monotonic() - began_s:.0f} s: {stage.vmlinuz.name}", flush=True)
    for old in stage.out.iterdir():
        old.unlink()
    began_s = time.monotonic()
    command = given.command or list(scenario.command)
    wrong = asyncio.run(asyncio.wait_for(run(stage, scenario, command), given.limit_s))
    print(f"== ran in {time.monotonic() - began_s:.0f} s")
    if wrong:
        raise SystemExit("\n".join(wrong))
    print("== passed")


if __name__ == "__main__":
    main()
