"""Fatigue as it would have been said had the run ended earlier: after each lap."""

from __future__ import annotations

from collections.abc import Iterable

from hipimu.data import FatigueEstimate, Session, Stride
from hipimu.fatigue import estimate_fatigue


def fatigue_until(session: Session, end_s: float) -> tuple[FatigueEstimate, ...]:
    """Estimate fatigue from what lies before a moment, as if the run had ended there.

    Parameters
    ----------
    session : Session
        Its labels stay: which stride is easy and which is fast is known from the whole run.
    end_s : float
        On the recording's clock.

    Returns
    -------
    tuple of FatigueEstimate
        One for each side and outcome of the session; none where nobody ran before.
    """
    before = [s for s in session.strides if s.t_peak_flexion_s <= end_s]
    moved = _moved(before)
    if moved <= 0.0:
        return ()
    stretch = _moved(session.strides) / moved
    shorter = [
        s if s.moving_fraction is None else s._replace(moving_fraction=stretch * s.moving_fraction)
        for s in before
    ]
    bouts = [bout for bout in session.bouts if bout.end_s <= end_s]
    sides = dict.fromkeys(estimate.side for estimate in session.fatigue)
    return estimate_fatigue(shorter, bouts, sides)


def _moved(strides: Iterable[Stride]) -> float:
    return max((s.moving_fraction or 0.0 for s in strides), default=0.0)
