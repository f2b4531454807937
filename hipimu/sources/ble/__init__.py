"""Sensors that are heard over Bluetooth Low Energy.

`scan` tells who is there, `Recorder` keeps the links up and hands on what arrives.
"""

from hipimu.sources.ble.battery import read_battery
from hipimu.sources.ble.recorder import Recorder, since_now
from hipimu.sources.ble.scanning import Backend, Heard, scan
from hipimu.sources.ble.status import LinkPhase, Patience, SensorSetup, SensorStatus

__all__ = [
    "Backend",
    "Heard",
    "LinkPhase",
    "Patience",
    "Recorder",
    "SensorSetup",
    "SensorStatus",
    "read_battery",
    "scan",
    "since_now",
]
