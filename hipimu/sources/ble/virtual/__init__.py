"""Virtual sensors: peripherals on a simulated radio, for the real Bluetooth client to find.

`spec` says what a sensor is; it knows no protocol, and needs nothing installed. The radio itself
is bumble's: ``pip install 'hipimu[virtual]'``.
"""

from hipimu.sources.ble.virtual.faults import Malformation, Tally
from hipimu.sources.ble.virtual.sensor import VirtualSensor
from hipimu.sources.ble.virtual.spec import (
    Behaviour,
    CharacteristicSpec,
    DeviceClock,
    Outgoing,
    Passive,
    PeripheralSpec,
    Property,
    Reaction,
    Reply,
)
from hipimu.sources.ble.virtual.world import VirtualWorld, virtual_world

__all__ = [
    "Behaviour",
    "CharacteristicSpec",
    "DeviceClock",
    "Malformation",
    "Outgoing",
    "Passive",
    "PeripheralSpec",
    "Property",
    "Reaction",
    "Reply",
    "Tally",
    "VirtualSensor",
    "VirtualWorld",
    "virtual_world",
]
