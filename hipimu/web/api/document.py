"""The OpenAPI document: what is common to all addresses is said once, here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from hipimu.web.api.models import model_of
from hipimu.web.api.problems import KINDS, MEDIA_TYPE, Problem

BASE: Final = "/api/v1"
API_VERSION: Final = "1.0.0"
_PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
Responses = dict[int | str, dict[str, Any]]

FILE: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
"""Schema of an answer that is a file."""


def refusal(*reasons: str) -> Responses:
    """Return refusals for what only some addresses refuse."""
    return {
        KINDS[reason].status: {"description": KINDS[reason].title, "content": _PROBLEM}
        for reason in reasons
    }


CONFLICT: Final = refusal("exists")

TAGS: Final = [
    {
        "name": "Athletes",
        "description": "Who is measured. Everybody sees only whom they may see: an owner all, a "
        "coach a team or all, an athlete themself. The others are as unknown as those who were "
        "never there.",
    },
    {"name": "Sessions", "description": "Analysed recordings, in SI units and radians."},
    {
        "name": "Over weeks",
        "description": "What changed, and whether that is more than scatter.",
    },
    {"name": "Notes", "description": "What people write. Deleted notes can be brought back."},
    {
        "name": "Uploads",
        "description": "Recordings to be analysed and kept. They are read one after the other.",
    },
    {"name": "Access", "description": "Who may look: users, invitations, tokens, audit."},
]

_ABOUT: Final = """\
Everything that the coach's pages show, for programs.

**Form.** JSON in UTF-8. Units stand in the names: `_rad` radians, `_s` seconds, `_m_s` metres a
second. Times are ISO 8601 in UTC. Intervals are `[low, high]`. A number that is not known is
`null`. Names in addresses are percent-encoded. Where there is GET there is HEAD. Nothing may be
kept by caches.

**Access.** On a server without accounts every program on its computer may do everything. With
accounts, send `Authorization: Bearer TOKEN`; tokens are made on the account's page, may only look
or change too, and are shown once. A login in the browser may look here and change nothing.

**Changes** are `Content-Type: application/json`, at most 64 kB; only recordings are sent as files.

**Refusals** are `application/problem+json` (RFC 9457) with `reason`, a word for programs, and
`remedy`, what to do.

**Version.** Within v1 fields, addresses and optional parameters are added; none is taken away, nor
changes what it means. Ignore fields that you do not know.
"""


def at(*parts: str | int) -> str:
    """Return an address of the API."""
    return "/".join((BASE, *(quote(str(part), safe="") for part in parts)))


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _document(app)
    return app.openapi_schema


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="hipimu",
        version=API_VERSION,
        openapi_version="3.1.0",
        summary="Athletes, their sessions, and how durable the end of the hip's range is.",
        description=f"{_ABOUT}\nServed by hipimu {version('hipimu')}.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
        tags=TAGS,
        servers=[{"url": BASE}],
    )
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    _, own = models_json_schema(
        [(model_of(Problem), "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas |= own["$defs"]
    for fastapis_own in ("HTTPValidationError", "ValidationError"):
        schemas.pop(fastapis_own, None)
    for schema in schemas.values():
        _without_titles(schema)
    parts["securitySchemes"] = _WAYS_IN
    document["security"] = [{"token": []}, {"login": []}, {}]
    for path, operation in _operations(document):
        _refusals(path, operation)
    return document


_WAYS_IN: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token, from the account's page.",
    },
    "login": {
        "type": "apiKey",
        "in": "cookie",
        "name": "hipimu-coach",
        "description": "A login in the browser, for GET alone; the server's port stands behind the "
        "name.",
    },
}


def _without_titles(schema: Mapping[str, Any]) -> None:
    """Take away what only repeats the names of fields."""
    for value in schema.get("properties", {}).values():
        value.pop("title", None)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in _METHODS:
                yield path, operation


_DONE: Final = {
    "200": "What was asked for.",
    "201": "It was made.",
    "202": "It has come.",
    "204": "It was done.",
}


def _refusals(path: str, operation: dict[str, Any]) -> None:
    """Say what every address refuses, and those that are asked in the same way."""
    reasons = ["not_known", "forbidden", "misdirected", "too_often", "failed", "busy"]
    if "{" in path:
        reasons.append("not_found")
    if operation.get("parameters") or "requestBody" in operation:
        reasons.append("bad_value")
    if "requestBody" in operation:
        reasons += ["not_json", "too_large"]
    said = operation["responses"]
    said.pop("422", None)
    for status, answer in said.items():
        if answer["description"] == "Successful Response":
            answer["description"] = _DONE[status]
    for status, answer in refusal(*reasons).items():
        said.setdefault(str(status), answer)
    operation["responses"] = dict(sorted(said.items()))
