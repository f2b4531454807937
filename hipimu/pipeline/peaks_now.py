"""The last strides in a few numbers: peaks beside their baseline, and cadence."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from statistics import median

from hipimu.data import OUTCOMES, Baseline, Outcome, Pace, PeakNow, Side, Stride

LAST = 5
"""Strides that a number rests on: three to four seconds of running."""
_TRANSITION_STRIDES = 5
"""Left out at the beginning of a pace, as in the analysis."""
_RECENT_S = 5.0
_CADENCE_STRIDES = 8


class PeaksNow:
    """Keeps the last strides of each side.

    Parameters
    ----------
    sides : sequence of Side
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = tuple(sides)
        self._begin_pace(None)
        self._stride_times: deque[tuple[float, float]] = deque(maxlen=_CADENCE_STRIDES)

    def _begin_pace(self, pace: Pace | None) -> None:
        self._pace = pace
        self._to_skip = dict.fromkeys(self._sides, _TRANSITION_STRIDES)
        self._last: dict[Side, deque[Stride]] = {s: deque(maxlen=LAST) for s in self._sides}

    def push(self, stride: Stride, pace: Pace | None) -> bool:
        """Take one stride at the present pace.

        Returns
        -------
        bool
            Whether it counts: one that runs, has no serious doubt and follows the change of pace by
            enough.
        """
        if pace != self._pace:
            self._begin_pace(pace)
        if stride.gait == "running" and stride.stride_time_s is not None:
            self._stride_times.append((stride.t_peak_flexion_s, stride.stride_time_s))
        if not stride.usable() or stride.side not in self._last:
            return False
        if self._to_skip[stride.side] > 0:
            self._to_skip[stride.side] -= 1
            return False
        self._last[stride.side].append(stride)
        return True

    def now(self, now_s: float, baselines: Sequence[Baseline]) -> tuple[PeakNow, ...]:
        """Return each side's peaks, flexion and extension.

        Parameters
        ----------
        now_s : float
            On the recording's clock: of the newest sample.
        baselines : sequence of Baseline
        """
        return tuple(
            self._of(side, outcome, now_s, baselines)
            for side in self._sides
            for outcome in OUTCOMES
        )

    def _of(
        self, side: Side, outcome: Outcome, now_s: float, baselines: Sequence[Baseline]
    ) -> PeakNow:
        recent = [s for s in self._last[side] if now_s - s.t_peak_flexion_s <= _RECENT_S]
        values = [peak_of(stride, outcome) for stride in recent]
        own = (b for b in baselines if (b.side, b.outcome, b.pace) == (side, outcome, self._pace))
        return PeakNow(
            side, outcome, median(values) if values else None, len(values), next(own, None)
        )

    def cadence_spm(self, now_s: float) -> float | None:
        """Return steps a minute; None where nobody runs."""
        recent = [time_s for at_s, time_s in self._stride_times if now_s - at_s <= _RECENT_S]
        return 120.0 / median(recent) if recent else None


def peak_of(stride: Stride, outcome: Outcome) -> float:
    """Return one peak of a stride in radians."""
    return stride.peak_flexion_rad if outcome == "peak_flexion" else stride.peak_extension_rad
