"""A program that asks the REST API, and holds every answer against the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import jsonschema

from hipimu.store import Scope
from hipimu.web.api.app import openapi_document
from tests.faces.coach_team import Team

BASE = "/api/v1"


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    """With names in lower case."""
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content, parse_constant=_no_json)

    @property
    def reason(self) -> str:
        """Of a problem."""
        assert self.headers["content-type"] == "application/problem+json"
        told: str = self.json["reason"]
        return told


def _no_json(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@dataclass
class Program:
    """Asks, with or without a token."""

    url: str
    token: str = field(default="", repr=False)

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, headers=headers)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask; a body that is not bytes is sent as JSON."""
        told = urlsplit(self.url)
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if body is not None and not isinstance(body, bytes):
            sent["Content-Type"] = "application/json"
        connection = HTTPConnection(told.hostname or "", told.port or 0, timeout=10)
        connection.request(method, path, content, {**sent, **(headers or {})})
        answer = connection.getresponse()
        headers_got = {name.lower(): value for name, value in answer.getheaders()}
        got = Reply(answer.status, headers_got, answer.read())
        connection.close()
        check(method, path, got)
        return got


def program_of(team: Team, login: str, scope: Scope = "write") -> Program:
    """Return a program that asks in a user's name."""
    made = team.store.accounts.make_token(
        team.user(login).id, "test", scope, datetime.now(UTC), None
    )
    return Program(team.visitor().url, made[1])


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return openapi_document()


def operation_of(method: str, path: str) -> Mapping[str, Any] | None:
    """Return what the document says of an address; None: nothing."""
    asked = path.partition("?")[0].removeprefix(BASE)
    for template, operations in document()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), asked):
            found: Mapping[str, Any] | None = operations.get(method.lower())
            return found
    return None


def check(method: str, path: str, got: Reply) -> None:
    """Be sure that an answer is one that the document promises."""
    assert got.headers["cache-control"] == "no-store"
    operation = operation_of(method, path)
    if operation is None:
        return
    said = operation["responses"][str(got.status)]
    kind = got.headers.get("content-type", "").partition(";")[0]
    if "content" not in said:
        assert (kind, got.content) == ("", b"")
        return
    assert kind in said["content"]
    if kind.endswith("json"):
        schema = said["content"][kind]["schema"] | {"components": document()["components"]}
        jsonschema.Draft202012Validator(schema).validate(got.json)
