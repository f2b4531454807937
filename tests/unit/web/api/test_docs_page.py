"""What the documentation says of schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hipimu.web.api.docs_page import Piece, inline, kind_of, paragraphs

NULL = {"type": "null"}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "maxLength": 9}, "text, up to 9 letters"),
        ({"type": "string", "format": "date-time"}, "time"),
        ({"type": "integer", "minimum": 0, "maximum": 9}, "whole number, 0 to 9"),
        ({"anyOf": [{"type": "number"}, NULL]}, "number or null"),
        ({"enum": ["left", "right"], "type": "string"}, "left, right"),
        ({"const": "x"}, "x"),
        ({"type": "array", "items": {"type": "boolean"}}, "list of true or false"),
        ({"type": "array", "prefixItems": [{"type": "number"}, NULL]}, "[number, null]"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "for each name: number"),
        (
            {
                "additionalProperties": {"type": "number"},
                "propertyNames": {"enum": ["easy", "fast"]},
            },
            "for easy, fast: number",
        ),
        ({}, "anything"),
        ({"type": "object"}, "object"),
    ],
)
def test_a_schema_in_words(schema: Mapping[str, Any], said: str) -> None:
    assert "".join(piece.text for piece in kind_of(schema)) == said


def test_a_form_is_linked() -> None:
    told = kind_of({"type": "array", "items": {"$ref": "#/components/schemas/Note"}})
    assert told == (Piece("list of "), Piece("Note", link="#form-Note"))


def test_what_is_marked_is_marked() -> None:
    assert inline("**Form.** Use `_rad` < 1") == (
        Piece("Form.", "strong"),
        Piece(" Use "),
        Piece("_rad", "code"),
        Piece(" < 1"),
    )


def test_a_paragraph_ends_at_an_empty_line() -> None:
    assert paragraphs("one\nline\n\nand another\n") == (
        (Piece("one line"),),
        (Piece("and another"),),
    )
