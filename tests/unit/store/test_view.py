"""Nobody sees or changes more than the table in the reference says, whatever the store can do."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import copy
from typing import Any, NamedTuple, cast

import argon2
import pytest

from hipimu.errors import StoreError
from hipimu.store import Store, StoreView, Viewer, logins, open_store, passwords, tokens
from hipimu.store.accounts import Accounts
from hipimu.store.audit import ACTIONS
from hipimu.store.passwords import Cost
from tests.unit.store.people import CONSOLE, NOW, PASSWORD, add_user, viewer
from tests.unit.store.sessions import hash_of, variant
from tests.unit.store.who_may import ACCOUNTS, VIEW, VIEWERS, Absent, Asking, Row, World, table

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "accounts.md"
CHANGES = {
    *("add_athlete", "rename_athlete", "set_team", "delete_athlete", "delete_session"),
    *("set_context", "add_note", "edit_note", "delete_note", "restore_note"),
}
LOOKS = {
    *("athletes", "athlete", "teams", "listed", "summaries", "summary", "owner", "history"),
    *("strides", "tags", "note", "notes"),
}
WHOLE = {
    *("engine", "strides_folder", "place", "close", "accounts", "import_session"),
    *("has_analysis", "strides_files", "export_person", "backup", "restore"),
}
"""What of the store has no counterpart for one viewer: a view's `may` comes before."""
NEVER = World("Zoe", "zoe-run", "Void", 10**6, 10**6, 10**6, 10**6, 10**6)


UNSEEN = {
    "coach of the team": "Ben",
    "the athlete": "Ben",
    "coach of another team": "Anna",
    "another athlete": "Anna",
}


class Watched:
    """A store that notes changes in place of making them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.changed: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name in CHANGES:
            return lambda *_, **__: self.changed.append(name)
        assert name in LOOKS, f"the view uses {name} of the store"
        return getattr(self._store, name)


class Club(NamedTuple):
    """A store with everybody of the table in it."""

    store: Store
    viewers: dict[str, Viewer]
    worlds: dict[str, World]
    """By viewer: each has a note of their own."""


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Iterator[Club]:
    folder = tmp_path_factory.mktemp("club")
    with open_store(str(copy(made, folder / "store.sqlite"))) as store:
        yield _club(store)


def _club(store: Store) -> Club:
    for number, (name, team) in enumerate((("Anna", "Sprint"), ("Ben", "Distance"))):
        store.add_athlete(name, team)
        session = variant(number, recording=f"{name}-run")
        store.import_session(session, name, recording_hash=hash_of(number))
    store.add_athlete("Carla", "Sprint")
    cheap = Accounts(store.engine, Cost(1, 8, 1))

    def user(login: str, role: Any, **access: Any) -> Viewer:
        _, token = cheap.invite(CONSOLE, role, now=NOW, **access)
        joined = cheap.join(token, login=login, name=login, password=PASSWORD, now=NOW)
        return viewer(joined)

    viewers = {
        "owner": user("olga", "owner"),
        "coach of all": user("kim", "coach"),
        "coach of the team": user("karl", "coach", team="Sprint"),
        "coach of another team": user("kora", "coach", team="Distance"),
        "the athlete": user("anna", "athlete", athlete="Anna"),
        "another athlete": user("ben", "athlete", athlete="Ben"),
    }
    spare = user("spare", "coach")

    def note(author: Viewer | None) -> int:
        author_id = None if author is None else author.user_id
        return store.add_note("tired", "x", session="Anna-run", author_id=author_id).id

    others, nobodys = note(spare), note(None)
    world = World("Anna", "Anna-run", "Sprint", 0, others, nobodys, spare.user_id or 0, 0)
    worlds = {name: replace(world, own=note(viewers[name])) for name in VIEWERS}
    return Club(store, viewers, worlds)


def outcome(row: Row, asked: Any, world: World) -> tuple[str, str]:
    """Return what comes of a call, and in which words it is refused."""
    try:
        answer = row.call(asked, world)
    except Absent:
        return "not there", ""
    except StoreError as error:
        words = {"not_found": "not there", "forbidden": "no"}
        return words[error.reason], str(error)
    return ("no" if answer is False else "yes"), ""


def blurred(said: str, world: World) -> str:
    """Return a refusal without the name or number that was asked for."""
    return re.sub(rf"{world.session}|{world.athlete}|\d+", "…", said)


def expected(row: Row, name: str, *, writes: bool) -> str:
    wanted = row.outcomes[VIEWERS.index(name)]
    return "no" if wanted == "yes" and not (writes or row.looks) else wanted


@pytest.mark.parametrize("writes", [True, False], ids=["in person", "by a token that reads"])
@pytest.mark.parametrize("name", VIEWERS)
def test_a_view_shows_and_does_what_the_table_says(club: Club, name: str, writes: bool) -> None:
    asks = replace(club.viewers[name], writes=writes)
    for row in VIEW:
        watched = Watched(club.store)
        view = StoreView(cast(Store, watched), asks)
        found, said = outcome(row, view, club.worlds[name])
        wanted = expected(row, name, writes=writes)
        assert found == wanted, row
        assert watched.changed == ([row.method] if found == "yes" and row.method in CHANGES else [])
        if found == "not there":
            never, words = outcome(row, view, NEVER)
            assert never == "not there", row
            assert blurred(said, club.worlds[name]) == blurred(words, NEVER)


def test_a_refusal_does_not_depend_on_who_is_there(club: Club) -> None:
    """What is forbidden is so of the unseen and of nobody alike."""
    for name, unseen in UNSEEN.items():
        for writes in (True, False):
            asks = replace(club.viewers[name], writes=writes)
            view = StoreView(cast(Store, Watched(club.store)), asks)
            world = replace(NEVER, athlete=unseen, session=f"{unseen}-run")
            if unseen == "Anna":
                world = replace(club.worlds[name], team=NEVER.team)
            for row in VIEW:
                found, said = outcome(row, view, world)
                never, words = outcome(row, view, NEVER)
                assert (found, blurred(said, world)) == (never, blurred(words, NEVER)), row


def test_lists_hold_nobody_else(club: Club) -> None:
    seen = {
        "owner": {"Anna", "Ben", "Carla"},
        "coach of all": {"Anna", "Ben", "Carla"},
        "coach of the team": {"Anna", "Carla"},
        "coach of another team": {"Ben"},
        "the athlete": {"Anna"},
        "another athlete": {"Ben"},
    }
    for name, whom in seen.items():
        view = StoreView(club.store, club.viewers[name])
        assert {athlete.name for athlete in view.athletes()} == whom
        assert {session.athlete for session in view.listed()} == whom - {"Carla"}
        for athlete in whom:
            assert {s.athlete for s in view.listed(athlete.upper())} <= {athlete}
            assert {note.athlete for note in view.notes(athlete=athlete)} <= {athlete}


def test_who_is_no_role_sees_nothing(club: Club) -> None:
    """A row that somebody else wrote into the database, or a user whose athlete is gone."""
    strange = (
        Viewer("Eve", cast(Any, "admin"), 99),
        Viewer("Eve", cast(Any, ""), 99, "Anna", "Sprint"),
        Viewer("Eve", "athlete", 99),
        Viewer("Eve", "athlete", 99, team="Sprint"),
        Viewer("Eve", "athlete", 99, "Zoe"),
    )
    for asks in strange:
        watched = Watched(club.store)
        view = StoreView(cast(Store, watched), asks)
        for row in VIEW:
            if row.method in ("athletes", "listed") and asks.athlete == "Zoe":
                continue  # their own name is not there
            assert outcome(row, view, club.worlds["owner"])[0] in ("no", "not there"), row
        assert watched.changed == []


@pytest.mark.parametrize("writes", [True, False], ids=["in person", "by a token that reads"])
@pytest.mark.parametrize("name", VIEWERS)
def test_accounts_do_what_the_table_says(club: Club, name: str, writes: bool) -> None:
    accounts = Accounts(club.store.engine, Cost(1, 8, 1))
    asking = Asking(accounts, replace(club.viewers[name], writes=writes))
    for row in ACCOUNTS:
        made, _ = accounts.invite(CONSOLE, "athlete", athlete="Carla", now=NOW)
        world = replace(club.worlds[name], athlete="Carla", invitation=made.id)
        found, said = outcome(row, asking, world)
        wanted = expected(row, name, writes=writes)
        read_only = not writes and not row.looks
        assert found == ("no" if read_only else wanted), row
        if found == "not there":
            never, words = outcome(row, asking, NEVER)
            assert never == "not there"
            assert blurred(said, world) == blurred(words, NEVER)
        open_ones = {i.id for i in accounts.invitations(CONSOLE, NOW)}
        assert (made.id in open_ones) == (row.method != "revoke_invitation" or found != "yes")
        accounts.enable(CONSOLE, world.user)


def test_every_method_is_in_the_table() -> None:
    public = {name for name in vars(StoreView) if not name.startswith("_")}
    assert public - {"store", "viewer"} == {row.method for row in VIEW}
    asked = {
        name
        for name, method in inspect.getmembers(Accounts, inspect.isfunction)
        if not name.startswith("_") and "by" in inspect.signature(method).parameters
    }
    assert asked == {row.method for row in ACCOUNTS}
    assert {name for name in dir(Store) if not name.startswith("_")} == CHANGES | LOOKS | WHOLE


def test_the_reference_shows_the_table() -> None:
    assert table() in REFERENCE.read_text(encoding="utf-8")


def test_the_reference_shows_all_actions() -> None:
    rows = "\n".join(f"| `{action}` | {said} |" for action, said in ACTIONS.items())
    assert f"| action | means |\n|---|---|\n{rows}\n\n" in REFERENCE.read_text(encoding="utf-8")


def test_the_reference_shows_the_limits() -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    assert f"| {passwords.SHORTEST} to {passwords.LONGEST} letters" in page
    hours, days = logins.IDLE / timedelta(hours=1), logins.LONGEST.days
    assert f"for {hours:.0f} hours, and for {days} days at most" in page
    assert f"every {tokens.SEEN_EVERY / timedelta(minutes=1):.0f} minutes" in page
    assert f"up to {tokens.MOST} at a time" in page
    assert f"`{tokens.PREFIX}`" in page
    usual = argon2.profiles.RFC_9106_LOW_MEMORY
    mib = usual.memory_cost // 1024
    assert f"{mib} MiB, {usual.time_cost} rounds and {usual.parallelism} lanes" in page


# -- what a view does, for real, in both databases


@pytest.mark.usefixtures("cheap_passwords")
def test_an_athlete_whom_a_teams_coach_adds_is_in_that_team(store: Store) -> None:
    coach = StoreView(store, viewer(add_user(store, "karl", "coach", team="Sprint")))
    assert coach.add_athlete("Anna").team == "Sprint"
    assert [athlete.name for athlete in coach.athletes()] == ["Anna"]
    whole = StoreView(store, CONSOLE)
    assert whole.add_athlete("Ben").team is None
    # Names are unique in the whole store: this one thing shows.
    with pytest.raises(StoreError) as refused:
        coach.add_athlete("ben")
    assert refused.value.reason == "exists"
    with pytest.raises(StoreError) as refused:
        coach.rename_athlete("Anna", "Ben")
    assert refused.value.reason == "exists"


@pytest.mark.usefixtures("cheap_passwords")
def test_an_athlete_deletes_everything_of_theirs(store: Store) -> None:
    store.add_athlete("Anna", "Sprint")
    store.add_athlete("Ben", "Sprint")
    add_user(store, "olga")
    anna = StoreView(store, viewer(add_user(store, "anna", "athlete", athlete="Anna")))
    note = anna.add_note("tired", athlete="ANNA")
    assert (note.author, note.author_id) == ("Anna", anna.viewer.user_id)
    anna.delete_athlete("anna")
    assert [athlete.name for athlete in store.athletes()] == ["Ben"]
    assert [user.login for user in store.accounts.users(CONSOLE)] == ["olga"]
    with pytest.raises(StoreError) as refused:
        anna.athletes()
    assert refused.value.reason == "not_found"


@pytest.mark.parametrize("name", ["", "\x00", "An\x00na", "\ud800", "../Anna", "x" * 100_000])
def test_names_that_nobody_can_have(store: Store, name: str) -> None:
    store.add_athlete("Anna")
    view = StoreView(store, CONSOLE)
    for call in (
        lambda: view.athlete(name),
        lambda: view.listed(name),
        lambda: view.owner(name),
        lambda: view.summary(name),
        lambda: view.notes(athlete=name),
        lambda: view.notes(session=name),
        lambda: view.rename_athlete(name, "Ben"),
        lambda: view.set_team(name, "Sprint"),
        lambda: view.delete_session(name),
        lambda: view.note(10**30),
    ):
        with pytest.raises(StoreError) as refused:
            call()
        assert refused.value.reason == "not_found"


@pytest.mark.parametrize("moment", [float("nan"), float("inf")])
def test_a_note_is_on_a_moment_that_is_one(store: Store, moment: float) -> None:
    store.add_athlete("Anna")
    kept = store.import_session(variant(), "Anna", recording_hash=hash_of())
    with pytest.raises(StoreError) as refused:
        StoreView(store, CONSOLE).add_note("tired", session=kept.name, t_s=moment)
    assert refused.value.reason == "bad_value"
