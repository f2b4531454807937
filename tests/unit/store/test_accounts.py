"""Users, what they may see, their passwords, and what is written down of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hipimu.errors import StoreError
from hipimu.store import Store, Viewer
from hipimu.store.tables import UserRow
from tests.unit.store.people import CONSOLE, NOW, PASSWORD, add_user, viewer

pytestmark = pytest.mark.usefixtures("cheap_passwords")


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
