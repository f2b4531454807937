"""Which device plays which role: remembered from one recording to the next.

A device is known by its name and its serial number. Its address helps where it has no serial
number, or before it has been asked for one; but some systems hide addresses, and some devices
change theirs.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from hipimu.data import Advertisement
from hipimu.errors import OutputError
from hipimu.sources.device_names import harmless
from hipimu.sources.durable import write_text

MOST_KNOWN = 200
_LARGEST_BYTES = 1_000_000
_Harmless = Annotated[str, BeforeValidator(lambda v: harmless(v) if isinstance(v, str) else v)]


class KnownSensor(BaseModel):
    """A device, and the role that it had last."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    role: _Harmless = Field(min_length=1)
    """The segment it is worn on, or ``heart_rate`` or ``foot_pod``."""
    name: _Harmless = ""
    """As it advertises itself; empty where it does not."""
    serial: _Harmless | None = None
    address: _Harmless = ""
    """On macOS an identifier that means something on this computer only."""


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    format: Literal["hipimu-sensors/1"] = "hipimu-sensors/1"
    sensors: Annotated[list[KnownSensor], Field(max_length=MOST_KNOWN)] = []


@dataclass(frozen=True, slots=True)
class KnownSensors:
    """All that is remembered.

    Parameters
    ----------
    sensors : tuple of KnownSensor
        The one remembered last comes first.
    warning : str or None
        Why the file was not used, for people; then there are no sensors.
    """

    sensors: tuple[KnownSensor, ...] = ()
    warning: str | None = None

    def role_of(self, name: str, serial: str | None = None, address: str = "") -> str | None:
        """Tell the role of a device; None where it is not known."""
        device = KnownSensor(role="?", name=name, serial=serial, address=address)
        return next((known.role for known in self.sensors if _same(known, device)), None)

    def suggest(self, advertisements: Sequence[Advertisement]) -> dict[str, str]:
        """Suggest who of those in range plays which role, before any of them is connected to.

        Parameters
        ----------
        advertisements : sequence of Advertisement

        Returns
        -------
        dict
            Address → role; each role at most once. A device is recognised by name and address
            together, or by its name alone where only one in range and one known bears it. Ask
            `role_of` once it has told its serial number.
        """
        by_both = [p for p in _pairs(self.sensors, advertisements) if p[0].address == p[1]]
        found = {address for _, address in by_both}
        placed = [known for known, _ in by_both]
        bearers = Counter(said.name for said in advertisements)
        namesakes = Counter(known.name for known in self.sensors)
        by_name = _pairs(
            [k for k in self.sensors if k not in placed and namesakes[k.name] == 1],
            [a for a in advertisements if a.address not in found and bearers[a.name] == 1],
        )
        return _one_each((*by_both, *by_name))


def known_sensors_file() -> Path:
    """Return where sensors are remembered, in the user's configuration."""
    return Path(platformdirs.user_config_dir("hipimu", appauthor=False)) / "sensors.json"


def load_known_sensors(path: Path | None = None) -> KnownSensors:
    """Read what is remembered.

    Parameters
    ----------
    path : Path or None
        None: `known_sensors_file`.

    Returns
    -------
    KnownSensors
        Empty where there is no such file; empty with a warning where it is damaged.
    """
    path = path or known_sensors_file()
    try:
        if not path.exists():
            return KnownSensors()
        return KnownSensors(tuple(_File.model_validate_json(_read(path)).sensors))
    except (OSError, ValueError, RecursionError) as error:
        return KnownSensors(
            warning=f"{path} cannot be used: {_words(error)}. Sensors have to be given their "
            f"roles anew."
        )


def remember(sensors: Iterable[KnownSensor], path: Path | None = None) -> KnownSensors:
    """Remember the roles of devices; each forgets the role it had before.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    path = path or known_sensors_file()
    new = _told_apart(tuple(sensors))
    before = load_known_sensors(path)
    kept = (k for k in before.sensors if not any(_same(k, each) for each in new))
    return _write(path, before, (*new, *kept)[:MOST_KNOWN])


def forget(role_or_name: str, path: Path | None = None) -> KnownSensors:
    """Forget all devices with this role or this name.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    path = path or known_sensors_file()
    before = load_known_sensors(path)
    return _write(
        path, before, tuple(k for k in before.sensors if role_or_name not in (k.role, k.name))
    )


def _same(one: KnownSensor, other: KnownSensor) -> bool:
    if one.serial is not None and other.serial is not None:
        return (one.name, one.serial) == (other.name, other.serial)
    return (one.name, one.address) == (other.name, other.address)


def _told_apart(sensors: Sequence[KnownSensor]) -> tuple[KnownSensor, ...]:
    """Leave out serial numbers that several of these devices share, such as all zeros."""
    bearers = Counter((each.name, each.serial) for each in sensors)
    return tuple(
        each if bearers[each.name, each.serial] == 1 else each.model_copy(update={"serial": None})
        for each in sensors
    )


def _pairs(
    known: Iterable[KnownSensor], advertisements: Sequence[Advertisement]
) -> list[tuple[KnownSensor, str]]:
    """Pair devices that are known and addresses that are heard under the same name."""
    return [
        (each, said.address)
        for each in known
        for said in advertisements
        if said.name and said.name == each.name
    ]


def _one_each(matches: Iterable[tuple[KnownSensor, str]]) -> dict[str, str]:
    """Give each role to the one remembered last, and each device its first role."""
    roles: dict[str, str] = {}
    for known, address in matches:
        if address not in roles and known.role not in roles.values():
            roles[address] = known.role
    return roles


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise OSError("it is no file")
    with path.open("rb") as file:
        content = file.read(_LARGEST_BYTES + 1)
    if len(content) > _LARGEST_BYTES:
        raise ValueError(f"it is larger than {_LARGEST_BYTES} bytes")
    return content


def _write(path: Path, before: KnownSensors, sensors: tuple[KnownSensor, ...]) -> KnownSensors:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{path.parent} cannot be created: {error.strerror or error}.",
            "Make the folder above it writable.",
        ) from error
    if before.warning is not None:
        # Perhaps written by hand, with one comma too many.
        with contextlib.suppress(OSError):
            path.replace(path.with_name(path.name + ".damaged"))
    write_text(path, _File(sensors=list(sensors)).model_dump_json(indent=2) + "\n")
    return KnownSensors(sensors)


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return ": ".join((".".join(map(str, first["loc"])) or "the file", first["msg"]))
    return str(getattr(error, "strerror", None) or error)
