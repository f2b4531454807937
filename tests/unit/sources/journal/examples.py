"""Journals for the tests, and their frames found by the letter of docs/reference/journal.md."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from hipimu.data import MARKS, Absence, Entry, LinkEvent, Mark, Packet
from hipimu.errors import JournalError
from hipimu.sources.journal import JournalMetadata, JournalSensor
from hipimu.sources.journal.encoder import JournalEncoder

SENSORS = ("pelvis", "thigh_left", "heart_rate")
NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"
MARKER = bytes.fromhex("c59ba3f1")

METADATA = JournalMetadata(
    started_at=datetime(2026, 5, 3, 7, 30, tzinfo=UTC),
    sensors=tuple(
        JournalSensor(
            sensor=sensor,
            protocol="witmotion-wt901ble",
            settings={"rate_hz": 100.0, "range_g": 16, "bandwidth": "188 Hz", "saved": False},
            rate_hz=100.0,
            device=f"WT {sensor}",
            address="D4:22:CD:00:00:01",
            serial="0042",
        )
        for sensor in SENSORS
    ),
)


def packet(number: int, payload: bytes = b"", sensor: str = "pelvis") -> Packet:
    return Packet(sensor, NOTIFY, payload or struct.pack("<I", number), number * 1_000_000)


ENTRIES: tuple[Entry, ...] = (
    LinkEvent("pelvis", "up", 1),
    packet(2, b"\x00" * 20),
    packet(3, MARKER * 3, "thigh_left"),
    packet(4, MARKER[:3]),
    LinkEvent("pelvis", "down", 5_000_000, "timeout “quoted”\n"),
    packet(6, b"\xff" * 30, "heart_rate"),
    Mark("fast", 6_500_000),
    Absence("thigh_left", 4_000_000, 6_600_000),
    packet(7, bytes(range(200))),
)
"""One of everything, for tests that try every byte."""


def written(
    entries: Sequence[Entry], metadata: JournalMetadata = METADATA, *, end: bool = True
) -> bytes:
    """Return a whole journal."""
    encoder = JournalEncoder(metadata)
    raw = encoder.begin() + b"".join(encoder.entry(entry) for entry in entries)
    return raw + encoder.end() if end else raw


def frames_in(raw: bytes) -> list[tuple[int, int, int]]:
    """Return kind, begin and end of every frame of an undamaged journal."""
    frames: list[tuple[int, int, int]] = []
    at = 16
    while at < len(raw):
        marker, kind, number, length = struct.unpack_from("<4sBII", raw, at)
        assert (marker, number) == (MARKER, len(frames))
        frames.append((kind, at, at + 17 + length))
        at += 17 + length
    return frames


def whole_before(raw: bytes, entries: Sequence[Entry], cut: int) -> list[Entry]:
    """Return the entries whose frames end at or before `cut`."""
    ends = [end for kind, _, end in frames_in(raw) if kind in (2, 3, 5, 6)]
    return [entry for entry, end in zip(entries, ends, strict=True) if end <= cut]


def proper(error: JournalError, *parts: str) -> JournalError:
    """Check that an error says what happened and what to do, and holds `parts`."""
    assert error.what.endswith(".")
    assert error.remedy.endswith(".")
    assert error.path.name == "journal.bin"
    for part in parts:
        assert part in str(error)
    return error


def put(folder: Path, raw: bytes) -> Path:
    path = folder / "journal.bin"
    path.write_bytes(raw)
    return path


_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
_HOSTILE = st.sampled_from(
    [MARKER, MARKER[:3], MARKER[:2], MARKER[:3] + b"\0", b"\xf1", written(ENTRIES)[16:]]
)
"""Pieces of a journal within a payload, up to whole frames that would be believed."""
_PAYLOADS = st.lists(_HOSTILE | st.binary(max_size=20), max_size=4).map(b"".join)
_TIMES = st.integers(0, 2**64 - 1)
_NAMES = st.sampled_from(SENSORS) | _TEXT

entry_lists = st.lists(
    st.builds(Packet, _NAMES, st.just(NOTIFY) | _TEXT, _PAYLOADS, _TIMES)
    | st.builds(LinkEvent, _NAMES, st.sampled_from(["up", "down"]), _TIMES, _TEXT)
    | st.builds(Mark, st.sampled_from(MARKS), _TIMES)
    | st.builds(Absence, _NAMES, _TIMES, _TIMES),
    max_size=12,
)
