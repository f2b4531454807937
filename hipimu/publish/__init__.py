"""A run for other programs, while it goes on: Lab Streaming Layer, and MQTT.

Both take what a run gives them without making it wait. What their libraries need is imported only
where they are used.
"""

from __future__ import annotations

from hipimu.publish.address import BrokerAddress, read_address
from hipimu.publish.lsl import LslPublisher
from hipimu.publish.lsl import check as check_lsl
from hipimu.publish.messages import schema
from hipimu.publish.mqtt import MqttPublisher
from hipimu.publish.mqtt import check as check_mqtt

__all__ = [
    "BrokerAddress",
    "LslPublisher",
    "MqttPublisher",
    "check_lsl",
    "check_mqtt",
    "read_address",
    "schema",
]
