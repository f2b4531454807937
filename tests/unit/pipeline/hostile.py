"""Zips as nobody honest makes them."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

FOLDER = {
    "run/recording.toml": b'format = "hipimu-csv/1"\n',
    "run/pelvis.csv": b"time_s\n0\n",
    "run/thigh_left.csv": b"time_s\n0\n",
}
"""Enough to be taken for a recording before it is opened."""


def packed(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return path


def with_member(path: Path, info: zipfile.ZipInfo, content: bytes = b"x") -> Path:
    """A recording, and one member more."""
    packed(path, FOLDER)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, content)
    return path


def link(name: str, kind: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return info


def renamed(path: Path, before: str, after: bytes) -> Path:
    """Exchange a name for one of the same length, which Python would not write."""
    assert len(before.encode()) == len(after)
    path.write_bytes(path.read_bytes().replace(before.encode(), after))
    return path


def patched(path: Path, signature: bytes, offset: int, form: str, value: int) -> Path:
    """Write a number into every header of a kind."""
    raw = bytearray(path.read_bytes())
    place = raw.find(signature)
    while place >= 0:
        struct.pack_into(form, raw, place + offset, value)
        place = raw.find(signature, place + 4)
    path.write_bytes(raw)
    return path


def files_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def many(count: int, name: str = "run/{}.csv") -> Iterable[str]:
    return (name.format(i) for i in range(count))
