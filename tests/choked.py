"""A terminal that takes nothing."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress


def choked_pipe() -> tuple[int, int]:
    """A pipe that is soon full: whoever writes to it then waits for ever. Linux alone knows it."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    return reading, writing


def choke(writing: int) -> None:
    """Fill it."""
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b".")
    os.set_blocking(writing, True)
