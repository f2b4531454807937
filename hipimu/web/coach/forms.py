"""What people send: read within bounds, and only with the key that this server's pages hold."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

_MOST_BYTES: Final = 64 * 1024
_MOST_FIELDS: Final = 20
_PATIENCE_S: Final = 20.0
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)")


class FormError(Exception):
    """A form is not taken as it is.

    Parameters
    ----------
    status : int
        Of the answer.
    what, remedy : str
        In a sentence each.
    """

    def __init__(self, status: int, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.status = status
        self.what = what
        self.remedy = remedy


async def read_form(request: Request, key: str) -> Mapping[str, str]:
    """Return the fields of a form.

    Parameters
    ----------
    request : Request
    key : str
        What its field ``key`` must hold: other sites' pages cannot know it.

    Raises
    ------
    FormError
        When it is no form, too large, or without the key.
    """
    fields = await read_fields(request)
    if not has_key(fields, key):
        raise FormError(
            403,
            "This form does not come from a page of this hipimu serve; nothing was changed.",
            "If hipimu serve was started again or you logged in anew meanwhile: go back, copy what "
            "you wrote, reload the page and send it from there.",
        )
    return fields


def has_key(fields: Mapping[str, str], key: str) -> bool:
    """Tell whether a form has brought back its key; where there is none, no form is taken."""
    given = fields.get("key", "").encode("utf-8", "replace")
    return bool(key) and secrets.compare_digest(given, key.encode())


async def read_fields(request: Request) -> dict[str, str]:
    """Return the fields of a form, whoever sent it: nothing may be changed because of it yet.

    Raises
    ------
    FormError
        When it is no form, too large, or does not come to an end.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise FormError(415, "That was no form.", "Write on hipimu's own pages.")
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return _fields(await _body(request))
    except TimeoutError as error:
        raise FormError(408, "The form did not come to an end.", "Send it again.") from error


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise FormError(413, "That is too long.", f"Send at most {_MOST_BYTES // 1024} kB.")
    return bytes(body)


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise FormError(400, "That form cannot be read.", "Reload the page and try again.") from (
            error
        )
    return dict(pairs)


def read_clock(text: str, duration_s: float) -> float | None:
    """Return a moment that somebody wrote as ``m:ss`` or ``h:mm:ss``, in seconds; empty: None.

    Raises
    ------
    FormError
        When it is no moment, or none of the recording.
    """
    text = text.strip()
    if not text:
        return None
    match = _CLOCK.fullmatch(text)
    if match is None or (match[1] is not None and int(match[2]) > 59):
        raise FormError(
            422,
            f"“{text[:20]}” is no moment of the run.",
            "Write minutes and seconds, such as 12:30, or leave it empty.",
        )
    moment_s = 3600.0 * int(match[1] or 0) + 60.0 * int(match[2]) + int(match[3])
    if moment_s > duration_s:
        raise FormError(
            422, f"The run was over before {text}.", "Write a moment of the run, or leave it empty."
        )
    return moment_s


def read_exertion(text: str) -> float | None:
    """Return a rating on the CR10 scale; empty: None.

    Raises
    ------
    FormError
        When it is none.
    """
    text = text.strip().replace(",", ".")
    if not text:
        return None
    try:
        rating = float(text)
    except ValueError:
        rating = -1.0
    if not 0.0 <= rating <= 10.0:
        raise FormError(
            422,
            f"An exertion of “{text[:20]}” is not on the scale.",
            "Write 0 (rest) to 10 (hardest), or leave it empty.",
        )
    return rating
