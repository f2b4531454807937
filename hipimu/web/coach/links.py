"""Links that one person gives to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from fastapi import Request

from hipimu.web.coach.doorman import Entrance
from hipimu.web.qr import qr_image


@dataclass(frozen=True, slots=True)
class Link:
    """A link that works once; who has it can use it."""

    url: str = field(repr=False)
    drawn: str = field(repr=False)
    """The same as a code for a phone's camera, as the address of a picture."""
    near: bool
    """Whether only this computer can open it."""


def join_link(request: Request, entrance: Entrance, token: str) -> Link:
    """Return the link that holds the token of an invitation."""
    base = base_of(request, entrance)
    url = join_url(base, token)
    return Link(url, qr_image(url), near=not entrance.base)


def join_url(base: str, token: str) -> str:
    """Return the address of such a link.

    The token is in the query, as a page without scripts cannot read what follows a ``#``. The
    first visit takes it out of the address again.
    """
    return f"{base}/join?{urlencode({'t': token})}"


def base_of(request: Request, entrance: Entrance) -> str:
    """Return what addresses for others begin with."""
    return entrance.base or f"{request.url.scheme}://{request.headers['host']}"
