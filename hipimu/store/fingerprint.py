"""What makes two recordings the same, and two analyses of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import file_digest, sha256
from pathlib import Path

from hipimu.errors import StoreError


def samples_hash(files: Iterable[Path]) -> str:
    """Return one hash of the files that hold a recording's samples.

    Parameters
    ----------
    files : iterable of Path
        Their names and their order do not count: a copy is the same recording.

    Returns
    -------
    str
        SHA-256, hexadecimal.

    Raises
    ------
    StoreError
        When one cannot be read.
    """
    return _joined(sorted(_hash(path) for path in set(files)))


def inputs_hash(files: Mapping[str, Path]) -> str:
    """Return one hash of everything that an analysis reads, and what it takes each file for.

    Parameters
    ----------
    files : mapping
        What it is taken for, such as ``laps`` or a segment → file.

    Returns
    -------
    str
        SHA-256, hexadecimal.

    Raises
    ------
    StoreError
        When one cannot be read.
    """
    return _joined(f"{role}\0{_hash(path)}" for role, path in sorted(files.items()))


def _joined(parts: Iterable[str]) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror or error}.",
            "Check that it is there and that you may read it.",
            reason="missing_files",
        ) from error
