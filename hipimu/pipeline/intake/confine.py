"""A process that confines itself before it reads what somebody sent."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Final

_LAST_S: Final = 5
"""Seconds between being told that the time is over and being killed."""


def confine(*, memory: int, processor_s: int, file: int) -> None:
    """Limit what this process may take; there is no way back.

    Parameters
    ----------
    memory : int
        Bytes of address space; what is mapped already counts.
    processor_s : int
        Seconds of computing.
    file : int
        Bytes of the largest file that it may write.

    Notes
    -----
    Where the system knows no such limits, only the clock of who started it holds.
    """
    if hasattr(os, "nice"):
        os.nice(10)
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CPU: (processor_s, processor_s + _LAST_S),
        resource.RLIMIT_FSIZE: (file, file),
    }
    for name, (soft, hard) in limits.items():
        before = resource.getrlimit(name)[1]
        most = hard if before == resource.RLIM_INFINITY else min(hard, before)
        # macOS knows the limit of addresses and does not let it be set.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(name, (min(soft, most), most))
