"""The listening end of the simulated radio, as one adapter that many clients share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bleak.exc import BleakError
from bumble import core, hci
from bumble.device import Connection, Device
from bumble.host import Host

from hipimu.sources.ble.virtual.controller import VirtualController, configuration
from hipimu.sources.ble.virtual.radio import Air

_ADDRESS = "F0:F0:F0:00:00:00"
_Report = hci.HCI_LE_Advertising_Report_Event


@dataclass(frozen=True, slots=True)
class Sighting:
    """All that one device advertised until now, as received."""

    address: hci.Address
    rssi_dbm: int
    advertisement: bytes
    scan_response: bytes


class Central(Device):
    """A host that scans and connects.

    Scanners come and go; the adapter scans while there is one. Connections are made one after the
    other, as an adapter can only wait for one at a time. Not yet powered on.
    """

    def __init__(self, air: Air) -> None:
        controller = VirtualController("central", air)
        super().__init__(
            config=configuration("hipimu", _ADDRESS), host=Host(controller, controller)
        )
        self._scanners: list[Callable[[Sighting], None]] = []
        self._parts: dict[hci.Address, tuple[bytes, bytes]] = {}
        self._connecting = asyncio.Lock()

    async def add_scanner(self, seen: Callable[[Sighting], None], *, active: bool) -> None:
        """Call `seen` for everything that is heard from now on."""
        self._scanners.append(seen)
        if len(self._scanners) == 1:
            self._parts = {}
            await self.start_scanning(active=active, filter_duplicates=False)

    async def remove_scanner(self, seen: Callable[[Sighting], None]) -> None:
        """Call `seen` no more."""
        if seen in self._scanners:
            self._scanners.remove(seen)
            if not self._scanners:
                await self.stop_scanning()

    def on_advertising_report(
        self, report: _Report.Report | hci.HCI_LE_Extended_Advertising_Report_Event.Report
    ) -> None:
        """Hand on what was heard, unread.

        bumble would parse it here, and fail on what is cut off.
        """
        advertisement, scan_response = self._parts.get(report.address, (b"", b""))
        if report.event_type == _Report.EventType.SCAN_RSP:
            scan_response = report.data
        else:
            advertisement = report.data
        self._parts[report.address] = advertisement, scan_response
        sighting = Sighting(report.address, report.rssi, advertisement, scan_response)
        for seen in tuple(self._scanners):
            seen(sighting)

    async def reach(self, address: hci.Address) -> Connection:
        """Wait until the device at this address lets itself be connected to.

        Cancelling it leaves the adapter free for the next.
        """
        async with self._connecting:
            try:
                return await self.connect(address, timeout=None)
            except asyncio.CancelledError:
                await self._give_up(address)
                raise
            except core.BaseBumbleError as error:
                raise BleakError(f"Connecting to {address} failed: {error}") from error

    async def _give_up(self, address: hci.Address) -> None:
        await self.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        # It may have come about in the same moment, with nobody left to know of it.
        stray = self.find_connection_by_bd_addr(address)
        if stray is not None:
            with suppress(core.BaseBumbleError):
                await stray.disconnect()
