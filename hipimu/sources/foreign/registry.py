"""The readers of other systems' files, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from hipimu.errors import RecordingError
from hipimu.sources.foreign import (
    apdm_h5,
    axivity_cwa,
    mapping,
    metabase,
    motion_bids,
    movella_dot,
    movesense,
    shimmer,
    witmotion,
    xsens_mt,
    xsens_mvnx,
)
from hipimu.sources.foreign.noun import HEAD_BYTES, Foreign, Reader

READERS: Final[tuple[Reader, ...]] = (
    mapping.READER,  # whoever wrote a mapping means it
    apdm_h5.READER,
    axivity_cwa.READER,
    metabase.READER,
    motion_bids.READER,
    movella_dot.READER,
    movesense.READER,
    shimmer.READER,
    witmotion.READER,
    xsens_mt.READER,
    xsens_mvnx.READER,
)
"""Each in a file of its own; one that recognises by content stands before one that guesses."""


def reader_of(path: Path) -> Reader | None:
    """Return the reader that recognises a file; None where none does."""
    suffix = path.suffix.lower()
    asked = [reader for reader in READERS if suffix in reader.suffixes]
    if not asked:
        return None
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError):
        return None
    return next((reader for reader in asked if reader.recognises(path, head)), None)


def foreign_files(path: Path) -> tuple[Reader, tuple[Path, ...]] | None:
    """Return the reader for a file, or for most of a folder's files, and those files.

    Parameters
    ----------
    path : Path
        A file, or a folder whose own files are looked at, not those of folders in it.
    """
    if path.is_file():
        reader = reader_of(path)
        return None if reader is None else (reader, (path,))
    found: dict[str, list[Path]] = {}
    readers = {reader.id: reader for reader in READERS}
    for own in _files(path):
        reader = reader_of(own)
        if reader is not None:
            found.setdefault(reader.id, []).append(own)
    if not found:
        return None
    most = max(found, key=lambda name: len(found[name]))
    return readers[most], tuple(found[most])


def _files(folder: Path) -> Iterable[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except (OSError, ValueError):
        return ()


def read_foreign(path: Path) -> Foreign | None:
    """Read what a file or folder of another system says; None where it is of none that is known.

    Raises
    ------
    RecordingError
        When it is of a known system and cannot be used.
    """
    found = foreign_files(path)
    if found is None:
        return None
    reader, files = found
    return read_by(reader, files)


def read_by(reader: Reader, files: Sequence[Path]) -> Foreign:
    """Read files by a reader.

    Raises
    ------
    RecordingError
        When they cannot be used, or what the reader needs is not installed.
    """
    try:
        # What is no number any more is told from the samples, with its line.
        with np.errstate(all="ignore"):
            return reader.read(files)
    except ImportError as error:
        if reader.extra is None:
            raise
        raise RecordingError(
            f"{files[0].name} is {reader.title}; what reads it is not installed.",
            f"Install it by: pip install 'hipimu[{reader.extra}]'.",
            path=files[0],
        ) from error
