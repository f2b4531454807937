"""What stands before every route of the coach's pages: who asks, and from which page."""

from __future__ import annotations

import logging
from typing import Final
from urllib.parse import quote, urlencode

from fastapi.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hipimu.errors import StoreError
from hipimu.web.api.problems import problem_of
from hipimu.web.coach.caller import Caller, set_caller
from hipimu.web.coach.doorman import Doorman, is_api
from hipimu.web.coach.forms import FormError
from hipimu.web.coach.limits import TooManyError
from hipimu.web.coach.lost import lost
from hipimu.web.guard import answered, sentence, with_headers
from hipimu.web.security import STRANGER_HEADERS, Access, page_headers

_log = logging.getLogger(__name__)
CHANGES_NOTHING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
DOORS: Final = frozenset({"/login", "/join"})
"""Open to who is not logged in, as that is what they are for."""
_FILES: Final = "/static/"
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


def refusal(asked: HTTPConnection, status: int, what: str, remedy: str) -> Response:
    """Refuse in the way in which it was asked: a sentence for people, a problem for programs."""
    if is_api(asked):
        return problem_of(status, what, remedy)
    return sentence(status, what, remedy)


class CoachGuard:
    """Every request passes here before it comes to a route, and every answer on its way back.

    Parameters
    ----------
    app : ASGI application
    access : Access
    doorman : Doorman
    """

    def __init__(self, app: ASGIApp, access: Access, doorman: Doorman) -> None:
        self._app = app
        self._access = access
        self._doorman = doorman

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        asked = HTTPConnection(scope)
        answer = self._misled(asked)
        if answer is not None:
            return await answer(scope, receive, with_headers(STRANGER_HEADERS, send))
        try:
            answer = await self._received(asked, receive)
        except StoreError as error:
            answer = refusal(asked, 503, error.what, error.remedy)
        except Exception:  # noqa: BLE001 - whatever it is, nobody outside is told more
            _log.exception("Who asked could not be found out.")
            answer = failed()
        if answer is not None:
            headers = page_headers(self._access, asked.headers["host"]) | _OWN
            return await answer(scope, receive, with_headers(headers, send))
        return await self._pass_on(asked, receive, send)

    def _misled(self, asked: HTTPConnection) -> Response | None:
        """Refuse who calls this computer by a name not its own, or changes from another page."""
        hosts = asked.headers.getlist("host")
        if len(hosts) != 1 or not self._goes_by(hosts[0]):
            what = "This computer does not go by the name that was asked for."
            return refusal(asked, 421, what, "Use the address that hipimu serve has shown.")
        if self._doorman.entrance.proxy and not _came_by_https(asked):
            what = "These pages are for https alone."
            remedy = "Use the address that begins with https://; X-Forwarded-Proto has to say so."
            return refusal(asked, 403, what, remedy)
        if asked.scope["method"] in CHANGES_NOTHING:
            return None
        if not self._access.knows_origin(asked.headers.get("origin"), hosts[0]):
            what = "Another page wanted to change something here; nothing was changed."
            return refusal(asked, 403, what, "Write on hipimu's own pages.")
        return None

    def _goes_by(self, host: str) -> bool:
        """Tell whether a host is this one; behind a proxy by its name alone, as forms need it."""
        known = self._access.knows_host(host)
        name = host.partition(":")[0].lower()
        return known and (not self._doorman.entrance.proxy or name in self._access.names)

    async def _received(self, asked: HTTPConnection, receive: Receive) -> Response | None:
        """Find out who asks; answer who may not come in, or asks too often."""
        path = asked.scope["path"]
        if path.startswith(_FILES):
            return self._slowed(asked, None)
        caller = await run_in_threadpool(self._doorman.caller, asked)
        slowed = self._slowed(asked, caller)
        if slowed is not None:
            return slowed
        if caller is not None:
            set_caller(asked, caller)
            return _reads_only(asked, caller)
        if path in DOORS:
            return None
        return await self._stranger(asked, receive)

    def _slowed(self, asked: HTTPConnection, caller: Caller | None) -> Response | None:
        """Let nobody ask more often than one caller may; where there is but one, they may."""
        if caller is not None and caller.how == "local":
            return None
        files = asked.scope["path"].startswith(_FILES)
        rates = self._doorman.files if files else self._doorman.requests
        who = self._doorman.address(asked) if caller is None else _name_of(caller)
        wait_s = rates.wait_s(who)
        return None if wait_s == 0 else too_many(asked, TooManyError(wait_s, "That was too often."))

    async def _stranger(self, asked: HTTPConnection, receive: Receive) -> Response:
        """Lead who is not logged in to where they can log in."""
        if is_api(asked):
            return self._unknown_program(asked)
        cookies = self._doorman.cookies
        ended = cookies.has_login(asked)
        if asked.scope["method"] not in CHANGES_NOTHING:
            answer = await lost(Request(asked.scope, receive), ended=ended)
        else:
            answer = RedirectResponse(_login_url(asked, ended=ended), status_code=303)
        if ended:
            cookies.end_login(answer)
        return answer

    def _unknown_program(self, asked: HTTPConnection) -> Response:
        if "authorization" in asked.headers:
            limits, address = self._doorman.limits, self._doorman.address(asked)
            wait_s = self._doorman.tries.begin((f"token {address}", limits.tries_of_address))
            if wait_s > 0:
                return too_many(asked, TooManyError(wait_s, "Too many wrong tokens."))
            what = "This token is wrong, was taken back, or has ended."
        else:
            what = "Nobody is logged in, and there is no token."
        remedy = "Make a token on the page Account, and send it: Authorization: Bearer TOKEN."
        answer = refusal(asked, 401, what, remedy)
        answer.headers["WWW-Authenticate"] = 'Bearer realm="hipimu"'
        return answer

    async def _pass_on(self, asked: HTTPConnection, receive: Receive, send: Send) -> None:
        headers = page_headers(self._access, asked.headers["host"]) | _OWN
        await answered(self._app, headers, failed(), asked, receive, send)


def too_many(asked: HTTPConnection, error: FormError) -> Response:
    """Answer who was too quick."""
    answer = refusal(asked, error.status, error.what, error.remedy)
    if isinstance(error, TooManyError):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer


def _reads_only(asked: HTTPConnection, caller: Caller) -> Response | None:
    """Refuse changes over the API by a browser's cookie: its requests bring no form's key."""
    changes = asked.scope["method"] not in CHANGES_NOTHING
    if not (is_api(asked) and changes and caller.how == "login"):
        return None
    remedy = "Make a token on the page Account, and send it: Authorization: Bearer TOKEN."
    return refusal(asked, 403, "Only a token can change something here.", remedy)


def _came_by_https(asked: HTTPConnection) -> bool:
    return asked.headers.getlist("x-forwarded-proto") == ["https"]


def _name_of(caller: Caller) -> str:
    return f"user {caller.viewer.user_id} {caller.how}"


def _login_url(asked: HTTPConnection, *, ended: bool) -> str:
    query = asked.scope.get("query_string", b"").decode("ascii", "ignore")
    wanted = quote(asked.scope["path"]) + (f"?{query}" if query else "")
    told = {} if wanted == "/" else {"next": wanted}
    if ended:
        told["ended"] = "1"
    return f"/login?{urlencode(told)}" if told else "/login"
