"""Made-up summaries of sessions, for everything that compares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from scipy import stats

from hipimu.data import (
    SEGMENTS,
    Dimension,
    DimensionName,
    FatigueEstimate,
    Interval,
    Measure,
    Outcome,
    SessionSummary,
    Side,
    Strength,
)
from hipimu.units import rad_from_deg

START = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
BOUTS = 6
SE_DEG = 1.1
"""Of δ and RFI after six bouts of each pace (docs/statistics.md: intervals of ±2.4°)."""


def interval(value_deg: float, se_deg: float = SE_DEG, bouts: int = BOUTS) -> Interval:
    half = _quantile(2 * bouts - 4) * se_deg
    return rad_from_deg(value_deg - half), rad_from_deg(value_deg + half)


@cache
def _quantile(freedom: int) -> float:
    return float(stats.t.ppf(0.975, freedom))


def estimate(
    fast_deg: float = -4.0,
    easy_deg: float = -1.0,
    *,
    side: Side = "left",
    outcome: Outcome = "peak_flexion",
    se_deg: float = SE_DEG,
    level_deg: float = 50.0,
    **changes: Any,
) -> FatigueEstimate:
    rfi_deg = easy_deg - fast_deg
    told: dict[str, Any] = {
        "verdict": "no_evidence",
        "reasons": (),
        "strides": {"easy": 480, "fast": 270},
        "bouts": {"easy": BOUTS, "fast": BOUTS},
        "delta_easy_rad": rad_from_deg(easy_deg),
        "delta_easy_ci95_rad": interval(easy_deg, se_deg),
        "delta_fast_rad": rad_from_deg(fast_deg),
        "delta_fast_ci95_rad": interval(fast_deg, se_deg),
        "rfi_rad": rad_from_deg(rfi_deg),
        "rfi_ci95_rad": interval(rfi_deg, se_deg),
        "detectable_rad": rad_from_deg(1.5),
        "line_rad": {
            "easy": (rad_from_deg(level_deg), rad_from_deg(level_deg + easy_deg)),
            "fast": (rad_from_deg(level_deg + 20), rad_from_deg(level_deg + 20 + fast_deg)),
        },
        "reserve_rad": rad_from_deg(20.0),
        "reserve_ci95_rad": interval(20.0, se_deg),
    }
    return FatigueEstimate(side=side, outcome=outcome, **(told | changes))


def not_estimable(side: Side = "left", outcome: Outcome = "peak_flexion") -> FatigueEstimate:
    reason = ("fewer than three fast bouts",)
    return FatigueEstimate(side, outcome, "not_estimable", reason, {}, {})


def summary(
    day: float | None = 0.0,
    fatigue: Sequence[FatigueEstimate] | None = None,
    **changes: Any,
) -> SessionSummary:
    told: dict[str, Any] = {
        "session": f"run-{day}",
        "athlete": "Ada",
        "recording": f"run-{day}",
        "started_at": None if day is None else START + timedelta(days=day),
        "duration_s": 2400.0,
        "simulated": False,
        "method": "refined",
        "filter": "vqf",
        "neutral": "quiet standing, 1.0–7.0 s",
        "hipimu_version": "0.1.0",
        "segments": SEGMENTS,
        "pace_source": "laps",
        "calibration_quality": 1.0,
        "mounting_wxyz": dict.fromkeys(SEGMENTS, (1.0, 0.0, 0.0, 0.0)),
        "standing_pelvis_tilt_rad": 0.1,
        "loss": dict.fromkeys(SEGMENTS, 0.002),
        "usable_share": 0.95,
        "strides": {"left": 800, "right": 800},
        "speed_m_s": {"easy": 3.0, "fast": 5.0},
        "fatigue": (estimate(),) if fatigue is None else tuple(fatigue),
    }
    return SessionSummary(**(told | changes))


def season(
    fast_deg: Sequence[float],
    days: Sequence[float] | None = None,
    *,
    se_deg: float = SE_DEG,
    **changes: Any,
) -> list[SessionSummary]:
    """One session a value of δ_fast, three days apart unless told otherwise."""
    when = [3.0 * i for i in range(len(fast_deg))] if days is None else days
    return [
        summary(day, [estimate(value, se_deg=se_deg)], **changes)
        for day, value in zip(when, fast_deg, strict=True)
    ]


def strength(measures: Mapping[DimensionName, Sequence[Measure]]) -> Strength:
    names: tuple[DimensionName, ...] = ("force", "endurance", "full_range", "control")
    made = {
        name: Dimension(name, Measure(name, "1"), tuple(measures.get(name, ()))) for name in names
    }
    return Strength(made["force"], made["endurance"], made["full_range"], made["control"])
