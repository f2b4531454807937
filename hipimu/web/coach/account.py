"""One's own account: password, browsers, tokens for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from hipimu.errors import StoreError
from hipimu.store import ApiToken, Scope, Store
from hipimu.web.coach.access import access_words
from hipimu.web.coach.caller import Caller, caller_of
from hipimu.web.coach.doorman import Doorman
from hipimu.web.coach.forms import FormError, read_form
from hipimu.web.coach.limits import TooManyError
from hipimu.web.coach.links import base_of
from hipimu.web.coach.render import respond

SPANS: Final[Mapping[str, timedelta | None]] = {
    "30 days": timedelta(days=30),
    "90 days": timedelta(days=90),
    "a year": timedelta(days=365),
    "until it is taken back": None,
}
SCOPES: Final[Mapping[Scope, str]] = {"read": "only look", "write": "look and change"}
_USUAL_SPAN: Final = "90 days"


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says besides: what went wrong, where, and what was just made."""

    error: FormError | None = None
    place: str = ""
    name: str = ""
    made: ApiToken | None = None
    secret: str = field(default="", repr=False)


_NOTHING: Final = Said()


@dataclass(frozen=True, slots=True, eq=False)
class AccountPages:
    """Answers about the account of who asks.

    Parameters
    ----------
    store : Store
    doorman : Doorman
    """

    store: Store
    doorman: Doorman

    def show(self, request: Request) -> Response:
        """Answer with the account."""
        return self._show(request)

    async def change_password(self, request: Request) -> Response:
        """Set another password; other browsers are logged out."""
        caller = logged_in(request)
        fields = await read_form(request, caller.key)
        try:
            await self._change_password(caller, fields)
        except FormError as error:
            return await run_in_threadpool(self._show, request, Said(error, "password"))
        return RedirectResponse("/account?kept=password", status_code=303)

    async def log_out_everywhere(self, request: Request) -> Response:
        """End every login of who asks."""
        caller = logged_in(request)
        await read_form(request, caller.key)
        ended = self.store.accounts.log_out_everywhere
        await run_in_threadpool(ended, user_id_of(caller), datetime.now(UTC))
        answer = RedirectResponse("/login", status_code=303)
        self.doorman.cookies.end_login(answer)
        return answer

    async def make_token(self, request: Request) -> Response:
        """Make a token for a program, and show it this once."""
        caller = logged_in(request)
        fields = await read_form(request, caller.key)
        return await run_in_threadpool(self._make_token, request, caller, fields)

    async def revoke_token(self, number: int, request: Request) -> Response:
        """Take a token back."""
        caller = logged_in(request)
        await read_form(request, caller.key)
        revoke = self.store.accounts.revoke_token
        await run_in_threadpool(revoke, user_id_of(caller), number, datetime.now(UTC))
        return RedirectResponse("/account?kept=revoked#tokens", status_code=303)

    async def _change_password(self, caller: Caller, fields: Mapping[str, str]) -> None:
        if fields.get("new", "") != fields.get("again", ""):
            raise FormError(422, "The two new passwords differ.", "Write the same one twice.")
        tries, who = self.doorman.tries, f"password of user {caller.viewer.user_id}"
        wait_s = tries.begin((who, self.doorman.limits.tries))
        if wait_s > 0:
            raise TooManyError(wait_s, "There were too many wrong passwords.")
        change = self.store.accounts.change_password
        old, new, now = fields.get("old", ""), fields.get("new", ""), datetime.now(UTC)
        try:
            await self.doorman.hashing.run(
                lambda: change(user_id_of(caller), old, new, now, keep=caller.login)
            )
        except StoreError as error:
            raise mendable(error) from error
        tries.forget(who)

    def _make_token(self, request: Request, caller: Caller, fields: Mapping[str, str]) -> Response:
        name, scope = fields.get("name", ""), read_scope(fields.get("scope", ""))
        try:
            valid = read_span(fields.get("span", ""))
            made, secret = self.store.accounts.make_token(
                user_id_of(caller), name, scope, datetime.now(UTC), valid
            )
        except (FormError, StoreError) as error:
            return self._show(request, Said(mendable(error), "tokens", name))
        return self._show(request, Said(place="tokens", made=made, secret=secret))

    def _show(self, request: Request, said: Said = _NOTHING) -> Response:
        user_id, now = user_id_of(logged_in(request)), datetime.now(UTC)
        user = self.store.accounts.user(user_id)
        answer = respond(
            request,
            "account.html",
            status=200 if said.error is None else said.error.status,
            user=user,
            access=access_words(user.role, user.athlete, user.team),
            tokens=self.store.accounts.tokens(user_id, now),
            said=said,
            kept=request.query_params.get("kept", ""),
            spans=tuple(SPANS),
            usual_span=_USUAL_SPAN,
            scopes=SCOPES,
            api=base_of(request, self.doorman.entrance) + "/api/v1/athletes",
        )
        if isinstance(said.error, TooManyError):
            answer.headers["Retry-After"] = str(said.error.wait_s)
        return answer


def logged_in(request: Request) -> Caller:
    """Return who asks, who must have an account.

    Raises
    ------
    StoreError
        Where there are no accounts.
    """
    caller = caller_of(request)
    if caller.viewer.user_id is None:
        raise StoreError(
            "There are no accounts as yet: whoever sits at this computer sees everything.",
            "For accounts, end hipimu serve and start hipimu serve --accounts.",
            reason="not_found",
        )
    return caller


def user_id_of(caller: Caller) -> int:
    """Return the number of a user; a caller without one is a defect."""
    if caller.viewer.user_id is None:
        raise ValueError("nobody is logged in")
    return caller.viewer.user_id


def read_scope(text: str) -> Scope:
    """Return what a token may do: only look, unless it is said."""
    return "write" if text == "write" else "read"


def read_span(text: str) -> timedelta | None:
    """Return for how long a token is to work; None: until it is taken back.

    Raises
    ------
    FormError
        When it is none of those that are offered.
    """
    if text not in SPANS:
        raise FormError(422, "It is not said for how long.", "Choose one of the list.")
    return SPANS[text]


def mendable(error: FormError | StoreError) -> FormError:
    """Return what a person can mend at a form; anything else is raised."""
    if isinstance(error, FormError):
        return error
    if error.reason not in ("bad_value", "exists"):
        raise error
    return FormError(422, error.what, error.remedy)
