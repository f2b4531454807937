"""Writing that survives a crash: on the disk before it counts, and in place only when whole."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
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


@contextlib.contextmanager
def put_in_place(path: Path) -> Iterator[Path]:
    """Give a file to write beside `path`; it takes that name once it is whole and on the disk.

    Parameters
    ----------
    path : Path
        The name at the end; a file already there is replaced.

    Yields
    ------
    Path
        Where to write. It is removed again when writing fails.

    Raises
    ------
    OutputError
        When the system refuses.
    """
    aside = path.with_name(path.name + ".part")
    try:
        yield aside
        with aside.open("rb+") as file:
            sync_file(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.",
            "Free space or choose another place; nothing that was there before is lost.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8, whole or not at all.

    Raises
    ------
    OutputError
        When the system refuses.
    """
    with put_in_place(path) as aside:
        aside.write_bytes(text.encode("utf-8"))
