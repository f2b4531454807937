"""The traffic light: one state with its words, its shape and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hipimu.data import Session
from hipimu.report.contrast import Contrast, contrasts, headline, standing
from hipimu.report.numerals import chance, counted, degrees, span
from hipimu.report.pace_source import rests_on_proxy
from hipimu.report.wording import held

State = Literal["lost", "reversed", "held", "open", "unknown"]

# Okabe and Ito's palette, apart from the colours of the paces. Each state has a shape of its own,
# in a box of 24, so that nothing hangs on colour.
SHAPES: Final[Mapping[State, tuple[str, str]]] = {
    "lost": ("#E69F00", "M2 4H22L12 21Z"),
    "reversed": ("#CC79A7", "M2 20H22L12 3Z"),
    "held": ("#009E73", "M12 2A10 10 0 1 1 12 22A10 10 0 1 1 12 2ZM6.5 12.5L10.5 16.5L17.5 8.5"),
    "open": ("#999999", "M12 2L22 12L12 22L2 12Z"),
    "unknown": ("#999999", "M4 4H20V20H4Z"),
}


@dataclass(frozen=True, slots=True)
class Light:
    """What a runner sees first."""

    state: State
    colour: str
    path: str
    """Outline of the shape, in a box of 24 by 24."""
    words: str
    share: str
    """Of how many comparisons it holds."""
    sure: str
    """How sure it is, in a few words; empty where there is no answer."""
    why_sure: tuple[str, ...]
    """A sentence for each reason to trust or doubt it."""


def light(session: Session) -> Light:
    """Return the traffic light of a session.

    Green ("held") only where every comparison has an interval so narrow that a loss worth telling
    would have shown; a wide interval around nothing is "open".
    """
    first = headline(session)
    known = contrasts(session)
    if first is None:
        return _light("unknown", "Cannot be told from this run", "", "", ())
    state, words = _state(first, known)
    same = sum(standing(estimate) == first.standing for estimate in session.fatigue)
    share = f"{same} of {counted(len(session.fatigue), 'comparison')}"
    sure, why = _sureness(session, first, state)
    return _light(state, words, share, sure, why)


def _light(state: State, words: str, share: str, sure: str, why: tuple[str, ...]) -> Light:
    colour, path = SHAPES[state]
    return Light(state, colour, path, words, share, sure, why)


def _state(first: Contrast, known: tuple[Contrast, ...]) -> tuple[State, str]:
    if first.standing == "held_back":
        lost = first.looks == "supported" and first.fast.lost()
        return "open", "Perhaps range lost at fast pace" if lost else "Perhaps the paces differ"
    if first.verdict == "supported":
        lost = first.fast.lost()
        return "lost", "Range lost at fast pace" if lost else "Fast pace fell behind easy pace"
    if first.verdict == "reversed":
        gained = first.fast.gained()
        return "reversed", "Reversed: more range at fast pace" if gained else (
            "Reversed: more range lost at easy pace"
        )
    if held(known):
        return "held", "Range held"
    moved = any(c.lost() or c.gained() for item in known for c in (item.easy, item.fast))
    return "open", "Range changed, no difference shown" if moved else "Too uncertain to say"


def _sureness(session: Session, first: Contrast, state: State) -> tuple[str, tuple[str, ...]]:
    """A few words, by the gravest doubt, and all sentences."""
    proxy = rests_on_proxy(session)
    differing = first.differing()
    why = [_interval(first)]
    if state in ("lost", "reversed"):
        why += _among_all(session, first)
    if first.checks:
        why.append(_other_ways(first))
    if first.standing == "held_back":
        return "not sure, held back", tuple(why)
    if first.may_be_chance():
        return "may be chance", tuple(why)
    if proxy:
        return "softer, the pace is a guess", tuple(why)
    if state == "open":
        return "not sure", tuple(why)
    if _opposed(session, first):
        return "the sides disagree", tuple(why)
    if differing:
        return "fairly sure, not every check agrees", tuple(why)
    return "as sure as one run can be" if first.checks else "one run’s word", tuple(why)


def _opposed(session: Session, first: Contrast) -> bool:
    verdicts = {item.verdict for item in contrasts(session) if item.outcome == first.outcome}
    return {"supported", "reversed"} <= verdicts


def _interval(first: Contrast) -> str:
    text = (
        f"{first.name.capitalize()}: extra loss at fast pace {degrees(first.rfi.value)}, "
        f"95 % interval {span(first.rfi.ci95)}."
    )
    if first.detectable_deg is None:
        return text
    return f"{text} Less than {degrees(first.detectable_deg)} cannot be told from chance here."


def _among_all(session: Session, first: Contrast) -> list[str]:
    """What remains of it when all comparisons are counted."""
    if first.p_holm is None:
        return []
    many = counted(len(session.fatigue), "comparison")
    if not first.may_be_chance():
        return [f"It stays clear among {many} (corrected p {chance(first.p_holm)})."]
    called = sum(item.verdict in ("supported", "reversed") for item in contrasts(session))
    alone = (
        f"It stands alone among {many} and may be chance"
        if called == 1
        else f"None stays clear when all of {many} are counted: it may be chance"
    )
    return [f"{alone} (corrected p {chance(first.p_holm)}). Run again before making much of it."]


def _other_ways(first: Contrast) -> str:
    total, differing = len(first.checks), len(first.differing())
    if not differing:
        return f"Asked in {counted(total, 'other way')}, the answer is the same."
    return f"Asked in {counted(total, 'other way')}, {differing} would not have said so."
