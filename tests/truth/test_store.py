"""Many processes import at once, some are killed: nothing is lost, nothing is there twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

from hipimu.store import Store, open_store
from tests.unit.store.conftest import files, made, postgres, store, url
from tests.unit.store.importers import import_on_and_on, import_some, processes
from tests.unit.store.sessions import hash_of, variant

__all__ = ["files", "made", "postgres", "store", "url"]

WRITERS = 16
KILLS = 5


def check_whole(store: Store) -> None:
    """Everything that is listed can be read, and nothing is referred to that is not there."""
    for session in store.listed():
        analyses = store.history(session.name)
        assert Counter(a.current for a in analyses)[True] == 1
        assert store.summary(session.name).cycles
        assert len(store.strides(session.name)) == len(variant().strides)
        assert len(session.fatigue) == 4
    assert len({a.recording_hash for s in store.listed() for a in store.history(s.name)}) == len(
        store.listed()
    )


def test_sixteen_processes_import_at_once(store: Store, url: str, files: Path) -> None:
    """Every run is offered by four of them, in another order by each."""
    store.add_athlete("Anna")
    numbers = list(range(8))
    orders = []
    for writer in range(WRITERS):
        mine = [n for n in numbers if n % 4 == writer % 4]
        random.Random(writer).shuffle(mine)  # noqa: S311
        orders.append((url, files, "Anna", mine))
    with processes().Pool(WRITERS) as pool:
        told = [one for answer in pool.map(import_some, orders, 1) for one in answer]

    answers = [answer for answer in told if not isinstance(answer, str)]
    assert len(answers) == 4 * len(numbers)
    assert sum(answer.new for answer in answers) == len(numbers)
    assert not any(answer.reanalysed for answer in answers)
    names = {answer.name for answer in answers}
    assert names == {"run", *(f"run-{n}" for n in range(2, len(numbers) + 1))}
    assert {s.name for s in store.listed()} == names
    assert {store.history(name)[0].recording_hash for name in names} == set(map(hash_of, numbers))
    assert len(list(files.glob("*/*"))) == len(numbers)
    check_whole(store)


def test_killed_at_any_moment(store: Store, url: str, files: Path) -> None:
    store.add_athlete("Anna")
    chance = random.Random()  # noqa: S311
    context = processes()
    for number in range(KILLS):
        before = len(store.listed())
        process = context.Process(target=import_on_and_on, args=(url, files, 100_000 * number))
        process.start()
        deadline = time.monotonic() + 30.0
        while len(store.listed()) == before and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.uniform(0.0, 0.12))
        process.kill()
        process.join()
        with open_store(url, files) as again:
            assert len(again.listed()) > before
            check_whole(again)
            offered = variant(number, recording="after")
            assert again.import_session(offered, "Anna", recording_hash=hash_of(-1 - number)).new

    referred = {p.name for p in store.strides_files().values()}
    assert referred <= {p.name for p in files.glob("*/*.parquet")}
    store.delete_athlete("Anna")
    assert not list(files.glob("*"))


def test_an_athlete_deleted_while_others_import(store: Store, url: str, files: Path) -> None:
    store.add_athlete("Anna")
    store.add_athlete("Ben")
    orders = [
        (url, files, name, [n + 100 * (name == "Ben")])
        for n in range(4)
        for name in ("Anna", "Ben")
    ]
    with processes().Pool(4) as pool:
        results = [pool.apply_async(import_some, (order,)) for order in orders]
        while not store.listed("Anna"):
            time.sleep(0.002)
        store.delete_athlete("Anna")
        answers = [result.get(60)[0] for result in results]

    for (*_, athlete, _), answer in zip(orders, answers, strict=True):
        if isinstance(answer, str):
            assert (answer, athlete) == ("not_found", "Anna")
        else:
            assert answer.new

    assert {s.athlete for s in store.listed()} == {"Ben"}
    assert len(store.listed()) == 4
    store.delete_session(store.listed()[0].name)
    assert len(list(files.glob("*/*.parquet"))) == 3
    check_whole(store)
