"""Good files, spoilt: whatever stands in them, they are read or refused in two sentences."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from tests.unit.sources.conftest import proper

TOKENS = [b"\n", b",", b";", b'"', b"\0", b"\xff\xfe", b"[", b"{", b"=", b"nan", b"-", b"1e999"]


def spoilt(data: st.DataObject, raw: bytes) -> bytes:
    """Return bytes with one to three pieces replaced, lines doubled, or cut short."""
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        kind = data.draw(st.sampled_from(["put", "put", "flip", "double", "cut"]))
        if kind == "put":
            cut = data.draw(st.integers(0, 12))
            put = data.draw(st.sampled_from(TOKENS) | st.binary(max_size=12))
            raw = raw[:at] + put + raw[at + cut :]
        elif kind == "flip" and at < len(raw):
            raw = raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :]
        elif kind == "double":
            size = data.draw(st.integers(1, 600))
            raw = raw[: at + size] + raw[at:]
        elif kind == "cut":
            raw = raw[:at]
    return raw


def read(path: Path) -> None:
    """Read a file or folder to its end; a refusal must be a proper one."""
    try:
        for _ in open_recording(path).blocks():
            pass
    except RecordingError as error:
        proper(error)
