"""What is outside the machine, what goes wrong with it, and what must have arrived."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from hipimu.sources.ble.virtual import Behaviour, PeripheralSpec, VirtualSensor, VirtualWorld
from tests.unit.sources.ble.virtual.counting import Counting, spec

RATE_HZ = 120.0
SECONDS = 15.0


async def _undisturbed(_: VirtualWorld) -> None:
    """Let nothing go wrong."""


def _unchecked(_: VirtualWorld, __: Path) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test of the machine."""

    sensors: Sequence[tuple[PeripheralSpec, Behaviour]]
    command: tuple[str, ...]
    """Runs in the machine, in the repository's folder; OUT stands for a folder that stays."""
    play: Callable[[VirtualWorld], Awaitable[None]] = _undisturbed
    """Commands faults while the machine runs."""
    check: Callable[[VirtualWorld, Path], list[str]] = _unchecked
    """Says afterwards what is wrong, from what is in OUT."""


def counting() -> Scenario:
    """Three sensors at 120 Hz: one undisturbed, one drops, one walks out of range and back."""
    return Scenario(
        [(spec(k, advertising_s=0.1), Counting(RATE_HZ)) for k in range(3)],
        (sys.executable, "-m", "tests.bluez.client", "OUT", str(SECONDS)),
        _drop_and_walk,
        _nothing_lost_or_twice,
    )


async def _drop_and_walk(world: VirtualWorld) -> None:
    steady, dropping, walking = world.sensors.values()
    while not all(s.is_streaming for s in (steady, dropping, walking)):
        await asyncio.sleep(0.1)
    await asyncio.sleep(3.0)
    print("  world | Counting 1 drops its link", flush=True)
    dropping.drop()
    await asyncio.sleep(4.0)
    print("  world | Counting 2 is out of range for 3 s", flush=True)
    walking.out_of_range(for_s=3.0)


def _nothing_lost_or_twice(world: VirtualWorld, out: Path) -> list[str]:
    received: dict[str, list[list[int]]] = json.loads((out / "received.json").read_text())
    wrong = []
    for name, links in received.items():
        sensor = world.sensor(name)
        heard = [k for link in links for k in link]
        print(f"  {name}: {_summary(sensor, links)}")
        if heard != sorted(set(heard)):
            wrong.append(f"{name}: packets came twice, or out of order.")
        if any(link != list(range(link[0], link[0] + len(link))) for link in links if link):
            wrong.append(f"{name}: packets were lost while the link was up.")
    counts = [len(links) for links in received.values()]
    if counts != [1, 2, 2]:
        wrong.append(f"Links were {counts}, not [1, 2, 2].")
    steady = world.sensor("Counting 0")
    if len(received["Counting 0"][0]) != steady.tally.sent:
        wrong.append(f"Counting 0 sent {steady.tally.sent} packets; not all arrived.")
    return wrong


def _summary(sensor: VirtualSensor, links: list[list[int]]) -> str:
    heard = sum(map(len, links))
    gaps = [b[0] - a[-1] - 1 for a, b in pairwise(links) if a and b]
    return (
        f"sent {sensor.tally.sent}, received {heard} over {len(links)} link(s), "
        f"gaps of {gaps} samples between them"
    )
