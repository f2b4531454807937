"""docs/accuracy.md is what the generator makes of the numbers that are stored beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hipimu.export.accuracy import accuracy_frame
from hipimu.motion import FILTER_NAMES
from hipimu.report.accuracy_page import accuracy_figures, accuracy_page, part_files
from hipimu.validation.suites import DESCRIPTIONS, FAULTS, SPEEDS_M_S

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DOCS / "accuracy.json").read_text(encoding="utf-8"))
    return loaded


def test_the_page_is_generated(document: dict[str, Any]) -> None:
    assert (DOCS / "accuracy.md").read_text(encoding="utf-8") == accuracy_page(document)


def test_the_table_is_generated(document: dict[str, Any]) -> None:
    text = accuracy_frame(document).to_csv(index=False, lineterminator="\n")
    assert (DOCS / "accuracy.csv").read_text(encoding="utf-8") == text


def test_the_figures_are_there_and_no_others(document: dict[str, Any]) -> None:
    drawn = set(accuracy_figures(document))
    for reference in document["references"]:
        drawn |= set(part_files(reference).values())
    shown = set(re.findall(r"\]\(img/([^)]+)\)", accuracy_page(document)))
    assert shown == drawn
    stored = {path.name for path in (DOCS / "img").glob("*.svg")}
    assert drawn <= stored
    assert {name for name in stored if name.startswith(("accuracy-", "isen-run-"))} <= drawn


def test_the_stored_run_was_a_whole_one(document: dict[str, Any]) -> None:
    """A page of a quick run, or of an older set of cases, must not be published."""
    assert document["quick"] is False
    assert document["suites"] == dict(DESCRIPTIONS)
    rows = document["simulated"]
    by_speed = {(r["suite"], r["speed_m_s"]) for r in rows if r["table"] == "speed"}
    assert by_speed == {(suite, speed) for suite in DESCRIPTIONS for speed in SPEEDS_M_S}
    assert {r["fault"] for r in rows if r["table"] == "fault"} == {"", *FAULTS}
    assert {r["filter"] for r in rows if r["table"] == "filter"} == set(FILTER_NAMES)
    assert [reference["name"] for reference in document["references"]] == ["isen-run"]
    assert document["orientations"]


def test_a_page_without_numbers_says_what_is_missing(document: dict[str, Any]) -> None:
    row = document["simulated"][0] | {
        "peak_flexion": None,
        "peak_extension": None,
        "method": None,
        "refused": ["run: no quiet standing."],
    }
    nothing = document | {
        "simulated": [row],
        "references": [],
        "orientations": [],
        "bland_altman": [],
        "missing": [{"name": "isen-run", "why": "not installed"}],
    }
    page = accuracy_page(nothing)
    assert "isen-run (not installed)" in page
    assert "no quiet standing" in page
    assert accuracy_figures(nothing) == {}
    assert "](img/" not in page
