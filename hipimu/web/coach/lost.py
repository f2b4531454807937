"""What somebody sent after their login had ended: not kept, and not lost either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hipimu.web.coach.forms import FormError, read_fields
from hipimu.web.coach.frame import NOBODY
from hipimu.web.coach.onward import onward
from hipimu.web.coach.render import render

_WORTH_KEEPING: Final[Mapping[str, str]] = {
    "text": "Note",
    "at": "Moment of the run",
    "surface": "Ground",
    "shoes": "Shoes",
    "exertion": "Exertion",
    "injury": "Injury or complaint",
    "tags": "Tags",
    "new": "New name",
}
"""What people write themselves; no passwords."""


async def lost(request: Request, *, ended: bool) -> Response:
    """Answer a form of somebody who is not logged in, and give back what was written.

    Parameters
    ----------
    request : Request
        From one of our own pages, as its origin was looked at before.
    ended : bool
        Whether the browser had a login once.
    """
    try:
        fields = await read_fields(request)
    except FormError:
        fields = {}
    written = [(name, fields[field]) for field, name in _WORTH_KEEPING.items() if fields.get(field)]
    back = onward(_path(request.headers.get("referer", "")))
    url = "/login" if back == "/" else f"/login?{urlencode({'next': back})}"
    page = render("lost.html", frame=NOBODY, ended=ended, written=written, url=url)
    return HTMLResponse(page, 403)


def _path(address: str) -> str:
    try:
        told = urlsplit(address)
    except ValueError:
        return "/"
    return told.path + (f"?{told.query}" if told.query else "")
