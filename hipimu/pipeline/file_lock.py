"""Locks on open files, held by the system: they end with their process, however that ends."""

from __future__ import annotations

import os
import sys


def lock(descriptor: int, *, at: int = 0) -> None:
    """Lock an open file for this process alone, at once or not at all.

    Parameters
    ----------
    descriptor : int
    at : int
        Which byte Windows locks, which keeps others from reading it; it may be beyond the end.

    Raises
    ------
    OSError
        When another process holds it, or the file system knows no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, at, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
