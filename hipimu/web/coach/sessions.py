"""Listed sessions as what compares them needs: light, for whole seasons at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from hipimu.data import SIDES, THIGHS, Outcome, Segment, SessionSummary, Verdict
from hipimu.store import ListedSession
from hipimu.web.coach import words

SPANS: Final[dict[int, str]] = {12: "12 weeks", 26: "26 weeks", 0: "all"}
"""Weeks to look back; 0: all."""
USUAL_WEEKS: Final = 26
"""A season. What is older says little of now, and reading it takes time."""


def as_summary(listed: ListedSession, outcomes: Iterable[Outcome] | None = None) -> SessionSummary:
    """Return what a list knows of a session.

    Good for changes over a run and what is made of them: levels need speeds, and mounting and
    measures of strength are not there.

    Parameters
    ----------
    listed : ListedSession
    outcomes : iterable of Outcome or None
        Peaks that are asked for; None: all.
    """
    wanted = None if outcomes is None else set(outcomes)
    fatigue = tuple(e for e in listed.fatigue if wanted is None or e.outcome in wanted)
    return SessionSummary(
        session=listed.name,
        athlete=listed.athlete,
        recording=listed.recording,
        started_at=listed.started_at,
        duration_s=listed.duration_s,
        simulated=listed.simulated,
        method=listed.method,
        filter=listed.filter,
        neutral="",
        hipimu_version=listed.hipimu_version,
        segments=_worn(listed),
        pace_source=listed.pace_source,
        calibration_quality=listed.calibration_quality,
        mounting_wxyz={},
        standing_pelvis_tilt_rad=None,
        loss={},
        usable_share=listed.usable_share,
        strides={},
        speed_m_s={},
        fatigue=fatigue,
        context=listed.context,
    )


def _worn(listed: ListedSession) -> tuple[Segment, ...]:
    sides = {estimate.side for estimate in listed.fatigue}
    return ("pelvis", *(THIGHS[side] for side in SIDES if side in sides))


def days_between(moment: datetime | None, now: datetime) -> float | None:
    """Days since a moment."""
    return None if moment is None else (now - moment).total_seconds() / 86400


def verdict_of(listed: ListedSession, outcome: Outcome = "peak_flexion") -> Verdict:
    """Return the gravest verdict of the sides."""
    found = [estimate.verdict for estimate in listed.fatigue if estimate.outcome == outcome]
    return min(found, key=words.GRAVEST.index, default="not_estimable")


def quality_of(listed: ListedSession) -> tuple[str, ...]:
    """Say what is amiss with the data of a session; empty where nothing is."""
    return words.quality(listed.calibration_quality, listed.usable_share, listed.worst_loss)
