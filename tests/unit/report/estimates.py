"""Made-up effects and the estimates an analysis would make of them, for the made-up sessions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from hipimu.data import FatigueEstimate, Outcome, Pace, RobustLine, Side, Stride, Verdict

LEVEL_DEG: Mapping[tuple[Outcome, Pace], float] = {
    ("peak_flexion", "easy"): 36.0,
    ("peak_flexion", "fast"): 52.0,
    ("peak_flexion", "other"): 30.0,
    ("peak_extension", "easy"): 14.0,
    ("peak_extension", "fast"): 21.0,
    ("peak_extension", "other"): 12.0,
}


@dataclass(frozen=True)
class Effect:
    """Change over the session, in degrees: at easy and at fast pace, and the half-width."""

    easy: float
    fast: float
    half: float = 1.2
    detectable: float = 1.1

    @property
    def rfi(self) -> float:
        return self.easy - self.fast

    @property
    def p_value(self) -> float:
        """Of a normal error as wide as the interval."""
        return math.erfc(1.96 * abs(self.rfi) / (1.3 * self.half) / math.sqrt(2))

    @property
    def verdict(self) -> Verdict:
        if abs(self.rfi) <= self.detectable or abs(self.rfi) <= 1.3 * self.half:
            return "no_evidence"
        return "supported" if self.rfi > 0 else "reversed"


Effects = Mapping[tuple[Side, Outcome], Effect]

LOSS: Effects = {
    ("left", "peak_flexion"): Effect(-0.4, -4.1),
    ("right", "peak_flexion"): Effect(-0.6, -3.4),
    ("left", "peak_extension"): Effect(0.2, -0.5),
    ("right", "peak_extension"): Effect(-0.1, -0.3),
}
NULL: Effects = {key: Effect(-0.2, -0.3, half=0.9) for key in LOSS}
WIDE: Effects = {key: Effect(0.4, -1.2, half=4.5) for key in LOSS}
LONELY: Effects = {**NULL, ("right", "peak_flexion"): Effect(0.2, -2.0, half=1.5)}
REVERSED: Effects = {key: Effect(0.1, 2.6, half=1.0) for key in LOSS}
MIXED: Effects = {
    **NULL,
    ("left", "peak_flexion"): Effect(-0.4, -4.1),
    ("right", "peak_flexion"): Effect(0.0, 2.9),
}


def estimate_of(
    side: Side, outcome: Outcome, effect: Effect, strides: list[Stride]
) -> FatigueEstimate:
    """The estimate an analysis would make of `effect`, had it met no noise."""
    rad = np.pi / 180
    own = [s for s in strides if s.side == side and s.usable()]
    reserve = LEVEL_DEG[outcome, "fast"] - LEVEL_DEG[outcome, "easy"]
    paces: tuple[Pace, ...] = ("easy", "fast")
    offset = 0.8 if side == "right" else 0.0
    change = {"easy": effect.easy, "fast": effect.fast}
    level = {p: LEVEL_DEG[outcome, p] + offset for p in paces}
    return FatigueEstimate(
        side=side,
        outcome=outcome,
        verdict=effect.verdict,
        reasons=(),
        strides={p: sum(s.pace == p for s in own) for p in paces},
        bouts={"easy": 6, "fast": 5},
        delta_easy_rad=effect.easy * rad,
        delta_easy_ci95_rad=((effect.easy - effect.half) * rad, (effect.easy + effect.half) * rad),
        delta_fast_rad=effect.fast * rad,
        delta_fast_ci95_rad=(
            (effect.fast - 1.1 * effect.half) * rad,
            (effect.fast + 1.1 * effect.half) * rad,
        ),
        rfi_rad=effect.rfi * rad,
        rfi_ci95_rad=(
            (effect.rfi - 1.3 * effect.half) * rad,
            (effect.rfi + 1.3 * effect.half) * rad,
        ),
        detectable_rad=effect.detectable * rad,
        line_rad={p: (level[p] * rad, (level[p] + change[p]) * rad) for p in paces},
        reserve_rad=reserve * rad,
        reserve_ci95_rad=((reserve - 1.1) * rad, (reserve + 1.1) * rad),
        rfi_share_of_reserve=effect.rfi / reserve if reserve > effect.detectable else None,
        p_value=effect.p_value,
        checks=checks_of(effect),
        speed_change_m_s={"easy": -0.03, "fast": -0.11},
    )


def checks_of(effect: Effect) -> tuple[RobustLine, ...]:
    """The same contrast asked in other ways, close to the main one."""
    scales = (("theil_sen", 0.93), ("cadence_adjusted", 0.85), ("speed_unadjusted", 1.12))
    half = 1.4 * effect.half
    return tuple(
        RobustLine(
            name,  # type: ignore[arg-type]
            math.radians(scale * effect.rfi),
            (math.radians(scale * effect.rfi - half), math.radians(scale * effect.rfi + half)),
        )
        for name, scale in scales
    )


def holm(estimates: list[FatigueEstimate]) -> tuple[FatigueEstimate, ...]:
    """Correct the p of all estimates for how many they are (Holm 1979)."""
    ranked = sorted(estimates, key=lambda e: e.p_value or 0.0)
    corrected: dict[tuple[Side, Outcome], float] = {}
    least = 0.0
    for rank, estimate in enumerate(ranked):
        least = max(least, min(1.0, (len(ranked) - rank) * (estimate.p_value or 0.0)))
        corrected[estimate.side, estimate.outcome] = least
    return tuple(replace(e, p_holm=corrected[e.side, e.outcome]) for e in estimates)
