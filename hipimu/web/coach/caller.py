"""Who sent a request: found out once, before any route."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from starlette.requests import HTTPConnection

from hipimu.store import Viewer

How = Literal["local", "login", "token"]
_STATE: Final = "hipimu_caller"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, how that is known, and what forms on the pages for them have to bring back.

    Parameters
    ----------
    viewer : Viewer
    how : {"local", "login", "token"}
        By sitting at this computer, where there are no accounts; by a cookie after a login; by an
        API token.
    key : str
        Of forms: no other site's page can know it. Empty with a token, for which no page is made.
    login : str
        What the login's cookie holds; empty without one.
    """

    viewer: Viewer
    how: How
    key: str = field(default="", repr=False)
    login: str = field(default="", repr=False)


def set_caller(asked: HTTPConnection, caller: Caller) -> None:
    """Let the routes know who asks."""
    asked.scope.setdefault("state", {})[_STATE] = caller


def caller_of(asked: HTTPConnection) -> Caller:
    """Return who asks; a route that is reached without a caller is a defect."""
    caller: Caller = asked.scope["state"][_STATE]
    return caller


def caller_or_none(asked: HTTPConnection) -> Caller | None:
    """Return who asks; None at the doors, where nobody has to be known yet."""
    found: Caller | None = asked.scope.get("state", {}).get(_STATE)
    return found
