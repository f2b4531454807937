"""What the run says so far: baselines while fresh, and fatigue as if it ended now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hipimu.data import (
    Baseline,
    Bout,
    FatigueEstimate,
    Lap,
    Outcome,
    Pace,
    PaceEvidence,
    Side,
    SpeedTrack,
    Stride,
)
from hipimu.fatigue import estimate_fatigue, fresh_baselines
from hipimu.gait import label_strides

EVERY_S = 5.0
_REST = 19.0
"""times as long as it took: at most a twentieth of a core, however long the run."""


@dataclass(frozen=True, slots=True, eq=False)
class SoFar:
    """What is known of a run that goes on."""

    strides: int
    """It rests on so many."""
    bouts: tuple[Bout, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    fatigue: tuple[FatigueEstimate, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What it is told from."""

    strides: Sequence[Stride]
    laps: tuple[Lap, ...]
    speed: SpeedTrack | None
    sides: tuple[Side, ...]


def so_far(evidence: Evidence) -> SoFar:
    """Label the strides and estimate everything, as after the run.

    Parameters
    ----------
    evidence : Evidence
    """
    known = PaceEvidence(laps=evidence.laps, speed=evidence.speed)
    strides, bouts = label_strides(evidence.strides, known)
    return SoFar(
        strides=len(strides),
        bouts=bouts,
        baselines=fresh_baselines(strides, bouts),
        fatigue=estimate_fatigue(strides, bouts, evidence.sides),
    )


def _kept(before: Sequence[Baseline], now: Sequence[Baseline]) -> tuple[Baseline, ...]:
    """Return the baselines of now, but for those that were complete before."""
    complete = {_of(b): b for b in before if b.value_rad is not None}
    return tuple(complete.get(_of(b), b) for b in now)


def _of(baseline: Baseline) -> tuple[Side, Outcome, Pace]:
    return baseline.side, baseline.outcome, baseline.pace


class Thinker:
    """Works out `so_far` again and again, in a thread of its own.

    Parameters
    ----------
    evidence : callable
        Returns what is known now; from the thinker's thread.
    """

    def __init__(self, evidence: Callable[[], Evidence]) -> None:
        self._evidence = evidence
        self._wake, self._closing = threading.Event(), threading.Event()
        self.latest = SoFar(0)
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="so far", daemon=True)
        self._thread.start()

    def hurry(self) -> None:
        """Do it soon: something has changed that somebody waits for."""
        self._wake.set()

    def close(self) -> None:
        """End the thread, after one last time."""
        self._closing.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                took_s = self._think()
                self._wake.wait(max(EVERY_S, _REST * took_s))
                self._wake.clear()
            self._think()
        except Exception as error:  # noqa: BLE001 - the numbers of the moment go on without it
            self.failure = error

    def _think(self) -> float:
        began_s = time.perf_counter()
        evidence = self._evidence()
        if evidence.strides:
            found = so_far(evidence)
            # A foot pod's bouts are cut anew while they last; a baseline must not move with them.
            keep = () if evidence.laps else self.latest.baselines
            self.latest = replace(found, baselines=_kept(keep, found.baselines))
        return time.perf_counter() - began_s
