"""Users, what they may see, and logging in."""

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


def test_the_first_owner_comes_by_a_link(store: Store) -> None:
    accounts = store.accounts
    assert not accounts.in_use()
    first, token = accounts.owner_link(NOW), accounts.owner_link(NOW)
    assert first is not None
    assert token is not None
    with pytest.raises(StoreError, match="does not work"):
        accounts.invitation(first, NOW)
    assert accounts.invitation(token, NOW).role == "owner"

    anna = accounts.join(token, login="anna", name="Anna B.", password=PASSWORD, now=NOW)

    assert (anna.login, anna.name, anna.role) == ("anna", "Anna B.", "owner")
    assert accounts.in_use()
    assert accounts.owner_link(NOW) is None


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


def test_the_last_owner_stays(store: Store) -> None:
    accounts = store.accounts
    anna, ben = add_user(store, "anna"), add_user(store, "ben")
    accounts.disable(viewer(anna), ben.id, NOW)
    for change in (
        lambda: accounts.disable(viewer(anna), anna.id, NOW),
        lambda: accounts.set_access(CONSOLE, anna.id, role="coach"),
    ):
        with pytest.raises(StoreError, match="only owner") as refused:
            change()
        assert refused.value.reason == "forbidden"
    accounts.enable(viewer(anna), ben.id)
    accounts.set_access(CONSOLE, anna.id, role="coach", team="Sprint")
    assert [(u.login, u.role, u.team) for u in accounts.users(CONSOLE)] == [
        ("anna", "coach", "Sprint"),
        ("ben", "owner", None),
    ]


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


def test_one_changes_the_own_password(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    here, there = (accounts.log_in("anna", PASSWORD, NOW) for _ in range(2))
    _, program = accounts.make_token(anna.id, "watch", "read", NOW, None)
    assert here is not None
    assert there is not None
    new = "eight low fences"
    for old, wanted in (("another password", new), (PASSWORD, "short"), (PASSWORD, "Anna12345678")):
        with pytest.raises(StoreError) as refused:
            accounts.change_password(anna.id, old, wanted, NOW)
        assert refused.value.reason == "bad_value"
    assert accounts.viewer_of_login(there, NOW)

    accounts.change_password(anna.id, PASSWORD, new, NOW, keep=here)
    assert accounts.viewer_of_login(here, NOW)
    assert accounts.viewer_of_login(there, NOW) is None
    assert accounts.viewer_of_token(program, NOW)
    assert accounts.log_in("anna", PASSWORD, NOW) is None
    assert accounts.log_in("anna", new, NOW)
    accounts.change_password(anna.id, new, PASSWORD, NOW)
    assert accounts.viewer_of_login(here, NOW) is None


def test_whoever_is_shut_out_is_out_at_once(store: Store) -> None:
    accounts = store.accounts
    anna, ben = add_user(store, "anna"), add_user(store, "ben", "coach")
    login = accounts.log_in("ben", PASSWORD, NOW)
    _, program = accounts.make_token(ben.id, "watch", "write", NOW, None)
    assert login is not None
    accounts.disable(viewer(anna), ben.id, NOW)
    accounts.disable(viewer(anna), ben.id, NOW)
    assert accounts.user(ben.id).disabled_at == NOW
    assert accounts.log_in("ben", PASSWORD, NOW) is None
    accounts.enable(viewer(anna), ben.id)
    accounts.enable(viewer(anna), ben.id)
    assert accounts.viewer_of_login(login, NOW) is None
    assert accounts.viewer_of_token(program, NOW) is None
    assert accounts.log_in("ben", PASSWORD, NOW)
    actions = [entry.action for entry in accounts.audit(CONSOLE)]
    assert actions.count("user_disabled") == actions.count("user_enabled") == 1


def test_another_role_counts_from_the_next_request_on(store: Store) -> None:
    store.add_athlete("Ben", "Sprint")
    accounts = store.accounts
    anna, ben = add_user(store, "anna"), add_user(store, "ben")
    login = accounts.log_in("ben", PASSWORD, NOW)
    _, program = accounts.make_token(ben.id, "watch", "read", NOW, None)
    assert login is not None
    accounts.set_access(viewer(anna), ben.id, "athlete", athlete="BEN")
    assert accounts.viewer_of_login(login, NOW) == Viewer("Ben", "athlete", ben.id, "Ben")
    seen = accounts.viewer_of_token(program, NOW)
    assert seen == Viewer("Ben", "athlete", ben.id, "Ben", writes=False)
    store.rename_athlete("Ben", "Benjamin")
    renamed = accounts.viewer_of_login(login, NOW)
    assert renamed is not None
    assert renamed.athlete == "Benjamin"


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


def test_what_only_owners_may(store: Store) -> None:
    store.add_athlete("Carla")
    accounts = store.accounts
    anna = add_user(store, "anna")
    for user in (add_user(store, "ben", "coach"), add_user(store, "c", "athlete", athlete="Carla")):
        by = viewer(user)
        for call in (
            lambda by=by: accounts.users(by),
            lambda by=by: accounts.audit(by),
            lambda by=by: accounts.disable(by, anna.id, NOW),
            lambda by=by: accounts.enable(by, anna.id),
            lambda by=by: accounts.reset(by, anna.id, NOW),
            lambda by=by, user=user: accounts.set_access(by, user.id, "owner"),
        ):
            with pytest.raises(StoreError) as refused:
                call()
            assert refused.value.reason == "forbidden"


def test_a_token_that_reads_changes_no_account(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    reader = Viewer("token", "owner", anna.id, writes=False)
    assert len(accounts.users(reader)) == 1
    assert accounts.audit(reader)
    for call in (
        lambda: accounts.disable(reader, anna.id, NOW),
        lambda: accounts.enable(reader, anna.id),
        lambda: accounts.reset(reader, anna.id, NOW),
        lambda: accounts.set_access(reader, anna.id, "coach"),
    ):
        with pytest.raises(StoreError) as refused:
            call()
        assert refused.value.reason == "forbidden"


def test_users_of_no_number(store: Store) -> None:
    accounts = store.accounts
    for number in (0, -1, 10**6, 10**30):
        for call in (
            lambda n=number: accounts.user(n),
            lambda n=number: accounts.disable(CONSOLE, n, NOW),
            lambda n=number: accounts.enable(CONSOLE, n),
            lambda n=number: accounts.reset(CONSOLE, n, NOW),
            lambda n=number: accounts.set_access(CONSOLE, n, "coach"),
            lambda n=number: accounts.make_token(n, "watch", "read", NOW, None),
            lambda n=number: accounts.change_password(n, PASSWORD, PASSWORD, NOW),
            lambda n=number: accounts.log_out_everywhere(n, NOW),
        ):
            with pytest.raises(StoreError) as refused:
                call()
            assert refused.value.reason == "not_found"


def test_the_audit_page_by_page(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    store.add_athlete("Carla")
    for number in range(5):
        at = NOW + timedelta(minutes=number)
        accounts.write_down(
            "note_added", at, user_id=anna.id, athlete="carla", detail=f"note {number}"
        )
    everything = accounts.audit(CONSOLE)
    assert [entry.at for entry in everything] == sorted((e.at for e in everything), reverse=True)
    first = accounts.audit(CONSOLE, limit=3)
    assert first == everything[:3]
    assert accounts.audit(CONSOLE, before=first[-1].id) == everything[3:]
    assert accounts.audit(CONSOLE, before=10**30) == everything
    assert accounts.audit(CONSOLE, before=-(10**30)) == ()
    assert len(accounts.audit(CONSOLE, limit=-5)) == 1
    newest = first[0]
    assert (newest.who, newest.action, newest.athlete) == ("Anna", "note_added", "Carla")
    accounts.write_down("note_added", NOW, athlete="Nobody")
    assert accounts.audit(CONSOLE, limit=1)[0].athlete is None


def test_everything_that_is_done_is_written_down(store: Store) -> None:
    store.add_athlete("Carla")
    accounts = store.accounts
    accounts.owner_link(NOW)
    anna = add_user(store, "anna")
    carla = add_user(store, "carla", "athlete", athlete="Carla")
    by = viewer(anna)
    login = accounts.log_in("carla", PASSWORD, NOW) or ""
    accounts.log_in("carla", "another password", NOW)
    accounts.log_out(login, NOW)
    accounts.log_out_everywhere(carla.id, NOW)
    made, _ = accounts.make_token(carla.id, "watch", "read", NOW, None)
    accounts.revoke_token(carla.id, made.id, NOW)
    accounts.change_password(carla.id, PASSWORD, PASSWORD + "s", NOW)
    _, token = accounts.reset(by, carla.id, NOW)
    accounts.join(token, login="", name="", password=PASSWORD, now=NOW)
    invitation, _ = accounts.invite(by, "coach", now=NOW)
    accounts.revoke_invitation(by, invitation.id, NOW)
    accounts.disable(by, carla.id, NOW)
    accounts.enable(by, carla.id, NOW)
    accounts.set_access(by, carla.id, "coach", team="Sprint", now=NOW)
    told = [
        (entry.who, entry.action, entry.athlete, entry.detail)
        for entry in reversed(accounts.audit(CONSOLE))
    ]
    whose, first = f"user {carla.id}", invitation.id - 4
    links = [f"invitation {first + number}" for number in range(5)]
    assert told == [
        ("", "owner_link_made", None, links[0]),
        ("", "invited", None, f"{links[1]}, role owner"),
        ("Anna", "joined", None, f"{links[1]}, role owner"),
        ("", "invited", "Carla", f"{links[2]}, role athlete"),
        ("Carla", "joined", "Carla", f"{links[2]}, role athlete"),
        ("Carla", "logged_in", "Carla", ""),
        ("", "login_refused", "Carla", whose),
        ("Carla", "logged_out", None, ""),
        ("Carla", "logged_out_everywhere", None, ""),
        ("Carla", "token_made", None, f"token {made.id}, scope read"),
        ("Carla", "token_revoked", None, f"token {made.id}"),
        ("Carla", "password_changed", None, ""),
        ("Anna", "reset_link_made", "Carla", f"{whose}, {links[3]}"),
        ("Carla", "password_set", "Carla", links[3]),
        ("Anna", "invited", None, f"{links[4]}, role coach"),
        ("Anna", "invitation_revoked", None, f"{links[4]}, role coach"),
        ("Anna", "user_disabled", "Carla", whose),
        ("Anna", "user_enabled", "Carla", whose),
        ("Anna", "access_changed", "Carla", f"{whose}, role coach"),
    ]


def test_secrets_are_in_no_repr(store: Store) -> None:
    add_user(store, "anna")
    with store.engine.connect() as connection:
        kept = connection.scalar(select(UserRow.password_hash)) or ""
    told = repr((store.accounts, store.accounts.users(CONSOLE), store.accounts.audit(CONSOLE)))
    assert kept
    assert kept not in told
