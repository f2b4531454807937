"""The page about many recordings says what its study found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.studies.scaling import page

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DOCS / "scaling.json").read_text(encoding="utf-8"))
    return document


def test_the_page_says_what_was_found(found: dict[str, Any]) -> None:
    text = (DOCS / "how-to" / "many-recordings.md").read_text(encoding="utf-8")
    assert page(text, found) == text


def test_nothing_is_lost_and_nothing_differs_though_a_worker_was_killed(
    found: dict[str, Any],
) -> None:
    assert {run["states"]["analysed"] for run in found["runs"].values()} == {200}
    assert {run["files_unlike"] for run in found["runs"].values()} == {0}
    assert found["runs"]["2 Dask"]["replaced"] == 1
