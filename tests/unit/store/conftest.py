"""Stores in both databases, and sessions to keep in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from hipimu.store import Store, open_store
from tests.unit.store.postgres import Server, server, skip_without


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    skip_without()
    with server() as running:
        running.prepare(tmp_path_factory.mktemp("made"))
        yield running


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty store to copy: making one takes a third of a second."""
    path = tmp_path_factory.mktemp("made") / "store.sqlite"
    open_store(str(path)).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty store."""
    if request.param == "sqlite":
        yield str(copy(request.getfixturevalue("made"), tmp_path / "store.sqlite"))
        return
    running: Server = request.getfixturevalue("postgres")
    yield running.store()


@pytest.fixture
def files(url: str, tmp_path: Path) -> Path:
    return tmp_path / "store-strides"


@pytest.fixture
def store(url: str, files: Path) -> Iterator[Store]:
    with open_store(url, files) as opened:
        yield opened
