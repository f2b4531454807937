"""What a computer has and lacks for recording: one verdict a question, and what to do about it.

Verdicts are pure functions of what was found, so that each can be tested; `examine` asks the
computer.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from hipimu.data import Advertisement
from hipimu.errors import ProtocolError, SensorError
from hipimu.protocol import failures, known, recognise
from hipimu.sources.journal.frames import OVERHEAD_BYTES, PACKET_HEAD
from hipimu.sources.journal.writer import MIN_FREE_BYTES
from hipimu.sources.known_sensors import known_sensors_file, load_known_sensors

State = Literal["ok", "attention", "missing", "optional"]
Fact = str | int | float | bool | None

_NEEDED = ("Bluetooth", "Disk", "Protocols")
_SENSORS, _RATE_HZ = 3, 120
_PAYLOAD_BYTES = 18
"""One sample a packet of the open profile, the least that a packet can spread its frame over."""
_STORED_BYTES = 9
"""A sample in samples.parquet, see docs, changelog."""
BYTES_PER_HOUR = (
    3600
    * _SENSORS
    * _RATE_HZ
    * (OVERHEAD_BYTES + PACKET_HEAD.size + _PAYLOAD_BYTES + _STORED_BYTES)
)
_SHORT_H = 5.0
_COARSE_S = 1e-3
_OLDEST_BLUEZ = (5, 55)
"""As bleak asks for."""
_PATIENCE_S = 3.0
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""hipimu is not older."""
_LATEST_YEAR = 2100

PARTS = (
    ("virtual", "bumble", "virtual sensors"),
    ("pdf", "weasyprint", "reports as PDF"),
    ("tui", "textual", "a run in the whole terminal"),
    ("lsl", "pylsl", "publishing to the Lab Streaming Layer"),
    ("mqtt", "aiomqtt", "publishing by MQTT"),
    ("hdf5", "h5py", "reading APDM's files"),
    ("fit", "fit_tool", "writing FIT activities"),
    ("mcap", "mcap", "writing MCAP"),
    ("team", "psycopg", "a store in PostgreSQL"),
    ("cluster", "distributed", "many recordings on many computers"),
    ("analytics", "duckdb", "questions in SQL"),
)
"""Name, package and use of what hipimu runs without."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer."""

    name: str
    state: State
    what: str
    """Without its period."""
    remedy: str = ""
    """One sentence; empty where nothing is to be done."""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def needed(self) -> bool:
        """Whether nothing can be recorded while it is missing."""
        return self.name in _NEEDED


def bluetooth(heard: Sequence[Advertisement] | SensorError) -> Check:
    """Judge what a short scan heard, or why there was none."""
    if isinstance(heard, SensorError):
        return Check(
            "Bluetooth",
            "missing",
            heard.what.removesuffix("."),
            heard.remedy,
            facts={"reason": heard.reason},
        )
    sensors = _recognised(heard)
    facts: dict[str, Fact] = {"devices": len(heard), "sensors": sensors}
    if not heard:
        return Check(
            "Bluetooth",
            "attention",
            "adapter is on, and nothing was heard",
            "Switch the sensors on and move them; hipimu sensors listens longer.",
            facts=facts,
        )
    what = f"adapter is on, devices heard: {len(heard)}, sensors that hipimu knows: {sensors}"
    return Check("Bluetooth", "ok", what, facts=facts)


def _recognised(heard: Sequence[Advertisement]) -> int:
    try:
        return sum(recognise(said) is not None for said in heard)
    except ProtocolError:  # `protocols` says so
        return 0


def bluez(said: str | None) -> Check:
    """Judge the version of Linux's Bluetooth service.

    Parameters
    ----------
    said : str or None
        What ``bluetoothctl --version`` printed; None where there is no such program.
    """
    found = re.search(r"(\d+)\.(\d+)", said or "")
    if found is None:
        return Check(
            "BlueZ",
            "attention",
            "the version is not known, as there is no bluetoothctl",
            "Install BlueZ, unless this is a container that uses its host's.",
        )
    number, facts = (int(found[1]), int(found[2])), {"version": found[0]}
    if number < _OLDEST_BLUEZ:
        oldest = ".".join(map(str, _OLDEST_BLUEZ))
        return Check(
            "BlueZ", "attention", f"version {found[0]} is old", f"Update it to {oldest} or newer.",
            facts=facts,
        )  # fmt: skip
    return Check("BlueZ", "ok", f"version {found[0]}", facts=facts)


def disk(folder: Path, free_bytes: int, *, writable: bool) -> Check:
    """Judge the folder that recordings go to."""
    hours = max(free_bytes - MIN_FREE_BYTES, 0) / BYTES_PER_HOUR
    facts: dict[str, Fact] = {
        "folder": str(folder),
        "free_bytes": free_bytes,
        "hours": round(hours, 1),
        "bytes_per_hour": BYTES_PER_HOUR,
    }
    if not writable:
        what, remedy = f"{folder} is write-protected", "Record into another folder."
        return Check("Disk", "missing", what, remedy, facts=facts)
    amount = f"{hours:.0f} hours" if hours >= 10 else f"{hours:.1f} hours"
    what = f"room for {amount} of {_SENSORS} sensors at {_RATE_HZ} Hz in {folder}"
    if hours >= _SHORT_H:
        return Check("Disk", "ok", what, facts=facts)
    remedy = "Make room, or record into a folder on another disk."
    return Check("Disk", "attention" if hours > 0 else "missing", what, remedy, facts)


def clock(resolution_s: float, now: datetime, *, synchronised: bool | None) -> Check:
    """Judge the clocks: one stamps packets, the other says when a recording began.

    Parameters
    ----------
    resolution_s : float
        Of the clock that packets are stamped by.
    now : datetime
        What the system's clock shows, with its time zone.
    synchronised : bool or None
        Whether the system says that it is set by the network; None where it does not say.
    """
    facts: dict[str, Fact] = {
        "resolution_s": resolution_s,
        "now": now.isoformat(timespec="seconds"),
        "synchronised": synchronised,
    }
    shown = f"the system's clock shows {now:%Y-%m-%d %H:%M} UTC"
    if now < _EARLIEST or now.year >= _LATEST_YEAR:
        remedy = "Set it: recordings would bear a wrong date."
        return Check("Clock", "attention", shown, remedy, facts=facts)
    if resolution_s > _COARSE_S:
        what = f"packets are stamped in steps of {1e3 * resolution_s:.0f} ms"
        remedy = "Record on another computer, if sensors without a clock of their own are used."
        return Check("Clock", "attention", what, remedy, facts=facts)
    if synchronised is False:
        remedy = "Let the network set it, to find the right moment in a watch's file."
        return Check("Clock", "attention", f"{shown} and nothing sets it", remedy, facts=facts)
    return Check("Clock", "ok", shown, facts=facts)


def protocols() -> Check:
    """Judge the protocol files: they load, and their own examples come out."""
    try:
        files = known()
    except ProtocolError as error:
        what = error.what.removesuffix(".")
        return Check("Protocols", "missing", what, error.remedy)
    wrong = {name: failures(protocol) for name, protocol in files.items()}
    wrong = {name: found for name, found in wrong.items() if found}
    examples = sum(len(protocol.examples) for protocol in files.values())
    facts: dict[str, Fact] = {"protocols": len(files), "examples": examples, "wrong": len(wrong)}
    if wrong:
        name, found = next(iter(wrong.items()))
        what = f"{name}: {found[0][1]}"
        remedy = f"hipimu protocols check {name} says more."
        return Check("Protocols", "attention", what, remedy, facts=facts)
    what = f"{len(files)} protocols, and all of their {examples} examples come out"
    return Check("Protocols", "ok", what, facts=facts)


def settings(folder: Path, warning: str | None, *, writable: bool) -> Check:
    """Judge the folder in which roles of sensors are remembered.

    Parameters
    ----------
    folder : Path
    warning : str or None
        Why what is remembered cannot be used.
    writable : bool
    """
    facts: dict[str, Fact] = {"folder": str(folder)}
    if not writable:
        what = f"{folder} cannot be written"
        remedy = "Roles are not remembered until it can; give them by --role."
        return Check("Settings", "attention", what, remedy, facts=facts)
    if warning is not None:
        what, remedy = "what was remembered cannot be used", warning
        return Check("Settings", "attention", what, remedy, facts=facts)
    return Check("Settings", "ok", f"they are kept in {folder}", facts=facts)


def part(name: str, package: str, use: str, problem: str | None) -> Check:
    """Judge a part that hipimu runs without.

    Parameters
    ----------
    name : str
        As in ``pip install 'hipimu[name]'``.
    package : str
        That brings it.
    use : str
        What it is for.
    problem : str or None
        Why it cannot be used though it is installed; None: as far as is known it can.
    """
    installed = version_of(package)
    facts: dict[str, Fact] = {"package": package, "version": installed}
    if installed is None:
        remedy = f"Should you want it: pip install 'hipimu[{name}]'."
        return Check(f"Part {name}", "optional", f"{use}: not installed", remedy, facts=facts)
    if problem is not None:
        what = f"{use}: {package} is installed, but does not run"
        return Check(f"Part {name}", "attention", what, problem, facts=facts)
    return Check(f"Part {name}", "ok", f"{use}: {package} {installed}", facts=facts)


def sound(problem: str | None) -> Check:
    """Judge whether this computer can play cues during a run; a phone can as well.

    Parameters
    ----------
    problem : str or None
        Why it cannot, and what to do.
    """
    if problem is not None:
        return Check("Sound", "optional", "this computer plays no sound", problem)
    return Check("Sound", "ok", "this computer can play cues during a run")


def versions() -> Check:
    """Name the versions that matter in a report of an error."""
    facts: dict[str, Fact] = {"python": platform.python_version(), "system": platform.platform()}
    facts |= {package: version_of(package) for package in ("hipimu", "bleak", "numpy")}
    named = (f"{name} {facts[name]}" for name in ("hipimu", "bleak", "numpy"))
    what = f"{', '.join(named)}, Python {facts['python']}, {facts['system']}"
    return Check("Versions", "ok", what, facts=facts)


def version_of(package: str) -> str | None:
    """Return the version of an installed package; None where it is not there."""
    try:
        return version(package) if find_spec(package) is not None else None
    except PackageNotFoundError:
        return None


def examine(
    heard: Sequence[Advertisement] | SensorError, problems: Mapping[str, str] = MappingProxyType({})
) -> tuple[Check, ...]:
    """Ask the computer everything.

    Parameters
    ----------
    heard : sequence of Advertisement or SensorError
        What a short scan heard, or why there was none.
    problems : mapping
        Name of a part that is installed → why it cannot be used, for people; and ``sound`` → why
        this computer plays none.

    Returns
    -------
    tuple of Check
    """
    here, remembered = Path.cwd(), known_sensors_file()
    on_linux = platform.system() == "Linux"
    warning = load_known_sensors().warning
    return (
        bluetooth(heard),
        *((bluez(_printed("bluetoothctl", "--version")),) if on_linux else ()),
        disk(here, shutil.disk_usage(here).free, writable=os.access(here, os.W_OK | os.X_OK)),
        clock(
            time.get_clock_info("perf_counter").resolution,
            datetime.now(UTC),
            synchronised=_synchronised(),
        ),
        protocols(),
        settings(remembered.parent, warning, writable=_can_be_written(remembered.parent)),
        *(part(name, package, use, problems.get(name)) for name, package, use in PARTS),
        sound(problems.get("sound")),
        versions(),
    )


def _synchronised() -> bool | None:
    said = (_printed("timedatectl", "show", "-p", "NTPSynchronized", "--value") or "").strip()
    return {"yes": True, "no": False}.get(said)


def _can_be_written(folder: Path) -> bool:
    """Whether a folder can be written, or made where it is not there yet."""
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _printed(program: str, *arguments: str) -> str | None:
    """What a program of the system prints; None where it is not there or fails."""
    found = shutil.which(program)
    if found is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and arguments
            [found, *arguments], capture_output=True, text=True, timeout=_PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout
