"""Unpacking a zip that nobody vouches for.

What its directory says of sizes is not believed: bytes are counted as they come out. Nothing is
written but files of known kinds, each new, under the names that were checked.
"""

from __future__ import annotations

import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from hipimu.errors import UploadError
from hipimu.pipeline.intake.limits import MB, UploadLimits
from hipimu.pipeline.intake.names import checked_name, is_litter, kind_of, refuse_alike

_AT_ONCE: Final = 1 << 18
_LONGEST_READ: Final = 1 << 18
"""Of a directory: some thousand entries."""
_GROWS_FROM: Final = 10 * MB
_DEEPEST: Final = 8
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
"""APPNOTE.TXT 4.4.4: bits 0, 6 and 13."""
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PACKED: Final = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)
"""How archives and packed files begin, whatever they are called."""
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of a zip."""

    name: str
    """Of the folder in it that is the recording; empty: the zip itself is."""
    left_out: tuple[str, ...]
    """Files of kinds that no recording has, and files beside the recording's folder."""


def unpack(archive: Path, folder: Path, limits: UploadLimits) -> Unpacked:
    """Take a recording out of a zip.

    Parameters
    ----------
    archive : Path
    folder : Path
        Empty; the recording's files come to lie in it.
    limits : UploadLimits

    Returns
    -------
    Unpacked

    Raises
    ------
    UploadError
        When it is damaged or hostile, or holds no recording, or several.
    """
    try:
        with archive.open("rb") as file, zipfile.ZipFile(_Sparing(file)) as opened:
            members = _members(opened, limits)
            root = _root([path for path in members if kind_of(path.name) != "other"])
            inside = {p.relative_to(root): i for p, i in members.items() if p.is_relative_to(root)}
            wanted = {path: info for path, info in inside.items() if kind_of(path.name) != "other"}
            allowance = _Allowance(folder, archive.stat().st_size, limits)
            for path, info in wanted.items():
                _put(folder / path, _content(opened, info, allowance))
    except _DAMAGED as error:
        raise _bad("is damaged, or no zip", "Pack the folder again.") from error
    kept = {root / path for path in wanted}
    return Unpacked(root.name, tuple(str(path) for path in members if path not in kept))


class _Sparing:
    """A file that is not read in great pieces, as the directory of 100,000 entries would be."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.tell, self.seekable, self.close = file.tell, file.seekable, file.close

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset < 0:
            raise zipfile.BadZipFile("before the start")
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        if size > _LONGEST_READ:
            raise _bad("has too long a directory", "Pack only the recording's folder.")
        return self._file.read(size if size >= 0 else _LONGEST_READ)


def _members(opened: zipfile.ZipFile, limits: UploadLimits) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """Return all files by their paths; every entry is checked, also those that are left out."""
    entries = opened.infolist()
    if len(entries) > limits.entries:
        raise _bad(
            f"holds {len(entries)} files and folders",
            f"Pack only the recording's folder; {limits.entries} are taken.",
        )
    for info in entries:
        _check(info)
    paths = [(_path(info, limits), info) for info in entries]
    kept = [(path, info) for path, info in paths if not (info.is_dir() or is_litter(path))]
    refuse_alike(path for path, _ in kept)
    for path, _ in kept:
        if kind_of(path.name) in ("zip", "packed"):
            raise _nested(path.name)
    return dict(kept)


def _check(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _bad("holds a link or a device", "Pack the files themselves.")
    if info.flag_bits & _ENCRYPTED:
        raise _bad("is encrypted", "Pack it without a password.")
    if info.compress_type not in _METHODS:
        raise _bad("is packed in a way that is not taken", "Pack it as an ordinary zip (deflate).")


def _path(info: zipfile.ZipInfo, limits: UploadLimits) -> PurePosixPath:
    # Python cuts a name at its first NUL: what is shown would not be what is written.
    name = info.orig_filename
    parts = name.rstrip("/").split("/")
    if len(parts) > _DEEPEST:
        raise _bad("has folders in folders", f"Pack the recording's folder; {name[:60]!r} is deep.")
    return PurePosixPath(*(checked_name(part, limits.name_characters) for part in parts))


def _root(paths: Sequence[PurePosixPath]) -> PurePosixPath:
    """Return the folder that is the recording: that of recording.toml, or else the outermost."""
    described = {path.parent for path in paths if path.name == "recording.toml"}
    if len(described) > 1:
        raise _several(len(described))
    if described:
        return described.pop()
    folders = {path.parent for path in paths if kind_of(path.name) == "samples"}
    if not folders:
        raise UploadError(
            "The zip holds no recording.",
            "Pack a folder with recording.toml, a finished recording, or files of a known system.",
            reason="unclear",
        )
    depth = min(len(folder.parts) for folder in folders)
    outermost = [folder for folder in folders if len(folder.parts) == depth]
    if len(outermost) > 1:
        raise _several(len(outermost))
    return outermost[0]


def _several(count: int) -> UploadError:
    return UploadError(
        f"The zip holds {count} recordings.", "Send each in a zip of its own.", reason="unclear"
    )


class _Allowance:
    """How much may still come out."""

    def __init__(self, folder: Path, packed: int, limits: UploadLimits) -> None:
        self._folder = folder
        self._most = limits.unpacked_mb * MB
        self._swollen = max(packed * limits.ratio, _GROWS_FROM)
        self._free = limits.free_mb * MB
        self._out = 0
        self._look_at = 0

    def take(self, size: int) -> None:
        """Count bytes that have come out.

        Raises
        ------
        UploadError
            When they are too many, or the disk is nearly full.
        """
        self._out += size
        if self._out > self._swollen:
            raise _bad("grows too much when it is unpacked", "Pack the recording again.")
        if self._out > self._most:
            raise UploadError(
                f"More than {self._most // MB} MB come out of the zip.",
                "Send fewer or shorter files.",
                reason="too_large",
            )
        if self._out >= self._look_at:
            self._look_at = self._out + 64 * MB
            if shutil.disk_usage(self._folder).free < self._free:
                raise no_room()


def no_room() -> UploadError:
    """Return what to say when the server's disk is full."""
    return UploadError(
        "The disk of this server is full.",
        "Tell who looks after it; send the recording again later.",
        reason="no_room",
    )


def _content(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: _Allowance
) -> Iterator[bytes]:
    with opened.open(info) as member:
        out = 0
        while piece := member.read(_AT_ONCE):
            if out == 0 and piece.startswith(_PACKED):
                raise _nested(info.filename)
            out += len(piece)
            allowance.take(len(piece))
            yield piece
    if out != info.file_size:
        raise zipfile.BadZipFile("another size than it says")


def _put(path: Path, pieces: Iterator[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        for piece in pieces:
            file.write(piece)


def _nested(name: str) -> UploadError:
    return _bad(f"holds another archive, {PurePosixPath(name).name[:60]!r}", "Unpack that first.")


def _bad(what: str, remedy: str) -> UploadError:
    return UploadError(f"The zip {what}.", remedy, reason="bad_archive")
