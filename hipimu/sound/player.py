"""Play sounds on this machine, without anybody waiting for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import Final

PROGRAMS: Final[tuple[tuple[str, ...], ...]] = (
    ("pw-play",),
    ("paplay",),
    ("aplay", "-q"),
    ("afplay",),
)
"""What plays a WAV file: of PipeWire, PulseAudio, ALSA and macOS; the sound follows."""

_MOST_WAITING = 2
_STALE_S = 4.0
"""A sound that comes later than that tells of something else than what is."""
_LONGEST_S = 8.0
"""No sound takes so long: what still plays is stuck."""


@dataclass(frozen=True, slots=True)
class _Due:
    sound: bytes
    since_s: float = field(default_factory=monotonic)

    def stale(self) -> bool:
        return monotonic() - self.since_s > _STALE_S


class Player:
    """Plays one sound after the other, from a thread of its own.

    Old ones are left out when they come faster than they can be played. A program that cannot play,
    such as one whose sound server does not run, gives way to the next.

    Parameters
    ----------
    longest_s : float
        A program that takes longer is ended.
    """

    def __init__(self, *, longest_s: float = _LONGEST_S) -> None:
        self._longest_s = longest_s
        self._waiting: deque[_Due] = deque(maxlen=_MOST_WAITING)
        self._news = Condition()
        self._closed = False
        self._ways = deque(_ways())
        self._failed = False
        self._running: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._work, name="sound", daemon=True)
        self._thread.start()

    @property
    def missing(self) -> str:
        """Why this machine cannot play, and what to do; empty as long as it can."""
        if not self._ways:
            return (
                "This machine plays no sound: there is no pw-play, paplay or aplay. Install "
                "pipewire-bin or alsa-utils, or switch sound on in the page instead."
            )
        if self._failed:
            return (
                "This machine could not play the last sound: connect a loudspeaker, or switch "
                "sound on in the page instead."
            )
        return ""

    def play(self, sound: bytes) -> None:
        """Have a sound played soon; return at once.

        Parameters
        ----------
        sound : bytes
            A WAV file.
        """
        with self._news:
            self._waiting.append(_Due(sound))
            self._news.notify()

    def close(self) -> None:
        """Stop playing, also in the midst of a sound."""
        with self._news:
            self._closed = True
            self._waiting.clear()
            self._news.notify()
            if self._running is not None:
                self._running.kill()
        self._thread.join(timeout=1.0)

    def _work(self) -> None:
        while (due := self._next()) is not None:
            if not due.stale():
                self._failed = not self._played(due.sound)

    def _played(self, sound: bytes) -> bool:
        """Try each program, first the one that worked last; tell whether one did."""
        for _ in range(len(self._ways)):
            if self._play(self._ways[0], sound):
                return True
            self._ways.rotate(-1)
        return False

    def _next(self) -> _Due | None:
        with self._news:
            while not self._waiting and not self._closed:
                self._news.wait()
            return None if self._closed else self._waiting.popleft()

    def _play(self, command: Sequence[str], sound: bytes) -> bool:
        """Play it this way; tell whether it could."""
        try:
            if not command:
                return _play_on_windows(sound)
            with _as_file(sound) as path:
                return self._run([*command, str(path)])
        except OSError:
            return False

    def _run(self, command: Sequence[str]) -> bool:
        quiet = subprocess.DEVNULL
        with self._news:
            if self._closed:
                return True
            self._running = subprocess.Popen(  # noqa: S603 - one of PROGRAMS
                command, stdin=quiet, stdout=quiet, stderr=quiet
            )
        try:
            return self._running.wait(timeout=self._longest_s) == 0 or self._closed
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
            return True
        finally:
            with self._news:
                self._running = None


_WINDOWS: Final[tuple[str, ...]] = ()
"""No program: Windows plays sounds itself."""


def _ways() -> list[tuple[str, ...]]:
    if sys.platform == "win32":
        return [_WINDOWS]
    return [command for command in PROGRAMS if shutil.which(command[0]) is not None]


if sys.platform == "win32":
    import winsound

    def _play_on_windows(sound: bytes) -> bool:
        try:
            winsound.PlaySound(sound, winsound.SND_MEMORY)
        except RuntimeError:
            return False
        return True

else:

    def _play_on_windows(_: bytes) -> bool:
        return False


@contextmanager
def _as_file(sound: bytes) -> Iterator[Path]:
    """Not every program reads a sound from its standard input."""
    handle, name = tempfile.mkstemp(prefix="hipimu-", suffix=".wav")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(sound)
        yield Path(name)
    finally:
        with suppress(OSError):
            Path(name).unlink()
