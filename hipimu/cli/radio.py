"""What commands that use sensors share: real or virtual ones, Ctrl-C, and a scan that is shown."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from hipimu.pipeline.assigned import Assigned
    from hipimu.pipeline.choose_sensors import Recognised
    from hipimu.pipeline.record import SensorLine
    from hipimu.sources.ble import Backend
    from hipimu.sources.ble.virtual import VirtualWorld

MOST_VIRTUAL = 5


@dataclass(frozen=True, slots=True)
class Radio:
    """What sensors are reached through."""

    backend: Backend | None = None
    """None: the system's Bluetooth."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Address → role, of virtual sensors."""
    world: VirtualWorld | None = None


@asynccontextmanager
async def open_radio(
    virtual: int,
    protocol: str,
    minutes: float | None = None,
    *,
    guided: bool = False,
    tires: bool = False,
) -> AsyncIterator[Radio]:
    """Give the system's Bluetooth, or a world of virtual sensors on the simulated runner.

    Parameters
    ----------
    virtual : int
        How many virtual sensors; 0: real ones.
    protocol : str
        What virtual sensors for movement speak.
    minutes : float or None
        How long the simulated runner runs; None: half an hour.
    guided : bool
        Whether it begins with a guided start.
    tires : bool
        Whether the simulated runner loses range at fast pace.
    """
    if not virtual:
        yield Radio()
        return
    from hipimu.pipeline.virtual import virtual_plan, virtual_sensors
    from hipimu.sources.ble.virtual import virtual_world
    from hipimu.sources.simulate import WornMotion

    length = 30.0 if minutes is None else minutes + 1.0
    motion = WornMotion(virtual_plan(length, guided=guided, tires=tires))
    sensors = virtual_sensors(virtual, motion, protocol)
    async with virtual_world(*((spec, behaviour) for _, spec, behaviour in sensors)) as world:
        yield Radio(world.backend, {spec.address: role for role, spec, _ in sensors}, world)


async def look_around(
    radio: Radio,
    seconds: float,
    enough: Callable[[list[Recognised]], bool] | None = None,
) -> list[Recognised]:
    """Scan, and return the devices with what they speak and the role each had last.

    Parameters
    ----------
    radio : Radio
    seconds : float
    enough : callable or None
        Ends the scan early.
    """
    from hipimu.pipeline.choose_sensors import recognised
    from hipimu.sources.ble import Heard, scan
    from hipimu.sources.known_sensors import load_known_sensors

    remembered = load_known_sensors()
    if remembered.warning:
        typer.echo(remembered.warning, err=True)

    def with_roles(heard: Mapping[str, Heard]) -> list[Recognised]:
        said = [h.advertisement for h in heard.values()]
        roles = dict(remembered.suggest(said)) if radio.world is None else dict(radio.roles)
        return recognised(list(heard.values()), roles)

    heard = await scan(
        seconds,
        backend=radio.backend,
        until=None if enough is None else lambda found: enough(with_roles(found)),
    )
    return with_roles({h.advertisement.address: h for h in heard})


@contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` at Ctrl-C or SIGTERM; a second one interrupts as usual."""
    loop = asyncio.get_running_loop()
    before: dict[int, Any] = {}

    def stopped(number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stop.set)
        signal.signal(number, before[number])

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, stopped)
    try:
        yield
    finally:
        for caught, handler in before.items():
            signal.signal(caught, handler)


def exchanged(lines: Sequence[SensorLine]) -> list[str]:
    """Return sentences about devices that, by their serial numbers, had another role last time.

    Before connecting only names and addresses are known, and those may be the same or change.

    Parameters
    ----------
    lines : sequence of SensorLine
    """
    from hipimu.sources.known_sensors import load_known_sensors

    remembered = load_known_sensors()
    found = []
    for status in (line.status for line in lines):
        role = remembered.role_of(status.device_name, status.serial, status.address)
        if status.serial is not None and role not in (None, status.sensor):
            found.append(
                f"The {status.sensor.replace('_', ' ')} sensor ({status.device_name}, "
                f"{status.serial}) was the {str(role).replace('_', ' ')} sensor last time."
            )
    return found


def remember_roles(lines: Sequence[SensorLine], assigned: Sequence[Assigned]) -> None:
    """Remember which device played which role, for the next recording.

    Parameters
    ----------
    lines : sequence of SensorLine
        They know the serial numbers.
    assigned : sequence of Assigned
    """
    from hipimu.errors import OutputError
    from hipimu.sources.known_sensors import KnownSensor, remember

    serials = {line.health.sensor: line.status.serial for line in lines}
    try:
        remember(
            KnownSensor(
                role=entry.sensor,
                name=entry.heard.advertisement.name,
                serial=serials.get(entry.sensor),
                address=entry.heard.advertisement.address,
            )
            for entry in assigned
        )
    except OutputError as error:
        # The recording is safe; only next time the roles have to be given again.
        typer.echo(f"The roles are not remembered: {error.what}", err=True)
