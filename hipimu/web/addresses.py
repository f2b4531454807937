"""By which addresses and names this computer can be reached from others nearby."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from collections.abc import Iterator

_SOMEWHERE = ("192.0.2.1", "10.255.255.254", "172.31.255.254", "192.168.255.254", "169.254.0.1")
"""Documentation's, private and link-local networks: the system tells from where it would send."""


def lan_addresses() -> tuple[str, ...]:
    """Return this computer's IPv4 addresses in its networks, the most likely one first.

    Nothing is sent.
    """
    found = dict.fromkeys((*_would_send_from(), *_of_own_name()))
    return tuple(address for address in found if _useful(address))


def host_names() -> tuple[str, ...]:
    """Return the names by which others nearby may call this computer."""
    name = socket.gethostname().lower().split(".")[0]
    usable = re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name) is not None
    return (name, f"{name}.local") if usable and name != "localhost" else ()


def _would_send_from() -> Iterator[str]:
    for address in _SOMEWHERE:
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe,
        ):
            probe.connect((address, 9))
            yield str(probe.getsockname()[0])


def _of_own_name() -> Iterator[str]:
    with contextlib.suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        yield from (str(entry[4][0]) for entry in found)


def _useful(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_unspecified or parsed.is_multicast)
