"""What this report does not tell, and why: every reason once."""

from __future__ import annotations

from collections.abc import Iterator

from hipimu.data import Session
from hipimu.report.catalogue import DIMENSIONS, entry_of
from hipimu.report.contrast import hip, standing
from hipimu.report.wording import spoken

NOT_COMPUTED = "This analysis did not compute it."


def missing(session: Session) -> tuple[tuple[str, str], ...]:
    """Everything that is missing with its reason, grouped by reason.

    Parameters
    ----------
    session : Session

    Returns
    -------
    tuple of (str, str)
        What is missing, and a sentence that says why.
    """
    by_reason: dict[str, list[str]] = {}
    for what, why in _all(session):
        named = by_reason.setdefault(sentence_of(why), [])
        if what not in named:
            named.append(what)
    return tuple((_listed(names), why) for why, names in by_reason.items())


def sentence_of(reason: str) -> str:
    """Write a reason as a sentence: a capital, a full stop, and people's names for segments."""
    text = spoken(reason).strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _all(session: Session) -> Iterator[tuple[str, str]]:
    for estimate in session.fatigue:
        if estimate.verdict == "not_estimable":
            for why in estimate.reasons:
                yield f"{hip(estimate.side, estimate.outcome)} at easy and fast pace", why
        elif standing(estimate) == "held_back":
            for why in estimate.reasons:
                yield f"a verdict on {hip(estimate.side, estimate.outcome)}", why
    if not session.compensation:
        yield "shares of hip and pelvis", _without_compensation(session)
    yield from _of_strength(session)


def _without_compensation(session: Session) -> str:
    answered = any(estimate.verdict != "not_estimable" for estimate in session.fatigue)
    return NOT_COMPUTED if answered else "it needs easy and fast bouts that can be compared"


def _of_strength(session: Session) -> Iterator[tuple[str, str]]:
    if session.strength is None:
        yield "the four dimensions", NOT_COMPUTED if session.strides else "no strides were found"
        return
    for dimension in session.strength.dimensions():
        for why in dimension.reasons:
            yield DIMENSIONS[dimension.name].title.lower(), why
        for measure in dimension.measures:
            for why in measure.reasons if measure.fresh is None else ():
                yield entry_of(measure.name).title, why
    for entry in session.strength.durability:
        for why in entry.reasons:
            yield f"durability of {hip(entry.side, entry.outcome)}", why


def _listed(names: list[str]) -> str:
    text = "; ".join(names)
    return text[:1].upper() + text[1:]
