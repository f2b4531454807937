"""What a link is told to do, how long it waits, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bleak.backends.device import BLEDevice

from hipimu.data import Conversation

LinkPhase = Literal["connecting", "configuring", "streaming", "down", "waiting", "stopped"]


@dataclass(frozen=True, slots=True)
class SensorSetup:
    """One sensor of a recording: its role, the device that plays it, and how to talk to it."""

    sensor: str
    """The segment it is worn on, or ``heart_rate`` or ``foot_pod``."""
    device: BLEDevice
    """As `hipimu.sources.ble.scan` gave it."""
    conversation: Conversation
    device_name: str = ""
    """For people; harmless, as in an `hipimu.data.Advertisement`."""


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """How one link is doing, at one moment."""

    sensor: str
    phase: LinkPhase
    why: str
    """What went wrong last; empty while streaming."""
    packets: int
    """Received since the recording began; stale ones are not counted."""
    last_packet_ns: int | None
    """Host time of the last one; None before the first."""
    reconnects: int
    """How often a link came up again."""
    stale: int
    """Packets that a link already given up still delivered, and that were dropped."""
    battery: float | None
    """Share, 0–1; None where not known."""
    mtu: int | None
    """ATT MTU in bytes; None while there is no link. BlueZ before 5.62 always says 23."""
    device_name: str
    address: str
    """On macOS an identifier that means something on this computer only."""
    serial: str | None
    firmware: str | None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds. Why so long: ``docs/explanation/bluetooth.md``."""

    start_s: float = 30.0
    """For a sensor's first packet, from its turn to be connected; then all is given up."""
    connect_s: float = 10.0
    request_s: float = 5.0
    """For one write, read or subscription."""
    reply_s: float = 2.0
    """For the notification that answers a command; then it is written once more."""
    quiet_s: float = 0.2
    """Silence that shows that no stream is left over from an earlier link."""
    first_packet_s: float = 3.0
    """From starting the stream, where that is longer than the sensor's usual silence."""
    disconnect_s: float = 5.0
    stop_s: float = 2.0
    """For all commands that stop a stream, at the end of a recording."""
    scan_s: float = 5.0
    """For finding a lost device again."""
    back_off_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
    """Before the first, second, … and every further attempt in a row."""
    jitter: float = 0.25
    """Up to so large a share is added, so that sensors do not fail in step."""
    steady_s: float = 5.0
    """A link that held for so long was good: the next attempt is a first one again."""
    battery_every_s: float = 180.0
