"""What stands around every page: who is logged in, and where else to go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette.datastructures import State

from hipimu.store import Viewer
from hipimu.web.coach.caller import Caller, caller_or_none


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the pages that are always offered."""

    text: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What a page shows around its own content."""

    entries: tuple[Entry, ...]
    who: str
    """Name of who is logged in; empty where nobody is."""
    local: bool
    """Whether this is a single user's, without accounts."""
    squad: bool
    """Whether there is a page of more than one athlete for who asks."""
    key: str = field(default="", repr=False)
    """Of forms."""

    @property
    def at_entry(self) -> bool:
        """Whether this is one of the pages that are always offered."""
        return any(entry.current for entry in self.entries)


NOBODY: Final = Frame((), "", local=False, squad=False)
"""Around what is shown to who is not logged in."""


def frame_of(request: Request) -> Frame:
    """Return what stands around the answer to a request."""
    caller = caller_or_none(request)
    if caller is None:
        return NOBODY
    pages = _pages(caller, request.app.state)
    entries = tuple(Entry(text, url, request.url.path == url) for text, url in pages)
    local = caller.how == "local"
    return Frame(
        # One entry alone would only say what the page says already.
        entries if len(entries) > 1 else (),
        "" if local else caller.viewer.name,
        local=local,
        squad=caller.viewer.role != "athlete",
        key=caller.key,
    )


def note_pages(app: FastAPI) -> None:
    """Remember which pages an application has, once all of them are there."""
    app.state.uploads = any(getattr(route, "path", "") == "/upload" for route in app.routes)


def home(viewer: Viewer) -> str:
    """Return the first page of who looks."""
    if viewer.role == "athlete" and viewer.athlete:
        return f"/athletes/{quote(viewer.athlete, safe='')}"
    return "/"


def _pages(caller: Caller, state: State) -> list[tuple[str, str]]:
    viewer = caller.viewer
    first = "My sessions" if viewer.role == "athlete" else "Squad"
    pages = [(first, home(viewer))]
    if getattr(state, "uploads", False):
        pages.append(("Upload", "/upload"))
    if caller.how == "local":
        return pages
    if viewer.role in ("owner", "coach"):
        pages.append(("People", "/people"))
    if viewer.role == "owner":
        pages.append(("Audit", "/audit"))
    return [*pages, ("Account", "/account")]
