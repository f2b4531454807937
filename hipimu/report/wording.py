"""The answer in words: said first, in a sentence a runner would repeat, with its doubt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hipimu.data import SIDES, FatigueEstimate, Outcome, Session, Verdict
from hipimu.report.contrast import Change, Contrast, contrast, contrasts, headline, hip
from hipimu.report.numerals import clock, counted, degrees, number, percent, span

# A wider interval than this cannot be called "held": it is the default detectable change between
# sessions.
_NARROW_DEG: Final = 4.0

_VERDICTS: Final[dict[Verdict, str]] = {
    "supported": "more range lost at fast pace",
    "reversed": "reversed: fast pace kept more range than easy pace",
    "no_evidence": "no difference this run can show",
    "not_estimable": "cannot be told from this run",
}

_SHORT: Final[dict[Verdict, str]] = {
    "supported": "more lost at fast",
    "reversed": "reversed",
    "no_evidence": "no difference",
    "not_estimable": "cannot be told",
}

_OTHERS: Final[dict[Verdict, str]] = {
    "supported": "loses more at fast pace",
    "reversed": "shows the reverse",
    "no_evidence": "shows no difference between the paces",
    "not_estimable": "cannot be told",
}

_MORE: Final[dict[Outcome, str]] = {"peak_flexion": "flexed", "peak_extension": "extended"}


def sentence(session: Session) -> str:
    """Say what the run shows, how sure that is, and where the estimates disagree.

    Parameters
    ----------
    session : Session

    Returns
    -------
    str
        One to four sentences, degrees with one decimal, true minus signs.
    """
    tail = "Peaks and pelvis are below." if session.strides else ""
    tail = "Peaks and pelvis are below." if session.strides and not contrasts(session) else ""
    return _joined(answer(session), tail)


def answer(session: Session) -> str:
    """Return `sentence` without pointing anywhere, for places that have nothing below."""
    return _joined(finding(session), disagreement(session))


def finding(session: Session) -> str:
    """Say what the clearest estimate shows, or why there is none."""
    first = headline(session)
    if first is None:
        return _refusal(session)
    if first.verdict == "supported":
        return _supported(first)
    if first.verdict == "reversed":
        return _reversed(first)
    return _no_evidence(contrasts(session))


def disagreement(session: Session) -> str:
    """Name the estimates that do not say what `finding` says; empty where all agree."""
    first = headline(session)
    if first is None:
        return ""
    differing: dict[Verdict, list[str]] = {}
    for estimate in session.fatigue:
        verdict = estimate.verdict if contrast(estimate) else "not_estimable"
        if verdict != first.verdict:
            differing.setdefault(verdict, []).append(hip(estimate.side, estimate.outcome))
    clauses = [_clause(_both_sides(names), verdict) for verdict, names in differing.items()]
    return f"Not everything agrees: {'; '.join(clauses)}." if clauses else ""


def verdict_words(verdict: Verdict) -> str:
    """Name a verdict in words a runner knows."""
    return _VERDICTS[verdict]


def verdict_short(verdict: Verdict) -> str:
    """Name a verdict in three words at most, for tables."""
    return _SHORT[verdict]


def reasons(session: Session) -> tuple[str, ...]:
    """Why estimates are missing: what holds for all of them, or else everything said of any."""
    refused = [e.reasons for e in session.fatigue if e.verdict == "not_estimable"]
    every = tuple(dict.fromkeys(reason for said in refused for reason in said))
    shared = tuple(reason for reason in every if all(reason in said for said in refused))
    return shared or every


def lines(session: Session) -> list[str]:
    """Say in at most ten lines what was read, how good it is, the answer and the estimates.

    Parameters
    ----------
    session : Session

    Returns
    -------
    list of str
        Lines for a terminal; the sentence is one line, however long.
    """
    table = [_HEAD, *(_row(estimate) for estimate in session.fatigue)] if session.fatigue else []
    return [_what_was_read(session), _quality(session), answer(session), *table, *_alerts(session)]


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _refusal(session: Session) -> str:
    why = reasons(session)
    if not why:
        why = ("no strides were found",) if not session.strides else ("nothing was estimated",)
    return f"This run cannot answer: {'; '.join(why[:3])}."


def _supported(c: Contrast) -> str:
    if not c.fast.lost():
        return _apart(c)
    return (
        f"At fast pace you lost {degrees(-c.fast.deg)} of {c.name} over this run "
        f"({span(_mirrored(c.fast))}); {_at_easy(c)}. The end of your range tires first."
    )


def _at_easy(c: Contrast) -> str:
    if c.easy.deg > 0.05:
        return f"at easy pace you gained {degrees(c.easy.deg)}"
    return f"at easy pace {degrees(-c.easy.deg)}"


def _apart(c: Contrast) -> str:
    """Fast pace falls behind easy pace without a loss of its own."""
    if c.fast.gained():
        fast = f"rose {degrees(c.fast.deg)} ({span(c.fast.ci95_deg)})"
    else:
        fast = (
            f"changed by {degrees(c.fast.deg)} ({span(c.fast.ci95_deg)}), "
            "which cannot be told from no change"
        )
    return (
        f"At fast pace {c.name} {fast}; at easy pace it {_moved(c.easy)}. "
        f"So the paces drifted {degrees(c.rfi.deg)} apart ({span(c.rfi.ci95_deg)}), "
        "but no range was shown to be lost at fast pace."
    )


def _reversed(c: Contrast) -> str:
    if c.fast.gained():
        return (
            f"At fast pace your {c.side} hip {_MORE[c.outcome]} more as the run went on "
            f"({degrees(c.fast.deg)}, {span(c.fast.ci95_deg)}), while {_reversed_easy(c)}."
        )
    fast = "you lost " + degrees(-c.fast.deg) if c.fast.lost() else f"it {_moved(c.fast)}"
    return (
        f"At easy pace {c.name} {_moved(c.easy)} over this run ({span(c.easy.ci95_deg)}); "
        f"at fast pace {fast}. That is the reverse of losing the end of the range at fast pace."
    )


def _reversed_easy(c: Contrast) -> str:
    if c.easy.lost():
        return f"at easy pace it lost {degrees(-c.easy.deg)}"
    if c.easy.gained():
        return f"at easy pace it gained {degrees(c.easy.deg)}"
    return f"easy pace stayed the same ({degrees(c.easy.deg)})"


def _no_evidence(known: tuple[Contrast, ...]) -> str:
    bound = max(item.rfi.bound_deg() for item in known)
    within = f"(within ±{degrees(bound)})"
    moved = _clearest_move(known)
    if moved is not None:
        return f"{moved} Whether fast and easy pace differ is more than this run can show {within}."
    if bound > _NARROW_DEG:
        return (
            "No loss was shown, but this run sees little: any extra loss at fast pace "
            f"is smaller than it can show {within}."
        )
    return (
        f"Your range held: any extra loss at fast pace is smaller than this run can show {within}."
    )


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
    ends = _mirrored(change) if change.lost() else change.ci95_deg
    return f"At {pace} pace you {verb} {degrees(abs(change.deg))} of {name} ({span(ends)})."


def _clause(names: list[str], verdict: Verdict) -> str:
    words = _OTHERS[verdict]
    if len(names) > 1:
        words = words.replace("loses", "lose").replace("shows", "show")
    return f"{_listed(names)} {words}"


def _both_sides(names: list[str]) -> list[str]:
    """Merge left and right of one peak: ``hip extension on both sides``."""
    bare = [name.split(" ", 1)[1] for name in names]
    merged = (
        f"{peak} on both sides" if bare.count(peak) == len(SIDES) else name
        for name, peak in zip(names, bare, strict=True)
    )
    return list(dict.fromkeys(merged))


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _moved(change: Change) -> str:
    if change.lost():
        return f"fell {degrees(-change.deg)}"
    if change.gained():
        return f"rose {degrees(change.deg)}"
    return f"changed by {degrees(change.deg)}"


def _mirrored(change: Change) -> tuple[float, float]:
    """The interval of a loss, told as a positive size."""
    return -change.ci95_deg[1], -change.ci95_deg[0]


def _what_was_read(session: Session) -> str:
    rate = min((sensor.rate_hz for sensor in session.sensors), default=0.0)
    kind = "simulated recording" if session.simulated else "recording"
    return (
        f"Read {kind} {session.recording}: {clock(session.duration_s)}, "
        f"{counted(len(session.sensors), 'sensor')} at {rate:.0f} Hz, filter {session.filter}."
    )


def _quality(session: Session) -> str:
    lost = max((sensor.loss for sensor in session.sensors), default=0.0)
    clipped = max((sensor.clipped for sensor in session.sensors), default=0.0)
    used = sum(stride.usable() for stride in session.strides)
    sides = ", ".join(
        f"{side} {sum(s.usable() for s in session.strides if s.side == side)}"
        for side in SIDES
        if any(s.side == side for s in session.strides)
    )
    found = f"{used} of {counted(len(session.strides), 'stride')} used"
    return (
        f"Quality: at most {percent(lost)} lost, {percent(clipped)} clipped; {found}"
        f"{f' ({sides})' if sides else ''}, {counted(len(session.bouts), 'bout')}."
    )


_HEAD: Final = f"{'':20}{'δ easy, °':>20}{'δ fast, °':>20}{'extra loss (RFI), °':>20}"


def _row(estimate: FatigueEstimate) -> str:
    name = hip(estimate.side, estimate.outcome)
    known = contrast(estimate)
    if known is None:
        return f"{name:20}  {verdict_words('not_estimable')}"
    cells = f"{_cell(known.easy):>20}{_cell(known.fast):>20}{_cell(known.rfi):>20}"
    return f"{name:20}{cells}  {verdict_short(known.verdict)}"


def _cell(change: Change) -> str:
    return f"{number(change.deg)} ({span(change.ci95_deg)})"


def _alerts(session: Session) -> list[str]:
    every = (*session.warnings, *session.calibration.warnings)
    if not every:
        return []
    more = f" (and {len(every) - 1} more in the report)" if len(every) > 1 else ""
    return [f"Warning: {every[0]}{more}"]
