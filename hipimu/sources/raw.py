"""Files of strangers as bytes, and what everybody does with their text."""

from __future__ import annotations

from pathlib import Path

from hipimu.errors import RecordingError


def bytes_of(path: Path) -> bytes:
    """Return a whole file.

    Raises
    ------
    RecordingError
        When it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise cannot_be_read(path, error) from error


def cannot_be_read(path: Path, error: OSError) -> RecordingError:
    """Return what to say of a file that the system does not give."""
    return RecordingError(
        f"{path.name} cannot be read: {error.strerror}.",
        "Check the name, and that it is a file you may open.",
        path=path,
    )


def with_line_feeds(text: str) -> str:
    """Return a text whose lines end in line feeds, whichever system wrote it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
