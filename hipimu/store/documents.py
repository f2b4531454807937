"""The nouns of `hipimu.data` as JSON documents, and back, to the last bit.

Generic over frozen dataclasses: mappings become objects, tuples and NumPy arrays lists, times ISO
8601 in UTC. Numbers that JSON does not know are the strings ``NaN``, ``Infinity`` and
``-Infinity``. Reading trusts nothing: a document may come out of anybody's backup.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from hipimu.data import SessionSummary
from hipimu.errors import StoreError

FORMAT: Final = "hipimu-session/1"
_ODD: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

_Reader = Callable[[Any], Any]
Noun = TypeVar("Noun")


class _BrokenError(ValueError):
    """Something in a document is not what it should be; becomes a `StoreError`."""


def write_document(summary: SessionSummary) -> str:
    """Return a summary as a JSON document.

    Parameters
    ----------
    summary : SessionSummary

    Returns
    -------
    str
        One line, of format `FORMAT`.
    """
    return dumps({"format": FORMAT, "summary": encode(summary)})


def read_document(text: str) -> SessionSummary:
    """Return what `write_document` was given.

    Raises
    ------
    StoreError
        When the document is not of this format, or anything in it is not what it should be.
    """
    document = loads(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise damaged(f"its format is not {FORMAT}")
    return decode(SessionSummary, document.get("summary"))


def dumps(document: Any) -> str:
    """Return plain values as JSON in one line, in ASCII: some characters no database takes."""
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def loads(text: str) -> Any:
    """Read JSON.

    Raises
    ------
    StoreError
        When it is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(str(error)[:120]) from error


def damaged(why: str) -> StoreError:
    """Return what to say of a document that cannot be read."""
    return StoreError(
        f"A stored session cannot be read: {why}.",
        "Import its recording again, or restore a backup.",
        reason="damaged",
    )


def encode(value: Any) -> Any:
    """Return a noun, or anything a noun is made of, as plain JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return encode(value.tolist())
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return _scalar(value.item() if isinstance(value, np.generic) else value)


def _scalar(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value


def decode(noun: type[Noun], value: Any) -> Noun:
    """Return the noun that `encode` made plain values of.

    Parameters
    ----------
    noun : type
        A dataclass.
    value : dict
        From anywhere.

    Raises
    ------
    StoreError
        When a field is unknown or missing, or its value is not of its type. A field that has a
        default may be missing: the document is older than the field.
    """
    try:
        read: Callable[[Any], Noun] = _reader(noun)  # type: ignore[arg-type]  # of typeshed
        return read(value)
    except (_BrokenError, RecursionError) as error:
        raise damaged(str(error)[:200]) from error


def unaliased(kind: Any) -> Any:
    """Return what an alias stands for: NumPy's array types are some from Python 3.12 on."""
    return getattr(get_origin(kind), "__value__", kind)


@cache
def _reader(kind: Any) -> _Reader:
    """Return what reads values of a type; the types of the nouns, and no others."""
    kind = unaliased(kind)
    origin, parts = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _noun_reader(kind)
    if origin is Literal:
        return _literal_reader(parts)
    if origin in (Union, UnionType):
        return _optional_reader(parts)
    if origin is tuple:
        return _tuple_reader(parts)
    if origin is np.ndarray:
        return _array
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_reader(*parts)
    return _SCALARS[kind]


def _noun_reader(noun: Any) -> _Reader:
    hints = get_type_hints(noun)
    needed = {f.name for f in fields(noun) if f.default is f.default_factory is MISSING}
    readers = {f.name: _reader(hints[f.name]) for f in fields(noun)}
    known = readers.keys()

    def read(value: Any) -> Any:
        given = _of(dict, value)
        if given.keys() != known:
            wrong = needed - given.keys() or given.keys() - known
            if wrong:
                raise _BrokenError(f"{noun.__name__} lacks or does not have {sorted(wrong)[0]!r}")
        made, name = {}, ""
        try:
            for name, item in given.items():
                made[name] = readers[name](item)
        except _BrokenError as error:
            raise _BrokenError(f"{name}: {error}") from error
        return noun(**made)

    return read


def _literal_reader(choices: tuple[Any, ...]) -> _Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, str) or value not in choices:
            raise _BrokenError(f"{str(value)[:40]!r} is none of {choices}")
        return value

    return read


def _optional_reader(parts: tuple[Any, ...]) -> _Reader:
    (kind,) = (part for part in parts if part is not NoneType)
    read = _reader(kind)
    return lambda value: None if value is None else read(value)


def _tuple_reader(parts: tuple[Any, ...]) -> _Reader:
    if parts[-1] is Ellipsis:
        each = _reader(parts[0])
        return lambda value: tuple(map(each, _of(list, value)))
    readers = [_reader(part) for part in parts]

    all_floats = [float] * len(readers) if all(part is _float for part in readers) else None

    def read(value: Any) -> Any:
        if list(map(type, _of(list, value))) == all_floats:
            return tuple(value)
        if len(value) != len(readers):
            raise _BrokenError(f"{len(readers)} values are needed, not {len(value)}")
        return tuple([part(item) for part, item in zip(readers, value, strict=True)])

    return read


def _mapping_reader(key: Any, item: Any) -> _Reader:
    read_key, read_item = _reader(key), _reader(item)
    return lambda value: {read_key(k): read_item(v) for k, v in _of(dict, value).items()}


def _array(value: Any) -> Any:
    array = np.array([_float(item) for item in _of(list, value)], dtype=np.float64)
    array.setflags(write=False)
    return array


def _of(kind: type, value: Any) -> Any:
    # Nearly always; a document has a thousand of them.
    if type(value) is kind:
        return value
    # A bool is an int to Python, and no number to a reader.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _BrokenError(f"{str(value)[:40]!r} is no {kind.__name__}")
    return value


def _float(value: Any) -> float:
    if type(value) is float:
        return value
    if isinstance(value, str) and value in _ODD:
        return _ODD[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _BrokenError(f"{str(value)[:40]!r} is no number")
    try:
        return float(value)
    except OverflowError as error:
        raise _BrokenError("a number is too large") from error


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(_of(str, value))
        zone = moment.tzinfo
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _BrokenError(f"{str(value)[:40]!r} is no time") from error
    if zone is None:
        raise _BrokenError(f"{str(value)[:40]!r} has no time zone")
    return utc


_SCALARS: Final[Mapping[Any, _Reader]] = {
    str: lambda value: _of(str, value),
    int: lambda value: _of(int, value),
    bool: lambda value: _of(bool, value),
    float: _float,
    datetime: _moment,
}
