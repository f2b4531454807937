"""Talking to a terminal without waiting for it.

A terminal may take nothing for a while, or for ever: a pager, Ctrl-S, a lost connection. Whoever
writes to it then waits, and with it whatever that thread does besides: receive packets. Here one
thread does nothing but write.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Final, Self, TextIO

_LAST_WORDS_S: Final = 0.5
"""For a terminal that takes them."""

Work = Callable[[], None]


class Aside:
    """Does work in order, in a thread of its own, which ends with the block."""

    def __init__(self) -> None:
        self.terminal = _standard_error()
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._newest: Work | None = None
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join(_LAST_WORDS_S)

    def do(self, work: Work) -> None:
        """Do it when all before is done."""
        self._waiting.put(work)

    def show(self, work: Work) -> None:
        """Do it as well, unless there is something newer to show by then."""
        with self._lock:
            one_waits, self._newest = self._newest is not None, work
        if not one_waits:
            self._waiting.put(self._show)

    def say(self, text: str) -> None:
        """Write a line to standard error."""
        self.do(lambda: print(text, file=self.terminal, flush=True))

    def _show(self) -> None:
        with self._lock:
            work, self._newest = self._newest, None
        if work is not None:
            work()

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            with suppress(OSError, ValueError):  # the terminal is gone
                work()


def _standard_error() -> TextIO:
    """Return a way to it without a buffer.

    Python locks the buffer when it ends, and aborts where a thread that still waits for the
    terminal holds it.
    """
    try:
        raw = io.FileIO(sys.stderr.fileno(), "w", closefd=False)
    except (OSError, ValueError):  # captured, or gone
        return sys.stderr
    encoding = sys.stderr.encoding or "utf-8"
    return io.TextIOWrapper(raw, encoding, errors="backslashreplace", write_through=True)


class _LogsAside(logging.Handler):
    def __init__(self, aside: Aside) -> None:
        super().__init__(logging.WARNING)
        self._aside = aside

    def emit(self, record: logging.LogRecord) -> None:
        self._aside.say(self.format(record))


@contextmanager
def told_aside() -> Iterator[Aside]:
    """Have what libraries log and warn of written aside as well, while the block runs."""
    with Aside() as aside:
        handler, root = _LogsAside(aside), logging.getLogger()
        root.addHandler(handler)
        logging.captureWarnings(True)
        try:
            yield aside
        finally:
            logging.captureWarnings(False)
            root.removeHandler(handler)
