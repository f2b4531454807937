"""Whether packets follow each other: which came twice, and which are missing."""

from __future__ import annotations

import numpy as np

from hipimu.data import BoolArray, IntArray

_RECENT_PACKETS = 64
"""A counter that is at most so far behind is an old packet; further, the device has restarted."""
_RECENT_S = 1.0


class Continuity:
    """Follow one number that every packet carries: a counter, or a time.

    Parameters
    ----------
    wrap : int
        It starts anew from zero after so much.
    recent : int
        So far behind the newest, and no further, a packet has been seen before.
    counts : bool
        Whether it rises by one a packet, so that what is missing is known.
    """

    def __init__(self, wrap: int, recent: int, *, counts: bool) -> None:
        self._wrap, self._recent, self.counts = wrap, min(recent, wrap // 2), counts
        self._newest: int | None = None
        self._number = -1
        self.duplicates = 0
        self.lost = 0

    def push(self, values: IntArray) -> tuple[BoolArray | None, IntArray]:
        """Take the numbers of packets in the order in which they came.

        Parameters
        ----------
        values : ndarray
            (m,)

        Returns
        -------
        keep : ndarray or None
            (m,) False where a packet came before; None where all are new.
        number : ndarray
            (m,) each packet's place in the stream, missing ones counted; of those not kept, any.
        """
        steps = np.empty_like(values)
        steps[0] = 1 if self._newest is None else values[0] - self._newest
        np.subtract(values[1:], values[:-1], out=steps[1:])
        steps %= self._wrap
        usual = (steps == 1) if self.counts else ((steps > 0) & (steps < self._wrap // 2))
        if usual.all():
            number = np.arange(self._number + 1, self._number + 1 + len(values), dtype=np.int64)
            self._newest, self._number = int(values[-1]), int(number[-1])
            return None, number
        return self._one_by_one(values.tolist())

    def _one_by_one(self, values: list[int]) -> tuple[BoolArray, IntArray]:
        keep, number = [], []
        for value in values:
            step = 1 if self._newest is None else (value - self._newest) % self._wrap
            again = step == 0 or step >= self._wrap - self._recent
            keep.append(not again)
            if again:
                self.duplicates += 1
            else:
                self._advance(value, step)
            number.append(self._number)
        return np.array(keep, dtype=np.bool_), np.array(number, dtype=np.int64)

    def _advance(self, value: int, step: int) -> None:
        # Half a lap in one step is no loss that anyone could tell from a restart.
        missing = step - 1 if self.counts and step < self._wrap // 2 else 0
        self.lost += missing
        self._number += 1 + missing
        self._newest = value

    def forget(self) -> None:
        """A new link: what comes next is neither late nor lost."""
        self._newest = None


def of_counter(wrap: int) -> Continuity:
    """Follow a counter of packets or samples that rises by one."""
    return Continuity(wrap, _RECENT_PACKETS, counts=True)


def of_clock(wrap: int, tick_s: float) -> Continuity:
    """Follow a clock."""
    return Continuity(wrap, int(_RECENT_S / tick_s), counts=False)
