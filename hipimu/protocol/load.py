"""Find, read and check protocol files; know a device by what it advertises."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, ValidationError

from hipimu.data import Advertisement
from hipimu.errors import ProtocolError, UnknownNameError
from hipimu.protocol.consistency import problem_of
from hipimu.protocol.schema import Protocol

_LARGEST_BYTES = 200_000
_REMEDY_TOML = 'Each line is KEY = VALUE, with text in quotes, for example unit = "deg/s".'


def folder() -> Path:
    """Where the protocol files are: in the installed package, or in a checkout beside it."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "firmware_protocols"
    return inside if inside.is_dir() else package.parent / "firmware_protocols"


def own_folder() -> Path:
    """Where the user's own protocol files are, in the user's configuration."""
    return Path(platformdirs.user_config_dir("hipimu", appauthor=False)) / "protocols"


@cache
def known() -> Mapping[str, Protocol]:
    """Return all protocols by id: those that come with hipimu, and the user's own before them.

    Raises
    ------
    ProtocolError
        When a file is damaged.
    """
    return {protocol.id: protocol for _, protocol in _files()}


def own_file(name: str) -> Path | None:
    """Return the file of a protocol that did not come with hipimu; None for one that did.

    Parameters
    ----------
    name : str
        Id of the protocol.
    """
    found = [path for path, protocol in _files() if protocol.id == name]
    return found[-1] if found and found[-1].parent == own_folder() else None


@cache
def _files() -> tuple[tuple[Path, Protocol], ...]:
    paths = [path for place in (folder(), own_folder()) for path in sorted(place.glob("*.toml"))]
    return tuple((path, read_protocol(path)) for path in paths)


def protocol_named(name: str) -> Protocol:
    """Return a protocol by its id, or by the path of its file.

    Raises
    ------
    UnknownNameError
        When there is none of that name.
    ProtocolError
        When the file cannot be used.
    """
    if name.endswith(".toml"):
        return read_protocol(Path(name))
    if name not in known():
        raise UnknownNameError("sensor protocol", name, tuple(known()))
    return known()[name]


def recognise(
    advertisement: Advertisement, protocols: Mapping[str, Protocol] | None = None
) -> Protocol | None:
    """Return the protocol that a device speaks, by what it advertises; None where unknown.

    A service that only this device has says more than a name that others may bear.

    Parameters
    ----------
    advertisement : Advertisement
    protocols : mapping or None
        Without it, those that come with hipimu.
    """
    candidates = (protocols or known()).values()
    marks = [(_evidence(protocol, advertisement), protocol) for protocol in candidates]
    best, protocol = max(marks, key=lambda mark: mark[0], default=((0, 0, 0), None))
    return protocol if any(best) else None


def _evidence(protocol: Protocol, seen: Advertisement) -> tuple[int, int, int]:
    known_by = protocol.recognise
    # A sensor for movement goes before the heart rate or battery that it also offers.
    special = 2 if protocol.kind == "imu" else 1
    service = special * any(uuid in seen.services for uuid in known_by.services)
    name = max((len(n) for n in known_by.names if seen.name.startswith(n)), default=0)
    company = int(any(number in seen.company_ids for number in known_by.company_ids))
    if service == 1:
        return (0, name, 1 + company)
    return (service, name, company)


def read_protocol(path: Path) -> Protocol:
    """Read and check a protocol file.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ProtocolError
        With the line, as far as it can be told.
    """
    text = _text(path)
    return parse_protocol(text, path)


def parse_protocol(text: str, path: Path) -> Protocol:
    """Check the text of a protocol file.

    Parameters
    ----------
    text : str
    path : Path
        For messages.

    Raises
    ------
    ProtocolError
    """
    try:
        keys = tomllib.loads(text)
    except (RecursionError, ValueError) as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found.group(1)) if found else None
        reason = str(error).partition(" (at ")[0]
        raise _problem(path, line, f"this is not TOML ({reason})", _REMEDY_TOML) from None
    try:
        protocol = Protocol.model_validate(keys)
    except ValidationError as error:
        raise _first_problem(path, text, error) from None
    except (OverflowError, RecursionError, ValueError):
        raise _problem(path, None, "a value is too large to use", "Correct it.") from None
    found_problem = problem_of(protocol)
    if found_problem is not None:
        place, what, remedy = found_problem
        raise _problem(path, line_of(text, place), what, remedy)
    return protocol


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise _problem(path, None, "it is larger than 200 kB", "Give a protocol file.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        what = "this is not UTF-8 text"
        raise _problem(path, line, what, "Save the file with the encoding UTF-8.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the name is not possible"
        raise _problem(path, None, f"it cannot be read: {why}", "Check the name.") from error


def _problem(path: Path, line: int | None, what: str, remedy: str) -> ProtocolError:
    where = f"{path.name}, line {line}" if line else path.name
    return ProtocolError(f"{where}: {what}.", remedy, path=path, line=line)


def _first_problem(path: Path, text: str, error: ValidationError) -> ProtocolError:
    first = error.errors(include_url=False)[0]
    place = tuple(part for part in first["loc"] if part not in ("float", "int", "str"))
    line = line_of(text, place)
    key = ".".join(str(part) for part in place)[:80] or "the file"
    if first["type"] == "extra_forbidden":
        known_keys = ", ".join(_accepted(place[:-1]))
        return _problem(path, line, f"the key {key} is not known", f"Known here: {known_keys}.")
    if first["type"] == "missing":
        remedy = "Add it; docs/reference/protocol-files.md explains every key."
        return _problem(path, line, f"{key} is missing", remedy)
    reason = first["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
    shown = "" if isinstance(first["input"], dict | list) else f" is {first['input']!r:.60}"
    return _problem(path, line, f"{key}{shown}: {reason}", "Correct it and check again.")


def _accepted(place: tuple[Any, ...]) -> list[str]:
    """Names of the keys that a table may have."""
    model: Any = Protocol
    for part in place:
        if isinstance(part, int) or not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        names = {f.alias or n: f for n, f in model.model_fields.items()}
        if part in names:
            model = _inner_model(names[part].annotation) or model
    return [f.alias or n for n, f in model.model_fields.items()]


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    parts = getattr(annotation, "__args__", ())
    return next((m for part in reversed(parts) if (m := _inner_model(part))), None)


def line_of(text: str, place: tuple[Any, ...]) -> int | None:
    """Return the line, counted from 1, where a key of a TOML text most likely stands.

    Parameters
    ----------
    text : str
    place : tuple of str and int
        Keys from the outside in, numbers for entries of lists.
    """
    lines = text.splitlines()
    start, best = 0, None
    for depth in range(len(place), 0, -1):
        header = _header(lines, place[:depth])
        if header is not None:
            start, best = header, header + 1
            place = place[depth:]
            break
    for part in place:
        if isinstance(part, int):
            continue
        for number in range(start, len(lines)):
            if number > start and lines[number].lstrip().startswith("["):
                break
            if re.match(rf'\s*"?{re.escape(str(part))}"?\s*[.=]', lines[number]):
                return number + 1
    return best


def _header(lines: list[str], place: tuple[Any, ...]) -> int | None:
    """Index of the line ``[a.b]`` or of the i-th ``[[a.b]]``."""
    names = ".".join(str(part) for part in place if not isinstance(part, int))
    wanted = place[-1] if isinstance(place[-1], int) else 0
    pattern = re.compile(rf"\s*\[\[?\s*{re.escape(names)}\s*\]\]?\s*(#.*)?$")
    found = [i for i, line in enumerate(lines) if pattern.match(line)]
    return found[wanted] if wanted < len(found) else None
