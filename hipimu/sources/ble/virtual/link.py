"""The link between one sensor and the world: when packets leave, late but never lost.

In Bluetooth Low Energy both ends meet at *connection events*, one every connection interval. What
is written in between waits for the next one; a few packets fit into each; and a packet that was
not acknowledged is sent again at the next (Core Specification, volume 6, part B, section 4.5). So
interference shows as delay and bursts, and only the end of the link loses anything.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkQuality:
    """How well a link works."""

    interval_s: float = 0.015
    """Connection interval; 0 delivers at once."""
    packets_per_event: int = 6
    """In each direction."""
    missed: float = 0.0
    """Share of connection events at which the two do not hear each other, 0 to 1."""
    supervision_s: float = 2.0
    """Out of range for so long, the link is lost."""


class Link:
    """What waits for the next connection event of one sensor, both ways."""

    def __init__(self, quality: LinkQuality, chance: random.Random) -> None:
        self.quality = quality
        self._chance = chance
        self._phase_s = chance.random() * quality.interval_s
        self._up: deque[Callable[[], None]] = deque()
        self._down: deque[Callable[[], None]] = deque()
        self._held_until_s = 0.0
        self._in_range = True
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many packets of the sensor wait."""
        return len(self._up)

    @property
    def in_range(self) -> bool:
        """Whether the two could hear each other."""
        return self._in_range

    @in_range.setter
    def in_range(self, in_range: bool) -> None:
        self._in_range = in_range
        self._rearm()

    def send(self, deliver: Callable[[], None], *, upwards: bool) -> None:
        """Have `deliver` called at a connection event; `upwards`: from the sensor."""
        (self._up if upwards else self._down).append(deliver)
        # What goes down does not wait for what is held back above.
        if self._timer is None or not upwards:
            self._rearm()

    def hold(self, for_s: float) -> None:
        """Let nothing come from the sensor for so many seconds; it follows in a burst."""
        self._held_until_s = asyncio.get_running_loop().time() + for_s
        self._rearm()

    def clear(self) -> None:
        """Forget what waits: the link is gone."""
        self._up.clear()
        self._down.clear()
        self._rearm()

    def _rearm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._in_range and (self._up or self._down):
            loop = asyncio.get_running_loop()
            now_s = loop.time()
            earliest_s = now_s if self._down else max(now_s, self._held_until_s)
            self._timer = loop.call_at(self._event_after(earliest_s), self._event)

    def _event_after(self, t_s: float) -> float:
        interval_s = self.quality.interval_s
        if interval_s <= 0.0:
            return t_s
        passed = math.floor((t_s - self._phase_s) / interval_s)
        return self._phase_s + (passed + 1) * interval_s

    def _event(self) -> None:
        self._timer = None
        if self._chance.random() >= self.quality.missed:
            held = asyncio.get_running_loop().time() < self._held_until_s
            for queue in (self._down,) if held else (self._down, self._up):
                self._carry(queue)
        if self._timer is None:
            self._rearm()

    def _carry(self, queue: deque[Callable[[], None]]) -> None:
        left = self.quality.packets_per_event
        # What is delivered may end the link, and empty the queue with it.
        while queue and left > 0:
            queue.popleft()()
            left -= 1
