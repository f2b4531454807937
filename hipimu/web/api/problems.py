"""What goes wrong, as RFC 9457 says it to programs: one form for every refusal."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from hipimu.errors import StoreError
from hipimu.web.api.plain import Json

MEDIA_TYPE: Final = "application/problem+json"
TYPE: Final = "/api/docs#problem-"
"""Where a kind of problem is described, before its reason."""
MOST_TOLD: Final = 10
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem."""

    status: int
    title: str


KINDS: Final[Mapping[str, Kind]] = {
    "bad_value": Kind(422, "A value cannot be used"),
    "busy": Kind(503, "Others are in the way"),
    "damaged": Kind(500, "Stored data is damaged"),
    "exists": Kind(409, "It is there already"),
    "failed": Kind(500, "Something went wrong on this side"),
    "forbidden": Kind(403, "Not allowed"),
    "misdirected": Kind(421, "Asked by a wrong name"),
    "missing_files": Kind(500, "Stored data is missing"),
    "newer": Kind(500, "The store is of a newer hipimu"),
    "no_room": Kind(507, "The server's disk is full"),
    "not_acceptable": Kind(406, "There is no such form of it"),
    "not_empty": Kind(409, "The store is not empty"),
    "not_files": Kind(415, "Neither a zip nor a form with files"),
    "not_found": Kind(404, "Not there"),
    "not_installed": Kind(500, "Something is not installed on the server"),
    "not_json": Kind(415, "Not JSON"),
    "not_known": Kind(401, "Nobody is known by that"),
    "other_athlete": Kind(409, "It is another athlete's"),
    "too_large": Kind(413, "Too large"),
    "too_many": Kind(429, "Too many wait already"),
    "too_often": Kind(429, "Too often"),
    "too_slow": Kind(408, "It came too slowly"),
    "unreachable": Kind(503, "The store cannot be reached"),
    "wrong_method": Kind(405, "Not done here"),
}
"""By reason, the word for programs."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that cannot be used."""

    where: str
    """Such as `body.text` or `query.limit`."""
    said: str
    """What is wrong with it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was refused (RFC 9457)."""

    type: str
    """Where this kind of problem is described, from the server's address on."""
    title: str
    """The kind in words."""
    status: int
    """Of the answer."""
    detail: str
    """What happened, in a sentence."""
    remedy: str
    """What to do, in a sentence."""
    reason: str
    """The kind in a word, for programs."""
    errors: tuple[Fault, ...]
    """Values that cannot be used; empty: it is not about values."""


class ProblemError(Exception):
    """A request is refused.

    Parameters
    ----------
    reason : str
        One of `KINDS`.
    what, remedy : str
        In a sentence each.
    """

    def __init__(self, reason: str, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.reason = reason
        self.what = what
        self.remedy = remedy


def problem(
    reason: str,
    what: str,
    remedy: str,
    errors: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a problem.

    Parameters
    ----------
    reason : str
        One of `KINDS`.
    what, remedy : str
        In a sentence each.
    errors : sequence of Fault
    headers : mapping or None
        Besides those that every answer has.
    """
    kind = KINDS[reason]
    told = Problem(
        type=f"{TYPE}{reason}",
        title=kind.title,
        status=kind.status,
        detail=what,
        remedy=remedy,
        reason=reason,
        errors=tuple(errors),
    )
    return Json(told, kind.status, {"Content-Type": MEDIA_TYPE, **(headers or {})})


_BY_STATUS: Final[Mapping[int, str]] = {
    401: "not_known",
    403: "forbidden",
    404: "not_found",
    421: "misdirected",
    429: "too_often",
    503: "busy",
}


def problem_of(
    status: int, what: str, remedy: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with the problem that a status tells, for who stands before the API."""
    return problem(_BY_STATUS.get(status, "failed"), what, remedy, headers=headers)


def add_handlers(app: FastAPI) -> None:
    """Let an application answer with problems, whatever goes wrong in it."""
    app.add_exception_handler(ProblemError, _refused)
    app.add_exception_handler(StoreError, _refused_by_store)
    app.add_exception_handler(RequestValidationError, _unusable)
    app.add_exception_handler(HTTPException, _no_such_address)
    app.add_exception_handler(Exception, _failed)


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return problem(error.reason, error.what, error.remedy)


async def _refused_by_store(_: Request, error: Exception) -> Response:
    if not isinstance(error, StoreError):
        raise error
    known = KINDS.get(error.reason, KINDS["failed"])
    if known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # Its words name places on this computer.
        _log.error("The store refused: %s", error)
        reason = error.reason if error.reason in KINDS else "failed"
        return problem(reason, "The store cannot answer.", "Try again; the server's log says more.")
    remedy = error.remedy
    if error.reason == "not_found":
        # The store speaks of commands, which are elsewhere.
        remedy = "Look at what the lists hold, such as GET /api/v1/athletes."
    return problem(error.reason, error.what, remedy)


async def _unusable(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = [
        Fault(".".join(map(str, one["loc"])), str(one["msg"]).removeprefix("Value error, "))
        for one in error.errors()[:MOST_TOLD]
    ]
    first = found[0]
    return problem("bad_value", f"{first.where}: {first.said}.", "See /api/docs.", found)


async def _no_such_address(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(_methods(request)))
        return problem(
            "wrong_method",
            f"This address does not take {request.method[:20]}.",
            f"It takes {allowed}.",
            headers={"Allow": allowed},
        )
    return problem("not_found", "There is nothing at this address.", "See /api/docs.")


def _methods(request: Request) -> set[str]:
    """Return what an address takes: the router itself tells only of the first route there."""
    paths: Mapping[str, Mapping[str, object]] = request.app.openapi()["paths"]
    path = request.scope["path"].removeprefix(request.scope["root_path"])
    found = {
        method.upper()
        for template, taken in paths.items()
        if compile_path(template)[0].match(path)
        for method in taken
    }
    return found | {"HEAD"} if "GET" in found or not found else found


async def _failed(_: Request, __: Exception) -> Response:
    return problem(
        "failed", "Something went wrong on this side.", "Nothing was changed by halves; try again."
    )
