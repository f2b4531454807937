"""One Bluetooth adapter that several links share: it does one thing at a time.

While a connection is made nobody scans, and nobody else connects; adapters and their drivers
cannot do more reliably (``docs/explanation/bluetooth.md``).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from bleak import BleakClient
from bleak.backends.device import BLEDevice

from hipimu.sources.ble.scanning import Backend, Heard, listening
from hipimu.sources.ble.status import Patience

_OTHERS_S = 0.3
"""After one lost device was heard: three times the advertising interval of most sensors."""
_log = logging.getLogger(__name__)


class Adapter:
    """What links connect through, and are found again by.

    Parameters
    ----------
    backend : Backend or None
        None: the system's Bluetooth.
    patience : Patience
    """

    def __init__(self, backend: Backend | None, patience: Patience) -> None:
        self._backend = backend
        self._patience = patience
        self._busy = asyncio.Lock()
        self._wanted: Counter[str] = Counter()
        self._search: asyncio.Task[dict[str, BLEDevice]] | None = None
        self._enough = asyncio.Event()

    async def connect(
        self,
        device: BLEDevice,
        gone: Callable[[], None],
        turn: Callable[[], None] = lambda: None,
    ) -> BleakClient:
        """Connect to a device; a search that is under way gives way.

        Parameters
        ----------
        device : BLEDevice
        gone : callable
            Called when the link ends, by whatever end.
        turn : callable
            Called when those who came first are done, and it is this device's turn.

        Raises
        ------
        Exception
            Whatever bleak raises; then nothing is left connected.
        """
        self._enough.set()
        async with self._busy:
            turn()
            client = BleakClient(
                device,
                disconnected_callback=lambda _client: gone(),
                timeout=self._patience.connect_s,
                backend=None if self._backend is None else self._backend.client,
            )
            try:
                async with asyncio.timeout(self._patience.connect_s):
                    await client.connect()
            except BaseException:
                await self.hang_up(client)
                raise
            return client

    async def hang_up(self, client: BleakClient) -> None:
        """Disconnect, even a client whose link is dead already.

        Only that makes the system forget its subscriptions: without it every notification of the
        next link would come twice.
        """
        try:
            async with asyncio.timeout(self._patience.disconnect_s):
                await client.disconnect()
        except Exception as error:  # noqa: BLE001 - a dead link cannot fail any further
            _log.info("disconnecting %s: %r", client.address, error)

    async def find(self, address: str) -> BLEDevice | None:
        """Look for a lost device; all who look at the same time share one scan.

        Returns
        -------
        BLEDevice or None
            None where it was not heard.

        Raises
        ------
        SensorError
            As `hipimu.sources.ble.scan`.
        """
        self._wanted[address] += 1
        try:
            if self._search is None:
                self._search = asyncio.create_task(self._look_around(), name="search")
                self._search.add_done_callback(self._searched)
            found = await asyncio.shield(self._search)
        finally:
            self._wanted -= Counter((address,))
        return found.get(address)

    async def close(self) -> None:
        """End a search that is under way."""
        if (search := self._search) is not None:
            search.cancel()
            await asyncio.wait({search})

    async def _look_around(self) -> dict[str, BLEDevice]:
        found: dict[str, BLEDevice] = {}
        loop = asyncio.get_running_loop()

        def seen(heard: Heard) -> None:
            address = heard.device.address
            if address not in self._wanted:
                return
            if not found:
                # Those that were lost together come back together.
                loop.call_later(_OTHERS_S, self._enough.set)
            found[address] = heard.device
            if found.keys() >= self._wanted.keys():
                self._enough.set()

        async with self._busy:
            self._enough.clear()
            async with listening(seen, self._backend):
                waiting = asyncio.ensure_future(self._enough.wait())
                await asyncio.wait({waiting}, timeout=self._patience.scan_s)
                waiting.cancel()
        return found

    def _searched(self, search: asyncio.Task[dict[str, BLEDevice]]) -> None:
        self._search = None
        if not search.cancelled() and (error := search.exception()) is not None:
            _log.info("searching: %r", error)  # asked for, in case nobody waits any more
