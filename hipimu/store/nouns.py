"""What the store gives besides the nouns of `hipimu.data`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hipimu.data import (
    FatigueEstimate,
    Method,
    PaceSource,
    SensorSummary,
    SessionSummary,
    TrainingContext,
)


@dataclass(frozen=True, slots=True)
class Athlete:
    """A person who is measured."""

    name: str
    """Public, unique in the store without regard to capitals."""
    created_at: datetime
    team: str | None
    sessions: int
    last_session_at: datetime | None
    """Start of the latest one."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a session that was handed to the store."""

    name: str
    """Public name of the session."""
    new: bool
    reanalysed: bool
    """Whether it was there and has another current analysis now; neither: nothing changed."""


@dataclass(frozen=True, slots=True, eq=False)
class ListedSession:
    """A session as a list needs it, many of them quickly."""

    name: str
    athlete: str
    recording: str
    simulated: bool
    started_at: datetime | None
    duration_s: float
    method: Method
    filter: str
    hipimu_version: str
    pace_source: PaceSource
    calibration_quality: float
    usable_share: float
    worst_loss: float
    """Of the sensors, 0–1."""
    context: TrainingContext
    fatigue: tuple[FatigueEstimate, ...]
    """Verdicts, changes, lines, reserve and detectable change; counts, reasons and cross-checks
    are left empty."""


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """One analysis of a session, and what it rests on."""

    analysed_at: datetime
    current: bool
    recording_hash: str
    """SHA-256 of the samples."""
    inputs_hash: str
    """Of laps, watch file and settings; empty where they were not looked at."""
    parameters: Mapping[str, object]
    sensors: tuple[SensorSummary, ...]
    summary: SessionSummary


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote."""

    id: int
    athlete: str
    session: str | None
    """None: about the athlete."""
    t_s: float | None
    """The moment on the recording's clock; None: about the whole session."""
    author: str
    text: str
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
