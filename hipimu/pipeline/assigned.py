"""A device with a role, and what follows from it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hipimu.data import SEGMENTS
from hipimu.pipeline.radio import RadioPath, Wanted
from hipimu.pipeline.recover import PROTOCOLS
from hipimu.protocol import chosen, conversation
from hipimu.sources.ble import Heard, SensorSetup
from hipimu.sources.journal import JournalSensor


@dataclass(frozen=True, slots=True)
class Assigned:
    """A device with a role."""

    sensor: str
    """The segment it is worn on, or ``heart_rate`` or ``foot_pod``."""
    heard: Heard
    wanted: Wanted
    protocol_file: Path | None = None
    """Where its protocol did not come with hipimu."""


def radio_path(assigned: Sequence[Assigned]) -> RadioPath:
    """Return the way from the packets of a recording's sensors to samples."""
    return RadioPath({entry.sensor: entry.wanted for entry in assigned})


def setup_of(entry: Assigned) -> SensorSetup:
    """Return what a radio needs to know of a sensor."""
    return SensorSetup(
        sensor=entry.sensor,
        device=entry.heard.device,
        conversation=conversation(entry.wanted.protocol, entry.wanted.settings),
        device_name=entry.heard.advertisement.name,
    )


def with_roles(assigned: Sequence[Assigned], roles: dict[str, str]) -> list[Assigned]:
    """Return the same devices with other roles, by the names they have now."""
    return [replace(e, sensor=roles[e.sensor]) for e in assigned if e.sensor in roles]


def described(entry: Assigned) -> JournalSensor:
    """Return what a journal says of a sensor."""
    values = chosen(entry.wanted.protocol, entry.wanted.settings)
    return JournalSensor(
        sensor=entry.sensor,
        protocol=entry.wanted.protocol.id,
        settings=dict(values),
        rate_hz=values.get("rate_hz") if entry.sensor in SEGMENTS else None,
        device=entry.heard.advertisement.name,
        address=entry.heard.advertisement.address,
    )


def keep_protocols(folder: Path, assigned: Sequence[Assigned]) -> None:
    """Keep protocol files of the user's own: without them the journal could not be read."""
    for entry in assigned:
        if entry.protocol_file is not None:
            (folder / PROTOCOLS).mkdir(exist_ok=True)
            target = folder / PROTOCOLS / f"{entry.wanted.protocol.id}.toml"
            shutil.copyfile(entry.protocol_file, target)
