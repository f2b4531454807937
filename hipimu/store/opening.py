"""Opening a store: making it where there is none, and bringing an older one up."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import platformdirs
from sqlalchemy import URL, Connection, Engine, insert, inspect, select, text

from hipimu.errors import StoreError
from hipimu.store.connect import engine_for, place_of, reading, store_url, writing
from hipimu.store.migrations import HEAD, REVISIONS, revision_of, upgrade
from hipimu.store.removing import clear_marked
from hipimu.store.store import Store
from hipimu.store.tables import StoreInfo

FILES_VARIABLE: Final = "HIPIMU_STORE_FILES"
_LOCK: Final = 0x68697069  # "hipi": one number that all of us take, and nobody else


def open_store(url: str | None = None, files: Path | None = None) -> Store:
    """Open the store; make it where there is none, and bring an older one up to date.

    Parameters
    ----------
    url : str or None
        A file for SQLite, or ``postgresql://USER@HOST/DATABASE``. None: what the environment
        variable ``HIPIMU_STORE`` says, or else a file in the user's data folder.
    files : Path or None
        Folder of the strides. None: beside an SQLite file; of a store in PostgreSQL what
        ``HIPIMU_STORE_FILES`` says, or else in the user's data folder.

    Returns
    -------
    Store

    Raises
    ------
    StoreError
        When it cannot be reached or written, is none, or was made by a newer hipimu.
    """
    where = store_url(url)
    _make_file(where)
    engine = engine_for(where)
    try:
        _bring_up(engine, where)
        store = Store(engine, files or _files(engine, where), place_of(where))
        clear_marked(engine, store.strides_folder)
    except BaseException:
        engine.dispose()
        raise
    return store


def _make_file(url: URL) -> None:
    """Make the file of an SQLite store, for its owner alone: it is about people's bodies."""
    if url.get_backend_name() != "sqlite":
        return
    path = Path(str(url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        elif not os.access(path, os.R_OK | os.W_OK):
            # Not by opening it: to close it again would drop the locks of who has it open here.
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise StoreError(
            f"The store {path} cannot be opened: {error.strerror or error}.",
            "Make its folder writable, or name another file by HIPIMU_STORE.",
            reason="unreachable",
        ) from error


def _bring_up(engine: Engine, url: URL) -> None:
    with reading(engine) as connection:
        revision = _checked_revision(connection, url)
    if revision == HEAD:
        return
    maker = engine_for(url, migrates=True)
    try:
        writing(maker, lambda connection: _migrate(connection, url))
    finally:
        maker.dispose()


def _checked_revision(connection: Connection, url: URL) -> str | None:
    revision = revision_of(connection)
    if revision is None and url.get_backend_name() == "sqlite":
        _refuse_foreign(connection, url)
    if revision is not None and revision not in REVISIONS:
        raise StoreError(
            f"The store {place_of(url)} was made by a newer hipimu (tables {revision}, "
            f"this one knows {HEAD}).",
            "Update hipimu.",
            reason="newer",
        )
    return revision


def _refuse_foreign(connection: Connection, url: URL) -> None:
    if inspect(connection).get_table_names():
        raise StoreError(
            f"{place_of(url)} is a database of something else.",
            "Name another file by HIPIMU_STORE.",
            reason="damaged",
        )


def _migrate(connection: Connection, url: URL) -> None:
    """Do all steps in one transaction; who comes second finds them done."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    if _checked_revision(connection, url) == HEAD:
        return
    upgrade(connection)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StoreError(
                f"The store {place_of(url)} cannot be brought up to date: {broken[0]} refers to "
                "rows that are not there.",
                "Restore a backup into a new store.",
                reason="damaged",
            )
    if connection.scalar(select(StoreInfo.id)) is None:
        row = {"id": 1, "uid": uuid4().hex, "created_at": datetime.now(UTC)}
        connection.execute(insert(StoreInfo).values(row))


def _files(engine: Engine, url: URL) -> Path:
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        return path.with_name(f"{path.stem}-strides")
    named = os.environ.get(FILES_VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    with reading(engine) as connection:
        uid = connection.execute(select(StoreInfo.uid)).scalar_one()
    data = Path(platformdirs.user_data_dir("hipimu", appauthor=False))
    return data / "team-stores" / uid / "strides"
