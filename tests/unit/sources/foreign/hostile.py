"""Spoils a good file in the ways that files are spoilt; whatever comes of it must be in words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign.known import Made

PIECES = [
    b"\n",
    b"\r",
    b",",
    b"\t",
    b";",
    b'"',
    b"\0",
    b"\xff\xfe",
    b"nan",
    b"-",
    b"1e999",
    b"<",
    b"9",
]


def spoilt(data: st.DataObject, raw: bytes) -> bytes:
    """Return `raw` cut off, with lines doubled or lost, bytes flipped or pieces put in."""
    how = data.draw(st.sampled_from(["cut", "double", "lose", "flip", "put"]))
    at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
    if how == "cut":
        return raw[:at]
    if how == "flip":
        flipped = bytearray(raw)
        for _ in range(data.draw(st.integers(1, 4))):
            flipped[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
        return bytes(flipped)
    if how == "put":
        cut = data.draw(st.integers(0, 12))
        return raw[:at] + data.draw(st.sampled_from(PIECES)) + raw[at + cut :]
    lines = raw.split(b"\n")
    line = raw.count(b"\n", 0, at)
    kept = lines[line : line + 1] * (2 if how == "double" else 0)
    return b"\n".join([*lines[:line], *kept, *lines[line + 1 :]])


def check(make: Callable[[Path], Made], data: st.DataObject) -> None:
    """Write a good recording, spoil one of its files, and read all of it."""
    with tempfile.TemporaryDirectory() as parent:
        made = make(Path(parent))
        files = [made.path] if made.path.is_file() else sorted(made.path.iterdir())
        file = data.draw(st.sampled_from(files))
        file.write_bytes(spoilt(data, file.read_bytes()))
        try:
            for _ in open_recording(made.path, roles=made.roles or None).blocks():
                pass
        except RecordingError as error:
            proper(error)
