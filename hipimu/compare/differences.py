"""Two sessions of one athlete side by side: what changed, and whether that is more than scatter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hipimu.compare.comparable import in_order, level_doubt, refusal
from hipimu.compare.readings import Key, Reading, is_level, readings
from hipimu.compare.scatter import Scatter, own_scatter
from hipimu.data import Difference, Interval, Judgement, SessionSummary
from hipimu.maths.statistics import holm

MAIN: Final = ("rfi", "delta_fast")
"""What the comparison is about; these are corrected among themselves, all else together."""
_ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Judged:
    difference: Difference
    p_value: float | None


def differences(
    first: SessionSummary,
    second: SessionSummary,
    repeatability: Iterable[SessionSummary] = (),
) -> tuple[Difference, ...]:
    """Say what changed from one session to another.

    The interval of a change comes from those of both sessions, which are independent, by squaring
    and adding the distances of their ends (Zou and Donner 2008, Stat Med 27:1693–1702): it needs no
    degrees of freedom, and is a little wider than Welch's. It knows nothing of how an athlete
    differs from day to day; the detectable change does. A change is

    - *real* where its interval excludes 0 and it exceeds the detectable change, and still does when
      all quantities of its family are counted (Holm 1979);
    - *noise* where its whole interval lies within the detectable change;
    - else it cannot be told.

    Parameters
    ----------
    first, second : SessionSummary
    repeatability : iterable of SessionSummary
        Sessions of the same athlete that tell how much they differ with nothing changed; what
        is not comparable with `second` is left out. The two may be among them. With fewer than
        three the stated default is used.

    Returns
    -------
    tuple of Difference
        Of every quantity that both could estimate; empty where the two cannot be compared, and
        `comparable` says why.
    """
    if refusal(first, second):
        return ()
    own = [s for s in in_order(repeatability) if s is second or not refusal(s, second)]
    told = [(session, readings(session)) for session in own]
    before, after = readings(first), readings(second)
    found = [
        _difference((first, before[key]), (second, reading), told)
        for key, reading in after.items()
        if key in before and before[key].unit == reading.unit
    ]
    return _corrected(found)


def _difference(
    first: tuple[SessionSummary, Reading],
    second: tuple[SessionSummary, Reading],
    told: Sequence[tuple[SessionSummary, dict[Key, Reading]]],
) -> _Judged:
    before, after = first[1], second[1]
    key = after.key
    repeated = [
        (session, of[key])
        for session, of in told
        if key in of and not (is_level(key.quantity) and level_doubt(session, second[0]))
    ]
    scatter = own_scatter([s for s, _ in repeated], [r for _, r in repeated], (before, after))
    difference = Difference(
        quantity=key.quantity,
        unit=after.unit,
        side=key.side,
        outcome=key.outcome,
        pace=key.pace,
        first=before.value,
        second=after.value,
        change=after.value - before.value,
        change_ci95=_interval_of_change(before, after),
        detectable=None if scatter is None else scatter.detectable(),
        judgement="cannot_tell",
    )
    doubt = level_doubt(first[0], second[0]) if is_level(key.quantity) else ""
    if doubt:
        return _Judged(replace(difference, reasons=(doubt,)), None)
    return _judged(difference, scatter)


def _interval_of_change(before: Reading, after: Reading) -> Interval | None:
    if before.ci95 is None or after.ci95 is None:
        return None
    change = after.value - before.value
    below = np.hypot(after.value - after.ci95[0], before.ci95[1] - before.value)
    above = np.hypot(after.ci95[1] - after.value, before.value - before.ci95[0])
    return float(change - below), float(change + above)


def _judged(difference: Difference, scatter: Scatter | None) -> _Judged:
    if scatter is None:
        reason = (
            "how much this differs from day to day is not known: it takes three sessions or more"
        )
        return _Judged(replace(difference, reasons=(reason,)), None)
    judgement, reasons = _judgement(difference, scatter)
    p_value = scatter.p_value(difference.change)
    return _Judged(replace(difference, judgement=judgement, reasons=reasons), p_value)


def _judgement(difference: Difference, scatter: Scatter) -> tuple[Judgement, tuple[str, ...]]:
    interval, detectable = difference.change_ci95, scatter.detectable()
    large = abs(difference.change) > detectable
    if interval is None:
        # A session that does not know its own doubt is known by its scatter only.
        if large and scatter.sessions:
            return "real", ()
        return "cannot_tell", ("a single run does not tell how sure this is",)
    apart = interval[0] > 0 or interval[1] < 0
    if apart and large:
        return "real", ()
    if -detectable <= interval[0] and interval[1] <= detectable:
        return "noise", ()
    if apart:
        return "cannot_tell", ("the two runs differ, though no more than from day to day",)
    if large:
        return "cannot_tell", ("the runs themselves are too uncertain",)
    return "cannot_tell", ("a change that matters may be there, and may not",)


def _corrected(found: Sequence[_Judged]) -> tuple[Difference, ...]:
    """Take back what is called real only because much was looked at."""
    result = [one.difference for one in found]
    for main in (True, False):
        family = [
            place
            for place, one in enumerate(found)
            if one.p_value is not None and (one.difference.quantity in MAIN) == main
        ]
        adjusted = holm([found[place].p_value or 0.0 for place in family])
        for place, p_value in zip(family, adjusted, strict=True):
            if result[place].judgement == "real" and p_value > _ALPHA:
                result[place] = _taken_back(result[place], len(family))
    return tuple(result)


def _taken_back(difference: Difference, looked_at: int) -> Difference:
    reason = f"among {looked_at} quantities one like this comes up by chance"
    return replace(difference, judgement="cannot_tell", reasons=(*difference.reasons, reason))
