"""What is outside the machine, what goes wrong with it, and what must have arrived."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from hipimu.data import Entry, LinkEvent, Packet
from hipimu.pipeline.virtual import virtual_plan, virtual_sensors
from hipimu.sources.ble.virtual import (
    Behaviour,
    DeviceClock,
    Outgoing,
    PeripheralSpec,
    Reaction,
    VirtualSensor,
    VirtualWorld,
)
from hipimu.sources.journal import read_journal
from hipimu.sources.simulate import WornMotion
from tests.unit.sources.ble.virtual.counting import Counting, spec

RATE_HZ = 120.0
SECONDS = 15.0


async def undisturbed(_: VirtualWorld) -> None:
    """Let nothing go wrong."""


def unchecked(_: VirtualWorld, __: Path) -> list[str]:
    """Find nothing wrong."""
    return []


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test of the machine."""

    sensors: Sequence[tuple[PeripheralSpec, Behaviour]]
    command: tuple[str, ...]
    """Runs in the machine, in the repository's folder; OUT stands for a folder that stays."""
    play: Callable[[VirtualWorld], Awaitable[None]] = undisturbed
    """Commands faults while the machine runs."""
    check: Callable[[VirtualWorld, Path], list[str]] = unchecked
    """Says afterwards what is wrong, from what is in OUT."""


def counting() -> Scenario:
    """Plain bleak, three sensors at 120 Hz: one drops its link, one walks out of range."""
    return Scenario(
        [(spec(k, advertising_s=0.1), Counting(RATE_HZ)) for k in range(3)],
        (sys.executable, "-m", "tests.bluez.client", "OUT", str(SECONDS)),
        _drop_and_walk,
        _nothing_lost_or_twice,
    )


def record() -> Scenario:
    """``hipimu record``, three sensors on the simulated runner, and the same faults."""
    worn = virtual_sensors(3, WornMotion(virtual_plan(2.0)))
    behaviours = {role: Remembering(behaviour) for role, _, behaviour in worn}
    roles = [f"--role={role}={spec.address}" for role, spec, _ in worn]
    hipimu = (sys.executable, "-m", "hipimu", "record", "--out=OUT/run", "--minutes=0.5", *roles)
    return Scenario(
        [(spec, behaviours[role]) for role, spec, _ in worn],
        hipimu,
        _drop_and_walk,
        lambda _, out: _journal_is_what_was_sent(behaviours, out),
    )


class Remembering:
    """A behaviour that writes down what it sent."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self.sent: list[Outgoing] = []

    def on_start(self, clock: DeviceClock) -> None:
        """Pass it on."""
        self._behaviour.on_start(clock)

    def on_disconnect(self, at_s: float) -> None:
        """Pass it on."""
        self._behaviour.on_disconnect(at_s)

    def on_write(self, characteristic: str, payload: bytes, at_s: float) -> Reaction:
        """Pass it on."""
        return self._behaviour.on_write(characteristic, payload, at_s)

    def on_subscribe(self, characteristic: str, on: bool, at_s: float) -> Reaction:
        """Pass it on."""
        return self._behaviour.on_subscribe(characteristic, on, at_s)

    def on_read(self, characteristic: str, at_s: float) -> bytes | None:
        """Pass it on."""
        return self._behaviour.on_read(characteristic, at_s)

    def packets(self, from_s: float, to_s: float) -> Sequence[Outgoing]:
        """Pass it on, and write it down."""
        packets = self._behaviour.packets(from_s, to_s)
        self.sent += packets
        return packets


async def _drop_and_walk(world: VirtualWorld) -> None:
    steady, dropping, walking = world.sensors.values()
    while not all(s.is_streaming for s in (steady, dropping, walking)):
        await asyncio.sleep(0.1)
    await asyncio.sleep(3.0)
    print(f"  world | {dropping.spec.name} drops its link", flush=True)
    dropping.drop()
    await asyncio.sleep(4.0)
    print(f"  world | {walking.spec.name} is out of range for 3 s", flush=True)
    walking.out_of_range(for_s=3.0)


def _journal_is_what_was_sent(behaviours: dict[str, Remembering], out: Path) -> list[str]:
    arrivals = list(read_journal(out / "run.hipimu" / "journal.bin").entries())
    wrong = []
    for (role, behaviour), gaps_allowed in zip(behaviours.items(), (0, 1, 1), strict=True):
        sent = {(p.characteristic, p.payload): k for k, p in enumerate(behaviour.sent)}
        got = [
            sent[a.characteristic, a.payload]
            for a in arrivals
            if isinstance(a, Packet) and (a.characteristic, a.payload) in sent
            if a.sensor == role
        ]
        gaps = [b - a - 1 for a, b in pairwise(got) if b > a + 1]
        short = len(sent) - 1 - got[-1] if got else len(sent)
        print(
            f"  {role}: sent {len(sent)}, received {len(got)}, missing within {gaps}, "
            f"after the end {short}; {_link_events(role, arrivals)}"
        )
        if got != sorted(set(got)):
            wrong.append(f"{role}: packets came twice, or out of order.")
        if len(gaps) > gaps_allowed or got[:1] != [0]:
            wrong.append(f"{role}: packets were lost while the link was up.")
        if short > RATE_HZ:
            wrong.append(f"{role}: the last second is missing.")
    return wrong


def _link_events(role: str, arrivals: list[Entry]) -> str:
    events = [a for a in arrivals if isinstance(a, LinkEvent) and a.sensor == role]
    return ", ".join(f"{e.state} {e.t_host_ns * 1e-9:.1f} s {e.why}".strip() for e in events)


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
