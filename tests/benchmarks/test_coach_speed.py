"""How long the coach's pages take to make, for a season of a squad in SQLite."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from hipimu.store import open_store
from tests.coach_season import SQUAD, fill
from tests.faces.coach_pages import Answer, Served, served
from tests.faces.coach_team import MEMBERS, Visitor, cheap, join_all, serving
from tests.faces.coach_team import Answer as TeamAnswer

SESSIONS = 30
ROUNDS = 15
PAGES = [
    ("squad", "/", 200.0),
    ("athlete", "/athletes/Ada%20Bauer", 150.0),
    ("athlete, fresh peak", "/athletes/Ada%20Bauer?show=level_fast", None),
    ("session", "/sessions/ada-30", None),
    ("compare, two", "/compare?session=ada-1&session=ada-30", None),
    ("compare, six", "/compare?" + "&".join(f"session=ada-{n}" for n in range(5, 31, 5)), None),
]
"""Name, address, and the most milliseconds it may take."""


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_store(str(tmp_path_factory.mktemp("season") / "store.sqlite")) as store:
        # Nobody will miss the file, and waiting for the disk makes filling it twice as long.
        event.listen(store.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
        fill(store, SQUAD, SESSIONS, until=datetime.now(UTC))
        with served(store) as running:
            yield running


@pytest.mark.parametrize(("name", "path", "limit_ms"), PAGES)
def test_pages_are_made_quickly(
    season: Served, name: str, path: str, limit_ms: float | None
) -> None:
    """Asked over loopback, one after the other; judged by the quickest round, as all speed here."""
    took_ms = measured(name, lambda: season.ask(path))
    assert limit_ms is None or took_ms <= limit_ms


@pytest.fixture(scope="module")
def owner(season: Served) -> Iterator[Visitor]:
    """Comes last: from then on nobody sees anything without a login."""
    with cheap():
        join_all(season.store, {"olga": MEMBERS["olga"]})
        with serving(season.store) as running:
            yield running.logged_in("olga")


@pytest.mark.parametrize(("name", "path", "limit_ms"), PAGES[:2])
def test_with_a_login_they_are_as_quick(
    owner: Visitor, name: str, path: str, limit_ms: float | None
) -> None:
    took_ms = measured(f"{name}, logged in", lambda: owner.get(path))
    assert limit_ms is None or took_ms <= limit_ms


def measured(name: str, ask: Callable[[], Answer | TeamAnswer]) -> float:
    """Return the milliseconds of the quickest round."""
    assert ask().status == 200
    took_ms = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = ask()
        took_ms.append(1e3 * (time.perf_counter() - start))
    size = len(answer.text.encode()) / 1000
    print(
        f"\n{name}: {min(took_ms):.0f} ms, median {statistics.median(took_ms):.0f} ms, "
        f"{size:.0f} kB ({len(SQUAD)} athletes × {SESSIONS} sessions)"
    )
    return min(took_ms)
