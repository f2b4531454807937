"""What goes on air to be found: advertising data, made and read.

The layout is the Bluetooth Core Specification's (volume 3, part C, section 11): fields of one byte
length, one byte type and a value, one after the other; the types are in its supplement, part A.
What is read may be anything: nothing that is on air raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hipimu.errors import PlanError

ADVERTISEMENT_BYTES = 31
"""Room in a legacy advertisement, and again in the scan response."""

_SIG_BASE = "-0000-1000-8000-00805f9b34fb"
_FLAGS = bytes((2, 0x01, 0x06))  # generally discoverable, no classic Bluetooth
_SHORT_NAME, _NAME = 0x08, 0x09
_TX_POWER = 0x0A
_MANUFACTURER = 0xFF
_UUID_LISTS = {0x02: 2, 0x03: 2, 0x04: 4, 0x05: 4, 0x06: 16, 0x07: 16}
_SERVICE_DATA = {0x16: 2, 0x20: 4, 0x21: 16}


@dataclass(slots=True)
class Heard:
    """The fields of an advertisement that matter."""

    name: str | None = None
    services: list[str] = field(default_factory=list)
    manufacturer_data: dict[int, bytes] = field(default_factory=dict)
    service_data: dict[str, bytes] = field(default_factory=dict)
    tx_power_dbm: int | None = None


def read_advertising(*parts: bytes) -> Heard:
    """Read advertisement and scan response together.

    Parameters
    ----------
    *parts : bytes
        As received. Fields that are cut off or too short to mean anything are left out.

    Returns
    -------
    Heard
        Bytes of a name that are no UTF-8 become U+FFFD; a name ends at its first NUL.
    """
    heard = Heard()
    for part in parts:
        for kind, value in _fields(part):
            _take(heard, kind, value)
    return heard


def make_advertising(
    name: bytes, services: tuple[str, ...], manufacturer_data: tuple[tuple[int, bytes], ...]
) -> tuple[bytes, bytes]:
    """Lay out what a device says of itself.

    Parameters
    ----------
    name : bytes
        Shortened where it does not fit.
    services : tuple of str
        Full UUIDs.
    manufacturer_data : tuple of (int, bytes)
        Company identifier and what follows it.

    Returns
    -------
    advertisement, scan_response : bytes
        At most 31 bytes each; the name comes last, as on most devices.

    Raises
    ------
    PlanError
        When services and manufacturer data do not fit.
    """
    packets = [_FLAGS, b""]
    for piece in (*_service_lists(services), *map(_manufacturer, manufacturer_data)):
        place = next((k for k in (0, 1) if _room(packets[k]) >= len(piece)), None)
        if place is None:
            raise PlanError(
                f"What {name!r} advertises does not fit into {2 * ADVERTISEMENT_BYTES} bytes.",
                "Advertise fewer services or less manufacturer data.",
            )
        packets[place] += piece
    _add_name(packets, name)
    return packets[0], packets[1]


def full_uuid(value: bytes) -> str:
    """Write a UUID of 2, 4 or 16 bytes, as it goes on air, in full."""
    if len(value) < 16:
        return f"{int.from_bytes(value, 'little'):08x}{_SIG_BASE}"
    text = value[::-1].hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def short_uuid(uuid: str) -> bytes:
    """Give a full UUID as it goes on air: 2 bytes where they are enough, else 16."""
    if uuid.startswith("0000") and uuid.endswith(_SIG_BASE):
        return bytes.fromhex(uuid[4:8])[::-1]
    return bytes.fromhex(uuid.replace("-", ""))[::-1]


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 1 < len(data):
        length = data[at]
        # A length of zero ends the data early; one that reaches past the end is cut off on air.
        if length == 0 or at + 1 + length > len(data):
            return
        yield data[at + 1], data[at + 2 : at + 1 + length]
        at += 1 + length


def _take(heard: Heard, kind: int, value: bytes) -> None:
    if kind in (_SHORT_NAME, _NAME):
        heard.name = value.split(b"\0", 1)[0].decode("utf-8", "replace")
    elif (size := _UUID_LISTS.get(kind)) is not None:
        whole = range(0, len(value) - size + 1, size)
        new = (full_uuid(value[at : at + size]) for at in whole)
        heard.services += [uuid for uuid in dict.fromkeys(new) if uuid not in heard.services]
    elif kind == _MANUFACTURER and len(value) >= 2:
        heard.manufacturer_data[int.from_bytes(value[:2], "little")] = value[2:]
    elif (size := _SERVICE_DATA.get(kind)) is not None and len(value) >= size:
        heard.service_data[full_uuid(value[:size])] = value[size:]
    elif kind == _TX_POWER and len(value) == 1:
        heard.tx_power_dbm = int.from_bytes(value, "little", signed=True)


def _service_lists(services: tuple[str, ...]) -> Iterator[bytes]:
    shorts = [short_uuid(uuid) for uuid in services]
    for kind, size in ((0x03, 2), (0x07, 16)):
        if found := b"".join(value for value in shorts if len(value) == size):
            yield bytes((1 + len(found), kind)) + found


def _manufacturer(data: tuple[int, bytes]) -> bytes:
    company, rest = data
    return bytes((3 + len(rest), _MANUFACTURER)) + company.to_bytes(2, "little") + rest


def _add_name(packets: list[bytes], name: bytes) -> None:
    whole = next((k for k in (0, 1) if _room(packets[k]) >= 2 + len(name)), None)
    if whole is not None:
        packets[whole] += bytes((1 + len(name), _NAME)) + name
        return
    roomier = max((0, 1), key=lambda k: _room(packets[k]))
    if (room := _room(packets[roomier]) - 2) > 0:
        packets[roomier] += bytes((1 + room, _SHORT_NAME)) + name[:room]


def _room(packet: bytes) -> int:
    return ADVERTISEMENT_BYTES - len(packet)
