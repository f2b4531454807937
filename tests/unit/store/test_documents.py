"""Documents come back to the last bit, and nothing else passes for one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import SessionSummary
from hipimu.errors import StoreError
from hipimu.store import read_document, summarise, write_document
from hipimu.store.documents import FORMAT, decode, encode, unaliased
from tests.unit.store.sessions import run

UNKNOWN = object()
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(-(2**40), 2**40),
    bool: st.booleans(),
    float: st.floats(),
    datetime: st.datetimes(timezones=st.timezones()).filter(
        # The first and last days have no UTC.
        lambda t: datetime(2, 1, 1, tzinfo=UTC) < t < datetime(9998, 1, 1, tzinfo=UTC)
    ),
}


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Return any value of a type that a noun may have."""
    kind = unaliased(kind)
    origin, parts = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{f.name: anything(hints[f.name]) for f in fields(kind)})
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, UnionType):
        return st.one_of(*(st.none() if part is NoneType else anything(part) for part in parts))
    if origin is tuple and parts[-1] is Ellipsis:
        return st.lists(anything(parts[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(anything, parts))
    if origin is np.ndarray:
        return st.lists(st.floats(), max_size=4).map(lambda v: np.array(v, dtype=np.float64))
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(*map(anything, parts), max_size=2)
    return SCALARS[kind]


def alike(one: Any, other: Any) -> bool:
    """Tell whether two values are of the same types and bits; nouns with arrays do not know."""
    if is_dataclass(one):
        return type(one) is type(other) and all(
            alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)
        )
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float):
        return repr(one) == repr(other)
    if isinstance(one, datetime):
        # Of hours that a clock leaves out or repeats, Python says that no two zones agree.
        return bool(one.astimezone(UTC) == other.astimezone(UTC))
    return bool(one == other) and type(one) is type(other)


@given(anything(SessionSummary))
def test_any_summary_comes_back(summary: SessionSummary) -> None:
    assert alike(read_document(write_document(summary)), summary)


def test_a_whole_session_comes_back() -> None:
    summary = summarise(run(), athlete="Anna", name="first")
    assert alike(read_document(write_document(summary)), summary)


def test_times_come_back_in_utc() -> None:
    zone = datetime(2026, 3, 29, 3, 30, tzinfo=UTC).astimezone().tzinfo
    summary = summarise(run())
    document = json.loads(write_document(summary))
    document["summary"]["started_at"] = "2026-03-29T03:30:00+02:00"
    read = read_document(json.dumps(document))

    assert zone is not None
    assert read.started_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert read.started_at is not None
    assert read.started_at.utcoffset() == timedelta(0)


def test_a_field_that_came_later_has_its_default() -> None:
    document = json.loads(write_document(summarise(run())))
    del document["summary"]["context"]
    assert read_document(json.dumps(document)).context.tags == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("method", "magic"),
        ("method", ["refined"]),
        ("simulated", 1),
        ("duration_s", True),
        ("duration_s", "long"),
        ("duration_s", 10**400),
        ("started_at", "yesterday"),
        ("started_at", "2026-07-01T18:30:00"),
        ("started_at", "0001-01-01T00:00:00+14:00"),
        ("mounting_wxyz", {"pelvis": [1.0, 0.0, 0.0]}),
        ("mounting_wxyz", {"knee": [1.0, 0.0, 0.0, 0.0]}),
        ("segments", "pelvis"),
        ("warnings", [3]),
        ("strides", {"left": 1.5}),
        ("cycles", [{"mean_rad": [["deep"]]}]),
        ("strength", {}),
        ("unheard", 1),
    ],
)
def test_what_is_wrong_is_refused(name: str, value: Any) -> None:
    document = json.loads(write_document(summarise(run())))
    document["summary"][name] = value
    with pytest.raises(StoreError) as refused:
        read_document(json.dumps(document))
    assert refused.value.reason == "damaged"
    assert name in refused.value.what


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", "{", "{}", '{"format": "hipimu-session/2"}', "[" * 100_000),
        *(f'{{"format": "{FORMAT}", "summary": {value}}}' for value in ("null", "[]", "{}", '"x"')),
    ],
)
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(StoreError):
        read_document(text)


@given(st.data())
def test_damage_anywhere_is_refused_or_harmless(data: st.DataObject) -> None:
    document = {"format": FORMAT, "summary": encode(summarise(run()))}
    node: Any = document
    while isinstance(node, dict | list) and node:
        key = data.draw(
            st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node)))
        )
        parent, node = node, node[key]
    bad: list[Any] = [None, "x", -1, [], {}, True, 1e308, "NaN"]
    parent[key] = data.draw(st.sampled_from(bad))
    with suppress(StoreError):
        read_document(json.dumps(document))


def test_arrays_are_not_to_be_written_to() -> None:
    read = read_document(write_document(summarise(run())))
    with pytest.raises(ValueError, match="read-only"):
        read.cycles[0].mean_rad[0] = 0.0


def test_decode_needs_a_noun() -> None:
    with pytest.raises(StoreError):
        decode(SessionSummary, 3)
