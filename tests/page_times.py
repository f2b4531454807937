"""How long the coach's pages take to make, asked over loopback: for benchmarks and studies."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import event

from hipimu.store import Store, open_store
from tests.faces.coach_pages import Served
from tests.unit.store.postgres import server

DATABASES: Final = ("sqlite", "postgresql")
SESSIONS: Final = 30
"""Of each athlete, in a season."""
ROUNDS: Final = 15
MOST_ROUNDS: Final = 60


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the most milliseconds it may take; None: no limit is set."""

    name: str
    path: str
    limit_ms: float | None = None


PAGES: Final = (
    Page("squad", "/", 200.0),
    Page("athlete", "/athletes/Ada%20Bauer", 150.0),
    Page("athlete, fresh peak", "/athletes/Ada%20Bauer?show=level_fast"),
    Page("session", "/sessions/ada-30"),
    Page("compare, two", "/compare?session=ada-1&session=ada-30"),
    Page("compare, six", "/compare?" + "&".join(f"session=ada-{n}" for n in range(5, 31, 5))),
)
"""For a season of 14 athletes."""


@dataclass(frozen=True, slots=True)
class Took:
    """What rounds of asking for one page took."""

    quickest_ms: float
    """What other programs do can only make a round slower: by this pages are judged."""
    median_ms: float
    cpu_ms: float
    """Of this process, which serves and asks, in its quickest round; PostgreSQL's is not in it."""
    kilobytes: float


def ask(served: Served, path: str, limit_ms: float | None = None) -> Took:
    """Ask for a page again and again, one after the other; longer where it is too slow."""
    assert served.ask(path).status == 200, path
    took_ms: list[float] = []
    cpu_ms: list[float] = []
    while len(took_ms) < ROUNDS or (
        limit_ms is not None and min(took_ms) > limit_ms and len(took_ms) < MOST_ROUNDS
    ):
        start, cpu = time.perf_counter(), time.process_time()
        answer = served.ask(path)
        took_ms.append(1e3 * (time.perf_counter() - start))
        cpu_ms.append(1e3 * (time.process_time() - cpu))
    size = len(answer.text.encode()) / 1000
    return Took(min(took_ms), statistics.median(took_ms), min(cpu_ms), size)


@contextmanager
def hurried(file: Path) -> Iterator[Store]:
    """Open an SQLite store that nobody will miss: it does not wait for the disk."""
    with open_store(str(file)) as store:
        event.listen(store.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
        yield store


@contextmanager
def in_postgresql(store: Store, folder: Path) -> Iterator[Store]:
    """Give the same store in a PostgreSQL of its own, as its backup restores it."""
    store.backup(folder / "backup.zip")
    with server() as running, open_store(running.empty(), folder / "strides") as copy:
        copy.restore(folder / "backup.zip")
        yield copy
