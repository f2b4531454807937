"""The answer in a terminal: at most twelve lines, none wider than a page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from statistics import median
from typing import Final

from hipimu.data import OUTCOMES, SIDES, FatigueEstimate, Outcome, Session, Side
from hipimu.report.contrast import contrast, contrasts
from hipimu.report.fatigue_tables import share
from hipimu.report.numerals import clock, counted, degrees, number, percent, span
from hipimu.report.quantity import ShownChange
from hipimu.report.wording import doubt, finding, remarks, verdict_short, warnings
from hipimu.units import deg_from_rad

_WIDTH: Final = 98
_MOST_LINES: Final = 11
"""One more, the path of the report, makes the twelve that are allowed."""


_HEAD: Final = ("", "δ easy, °", "δ fast, °", "extra loss (RFI), °", "of reserve", "")


def lines(session: Session) -> list[str]:
    """Say what was read, how good it is, the answer and the estimates.

    Parameters
    ----------
    session : Session

    Returns
    -------
    list of str
        Lines for a terminal, of at most about 100 characters.
    """
    read = _wrapped([_what_was_read(session), _quality(session)])
    table = _table(session) if contrasts(session) else _peaks(session)
    alerts = _wrapped(_alerts(session))
    room = _MOST_LINES - len(read) - len(table) - len(alerts)
    return [*read, *_answer(session, room), *table, *alerts]


def _answer(session: Session, room: int) -> list[str]:
    """The finding with its gravest doubt, and what else there is to say if there is room."""
    short = " ".join(filter(None, (finding(session), doubt(session))))
    whole = _wrapped([" ".join(filter(None, (short, remarks(session))))])
    return whole if len(whole) <= room else _wrapped([short])


def _wrapped(texts: Sequence[str]) -> list[str]:
    wrap = textwrap.TextWrapper(_WIDTH, break_long_words=False, break_on_hyphens=False)
    return [line for text in texts for line in wrap.wrap(text)]


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
        f"Quality: {percent(lost)} lost, {percent(clipped)} clipped; {found}"
        f"{f' ({sides})' if sides else ''}, {counted(len(session.bouts), 'bout')}."
    )


def _table(session: Session) -> list[str]:
    """Set the estimates in columns as wide as their widest cell; the reserve only where it fits."""
    rows = [_HEAD, *(_cells(estimate) for estimate in session.fatigue)]
    told = any("%" in row[4] for row in rows[1:])
    whole = _columns(rows)
    if told and max(map(len, whole)) <= _WIDTH:
        return whole
    return _columns([(*row[:4], *row[5:]) for row in rows])


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [_row(row, widths) for row in rows]


def _cells(estimate: FatigueEstimate) -> tuple[str, ...]:
    known = contrast(estimate)
    name = f"{estimate.side} {estimate.outcome.removeprefix('peak_')}"
    if known is None:
        return (name, "–", "–", "–", "–", verdict_short("not_estimable"))
    numbers = (_cell(change) for change in (known.easy, known.fast, known.rfi))
    return (name, *numbers, share(known), verdict_short(known.standing))


def _cell(change: ShownChange) -> str:
    return f"{number(change.value)} ({span(change.ci95)})"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers, words = cells
    middle = (f"{cell:>{width}}" for cell, width in zip(numbers, widths[1:-1], strict=True))
    return "  ".join((f"{name:{widths[0]}}", *middle, words)).rstrip()


def _peaks(session: Session) -> list[str]:
    """Give the peaks at least, where nothing can be said of how they change."""
    sides = [side for side in SIDES if any(s.side == side and s.usable() for s in session.strides)]
    told = (
        f"{side} flexion {_median(session, side, 'peak_flexion')}, "
        f"extension {_median(session, side, 'peak_extension')}"
        for side in sides
    )
    return _wrapped([f"Median peaks: {'; '.join(told)}."]) if sides else []


def _median(session: Session, side: Side, outcome: Outcome) -> str:
    own = [s for s in session.strides if s.side == side and s.usable()]
    peaks = [s.peak_flexion_rad if outcome == OUTCOMES[0] else s.peak_extension_rad for s in own]
    return degrees(deg_from_rad(median(peaks)))


def _alerts(session: Session) -> list[str]:
    every = warnings(session)
    if not every:
        return []
    more = f" (and {len(every) - 1} more in the report)" if len(every) > 1 else ""
    return [f"Warning: {every[0]}{more}"]
