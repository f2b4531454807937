"""How often anything may be asked or tried, in bounded memory."""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import anyio
from anyio import to_thread

from hipimu.web.coach.forms import FormError

_MOST: Final = 4096
"""Of what is remembered: less than a megabyte."""

T = TypeVar("T")
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server puts up with."""

    requests_hz: float = 20.0
    """Of one caller over long times; as many again and more at once."""
    requests_burst: float = 100.0
    files_hz: float = 100.0
    """Scripts and styles, which cost little."""
    files_burst: float = 500.0
    tries: int = 5
    """Wrong passwords of one login that need not wait."""
    tries_of_address: int = 20
    """The same of one address, behind which a whole team may be."""
    first_wait_s: float = 30.0
    """After those; each further one waits twice as long."""
    longest_wait_s: float = 480.0
    forgotten_s: float = 900.0
    """After so long without a try."""
    hashes_at_once: int = 2
    """Each takes 64 MiB."""
    hashes_waiting: int = 16


class TooManyError(FormError):
    """Something was asked or tried too often.

    Parameters
    ----------
    wait_s : float
        Until it can be tried again.
    what : str
        A sentence.
    """

    def __init__(self, wait_s: float, what: str) -> None:
        self.wait_s = max(1, math.ceil(wait_s))
        super().__init__(429, what, f"Wait {_span(self.wait_s)}, then try again.")


def _span(wait_s: int) -> str:
    if wait_s < 90:
        return "a second" if wait_s == 1 else f"{wait_s} seconds"
    return f"{math.ceil(wait_s / 60)} minutes"


@dataclass(slots=True)
class _Turns:
    left: float
    at_s: float


class Rates:
    """So many a second for each of many.

    Parameters
    ----------
    rate_hz, burst : float
    clock : callable
        Seconds; never goes back.
    """

    def __init__(self, rate_hz: float, burst: float, clock: Clock = time.monotonic) -> None:
        self._rate_hz = rate_hz
        self._burst = burst
        self._clock = clock
        self._known: OrderedDict[str, _Turns] = OrderedDict()

    def wait_s(self, who: str) -> float:
        """Take a turn and return 0; where there is none, return how long it will be to the next.

        Who is refused loses nothing by asking: `hipimu.web.allowance` is for those who wait.
        """
        now_s = self._clock()
        own = self._known.setdefault(who, _Turns(self._burst, now_s))
        _make_room(self._known, who)
        own.left = min(self._burst, own.left + (now_s - own.at_s) * self._rate_hz)
        own.at_s = now_s
        if own.left < 1.0:
            return (1.0 - own.left) / self._rate_hz
        own.left -= 1.0
        return 0.0


@dataclass(slots=True)
class _Tried:
    count: int
    at_s: float


class Tries:
    """How often something secret was guessed wrong, and how long the next guess has to wait.

    A try counts from its beginning, so that many at once are as slow as one after the other; who
    guessed right takes theirs back.

    Parameters
    ----------
    limits : Limits
    clock : callable
        Seconds; never goes back.
    """

    def __init__(self, limits: Limits, clock: Clock = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._known: OrderedDict[str, _Tried] = OrderedDict()

    def begin(self, *who: tuple[str, int]) -> float:
        """Begin a try.

        Parameters
        ----------
        who : tuple of str and int
            Each of those by whom it is counted, and how many tries they have without waiting.

        Returns
        -------
        float
            0 where it may be tried now. Else how long it has to be waited for: nothing was counted.
        """
        now_s = self._clock()
        wait_s = max(self._wait_s(_hashed(name), free, now_s) for name, free in who)
        if wait_s > 0:
            return wait_s
        for name, _ in who:
            tried = self._known.setdefault(_hashed(name), _Tried(0, now_s))
            tried.count, tried.at_s = tried.count + 1, now_s
            _make_room(self._known, _hashed(name))
        return 0.0

    def forget(self, name: str) -> None:
        """Forget all tries of somebody, who guessed right."""
        self._known.pop(_hashed(name), None)

    def take_back(self, name: str) -> None:
        """Take back the one try that was right, and no other."""
        tried = self._known.get(_hashed(name))
        if tried is not None:
            tried.count = max(0, tried.count - 1)

    def _wait_s(self, name: str, free: int, now_s: float) -> float:
        tried = self._known.get(name)
        if tried is None:
            return 0.0
        since_s = now_s - tried.at_s
        if since_s > self._limits.forgotten_s:
            del self._known[name]
            return 0.0
        if tried.count < free:
            return 0.0
        # Far beyond the longest wait: no power of two overflows.
        doubled = min(tried.count - free, 30)
        wait_s = min(self._limits.longest_wait_s, self._limits.first_wait_s * 2.0**doubled)
        return max(0.0, wait_s - since_s)


class Hashing:
    """Passwords are hashed a few at once, beside the pages and not in their way.

    Parameters
    ----------
    limits : Limits
    """

    def __init__(self, limits: Limits) -> None:
        self._most = limits.hashes_at_once + limits.hashes_waiting
        self._inside = 0
        self._turns = anyio.CapacityLimiter(limits.hashes_at_once)

    async def run(self, work: Callable[[], T]) -> T:
        """Do what hashes a password.

        Raises
        ------
        TooManyError
            When too many wait for that already.
        """
        if self._inside >= self._most:
            raise TooManyError(5.0, "Too many people log in at this moment.")
        self._inside += 1
        try:
            return await to_thread.run_sync(work, limiter=self._turns)
        finally:
            self._inside -= 1


def _hashed(name: str) -> str:
    """However long a name is, it takes the same room."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def _make_room(known: OrderedDict[str, T], latest: str) -> None:
    known.move_to_end(latest)
    while len(known) > _MOST:
        known.popitem(last=False)
