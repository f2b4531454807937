"""What makes two recordings the same: their samples, whatever they are called."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import file_digest, sha256
from pathlib import Path

from hipimu.errors import StoreError


def fingerprint(files: Iterable[Path]) -> str:
    """Return one hash of the contents of files.

    Parameters
    ----------
    files : iterable of Path
        Their names and their order do not count.

    Returns
    -------
    str
        SHA-256, hexadecimal; empty where there are no files.

    Raises
    ------
    StoreError
        When one cannot be read.
    """
    hashes = sorted(_hash(path) for path in set(files))
    return sha256("".join(hashes).encode()).hexdigest() if hashes else ""


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
