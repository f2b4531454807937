"""Names of files that somebody else chose: checked before anything is called by them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import PurePosixPath
from typing import Final, Literal

from hipimu.errors import UploadError
from hipimu.sources.foreign.registry import READERS
from hipimu.store.names import slug

Kind = Literal["samples", "settings", "watch", "zip", "packed", "other"]

_MOST_BYTES: Final = 240
"""File systems take 255."""
_FORBIDDEN: Final = frozenset('<>:"/\\|?*')
"""In names on Windows; a colon there leads to another drive or stream."""
_DEVICES: Final = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"]
)
"""What Windows takes for a device, whatever comes after a dot."""
_PACKED: Final = frozenset(
    {".7z", ".ace", ".arj", ".br", ".bz2", ".cab", ".gz", ".iso", ".jar", ".lz", ".lz4", ".lzma"}
    | {".rar", ".tar", ".tbz", ".tgz", ".txz", ".xz", ".z", ".zst"}
)
_SAMPLES: Final = frozenset({".csv", ".parquet", ".bin"})
"""The last is a journal: without it nobody could be told that a recording was not finished."""
_WATCH: Final = frozenset({".fit", ".gpx", ".tcx"})
_LITTER: Final = frozenset({"__macosx", ".ds_store", "thumbs.db", "desktop.ini"})


def checked_name(name: str, most: int) -> str:
    """Return the name of a file or folder, without any way to another place.

    Parameters
    ----------
    name : str
    most : int
        Characters that it may have.

    Raises
    ------
    UploadError
        When it climbs, is a device's, or has characters that names cannot have everywhere.
    """
    name = unicodedata.normalize("NFC", name)
    # First of all, as a surrogate cannot be encoded.
    odd = any(unicodedata.category(c).startswith("C") or c in _FORBIDDEN for c in name)
    if odd or not name.strip(". ") or name != name.strip(" ") or name.endswith("."):
        raise _bad(name, "cannot be a file's name here", "Use letters, digits, dots and dashes.")
    if name.partition(".")[0].rstrip(" ").casefold() in _DEVICES:
        raise _bad(name, "is the name of a device", "Give it another name.")
    if len(name) > most or len(name.encode()) > _MOST_BYTES:
        raise _bad(name, "is too long a name", f"Use up to {most} characters.")
    return name


def _bad(name: str, what: str, remedy: str) -> UploadError:
    return UploadError(f"{name[:60]!r} {what}.", remedy, reason="bad_name")


def last_part(name: str) -> str:
    """Return a file's name without the folders that some programs send with it."""
    return name.replace("\\", "/").rpartition("/")[2]


def is_litter(path: PurePosixPath) -> bool:
    """Tell whether a file is what systems leave everywhere, which nobody meant to send."""
    return any(p.casefold() in _LITTER or p.startswith("._") for p in path.parts)


def kind_of(name: str) -> Kind:
    """Tell what a file is taken for, by its name alone."""
    suffix = PurePosixPath(name).suffix.lower()
    kinds: dict[Kind, frozenset[str]] = {
        "zip": frozenset({".zip"}),
        "packed": _PACKED,
        "settings": frozenset({".toml"}),
        "watch": _WATCH,
        "samples": _SAMPLES | _foreign(),
    }
    return next((kind for kind, suffixes in kinds.items() if suffix in suffixes), "other")


@cache
def _foreign() -> frozenset[str]:
    return frozenset(suffix for reader in READERS for suffix in reader.suffixes)


def refuse_alike(paths: Iterable[PurePosixPath]) -> None:
    """Refuse files of which one would take another's place, here or on another system.

    Raises
    ------
    UploadError
        When two have one name but for capitals, or one has the name of another's folder.
    """
    files: dict[str, PurePosixPath] = {}
    folders: set[str] = set()
    for path in paths:
        key = _key(path)
        if key in files:
            raise _alike(path)
        files[key] = path
        folders.update(map(_key, path.parents))
    for key in folders & files.keys():
        raise _alike(files[key])


def _key(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFKC", str(path)).casefold()


def _alike(path: PurePosixPath) -> UploadError:
    return _bad(path.name, "is there twice, perhaps in other capitals", "Rename one of the two.")


def recording_name(name: str) -> str:
    """Return how a recording is to be called that came by this name."""
    kept = slug(name)
    return f"{kept}-recording" if kept.partition(".")[0].casefold() in _DEVICES else kept
