"""Athletes, teams, and what is written about them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hipimu.data import TrainingContext
from hipimu.errors import StoreError
from hipimu.store import Store
from tests.unit.store.sessions import hash_of, variant


def refusal(store: Store, method: str, *arguments: object) -> str:
    with pytest.raises(StoreError) as refused:
        getattr(store, method)(*arguments)
    return refused.value.reason


def test_names_are_unique_whatever_the_capitals(store: Store) -> None:
    store.add_athlete("  Anna   Söder ")
    assert refusal(store, "add_athlete", "ANNA SÖDER") == "exists"
    assert store.athlete("anna söder").name == "Anna Söder"
    assert refusal(store, "athlete", "Ben") == "not_found"


@pytest.mark.parametrize(
    "name", ["", "  ", "a/b", "a\\b", "a\0b", "a\x1b[2J", "x" * 101, "../x", "-x"]
)
def test_what_cannot_be_a_name(store: Store, name: str) -> None:
    assert refusal(store, "add_athlete", name) == "bad_value"


def test_a_new_name_and_all_else_stays(store: Store) -> None:
    store.add_athlete("Anna")
    store.add_athlete("Ben")
    store.import_session(variant(), "Anna", recording_hash=hash_of())
    assert refusal(store, "rename_athlete", "Anna", "BEN") == "exists"
    assert refusal(store, "rename_athlete", "Zoe", "Ida") == "not_found"

    assert store.rename_athlete("anna", "ANNA").name == "ANNA"
    assert store.rename_athlete("ANNA", "Ida").sessions == 1
    assert store.summary("run-0").athlete == "Ida"
    assert [a.name for a in store.athletes()] == ["Ben", "Ida"]


def test_teams(store: Store) -> None:
    store.add_athlete("Anna")
    store.add_athlete("Ben")
    for name in ("Anna", "Ben"):
        store.set_team(name, "Sprint")
    assert store.teams() == ("Sprint",)
    assert {a.team for a in store.athletes()} == {"Sprint"}
    store.set_team("Ben", None)
    assert store.athlete("Ben").team is None


def test_notes_on_a_moment_a_session_and_an_athlete(store: Store) -> None:
    store.add_athlete("Anna")
    store.import_session(variant(), "Anna", recording_hash=hash_of())
    before = datetime.now(UTC)
    moment = store.add_note("lost her rhythm", "Coach", session="run-0", t_s=93.5)
    whole = store.add_note("windy\nand cold", "Coach", session="run-0")
    person = store.add_note("sore calf since Monday", "Anna", athlete="anna")

    assert before <= moment.created_at <= datetime.now(UTC)
    assert (moment.athlete, moment.session, moment.t_s) == ("Anna", "run-0", 93.5)
    assert (person.session, person.t_s) == (None, None)
    assert store.notes(athlete="Anna") == (moment, whole, person)
    assert store.notes(session="run-0") == (moment, whole)
    assert store.note(whole.id).text == "windy\nand cold"


def test_a_note_is_edited_deleted_and_brought_back(store: Store) -> None:
    store.add_athlete("Anna")
    note = store.add_note("tird", "Coach", athlete="Anna")
    edited = store.edit_note(note.id, "tired")
    assert (edited.text, edited.created_at) == ("tired", note.created_at)
    assert edited.edited_at is not None
    gone = store.delete_note(note.id)
    assert gone.deleted_at is not None
    assert store.notes() == ()
    assert store.notes(deleted=True) == (gone,)
    assert store.restore_note(note.id).deleted_at is None
    assert store.notes() == (edited,)


def test_what_is_no_note(store: Store) -> None:
    store.add_athlete("Anna")
    for text in ("", " \n ", "\0", "x" * 10_001):
        with pytest.raises(StoreError) as refused:
            store.add_note(text, "Coach", athlete="Anna")
        assert refused.value.reason == "bad_value"
    with pytest.raises(ValueError, match="a note is about"):
        store.add_note("x", "Coach", athlete="Anna", t_s=3.0)
    assert refusal(store, "note", 999) == "not_found"
    assert refusal(store, "edit_note", 999, "x") == "not_found"
    with pytest.raises(StoreError, match="no session"):
        store.add_note("x", "Coach", session="none")


def test_what_is_asked_of_sessions_that_are_not_there(store: Store) -> None:
    for method in ("summary", "history", "strides", "delete_session"):
        assert refusal(store, method, "none") == "not_found"
    assert refusal(store, "set_context", "none", TrainingContext()) == "not_found"
    for method in ("listed", "summaries", "delete_athlete"):
        assert refusal(store, method, "Nobody") == "not_found"
