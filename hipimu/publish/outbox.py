"""Between a run that must not wait and a network that may."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Outbox(Generic[Item]):
    """Items on their way out, for any thread; when there are too many, the oldest go.

    Parameters
    ----------
    most : int
        Items that may wait.
    """

    def __init__(self, most: int) -> None:
        self._items: deque[Item] = deque()
        self._most = most
        self._news = Condition()
        self._closed = False
        self.dropped = 0
        """Items that went unsent."""

    @property
    def closed(self) -> bool:
        """Whether nothing more is put in."""
        return self._closed

    def put(self, items: Iterable[Item]) -> None:
        """Have items sent; return at once."""
        with self._news:
            if self._closed:
                return
            self._items.extend(items)
            while len(self._items) > self._most:
                self._items.popleft()
                self.dropped += 1
            self._news.notify()

    def take(self, timeout_s: float) -> list[Item]:
        """Return everything that waits, or nothing when nothing comes in time."""
        with self._news:
            self._news.wait_for(lambda: self._items or self._closed, timeout_s)
            items = list(self._items)
            self._items.clear()
        return items

    def put_back(self, items: Iterable[Item]) -> None:
        """Have items wait again that could not be sent: they are the oldest."""
        with self._news:
            self._items.extendleft(reversed(list(items)))
            while len(self._items) > self._most:
                self._items.popleft()
                self.dropped += 1

    def close(self) -> None:
        """Let nothing more in; what waits can still be taken."""
        with self._news:
            self._closed = True
            self._news.notify_all()
