"""Reads a journal, finished or not, and says what of it is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from hipimu.data import Entry, Packet
from hipimu.errors import JournalError
from hipimu.sources.journal.content import (
    JournalMetadata,
    Totals,
    absence_from,
    link_from,
    mark_from,
    metadata_from,
    totals_from,
)
from hipimu.sources.journal.frames import (
    HEADER_BYTES,
    PACKET_HEAD,
    VERSION,
    Frame,
    FrameScanner,
    Kind,
    header_version,
)

_NOTES: Mapping[int, Callable[[bytes], Entry | None]] = {
    Kind.MARK: mark_from,
    Kind.ABSENCE: absence_from,
}


@dataclass(frozen=True, slots=True)
class Damage:
    """What of a journal is missing or makes no sense."""

    missing: tuple[range, ...] = ()
    """Numbers of the frames that are missing, in order."""
    skipped_bytes: int = 0
    """Bytes that belong to no whole frame."""
    cut: bool = False
    """It stops within a frame."""
    header: bool = False
    """The file header is damaged; no frame is lost by that."""
    senseless: int = 0
    """Frames with a right checksum that cannot be understood."""
    nameless: int = 0
    """Packets left out because no metadata says where they come from."""
    finished: bool = True
    """The recording was ended on purpose, and its last frame is there."""

    @property
    def missing_frames(self) -> int:
        """How many frames are missing, as far as can be known."""
        return sum(map(len, self.missing))

    def __bool__(self) -> bool:
        return self != Damage()

    def __str__(self) -> str:
        said = []
        if self.missing:
            said.append(f"{_frames(self.missing)} missing ({self.skipped_bytes} bytes skipped)")
        elif self.skipped_bytes:
            said.append(f"{self.skipped_bytes} bytes are no part of it")
        if self.header:
            said.append("its file header is damaged")
        if self.senseless:
            said.append(f"{self.senseless} frames cannot be understood")
        if self.nameless:
            said.append(f"{self.nameless} packets are of no known sensor")
        if self.cut:
            said.append("it stops within a frame")
        if not self.finished:
            said.append("the recording was not ended on purpose")
        return "; ".join(said) or "nothing is missing"


def _frames(missing: tuple[range, ...]) -> str:
    shown = [f"{r[0]}" if len(r) == 1 else f"{r[0]} to {r[-1]}" for r in missing[:5]]
    more = " and more" if len(missing) > len(shown) else ""
    one = len(missing) == 1 and len(missing[0]) == 1
    return f"frame {shown[0]} is" if one else f"frames {', '.join(shown)}{more} are"


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal that has been read through once."""

    path: Path
    metadata: JournalMetadata
    """The last that is whole."""
    damage: Damage
    packets: int
    """How many `entries` gives."""
    link_events: int
    """How many `entries` gives."""
    notes: int = 0
    """How many marks and absences `entries` gives."""
    totals: Totals | None = None
    """What it says itself that it holds; None where it was not finished."""

    def entries(self) -> Iterator[Entry]:
        """Read the file again.

        Yields
        ------
        Packet, LinkEvent, Mark or Absence
            In the order in which they were appended.

        Raises
        ------
        JournalError
            When the file cannot be read any more.
        """
        streams = [(s.sensor, s.characteristic) for s in self.metadata.streams]
        try:
            with self.path.open("rb") as file:
                _version(self.path, file)
                for kind, _, payload in _in_order(FrameScanner(file)):
                    entry = _entry(kind, payload, streams)
                    if entry is not None:
                        yield entry
        except OSError as error:
            raise _unreadable(self.path, error) from error


def read_journal(path: Path) -> Journal:
    """Read a journal through, whatever has happened to it.

    Parameters
    ----------
    path : Path
        The file; it may still be growing.

    Returns
    -------
    Journal
        With its entries ready to be read.

    Raises
    ------
    JournalError
        When it is no journal, one of a later version, or nothing of its metadata is left.
    """
    survey = _Survey()
    try:
        if not path.is_file():
            raise JournalError(
                f"There is no journal {path}.", "Give the file journal.bin.", path=path
            )
        with path.open("rb") as file:
            header_damaged = not _version(path, file)
            scanner = FrameScanner(file)
            for frame in _in_order(scanner, survey.missing):
                survey.take(frame)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return survey.journal(path, scanner, header_damaged=header_damaged)


def _version(path: Path, file: BinaryIO) -> int | None:
    """Read the file header; where it is damaged, return None and stand at the start."""
    version = header_version(file.read(HEADER_BYTES))
    if version is None:
        file.seek(0)
    elif version != VERSION:
        raise JournalError(
            f"{path} is a journal of version {version}, and only {VERSION} is known.",
            "Read it with a newer hipimu.",
            path=path,
        )
    return version


def _in_order(scanner: FrameScanner, missing: list[range] | None = None) -> Iterator[Frame]:
    """Leave out frames that were there before; note the numbers that never came."""
    expected = 0
    for frame in scanner.frames():
        number = frame[1]
        if number != expected:
            if number < expected:
                continue
            if missing is not None:
                missing.append(range(expected, number))
        expected = number + 1
        yield frame


@dataclass(slots=True)
class _Survey:
    """What the first reading finds."""

    missing: list[range] = field(default_factory=list)
    metadata: JournalMetadata | None = None
    totals: Totals | None = None
    packets_of: Counter[int] = field(default_factory=Counter)
    link_events: int = 0
    notes: int = 0
    senseless: int = 0
    frames: int = 0
    last_number: int = -1

    def take(self, frame: Frame) -> None:
        kind, self.last_number, payload = frame
        self.frames += 1
        if kind == Kind.PACKET and len(payload) >= PACKET_HEAD.size:
            self.packets_of[payload[0] | payload[1] << 8] += 1
        elif kind == Kind.LINK and link_from(payload) is not None:
            self.link_events += 1
        elif kind == Kind.METADATA and (metadata := metadata_from(payload)) is not None:
            self.metadata = metadata
        elif kind == Kind.END and (totals := totals_from(payload)) is not None:
            self.totals = totals
        elif kind in _NOTES and _NOTES[kind](payload) is not None:
            self.notes += 1
        else:
            self.senseless += 1

    def journal(self, path: Path, scanner: FrameScanner, *, header_damaged: bool) -> Journal:
        metadata = self._metadata_of(path, header_damaged=header_damaged)
        finished = self.totals is not None
        cut = scanner.tail > 0 and not finished
        if cut:  # of the frames after the last whole one, one at least had begun
            self.missing.append(range(self.last_number + 1, self.last_number + 2))
        named = range(len(metadata.streams))
        nameless = sum(n for stream, n in self.packets_of.items() if stream not in named)
        return Journal(
            path=path,
            metadata=metadata,
            damage=Damage(
                missing=tuple(self.missing),
                skipped_bytes=scanner.skipped,
                cut=cut,
                header=header_damaged,
                senseless=self.senseless,
                nameless=nameless,
                finished=finished,
            ),
            packets=self.packets_of.total() - nameless,
            link_events=self.link_events,
            notes=self.notes,
            totals=self.totals,
        )

    def _metadata_of(self, path: Path, *, header_damaged: bool) -> JournalMetadata:
        if self.metadata is not None:
            return self.metadata
        if header_damaged and not self.frames:
            raise JournalError(
                f"{path} is not a journal of hipimu.",
                "Give the file journal.bin of a recording.",
                path=path,
            )
        raise JournalError(
            f"{path} does not say which sensors were recorded: nothing of its metadata is left.",
            "Look for a copy of the file; without its metadata the packets cannot be decoded.",
            path=path,
        )


def _entry(kind: int, payload: bytes, streams: list[tuple[str, str]]) -> Entry | None:
    if kind == Kind.PACKET:
        return _packet(payload, streams)
    if kind == Kind.LINK:
        return link_from(payload)
    return _NOTES[kind](payload) if kind in _NOTES else None


def _packet(payload: bytes, streams: list[tuple[str, str]]) -> Packet | None:
    if len(payload) < PACKET_HEAD.size:
        return None
    stream, t_host_ns = PACKET_HEAD.unpack_from(payload)
    if stream >= len(streams):
        return None
    sensor, characteristic = streams[stream]
    return Packet(sensor, characteristic, payload[PACKET_HEAD.size :], t_host_ns)


def _unreadable(path: Path, error: Exception) -> JournalError:
    return JournalError(
        f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.",
        "Check that it is a file you may open, and copy it from the disk if it fails.",
        path=path,
    )
