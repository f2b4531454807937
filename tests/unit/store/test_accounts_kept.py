"""Accounts in backups, in what a person takes along, and after they were deleted."""

from __future__ import annotations

import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from hipimu.errors import StoreError
from hipimu.store import Store, open_store, removing
from hipimu.store.connect import writing
from hipimu.store.tables import (
    AuditRow,
    InvitationRow,
    LoginRow,
    NoteRow,
    StoreInfo,
    TeamRow,
    TokenRow,
    UserRow,
)
from tests.unit.store.people import CONSOLE, NOW, PASSWORD, add_user, viewer
from tests.unit.store.test_removing import PERSON, bytes_beside, counts

pytestmark = pytest.mark.usefixtures("cheap_passwords")
LOGIN = "quetzalina-w"


def fill(store: Store) -> dict[str, str]:
    """An owner, a coach and an athlete, who use everything; return what opens the store."""
    accounts = store.accounts
    for name in (PERSON, "Ben"):
        store.add_athlete(name, "Sprint")
    anna = add_user(store, "anna")
    coach = add_user(store, "coach", "coach", team="Sprint")
    her = add_user(store, LOGIN, "athlete", athlete=PERSON)
    opened = {"key": accounts.signing_key()}
    for user in (anna, coach, her):
        token = accounts.log_in(user.login, PASSWORD, NOW)
        assert token is not None
        opened[f"login of {user.login}"] = token
        _, opened[f"token of {user.login}"] = accounts.make_token(user.id, "w", "read", NOW, None)
    _, opened["reset"] = accounts.reset(viewer(anna), her.id, NOW)
    _, opened["invitation"] = accounts.invite(viewer(coach), "athlete", athlete="Ben", now=NOW)
    assert accounts.log_in(LOGIN, "a wrong password", NOW) is None
    accounts.write_down("note_added", NOW, user_id=her.id, athlete=PERSON, detail="note 1")
    store.add_note("tired", "Quetzalina", athlete=PERSON, author_id=her.id)
    return opened


def test_a_backup_opens_nothing(store: Store, tmp_path: Path) -> None:
    opened = fill(store)
    store.backup(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        names = set(archive.namelist())
        content = b"".join(map(archive.read, names))
    assert names.isdisjoint(f"tables/{n}.jsonl" for n in ("logins", "invitations", "api_tokens"))
    for secret in opened.values():
        assert secret.encode() not in content
    with store.engine.connect() as connection:
        for table in (LoginRow, InvitationRow, TokenRow):
            for kept in connection.scalars(select(table.token_hash)):
                assert kept.encode() not in content

    with open_store(str(tmp_path / "other.sqlite")) as other:
        # Somebody had begun in the new store already.
        early = other.accounts.owner_link(NOW)
        assert early is not None
        other.restore(tmp_path / "all.zip")

        restored = other.accounts
        assert restored.users(CONSOLE) == store.accounts.users(CONSOLE)
        assert restored.audit(CONSOLE) == store.accounts.audit(CONSOLE)
        assert restored.signing_key() != opened["key"]
        for name, secret in opened.items():
            assert restored.viewer_of_login(secret, NOW) is None, name
            assert restored.viewer_of_token(secret, NOW) is None, name
        for link in (early, opened["reset"], opened["invitation"]):
            with pytest.raises(StoreError, match="does not work"):
                restored.invitation(link, NOW)
        assert restored.log_in("coach", PASSWORD, NOW) is not None


def test_nothing_is_restored_over_accounts(store: Store, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "other.sqlite")) as other:
        other.add_athlete("Anna")
        other.backup(tmp_path / "all.zip")
    add_user(store, "anna")
    with pytest.raises(StoreError) as refused:
        store.restore(tmp_path / "all.zip")
    assert refused.value.reason == "not_empty"
    assert [user.login for user in store.accounts.users(CONSOLE)] == ["anna"]


def test_a_person_takes_the_account_along(store: Store, tmp_path: Path) -> None:
    opened = fill(store)
    folder = store.export_person(PERSON, tmp_path / "hers")

    told = json.loads((folder / "account.json").read_text("utf-8"))
    account = told["account"]
    assert (account["login"], account["role"], account["athlete"]) == (LOGIN, "athlete", PERSON)
    assert [login.keys() for login in told["logins"]] == [{"created_at", "seen_at"}]
    assert [(token["name"], token["scope"]) for token in told["tokens"]] == [("w", "read")]
    entries = pd.read_csv(folder / "audit.csv")
    assert set(entries["action"]) == {
        *("invited", "joined", "logged_in", "token_made", "login_refused", "reset_link_made"),
        "note_added",
    }
    texts = "".join(p.read_text("utf-8") for p in folder.iterdir() if p.is_file())
    assert "$argon2" not in texts
    assert not any(secret in texts for secret in opened.values())
    with store.engine.connect() as connection:
        hashes = connection.scalars(select(TokenRow.token_hash)).all()
    assert not any(kept in texts for kept in hashes)
    assert "Ben" not in texts

    bens = store.export_person("Ben", tmp_path / "his")
    assert not (bens / "account.json").exists()
    assert list(pd.read_csv(bens / "audit.csv")["action"]) == ["invited"]


def test_who_is_deleted_is_out_and_leaves_no_name(store: Store) -> None:
    opened = fill(store)
    before, audit = counts(store), len(store.accounts.audit(CONSOLE))
    store.delete_athlete(PERSON)

    accounts = store.accounts
    assert [user.login for user in accounts.users(CONSOLE)] == ["anna", "coach"]
    assert accounts.viewer_of_login(opened[f"login of {LOGIN}"], NOW) is None
    assert accounts.viewer_of_token(opened[f"token of {LOGIN}"], NOW) is None
    assert accounts.log_in(LOGIN, PASSWORD, NOW) is None
    with pytest.raises(StoreError, match="does not work"):
        accounts.invitation(opened["reset"], NOW)
    after = counts(store)
    gone = {name: before[name] - after[name] for name in before}
    assert (gone["users"], gone["logins"], gone["api_tokens"]) == (1, 1, 1)
    assert gone["invitations"] == 2

    kept = accounts.audit(CONSOLE)
    assert len(kept) == audit + 1  # that somebody tried to log in just now
    assert PERSON not in repr(kept)
    assert LOGIN not in repr(kept)
    for trace in (PERSON, LOGIN, LOGIN.title(), *opened.values()):
        if trace != opened["key"]:
            assert trace.encode() not in bytes_beside(store), trace
    # Whoever has done something on the pages until then can still be written down.
    accounts.write_down("athlete_deleted", NOW, user_id=10**6, athlete=PERSON)
    assert (accounts.audit(CONSOLE)[0].who, accounts.audit(CONSOLE)[0].athlete) == ("", None)


def test_notes_on_others_lose_the_name_of_who_is_deleted(store: Store) -> None:
    store.add_athlete("Anna")
    store.add_athlete("Ben")
    add_user(store, "owner")
    user = add_user(store, "ben", "coach")
    store.add_note("fast", "Ben", athlete="Anna", author_id=user.id)
    store.add_note("slow", "Carla", athlete="Anna")
    store.accounts.set_access(CONSOLE, user.id, role="athlete", athlete="Ben")
    store.delete_athlete("Ben")
    assert [note.author for note in store.notes(athlete="Anna")] == [removing.GONE, "Carla"]


def test_a_team_does_not_go_away_under_its_coach(store: Store) -> None:
    """A coach without a team would see everybody."""
    fill(store)
    with pytest.raises(IntegrityError), store.engine.begin() as connection:
        connection.execute(delete(TeamRow))
    assert [user.team for user in store.accounts.users(CONSOLE)] == [None, "Sprint", None]


def test_no_row_of_the_audit_holds_what_somebody_typed(store: Store) -> None:
    fill(store)
    accounts = store.accounts
    for detail in (PERSON, "session run-0", "note 1, Anna", "user anna", "note 1\n", "note -1"):
        with pytest.raises(ValueError, match="facts"):
            accounts.write_down("note_added", NOW, detail=detail)
    with pytest.raises(ValueError, match="no action"):
        accounts.write_down("note_eaten", NOW)
    with store.engine.connect() as connection:
        details = " ".join(connection.scalars(select(AuditRow.detail)))
    assert all(name not in details for name in (PERSON, LOGIN, "Ben", "anna", "Sprint"))


def test_what_opens_the_store_is_not_kept_as_it_is(store: Store) -> None:
    opened = fill(store)
    with store.engine.connect() as connection:
        rows = [
            tuple(row)
            for table in (UserRow, InvitationRow, LoginRow, TokenRow, AuditRow, NoteRow)
            for row in connection.execute(select(table))
        ]
        key = connection.scalar(select(StoreInfo.signing_key))
    assert key == opened.pop("key")
    for secret in (PASSWORD, *opened.values()):
        assert secret not in repr(rows)
    assert all(len(secret.removeprefix("hipimu_")) >= 43 for secret in opened.values())


def test_a_signing_key_is_made_once(store: Store, url: str, files: Path) -> None:
    writing(store.engine, lambda c: c.execute(update(StoreInfo).values(signing_key=None)))
    with ThreadPoolExecutor(4) as pool:
        (key,) = set(pool.map(lambda _: store.accounts.signing_key(), range(4)))
    assert len(key) == 64
    with open_store(url, files) as other:
        assert other.accounts.signing_key() == key


def test_links_are_kept_only_as_long_as_they_say(store: Store) -> None:
    accounts = store.accounts
    _, token = accounts.invite(CONSOLE, "coach", now=NOW, valid=timedelta(hours=1))
    assert accounts.invitation(token, NOW + timedelta(minutes=59)).role == "coach"
    with pytest.raises(StoreError, match="does not work"):
        accounts.invitation(token, NOW + timedelta(hours=1))
    assert accounts.invitations(CONSOLE, NOW + timedelta(hours=1)) == ()
