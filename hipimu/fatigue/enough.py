"""Whether there is enough to answer from; every refusal completes "This run cannot answer: …"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hipimu.data import Bout, Pace
from hipimu.fatigue.trend import PaceStrides

MIN_BOUTS = 3
MIN_STRIDES = 30
MIN_BOUT_S = 30.0
_MIN_SPAN = 0.5
_WORDS = {0: "no", 1: "one", 2: "two", 3: "three"}


def reasons_against(chosen: Mapping[Pace, PaceStrides], bouts: Sequence[Bout]) -> tuple[str, ...]:
    """Return why the contrast cannot be estimated; empty when it can.

    Parameters
    ----------
    chosen : dict
        Usable strides of one side and outcome per pace.
    bouts : sequence of Bout
        All bouts of the session.
    """
    labelled = {bout.bout for bout in bouts if bout.pace_source != "none"}
    if not labelled:
        return ("its pace is unknown: mark easy and fast pieces in laps.csv",)
    reasons = []
    long_enough = {b.bout for b in bouts if b.end_s - b.start_s >= MIN_BOUT_S}
    for pace, strides in chosen.items():
        used = set(strides.bout.tolist()) & long_enough
        if len(used) < MIN_BOUTS:
            reasons.append(_too_few_bouts(pace, len(used)))
        elif len(strides.peak_rad) < MIN_STRIDES:
            reasons.append(
                f"it has {len(strides.peak_rad)} usable {pace} strides, {MIN_STRIDES} are needed"
            )
        elif np.ptp(strides.fraction) < _MIN_SPAN:
            reasons.append(f"its {pace} bouts lie too close together to show a change over the run")
    return tuple(reasons) or _speed_lost(chosen)


def _too_few_bouts(pace: Pace, count: int) -> str:
    number = _WORDS.get(count, str(count))
    return (
        f"it has {number} {pace} bout{'' if count == 1 else 's'} of at least {MIN_BOUT_S:.0f} s, "
        f"{_WORDS[MIN_BOUTS]} are needed"
    )


def _speed_lost(chosen: Mapping[Pace, PaceStrides]) -> tuple[str, ...]:
    """Fast pace that has come down more than half way to easy pace is no longer fast pace."""
    easy, fast = chosen["easy"].speed_m_s, chosen["fast"].speed_m_s
    if easy is None or fast is None:
        return ()
    third = max(len(fast) // 3, 1)
    gap = float(fast[:third].mean() - easy.mean())
    if gap > 0 and float(fast[-third:].mean() - easy.mean()) < 0.5 * gap:
        return ("speed was lost at fast pace, so the range cannot be told apart from it",)
    return ()
