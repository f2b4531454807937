"""What is kept of an analysed session, so that it can be compared with others over weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hipimu.data.answers import (
    Compensation,
    FatigueEstimate,
    Interval,
    Method,
    Outcome,
    Strength,
    Verdict,
)
from hipimu.data.samples import Segment, Side
from hipimu.data.strides import Cycle, Pace, PaceSource


@dataclass(frozen=True, slots=True)
class TrainingContext:
    """What a person says of a session; all of it may be unknown."""

    surface: str | None = None
    """Such as ``track``, ``road``, ``trail``, ``treadmill``; free text."""
    shoes: str | None = None
    exertion: float | None = None
    """Rated on the CR10 scale, 0–10 (Borg 1982)."""
    injury: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SessionSummary:
    """One analysed session: everything but the strides and the samples."""

    session: str
    """Public name, unique in a store; of a session that is in none, the recording's."""
    athlete: str
    """Public name, unique in a store; empty where it is not known."""
    recording: str
    started_at: datetime | None
    """UTC."""
    duration_s: float
    simulated: bool
    method: Method
    filter: str
    neutral: str
    hipimu_version: str
    segments: tuple[Segment, ...]
    """Those that carried a sensor."""
    pace_source: PaceSource
    calibration_quality: float
    """0–1."""
    mounting_wxyz: Mapping[Segment, tuple[float, float, float, float]]
    """Segment → sensor."""
    standing_pelvis_tilt_rad: float | None
    """As in `Calibration`."""
    loss: Mapping[Segment, float]
    """0–1."""
    usable_share: float
    """Running strides that count, of all, 0–1."""
    strides: Mapping[Side, int]
    """Usable running strides."""
    speed_m_s: Mapping[Pace, float]
    """Mean over the bouts of each pace, as far as speed is known."""
    fatigue: tuple[FatigueEstimate, ...] = ()
    compensation: tuple[Compensation, ...] = ()
    strength: Strength | None = None
    cycles: tuple[Cycle, ...] = ()
    warnings: tuple[str, ...] = ()
    context: TrainingContext = field(default_factory=TrainingContext)


Judgement = Literal["real", "noise", "cannot_tell"]
"""Of a change between sessions: larger than this athlete's own scatter, within it, or neither can
be said."""


About = Literal[
    "method",
    "mounting",
    "filter",
    "sensors",
    "pace",
    "speed",
    "surface",
    "quality",
    "athlete",
    "neutral",
    "version",
    "shoes",
]


@dataclass(frozen=True, slots=True)
class Incomparable:
    """Why two sessions, or numbers of them, cannot be held against each other, or not fully."""

    sessions: tuple[str, ...]
    about: About
    refuses: bool
    """Whether nothing can be compared; else the reader is to be careful."""
    said: str
    """In a sentence."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One quantity in two sessions: the second minus the first."""

    quantity: str
    """``rfi``, ``delta_easy``, ``delta_fast``, ``level_easy``, ``level_fast``, ``reserve``, or a
    measure of the four dimensions, such as ``control/pelvis_tilt_range``."""
    unit: str
    side: Side | None
    outcome: Outcome | None
    pace: Pace | None
    first: float
    second: float
    change: float
    change_ci95: Interval | None
    detectable: float | None
    """Smallest change between two sessions that stands out from the athlete's own scatter."""
    judgement: Judgement
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One session of a trend."""

    session: str
    started_at: datetime
    value: float | None
    """None where the session could not estimate it."""
    interval: Interval | None
    left_out: str = ""
    """Why it is shown and not used; empty where it is used."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One quantity of one athlete over weeks."""

    athlete: str
    quantity: str
    unit: str
    side: Side | None
    outcome: Outcome | None
    points: tuple[TrendPoint, ...]
    per_week: float | None
    per_week_ci95: Interval | None
    change: float | None
    """From the first used session to the last, along the line."""
    change_ci95: Interval | None
    detectable: float | None
    """As in `Difference`, of a change between two single sessions."""
    repeatability_sd: float | None
    """Standard deviation between sessions of one athlete about the trend."""
    judgement: Judgement
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SquadRow:
    """One athlete among others: what changed, and whether to look."""

    athlete: str
    session: str
    """The latest."""
    started_at: datetime | None
    days_since: float | None
    """Since the latest session."""
    verdict: Verdict
    """Of the latest session, for the outcome that is asked for: the gravest of its sides."""
    trend: Trend
    calibration_quality: float
    """Of the latest session, as is what follows."""
    loss: float
    """Of the worst segment, 0–1."""
    usable_share: float
    per_week: float | None
    """Of this athlete, drawn towards the squad's as far as its own doubt asks for."""
    per_week_ci95: Interval | None
    attention: int
    """1: look here first."""
    why: str
    """In a sentence."""


@dataclass(frozen=True, slots=True)
class Squad:
    """One quantity over weeks in a group of athletes."""

    quantity: str
    unit: str
    rows: tuple[SquadRow, ...]
    """Those that need attention first."""
    per_week: float | None
    """Mean of the group."""
    per_week_ci95: Interval | None
    spread: float | None
    """Standard deviation of the athletes' true changes per week."""
    shrunk: bool
    """Whether athletes were drawn towards each other; else each stands for itself."""
    said: str
    """How that went, in a sentence."""
