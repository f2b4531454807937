"""What is deleted is gone: from tables, folders and the bytes of files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hipimu.data import TrainingContext
from hipimu.errors import StoreError
from hipimu.store import Store, open_store, removing
from hipimu.store.tables import RemovalRow, Table
from tests.unit.store.sessions import hash_of, variant

PERSON = "Quetzalina Wojciechowska"
INJURY = "an inflamed iliopsoas tendon"


def fill(store: Store) -> None:
    """Two athletes; everything the first has says who she is, or what hurts."""
    for number, name in enumerate((PERSON, "Ben")):
        store.add_athlete(name)
        for part in range(2):
            session = variant(10 * number + part, recording=f"{name} {part}")
            kept = store.import_session(
                session,
                name,
                recording_hash=hash_of(10 * number + part),
                context=TrainingContext(injury=INJURY if name == PERSON else "none", tags=(name,)),
            )
            again = variant(50 + 10 * number + part, recording=f"{name} {part}", method="causal")
            store.import_session(again, name, recording_hash=hash_of(10 * number + part))
            store.add_note(f"{name} is tired", "Coach", session=kept.name, t_s=1.0)
        note = store.add_note(f"{name}: earlier text", "Coach", athlete=name)
        store.edit_note(note.id, f"{name}: later text")
        store.delete_note(note.id)


def counts(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Table.metadata.sorted_tables
        }


def bytes_beside(store: Store) -> bytes:
    folder = store.strides_folder.parent
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_an_athlete_leaves_no_trace(store: Store) -> None:
    fill(store)
    before = counts(store)
    if store.engine.name == "sqlite":
        assert PERSON.encode() in bytes_beside(store)
        assert INJURY.encode() in bytes_beside(store)
    store.delete_athlete(PERSON)

    kept = bytes_beside(store)
    assert PERSON.encode() not in kept
    assert PERSON.split()[1].encode() not in kept
    assert INJURY.encode() not in kept
    assert len(list(store.strides_folder.glob("*/*"))) == 4
    assert len(list(store.strides_folder.iterdir())) == 1
    for name, count in counts(store).items():
        whole = name in ("store_info", "removals")
        assert count == (before[name] if whole else before[name] // 2), name
    assert [s.athlete for s in store.listed()] == ["Ben"] * 2
    assert all(not store.strides(s.name).empty for s in store.listed())


def test_a_session_takes_its_history_along(store: Store) -> None:
    fill(store)
    before = counts(store)
    gone = store.listed(PERSON)[0].name
    store.delete_session(gone)

    after = counts(store)
    assert before["analyses"] - after["analyses"] == 2
    assert before["recordings"] - after["recordings"] == 1
    assert before["notes"] - after["notes"] == 1
    assert len(list(store.strides_folder.glob("*/*"))) == 6
    assert gone not in [s.name for s in store.listed()]


def test_equal_strides_of_two_sessions_are_not_taken_from_the_other(store: Store) -> None:
    store.add_athlete("Anna")
    for number in range(2):
        session = variant(0, recording=f"run {number}")
        store.import_session(session, "Anna", recording_hash=hash_of(number))
    assert len(list(store.strides_folder.glob("*/*"))) == 1
    store.delete_session("run-0")
    assert not store.strides("run-1").empty


def test_a_deleted_recording_can_be_kept_again(store: Store) -> None:
    store.add_athlete("Anna")
    store.add_athlete("Ben")
    store.import_session(variant(), "Anna", recording_hash=hash_of())
    store.delete_session("run-0")
    assert store.import_session(variant(), "Ben", recording_hash=hash_of()).new


def test_a_deletion_that_was_cut_short_goes_on_at_the_next_start(
    store: Store, url: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(removing, "clear_marked", dies)
        with pytest.raises(KeyboardInterrupt):
            store.delete_athlete(PERSON)
    assert len(list(store.strides_folder.glob("*/*"))) == 8
    with open_store(url, files) as again:
        assert len(list(again.strides_folder.glob("*/*"))) == 4
        with again.engine.connect() as connection:
            assert connection.scalar(select(func.count()).select_from(RemovalRow)) == 0


def test_what_imports_left_that_were_killed_is_swept_but_not_those_under_way(
    store: Store,
) -> None:
    fill(store)
    (one, *_) = store.strides_folder.iterdir()
    old, young = one / ".new-old", one / f"{'0' * 64}.parquet"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    store.delete_session(store.listed("Ben")[0].name)
    assert not old.exists()
    assert young.exists()


def test_a_folder_that_cannot_be_written_is_told(store: Store) -> None:
    store.add_athlete("Anna")
    store.strides_folder.write_text("in the way")
    with pytest.raises(StoreError, match="cannot be kept"):
        store.import_session(variant(), "Anna", recording_hash=hash_of())
    assert store.listed() == ()
