"""Whether there is enough to answer from; every refusal completes "This run cannot answer: …"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from hipimu.data import MIN_BOUT_S, MIN_BOUTS, MIN_STRIDES, Bout, FloatArray, Pace, PaceSource
from hipimu.fatigue.model import Model
from hipimu.fatigue.series import Chosen
from hipimu.units import rad_from_deg

_MIN_SPAN = 0.5
_LARGEST_INFLATION: Final = 3.0
_SMALLEST_DOUBT_RAD: Final = rad_from_deg(0.5)
"""With less doubt than this, some more does no harm."""
_MARK: Final = "mark easy and fast pieces in laps.csv if there were any"
_ONE_PACE: Final[Mapping[PaceSource, str]] = {
    "laps": "no lap is labelled easy or fast: label them in laps.csv",
    "watch_laps": f"the watch's laps show one pace only: {_MARK}",
    "speed": f"its speed shows one pace only: {_MARK}",
    "pelvis": f"the rhythm of the pelvis shows one pace only: {_MARK}, or add the watch's file",
    "none": "its pace is unknown: mark easy and fast pieces in laps.csv",
}
_NOT_SEPARABLE: Final = "{}, so speed and range are not separable"
_WORDS = {0: "no", 1: "one", 2: "two", 3: "three"}


def reasons_against(chosen: Chosen, bouts: Sequence[Bout]) -> tuple[str, ...]:
    """Return why the contrast cannot be estimated; empty when it can.

    Parameters
    ----------
    chosen : dict
        Usable strides of one side per pace, in bouts of at least `MIN_BOUT_S`.
    bouts : sequence of Bout
        All bouts of the session.
    """
    if not bouts:
        return (_ONE_PACE["none"],)
    if all(bout.pace == "other" for bout in bouts):
        return (_ONE_PACE[bouts[0].pace_source],)
    reasons = []
    for pace, strides in chosen.items():
        used = set(strides.bout.tolist())
        if len(used) < MIN_BOUTS:
            reasons.append(_too_few_bouts(pace, len(used)))
        elif len(strides.bout) < MIN_STRIDES:
            reasons.append(
                f"it has {len(strides.bout)} usable {pace} strides, {MIN_STRIDES} are needed"
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


def _speed_lost(chosen: Chosen) -> tuple[str, ...]:
    """Fast pace that has come down more than half way to easy pace is no longer fast pace."""
    easy, fast = (_known(chosen[pace].speed_m_s) for pace in ("easy", "fast"))
    if not len(easy) or not len(fast):
        return ()
    third = max(len(fast) // 3, 1)
    gap = float(fast[:third].mean() - easy.mean())
    if gap > 0 and float(fast[-third:].mean() - easy.mean()) < 0.5 * gap:
        return (_NOT_SEPARABLE.format("speed was lost at fast pace"),)
    return ()


def _known(speed_m_s: FloatArray | None) -> FloatArray:
    return np.empty(0) if speed_m_s is None else speed_m_s[np.isfinite(speed_m_s)]


def not_separable(adjusted: Model, unadjusted: Model) -> tuple[str, ...]:
    """Return why range cannot be told apart from speed; empty when it can.

    Where speed drifts with time, what time did and what speed did are known only together. Taking
    speed out then makes the doubt several times larger than leaving it in.
    """
    if adjusted.speed_m_s is None:
        return ()
    doubt, bare = adjusted.rfi.standard_error, unadjusted.rfi.standard_error
    if doubt < _LARGEST_INFLATION * max(bare, _SMALLEST_DOUBT_RAD):
        return ()
    changes = adjusted.speed_change_m_s()
    pace = max(changes, key=lambda name: abs(changes[name]))
    verb = "slowed" if changes[pace] < 0 else "grew quicker"
    said = f"its {pace} pace {verb} by {abs(changes[pace]):.1f} m/s over the run"
    return (_NOT_SEPARABLE.format(said),)
