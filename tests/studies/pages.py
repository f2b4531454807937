"""How long the coach's pages take with thousands of sessions: `python -m tests.studies.pages docs`.

Writes pages.json and a table of how-to/coach.md; six minutes, most of them to fill the stores.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from hipimu.store import Store
from tests.coach_season import club, fill
from tests.faces.coach_pages import served
from tests.page_times import PAGES, SESSIONS, ask, hurried, in_postgresql
from tests.studies.marked_page import between, marks

BEGIN, END = marks("study-pages", "pages")
MORE: Final = 2.0
"""With 5,000 sessions a page may take so many times what it may with a season's 420."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How sessions are spread over athletes."""

    name: str
    athletes: int
    sessions: int
    limits: float | None
    """What the limits of a season are multiplied by; None: they are not for this."""


SHAPES: Final = (
    Shape("a season", 14, SESSIONS, 1.0),
    Shape("four years of the same squad", 14, 357, MORE),
    Shape("a season of a large club", 167, SESSIONS, None),
)


def run(folder: Path) -> dict[str, Any]:
    """Fill a store for each shape, and ask for every page in both databases."""
    rows = [row for number, shape in enumerate(SHAPES) for row in _of(shape, folder / f"{number}")]
    return {"cores": os.cpu_count(), "rows": rows}


def _of(shape: Shape, folder: Path) -> Iterator[dict[str, Any]]:
    folder.mkdir()
    with hurried(folder / "store.sqlite") as store:
        fill(store, club(shape.athletes), shape.sessions, until=datetime.now(UTC))
        print(f"{shape.name}: filled", flush=True)
        yield from _asked(shape, "SQLite", store)
        with in_postgresql(store, folder) as copy:
            yield from _asked(shape, "PostgreSQL", copy)


def _asked(shape: Shape, database: str, store: Store) -> Iterator[dict[str, Any]]:
    with served(store) as running:
        for page in PAGES:
            usual, factor = page.limit_ms, shape.limits
            limit_ms = None if usual is None or factor is None else factor * usual
            took = ask(running, page.path, limit_ms)
            told = {key: round(value, 1) for key, value in asdict(took).items()}
            about = {
                "shape": shape.name,
                "athletes": shape.athletes,
                "sessions": shape.sessions,
                "database": database,
                "page": page.name,
                "limit_ms": limit_ms,
            }
            row = about | told
            print(json.dumps(row), flush=True)
            yield row


def page(text: str, document: Mapping[str, Any]) -> str:
    """Put what was found between the two marks of a page."""
    return between(text, BEGIN, END, "\n".join(_words(document)))


def _words(document: Mapping[str, Any]) -> Iterator[str]:
    rows = document["rows"]
    shapes = {row["shape"]: row for row in rows}
    yield (
        f"Milliseconds on a computer with {document['cores']} cores, from the question to the "
        "whole answer: the quickest of many rounds, and in brackets what a core worked on it, "
        "without PostgreSQL itself."
    )
    yield ""
    names = " | ".join(
        f"{name}: {row['athletes']} × {row['sessions']} = {row['athletes'] * row['sessions']:,}"
        for name, row in shapes.items()
    )
    yield f"| page | database | {names} |"
    yield "|---|---|" + "---|" * len(shapes)
    for page_name, database in dict.fromkeys((row["page"], row["database"]) for row in rows):
        cells = [
            _cell(row) for row in rows if (row["page"], row["database"]) == (page_name, database)
        ]
        yield f"| {page_name} | {database} | {' | '.join(cells)} |"


def _cell(row: Mapping[str, Any]) -> str:
    limit = "" if row["limit_ms"] is None else f" of {row['limit_ms']:.0f} allowed"
    return f"{row['quickest_ms']:.0f}{limit} ({row['cpu_ms']:.0f})"


def main(docs: Path) -> None:
    """Run the study and write what it found."""
    with tempfile.TemporaryDirectory() as folder:
        document = run(Path(folder))
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (docs / "pages.json").write_text(text, encoding="utf-8")
    at = docs / "how-to" / "coach.md"
    at.write_text(page(at.read_text(encoding="utf-8"), document), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
