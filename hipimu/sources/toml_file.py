"""Small TOML files that describe recordings: read, and what is wrong with them said in words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hipimu.errors import RecordingError

_LARGEST_BYTES = 1_000_000
_ADVICE = {
    "model_type": "Write it as a table: its name in brackets, and below it lines KEY = VALUE",
    "string_type": "Write text in quotes",
    "bool_type": "Write true or false, without quotes",
    "float_type": "Write a number, without quotes",
    "int_type": "Write a whole number, without quotes",
    "list_type": "Write numbers in brackets, separated by commas",
    "tuple_type": 'Write texts in brackets, separated by commas, like ["x", "y", "z"]',
    "datetime_type": "Write it like 2026-05-03T07:30:00Z, without quotes",
}


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file of a few lines.

    Raises
    ------
    RecordingError
        When it cannot be read, is no text, too large or not TOML.
    """
    try:
        if not path.is_file():
            raise RecordingError(
                f"{path.name} is not a file.", "Replace it by a text file.", path=path
            )
        if path.stat().st_size > _LARGEST_BYTES:
            raise RecordingError(
                f"{path.name} is larger than a megabyte.",
                "It holds a few lines that describe the recording; samples go into CSV files.",
                path=path,
            )
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RecordingError(
            f"{path.name}, line {line}: this is not UTF-8 text.",
            "Save the file with the encoding UTF-8.",
            path=path,
            line=line,
        ) from None
    except OSError as error:
        raise RecordingError(
            f"{path.name} cannot be read: {error.strerror}.",
            "Check that it is a file you may open.",
            path=path,
        ) from error
    except (RecursionError, ValueError) as error:
        raise _toml_problem(path, error) from None


def _toml_problem(path: Path, error: Exception) -> RecordingError:
    found = re.search(r"at line (\d+)", str(error))
    line = int(found.group(1)) if found else None
    where = f", line {line}" if line else ""
    reason = str(error).partition(" (at ")[0] if found else "it cannot be read to its end"
    return RecordingError(
        f"{path.name}{where}: this is not TOML ({reason}).",
        'Each line is KEY = VALUE, with text in quotes, for example file = "pelvis.csv".',
        path=path,
        line=line,
    )


def check_format(path: Path, keys: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse a file that does not say one of the formats.

    Raises
    ------
    RecordingError
        Naming those that are known.
    """
    value = keys.get("format")
    if value in known:
        return
    said = "does not say its format" if value is None else f"has the unknown format {value!r:.60}"
    raise RecordingError(
        f"{path.name} {said}.",
        "Known: " + ", ".join(f'format = "{name}"' for name in known) + ".",
        path=path,
    )


def first_problem(
    path: Path,
    error: ValidationError,
    accepted: Callable[[tuple[str, ...]], tuple[str, ...]],
    examples: Mapping[str, str],
) -> RecordingError:
    """Say the first thing that is wrong with a file.

    Parameters
    ----------
    path : Path
        The file.
    error : ValidationError
        What pydantic says.
    accepted : callable
        Gives the keys that are accepted at a place.
    examples : mapping
        Lines to write, by the key that is missing.
    """
    first = error.errors(include_url=False)[0]
    place = tuple(str(part) for part in first["loc"])
    key = ".".join(place)[:80]
    if first["type"] == "extra_forbidden":
        what = f"{path.name} has a key that is not known: {key}."
        remedy = f"Keys accepted here: {', '.join(accepted(place[:-1]))}."
    elif first["type"] == "missing":
        what = f"{path.name} lacks {key}."
        remedy = f"Add it, for example {examples.get(place[-1], 'as the documentation shows')}."
    elif isinstance(first["input"], dict) and first["type"] == "value_error":
        what = (
            f"{path.name}: {f'what {key} says' if key else 'what it says'} does not fit together."
        )
        remedy = f"{_advice(first)}."
    else:
        what = f"{path.name}: {key} is {_shown(first['input'])}, which does not work."
        remedy = f"{_advice(first)}."
    return RecordingError(what, remedy, path=path)


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, datetime) else f"{value!r}"
    return text.lower()[:60] if isinstance(value, bool) else text[:60]


def _advice(problem: ErrorDetails) -> str:
    context = problem.get("ctx", {})
    if problem["type"] in ("too_short", "too_long"):
        return f"Give {context.get('min_length') or context.get('max_length')} values"
    reason = problem["msg"].removeprefix("Value error, ")
    reason = _ADVICE.get(problem["type"], reason.replace("Input should be", "it must be"))
    return f"{reason[:1].upper()}{reason[1:]}"
