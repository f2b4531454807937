"""Ask one device for its battery, without recording it."""

from __future__ import annotations

import asyncio
import logging

from bleak.backends.device import BLEDevice

from hipimu.sources.ble.adapter import Adapter
from hipimu.sources.ble.scanning import Backend
from hipimu.sources.ble.status import Patience

_log = logging.getLogger(__name__)


async def read_battery(
    device: BLEDevice, characteristic: str, *, backend: Backend | None = None
) -> float | None:
    """Connect, read, disconnect.

    Parameters
    ----------
    device : BLEDevice
        As `hipimu.sources.ble.scan` gave it.
    characteristic : str
        UUID.
    backend : Backend or None
        None: the system's Bluetooth.

    Returns
    -------
    float or None
        Share that is left, 0–1; None where it cannot be told.
    """
    patience = Patience()
    adapter = Adapter(backend, patience)
    try:
        client = await adapter.connect(device, lambda: None)
    except Exception as error:  # noqa: BLE001 - nice to know, and no more
        _log.info("asking %s for its battery: %r", device.address, error)
        return None
    try:
        async with asyncio.timeout(patience.request_s):
            value = bytes(await client.read_gatt_char(characteristic))
    except Exception as error:  # noqa: BLE001 - as above
        _log.info("reading the battery of %s: %r", device.address, error)
        return None
    finally:
        await adapter.hang_up(client)
    return value[0] / 100.0 if value and value[0] <= 100 else None
