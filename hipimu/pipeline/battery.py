"""Read the batteries of sensors in range, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from hipimu.pipeline.choose_sensors import Recognised
from hipimu.protocol import conversation
from hipimu.sources.ble import Backend, read_battery


async def read_batteries(
    devices: Sequence[Recognised], backend: Backend | None = None
) -> dict[str, float]:
    """Return address → share of the charge, for sensors that tell it.

    Parameters
    ----------
    devices : sequence of Recognised
        Only those that are known and usable are connected to.
    backend : Backend or None
        None: the system's Bluetooth.
    """
    levels = {}
    for device in devices:
        protocol = device.protocol
        if protocol is None or protocol.refusal is not None:
            continue
        characteristic = conversation(protocol).battery
        if characteristic is None:
            continue
        level = await read_battery(device.heard.device, characteristic, backend=backend)
        if level is not None:
            levels[device.heard.advertisement.address] = level
    return levels
