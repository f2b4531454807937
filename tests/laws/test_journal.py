"""What a journal promises, whatever happens to its bytes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import Entry
from hipimu.errors import JournalError
from hipimu.sources.journal import Damage, Journal, read_journal
from hipimu.sources.journal.frames import FrameScanner
from tests.unit.sources.journal.examples import (
    ENTRIES,
    MARKER,
    METADATA,
    entry_lists,
    frames_in,
    proper,
    put,
    whole_before,
    written,
)

WHOLE = written(ENTRIES)
METADATA_KIND, END = 1, 4


def places() -> list[int]:
    """Every byte of everything but the long metadata, of which every seventh is tried."""
    frames = frames_in(WHOLE)
    inner = {at for kind, begin, end in frames[1:] if kind == 1 for at in range(begin + 20, end)}
    return [at for at in range(len(WHOLE) + 1) if at not in inner or at % 7 == 0]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@settings(max_examples=200)
@given(entries=entry_lists)
def test_what_is_written_is_read(folder: Path, entries: list[Entry]) -> None:
    journal = read_journal(put(folder, written(entries)))
    assert list(journal.entries()) == entries
    assert (journal.packets + journal.link_events + journal.notes, journal.damage) == (
        len(entries),
        Damage(),
    )
    assert journal.metadata.sensors == METADATA.sensors
    assert journal.metadata.started_at == METADATA.started_at


def check_cut(folder: Path, raw: bytes, entries: list[Entry], cut: int) -> None:
    frames = frames_in(raw)
    path = put(folder, raw[:cut])
    if cut < frames[0][2]:
        with pytest.raises(JournalError):
            read_journal(path)
        return
    journal = read_journal(path)
    assert list(journal.entries()) == whole_before(raw, entries, cut)
    whole = sum(end <= cut for _, _, end in frames)
    partial = cut not in {end for _, _, end in frames}
    assert journal.damage.missing == ((range(whole, whole + 1),) if partial else ())
    assert journal.damage.cut == partial
    assert journal.damage.finished == (cut == len(raw))


def test_cut_at_every_byte(folder: Path) -> None:
    for cut in places():
        check_cut(folder, WHOLE, list(ENTRIES), cut)


@settings(max_examples=200)
@given(entries=entry_lists, data=st.data())
def test_cut_anywhere(folder: Path, entries: list[Entry], data: st.DataObject) -> None:
    raw = written(entries)
    check_cut(folder, raw, entries, data.draw(st.integers(0, len(raw))))


def check_flip(folder: Path, raw: bytes, entries: list[Entry], at: int, change: int) -> None:
    damaged = bytearray(raw)
    damaged[at] ^= change
    journal = read_journal(put(folder, bytes(damaged)))
    if at < 16:
        assert journal.damage == Damage(header=True, skipped_bytes=16)
        assert list(journal.entries()) == entries
        return
    frames = frames_in(raw)
    hit = next(number for number, (_, _, end) in enumerate(frames) if at < end)
    kind, begin, end = frames[hit]
    lost = range(hit, hit + 1)
    last = kind == END
    assert journal.damage == Damage((lost,), end - begin, finished=not last, cut=last)
    left = list(entries)
    if kind not in (METADATA_KIND, END):
        del left[sum(other not in (METADATA_KIND, END) for other, _, _ in frames[:hit])]
    assert list(journal.entries()) == left
    assert journal.metadata.sensors == METADATA.sensors


def test_flip_every_byte(folder: Path) -> None:
    for at in places()[:-1]:
        check_flip(folder, WHOLE, list(ENTRIES), at, 1 << at % 8)


@settings(max_examples=300)
@given(entries=entry_lists, change=st.integers(1, 255), data=st.data())
def test_flip_any_byte(
    folder: Path, entries: list[Entry], change: int, data: st.DataObject
) -> None:
    raw = written(entries)
    check_flip(folder, raw, entries, data.draw(st.integers(0, len(raw) - 1)), change)


def read_all(path: Path) -> Journal | JournalError:
    try:
        journal = read_journal(path)
    except JournalError as error:
        return proper(error)
    assert len(list(journal.entries())) == journal.packets + journal.link_events + journal.notes
    assert str(journal.damage)
    return journal


@settings(max_examples=300)
@given(raw=st.binary(max_size=300))
def test_random_files_are_refused(folder: Path, raw: bytes) -> None:
    refused = read_all(put(folder, raw))
    assert isinstance(refused, JournalError)
    assert "not a journal" in refused.what


@settings(max_examples=400)
@given(data=st.data())
def test_garbage_within(folder: Path, data: st.DataObject) -> None:
    """Pieces thrown in, taken out and exchanged: what is left reads, or is refused properly."""
    raw = WHOLE
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        cut = data.draw(st.integers(0, 40))
        piece = st.binary(max_size=40) | st.sampled_from([MARKER, WHOLE[at : at + 60], WHOLE])
        raw = raw[:at] + data.draw(piece) + raw[at + cut :]
    read_all(put(folder, raw))


def followed_by(kind: int, payload: bytes) -> bytes:
    """Return the journal, not finished, and a frame whose checksum is right."""
    raw = written(ENTRIES, end=False)
    body = bytes([kind]) + len(frames_in(raw)).to_bytes(4, "little")
    body += len(payload).to_bytes(4, "little") + payload
    return raw + MARKER + body + crc32(body).to_bytes(4, "little")


@pytest.mark.parametrize("kind", [1, 3, 4, 5, 6, 7, 255])
@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b"null", b"[" * 5000, b'{"format": 1}', b"1e999", b'"\\ud800"', b"\xff"],
)
def test_true_checksums_over_nonsense(folder: Path, kind: int, payload: bytes) -> None:
    """Nothing is wrong with the frame but what it says: counted, and nothing else is lost."""
    journal = read_all(put(folder, followed_by(kind, payload)))
    assert isinstance(journal, Journal)
    assert journal.damage == Damage(senseless=1, finished=False)
    assert list(journal.entries()) == list(ENTRIES)


@pytest.mark.parametrize(("stream", "nameless"), [(0, 0), (2, 0), (3, 1), (65535, 1)])
def test_packets_without_a_name(folder: Path, stream: int, nameless: int) -> None:
    raw = followed_by(2, stream.to_bytes(2, "little") + bytes(8) + b"abc")
    journal = read_all(put(folder, raw))
    assert isinstance(journal, Journal)
    assert journal.damage == Damage(nameless=nameless, finished=False)
    assert len(list(journal.entries())) == len(ENTRIES) + 1 - nameless


@pytest.mark.parametrize("length", range(10))
def test_packets_without_a_head(folder: Path, length: int) -> None:
    journal = read_all(put(folder, followed_by(2, bytes(length))))
    assert isinstance(journal, Journal)
    assert journal.damage == Damage(senseless=1, finished=False)


def test_reading_garbage_takes_time_in_proportion(folder: Path) -> None:
    """Frames that all claim to be a megabyte long are refused at once, not after minutes."""
    claim = MARKER + b"\x02" + bytes(4) + (1 << 20).to_bytes(4, "little")
    began_s = time.process_time()
    refused = read_all(put(folder, claim * 200_000))
    assert isinstance(refused, JournalError)
    assert time.process_time() - began_s < 5.0


class Pieces(BytesIO):
    """A file that gives a few bytes at a time."""

    def __init__(self, raw: bytes, at_once: int) -> None:
        super().__init__(raw)
        self._at_once = at_once

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._at_once)


@given(data=st.data(), at_once=st.integers(1, 40))
def test_how_it_is_read_does_not_matter(data: st.DataObject, at_once: int) -> None:
    raw = bytearray(WHOLE[16:])
    for _ in range(data.draw(st.integers(0, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    one, two = FrameScanner(BytesIO(raw)), FrameScanner(Pieces(bytes(raw), at_once))
    assert list(one.frames()) == list(two.frames())
    assert (one.skipped, one.tail) == (two.skipped, two.tail)


def test_a_journal_larger_than_what_is_read_at_once(folder: Path) -> None:
    """Frames lie across the seams of reading; two of them are damaged there."""
    entries = [*ENTRIES[:1], *(ENTRIES[-1],) * 40_000]
    raw = bytearray(written(entries))
    assert len(raw) > 9_000_000
    hit = []
    for seam in (1 << 22, 2 << 22):
        number = next(n for n, (_, _, end) in enumerate(frames_in(bytes(raw))) if seam + 16 < end)
        hit.append(range(number, number + 1))
    for seam in (1 << 22, 2 << 22):
        raw[seam + 16] ^= 0x40
    journal = read_journal(put(folder, bytes(raw)))
    assert journal.damage.missing == tuple(hit)
    assert journal.packets == 39_998
    assert sum(1 for _ in journal.entries()) == 39_999
