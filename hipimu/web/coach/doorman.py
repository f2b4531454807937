"""Finds out who asks: by the cookie of a login, by an API token, or by sitting at this computer."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import HTTPConnection

from hipimu.store import Store, Viewer
from hipimu.web.coach.caller import Caller
from hipimu.web.coach.cookies import Cookies
from hipimu.web.coach.limits import Hashing, Limits, Rates, Tries


@dataclass(frozen=True, slots=True)
class Entrance:
    """How the pages are reached.

    Parameters
    ----------
    accounts : bool
        Whether nobody comes in without a login, even while nobody has an account.
    proxy : bool
        Whether requests come through a proxy of ours in which https ends. What it says of who
        asked is believed then, and only then.
    base : str
        Address that links for others begin with, as ``https://team.example``; empty: as the page
        with the link was asked for.
    """

    accounts: bool = False
    proxy: bool = False
    base: str = ""


class Doorman:
    """Knows who asks, and who has tried too often.

    Parameters
    ----------
    store : Store
    cookies : Cookies
    only : Caller
        Whoever asks, as long as there are no accounts.
    entrance : Entrance
    limits : Limits
    """

    def __init__(
        self, store: Store, cookies: Cookies, only: Caller, entrance: Entrance, limits: Limits
    ) -> None:
        self._store = store
        self._only = only
        self._locked = entrance.accounts
        self.cookies = cookies
        self.entrance = entrance
        self.limits = limits
        self.hashing = Hashing(limits)
        self.tries = Tries(limits)
        self.requests = Rates(limits.requests_hz, limits.requests_burst)
        self.files = Rates(limits.files_hz, limits.files_burst)

    def needs_login(self) -> bool:
        """Tell whether somebody has an account: from then on nobody comes in without."""
        if not self._locked and self._store.accounts.in_use():
            self._locked = True
        return self._locked

    def caller(self, asked: HTTPConnection) -> Caller | None:
        """Return who asks; None: somebody who is not logged in."""
        if not self.needs_login():
            return self._only
        now = datetime.now(UTC)
        if is_api(asked) and "authorization" in asked.headers:
            viewer = self._of_token(asked, now)
            return None if viewer is None else Caller(viewer, "token")
        token = self.cookies.login(asked)
        viewer = None if token is None else self._store.accounts.viewer_of_login(token, now)
        if token is None or viewer is None:
            return None
        return Caller(viewer, "login", self.cookies.form_key(token), token)

    def _of_token(self, asked: HTTPConnection, now: datetime) -> Viewer | None:
        token = _bearer(asked)
        return None if token is None else self._store.accounts.viewer_of_token(token, now)

    def address(self, asked: HTTPConnection) -> str:
        """Return from where somebody asks, as far as limits are concerned.

        Of an IPv6 address its network: who has one has all the others in it.
        """
        told = asked.headers.getlist("x-forwarded-for") if self.entrance.proxy else []
        # The last one is what the proxy itself has seen; those before it, anybody may have written.
        seen = told[-1].rpartition(",")[2].strip() if told else ""
        return _network(seen or (asked.client.host if asked.client else ""))


def is_api(asked: HTTPConnection) -> bool:
    """Tell whether a program asks, which is to be answered in JSON; the documentation is a page."""
    path: str = asked.scope["path"]
    return path == "/api" or (path.startswith("/api/") and path != "/api/docs")


def _bearer(asked: HTTPConnection) -> str | None:
    given = asked.headers.getlist("authorization")
    kind, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    token = token.strip()
    fits = kind.lower() == "bearer" and 0 < len(token) <= 200 and token.isascii()
    return token if fits else None


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:50]
    if isinstance(known, ipaddress.IPv6Address):
        mapped = known.ipv4_mapped
        if mapped is None:
            return str(ipaddress.ip_network((known, 64), strict=False))
        return str(mapped)
    return str(known)
