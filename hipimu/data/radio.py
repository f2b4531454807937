"""What comes over the radio, before it is samples: who is heard, what arrived, what it said.

A *device* is a piece of hardware with an address; a *sensor* is what it is in this recording: the
segment it is worn on, or ``heart_rate`` or ``foot_pod``. Host times are nanoseconds since the
recording started, by the host's monotonic clock. Characteristics are named by their full UUID in
lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hipimu.data.samples import BoolArray, FloatArray, IntArray

RSSI_UNKNOWN = 127
"""Core Specification, volume 4, part E, section 7.7.65.2: the strength is not available, as of a
device that the system is connected to already."""


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a device says of itself to everyone."""

    address: str
    name: str
    """Empty where it says none."""
    rssi_dbm: int
    """127 where it is not known."""
    services: tuple[str, ...] = ()
    """Full UUIDs, lower case."""
    company_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Packet:
    """One notification, as received."""

    sensor: str
    characteristic: str
    payload: bytes
    t_host_ns: int


LinkState = Literal["up", "down"]
STOPPED = "stopped"
"""Why a link is down that was ended on purpose."""


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A sensor's link came up (its stream starts anew) or went down.

    ``up`` precedes the first packet that can come of a link, ``down`` follows the last; after
    ``down`` comes nothing but the next ``up``.
    """

    sensor: str
    state: LinkState
    t_host_ns: int
    why: str = ""


Arrival = Packet | LinkEvent
"""What comes from sensors, in the order in which it happened."""

MarkKind = Literal["easy", "fast", "rest", "undo"]
MARKS: tuple[MarkKind, ...] = ("easy", "fast", "rest", "undo")


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody pressed a lap button: a lap begins here, or the last mark is taken back."""

    mark: MarkKind
    t_host_ns: int


@dataclass(frozen=True, slots=True)
class Absence:
    """Samples of a sensor up to `until_ns` that have not come are waited for no longer.

    It is part of the recording, so that a replay decides as the run did.
    """

    sensor: str
    until_ns: int
    """Host time of the samples, not of their arrival."""
    t_host_ns: int


Entry = Packet | LinkEvent | Mark | Absence
"""What a recording is made of, in the order in which it happened."""


@dataclass(frozen=True, slots=True)
class Command:
    """Bytes to write to a device, and what it should answer."""

    characteristic: str
    payload: bytes
    wait_s: float = 0.0
    """Pause afterwards."""
    reply_characteristic: str | None = None
    """Where the answer comes as a notification; None where none is awaited."""
    reply_begins: bytes = b""


@dataclass(frozen=True, slots=True)
class Conversation:
    """How to make one device deliver: all that a radio needs to know of its protocol."""

    protocol: str
    """Id of the protocol, for people."""
    rate_hz: float
    """Samples per second that are asked for."""
    subscribe: tuple[str, ...]
    configure: tuple[Command, ...] = ()
    """Written after subscribing and before `start`, each after the one before was answered."""
    start: tuple[Command, ...] = ()
    """Written last."""
    stop: tuple[Command, ...] = ()
    """Written at the end, and before `configure` where the device still streams."""
    battery: str | None = None
    """Characteristic to read the battery from."""
    silence_s: float = 2.0
    """Without a packet for so long, the link counts as dead."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What packets of one layout said, sample by sample, in SI units."""

    sensor: str
    layout: str
    signals: Mapping[str, FloatArray]
    """Name with its unit, such as ``acc_m_s2`` → (n,) or (n, k)."""
    arrival_s: FloatArray
    """(n,) host clock, never decreasing: when the sample arrived, less what it waited in its packet
    for later ones."""
    packet: IntArray
    """(n,) number of the packet since the link came up, counted from 0."""
    ticks: IntArray | None = None
    """(n,) the device's clock at each sample: it wraps. None where it has no clock."""
    counter: IntArray | None = None
    """(n,) the device's counter at each sample, as sent: it wraps. None where it has none."""
    clipped: BoolArray | None = None
    """(n,) where a channel is at the end of its range; None where the range is not known."""


@dataclass(frozen=True, slots=True)
class SensorHealth:
    """How well one sensor delivers."""

    sensor: str
    link: LinkState
    packets: int
    """Since the recording started."""
    samples: int
    rate_hz: float
    """Measured over the last seconds; 0 while nothing comes."""
    lost: int
    """Samples missing while the link was up: by the device's counter where it has one, else by its
    clock or by how many came."""
    loss: float
    """Share of those expected while the link was up, 0–1."""
    drops: int
    """How often the link was lost."""
    duplicates: int
    """Packets that came more than once, each used once."""
    malformed: int
    """Payloads that could not be read."""
    clipped: float
    """Share of the samples at the end of the range, 0–1."""
    last_s: float | None
    """Host time of the last packet; None before the first."""
    late: int = 0
    """Samples that came after the others had gone on without them (`Absence`), and are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What devices beside the IMUs said: heart rate, speed."""

    sensor: str
    t_s: FloatArray
    """(n,) host time of arrival."""
    signals: Mapping[str, FloatArray]
    """Name with its unit → (n,)."""
