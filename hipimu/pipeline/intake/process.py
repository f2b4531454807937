"""A worker process from outside: started, listened to, and ended."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import IO, Final

from hipimu.pipeline.intake.order import Kept, News, Order, Problem, Said, read_said
from hipimu.pipeline.workers import ONE_THREAD

COMMAND: Final = (sys.executable, "-P", "-m", "hipimu.pipeline.intake.worker")
"""-P: no module is looked for where a stranger's files lie."""
_log = logging.getLogger(__name__)
_LOOK_S: Final = 0.05
_MOST_SAID: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 15
_KEPT_ERRORS: Final = 4000
_NOT_PASSED_ON: Final = frozenset({"HIPIMU_STORE", "PYTHONINSPECT", "PYTHONSTARTUP"})
_LAST_S: Final = 0.5
_FRUGAL: Final = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "ARROW_IO_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
"""Allocators reserve gigabytes of addresses at once, and a limit counts addresses."""
_CLOCK: Final = "clock"
_IN_DOUBT: Final = Problem(
    "It was ended while the session was being written.",
    "Look among the sessions of the athlete: it is there whole, or not at all.",
)


class CancelledError(Exception):
    """Whoever sent it does not want it any more, or the server ends."""


def carry_out_apart(
    order: Order,
    tell: Callable[[News], None],
    cancelled: Event,
    command: Sequence[str] = COMMAND,
) -> Kept | Problem:
    """Do what is ordered in a process of its own, which does not outlive this call.

    Parameters
    ----------
    order : Order
    tell : callable
        Given news as they come.
    cancelled : Event
        Ends it when it is set.
    command : sequence of str
        The process.

    Returns
    -------
    Kept or Problem

    Raises
    ------
    CancelledError
        When it was cancelled before it was kept.
    """
    worker = _Worker(order, command)
    try:
        ending = worker.listen(tell, cancelled)
    finally:
        worker.end()
    if isinstance(ending, Kept):
        return ending
    if isinstance(ending, Problem):
        if worker.errors:
            _log.warning("An upload could not be read: %s", worker.errors)
        return ending
    if worker.keeping:
        return _IN_DOUBT
    if ending == _CLOCK:
        return _too_slow(f"{order.limits.clock_s} s")
    if cancelled.is_set():
        raise CancelledError
    return _died(worker, order)


class _Worker:
    """A process that works at one order."""

    def __init__(self, order: Order, command: Sequence[str]) -> None:
        self.keeping = False
        """Whether it was about to write the session when it was last heard of."""
        self._deadline = time.monotonic() + order.limits.clock_s
        self._heard: SimpleQueue[Said | None] = SimpleQueue()
        self._errors = b""
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=order.folder,
            env=_environment(order.folder),
            start_new_session=True,
            bufsize=0,
        )
        told = (
            (self._hear, self._process.stdout),
            (self._hear_errors, self._process.stderr),
            (partial(self._order, order), self._process.stdin),
        )
        self._threads = [Thread(target=to, args=(pipe,), daemon=True) for to, pipe in told]
        for thread in self._threads:
            thread.start()

    def listen(self, tell: Callable[[News], None], cancelled: Event) -> Said | str | None:
        """Return the last that it says; None: it ended without, or was cancelled."""
        while True:
            # What is being kept is let be: it is whole in a moment.
            if cancelled.is_set() and not self.keeping and self._heard.empty():
                return self._last()
            if time.monotonic() > self._deadline:
                return self._last() or _CLOCK
            try:
                said = self._heard.get(timeout=_LOOK_S)
            except Empty:
                continue
            if not isinstance(said, News):
                return said
            self.keeping = said.step == "keeping"
            tell(said)

    def _last(self) -> Said | None:
        """End it, and return what it had come to all the same."""
        self.end()
        while isinstance(said := self._heard.get(), News):
            self.keeping = said.step == "keeping"
        return said

    def end(self) -> None:
        """End it at once, unless it has just ended by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            # Its outputs are closed a moment before it has ended, and how it did so is of interest.
            self._process.wait(_LAST_S if self._fell_silent() else 0)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            _pipe(pipe).close()

    def _fell_silent(self) -> bool:
        return not self._threads[0].is_alive()

    @property
    def errors(self) -> str:
        """The end of what it wrote to its standard error."""
        said = self._errors.decode(errors="replace")
        return "".join(char if char.isprintable() else " " for char in said)

    @property
    def code(self) -> int:
        """How it ended; below zero: by that signal."""
        return self._process.returncode

    def _order(self, order: Order, pipe: IO[bytes]) -> None:
        line = memoryview(order.line())
        with contextlib.suppress(OSError):  # it is gone
            while line:
                line = line[os.write(pipe.fileno(), line) :]

    def _hear(self, pipe: IO[bytes]) -> None:
        said, line = 0, b""
        while piece := os.read(pipe.fileno(), 1 << 16):
            said += len(piece)
            *whole, line = (line + piece).split(b"\n")
            if said > _MOST_SAID or len(line) > _LONGEST_LINE:
                self._process.kill()
                break
            for each in whole:
                understood = read_said(each)
                if understood is not None:
                    self._heard.put(understood)
        self._heard.put(None)

    def _hear_errors(self, pipe: IO[bytes]) -> None:
        while piece := os.read(pipe.fileno(), 1 << 16):
            self._errors = (self._errors + piece)[-_KEPT_ERRORS:]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("all three are pipes")
    return pipe


def _environment(folder: Path) -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    own = {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    return passed | ONE_THREAD | _FRUGAL | own


def _too_slow(limit: str) -> Problem:
    return Problem(
        f"Reading this takes longer than an upload may ({limit}).",
        "Send a shorter recording, or keep it in the terminal by hipimu session add.",
    )


def _died(worker: _Worker, order: Order) -> Problem:
    """Say why there was no answer; the log has what it wrote."""
    _log.warning("An upload's process ended by itself (%d): %s", worker.code, worker.errors)
    if os.name == "posix" and -worker.code == signal.SIGXCPU:
        return _too_slow(f"{order.limits.processor_s} s of computing")
    return Problem(
        "The file could not be read: the process that did so ended before it was done.",
        "Send it again. If that happens again, it may need more memory than there is: send a "
        "shorter recording.",
    )
