"""Only one batch at a time writes into a folder.

The system holds the lock, so that it ends with its process, however that ends; what is written in
the file only tells others who it is.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from hipimu.errors import OutputError
from hipimu.pipeline.file_lock import lock

LOCK: Final = ".batch.lock"
_BUSY: Final = {errno.EACCES, errno.EAGAIN, errno.EDEADLK, 36}
"""36: EDEADLOCK of Windows, which Python does not name everywhere."""
_BEYOND: Final = 1 << 30
"""Windows locks bytes, and nobody could read them: one behind what is written."""
_TOLD_BYTES: Final = 200


@contextmanager
def alone_in(out: Path) -> Iterator[bool]:
    """Keep other batches out of a folder of results while the block runs.

    Parameters
    ----------
    out : Path
        Made where it is missing, and taken away again where nothing came into it.

    Yields
    ------
    bool
        False where the file system knows no locks: then nobody is kept out.

    Raises
    ------
    OutputError
        When another batch is there, or the folder cannot be written.
    """
    missing = [place for place in (out, *out.parents) if not place.exists()]
    try:
        descriptor = _taken(out)
        try:
            yield descriptor is not None
        finally:
            if descriptor is not None:
                _let_go(descriptor, out / LOCK)
    finally:
        for place in missing:
            with suppress(OSError):
                place.rmdir()


def _taken(out: Path) -> int | None:
    """Return what holds the lock; None where there are no locks."""
    while True:
        try:
            out.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(out / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise OutputError(
                f"The results cannot be written to {out}: {error.strerror}.",
                "Choose another --out.",
            ) from error
        try:
            lock(descriptor, at=_BEYOND)
            # Its holder may have taken the file away between our opening and our locking it.
            if os.path.samestat(os.fstat(descriptor), (out / LOCK).stat()):
                _introduce(descriptor)
                return descriptor
        except FileNotFoundError:
            pass
        except OSError as error:
            os.close(descriptor)
            if error.errno in _BUSY:
                raise _busy(out) from error
            with suppress(OSError):
                (out / LOCK).unlink()
            return None
        os.close(descriptor)


def _introduce(descriptor: int) -> None:
    """Say who holds it; one that died may have left its own words."""
    since = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    told = f"process {os.getpid()} on {socket.gethostname()} since {since}"
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, told.encode()[:_TOLD_BYTES])


def _busy(out: Path) -> OutputError:
    with suppress(OSError):
        text = (out / LOCK).read_bytes()[:_TOLD_BYTES].decode(errors="replace")
        told = "".join(filter(str.isprintable, text))
        return _refused(out, f": {told}" if told else "")
    return _refused(out, "")


def _refused(out: Path, who: str) -> OutputError:
    return OutputError(
        f"Another batch is writing to {out}{who}.",
        "Wait until it is done, or choose another --out.",
    )


def _let_go(descriptor: int, path: Path) -> None:
    """End the lock; the file goes first, while nobody else can hold it.

    Windows takes no open file away: there another batch may be quicker, and then the file stays.
    """
    if sys.platform == "win32":
        os.close(descriptor)
        with suppress(OSError):
            path.unlink()
        return
    with suppress(OSError):
        path.unlink()
    os.close(descriptor)
