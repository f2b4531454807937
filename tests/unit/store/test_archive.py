"""Backups go from one database into the other; what a person owns, they can take along."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import MetaData, select

from hipimu.errors import StoreError
from hipimu.store import Store, archive, open_store
from hipimu.store.connect import engine_for, store_url, writing
from hipimu.store.migrations import REVISIONS, upgrade
from hipimu.store.tables import Table
from tests.unit.store.postgres import Server
from tests.unit.store.sessions import hash_of, variant
from tests.unit.store.test_migrations import fill as fill_older
from tests.unit.store.test_removing import PERSON, fill


@pytest.fixture
def other(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Iterator[Store]:
    """An empty store in the database that `store` is not in."""
    if store.engine.name == "postgresql":
        url = str(tmp_path / "other.sqlite")
    else:
        server: Server = request.getfixturevalue("postgres")
        url = server.empty()
    with open_store(url, tmp_path / "other-strides") as opened:
        yield opened


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in Table.metadata.sorted_tables
            if table.name != "store_info"
        }


def strides(store: Store) -> dict[str, bytes]:
    folder = store.strides_folder
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.glob("*/*")}


def test_from_one_database_into_the_other(store: Store, other: Store, tmp_path: Path) -> None:
    fill(store)
    store.set_team(PERSON, "Sprint")
    store.backup(tmp_path / "all.zip")
    other.restore(tmp_path / "all.zip")

    before, after = contents(store), contents(other)
    assert {k: sorted(v, key=repr) for k, v in before.items()} == {
        k: sorted(v, key=repr) for k, v in after.items()
    }
    assert strides(store) == strides(other)
    assert other.notes() == store.notes()
    for session in store.listed():
        pd.testing.assert_frame_equal(store.strides(session.name), other.strides(session.name))
    # Numbers of new rows come after those that were restored.
    other.add_athlete("Carla")
    assert other.import_session(variant(99), "Carla", recording_hash=hash_of(99)).new
    assert other.add_note("new", "Coach", athlete="Carla").id > max(n.id for n in store.notes())


def test_it_is_restored_into_an_empty_store_only(store: Store, tmp_path: Path) -> None:
    store.add_athlete("Anna")
    store.backup(tmp_path / "all.zip")
    with pytest.raises(StoreError) as refused:
        store.restore(tmp_path / "all.zip")
    assert refused.value.reason == "not_empty"
    with pytest.raises(StoreError) as refused:
        store.backup(tmp_path / "all.zip")
    assert refused.value.reason == "exists"


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_older_backup(
    store: Store, tmp_path: Path, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the hipimu of that time would have written it."""
    engine = engine_for(store_url(str(tmp_path / "older.sqlite")), migrates=True)
    writing(engine, lambda connection: upgrade(connection, revision))
    older = MetaData()
    older.reflect(engine)
    fill_older(engine, older)
    with monkeypatch.context() as patched, engine.connect() as connection:
        patched.setattr(archive, "HEAD", revision)
        patched.setattr(archive, "_strides", lambda _: [])
        patched.setattr(Table, "metadata", older)
        archive.backup(connection, tmp_path, tmp_path / "older.zip")
    engine.dispose()

    store.restore(tmp_path / "older.zip")
    assert [a.name for a in store.athletes()] == ["Anna"]
    assert [n.text for n in store.notes(athlete="Anna")] == ["tired"]


Change = Callable[[dict[str, bytes]], None]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the parts of a whole backup."""
    folder = tmp_path_factory.mktemp("good")
    with open_store(str(folder / "from.sqlite")) as source:
        fill(source)
        source.backup(folder / "good.zip")
    with zipfile.ZipFile(folder / "good.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _without_table(parts: dict[str, bytes]) -> None:
    del parts["tables/notes.jsonl"]


def _newer(parts: dict[str, bytes]) -> None:
    parts["store.json"] = parts["store.json"].replace(REVISIONS[-1].encode(), b"9999")


def _other_format(parts: dict[str, bytes]) -> None:
    parts["store.json"] = b"[]"


def _damaged_strides(parts: dict[str, bytes]) -> None:
    name = next(name for name in parts if name.startswith("strides/"))
    parts[name] = parts[name][:-1]


def _missing_strides(parts: dict[str, bytes]) -> None:
    del parts[next(name for name in parts if name.startswith("strides/"))]


def _in_rows(table: str, change: Callable[[dict[str, Any]], object]) -> Change:
    def apply(parts: dict[str, bytes]) -> None:
        name = f"tables/{table}.jsonl"
        rows = [json.loads(line) for line in parts[name].splitlines()]
        change(rows[0])
        parts[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    return apply


CHANGES: dict[str, Change] = {
    "table missing": _without_table,
    "newer": _newer,
    "other format": _other_format,
    "strides damaged": _damaged_strides,
    "strides missing": _missing_strides,
    "climbing path": _in_rows("analyses", lambda r: r.update(strides_file="../../x.parquet")),
    "number as text": _in_rows("sessions", lambda r: r.update(athlete_id="1")),
    "no time": _in_rows("athletes", lambda r: r.update(created_at="soon")),
    "owner missing": _in_rows("sessions", lambda r: r.update(athlete_id=77)),
    "too large": _in_rows("sessions", lambda r: r.update(id=2**40)),
    "column missing": _in_rows("notes", lambda r: r.pop("text")),
    "twice": _in_rows("athletes", lambda r: r.update(name_key="ben")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_broken_backup_changes_nothing(
    store: Store, tmp_path: Path, change: str, good: dict[str, bytes]
) -> None:
    if change == "too large" and store.engine.name == "sqlite":
        pytest.skip("SQLite has room for it")
    parts = dict(good)
    CHANGES[change](parts)
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        for name, content in parts.items():
            bad.writestr(name, content)
    with pytest.raises(StoreError) as refused:
        store.restore(tmp_path / "bad.zip")
    assert refused.value.reason == ("newer" if change == "newer" else "damaged")
    assert store.athletes() == ()


def test_what_is_no_backup(store: Store, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("hello")
    for name in ("text.zip", "none.zip"):
        with pytest.raises(StoreError, match="cannot be restored"):
            store.restore(tmp_path / name)
    with pytest.raises(StoreError, match="cannot be written"):
        store.backup(tmp_path / "none" / "all.zip")


def test_a_person_takes_everything_along(store: Store, tmp_path: Path) -> None:
    fill(store)
    folder = store.export_person(PERSON.upper(), tmp_path / "hers")

    assert {p.name for p in folder.iterdir()} == {
        "athlete.json",
        "sessions.csv",
        "fatigue.csv",
        "notes.csv",
        "sessions",
        "strides",
    }
    sessions = pd.read_csv(folder / "sessions.csv")
    assert len(sessions) == 2
    assert len(pd.read_csv(folder / "notes.csv")) == 3
    assert len(pd.read_csv(folder / "fatigue.csv")) == 8
    for name in sessions["name"]:
        told = json.loads((folder / "sessions" / f"{name}.json").read_text("utf-8"))
        assert [a["summary"]["method"] for a in told["analyses"]] == ["causal", "refined"]
        kept = pd.read_parquet(folder / "strides" / f"{name}.parquet")
        assert len(kept) == len(store.strides(name))
        assert (folder / "strides" / f"{name}.earlier-1.parquet").exists()
    texts = "".join(p.read_text("utf-8") for p in folder.rglob("*.[jc]s*"))
    assert "Ben" not in texts


def test_an_export_does_not_write_over_anything(store: Store, tmp_path: Path) -> None:
    store.add_athlete("Anna")
    (tmp_path / "there").mkdir()
    with pytest.raises(StoreError) as refused:
        store.export_person("Anna", tmp_path / "there")
    assert refused.value.reason == "exists"
    with pytest.raises(StoreError) as refused:
        store.export_person("Nobody", tmp_path / "new")
    assert refused.value.reason == "not_found"
    store.export_person("Anna", tmp_path / "new")
    assert (tmp_path / "new" / "athlete.json").exists()
