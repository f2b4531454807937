"""What stands before every handler of the API: who may change, and how much may be sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hipimu.store import Store, StoreView
from hipimu.web.api.problems import ProblemError, problem
from hipimu.web.coach.caller import caller_of

MOST_BYTES: Final = 64 * 1024
_LOOKS: Final = frozenset({"GET", "HEAD"})
_HEAD: Final = "hipimu_head"
_CHANGES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


async def _view_of(request: Request) -> StoreView:
    store: Store = request.app.state.store
    return StoreView(store, caller_of(request).viewer)


View = Annotated[StoreView, Depends(_view_of)]
"""The store as the caller may see it: the only way to anybody's data."""


def write_down(view: StoreView, action: str, athlete: str | None = None, detail: str = "") -> None:
    """Write down what the caller has just done.

    Parameters
    ----------
    view : StoreView
    action : str
        One of `hipimu.store.audit.ACTIONS`.
    athlete : str or None
        Whom it was about, who must still be there.
    detail : str
        Facts without names, as `hipimu.store.audit.write` takes them.
    """
    view.store.accounts.write_down(
        action,
        datetime.now(UTC),
        user_id=view.viewer.user_id,
        athlete=athlete,
        detail=detail,
    )


class ApiGuard:
    """Every request to the API passes here first.

    A browser sends its cookie along whatever page asks it to: a cookie lets nobody change anything
    here, only a token does. HEAD is GET without its body.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        method = scope["method"]
        if caller_of(HTTPConnection(scope)).how == "login" and method not in _LOOKS:
            refused = problem(
                "forbidden",
                "A login in the browser may only look here; nothing was changed.",
                "Send an API token: the account's page makes one.",
            )
            return await refused(scope, receive, send)
        if method == "HEAD":
            asked = {**scope, "method": "GET", _HEAD: True}
            return await self._app(asked, receive, _without_body(send))
        return await self._app(scope, receive, send)


def wants_body(request: Request) -> bool:
    """Tell whether what a GET answers will be sent; else it was HEAD."""
    return _HEAD not in request.scope


def _without_body(send: Send) -> Send:
    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return headers_only


class BoundedRoute(APIRoute):
    """A route that takes JSON, and little of it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers: it reads the body before anything looks into it."""
        answer = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            if request.method in _CHANGES and (self.body_field is not None or _brings(request)):
                request = Request(request.scope, _again(await _json_of(request)))
            return await answer(request)

        return bounded


def _brings(request: Request) -> bool:
    """Tell whether a request has a body, though none is asked for."""
    length = request.headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in request.headers


async def _json_of(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ProblemError("not_json", "That was no JSON.", "Send Content-Type: application/json.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise ProblemError(
                "too_large", "That is too long.", f"Send at most {MOST_BYTES // 1024} kB."
            )
    try:
        json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ProblemError("bad_value", "That JSON cannot be read.", "Check what is sent.") from (
            error
        )
    return bytes(body)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
