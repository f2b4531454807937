"""What libraries log and warn of during a run, told without holding up whoever says it.

A terminal may take nothing for a while, or for ever (a pager, a lost connection). A thread that
logs or warns would wait for it, and with it the run; here one thread does nothing but wait.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import QueueHandler
from queue import SimpleQueue
from typing import Final

_LAST_WORDS_S: Final = 0.5
"""For a terminal that takes them."""


@contextmanager
def told_aside() -> Iterator[None]:
    """Have logged warnings and errors, and Python's warnings, written by a thread of their own."""
    waiting: SimpleQueue[logging.LogRecord | None] = SimpleQueue()
    handler = QueueHandler(waiting)
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    logging.captureWarnings(True)
    writer = threading.Thread(target=_write, args=(waiting,), name="logs", daemon=True)
    writer.start()
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        waiting.put(None)
        writer.join(_LAST_WORDS_S)


def _write(waiting: SimpleQueue[logging.LogRecord | None]) -> None:
    while (record := waiting.get()) is not None:
        with suppress(OSError, ValueError):  # the terminal is gone
            print(record.getMessage(), file=sys.stderr, flush=True)  # noqa: T201
