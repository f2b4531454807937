"""How long the coach's pages take to make, for a season of a squad in both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from hipimu.store import Store
from tests.coach_season import SQUAD, fill
from tests.faces.coach_pages import Served, served
from tests.page_times import DATABASES, PAGES, SESSIONS, Page, ask, hurried, in_postgresql
from tests.unit.store.postgres import skip_without


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with hurried(tmp_path_factory.mktemp("season") / "store.sqlite") as store:
        fill(store, SQUAD, SESSIONS, until=datetime.now(UTC))
        yield store


@pytest.fixture(scope="module", params=DATABASES)
def season(
    request: pytest.FixtureRequest, filled: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Served]]:
    with ExitStack() as stack:
        store = filled
        if request.param == "postgresql":
            skip_without()
            folder = tmp_path_factory.mktemp("postgresql")
            store = stack.enter_context(in_postgresql(filled, folder))
        yield request.param, stack.enter_context(served(store))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_made_quickly(season: tuple[str, Served], page: Page) -> None:
    """Judged by the quickest round, as all speed here."""
    database, asked = season
    took = ask(asked, page.path, page.limit_ms)
    print(
        f"\n{database}, {page.name}: {took.quickest_ms:.0f} ms, median {took.median_ms:.0f} ms, "
        f"{took.kilobytes:.0f} kB ({len(SQUAD)} athletes × {SESSIONS} sessions)"
    )
    assert page.limit_ms is None or took.quickest_ms <= page.limit_ms
