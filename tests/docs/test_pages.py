"""How-to pages about the coach's pages say what their studies found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hipimu.sources.simulate.season import SQUAD
from tests.studies import pages, season

DOCS = Path(__file__).parents[2] / "docs"


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / name).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    ("study", "found", "at"),
    [(pages, "pages.json", "coach.md"), (season, "season.json", "try-the-dashboard.md")],
)
def test_the_page_says_what_was_found(study: Any, found: str, at: str) -> None:
    text = (DOCS / "how-to" / at).read_text(encoding="utf-8")
    assert study.page(text, document(found)) == text


def test_pages_keep_their_limits_with_5000_sessions() -> None:
    limited = [row for row in document("pages.json")["rows"] if row["limit_ms"] is not None]
    asked = {(row["athletes"] * row["sessions"], row["database"], row["page"]) for row in limited}

    assert asked == {
        (count, database, page)
        for count in (420, 4998)
        for database in ("SQLite", "PostgreSQL")
        for page in ("squad", "athlete")
    }
    assert all(row["quickest_ms"] <= row["limit_ms"] for row in limited)


def test_who_improves_is_told_so_and_who_does_not_is_not() -> None:
    told = {row["athlete"]: row for row in document("season.json")["athletes"]}

    assert document("season.json")["sessions"] == 420
    for who in SQUAD:
        row = told[who.name]
        assert (row["judgement"] == "real") == (who.change_deg != 0.0), who.name
        assert row["change_deg"] * who.change_deg >= 0.0, who.name
