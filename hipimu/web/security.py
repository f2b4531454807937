"""Who may see the page: the hosts it is called by, the pages it speaks with, the token.

Why each of these is there: ``docs/explanation/live-security.md``.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

TOKEN_BYTES: Final = 24
"""192 bits: nobody guesses that, however long a run is."""
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?")

_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self' {socket}; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": (
        "screen-wake-lock=(self), autoplay=(self), camera=(), microphone=(), geolocation=(), "
        "payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def new_token() -> str:
    """Make a token that fits into a URL and into a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


@dataclass(frozen=True, slots=True)
class Access:
    """What a request has to bring.

    Parameters
    ----------
    names : frozenset of str
        Host names by which this computer may be called, in lower case.
    other_addresses : bool
        Whether it may be called by addresses that are not its own loopback.
    token : str or None
        None where none is needed.
    https : bool
    port : int
    """

    names: frozenset[str] = frozenset({"localhost"})
    other_addresses: bool = False
    token: str | None = field(default=None, repr=False)
    https: bool = False
    port: int = 0

    @property
    def cookie(self) -> str:
        """Name of the cookie: browsers share cookies between the ports of a host."""
        return f"{'__Host-' if self.https else ''}hipimu-{self.port}"

    def knows_host(self, host: str) -> bool:
        """Tell whether a request's Host header names this computer.

        A page elsewhere whose *name* was made to lead here is refused by its name. An address
        cannot be made to lead elsewhere. Ports are not looked at: a tunnel has another one.
        """
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match[1].strip("[]").lower().rstrip(".")
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return name in self.names
        return self.other_addresses or address.is_loopback

    def knows_origin(self, origin: str | None, host: str) -> bool:
        """Tell whether a WebSocket is opened by our own page, or by no page at all.

        Browsers always say which page it is. What is no browser can say what it likes, so that to
        ask it for a header would keep nobody out.
        """
        own = f"{'https' if self.https else 'http'}://{host}"
        return origin is None or origin.lower() == own.lower()

    def is_token(self, given: str) -> bool:
        """Tell whether it is the right token, in the same time whatever is given."""
        if self.token is None:
            return True
        return secrets.compare_digest(given.encode("utf-8", "replace"), self.token.encode())


def page_headers(access: Access, host: str) -> dict[str, str]:
    """Return the headers of every answer that does not say otherwise.

    Parameters
    ----------
    access : Access
    host : str
        As requested, and known: it goes into the policy.
    """
    # Some browsers do not take a WebSocket to one's own host for 'self'.
    socket = f"{'wss' if access.https else 'ws'}://{host}"
    return _ALWAYS | {"Content-Security-Policy": _PAGE_POLICY.format(socket=socket)}


STRANGER_HEADERS: Final = _ALWAYS | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"
}
"""Of answers to whom the page is not for."""
_OWN_POLICY: Final = re.compile(
    r'<meta http-equiv="Content-Security-Policy" content="([^"<>\r\n]*)">'
)


def report_policy(report: str) -> str:
    """Return the policy for a report: the one it brings along, and that no page may frame it.

    Parameters
    ----------
    report : str
        HTML; without a policy of its own no script of it may run.
    """
    match = _OWN_POLICY.search(report[:4096])
    own = match[1] if match else "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return f"{own}; frame-ancestors 'none'"
