"""Spoils a good file in the ways that files are spoilt; whatever comes of it must be in words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import hypothesis.strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign.known import Made

PIECES = [b"\n", b"\r", b",", b"\t", b";", b'"', b"\0", b"\xff\xfe", b"nan", b"-", b"1e999", b"<"]


class Good:
    """A good recording that is written once; its files' names begin where `make` was asked to."""

    def __init__(self, make: Callable[[Path], Made]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> tuple[Made, str, dict[str, bytes]]:
        with tempfile.TemporaryDirectory() as parent:
            made = self._make(Path(parent))
            files = sorted(path for path in Path(parent).rglob("*") if path.is_file())
            raw = {str(path.relative_to(parent)): path.read_bytes() for path in files}
            return made, str(made.path.relative_to(parent)), raw

    def spoil(self, data: st.DataObject) -> None:
        """Write it, spoil one of its files, and read all of it."""
        made, place, files = self._made
        with tempfile.TemporaryDirectory() as parent:
            for name, raw in files.items():
                path = Path(parent) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(raw)
            spoilt_one = data.draw(st.sampled_from(sorted(files)))
            (Path(parent) / spoilt_one).write_bytes(spoilt(data, files[spoilt_one]))
            try:
                for _ in open_recording(Path(parent) / place, roles=made.roles or None).blocks():
                    pass
            except RecordingError as error:
                proper(error)


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
