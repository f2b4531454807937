"""What stands before every route: who asks, under which name and with which key."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from html import escape
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from hipimu.web.security import STRANGER_HEADERS, Access, page_headers

_log = logging.getLogger(__name__)
_GUESS_S: Final = 1.0
_GUESSES_AT_ONCE: Final = 8
NO_KEY: Final = 4401
"""Code with which a WebSocket without the right key is closed: the standard has none for it."""


def sentence(status: int, what: str, remedy: str) -> HTMLResponse:
    """Answer in two sentences: what happened, and what to do; and with a link to the page."""
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><title>hipimu</title>'
        f'<p>{escape(what)} {escape(remedy)}</p><p><a href="/">To the page</a></p></html>\n',
        status_code=status,
    )


def failed() -> HTMLResponse:
    """Answer where something went wrong that nobody foresaw."""
    return sentence(500, "Something went wrong on this side.", "The recording goes on; try again.")


class Guard:
    """Every request passes here before it comes to a route, and every answer on its way back.

    Parameters
    ----------
    app : ASGI application
    access : Access
    guess_s : float
        How long a wrong key waits for its answer.
    """

    def __init__(self, app: ASGIApp, access: Access, guess_s: float = _GUESS_S) -> None:
        self._app = app
        self._access = access
        self._guess_s = guess_s
        self._guesses = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        asked = HTTPConnection(scope)
        answer = self._misled(asked)
        if answer is None:
            answer = await self._locked(asked)
            if answer is None:
                return await self._pass_on(asked, receive, send)
            if scope["type"] == "websocket":
                return await _close_locked(WebSocket(scope, receive, send))
        return await answer(scope, receive, with_headers(STRANGER_HEADERS, send))

    def _misled(self, asked: HTTPConnection) -> Response | None:
        """Refuse who calls this computer by a name not its own, or comes from another page."""
        hosts = asked.headers.getlist("host")
        if len(hosts) != 1 or not self._access.knows_host(hosts[0]):
            what = "This computer does not go by the name that was asked for."
            return sentence(421, what, "Use the address that hipimu live has shown.")
        own = self._access.knows_origin(asked.headers.get("origin"), hosts[0])
        if asked.scope["type"] == "websocket" and not own:
            return sentence(403, "Another page asked for the run.", "Open the run's own page.")
        return None

    async def _locked(self, asked: HTTPConnection) -> Response | None:
        """Refuse who has no key; take the key out of the address of who brings it there."""
        if self._access.token is None:
            return None
        token = asked.query_params.get("t") if asked.scope["path"] == "/" else None
        if token is not None:
            return self._let_in() if self._access.is_token(token) else await self._guessed()
        key = asked.cookies.get(self._access.cookie)
        if key is None:
            what = "This page is for those who were given its whole address."
            remedy = "Scan the code that hipimu live shows, or paste the address."
            # Browsers keep a strict cookie back while they follow a link from elsewhere.
            return sentence(403, what, f"{remedy} If you have just followed a link to it, go on:")
        return None if self._access.is_token(key) else await self._guessed()

    def _let_in(self) -> Response:
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            self._access.cookie,
            self._access.token or "",
            path="/",
            secure=self._access.https,
            httponly=True,
            samesite="strict",
        )
        return answer

    async def _guessed(self) -> Response:
        """Let a wrong key wait, and few at once: the right one never waits."""
        if self._guesses >= _GUESSES_AT_ONCE:
            return sentence(429, "Too many wrong keys at once.", "Wait a little.")
        self._guesses += 1
        try:
            await asyncio.sleep(self._guess_s)
        finally:
            self._guesses -= 1
        what = "This key is not, or no longer, the one of this run."
        return sentence(403, what, "Scan the code that hipimu live shows now.")

    async def _pass_on(self, asked: HTTPConnection, receive: Receive, send: Send) -> None:
        headers = page_headers(self._access, asked.headers["host"])
        await answered(self._app, headers, failed(), asked, receive, send)


async def _close_locked(socket: WebSocket) -> None:
    """Let the page know why: of a WebSocket that is refused it is told nothing."""
    await socket.accept()
    await socket.close(NO_KEY, "This page's key is no longer valid: scan the code anew.")


async def answered(
    app: ASGIApp,
    headers: Mapping[str, str],
    sorry: Response,
    asked: HTTPConnection,
    receive: Receive,
    send: Send,
) -> None:
    """Have an application answer with these headers, or say sorry for what goes wrong in it."""
    begun = False

    async def answer(message: Message) -> None:
        nonlocal begun
        begun = True
        await send(message)

    decorated = with_headers(headers, answer)
    try:
        await app(asked.scope, receive, decorated)
    except Exception:  # noqa: BLE001 - whatever it is, nobody outside is told more
        _log.exception("An answer failed.")
        if not begun:
            await sorry(asked.scope, receive, decorated)


def with_headers(headers: Mapping[str, str], send: Send) -> Send:
    """Let answers have these headers, where they have none of that name."""

    async def decorated(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            own = MutableHeaders(scope=message)
            for name, value in headers.items():
                own.setdefault(name, value)
        await send(message)

    return decorated
