"""Where the store is, and transactions in it: SQLite or PostgreSQL, the same from here on."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import platformdirs
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from hipimu.errors import StoreError

VARIABLE = "HIPIMU_STORE"
BUSY_S = 30.0
_ATTEMPTS = 60
_WRITES = "hipimu_writes"
_PASSING = {"40001", "40P01", "55P03"}
"""PostgreSQL, appendix A: serialisation failure, deadlock, lock not available."""
_HOW = "Give a file, or postgresql://USER@HOST/DATABASE."

Result = TypeVar("Result")


def store_url(text: str | None = None) -> URL:
    """Tell where the store is.

    Parameters
    ----------
    text : str or None
        A file, ``sqlite:///FILE``, or ``postgresql://…``. None: the environment variable
        `VARIABLE`, or else a file in the user's data folder.

    Returns
    -------
    sqlalchemy.URL

    Raises
    ------
    StoreError
        When it is neither, or what PostgreSQL needs is not installed.
    """
    text = text or os.environ.get(VARIABLE) or str(_usual_file())
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).expanduser().absolute()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise StoreError("The store's address is none.", _HOW, reason="unreachable") from error
    kind = url.get_backend_name()
    if kind == "sqlite" and url.database not in (None, "", ":memory:"):
        return url.set(database=str(Path(url.database or "").absolute()))
    if kind not in ("postgresql", "postgres"):
        raise StoreError(f"A store cannot be in {kind}.", _HOW, reason="unreachable")
    if find_spec("psycopg") is None:
        raise StoreError(
            "A store in PostgreSQL needs psycopg, which is not installed.",
            "Install it by: pip install 'hipimu[team]'.",
            reason="not_installed",
        )
    return url.set(drivername="postgresql+psycopg")


def _usual_file() -> Path:
    return Path(platformdirs.user_data_dir("hipimu", appauthor=False)) / "store.sqlite"


def engine_for(url: URL, *, migrates: bool = False) -> Engine:
    """Return an engine whose transactions are whole: DDL too, and in SQLite from their start.

    Parameters
    ----------
    url : sqlalchemy.URL
        As from `store_url`.
    migrates : bool
        Whether tables are to be made anew: references are checked only afterwards.
    """
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": 10}
        )
    engine = create_engine(
        url,
        poolclass=NullPool if migrates else None,
        hide_parameters=True,
        connect_args={"timeout": BUSY_S},
    )

    @event.listens_for(engine, "connect")
    def _set(connection: Any, _: Any) -> None:
        # Python's driver would begin transactions when it sees fit, and none before DDL.
        connection.isolation_level = None
        pragmas = (
            "journal_mode = WAL",
            # With NORMAL, a power cut takes away what was already said to be kept.
            "synchronous = FULL",
            "secure_delete = ON",
            f"foreign_keys = {'OFF' if migrates else 'ON'}",
        )
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader that turned writer would be refused at once, however long it might wait.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees the store as it is now, throughout."""
    options = {} if engine.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with _in_words(engine), engine.execution_options(**options).begin() as connection:
        yield connection


def writing(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Do `work` in one transaction, again where others were in the way.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    work : callable
        Given a connection; it looks before it writes. Where somebody else wrote in between, a
        unique constraint refuses, and it looks again.

    Raises
    ------
    StoreError
        When others are in the way for too long, or the store cannot be reached.
    """
    writer = engine.execution_options(**{_WRITES: True})
    with _in_words(engine):
        for attempt in range(_ATTEMPTS):
            try:
                with writer.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if attempt == _ATTEMPTS - 1 or not _passes(error):
                    raise
            # Not together with the others again.
            time.sleep(random.uniform(0.2, 1.0) * min(0.01 * 2**attempt, 0.5))  # noqa: S311
    raise AssertionError("the last attempt returns or raises")


def _passes(error: DBAPIError) -> bool:
    if isinstance(error, IntegrityError):
        return True
    said = str(error.orig)
    return getattr(error.orig, "sqlstate", None) in _PASSING or "database is locked" in said


@contextmanager
def _in_words(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        refused = refusal(engine.url, error)
        if refused is None:
            raise
        raise refused from error


def refusal(url: URL, error: DBAPIError) -> StoreError | None:
    """Return what to say to people of what a database says; None: it is a defect of ours."""
    place, said = place_of(url), str(error.orig).strip().splitlines()[0]
    if _passes(error) and not isinstance(error, IntegrityError):
        return StoreError(f"The store {place} is busy.", "Try again in a moment.", reason="busy")
    if "not a database" in said or "malformed" in said:
        return StoreError(
            f"{place} is no store, or a damaged one: {said}.",
            "Choose another file, or restore a backup into a new one.",
            reason="damaged",
        )
    if isinstance(error, OperationalError):
        return StoreError(
            f"The store {place} cannot be used: {said[:200]}.",
            "Check that it is there, that the disk is not full, and that you may write to it.",
            reason="unreachable",
        )
    return None


def place_of(url: URL) -> str:
    """Return where a store is, for people; a password is not shown."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
