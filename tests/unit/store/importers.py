"""What other processes do to a store, in tests of many at once."""

from __future__ import annotations

from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path

from hipimu.errors import StoreError
from hipimu.store import Imported, Store, open_store
from tests.unit.store.sessions import hash_of, run, variant

run()  # once, before the others are forked off


def processes() -> ForkServerContext:
    """Return how to start many processes quickly, none of them with the threads of this one."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def import_some(arguments: tuple[str, Path, str, list[int]]) -> list[Imported | str]:
    """Import runs by number for an athlete, all of one name; return answers, or why not."""
    url, files, athlete, numbers = arguments
    with open_store(url, files) as store:
        return [_import(store, athlete, number) for number in numbers]


def _import(store: Store, athlete: str, number: int) -> Imported | str:
    session = variant(number, recording="run")
    try:
        return store.import_session(session, athlete, recording_hash=hash_of(number))
    except StoreError as error:
        return error.reason


def import_on_and_on(url: str, files: Path, first: int) -> None:
    """Import one run after the other until killed; each second one is analysed twice."""
    with open_store(url, files) as store:
        for number in range(first, first + 10_000):
            kept = variant(number, recording="run")
            store.import_session(kept, "Anna", recording_hash=hash_of(number))
            again = variant(number + 1, recording="run", method="causal")
            store.import_session(again, "Anna", recording_hash=hash_of(number))
