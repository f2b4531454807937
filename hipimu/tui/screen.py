"""Where lines go: a terminal that may be stopped or gone, or a file."""

from __future__ import annotations

import os
import select
import shutil
import sys
from typing import TextIO


class Screen:
    """A text stream that is written to as long as somebody takes it.

    A terminal stopped by Ctrl-S takes nothing, and a closed one is an error: neither may hold up or
    end what is shown there.

    Parameters
    ----------
    stream : TextIO
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._gone = False
        self.rewrites = stream.isatty()
        """Whether a line can be painted over."""

    def columns(self) -> int:
        """How wide it is now."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except (OSError, ValueError):
            return shutil.get_terminal_size().columns

    def gone(self) -> bool:
        """Whether a terminal that was there is closed."""
        try:
            return self.rewrites and not os.isatty(self._stream.fileno())
        except (OSError, ValueError):
            return True

    def takes(self) -> bool:
        """Whether something written now would be taken at once, as far as can be told."""
        if self._gone:
            return False
        if not self.rewrites or sys.platform == "win32":
            return True
        try:
            _, writable, _ = select.select([], [self._stream.fileno()], [], 0.0)
        except (OSError, ValueError):
            return True
        return bool(writable)

    def write(self, text: str) -> None:
        """Write; once the terminal is gone, do nothing."""
        if self._gone:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._gone = True
