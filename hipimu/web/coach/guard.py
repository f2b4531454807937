"""What stands before every route of the coach's pages: who asks, and from which page."""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hipimu.web.coach.caller import Caller, set_caller
from hipimu.web.guard import answered, sentence, with_headers
from hipimu.web.security import STRANGER_HEADERS, Access, page_headers

_CHANGES_NOTHING: Final = frozenset({"GET", "HEAD"})
_OWN: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    # Under no-referrer browsers send forms as from nowhere, and a foreign page looks the same.
    "Referrer-Policy": "same-origin",
}


def failed() -> Response:
    """Answer where something went wrong that nobody foresaw."""
    return sentence(500, "Something went wrong on this side.", "Nothing was lost; try again.")


class CoachGuard:
    """Every request passes here before it comes to a route, and every answer on its way back.

    Parameters
    ----------
    app : ASGI application
    access : Access
    only : Caller
        Whoever asks, as long as there are no accounts.
    """

    def __init__(self, app: ASGIApp, access: Access, only: Caller) -> None:
        self._app = app
        self._access = access
        self._only = only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        asked = HTTPConnection(scope)
        answer = self._misled(asked)
        if answer is not None:
            return await answer(scope, receive, with_headers(STRANGER_HEADERS, send))
        set_caller(asked, self._only)
        return await self._pass_on(asked, receive, send)

    def _misled(self, asked: HTTPConnection) -> Response | None:
        """Refuse who calls this computer by a name not its own, or changes from another page."""
        hosts = asked.headers.getlist("host")
        if len(hosts) != 1 or not self._access.knows_host(hosts[0]):
            what = "This computer does not go by the name that was asked for."
            return sentence(421, what, "Use the address that hipimu serve has shown.")
        if asked.scope["method"] in _CHANGES_NOTHING:
            return None
        if not self._access.knows_origin(asked.headers.get("origin"), hosts[0]):
            what = "Another page wanted to change something here; nothing was changed."
            return sentence(403, what, "Write on hipimu's own pages.")
        return None

    async def _pass_on(self, asked: HTTPConnection, receive: Receive, send: Send) -> None:
        headers = page_headers(self._access, asked.headers["host"]) | _OWN
        await answered(self._app, headers, failed(), asked, receive, send)
