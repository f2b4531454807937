"""When a sound is due: range that is no longer there at fast pace, or is there again.

How often it is wrong and what it misses is measured: docs, explanation “Live cues”.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final, Literal, NamedTuple, TypeVar

from hipimu.data import OUTCOMES, SIDES, Baseline, Cue, Outcome, Pace, Stride
from hipimu.fatigue.fresh import FEW
from hipimu.maths.statistics import middle
from hipimu.stage import State

IN_A_ROW: Final = 25
"""Sixteen seconds at fast pace; found by the study. With ten, chance alone calls twice an hour."""
BACK: Final = 0.5
"""of the detectable change: between it and all of it nothing is said."""
SLOWER: Final = 0.02
"""Share of the speed. At 5 m/s the simulated hip flexes 0.9° less for it, not half of what is
detectable; a smaller share would silence the rule whenever a foot pod errs."""
APART_S: Final = 60.0
_GETTING_GOING: Final = 5
"""Strides that are set aside where a bout begins, as in `hipimu.gait.label_strides`."""
_BREAK_S: Final = 5.0
"""Without a stride for so long, what follows begins anew."""
_EASY: Final = 25
"""Last easy strides, which tell what easy pace has lost."""

Kind = Literal["range_down", "range_back"]
Item = TypeVar("Item")


@dataclass(slots=True)
class _Leg:
    """One leg since it began to run at this pace."""

    pace: Pace | None = None
    strides: int = 0
    t_s: float = float("-inf")
    """Of the last one."""
    speeds_m_s: list[float] = field(default_factory=list)
    """The last ones that are known."""

    def slower(self, fresh: Baseline | None) -> bool:
        """Whether it is known to run slower than at the baseline."""
        if fresh is None or fresh.speed_m_s is None or not self.speeds_m_s:
            return False
        return fmean(self.speeds_m_s) < (1 - SLOWER) * fresh.speed_m_s


@dataclass(slots=True)
class _Peak:
    """One peak of one leg."""

    last_rad: list[float] = field(default_factory=list)
    easy_rad: list[float] = field(default_factory=list)
    below: int = 0
    """Strides in a row on which it lacked more than the detectable change."""
    within: int = 0
    """Strides in a row on which it was well within."""
    down: bool = False
    """Whether the last cue said that it is."""

    def begin(self) -> None:
        """Forget the last strides at fast pace."""
        self.last_rad, self.below, self.within = [], 0, 0


class _Due(NamedTuple):
    outcome: Outcome
    kind: Kind
    change_rad: float
    size: float
    """The change as a multiple of the detectable one."""


Own = Mapping[tuple[Outcome, Pace], Baseline]


class CueRule:
    """Decide at each stride whether a sound is due; causal, and at most once a minute.

    ``range_down`` is due where, at fast pace, the median of a peak's last five strides lies below
    its fresh baseline by more than the detectable change, on 25 usable strides in a row. It is
    not where the runner is slower than at the baseline. And what easy pace has lost as well does
    not count: a strap that creeps or slips takes the same from both. ``range_back`` is due once
    the peak was within half of the detectable change for as many strides.

    Parameters
    ----------
    in_a_row : int
        Strides on which it has to be so.
    heed_easy : bool
        Whether what easy pace has lost does not count; off to see what that is worth.
    """

    state_names = ("_legs", "_peaks", "_cues", "_last_s")

    def __init__(self, in_a_row: int = IN_A_ROW, *, heed_easy: bool = True) -> None:
        self._in_a_row = in_a_row
        self._heed_easy = heed_easy
        self._legs = {side: _Leg() for side in SIDES}
        self._peaks = {(side, outcome): _Peak() for side in SIDES for outcome in OUTCOMES}
        self._cues = 0
        self._last_s = float("-inf")

    def state(self) -> State:
        """Return a copy of everything that has changed since the rule was made."""
        return {name: copy.deepcopy(getattr(self, name)) for name in self.state_names}

    def restore(self, state: State) -> None:
        """Go on where `state` was taken."""
        for name in self.state_names:
            setattr(self, name, copy.deepcopy(state[name]))

    def push(self, stride: Stride, pace: Pace | None, baselines: Iterable[Baseline]) -> Cue | None:
        """Take the next stride.

        Parameters
        ----------
        stride : Stride
            As it was found, with its speed where that is known. Not as `label_strides` gives it,
            which sets aside the last strides of a bout even while it goes on. Both legs' strides in
            order of time.
        pace : {"easy", "fast", "other"} or None
            At the time of the stride.
        baselines : iterable of Baseline
            As they are known by then.

        Returns
        -------
        Cue or None
        """
        if not stride.usable():
            return None
        leg = self._leg(stride, pace)
        if leg.strides <= _GETTING_GOING or pace not in ("easy", "fast"):
            return None
        if stride.speed_m_s is not None:
            _keep(leg.speeds_m_s, stride.speed_m_s, self._in_a_row)
        own = {(b.outcome, b.pace): b for b in baselines if b.side == stride.side}
        if pace == "easy":
            self._remember_easy(stride, leg, own)
            return None
        looked = [self._look(stride, leg, outcome, own) for outcome in OUTCOMES]
        due = [one for one in looked if one is not None]
        if not due or not stride.t_peak_flexion_s >= self._last_s + APART_S:
            return None
        return self._said(stride, max(due, key=lambda one: one.size))

    def _leg(self, stride: Stride, pace: Pace | None) -> _Leg:
        """Return the leg, which has made one more stride at this pace."""
        leg = self._legs[stride.side]
        if pace != leg.pace or not stride.t_peak_flexion_s <= leg.t_s + _BREAK_S:
            leg = self._legs[stride.side] = _Leg(pace)
            for outcome in OUTCOMES:
                self._peaks[stride.side, outcome].begin()
        leg.strides += 1
        leg.t_s = stride.t_peak_flexion_s
        return leg

    def _remember_easy(self, stride: Stride, leg: _Leg, own: Own) -> None:
        """Keep what easy pace reaches, unless it is run slower than when fresh."""
        for outcome in OUTCOMES:
            if not leg.slower(own.get((outcome, "easy"))):
                peak = self._peaks[stride.side, outcome]
                _keep(peak.easy_rad, _value(stride, outcome), _EASY)

    def _look(self, stride: Stride, leg: _Leg, outcome: Outcome, own: Own) -> _Due | None:
        """Count for how many strides a peak has been where it is; tell what is due for it."""
        peak = self._peaks[stride.side, outcome]
        _keep(peak.last_rad, _value(stride, outcome), FEW)
        fresh = own.get((outcome, "fast"))
        if leg.slower(fresh) or len(peak.last_rad) < FEW:
            fresh = None
        if fresh is None or fresh.value_rad is None or fresh.detectable_rad is None:
            peak.below = peak.within = 0
            return None
        change, stands_out = middle(peak.last_rad) - fresh.value_rad, fresh.detectable_rad
        beyond_easy = change - self._lost_at_easy(peak, own.get((outcome, "easy")))
        peak.below = peak.below + 1 if beyond_easy < -stands_out else 0
        peak.within = peak.within + 1 if change > -BACK * stands_out else 0
        if (peak.within if peak.down else peak.below) < self._in_a_row:
            return None
        kind: Kind = "range_back" if peak.down else "range_down"
        return _Due(outcome, kind, change, abs(change) / stands_out)

    def _lost_at_easy(self, peak: _Peak, easy: Baseline | None) -> float:
        """What the last easy strides lack: 0 or negative, 0 where it is not known."""
        if easy is None or easy.value_rad is None or not self._heed_easy:
            return 0.0
        if len(peak.easy_rad) < _EASY:
            return 0.0
        return min(middle(peak.easy_rad) - easy.value_rad, 0.0)

    def _said(self, stride: Stride, due: _Due) -> Cue:
        peak = self._peaks[stride.side, due.outcome]
        peak.down = due.kind == "range_down"
        peak.below = peak.within = 0
        self._cues += 1
        self._last_s = stride.t_peak_flexion_s
        return Cue(
            number=self._cues,
            side=stride.side,
            outcome=due.outcome,
            kind=due.kind,
            t_s=stride.t_peak_flexion_s,
            change_rad=due.change_rad,
        )


def _value(stride: Stride, outcome: Outcome) -> float:
    return stride.peak_flexion_rad if outcome == "peak_flexion" else stride.peak_extension_rad


def _keep(values: list[Item], value: Item, most: int) -> None:
    """Append, and let go of the oldest beyond `most`."""
    values.append(value)
    del values[:-most]
