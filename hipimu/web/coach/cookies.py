"""The cookies of the coach's pages, signed by the store's key, and the keys of forms.

Why each is there: ``docs/explanation/coach-security.md``.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import Final, Literal

from itsdangerous import BadData, TimestampSigner
from starlette.requests import HTTPConnection
from starlette.responses import Response

from hipimu.store.names import name_key
from hipimu.web.security import TOKEN_BYTES, Access

Purpose = Literal["login", "form", "join", "known"]
_LASTS_S: Final[dict[Purpose, int]] = {
    # The store ends logins earlier.
    "login": 31 * 24 * 3600,
    "form": 12 * 3600,
    "join": 3600,
    "known": 180 * 24 * 3600,
}


class Cookies:
    """Writes and reads cookies.

    Parameters
    ----------
    signing_key : callable
        Gives the store's key; asked once, when it is first needed.
    access : Access
    """

    def __init__(self, signing_key: Callable[[], str], access: Access) -> None:
        self._signing_key = signing_key
        self._access = access

    # -- who is logged in

    def login(self, asked: HTTPConnection) -> str | None:
        """Return the token of a login that this store has given; None: there is none."""
        return self._read(asked, "login")

    def has_login(self, asked: HTTPConnection) -> bool:
        """Tell whether there is a cookie of a login, valid or not."""
        return self._name("login") in asked.cookies

    def keep_login(self, answer: Response, token: str) -> None:
        """Have a browser keep a login, until it is closed or the store ends it."""
        self._keep(answer, "login", token)

    def end_login(self, answer: Response) -> None:
        """Have a browser forget a login."""
        self._drop(answer, "login")

    def form_key(self, token: str) -> str:
        """Return what forms of a login have to bring back: it dies with the login."""
        return self._derived("login", token)

    # -- forms before anybody is logged in

    def guest_key(self, asked: HTTPConnection) -> str:
        """Return what forms of a browser that nobody is logged in in have to bring back.

        Empty where the browser has no cookie for it.
        """
        nonce = self._read(asked, "form")
        return "" if nonce is None else self._derived("form", nonce)

    def keep_guest(self, asked: HTTPConnection) -> tuple[str, Callable[[Response], None]]:
        """Return such a key, and what gives an answer the cookie that belongs to it."""
        key = self.guest_key(asked)
        if key:
            return key, lambda _: None
        nonce = secrets.token_urlsafe(TOKEN_BYTES)
        return self._derived("form", nonce), lambda answer: self._keep(answer, "form", nonce)

    # -- a link that was opened

    def join(self, asked: HTTPConnection) -> str | None:
        """Return the token of an invitation whose link was opened in this browser."""
        return self._read(asked, "join")

    def keep_join(self, answer: Response, token: str) -> None:
        """Keep it for the hour in which it is used, so that the address need not hold it."""
        self._keep(answer, "join", token)

    def end_join(self, answer: Response) -> None:
        """Forget it."""
        self._drop(answer, "join")

    # -- browsers that somebody has logged in in before

    def knows(self, asked: HTTPConnection, login: str) -> bool:
        """Tell whether somebody has logged in in this browser by that name before."""
        kept = self._read(asked, "known")
        return kept is not None and hmac.compare_digest(kept, self._derived("known", _key(login)))

    def keep_known(self, answer: Response, login: str) -> None:
        """Remember that; the cookie does not tell the name."""
        self._keep(answer, "known", self._derived("known", _key(login)))

    # -- signing

    @cached_property
    def _secret(self) -> bytes:
        return self._signing_key().encode()

    def _signer(self, purpose: Purpose) -> TimestampSigner:
        return TimestampSigner(
            self._secret,
            salt=f"hipimu coach {purpose}",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )

    def _derived(self, purpose: Purpose, of: str) -> str:
        message = f"hipimu coach key {purpose}:{of}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    def _read(self, asked: HTTPConnection, purpose: Purpose) -> str | None:
        kept = asked.cookies.get(self._name(purpose))
        if kept is None:
            return None
        try:
            return self._signer(purpose).unsign(kept, max_age=_LASTS_S[purpose]).decode()
        except (BadData, UnicodeError):
            return None

    def _keep(self, answer: Response, purpose: Purpose, value: str) -> None:
        answer.set_cookie(
            self._name(purpose),
            self._signer(purpose).sign(value).decode(),
            max_age=_LASTS_S[purpose] if purpose == "known" else None,
            path="/",
            secure=self._access.https,
            httponly=True,
            # Strict ones are kept back while a link is followed, as one to a session in a chat.
            samesite="lax",
        )

    def _drop(self, answer: Response, purpose: Purpose) -> None:
        answer.delete_cookie(
            self._name(purpose),
            path="/",
            secure=self._access.https,
            httponly=True,
            samesite="lax",
        )

    def _name(self, purpose: Purpose) -> str:
        """Browsers share cookies between the ports of a host."""
        prefix = "__Host-" if self._access.https else ""
        own = f"{prefix}hipimu-coach-{self._access.port}"
        return own if purpose == "login" else f"{own}-{purpose}"


def _key(login: str) -> str:
    return name_key(login[:200])
