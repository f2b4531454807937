"""Fatigue so far, in one short sentence for somebody who is running."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hipimu.data import MIN_BOUTS, MIN_STRIDES, FatigueEstimate, LiveState, Pace
from hipimu.report.contrast import Contrast, clearest, contrasts_of
from hipimu.report.numerals import counted, degrees, span

_PACES: Final[tuple[Pace, Pace]] = ("easy", "fast")


def so_far(estimates: Sequence[FatigueEstimate], state: LiveState) -> str:
    """Say what is known of the run so far, or why it is too early.

    Parameters
    ----------
    estimates : sequence of FatigueEstimate
        As if the run ended now.
    state : LiveState
        Whose pace and strides say what is missing.
    """
    found = contrasts_of(estimates)
    first = clearest(found)
    if first is None:
        return _too_early(estimates, state)
    if first.standing == "held_back":
        return f"Cannot tell yet: {first.doubts[0]}."
    if first.verdict == "supported":
        return _supported(first)
    if first.verdict == "reversed":
        return (
            f"So far the reverse: {first.name} kept {degrees(-first.rfi.value)} more at fast pace "
            f"than at easy pace ({span(_turned(first.rfi.ci95))})."
        )
    widest = max(max(abs(end) for end in item.rfi.ci95) for item in found)
    return f"So far your range holds: any extra loss at fast pace is within ±{degrees(widest)}."


def _supported(first: Contrast) -> str:
    return (
        f"So far {first.name} lost {degrees(first.rfi.value)} more at fast pace than at easy pace "
        f"({span(first.rfi.ci95)})."
    )


def _turned(interval: tuple[float, float]) -> tuple[float, float]:
    return -interval[1], -interval[0]


def _too_early(estimates: Sequence[FatigueEstimate], state: LiveState) -> str:
    if not state.running_strides:
        return "Too early to say: no running yet."
    if state.pace is None and not state.laps:
        return "Too early to say: press easy or fast, so that the paces can be told apart."
    missing = [_missing(pace, estimates) for pace in _PACES]
    said = " and ".join(text for text in missing if text)
    if said:
        return f"Too early to say: {said}."
    reasons = [reason for estimate in estimates for reason in estimate.reasons]
    why = reasons[0].partition(": ")[0] if reasons else "nothing was estimated yet"
    return f"Too early to say: {why}."


def _missing(pace: Pace, estimates: Sequence[FatigueEstimate]) -> str:
    """What this pace still lacks, by the side that has most."""
    bouts = max((estimate.bouts.get(pace, 0) for estimate in estimates), default=0)
    strides = max((estimate.strides.get(pace, 0) for estimate in estimates), default=0)
    if bouts < MIN_BOUTS:
        return f"{counted(bouts, f'{pace} bout')} of {MIN_BOUTS}"
    if strides < MIN_STRIDES:
        return f"{counted(strides, f'{pace} stride')} of {MIN_STRIDES}"
    return ""
