"""From nothing, and from every older form, to tables that fit the code."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, insert, inspect, select, text

from hipimu.errors import StoreError
from hipimu.store import open_store
from hipimu.store.connect import engine_for, store_url, writing
from hipimu.store.migrations import FOLDER, HEAD, REVISIONS, upgrade
from hipimu.store.tables import Table
from tests.unit.store.postgres import Server

BERLIN_NIGHT = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database without any tables."""
    if request.param == "sqlite":
        return str(tmp_path / "bare.sqlite")
    running: Server = request.getfixturevalue("postgres")
    return running.empty()


@pytest.fixture
def maker(bare: str) -> Iterator[Engine]:
    engine = engine_for(store_url(bare), migrates=True)
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))


def test_the_steps_are_one_row() -> None:
    script = ScriptDirectory(str(FOLDER))
    assert script.get_heads() == [HEAD]
    assert tuple(r.revision for r in reversed(list(script.walk_revisions()))) == REVISIONS


def test_from_nothing(bare: str, tmp_path: Path, maker: Engine) -> None:
    with open_store(bare, tmp_path / "strides") as store:
        store.add_athlete("Anna")
    assert differences(maker) == []


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_from_an_older_form_with_somebody_in_it(
    bare: str, tmp_path: Path, maker: Engine, revision: str
) -> None:
    writing(maker, lambda connection: upgrade(connection, revision))
    older = MetaData()
    older.reflect(maker)
    fill(maker, older)
    with open_store(bare, tmp_path / "strides") as store:
        assert [a.name for a in store.athletes()] == ["Anna"]
        assert store.athlete("Anna").created_at == BERLIN_NIGHT
        assert [n.text for n in store.notes(athlete="Anna")] == ["tired"]
        store.set_team("Anna", "Sprint")
    assert differences(maker) == []


def fill(engine: Engine, older: MetaData) -> None:
    def work(connection: Connection) -> None:
        rows: dict[str, dict[str, object]] = {
            "store_info": {"id": 1, "uid": "a" * 32, "created_at": BERLIN_NIGHT},
            "athletes": {
                "id": 1,
                "uid": "b" * 32,
                "name": "Anna",
                "name_key": "anna",
                "created_at": BERLIN_NIGHT,
            },
            "notes": {
                "id": 1,
                "athlete_id": 1,
                "author": "Coach",
                "text": "tired",
                "created_at": BERLIN_NIGHT,
            },
        }
        for name, row in rows.items():
            connection.execute(insert(older.tables[name]).values(row))

    writing(engine, work)


def test_a_step_that_fails_leaves_nothing_behind(
    bare: str, maker: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic.operations import Operations

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(Operations, "batch_alter_table", fails)
    with pytest.raises(RuntimeError, match="power cut"):
        open_store(bare)
    assert inspect(maker).get_table_names() == []


def test_a_newer_store_is_refused(bare: str, tmp_path: Path, maker: Engine) -> None:
    open_store(bare, tmp_path / "strides").close()
    writing(maker, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(StoreError, match="newer hipimu") as refused:
        open_store(bare)
    assert refused.value.reason == "newer"


def test_many_may_make_it_at_once(bare: str, tmp_path: Path, maker: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: open_store(bare, tmp_path / "strides"), range(8)))
    for store in stores:
        store.close()
    with maker.connect() as connection:
        assert len(connection.execute(select(Table.metadata.tables["store_info"])).all()) == 1
    assert differences(maker) == []


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (id)")
    connection.close()
    with pytest.raises(StoreError, match="something else"):
        open_store(str(path))
    path.write_bytes(b"no database at all, but long enough for one" * 100)
    with pytest.raises(StoreError) as refused:
        open_store(str(path))
    assert refused.value.reason == "damaged"
