"""So many a second and no more."""

from __future__ import annotations


class Allowance:
    """A bucket of turns that fills at a steady rate.

    Parameters
    ----------
    rate_hz : float
        Turns a second, over long times.
    burst : float
        Turns that may be taken at once.
    """

    def __init__(self, rate_hz: float, burst: float) -> None:
        self._rate_hz = rate_hz
        self._burst = burst
        self._left = burst
        self._at_s: float | None = None

    def wait_s(self, now_s: float) -> float:
        """Take a turn; return how long it has to be waited for, 0 where it is there.

        Parameters
        ----------
        now_s : float
            By a clock that never goes back.
        """
        if self._at_s is not None:
            self._left = min(self._burst, self._left + (now_s - self._at_s) * self._rate_hz)
        self._at_s = now_s
        self._left -= 1.0
        return max(0.0, -self._left / self._rate_hz)
