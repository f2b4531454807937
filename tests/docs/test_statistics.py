"""docs/statistics.md is what the generator makes of the numbers that are stored beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hipimu.report.honesty_page import study_figures, study_page

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DOCS / "statistics.json").read_text(encoding="utf-8"))
    return loaded


def test_the_page_is_generated(document: dict[str, Any]) -> None:
    assert (DOCS / "statistics.md").read_text(encoding="utf-8") == study_page(document)


def test_the_figures_are_there_and_no_others(document: dict[str, Any]) -> None:
    drawn = set(study_figures(document))

    assert set(re.findall(r"\]\(img/([^)]+)\)", study_page(document))) == drawn
    assert {path.name for path in (DOCS / "img").glob("statistics-*.svg")} == drawn
