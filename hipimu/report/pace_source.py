"""Who says which pace it was, and how far that is to be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hipimu.data import PaceSource, Session
from hipimu.report.numerals import pace_of
from hipimu.report.series import PACES
from hipimu.report.table import Table

_TOLD_BY: Final[Mapping[PaceSource, str]] = {
    "laps": "laps that a person marked",
    "watch_laps": "laps of the watch file",
    "speed": "speed, measured outside the sensors",
    "pelvis": "a proxy: the pelvis’s rhythm alone",
    "none": "nothing",
}


def told_by(source: PaceSource) -> str:
    """Name what a bout's pace rests on."""
    return _TOLD_BY.get(source, source)


def rests_on_proxy(session: Session) -> bool:
    """Whether any bout that is compared got its pace from the pelvis."""
    return any(bout.pace_source == "pelvis" for bout in session.bouts if bout.pace != "other")


def pace_table(session: Session) -> Table | None:
    """Bouts of each pace, their speed and who says so; None without bouts."""
    rows = []
    for pace in PACES:
        own = [bout for bout in session.bouts if bout.pace == pace]
        if own:
            speeds = [bout.speed_m_s for bout in own if bout.speed_m_s is not None]
            mean = pace_of(sum(speeds) / len(speeds)) if speeds else "unknown"
            sources = dict.fromkeys(told_by(bout.pace_source) for bout in own)
            rows.append((pace.capitalize(), str(len(own)), mean, "; ".join(sources)))
    if not rows:
        return None
    return Table("Pace", ("Pace", "Bouts", "Speed", "Told by"), tuple(rows))
