"""The pace at this moment: what a person has said, or else what a foot pod tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hipimu.data import Beside, Bout, Lap, LivePaceSource, Mark, Pace, SpeedTrack
from hipimu.gait import laps_of_marks
from hipimu.sources.laps import FASTEST_M_S

_PACES: dict[str, Pace] = {"easy": "easy", "fast": "fast", "rest": "other"}
_LOST_S = 5.0
_SMOOTH_S = 3.0
_SHARE = 0.2
"""of the way between the paces by which speed has to pass the middle before the pace changes."""


class PaceNow:
    """Keeps marks and speed, and says what they mean now."""

    def __init__(self) -> None:
        self._marks: list[Mark] = []
        self._t_s: list[float] = []
        self._speed_m_s: list[float] = []
        self._heart_rate: tuple[float, float] | None = None
        self._by_speed: Pace | None = None

    def take(self, marks: Sequence[Mark], beside: Sequence[Beside]) -> None:
        """Take what came."""
        self._marks += marks
        for said in beside:
            for t_s, speed_m_s in zip(*_track(said, "speed_m_s"), strict=True):
                if speed_m_s <= FASTEST_M_S and (not self._t_s or t_s > self._t_s[-1]):
                    self._t_s.append(t_s)
                    self._speed_m_s.append(speed_m_s)
            for t_s, bpm in zip(*_track(said, "heart_rate_bpm"), strict=True):
                self._heart_rate = (t_s, bpm)

    def laps(self, now_s: float) -> tuple[Lap, ...]:
        """Return the laps that buttons began; the last ends now."""
        return laps_of_marks(self._marks, now_s)

    def track(self) -> SpeedTrack | None:
        """Return all speed so far; None where there is none."""
        count = len(self._t_s)
        if not count:
            return None
        return SpeedTrack(np.array(self._t_s[:count]), np.array(self._speed_m_s[:count]))

    def speed_m_s(self, now_s: float) -> float | None:
        """Return the mean speed of the last seconds; None where it is not known."""
        recent: list[float] = []
        for t_s, speed_m_s in zip(reversed(self._t_s), reversed(self._speed_m_s), strict=True):
            if now_s - t_s > _LOST_S or (recent and now_s - t_s > _SMOOTH_S):
                break
            recent.append(speed_m_s)
        return sum(recent) / len(recent) if recent else None

    def heart_rate_bpm(self, now_s: float) -> float | None:
        """Return the last heart rate; None where it is not known or old."""
        if self._heart_rate is None or now_s - self._heart_rate[0] > _LOST_S:
            return None
        return self._heart_rate[1]

    def pace(self, now_s: float, bouts: Sequence[Bout]) -> tuple[Pace | None, LivePaceSource]:
        """Return the pace and where it is known from: ``"button"``, ``"foot_pod"`` or ``"none"``.

        Parameters
        ----------
        now_s : float
        bouts : sequence of Bout
            Of the run so far: which speeds are easy and which fast.
        """
        laps = self.laps(now_s)
        if laps:
            return _PACES.get(laps[-1].label, "other"), "button"
        speed_m_s = self.speed_m_s(now_s)
        limits = _limits(bouts)
        if speed_m_s is None or limits is None:
            return None, "none"
        low, high = limits
        if speed_m_s < low or speed_m_s > high or self._by_speed is None:
            self._by_speed = "fast" if speed_m_s > (low + high) / 2 else "easy"
        return self._by_speed, "foot_pod"


def _limits(bouts: Sequence[Bout]) -> tuple[float, float] | None:
    """Speeds below which it is easy and above which it is fast, from the bouts of both paces."""
    means = []
    for pace in ("easy", "fast"):
        speeds = [b.speed_m_s for b in bouts if b.pace == pace and b.speed_m_s is not None]
        if not speeds:
            return None
        means.append(sum(speeds) / len(speeds))
    middle, half = (means[0] + means[1]) / 2, _SHARE * (means[1] - means[0]) / 2
    return middle - half, middle + half


def _track(said: Beside, name: str) -> tuple[list[float], list[float]]:
    values = said.signals.get(name)
    if values is None or values.ndim != 1:
        return [], []
    return said.t_s.tolist(), values.tolist()
