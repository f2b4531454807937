"""What the link of an invitation opens: a new account, or a new password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from hipimu.errors import StoreError
from hipimu.store import Invitation, Store, User
from hipimu.web.coach.access import access_words
from hipimu.web.coach.caller import caller_or_none
from hipimu.web.coach.doorman import Doorman
from hipimu.web.coach.forms import FormError, has_key, read_fields
from hipimu.web.coach.frame import NOBODY
from hipimu.web.coach.limits import TooManyError
from hipimu.web.coach.login import old_form
from hipimu.web.coach.render import render
from hipimu.web.guard import sentence

_MENDABLE = ("bad_value", "exists")


@dataclass(frozen=True, slots=True, eq=False)
class JoinPages:
    """Answers to who was given a link.

    Parameters
    ----------
    store : Store
    doorman : Doorman
    """

    store: Store
    doorman: Doorman

    def open(self, request: Request) -> Response:
        """Take the token out of the address; show the form to whose browser keeps it."""
        told = request.query_params.get("t")
        if told is None:
            return self._form(request, {})
        try:
            self._invitation(request, told)
        except FormError as error:
            return _sentence(error)
        answer = RedirectResponse("/join", status_code=303)
        self.doorman.cookies.keep_join(answer, told)
        return answer

    async def join(self, request: Request) -> Response:
        """Make the account, or set the password, and log in."""
        fields = await read_fields(request)
        if not has_key(fields, await run_in_threadpool(self.doorman.cookies.guest_key, request)):
            return await run_in_threadpool(self._form, request, fields, old_form())
        try:
            _same_twice(fields)
            user, token = await self.doorman.hashing.run(lambda: self._join(request, fields))
        except FormError as error:
            return await run_in_threadpool(self._form, request, fields, error)
        answer = RedirectResponse("/", status_code=303)
        cookies = self.doorman.cookies
        cookies.end_join(answer)
        if token is not None:
            cookies.keep_login(answer, token)
            cookies.keep_known(answer, user.login)
        return answer

    def _join(self, request: Request, fields: Mapping[str, str]) -> tuple[User, str | None]:
        told, now = self.doorman.cookies.join(request), datetime.now(UTC)
        if told is None:
            raise _no_link()
        accounts, password = self.store.accounts, fields.get("password", "")
        try:
            user = accounts.join(
                told,
                login=fields.get("login", ""),
                name=fields.get("name", ""),
                password=password,
                now=now,
            )
        except StoreError as error:
            raise _mendable(error) from error
        before = self.doorman.cookies.login(request)
        if before is not None:
            accounts.log_out(before, now)
        return user, accounts.log_in(user.login, password, now)

    def _invitation(self, request: Request, told: str) -> Invitation:
        """Return what a link stands for; count wrong ones."""
        try:
            return self.store.accounts.invitation(told, datetime.now(UTC))
        except StoreError as error:
            limits, address = self.doorman.limits, self.doorman.address(request)
            wait_s = self.doorman.tries.begin((f"join {address}", limits.tries_of_address))
            if wait_s > 0:
                raise TooManyError(wait_s, "There were too many wrong links.") from error
            raise FormError(404, error.what, error.remedy) from error

    def _form(
        self, request: Request, fields: Mapping[str, str], error: FormError | None = None
    ) -> Response:
        told = self.doorman.cookies.join(request)
        try:
            if told is None:
                raise _no_link()
            invitation = self._invitation(request, told)
        except FormError as refused:
            return _sentence(refused)
        key, keep = self.doorman.cookies.keep_guest(request)
        caller = caller_or_none(request)
        before = caller.viewer.name if caller is not None and caller.how == "login" else ""
        page = render(
            "join.html",
            frame=NOBODY,
            key=key,
            error=error,
            before=before,
            invitation=invitation,
            access=access_words(invitation.role, invitation.athlete, invitation.team),
            login=fields.get("login", ""),
            name=fields.get("name", invitation.athlete or ""),
        )
        answer = HTMLResponse(page, 200 if error is None else error.status)
        keep(answer)
        return answer


def _same_twice(fields: Mapping[str, str]) -> None:
    if fields.get("password", "") != fields.get("again", ""):
        raise FormError(422, "The two passwords differ.", "Write the same one twice.")


def _no_link() -> FormError:
    return FormError(
        403,
        "This page is for those who were given a link.",
        "Open the whole link; it ends in a long row of letters. Cookies have to be allowed.",
    )


def _mendable(error: StoreError) -> FormError:
    """Return what the person at the form can mend; anything else is raised."""
    if error.reason == "not_found":
        return FormError(404, error.what, error.remedy)
    if error.reason not in _MENDABLE:
        raise error
    return FormError(422, error.what, error.remedy)


def _sentence(error: FormError) -> Response:
    answer = sentence(error.status, error.what, error.remedy)
    if isinstance(error, TooManyError):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer
