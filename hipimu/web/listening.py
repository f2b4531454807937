"""The socket that a page is served at."""

from __future__ import annotations

import errno
import os
import socket
from typing import Final

from hipimu.errors import OutputError

_BUFFER_BYTES: Final = 64 * 1024
"""What the system may hold for a page that reads slowly: some twenty states, not a minute of
them."""


def listen(host: str, port: int, page: str) -> socket.socket:
    """Return a socket that listens.

    Parameters
    ----------
    host : str
    port : int
        0: any that is free.
    page : str
        What is to be served, as an error names it: ``The live page``.

    Raises
    ------
    OutputError
        When the port is taken or not allowed.
    """
    # asyncio lets only sockets whose protocol is named send at once; the others wait 40 ms before
    # the second part of an answer, until the other end has confirmed the first one.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it lets two programs listen at once
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        listening.bind((host, port))
        listening.listen(64)
    except (OSError, OverflowError) as error:
        listening.close()
        raise _not_served(page, port, error) from error
    return listening


def _not_served(page: str, port: int, error: Exception) -> OutputError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return OutputError(
            f"{page} cannot be served: another program uses port {port}.",
            "Perhaps it is open already: end it, or choose another --port; 0 takes any.",
        )
    why = getattr(error, "strerror", None) or error
    return OutputError(
        f"{page} cannot be served at port {port}: {why}.",
        "Choose another --port, from 1024 to 65535; 0 takes any that is free.",
    )
