"""The recording's clock on another clock of this machine."""

from __future__ import annotations

from collections.abc import Callable

_MEASURED_S = 1.0


class ClockOffset:
    """How much another clock shows more than the recording's, measured once, at the start.

    A state is handed over a little after its time, and never before it: of all in the first second
    the smallest difference is the truest. From then on it stays, so that time stamps never jump.

    Parameters
    ----------
    clock : callable
        The other clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._first_s: float | None = None
        self._offset_s = 0.0
        self.settled = False
        """Whether `offset_s` stays."""

    @property
    def offset_s(self) -> float:
        """What is added to the recording's time."""
        return self._offset_s

    def measure(self, t_s: float) -> None:
        """Take it that the recording's clock shows `t_s` just now, or showed it just before."""
        if self.settled:
            return
        now_s = self._clock()
        if self._first_s is None:
            self._first_s, self._offset_s = now_s, now_s - t_s
        self._offset_s = min(self._offset_s, now_s - t_s)
        self.settled = now_s - self._first_s >= _MEASURED_S

    def settle(self) -> None:
        """Keep what was measured so far."""
        self.settled = True
