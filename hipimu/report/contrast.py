"""A fatigue estimate in degrees, with every number known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hipimu.data import FatigueEstimate, Outcome, RobustLine, Session, Side, Verdict
from hipimu.report.quantity import ShownChange, shown_change
from hipimu.units import deg_from_rad

ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True)
class Check:
    """RFI by another way, and what it would have been called."""

    name: str
    rfi: ShownChange
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Contrast:
    """One side and one peak: the change at each pace, and how far apart they are, in degrees."""

    side: Side
    outcome: Outcome
    verdict: Verdict
    easy: ShownChange
    fast: ShownChange
    rfi: ShownChange
    detectable_deg: float | None
    reserve: ShownChange | None
    """How much further the fresh peak goes at fast pace."""
    share_of_reserve: float | None
    p_value: float | None
    p_holm: float | None
    checks: tuple[Check, ...]

    @property
    def name(self) -> str:
        """For example ``left hip flexion``."""
        return hip(self.side, self.outcome)

    def may_be_chance(self) -> bool:
        """Whether it is called different, but not clearly so among all comparisons."""
        called = self.verdict in ("supported", "reversed")
        return called and self.p_holm is not None and self.p_holm >= ALPHA

    def differing(self) -> tuple[Check, ...]:
        """The checks that would have been called otherwise."""
        return tuple(check for check in self.checks if check.verdict != self.verdict)


def hip(side: Side, outcome: Outcome) -> str:
    """Name a peak of one side, for example ``left hip flexion``."""
    return f"{side} hip {outcome.removeprefix('peak_')}"


def contrast(estimate: FatigueEstimate) -> Contrast | None:
    """Return the estimate in degrees, or None where it has no numbers."""
    easy = shown_change(estimate.delta_easy_rad, estimate.delta_easy_ci95_rad)
    fast = shown_change(estimate.delta_fast_rad, estimate.delta_fast_ci95_rad)
    rfi = shown_change(estimate.rfi_rad, estimate.rfi_ci95_rad)
    if estimate.verdict == "not_estimable" or easy is None or fast is None or rfi is None:
        return None
    detectable = estimate.detectable_rad
    detectable_deg = None if detectable is None else deg_from_rad(detectable)
    return Contrast(
        side=estimate.side,
        outcome=estimate.outcome,
        verdict=estimate.verdict,
        easy=easy,
        fast=fast,
        rfi=rfi,
        detectable_deg=detectable_deg,
        reserve=shown_change(estimate.reserve_rad, estimate.reserve_ci95_rad),
        share_of_reserve=estimate.rfi_share_of_reserve,
        p_value=estimate.p_value,
        p_holm=estimate.p_holm,
        checks=tuple(_check(line, detectable_deg or 0.0) for line in estimate.checks),
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


def _check(line: RobustLine, detectable_deg: float) -> Check:
    low, high = line.rfi_ci95_rad
    rfi = ShownChange(
        deg_from_rad(line.rfi_rad),
        (deg_from_rad(low), deg_from_rad(high)),
    )
    return Check(line.name, rfi, _called(rfi, detectable_deg))


def _called(rfi: ShownChange, detectable_deg: float) -> Verdict:
    """The rule of the verdict of a fatigue estimate, for numbers got by another way."""
    if rfi.gained() and rfi.value > detectable_deg:
        return "supported"
    if rfi.lost() and rfi.value < -detectable_deg:
        return "reversed"
    return "no_evidence"
