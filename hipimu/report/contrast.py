"""A fatigue estimate in degrees, with every number known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from hipimu.data import FatigueEstimate, Outcome, RobustLine, Session, Side, Verdict
from hipimu.report.quantity import ShownChange, shown_change
from hipimu.units import deg_from_rad

ALPHA: Final = 0.05
Standing = Verdict | Literal["held_back"]
_DECIDED: Final[tuple[Standing, ...]] = ("supported", "reversed")


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
    doubts: tuple[str, ...] = ()
    """Why its numbers are not called what they look like."""

    @property
    def looks(self) -> Verdict:
        """The verdict of the numbers alone; another than `verdict` where a doubt holds it back."""
        return called(self.rfi, self.detectable_deg or 0.0) if self.doubts else self.verdict

    @property
    def standing(self) -> Standing:
        """The verdict, or that it is held back."""
        return "held_back" if self.looks != self.verdict else self.verdict

    @property
    def name(self) -> str:
        """For example ``left hip flexion``."""
        return hip(self.side, self.outcome)

    def may_be_chance(self) -> bool:
        """Whether it is called different, but not clearly so among all comparisons."""
        told = self.verdict in ("supported", "reversed")
        return told and self.p_holm is not None and self.p_holm >= ALPHA

    def differing(self) -> tuple[Check, ...]:
        """The checks that would have been called otherwise."""
        return tuple(check for check in self.checks if check.verdict != self.looks)


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
        doubts=estimate.reasons,
    )


def contrasts(session: Session) -> tuple[Contrast, ...]:
    """All estimates of a session that have numbers, in its order."""
    return contrasts_of(session.fatigue)


def contrasts_of(estimates: Iterable[FatigueEstimate]) -> tuple[Contrast, ...]:
    """Those of the estimates that have numbers, in their order."""
    found = (contrast(estimate) for estimate in estimates)
    return tuple(item for item in found if item is not None)


def standing(estimate: FatigueEstimate) -> Standing:
    """Return the verdict of an estimate, or that it is held back."""
    known = contrast(estimate)
    return "not_estimable" if known is None else known.standing


def headline(session: Session) -> Contrast | None:
    """The estimate to tell first: the clearest difference, or one held back, or of the others."""
    return clearest(contrasts(session))


def clearest(candidates: Sequence[Contrast]) -> Contrast | None:
    """As `headline`, among those that are given."""
    decided = [item for item in candidates if item.standing in _DECIDED]
    held_back = [item for item in candidates if item.standing == "held_back"]
    return max(
        decided or held_back or candidates, key=lambda item: item.rfi.clarity(), default=None
    )


def _check(line: RobustLine, detectable_deg: float) -> Check:
    low, high = line.rfi_ci95_rad
    rfi = ShownChange(
        deg_from_rad(line.rfi_rad),
        (deg_from_rad(low), deg_from_rad(high)),
    )
    return Check(line.name, rfi, called(rfi, detectable_deg))


def called(rfi: ShownChange, detectable_deg: float) -> Verdict:
    """Apply the rule of the verdict of a fatigue estimate to numbers alone."""
    if rfi.gained() and rfi.value > detectable_deg:
        return "supported"
    if rfi.lost() and rfi.value < -detectable_deg:
        return "reversed"
    return "no_evidence"
