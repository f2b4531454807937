"""Left beside right: the peaks, their difference, and whether it moved."""

from __future__ import annotations

from statistics import median

from hipimu.data import OUTCOMES, SIDES, Measure, Outcome, Pace, Session, Side
from hipimu.report.numerals import degrees
from hipimu.report.quantity import ShownChange, shown_change, told_change
from hipimu.report.series import PACES
from hipimu.report.table import Table
from hipimu.units import deg_from_rad


def both_sides(session: Session) -> bool:
    """Whether both sides have strides that count."""
    return all(any(s.side == side and s.usable() for s in session.strides) for side in SIDES)


def symmetry_table(session: Session) -> Table | None:
    """Medians of both sides and their signed difference; None unless both were measured."""
    if not both_sides(session):
        return None
    paces = [p for p in PACES if any(s.pace == p and s.usable() for s in session.strides)]
    rows = [
        _row(session, outcome, pace)
        for outcome in OUTCOMES
        for pace in paces
        if pace != "other" or paces == ["other"]
    ]
    return Table(
        "Left and right: medians over the run, and left minus right",
        ("Peak", "Left", "Right", "Left − right, fresh", "Change over the run", "In words"),
        tuple(rows),
        (
            "A difference between the sides holds the doubt of both sensors’ mounting and of the "
            "standing pose; its change over the run does not.",
        ),
    )


def _row(session: Session, outcome: Outcome, pace: Pace) -> tuple[str, ...]:
    levels = {side: _level(session, side, outcome, pace) for side in SIDES}
    measure = _difference(session, outcome, pace)
    change = None if measure is None else shown_change(measure.delta, measure.delta_ci95)
    name = f"Peak {outcome.removeprefix('peak_')}"
    return (
        name if pace == "other" else f"{name}, {pace} pace",
        levels["left"],
        levels["right"],
        _fresh(measure),
        "–" if change is None else told_change(change),
        "–" if change is None else _words(change),
    )


def _fresh(measure: Measure | None) -> str:
    if measure is None or measure.fresh is None:
        return "–"
    known = shown_change(measure.fresh, measure.fresh_ci95)
    return degrees(deg_from_rad(measure.fresh)) if known is None else told_change(known)


def _level(session: Session, side: Side, outcome: Outcome, pace: Pace) -> str:
    own = [s for s in session.strides if (s.side, s.pace) == (side, pace) and s.usable()]
    peaks = [s.peak_flexion_rad if outcome == "peak_flexion" else s.peak_extension_rad for s in own]
    return degrees(deg_from_rad(median(peaks))) if peaks else "–"


def _difference(session: Session, outcome: Outcome, pace: Pace) -> Measure | None:
    if session.strength is None:
        return None
    name = outcome.replace("peak", "asymmetry")
    own = (m for m in session.strength.control.measures if (m.name, m.pace) == (name, pace))
    return next(own, None)


def _words(change: ShownChange) -> str:
    if change.lost():
        return "left fell against right"
    return "left rose against right" if change.gained() else "no clear change"
