"""A fatigue estimate in degrees, with every number known."""

from __future__ import annotations

from dataclasses import dataclass

from hipimu.data import FatigueEstimate, Interval, Outcome, Session, Side, Verdict
from hipimu.units import deg_from_rad


@dataclass(frozen=True, slots=True)
class Change:
    """A change over the session and its 95 % interval, in degrees."""

    deg: float
    ci95_deg: Interval

    def lost(self) -> bool:
        """Whether the whole interval lies below zero."""
        return self.ci95_deg[1] < 0

    def gained(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.ci95_deg[0] > 0

    def clarity(self) -> float:
        """Size relative to the width of its interval."""
        width = self.ci95_deg[1] - self.ci95_deg[0]
        return abs(self.deg) / width if width > 0 else float("inf")

    def bound_deg(self) -> float:
        """The largest size the interval allows."""
        return max(abs(self.ci95_deg[0]), abs(self.ci95_deg[1]))


@dataclass(frozen=True, slots=True)
class Contrast:
    """One side and one peak: the change at each pace, and how far apart they are."""

    side: Side
    outcome: Outcome
    verdict: Verdict
    easy: Change
    fast: Change
    rfi: Change
    detectable_deg: float | None

    @property
    def name(self) -> str:
        """For example ``left hip flexion``."""
        return hip(self.side, self.outcome)


def hip(side: Side, outcome: Outcome) -> str:
    """Name a peak of one side, for example ``left hip flexion``."""
    return f"{side} hip {outcome.removeprefix('peak_')}"


def contrast(estimate: FatigueEstimate) -> Contrast | None:
    """Return the estimate in degrees, or None where it has no numbers."""
    easy = _change(estimate.delta_easy_rad, estimate.delta_easy_ci95_rad)
    fast = _change(estimate.delta_fast_rad, estimate.delta_fast_ci95_rad)
    rfi = _change(estimate.rfi_rad, estimate.rfi_ci95_rad)
    if estimate.verdict == "not_estimable" or easy is None or fast is None or rfi is None:
        return None
    detectable = estimate.detectable_rad
    return Contrast(
        side=estimate.side,
        outcome=estimate.outcome,
        verdict=estimate.verdict,
        easy=easy,
        fast=fast,
        rfi=rfi,
        detectable_deg=None if detectable is None else deg_from_rad(detectable),
    )


def contrasts(session: Session) -> tuple[Contrast, ...]:
    """All estimates of a session that have numbers, in its order."""
    found = (contrast(estimate) for estimate in session.fatigue)
    return tuple(item for item in found if item is not None)


def headline(session: Session) -> Contrast | None:
    """The estimate to tell first: the clearest difference, or else the clearest of the others."""
    candidates = contrasts(session)
    decided = [item for item in candidates if item.verdict in ("supported", "reversed")]
    return max(decided or candidates, key=lambda item: item.rfi.clarity(), default=None)


def _change(angle_rad: float | None, ci95_rad: Interval | None) -> Change | None:
    if angle_rad is None or ci95_rad is None:
        return None
    low, high = (deg_from_rad(bound) for bound in ci95_rad)
    return Change(deg_from_rad(angle_rad), (low, high))
