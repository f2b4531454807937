"""Test against a real, unmodified BlueZ: ``make test-bluez``.

BlueZ and its kernel run in a virtual machine; the sensors are out here, on a simulated radio.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from bumble.transport import open_transport

from hipimu.sources.ble.virtual import virtual_world
from tests.bluez.build import Stage
from tests.bluez.machine import REPOSITORY, Machine
from tests.bluez.scenarios import Scenario, unchecked

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
            await machine.start([word.replace("OUT", str(stage.out)) for word in command])
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


def test(name: str, stage: Stage, command: list[str], limit_s: float) -> list[str]:
    """Run the scenario of this name, ``module:function``."""
    module, function = name.split(":")
    make = getattr(import_module(module), function)
    scenario: Scenario = make()
    print(f"== {function}: {make.__doc__}", flush=True)
    shutil.rmtree(stage.out)
    stage.out.mkdir()
    began_s = time.monotonic()
    if command:
        scenario = replace(scenario, check=unchecked)
    work = run(stage, scenario, command or list(scenario.command))
    wrong = asyncio.run(asyncio.wait_for(work, limit_s))
    print(f"== {function}: {time.monotonic() - began_s:.0f} s", flush=True)
    return wrong


def main() -> None:
    """Read the arguments, build what is missing, run, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.bluez")
    parser.add_argument("--stage", type=Path, default=REPOSITORY / ".bluez", help="folder")
    parser.add_argument("--scenario", action="append", help="MODULE:FUNCTION; once for each")
    parser.add_argument("--limit-s", type=float, default=300.0, help="for each scenario")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="instead of the scenario's")
    given = parser.parse_args()
    stage = Stage(given.stage)
    began_s = time.monotonic()
    stage.build()
    print(f"== built in {time.monotonic() - began_s:.0f} s: {stage.vmlinuz.name}", flush=True)
    usual = ("record",) if given.command else ("counting", "record")
    names = given.scenario or [f"tests.bluez.scenarios:{name}" for name in usual]
    wrong = [
        complaint for name in names for complaint in test(name, stage, given.command, given.limit_s)
    ]
    if wrong:
        raise SystemExit("\n".join(wrong))
    print("== passed")


if __name__ == "__main__":
    main()
