"""The answer in words: said first, in a sentence a runner would repeat, with its doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from hipimu.data import MIN_STRIDES, SIDES, FatigueEstimate, Outcome, Session, Verdict
from hipimu.report.contrast import Contrast, Standing, contrasts, headline, hip, standing
from hipimu.report.numerals import counted, degrees, span
from hipimu.report.pace_source import rests_on_proxy
from hipimu.report.quantity import ShownChange

# A wider interval than this cannot be called "held".
_NARROW_DEG: Final = 4.0

_SEGMENT: Final = re.compile(r"\bthigh_(left|right)\b")

# Rounds to 0.0°: neither a gain nor a loss is told.
_NOTHING_DEG: Final = 0.05

_VERDICTS: Final[dict[Verdict, str]] = {
    "supported": "more range lost at fast pace",
    "reversed": "reversed: fast pace kept more range than easy pace",
    "no_evidence": "no difference this run can show",
    "not_estimable": "cannot be told from this run",
}

_SHORT: Final[dict[Standing, str]] = {
    "supported": "more lost at fast",
    "reversed": "reversed",
    "no_evidence": "no difference",
    "held_back": "held back",
    "not_estimable": "cannot be told",
}

_OTHERS: Final[dict[Standing, str]] = {
    "supported": "loses more at fast pace",
    "reversed": "shows the reverse",
    "no_evidence": "shows no difference between the paces",
    "not_estimable": "cannot be told",
    "held_back": "is held back",
}

_MORE: Final[dict[Outcome, str]] = {"peak_flexion": "flexed", "peak_extension": "extended"}


def sentence(session: Session) -> str:
    """Say what the run shows, how sure that is, and what the other estimates say.

    Parameters
    ----------
    session : Session

    Returns
    -------
    str
        One to five sentences, degrees with one decimal, true minus signs.
    """
    tail = "Peaks and pelvis are below." if session.strides and not contrasts(session) else ""
    return _joined(finding(session), remarks(session), tail)


def finding(session: Session) -> str:
    """Say what the clearest estimate shows, or why there is none."""
    first = headline(session)
    if first is None:
        return _refusal(session)
    if first.standing == "held_back":
        return _held_back(first)
    if first.verdict == "supported":
        return _supported(first, contrasts(session))
    if first.verdict == "reversed":
        return _reversed(first)
    return _no_evidence(contrasts(session))


def remarks(session: Session) -> str:
    """Tell the estimates that `finding` leaves out; empty where it says everything.

    Only the same peak of the other side, or the reverse of the finding, can contradict it: flexion
    that is lost while extension is not is no contradiction.
    """
    first = headline(session)
    if first is None:
        return ""
    against: dict[Standing, list[str]] = {}
    beside: dict[Standing, list[str]] = {}
    for estimate in session.fatigue:
        own = standing(estimate)
        if own != first.standing or (own == "held_back" and not _is(estimate, first)):
            group = against if _contradicts(estimate.outcome, own, first) else beside
            group.setdefault(own, []).append(hip(estimate.side, estimate.outcome))
    return _joined(
        f"Not everything agrees: {_clauses(against)}." if against else "",
        _capital(f"{_clauses(beside)}.") if beside else "",
    )


def doubt(session: Session) -> str:
    """Say the gravest doubt about the finding in a sentence; empty where there is none."""
    first = headline(session)
    if first is None:
        return ""
    if first.may_be_chance():
        many = counted(len(session.fatigue), "comparison")
        return f"Among {many} this may be chance: run again."
    proxy = rests_on_proxy(session) and first.standing != "held_back"
    return "Pace was guessed from the pelvis: softer." if proxy else ""


def _is(estimate: FatigueEstimate, first: Contrast) -> bool:
    return (estimate.side, estimate.outcome) == (first.side, first.outcome)


def _contradicts(outcome: Outcome, own: Standing, first: Contrast) -> bool:
    if own in ("not_estimable", "held_back") or first.standing == "held_back":
        return False
    return outcome == first.outcome or {own, first.verdict} == {"supported", "reversed"}


def verdict_words(verdict: Verdict) -> str:
    """Name a verdict in words a runner knows."""
    return _VERDICTS[verdict]


def verdict_short(verdict: Standing) -> str:
    """Name a verdict in three words at most, for tables."""
    return _SHORT[verdict]


def reasons(session: Session) -> tuple[str, ...]:
    """Why estimates are missing: what holds for all of them, or else everything said of any."""
    refused = [e.reasons for e in session.fatigue if e.verdict == "not_estimable"]
    every = tuple(dict.fromkeys(reason for said in refused for reason in said))
    shared = tuple(reason for reason in every if all(reason in said for said in refused))
    return shared or every


def warnings(session: Session) -> tuple[str, ...]:
    """Everything to read before trusting the numbers, each said once."""
    of_watch = () if session.watch is None else session.watch.warnings
    every = dict.fromkeys((*session.warnings, *session.calibration.warnings, *of_watch))
    return tuple(spoken(text) for text in every)


def spoken(text: str) -> str:
    """Name segments as people do: ``left thigh`` for ``thigh_left``."""
    return _SEGMENT.sub(lambda match: f"{match[1]} thigh", text)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _refusal(session: Session) -> str:
    return f"This run cannot answer: {refusal(session)}"


def refusal(session: Session) -> str:
    """Say why nothing could be estimated, as the end of a sentence; then what would help.

    A reason may carry its remedy after a colon. In a run that is too short anyway the remedy
    would not help, and is left out.
    """
    why, remedies = _why_and_remedies(reasons(session)[:3])
    if not why:
        why = ["no strides were found" if not session.strides else "nothing was estimated"]
    short = _too_short(session)
    if short:
        return f"{'; '.join(why)}, and it is too short ({short})."
    return _joined(f"{'; '.join(why)}.", *remedies)


def _why_and_remedies(said: Iterable[str]) -> tuple[list[str], list[str]]:
    parts = [reason.partition(": ") for reason in said]
    remedies = dict.fromkeys(f"{_capital(part[2])}." for part in parts if part[2])
    return [part[0] for part in parts], list(remedies)


def _held_back(c: Contrast) -> str:
    """Tell the numbers, and why they are not an answer."""
    why, remedies = _why_and_remedies(c.doubts)
    if c.looks == "supported" and c.fast.lost():
        moved = (
            f"It looks as if {c.name} lost more at fast pace ({degrees(-c.fast.value)}, "
            f"{span(_mirrored(c.fast))}) than at easy pace ({_moved(c.easy)})"
        )
    else:
        moved = (
            f"{_capital(c.name)} {_moved(c.fast)} at fast pace ({span(c.fast.ci95)}) and "
            f"{_moved(c.easy)} at easy pace"
        )
    return _joined(f"{moved}, but this run cannot settle it: {'; '.join(why)}.", *remedies)


def _too_short(session: Session) -> str:
    """Say so where no side has the strides that two paces need, whatever else is missing."""
    counts = [
        sum(stride.usable() for stride in session.strides if stride.side == side) for side in SIDES
    ]
    if not session.strides or max(counts) >= 2 * MIN_STRIDES:
        return ""
    most = counted(max(counts), "usable stride")
    return f"at most {most} a side, {MIN_STRIDES} at each pace are needed"


def _supported(c: Contrast, known: tuple[Contrast, ...]) -> str:
    if not c.fast.lost():
        return _apart(c)
    other = _same_on_the_other_side(c, known)
    also = f" and {_loss(other, other.side)}" if other is not None else ""
    lost = _loss(c, f"{c.name} over this run")
    easy = _at_easy_too(c, other)
    return f"At fast pace you lost {lost}{also}; {easy}. The end of your range tires first."


def _same_on_the_other_side(c: Contrast, known: tuple[Contrast, ...]) -> Contrast | None:
    """The same peak of the other leg, where it shows a loss too."""
    alike = (
        item
        for item in known
        if item.outcome == c.outcome and item.side != c.side and item.verdict == c.verdict
    )
    return next((item for item in alike if item.fast.lost()), None)


def _loss(c: Contrast, of_what: str) -> str:
    return f"{degrees(-c.fast.value)} of {of_what} ({span(_mirrored(c.fast))})"


def _at_easy_too(c: Contrast, other: Contrast | None) -> str:
    if other is None:
        return _at_easy(c)
    if max(c.easy.value, other.easy.value) > _NOTHING_DEG:
        return f"at easy pace it {_moved(c.easy)} and {_moved(other.easy)}"
    return f"at easy pace {degrees(-c.easy.value)} and {degrees(-other.easy.value)}"


def _at_easy(c: Contrast) -> str:
    if c.easy.value > _NOTHING_DEG:
        return f"at easy pace you gained {degrees(c.easy.value)}"
    return f"at easy pace {degrees(-c.easy.value)}"


def _apart(c: Contrast) -> str:
    """Fast pace falls behind easy pace without a loss of its own."""
    if c.fast.gained():
        fast = f"rose {degrees(c.fast.value)} ({span(c.fast.ci95)})"
    else:
        fast = (
            f"changed by {degrees(c.fast.value)} ({span(c.fast.ci95)}), "
            "which cannot be told from no change"
        )
    return (
        f"At fast pace {c.name} {fast}; at easy pace it {_moved(c.easy)}. "
        f"So the paces drifted {degrees(c.rfi.value)} apart ({span(c.rfi.ci95)}), "
        "but no range was shown to be lost at fast pace."
    )


def _reversed(c: Contrast) -> str:
    if c.fast.gained():
        return (
            f"At fast pace your {c.side} hip {_MORE[c.outcome]} more as the run went on "
            f"({degrees(c.fast.value)}, {span(c.fast.ci95)}), while {_reversed_easy(c)}."
        )
    fast = "you lost " + degrees(-c.fast.value) if c.fast.lost() else f"it {_moved(c.fast)}"
    return (
        f"At easy pace {c.name} {_moved(c.easy)} over this run ({span(c.easy.ci95)}); "
        f"at fast pace {fast}. That is the reverse of losing the end of the range at fast pace."
    )


def _reversed_easy(c: Contrast) -> str:
    if c.easy.lost():
        return f"at easy pace it lost {degrees(-c.easy.value)}"
    if c.easy.gained():
        return f"at easy pace it gained {degrees(c.easy.value)}"
    return f"easy pace stayed the same ({degrees(c.easy.value)})"


def _no_evidence(known: tuple[Contrast, ...]) -> str:
    bound = max(item.rfi.bound() for item in known)
    within = f"(within ±{degrees(bound)})"
    moved = _clearest_move(known)
    if moved is not None:
        return f"{moved} Whether fast and easy pace differ is more than this run can show {within}."
    if not held(known):
        return (
            "No loss was shown, but this run sees little: any extra loss at fast pace "
            f"is smaller than it can show {within}."
        )
    return (
        f"Your range held: any extra loss at fast pace is smaller than this run can show {within}."
    )


def held(known: Iterable[Contrast]) -> bool:
    """Whether nothing changed, and a loss worth telling would have shown.

    Worth telling is what exceeds 4°, the default detectable change between sessions, or half of
    the reserve, where that is less.
    """
    every = tuple(known)
    narrow = all(item.rfi.bound() <= _narrow_deg(item) for item in every)
    settled = not any(item.standing == "held_back" for item in every)
    return bool(every) and narrow and settled and _clearest_move(every) is None


def _narrow_deg(item: Contrast) -> float:
    reserve = item.reserve
    if reserve is None or item.detectable_deg is None or reserve.value <= item.detectable_deg:
        return _NARROW_DEG
    return min(_NARROW_DEG, 0.5 * reserve.value)


def _clearest_move(known: Iterable[Contrast]) -> str | None:
    """Say the clearest change at one pace, where there is one: then nothing simply "held"."""
    moves = [
        (pace, change, item.name)
        for item in known
        for pace, change in (("fast", item.fast), ("easy", item.easy))
        if change.lost() or change.gained()
    ]
    if not moves:
        return None
    pace, change, name = max(moves, key=lambda move: move[1].clarity())
    verb = "lost" if change.lost() else "gained"
    ends = _mirrored(change) if change.lost() else change.ci95
    return f"At {pace} pace you {verb} {degrees(abs(change.value))} of {name} ({span(ends)})."


def _clauses(found: dict[Standing, list[str]]) -> str:
    return "; ".join(_clause(_both_sides(names), verdict) for verdict, names in found.items())


def _clause(names: list[str], verdict: Standing) -> str:
    words = _OTHERS[verdict]
    if len(names) > 1:
        words = (
            words.replace("loses", "lose").replace("shows", "show").replace("is held", "are held")
        )
    return f"{_listed(names)} {words}"


def _both_sides(names: list[str]) -> list[str]:
    """Merge left and right of one peak into ``hip extension``."""
    bare = [name.split(" ", 1)[1] for name in names]
    merged = (
        peak if bare.count(peak) == len(SIDES) else name
        for name, peak in zip(names, bare, strict=True)
    )
    return list(dict.fromkeys(merged))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _moved(change: ShownChange) -> str:
    if change.lost():
        return f"fell {degrees(-change.value)}"
    if change.gained():
        return f"rose {degrees(change.value)}"
    return f"changed by {degrees(change.value)}"


def _mirrored(change: ShownChange) -> tuple[float, float]:
    """The interval of a loss, told as a positive size."""
    return -change.ci95[1], -change.ci95[0]
