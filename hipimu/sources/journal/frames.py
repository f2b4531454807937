"""The journal's bytes: a file header, then frames, each numbered and checked by itself.

``docs/reference/journal.md`` specifies them; this module is the only one that knows them.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator
from enum import IntEnum
from typing import BinaryIO
from zlib import crc32

MAGIC = b"\x89hipimu\n"
"""The first byte is no text, the last one shows a transfer that changed line ends."""
VERSION = 1
HEADER_BYTES = 16
MARKER = b"\xc5\x9b\xa3\xf1"
_STUFFED = MARKER[:3]
"""Within a payload a zero follows it, so that the marker stands only where a frame begins."""
HEAD = struct.Struct("<4sBII")
"""Marker, kind, number, bytes of payload."""
OVERHEAD_BYTES = HEAD.size + 4
PACKET_HEAD = struct.Struct("<HQ")
"""Stream, host time in ns."""
LONGEST_PAYLOAD = 1 << 20
LARGEST_NUMBER = 2**32 - 1
_CHUNK_BYTES = 1 << 22
_RESIDUE = 0x2144DF1C
"""CRC-32 of anything followed by its own CRC-32, lowest byte first."""

_FILE_HEAD = struct.Struct("<8sHH")
_BODY_HEAD = struct.Struct("<BII")
_CRC = struct.Struct("<I")

Frame = tuple[int, int, bytes]
"""Kind, number, payload."""


class Kind(IntEnum):
    """What a frame holds."""

    METADATA = 1
    PACKET = 2
    LINK = 3
    END = 4
    MARK = 5
    ABSENCE = 6


def file_header(version: int = VERSION) -> bytes:
    """Return the first bytes of a journal."""
    head = _FILE_HEAD.pack(MAGIC, version, 0)
    return head + _CRC.pack(crc32(head))


def header_version(raw: bytes) -> int | None:
    """Return the version that a file header names; None where it is no header or damaged."""
    if len(raw) != HEADER_BYTES or crc32(raw) != _RESIDUE or not raw.startswith(MAGIC):
        return None
    version: int = _FILE_HEAD.unpack_from(raw)[1]
    return version


def encoded(kind: Kind, number: int, payload: bytes) -> bytes:
    """Return one frame.

    Raises
    ------
    ValueError
        When the payload is longer than `LONGEST_PAYLOAD`.
    """
    stuffed = payload.replace(_STUFFED, _STUFFED + b"\0")
    if len(stuffed) > LONGEST_PAYLOAD:
        raise ValueError(f"a frame cannot hold {len(stuffed)} bytes")
    body = _BODY_HEAD.pack(kind, number, len(stuffed)) + stuffed
    return MARKER + body + _CRC.pack(crc32(body))


class FrameScanner:
    """Finds the whole frames of a file, whatever else is in it.

    Time is proportional to the size of the file: a frame's payload holds no marker, so a damaged
    length cannot make the same bytes be searched again and again.

    Parameters
    ----------
    file : BinaryIO
        Opened for reading; scanned from where it stands.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.skipped = 0
        """Bytes so far that belong to no whole frame."""
        self.tail = 0
        """Those of them since the last whole frame."""

    def frames(self) -> Iterator[Frame]:
        """Read on to the end.

        Yields
        ------
        Frame
            Those whose checksum is right, in the order of the file.

        Raises
        ------
        OSError
            When the disk cannot be read.
        """
        data = b""
        while True:
            chunk = self._file.read(_CHUNK_BYTES)
            data += chunk
            at = yield from self._whole(data, last=not chunk)
            data = data[at:]
            if not chunk:
                self._skip(len(data))
                return

    def _whole(self, data: bytes, *, last: bool) -> Generator[Frame, None, int]:
        """Yield the frames that are whole; return how many bytes are dealt with."""
        at, size = 0, len(data)
        while at + OVERHEAD_BYTES <= size:
            marker, kind, number, length = HEAD.unpack_from(data, at)
            begin = at + HEAD.size
            end = begin + length + 4
            if marker == MARKER and length <= LONGEST_PAYLOAD:
                if end > size and not last:
                    break
                if _is_whole(data, at, end):
                    self.tail = 0
                    yield kind, number, _unstuffed(data[begin : end - 4])
                    at = end
                    continue
            found = data.find(MARKER, at + 1)
            # The marker may begin in the last bytes of what has been read so far.
            reached = found if found >= 0 else max(at + 1, size - len(MARKER) + 1)
            self._skip(reached - at)
            at = reached
        return at

    def _skip(self, count: int) -> None:
        self.skipped += count
        self.tail += count


def _is_whole(data: bytes, at: int, end: int) -> bool:
    if end > len(data) or data.find(MARKER, at + HEAD.size, end - 4) >= 0:
        return False
    return crc32(data[at + len(MARKER) : end]) == _RESIDUE


def _unstuffed(payload: bytes) -> bytes:
    return payload.replace(_STUFFED + b"\0", _STUFFED)
