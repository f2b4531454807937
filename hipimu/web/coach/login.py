"""The door: logging in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from hipimu.store import Store
from hipimu.store.names import name_key
from hipimu.web.coach.caller import caller_of, caller_or_none
from hipimu.web.coach.doorman import Doorman
from hipimu.web.coach.forms import FormError, has_key, read_fields, read_form
from hipimu.web.coach.frame import NOBODY
from hipimu.web.coach.limits import TooManyError
from hipimu.web.coach.onward import onward
from hipimu.web.coach.render import render


def old_form() -> FormError:
    """Return what to say of a form that does not belong to a cookie of this browser."""
    return FormError(
        403,
        "This form was too old, or the browser keeps no cookies.",
        "Allow cookies for this address, and send the form again.",
    )


def _wrong() -> FormError:
    return FormError(
        422,
        "The login or the password is not right.",
        "Capitals matter in the password. Forgotten: ask an owner for a new link.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class LoginPages:
    """Answers at the door.

    Parameters
    ----------
    store : Store
    doorman : Doorman
    """

    store: Store
    doorman: Doorman

    def form(self, request: Request) -> Response:
        """Ask who it is; lead on who is known already."""
        wanted = onward(request.query_params.get("next", "/"))
        if caller_or_none(request) is not None:
            return RedirectResponse(wanted, status_code=303)
        ended = request.query_params.get("ended") == "1"
        return self._form(request, {"next": wanted}, ended=ended)

    async def log_in(self, request: Request) -> Response:
        """Let in who knows the password."""
        fields = await read_fields(request)
        if not has_key(fields, await run_in_threadpool(self.doorman.cookies.guest_key, request)):
            return await run_in_threadpool(self._form, request, fields, old_form())
        try:
            token = await self._token(request, fields)
        except FormError as error:
            return await run_in_threadpool(self._form, request, fields, error)
        answer = RedirectResponse(onward(fields.get("next", "/")), status_code=303)
        await run_in_threadpool(self._leave, request)
        self.doorman.cookies.keep_login(answer, token)
        self.doorman.cookies.keep_known(answer, fields.get("login", ""))
        return answer

    async def log_out(self, request: Request) -> Response:
        """Let somebody go."""
        await read_form(request, caller_of(request).key)
        await run_in_threadpool(self._leave, request)
        answer = RedirectResponse("/login", status_code=303)
        self.doorman.cookies.end_login(answer)
        return answer

    async def _token(self, request: Request, fields: Mapping[str, str]) -> str:
        """Return the token of a new login.

        Each try counts for the address and for the login; but in a browser in which somebody has
        logged in by that name before it counts for the browser, so that nobody else can keep them
        out by guessing.
        """
        login, password = fields.get("login", ""), fields.get("password", "")
        limits, tries = self.doorman.limits, self.doorman.tries
        by_address = f"login from {self.doorman.address(request)}"
        known = await run_in_threadpool(self.doorman.cookies.knows, request, login)
        by_login = f"{'browser of' if known else 'login'} {name_key(login[:200])}"
        wait_s = tries.begin((by_login, limits.tries), (by_address, limits.tries_of_address))
        if wait_s > 0:
            raise TooManyError(wait_s, "There were too many wrong passwords.")
        now = datetime.now(UTC)
        token = await self.doorman.hashing.run(
            lambda: self.store.accounts.log_in(login, password, now)
        )
        if token is None:
            raise _wrong()
        tries.forget(by_login)
        tries.take_back(by_address)
        return token

    def _leave(self, request: Request) -> None:
        """End the login that a browser had, if any."""
        token = self.doorman.cookies.login(request)
        if token is not None:
            self.store.accounts.log_out(token, datetime.now(UTC))

    def _form(
        self,
        request: Request,
        fields: Mapping[str, str],
        error: FormError | None = None,
        *,
        ended: bool = False,
    ) -> Response:
        key, keep = self.doorman.cookies.keep_guest(request)
        page = render(
            "login.html",
            frame=NOBODY,
            key=key,
            error=error,
            ended=ended,
            login=fields.get("login", ""),
            next=onward(fields.get("next", "/")),
            open=self.store.accounts.in_use(),
        )
        answer = HTMLResponse(page, 200 if error is None else error.status)
        if isinstance(error, TooManyError):
            answer.headers["Retry-After"] = str(error.wait_s)
        keep(answer)
        return answer
