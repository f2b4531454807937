"""Worker processes on this computer, one order at a time each.

`concurrent.futures` breaks as a whole when one of its processes dies. Here a worker that dies –
killed, out of memory, a crash in a library – takes only the order it was at with it, and that one
is tried again by a fresh worker.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from typing import Final, Generic, Protocol, TypeVar

MOST_DEATHS: Final = 2
"""An order whose worker died so often is given up: it is likely the cause."""

ONE_THREAD: Final = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    ),
    "1",
)
"""Environment of a process that is to compute with one thread."""


class Named(Protocol):
    """An order; picklable, and no two have the same name."""

    @property
    def name(self) -> str:
        """What it is told from others by."""


Order = TypeVar("Order", bound=Named)
Row = TypeVar("Row")


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_processes(
    work: Callable[[Order], Row],
    orders: Sequence[Order],
    jobs: int,
    given_up: Callable[[Order], Row],
) -> Generator[Row, None, None]:
    """Do all orders in worker processes, and give rows as they come.

    Parameters
    ----------
    work : callable
        Imported by name in the workers. It raises nothing.
    orders : sequence
    jobs : int
        How many workers, at most; each computes with one thread.
    given_up : callable
        Makes the row of an order that let its worker die twice.

    Yields
    ------
    Row
        One an order, as they are done.

    Notes
    -----
    Closing the generator ends the workers at once. They do not hear Ctrl-C; they end with their
    parent, however that ends.
    """
    waiting = deque(orders)
    deaths: Counter[str] = Counter()
    workers: list[_Worker[Order, Row]] = [_Worker(work) for _ in range(min(jobs, len(orders)))]
    try:
        while waiting or any(worker.order for worker in workers):
            _hand_out(waiting, workers)
            for order, row in _answers(workers):
                if row is not None:
                    yield row
                    continue
                deaths[order.name] += 1
                if deaths[order.name] < MOST_DEATHS:
                    waiting.append(order)
                else:
                    yield given_up(order)
    finally:
        for worker in workers:
            worker.end()


def _hand_out(waiting: deque[Order], workers: Sequence[_Worker[Order, Row]]) -> None:
    for worker in workers:
        if worker.order is None and waiting:
            worker.take(waiting.popleft())


def _answers(workers: Sequence[_Worker[Order, Row]]) -> Iterator[tuple[Order, Row | None]]:
    """Wait for any worker; None for the row of one that died."""
    busy = {worker.pipe: worker for worker in workers if worker.order}
    for pipe in connection.wait(list(busy)):
        worker = busy[pipe]  # type: ignore[index]
        order, worker.order = worker.order, None
        if order is not None:
            yield order, worker.answer()


class _Worker(Generic[Order, Row]):
    """One process, begun when there is something to do, and the order it is at."""

    pipe: connection.Connection
    _process: BaseProcess | None = None

    def __init__(self, work: Callable[[Order], Row]) -> None:
        self._work = work
        self.order: Order | None = None

    def take(self, order: Order) -> None:
        """Hand over the next order."""
        if self._process is not None and not self._process.is_alive():
            self.end()
        if self._process is None:
            self._start()
        # Should it die just now, that is heard when its answer is waited for.
        with suppress(OSError):
            self.pipe.send(order)
        self.order = order

    def _start(self) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._work), daemon=True)
        with _deaf_to_ctrl_c(), _environment(ONE_THREAD):
            self._process.start()
        # Then only the process holds that end, and its death is heard here.
        theirs.close()

    def answer(self) -> Row | None:
        """Return what came; None where the process has died."""
        try:
            row: Row = self.pipe.recv()
        except (EOFError, OSError):
            self.end()
            return None
        return row

    def end(self) -> None:
        """End the process at once."""
        self.order = None
        if self._process is not None:
            self.pipe.close()
            self._process.kill()
            self._process.join()
            self._process = None


def _serve(pipe: connection.Connection, work: Callable[[Order], Row]) -> None:
    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            pipe.send(work(pipe.recv()))


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let a process started meanwhile ignore what a terminal sends to all of a group.

    Python leaves an ignored signal ignored, from its first instruction on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
