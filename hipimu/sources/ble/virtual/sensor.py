"""One virtual sensor in the hands of a test: what it did, and what shall go wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from hipimu.sources.ble.virtual.faults import Malformation, Tally
from hipimu.sources.ble.virtual.spec import DeviceClock, PeripheralSpec

if TYPE_CHECKING:
    from hipimu.sources.ble.virtual.peripheral import Peripheral
    from hipimu.sources.ble.virtual.radio import Air

_BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"


class VirtualSensor:
    """Commands for one sensor of a virtual world.

    A fault begins at once, and ends after `for_s` seconds or, where that is None, never.
    """

    def __init__(self, peripheral: Peripheral, air: Air) -> None:
        self._peripheral = peripheral
        self._air = air
        self._link = air.link(peripheral.spec.address)

    @property
    def spec(self) -> PeripheralSpec:
        """What it is."""
        return self._peripheral.spec

    @property
    def clock(self) -> DeviceClock:
        """Its clock against the world's."""
        return self._peripheral.clock

    @property
    def tally(self) -> Tally:
        """What it did with its packets until now; the object keeps counting."""
        return self._peripheral.faults.tally

    @property
    def connections(self) -> int:
        """How often somebody connected to it."""
        return self._peripheral.connections

    @property
    def is_connected(self) -> bool:
        """Whether it has a link, as far as it knows."""
        return self._peripheral.is_connected

    @property
    def is_streaming(self) -> bool:
        """Whether it was started and not stopped."""
        return self._peripheral.is_streaming

    @property
    def waiting(self) -> int:
        """How many packets wait for the radio."""
        return self._link.waiting

    def drop(self, *, after_s: float = 0.0, away_s: float = 0.0) -> None:
        """End the link from the sensor's side, and be found again `away_s` later."""

        def hang_up() -> None:
            self._peripheral.away_s = away_s
            self._peripheral.hang_up()

        asyncio.get_running_loop().call_later(after_s, hang_up)

    def out_of_range(self, *, for_s: float | None = None) -> None:
        """Be heard by nobody; the link is lost after its supervision time-out."""
        self._air.set_in_range(self.spec.address, False)
        _later(for_s, self.back_in_range)

    def back_in_range(self) -> None:
        """Be heard again."""
        self._air.set_in_range(self.spec.address, True)

    def slow_down(
        self, interval_s: float, packets_per_event: int = 1, *, for_s: float | None = None
    ) -> None:
        """Meet less often: what does not fit waits, and is lost once the buffer is full."""
        before = self._link.quality
        self._link.quality = replace(
            before, interval_s=interval_s, packets_per_event=packets_per_event
        )
        _later(for_s, lambda: setattr(self._link, "quality", before))

    def hold(self, for_s: float) -> None:
        """Keep everything back for so long; then it comes late, in a burst."""
        self._link.hold(for_s)

    def lose(self, share: float, *, for_s: float | None = None) -> None:
        """Discard this share of the packets before the radio: its counter jumps."""
        self._set("loss", share, 0.0, for_s)

    def repeat(self, share: float, *, for_s: float | None = None) -> None:
        """Send this share of the packets twice."""
        self._set("repetition", share, 0.0, for_s)

    def spoil(self, how: Malformation, share: float = 1.0, *, for_s: float | None = None) -> None:
        """Send this share of the packets malformed."""
        self._peripheral.faults.malformed_as = how
        self._set("malformation", share, 0.0, for_s)

    def fall_silent(self, *, for_s: float | None = None) -> None:
        """Send nothing more, though the link stays up and the clock runs on."""
        self._set("silent", True, False, for_s)

    def limit_mtu(self, mtu: int) -> None:
        """Agree to no more than this MTU when somebody next connects: longer packets are cut."""
        self._peripheral.limit_mtu(mtu)

    async def advertise_as(self, name: bytes | str) -> None:
        """Advertise another name, of any bytes; the name that can be read stays."""
        self._peripheral.advertised_name = name.encode() if isinstance(name, str) else name
        if not self.is_connected:
            await self._peripheral.advertise()

    def pretend(self, characteristic: str, value: bytes) -> None:
        """Give this value from now on to whoever reads the characteristic."""
        self._peripheral.pretended[characteristic] = value

    def set_battery(self, percent: int) -> None:
        """Tell this level in the standard battery service."""
        self.pretend(_BATTERY_LEVEL, bytes([percent]))

    def _set(self, name: str, value: object, end: object, for_s: float | None) -> None:
        faults = self._peripheral.faults
        setattr(faults, name, value)
        _later(for_s, lambda: setattr(faults, name, end))


def _later(for_s: float | None, then: Callable[[], None]) -> None:
    if for_s is not None:
        asyncio.get_running_loop().call_later(for_s, then)
