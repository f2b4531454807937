"""Single keys of a terminal, without Enter; the terminal is put back as it was."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Event, Thread
from typing import TextIO

_EVERY_S = 0.2
_MOST_BYTES = 64
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O?.|$)")
"""ECMA-48, section 5.4: what arrow and function keys send; also Alt with a key."""

OnKey = Callable[[str], None]


def listening(stdin: TextIO, on_key: OnKey) -> AbstractContextManager[bool]:
    """Call `on_key` from a thread of its own for every key, while the block runs.

    Parameters
    ----------
    stdin : TextIO
    on_key : callable
        Given one character; Enter is a line feed. Escape sequences, as of arrow keys, are left out.

    Returns
    -------
    context manager
        Of whether there is a terminal to listen to.
    """
    if not stdin.isatty():
        return nullcontext(False)
    if sys.platform == "win32":
        return _console(on_key)
    return _terminal(stdin.fileno(), on_key)


if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def _console(on_key: OnKey) -> Iterator[bool]:
        with _beside(lambda stop: _poll(on_key, stop)):
            yield True

    def _poll(on_key: OnKey, stop: Event) -> None:
        while not stop.wait(_EVERY_S):
            while msvcrt.kbhit():
                key = msvcrt.getwch()
                if key in "\x00\xe0":
                    msvcrt.getwch()  # the second half of a function key
                else:
                    on_key("\n" if key == "\r" else key)

else:
    import select
    import termios
    import tty

    @contextmanager
    def _terminal(terminal: int, on_key: OnKey) -> Iterator[bool]:
        if not _in_front(terminal):
            yield False
            return
        before = termios.tcgetattr(terminal)
        try:
            tty.setcbreak(terminal, termios.TCSANOW)
            with _beside(lambda stop: _read(terminal, on_key, stop)):
                yield True
        finally:
            if _in_front(terminal):
                termios.tcsetattr(terminal, termios.TCSANOW, before)

    def _in_front(terminal: int) -> bool:
        """Whether the terminal is ours; touching it from the background stops the process."""
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        except OSError:
            return False

    def _read(terminal: int, on_key: OnKey, stop: Event) -> None:
        while not stop.is_set():
            if not _in_front(terminal):
                time.sleep(_EVERY_S)
                continue
            ready, _, _ = select.select([terminal], [], [], _EVERY_S)
            if not ready:
                continue
            try:
                typed = os.read(terminal, _MOST_BYTES)
            except OSError:
                return
            if not typed:
                return
            for key in _keys(typed):
                on_key(key)


def _keys(typed: bytes) -> str:
    """Return the characters of what was read at once; an escape sequence comes whole."""
    return _ESCAPE.sub("", typed.decode(errors="ignore")).replace("\r", "\n")


@contextmanager
def _beside(work: Callable[[Event], None]) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=work, args=(stop,), name="keys", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=2 * _EVERY_S)
