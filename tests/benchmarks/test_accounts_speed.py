"""How long it takes to find out who asks: it comes before every page."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import event, insert

from hipimu.store import open_store
from hipimu.store.accounts import Accounts
from hipimu.store.connect import writing
from hipimu.store.passwords import Cost
from hipimu.store.tables import LoginRow, TokenRow
from hipimu.store.tokens import token_hash
from tests.unit.store.people import CONSOLE, NOW, PASSWORD

USERS = 30
OTHERS = 5000
ROUNDS = 300
MOST_MS = 2.0


class Opened(NamedTuple):
    """Accounts, and what opens them."""

    accounts: Accounts
    login: str
    token: str


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    path = tmp_path_factory.mktemp("accounts") / "store.sqlite"
    with open_store(str(path)) as store:
        event.listen(store.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
        accounts = Accounts(store.engine, Cost(1, 8, 1))
        for number in range(USERS):
            _, link = accounts.invite(CONSOLE, "coach", team="Sprint", now=NOW)
            login = f"coach-{number}"
            user = accounts.join(link, login=login, name=login, password=PASSWORD, now=NOW)
        rows = [
            {"user_id": user.id, "token_hash": token_hash(str(number)), "created_at": NOW}
            for number in range(OTHERS)
        ]
        logins = [row | {"seen_at": NOW} for row in rows]
        tokens = [row | {"name": "watch", "scope": "read"} for row in rows]
        writing(store.engine, lambda c: c.execute(insert(LoginRow), logins))
        writing(store.engine, lambda c: c.execute(insert(TokenRow), tokens[:40]))
        token = accounts.log_in("coach-3", PASSWORD, NOW)
        assert token is not None
        _, program = accounts.make_token(user.id, "watch", "read", NOW, None)
        assert accounts.viewer_of_token(program, NOW) is not None
        yield Opened(accounts, token, program)


def took_ms(call: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert call() is not None
        times.append(1e3 * (time.perf_counter() - began))
    return times


@pytest.mark.parametrize("how", ["login", "token"])
def test_who_asks_is_found_quickly(opened: Opened, how: str) -> None:
    at = NOW + timedelta(minutes=1)
    accounts = opened.accounts
    if how == "login":
        times = took_ms(lambda: accounts.viewer_of_login(opened.login, at))
    else:
        times = took_ms(lambda: accounts.viewer_of_token(opened.token, at))
    print(f"\nwho asks, by {how}: {statistics.median(times):.2f} ms, quickest {min(times):.2f} ms")
    assert min(times) <= MOST_MS


def test_a_password_costs_whoever_tries_it(tmp_path: Path) -> None:
    """Hashed for real: slow enough for guessing, quick enough for people."""
    with open_store(str(tmp_path / "store.sqlite")) as store:
        accounts = store.accounts
        assert accounts.cost is None
        token = accounts.owner_link(NOW) or ""
        accounts.join(token, login="olga", name="Olga", password=PASSWORD, now=NOW)
        times = []
        for password in (PASSWORD, "another password"):
            began = time.perf_counter()
            accounts.log_in("olga", password, NOW)
            times.append(1e3 * (time.perf_counter() - began))
    print(f"\nlogging in: {times[0]:.0f} ms, refused: {times[1]:.0f} ms")
    assert min(times) > 5
    assert max(times) < 5000
