"""A whole store in one file, the same from either database, and back into either.

A zip with ``store.json``, ``tables/NAME.jsonl`` (a row a line) and ``strides/…``. What is read is
checked: it may have been damaged, or be somebody else's.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Connection,
    DateTime,
    Engine,
    MetaData,
    Table,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError

from hipimu.errors import StoreError
from hipimu.store import tables
from hipimu.store.connect import engine_for, store_url, writing
from hipimu.store.documents import dumps, loads
from hipimu.store.files import NAME, content_of, keep, name_of
from hipimu.store.migrations import HEAD, REVISIONS, upgrade
from hipimu.store.tables import AnalysisRow, UtcDateTime

FORMAT: Final = "hipimu-store/1"
_OWN: Final = frozenset({"store_info", "removals", "invitations", "logins", "api_tokens"})
"""Tables that are one store's alone: what is in them opens it, and shall open no copy of it."""
_CHUNK: Final = 500

Rows = Mapping[str, list[dict[str, Any]]]


def backup(connection: Connection, strides: Path, path: Path) -> None:
    """Write a store to a file; see `Store.backup`."""
    if path.exists():
        raise StoreError(f"{path} is there already.", "Choose another name.", reason="exists")
    aside = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
            _write(archive, connection, strides)
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.rename(path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror or error}.",
            "Free space or choose another place.",
            reason="unreachable",
        ) from error
    finally:
        aside.unlink(missing_ok=True)


def _write(archive: zipfile.ZipFile, connection: Connection, strides: Path) -> None:
    about = {
        "format": FORMAT,
        "revision": HEAD,
        "hipimu": version("hipimu"),
        "made_at": datetime.now(UTC).isoformat(),
    }
    archive.writestr("store.json", dumps(about))
    for name, table in _kept(tables.Table.metadata).items():
        with archive.open(f"tables/{name}.jsonl", "w") as file:
            for row in connection.execute(select(table).order_by(*table.primary_key)):
                plain = {key: _plain(value) for key, value in row._mapping.items()}
                file.write(dumps(plain).encode() + b"\n")
    for name in _strides(connection):
        # Parquet is compressed already.
        archive.writestr(f"strides/{name}", content_of(strides, name), zipfile.ZIP_STORED)


def _strides(connection: Connection) -> list[str]:
    column = AnalysisRow.strides_file
    return list(connection.scalars(select(column).distinct().order_by(column)))


def _kept(metadata: MetaData) -> dict[str, Table]:
    """Tables in an order in which each comes after those it refers to."""
    own = {*_OWN, "alembic_version"}
    return {table.name: table for table in metadata.sorted_tables if table.name not in own}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def restore(engine: Engine, strides: Path, path: Path) -> None:
    """Fill an empty store from a file; see `Store.restore`."""
    try:
        with zipfile.ZipFile(path) as archive:
            rows = _rows(archive)
            names = {row["strides_file"] for row in rows["analyses"]}
            writing(engine, _refuse_full)
            for name in sorted(names):
                _keep(archive, strides, name)
            writing(engine, lambda connection: _fill(connection, rows))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise StoreError(
            f"{path} cannot be restored: {error}.",
            "Choose a file that was made by: hipimu store backup.",
            reason="damaged",
        ) from error


def _keep(archive: zipfile.ZipFile, strides: Path, name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no file of strides")
    content = archive.read(f"strides/{name}")
    if name != name_of(name[:32], content):
        raise ValueError(f"{name} is damaged")
    keep(strides, name, content)


def _refuse_full(connection: Connection) -> None:
    people = (tables.AthleteRow, tables.UserRow)
    if any(connection.scalar(select(func.count()).select_from(table)) for table in people):
        raise StoreError(
            "The store is not empty.",
            "Restore into a new one: HIPIMU_STORE names it.",
            reason="not_empty",
        )


def _rows(archive: zipfile.ZipFile) -> Rows:
    about = loads(archive.read("store.json").decode())
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    revision = about.get("revision")
    if revision not in REVISIONS:
        raise StoreError(
            "The backup was made by a newer hipimu.", "Update hipimu first.", reason="newer"
        )
    if revision == HEAD:
        return _read(archive, tables.Table.metadata)
    return _brought_up(archive, revision)


def _read(archive: zipfile.ZipFile, metadata: MetaData) -> Rows:
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, table in _kept(metadata).items():
        with archive.open(f"tables/{name}.jsonl") as file:
            rows[name] = [_row(table, line) for line in file]
    return rows


def _row(table: Table, line: bytes) -> dict[str, Any]:
    given = loads(line.decode())
    if not isinstance(given, dict) or given.keys() != set(table.columns.keys()):
        raise ValueError(f"a row of {table.name} has other columns")
    return {name: _value(table, name, value) for name, value in given.items()}


def _value(table: Table, name: str, value: Any) -> Any:
    column = table.columns[name]
    if value is None:
        return None
    if isinstance(column.type, DateTime | UtcDateTime):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    kind = bool if isinstance(column.type, Boolean) else column.type.python_type
    if not isinstance(value, int | float if kind is float else kind):
        raise ValueError(f"{table.name}.{name} is no {kind.__name__}")  # noqa: TRY004
    return value


def _brought_up(archive: zipfile.ZipFile, revision: str) -> Rows:
    """Take the rows of an older backup through the steps since, in a store for the purpose."""
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_for(store_url(str(Path(folder) / "older.sqlite")), migrates=True)
        writing(engine, lambda connection: upgrade(connection, revision))
        older = MetaData()
        older.reflect(engine)
        rows = _read(archive, older)
        writing(engine, lambda connection: _insert(connection, _kept(older), rows))
        writing(engine, upgrade)
        with engine.begin() as connection:
            return {
                name: [dict(row._mapping) for row in connection.execute(select(table))]
                for name, table in _kept(tables.Table.metadata).items()
            }


def _fill(connection: Connection, rows: Rows) -> None:
    _refuse_full(connection)
    _forget_the_beginning(connection)
    kept = _kept(tables.Table.metadata)
    try:
        _insert(connection, kept, rows)
    except (IntegrityError, DataError) as error:
        # Trying again, as for imports, would not help.
        raise ValueError(f"its rows contradict each other: {error.orig}") from error
    if connection.dialect.name == "postgresql":
        for name, table in kept.items():
            if "id" in table.columns:
                _count_on(connection, name)


def _forget_the_beginning(connection: Connection) -> None:
    """Take away what an empty store may have: a link for its first owner, and that it was made."""
    for table in (tables.InvitationRow, tables.AuditRow, tables.TeamRow):
        connection.execute(delete(table))


def _insert(connection: Connection, kept: Mapping[str, Table], rows: Rows) -> None:
    for name, table in kept.items():
        for chunk in _chunks(rows[name]):
            connection.execute(insert(table), chunk)


def _chunks(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _count_on(connection: Connection, name: str) -> None:
    """Let PostgreSQL number new rows after the restored ones."""
    last = f"(SELECT max(id) FROM {name})"  # noqa: S608 — a name of our own
    connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last})"))
