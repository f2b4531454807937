"""The documentation of the API as a page: read off the OpenAPI document.

No bundle does it as the pages here have to be. Measured in a browser under our policy: Swagger UI
5.35 asks for nothing that is forbidden, but is 1.9 MB, empty without JavaScript, and has 17 places
with less contrast than 4.5:1; Redoc 2.5 is 1.1 MB and stays without its styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hipimu.web.api.problems import KINDS

_MARKED: Final = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|`(?P<code>[^`]+)`")
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_WORDS: Final = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A few words in one style."""

    text: str
    style: str = ""
    """``strong``, ``code``, or nothing."""
    link: str = ""


Text = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One value that is sent or received."""

    name: str
    kind: Text
    said: Text
    note: str = ""
    """Where it stands and whether it is needed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that an address may answer with."""

    status: str
    said: Text
    kind: Text


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and what can be done there."""

    id: str
    method: str
    path: str
    summary: str
    said: tuple[Text, ...]
    parameters: tuple[Field, ...]
    bodies: tuple[Piece, ...]
    """Forms of which one is sent."""
    answers: tuple[Answer, ...]
    refusals: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Operations that belong together."""

    name: str
    said: tuple[Text, ...]
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of JSON that has a name."""

    name: str
    said: tuple[Text, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of problem."""

    reason: str
    status: int
    title: str


@dataclass(frozen=True, slots=True)
class DocsPage:
    """What the page shows."""

    version: str
    base: str
    said: tuple[Text, ...]
    groups: tuple[Group, ...]
    forms: tuple[Form, ...]
    refusals: tuple[Refusal, ...]


def docs_page(document: Mapping[str, Any]) -> DocsPage:
    """Return what an OpenAPI document says, as a person reads it."""
    info = document["info"]
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    return DocsPage(
        version=info["version"],
        base=document["servers"][0]["url"],
        said=paragraphs(info["description"]),
        groups=tuple(_groups(document)),
        forms=tuple(_form(name, schemas[name]) for name in sorted(schemas)),
        refusals=tuple(
            Refusal(reason, kind.status, kind.title)
            for reason, kind in sorted(KINDS.items(), key=lambda item: (item[1].status, item[0]))
        ),
    )


def paragraphs(text: str) -> tuple[Text, ...]:
    """Return a description's paragraphs."""
    return tuple(inline(" ".join(part.split())) for part in text.split("\n\n") if part.strip())


def inline(text: str) -> Text:
    """Return words with what is marked in them: ``**strong**`` and code."""
    pieces, end = [], 0
    for match in _MARKED.finditer(text):
        pieces.append(Piece(text[end : match.start()]))
        pieces.append(Piece(str(match[match.lastgroup or 0]), match.lastgroup or ""))
        end = match.end()
    pieces.append(Piece(text[end:]))
    return tuple(piece for piece in pieces if piece.text)


def _groups(document: Mapping[str, Any]) -> Iterator[Group]:
    every = [
        (operation["tags"][0], _operation(path, method, operation))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in _METHODS
    ]
    known = [tag["name"] for tag in document["tags"]]
    others = dict.fromkeys(tag for tag, _ in every if tag not in known)
    said = {tag["name"]: tag["description"] for tag in document["tags"]}
    for name in (*known, *others):
        own = tuple(operation for tag, operation in every if tag == name)
        if own:
            yield Group(name, paragraphs(said.get(name, "")), own)


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    answers = operation["responses"]
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        said=paragraphs(operation.get("description", "")),
        parameters=tuple(_parameter(one) for one in operation.get("parameters", ())),
        bodies=tuple(_bodies(operation.get("requestBody", {}))),
        answers=tuple(_answer(code, told) for code, told in answers.items() if code < "400"),
        refusals=tuple(
            Piece(f"{code} {told['description']}")
            for code, told in answers.items()
            if code >= "400"
        ),
    )


def _parameter(told: Mapping[str, Any]) -> Field:
    usual = told["schema"].get("default")
    note = "in the path" if told["in"] == "path" else "needed" if told.get("required") else ""
    return Field(
        name=told["name"],
        kind=kind_of(told["schema"]),
        said=inline(told.get("description", "")),
        note=note if usual is None else f"without it: {_value(usual)}",
    )


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bodies(body: Mapping[str, Any]) -> Iterator[Piece]:
    for kind, content in body.get("content", {}).items():
        schema = content["schema"]
        choices = schema.get("anyOf") or schema.get("oneOf") or [schema]
        if choices == [schema] and "$ref" not in schema:
            yield Piece(kind)
        for one in choices:
            yield from kind_of(one) if "$ref" in one else ()


def _answer(status: str, told: Mapping[str, Any]) -> Answer:
    contents = told.get("content", {})
    kinds: list[Piece] = []
    for media, content in contents.items():
        form = kind_of(content["schema"]) if media == "application/json" else (Piece(media),)
        kinds += [Piece(", ")] * bool(kinds) + list(form)
    return Answer(status, inline(told["description"]), tuple(kinds) or (Piece("no content"),))


def _form(name: str, schema: Mapping[str, Any]) -> Form:
    needed = set(schema.get("required", ()))
    fields = tuple(
        Field(
            key,
            kind_of(told),
            inline(told.get("description", "")),
            "" if key in needed else "may be left out",
        )
        for key, told in schema.get("properties", {}).items()
    )
    return Form(name, paragraphs(schema.get("description", "")), fields)


def kind_of(schema: Mapping[str, Any]) -> Text:
    """Say which values a schema takes, with links to forms that have a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return (Piece(name, link=f"#form-{name}"),)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return _joined([kind_of(one) for one in choices], " or ")
    if "const" in schema:
        return (Piece(str(schema["const"]), "code"),)
    if "enum" in schema:
        return _joined([(Piece(str(one), "code"),) for one in schema["enum"]], ", ")
    if schema.get("type") == "array":
        return _list(schema)
    if isinstance(schema.get("additionalProperties"), Mapping):
        return _object(schema)
    return (Piece(_scalar(schema)),)


def _list(schema: Mapping[str, Any]) -> Text:
    if "prefixItems" in schema:
        parts = _joined([kind_of(one) for one in schema["prefixItems"]], ", ")
        return (Piece("["), *parts, Piece("]"))
    return (Piece("list of "), *kind_of(schema.get("items", {})))


def _object(schema: Mapping[str, Any]) -> Text:
    values = kind_of(schema["additionalProperties"])
    keys = schema.get("propertyNames", {})
    if "enum" not in keys:
        return (Piece("for each name: "), *values)
    return (Piece("for "), *kind_of(keys), Piece(": "), *values)


def _scalar(schema: Mapping[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "time"
    low, high = schema.get("minimum"), schema.get("maximum")
    word = _WORDS.get(schema.get("type", ""), "anything")
    if low is not None and high is not None:
        return f"{word}, {low} to {high}"
    longest = schema.get("maxLength")
    return word if longest is None else f"{word}, up to {longest} letters"


def _joined(parts: Sequence[Text], between: str) -> Text:
    pieces: list[Piece] = []
    for part in parts:
        pieces += [Piece(between)] * bool(pieces) + list(part)
    return tuple(pieces)
