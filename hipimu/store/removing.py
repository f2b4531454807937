"""Real deletion: rows, history, notes and files, and what the database keeps of them."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, text, update
from sqlalchemy.exc import OperationalError

from hipimu.errors import StoreError
from hipimu.store.connect import reading, writing
from hipimu.store.files import remove
from hipimu.store.importing import athlete_of
from hipimu.store.reading import session_of
from hipimu.store.tables import (
    AnalysisRow,
    AthleteRow,
    NoteRow,
    RecordingRow,
    RemovalRow,
    SessionRow,
    UserRow,
)

GONE: Final = "(deleted account)"
"""Signature of notes whose author wants to be forgotten."""
_STRAY_S: Final = 3600.0
"""What no row refers to after an hour was left by an import that did not end."""


def delete_athlete(connection: Connection, name: str) -> None:
    """Delete all rows of an athlete, and mark the strides for removal.

    Raises
    ------
    StoreError
        When there is no such athlete.
    """
    known, uid = athlete_of(connection, name)
    account = select(UserRow.id).where(UserRow.athlete_id == known).scalar_subquery()
    # Somebody who had been a coach may have signed what is about others.
    signed = update(NoteRow).where(NoteRow.author_id == account, NoteRow.athlete_id != known)
    connection.execute(signed.values(author=GONE))
    connection.execute(delete(AthleteRow).where(AthleteRow.id == known))
    connection.execute(insert(RemovalRow).values(path=uid))


def delete_session(connection: Connection, name: str) -> None:
    """Delete all rows of a session, and mark its strides for removal.

    Raises
    ------
    StoreError
        When there is no such session.
    """
    session_id = session_of(connection, name)
    files = select(AnalysisRow.strides_file).where(AnalysisRow.session_id == session_id)
    paths = set(connection.scalars(files))
    recording = select(SessionRow.recording_id).where(SessionRow.id == session_id)
    # The session goes with it.
    connection.execute(delete(RecordingRow).where(RecordingRow.id == recording.scalar_subquery()))
    mark(connection, paths)


def mark(connection: Connection, paths: set[str]) -> None:
    """Mark files for removal."""
    marked = set(connection.scalars(select(RemovalRow.path).where(RemovalRow.path.in_(paths))))
    rows = [{"path": path} for path in sorted(paths - marked)]
    if rows:
        connection.execute(insert(RemovalRow), rows)


def clear_marked(engine: Engine, folder: Path) -> None:
    """Take away what is marked and nothing refers to; a kill in between is made up for later."""
    with reading(engine) as connection:
        waiting = connection.scalar(select(RemovalRow.path).limit(1))
    if waiting is not None:
        writing(engine, lambda connection: _clear(connection, folder))


def _clear(connection: Connection, folder: Path) -> None:
    _hold_imports(connection)
    marked = set(connection.scalars(select(RemovalRow.path)))
    _remove_unused(connection, folder, marked)
    connection.execute(delete(RemovalRow).where(RemovalRow.path.in_(marked)))


def _remove_unused(connection: Connection, folder: Path, paths: set[str]) -> None:
    used = set(connection.scalars(select(AnalysisRow.strides_file)))
    used |= {path.split("/", maxsplit=1)[0] for path in used}
    try:
        for path in paths - used:
            remove(folder, path)
    except OSError as error:
        raise StoreError(
            f"Strides in {folder} cannot be deleted: {error.strerror or error}.",
            "Make the folder writable; the deletion goes on when the store is opened next.",
            reason="unreachable",
        ) from error


def _hold_imports(connection: Connection) -> None:
    """Wait for imports that are about to refer to a file; SQLite has only one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE analyses IN SHARE MODE"))


def sweep(engine: Engine, folder: Path) -> None:
    """Take away files that imports left which did not end."""
    before = time.time() - _STRAY_S
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.glob("*/*")
        if path.stat().st_mtime < before
    }

    def work(connection: Connection) -> None:
        _hold_imports(connection)
        _remove_unused(connection, folder, found)

    if found:
        writing(engine, work)


def scrub(engine: Engine) -> None:
    """Let the database write over what was deleted, where nobody else is in the way."""
    # SQLite has written over it already (secure_delete): this is about its log, and free space.
    with contextlib.suppress(OperationalError, sqlite3.OperationalError):
        if engine.name == "sqlite":
            with contextlib.closing(engine.raw_connection()) as raw:
                cursor = raw.cursor()
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
