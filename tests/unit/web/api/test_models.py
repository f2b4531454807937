"""What the OpenAPI document says of answers, bodies and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import jsonschema
import numpy as np
import pytest

from hipimu.data import FloatArray
from hipimu.web.api.app import openapi_document
from hipimu.web.api.fields import DESCRIPTIONS
from hipimu.web.api.models import model_of
from hipimu.web.api.plain import plain

DOCUMENT = openapi_document()
SCHEMAS = DOCUMENT["components"]["schemas"]
UNITS = {"_rad": "radians", "_s": "seconds", "_m_s": "metres a second", "_hz": "a second"}
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def fields() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for form, schema in SCHEMAS.items():
        for name, field in schema.get("properties", {}).items():
            yield f"{form}.{name}", field


def test_it_is_an_openapi_3_1_document() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["servers"] == [{"url": "/api/v1"}]
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_field_says_what_it_is() -> None:
    assert [name for name, field in fields() if not field.get("description")] == []


def test_every_form_says_what_it_is() -> None:
    assert [name for name, schema in SCHEMAS.items() if not schema.get("description")] == []


def test_every_unit_is_said_in_words() -> None:
    for name, field in fields():
        ends = [end for end in UNITS if name.endswith(end)]
        if ends:
            assert UNITS[max(ends, key=len)] in field["description"], name


def test_python_is_not_spoken() -> None:
    spoken = [
        (name, field["description"])
        for name, field in fields()
        if any(word in field.get("description", "") for word in ("None", "NaN", "``", "hipimu."))
    ]
    assert spoken == []


def test_no_description_is_of_a_field_that_is_not_there() -> None:
    known = {name for name, _ in fields()}
    known |= {name.partition(".")[2] for name in known} | set(SCHEMAS)
    assert set(DESCRIPTIONS) - known == set()


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_every_operation_is_described_whole(name: str, operation: Mapping[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert all(parameter["description"] for parameter in operation.get("parameters", ()))
    answers = operation["responses"]
    assert {"401", "403", "429", "500", "503"} <= set(answers)
    for status, answer in answers.items():
        if status >= "400":
            assert list(answer["content"]) == ["application/problem+json"], name


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


@dataclass(frozen=True)
class Inner:
    """Within."""

    x_rad: float
    """An angle."""


@dataclass(frozen=True)
class Outer:
    """Around.

    Parameters
    ----------
    inner : Inner
    """

    inner: tuple[Inner, ...]
    """Some of `Inner`."""
    pair: tuple[float, int]
    """Two."""
    array: FloatArray
    """Many; None where there is nothing."""
    by_side: Mapping[Literal["left", "right"], int | None]
    """Of each; null: unknown."""
    schema: str
    """A name that pydantic needs for itself."""


def test_a_noun_obeys_the_schema_that_is_made_of_it() -> None:
    noun = Outer(
        (Inner(float("nan")), Inner(0.5)), (1.0, 2), np.array([1, np.nan]), {"left": 1}, "x"
    )
    schema = model_of(Outer).model_json_schema(mode="serialization", by_alias=True)
    told = plain(noun)
    assert told["inner"] == [{"x_rad": None}, {"x_rad": 0.5}]
    assert told["array"] == [1.0, None]
    jsonschema.validate(told, schema)
    many: list[dict[str, Any]] = [
        {"pair": [1.0]},
        {"by_side": {"middle": 1}},
        {"inner": [{}]},
        {"schema": 1},
    ]
    for wrong in many:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(told | wrong, schema)


def test_what_stands_below_a_field_describes_it() -> None:
    schema = model_of(Outer).model_json_schema(mode="serialization", by_alias=True)
    told = {name: field["description"] for name, field in schema["properties"].items()}
    assert schema["description"] == "Around."
    assert told["array"] == "Many; null where there is nothing."
    assert told["by_side"] == "Of each."
    inner = schema["$defs"]["Inner"]["properties"]["x_rad"]
    assert inner["description"] == "An angle. In radians."
