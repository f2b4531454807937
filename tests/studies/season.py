"""What the coach's pages say of the demo's season, against the truth.

`python -m tests.studies.season docs STORE` after `hipimu demo --season`; writes season.json and a
table of how-to/try-the-dashboard.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from hipimu.data import Interval, SquadRow
from hipimu.report.numerals import number
from hipimu.report.over_weeks import judgement_words
from hipimu.report.wording import verdict_words
from hipimu.sources.simulate.season import SESSIONS, SQUAD, Character
from hipimu.store import ListedSession, Store, StoreView, Viewer, open_store
from hipimu.units import deg_from_rad
from hipimu.web.coach.over_weeks import OUTCOME, squad_now
from hipimu.web.coach.sessions import quality_of, verdict_of
from tests.studies.marked_page import between, marks

BEGIN, END = marks("study-season", "season")
_MOST_SILENT: Final = min(who.silent_days for who in SQUAD)


def run(store: Store) -> dict[str, Any]:
    """Ask what the squad page asks, on the day after the season's last session."""
    view = StoreView(store, Viewer("study", "owner"))
    newest = max(session.started_at for session in store.listed() if session.started_at)
    found = squad_now(view, newest + timedelta(days=_MOST_SILENT))
    rows = {row.athlete: row for row in found.squad.rows}
    return {
        "sessions": len(store.listed()),
        "athletes": [_told(who, rows[who.name], found.latest[who.name]) for who in SQUAD],
    }


def _told(who: Character, row: SquadRow, latest: ListedSession) -> dict[str, Any]:
    return {
        "athlete": who.name,
        "truth_change_deg": who.change_deg,
        "change_deg": _deg(row.trend.change),
        "change_ci95_deg": _ends(row.trend.change_ci95),
        "judgement": row.trend.judgement,
        "used": sum(not point.left_out for point in row.trend.points),
        "attention": row.attention,
        "why": row.why,
        "verdict": verdict_of(latest, OUTCOME),
        "quality": list(quality_of(latest)),
    }


def _deg(value: float | None) -> float | None:
    return None if value is None else round(deg_from_rad(value), 2)


def _ends(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [_deg(end) for end in interval]


def page(text: str, document: Mapping[str, Any]) -> str:
    """Put what was found between the two marks of a page."""
    return between(text, BEGIN, END, "\n".join(_words(document)))


def _words(document: Mapping[str, Any]) -> Iterator[str]:
    told = document["athletes"]
    count, whole = document["sessions"], len(SQUAD) * SESSIONS
    yield (
        f"From {count} of {whole} sessions, in the order of the squad page. *Change* is that of "
        "what is kept, over the eight weeks, with its 95 % interval."
    )
    yield ""
    yield "| athlete | true change | change | the page says | latest session | why here |"
    yield "|---|---|---|---|---|---|"
    for row in sorted(told, key=lambda row: row["attention"]):
        yield (
            f"| {row['athlete']} | {_signed(row['truth_change_deg'])} | {_changed(row)} "
            f"| {judgement_words(row['judgement'])} | {verdict_words(row['verdict'])} "
            f"| {row['why']} |"
        )


def _changed(row: Mapping[str, Any]) -> str:
    if row["change_deg"] is None:
        return "–"
    low, high = row["change_ci95_deg"]
    return f"{_signed(row['change_deg'])} ({number(low)} to {number(high)})"


def _signed(value_deg: float) -> str:
    return f"{'+' if value_deg > 0 else ''}{number(value_deg)}°"


def main(docs: Path, place: str) -> None:
    """Write what was found."""
    with open_store(place) as store:
        document = run(store)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (docs / "season.json").write_text(text, encoding="utf-8")
    at = docs / "how-to" / "try-the-dashboard.md"
    at.write_text(page(at.read_text(encoding="utf-8"), document), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
