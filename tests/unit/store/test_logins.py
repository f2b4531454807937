"""Logging in, by people and by programs, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from hipimu.errors import StoreError
from hipimu.store import Store, Viewer, passwords
from hipimu.store.accounts import Accounts
from hipimu.store.passwords import Cost
from hipimu.store.tables import LoginRow, UserRow
from hipimu.store.tokens import MOST
from tests.unit.store.people import CONSOLE, NOW, PASSWORD, add_user, viewer

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Note what the database is told."""
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def in_parts(seen: list[str]) -> list[list[str]]:
    """Divide what was told into log-ins: each ends with a line in the audit."""
    parts: list[list[str]] = [[]]
    for each in seen:
        parts[-1].append(each)
        if each.startswith("INSERT INTO audit"):
            parts.append([])
    return parts[:-1]


def test_log_in_and_out(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    assert accounts.log_in("anna", "another password", NOW) is None
    assert accounts.log_in("ann", PASSWORD, NOW) is None
    token = accounts.log_in(" ANNA ", PASSWORD, NOW)
    assert token is not None
    assert accounts.viewer_of_login(token, NOW) == Viewer("Anna", "owner", anna.id)
    accounts.log_out(token, NOW)
    assert accounts.viewer_of_login(token, NOW) is None


def test_a_login_ends_by_itself(store: Store) -> None:
    accounts = store.accounts
    add_user(store, "anna")
    idle = accounts.log_in("anna", PASSWORD, NOW)
    assert idle is not None
    assert accounts.viewer_of_login(idle, NOW + timedelta(hours=11, minutes=59))
    assert accounts.viewer_of_login(idle, NOW + timedelta(hours=23))
    assert accounts.viewer_of_login(idle, NOW + timedelta(hours=36)) is None

    busy = accounts.log_in("anna", PASSWORD, NOW)
    assert busy is not None
    for hours in range(0, 30 * 24, 10):
        assert accounts.viewer_of_login(busy, NOW + timedelta(hours=hours)), hours
    assert accounts.viewer_of_login(busy, NOW + timedelta(days=30)) is None


def test_tokens_of_programs(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    made, token = accounts.make_token(anna.id, "watch", "read", NOW, timedelta(days=1))
    assert token.startswith("hipimu_")
    assert accounts.viewer_of_token(token, NOW) == Viewer("Anna", "owner", anna.id, writes=False)
    (listed,) = accounts.tokens(anna.id, NOW)
    assert listed.used_at == NOW
    assert accounts.viewer_of_token(token, NOW + timedelta(days=1)) is None
    accounts.revoke_token(anna.id, made.id, NOW)
    assert accounts.viewer_of_token(token, NOW) is None
    assert accounts.tokens(anna.id, NOW) == ()


def test_the_same_work_whether_somebody_is_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = store.accounts
    anna, ben = add_user(store, "anna"), add_user(store, "ben")
    accounts.disable(viewer(anna), ben.id, NOW)
    hashed: list[str] = []
    fits = passwords.fits

    def counted(kept: str | None, password: str, cost: Cost | None) -> bool:
        hashed.append(password)
        return fits(kept, password, cost)

    monkeypatch.setattr(passwords, "fits", counted)
    with statements(store) as seen:
        assert accounts.log_in("anna", "another password", NOW) is None
        assert accounts.log_in("ben", PASSWORD, NOW) is None
        assert accounts.log_in("nobody", PASSWORD, NOW) is None
    # What is written about whom differs, and is as long.
    kinds = {tuple(each.split(" VALUES")[0] for each in part) for part in in_parts(seen)}
    assert len(in_parts(seen)) == 3
    assert len(kinds) == 1
    for login in ("", "a/b", "an\x00na", "\ud800", "x" * 10_000):
        assert accounts.log_in(login, "another password", NOW) is None, login
    assert len(hashed) == 3 + 5


def test_a_refused_login_is_written_down_without_what_was_typed(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    accounts.log_in(PASSWORD, "anna", NOW)
    accounts.log_in("anna", "another password", NOW)
    known, unknown = accounts.audit(CONSOLE, limit=2)
    assert (known.action, known.who, known.detail) == ("login_refused", "", f"user {anna.id}")
    assert (unknown.action, unknown.who, unknown.detail) == ("login_refused", "", "")


def test_a_read_page_seldom_writes(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    login = accounts.log_in("anna", PASSWORD, NOW)
    _, token = accounts.make_token(anna.id, "watch", "read", NOW, None)
    assert login is not None
    assert accounts.viewer_of_token(token, NOW)

    def looks(after: timedelta) -> list[str]:
        with statements(store) as seen:
            assert accounts.viewer_of_login(login, NOW + after)
            assert accounts.viewer_of_token(token, NOW + after)
        return [each for each in seen if not each.startswith(("SELECT", "BEGIN"))]

    assert looks(timedelta(minutes=4)) == []
    assert len(looks(timedelta(minutes=6))) == 3
    assert looks(timedelta(minutes=10)) == []
    assert accounts.user(anna.id).seen_at == NOW + timedelta(minutes=6)
    (listed,) = accounts.tokens(anna.id, NOW)
    assert listed.used_at == NOW + timedelta(minutes=6)


def test_a_page_is_shown_while_the_store_is_busy(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_user(store, "anna")
    token = store.accounts.log_in("anna", PASSWORD, NOW)

    def busy(*_: object) -> None:
        raise StoreError("The store is busy.", "Wait.", reason="busy")

    monkeypatch.setattr("hipimu.store.accounts.writing", busy)
    assert token is not None
    assert store.accounts.viewer_of_login(token, NOW + timedelta(hours=1))


def test_passwords_of_another_time_are_hashed_anew(store: Store) -> None:
    anna = add_user(store, "anna")

    def kept() -> str:
        with store.engine.connect() as connection:
            found = connection.scalar(select(UserRow.password_hash).where(UserRow.id == anna.id))
        return found or ""

    before, stronger = kept(), Accounts(store.engine, Cost(2, 16, 1))
    assert stronger.log_in("anna", "another password", NOW) is None
    assert kept() == before
    assert stronger.log_in("anna", PASSWORD, NOW)
    assert kept() != before
    assert not passwords.outdated(kept(), stronger.cost)
    assert store.accounts.log_in("anna", PASSWORD, NOW)


def test_logging_out_everywhere(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    add_user(store, "ben")
    hers = [accounts.log_in("anna", PASSWORD, NOW) or "" for _ in range(3)]
    his = accounts.log_in("ben", PASSWORD, NOW) or ""
    accounts.log_out_everywhere(anna.id, NOW)
    assert [accounts.viewer_of_login(token, NOW) for token in hers] == [None] * 3
    assert accounts.viewer_of_login(his, NOW)
    accounts.log_out("no token of anybody", NOW)


def test_old_logins_are_not_kept(store: Store) -> None:
    add_user(store, "anna")
    for days in range(3):
        store.accounts.log_in("anna", PASSWORD, NOW + timedelta(days=days))
    with store.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(LoginRow)) == 1


def test_nobody_changes_somebody_elses_tokens(store: Store) -> None:
    accounts = store.accounts
    anna, ben = add_user(store, "anna"), add_user(store, "ben")
    made, token = accounts.make_token(anna.id, "watch", "write", NOW, None)
    for number in (made.id, 0, -1, 10**30):
        with pytest.raises(StoreError) as refused:
            accounts.revoke_token(ben.id, number, NOW)
        assert refused.value.reason == "not_found"
    assert accounts.tokens(ben.id, NOW) == ()
    assert accounts.viewer_of_token(token, NOW) == viewer(anna)


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": ""},
        {"name": "a\x00b"},
        {"scope": "all"},
        {"valid": timedelta()},
        {"valid": timedelta(days=-1)},
        {"valid": timedelta.max},
    ],
)
def test_tokens_that_cannot_be(store: Store, wanted: dict[str, Any]) -> None:
    anna = add_user(store, "anna")
    usual: dict[str, Any] = {"name": "watch", "scope": "read", "valid": None}
    with pytest.raises(StoreError) as refused:
        store.accounts.make_token(anna.id, now=NOW, **(usual | wanted))
    assert refused.value.reason == "bad_value"


def test_there_are_not_any_number_of_tokens(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    for number in range(MOST):
        accounts.make_token(anna.id, f"watch {number}", "read", NOW, timedelta(days=1))
    with pytest.raises(StoreError, match="too many"):
        accounts.make_token(anna.id, "one more", "read", NOW, None)
    accounts.make_token(anna.id, "one more", "read", NOW + timedelta(days=1), None)


@pytest.mark.parametrize("token", ["", "hipimu_", "\x00", "\ud800", "x" * 100_000, "'; DROP TABLE"])
def test_a_token_of_nobody(store: Store, token: str) -> None:
    add_user(store, "anna")
    assert store.accounts.viewer_of_login(token, NOW) is None
    assert store.accounts.viewer_of_token(token, NOW) is None
    store.accounts.log_out(token, NOW)


def test_a_login_is_no_token_of_a_program_and_no_link(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    login = accounts.log_in("anna", PASSWORD, NOW) or ""
    _, program = accounts.make_token(anna.id, "watch", "read", NOW, None)
    assert accounts.viewer_of_token(login, NOW) is None
    assert accounts.viewer_of_login(program, NOW) is None
    for token in (login, program):
        with pytest.raises(StoreError, match="does not work"):
            accounts.invitation(token, NOW)
