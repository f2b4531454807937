"""Writing that survives a crash: on the disk before it counts, and in place only when whole."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from hipimu.errors import OutputError


def sync_file(descriptor: int) -> None:
    """Wait until what was written to an open file is on the disk.

    Raises
    ------
    OSError
        When the disk reports that it is not. What was written since the last success is then in
        doubt for good: a second call may succeed and prove nothing.
    """
    if sys.platform == "darwin":
        import fcntl

        # macOS, fsync(2): without this the data may still be in the drive's cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can do so.

    Raises
    ------
    OSError
        When the folder cannot be opened or the disk fails.
    """
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)


def aside(path: Path) -> Path:
    """Return where to write what `put_in_place` gives the name `path`."""
    return path.with_name(path.name + ".part")


def put_in_place(written: Path, path: Path) -> None:
    """Give a whole file its name, once it is on the disk; a file of that name is replaced.

    Parameters
    ----------
    written : Path
        The file, closed, in the same folder; gone afterwards, whether or not this succeeds.
    path : Path
        Its name from now on.

    Raises
    ------
    OutputError
        When the system refuses; what had the name before still has it.
    """
    try:
        with written.open("rb+") as file:
            sync_file(file.fileno())
        written.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            written.unlink(missing_ok=True)


def not_written(path: Path, error: Exception) -> OutputError:
    """Return what to say when the system does not let a file be written."""
    return OutputError(
        f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.",
        "Free space or choose another place; what was there before is still there.",
    )


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8, whole or not at all.

    Raises
    ------
    OutputError
        When the system refuses.
    """
    written = aside(path)
    try:
        written.write_bytes(text.encode("utf-8"))
    except OSError as error:
        with contextlib.suppress(OSError):
            written.unlink(missing_ok=True)
        raise not_written(path, error) from error
    put_in_place(written, path)
