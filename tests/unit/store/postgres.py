"""A real PostgreSQL for tests: data of its own in a temporary folder, reached by a socket in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from hipimu.store import open_store
from hipimu.store.tables import Table

STARTS_S = 30.0
_NUMBERS = count()


def programs() -> Path | None:
    """Return the folder with initdb and postgres; Debian has one for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    found = shutil.which("initdb")
    folders = [*([Path(found).resolve().parent] if found else []), *reversed(versions)]
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


class Server:
    """A running server, with one store in it and as many empty databases as wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, database: str) -> str:
        return f"postgresql://tester@/{database}?host={self._folder}"

    def empty(self) -> str:
        """Return the address of a database without tables."""
        name = f"test{next(_NUMBERS)}"
        made = sql.SQL("CREATE DATABASE {} TEMPLATE template0")
        self._tell(made.format(sql.Identifier(name)))
        return self.url(name)

    def store(self) -> str:
        """Return the address of an empty store: emptied is quicker than made."""
        with psycopg.connect(self.url("made"), autocommit=True) as connection:
            for table in reversed(Table.metadata.sorted_tables):
                if table.name != "store_info":
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        return self.url("made")

    def prepare(self, files: Path) -> None:
        self._tell(sql.SQL("CREATE DATABASE made TEMPLATE template0").format())
        open_store(self.url("made"), files).close()

    def _tell(self, command: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(command)


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in known else "nobody"
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


@contextmanager
def server() -> Iterator[Server]:
    """Start a server; stop it and take its data away in the end."""
    folder = Path(tempfile.mkdtemp(prefix="hipimu-pg-"))
    who = _unprivileged()
    if who:
        shutil.chown(folder, who["user"], who["group"])
    try:
        yield from _running(folder, who)
    finally:
        shutil.rmtree(folder)


def _running(folder: Path, who: dict[str, Any]) -> Iterator[Server]:
    where = programs()
    assert where is not None
    data = folder / "data"
    made = [where / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "Europe/Berlin"}
    quiet: dict[str, Any] = {"env": environment, "cwd": folder, **who}
    subprocess.run([*map(str, made)], check=True, stdout=subprocess.DEVNULL, **quiet)
    settings = {
        "unix_socket_directories": folder,
        "listen_addresses": "",
        "fsync": "off",
        "max_connections": 60,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(where / "postgres"), "-D", str(data), *options], stderr=log, **quiet
        )
        try:
            yield _answering(Server(folder), process, folder / "log")
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answering(server: Server, process: subprocess.Popen[bytes], log: Path) -> Server:
    deadline = time.monotonic() + STARTS_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(server.url("postgres")).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return server
    raise AssertionError(log.read_text())


def skip_without() -> None:
    """Skip where there is no PostgreSQL; in CI, fail."""
    if programs() is None:
        missing = "no PostgreSQL was found: install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
