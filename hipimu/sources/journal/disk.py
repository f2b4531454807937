"""The journal's file: every byte or an error, and how much room is left."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from hipimu.errors import JournalError
from hipimu.sources.durable import sync_file, sync_folder

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
KEPT = "What was written before stays and can be recovered."


class RawFile(Protocol):
    """What is needed of a file opened for writing, without a buffer."""

    def write(self, data: bytes, /) -> int:
        """Write some of `data`; return how many bytes."""

    def sync(self) -> None:
        """Wait until it is on the disk."""

    def close(self) -> None:
        """Give it back."""


OpenFile = Callable[[Path], RawFile]
FreeBytes = Callable[[Path], int]


class OwnFile:
    """A file of the system's.

    Parameters
    ----------
    path : Path
        To be created.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)

    def write(self, data: bytes, /) -> int:
        """Write some of `data`; return how many bytes."""
        return self._file.write(data) or 0

    def sync(self) -> None:
        """Wait until it is on the disk."""
        sync_file(self._file.fileno())

    def close(self) -> None:
        """Give it back."""
        self._file.close()


def free_bytes(folder: Path) -> int:
    """Return how much room the folder's disk has."""
    return shutil.disk_usage(folder).free


class JournalFile:
    """A file that grows.

    Parameters
    ----------
    path : Path
        To be created, in a folder that exists.
    open_file : callable
        Creates it.

    Raises
    ------
    JournalError
        From here and every method: when the system refuses.
    """

    def __init__(self, path: Path, open_file: OpenFile = OwnFile) -> None:
        self._path = path
        self.size = 0
        """Bytes written."""
        try:
            self._file = open_file(path)
        except FileExistsError:
            raise JournalError(
                f"{path} exists already.", "Choose another name for the recording.", path=path
            ) from None
        except (OSError, ValueError) as error:
            raise JournalError(
                f"{path} cannot be created: {getattr(error, 'strerror', None) or error}.",
                "Choose a folder that exists and may be written to.",
                path=path,
            ) from error

    def write(self, data: bytes | bytearray) -> None:
        """Write all of it; a disk that takes only a part is asked again."""
        rest = memoryview(data)
        while rest:
            try:
                count = self._file.write(bytes(rest))
            except OSError as error:
                raise self._refusal(error) from error
            if count == 0:
                raise self._refusal(OSError(errno.ENOSPC, "the disk takes nothing more"))
            self.size += count
            rest = rest[count:]

    def sync(self) -> None:
        """Wait until all of it is on the disk."""
        try:
            self._file.sync()
        except OSError as error:
            raise self._refusal(error) from error

    def sync_name(self) -> None:
        """Wait until the folder knows the file."""
        try:
            sync_folder(self._path.parent)
        except OSError as error:
            raise self._refusal(error) from error

    def close(self) -> None:
        """Give the file back."""
        try:
            self._file.close()
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> JournalError:
        if error.errno in _FULL:
            what = f"{self._path} cannot grow: the disk is full"
            remedy = f"Free space and start a new recording. {KEPT}"
        else:
            what = f"{self._path} cannot be written: {error.strerror or error}"
            remedy = f"Check the disk and start a new recording. {KEPT}"
        return JournalError(f"{what}, after {self.size} bytes.", remedy, path=self._path)
