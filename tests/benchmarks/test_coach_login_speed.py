"""How long the coach's pages take with a login, for a season of a squad in SQLite."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from hipimu.store import open_store
from tests.coach_season import SQUAD, fill
from tests.faces.coach_team import MEMBERS, Visitor, cheap, join_all, serving

ROUNDS = 15
PAGES = [
    ("squad", "/", 200.0),
    ("athlete", "/athletes/Ada%20Bauer", 150.0),
    ("account, next to nothing but who asks", "/account", 50.0),
]
"""Name, address, and the most milliseconds it may take: as without a login."""


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    path = tmp_path_factory.mktemp("season") / "store.sqlite"
    with cheap(), open_store(str(path)) as store:
        # Nobody will miss the file, and waiting for the disk makes filling it twice as long.
        event.listen(store.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
        fill(store, SQUAD, 30, until=datetime.now(UTC))
        join_all(store, {"olga": MEMBERS["olga"]})
        with serving(store) as running:
            yield running.logged_in("olga")


@pytest.mark.parametrize(("name", "path", "limit_ms"), PAGES)
def test_pages_are_as_quick_with_a_login(
    owner: Visitor, name: str, path: str, limit_ms: float
) -> None:
    """Judged by the quickest round, as all speed here."""
    took_ms = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        assert owner.get(path).status == 200
        took_ms.append(1e3 * (time.perf_counter() - start))
    print(f"\n{name}, logged in: {min(took_ms):.0f} ms")
    assert min(took_ms) <= limit_ms
