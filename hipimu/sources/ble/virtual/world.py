"""A virtual world: sensors on the air, and an adapter that hears them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hipimu.errors import PlanError, SensorError, UnknownNameError
from hipimu.sources.ble.virtual.link import LinkQuality
from hipimu.sources.ble.virtual.sensor import VirtualSensor
from hipimu.sources.ble.virtual.spec import Behaviour, PeripheralSpec

if TYPE_CHECKING:
    from bumble.transport.common import Transport

    from hipimu.sources.ble.virtual.backend import Backend
    from hipimu.sources.ble.virtual.peripheral import Peripheral
    from hipimu.sources.ble.virtual.radio import Air


class VirtualWorld:
    """What `virtual_world` gives."""

    def __init__(
        self,
        backend: Backend,
        sensors: Mapping[str, VirtualSensor],
        air: Air,
        began_s: float,
    ) -> None:
        self.backend = backend
        """For bleak: ``BleakScanner(backend=world.backend.scanner)``, `BleakClient` alike."""
        self.sensors = sensors
        """By name."""
        self._air = air
        self._began_s = began_s

    def now_s(self) -> float:
        """Seconds since the world began."""
        return asyncio.get_running_loop().time() - self._began_s

    def sensor(self, name: str) -> VirtualSensor:
        """Give the sensor of this name, to command faults.

        Raises
        ------
        UnknownNameError
            When there is none.
        """
        if name not in self.sensors:
            raise UnknownNameError("virtual sensor", name, tuple(self.sensors))
        return self.sensors[name]

    def attach(self, transport: Transport) -> None:
        """Let a host outside this process, such as BlueZ, use an adapter of this world."""
        from hipimu.sources.ble.virtual.controller import VirtualController

        controller = VirtualController("outside", self._air, transport.source, transport.sink)
        controller.manufacturer_company_identifier = 0xB1EA


@asynccontextmanager
async def virtual_world(
    *sensors: tuple[PeripheralSpec, Behaviour],
    interval_s: float = 0.015,
    packets_per_event: int = 6,
    missed: float = 0.0,
    supervision_s: float = 2.0,
    largest_mtu: int = 247,
    seed: int = 0,
) -> AsyncIterator[VirtualWorld]:
    """Put virtual sensors on the air, and an adapter beside them.

    Parameters
    ----------
    *sensors : tuple of (PeripheralSpec, Behaviour)
    interval_s : float
        Connection interval in seconds; 0 delivers at once.
    packets_per_event : int
        Packets that fit into one connection event, in each direction.
    missed : float
        Share of connection events at which the two do not hear each other, 0 to 1.
    supervision_s : float
        Out of range for so many seconds, a link is lost.
    largest_mtu : int
        ATT MTU that the adapter asks for.
    seed : int
        Of all chance in this world: the same seed misses the same events.

    Yields
    ------
    VirtualWorld

    Raises
    ------
    SensorError
        When bumble is not installed.
    PlanError
        When two sensors share a name or an address.
    Exception
        At the end: what a behaviour raised, unless something else ended the world.
    """
    _require_bumble()
    _check_distinct([spec for spec, _ in sensors])
    from hipimu.sources.ble.virtual.backend import make_backend
    from hipimu.sources.ble.virtual.central import Central
    from hipimu.sources.ble.virtual.peripheral import Peripheral
    from hipimu.sources.ble.virtual.radio import Air

    air = Air(LinkQuality(interval_s, packets_per_event, missed, supervision_s), seed)
    central = Central(air)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    peripherals = [
        Peripheral(spec, behaviour, air, lambda: loop.time() - began_s, seed + place)
        for place, (spec, behaviour) in enumerate(sensors)
    ]
    commands = {p.spec.name: VirtualSensor(p, air) for p in peripherals}
    try:
        await central.power_on()
        for peripheral in peripherals:
            await peripheral.power_on()
        yield VirtualWorld(make_backend(central, largest_mtu), commands, air, began_s)
    finally:
        for peripheral in peripherals:
            await peripheral.power_off()
        air.close()
    _raise_failures(peripherals)


def _require_bumble() -> None:
    try:
        import bumble  # noqa: F401
    except ImportError as error:
        raise SensorError(
            "There can be no virtual sensors: bumble, their radio, is not installed.",
            "Install it with pip install 'hipimu[virtual]'.",
            reason="no_adapter",
        ) from error


def _check_distinct(specs: list[PeripheralSpec]) -> None:
    for what, values in (
        ("name", [s.name for s in specs]),
        ("address", [s.address for s in specs]),
    ):
        twice = next((v for v in values if values.count(v) > 1), None)
        if twice is not None:
            raise PlanError(
                f"Two virtual sensors have the {what} {twice!r}.", f"Give each its own {what}."
            )


def _raise_failures(peripherals: list[Peripheral]) -> None:
    for peripheral in peripherals:
        if peripheral.failure is not None:
            raise peripheral.failure
