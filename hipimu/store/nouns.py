"""What the store gives besides the nouns of `hipimu.data`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hipimu.data import (
    FatigueEstimate,
    Method,
    PaceSource,
    SensorSummary,
    SessionSummary,
    TrainingContext,
)

Role = Literal["owner", "coach", "athlete"]
Scope = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, and whom of the athletes that lets them see.

    An owner sees everybody, a coach a team, or everybody where none is named, an athlete
    themself.
    """

    name: str
    """As notes are signed."""
    role: Role
    user_id: int | None = None
    """None: whoever sits at this computer, where there are no accounts."""
    athlete: str | None = None
    """Who it is, of an athlete."""
    team: str | None = None
    writes: bool = True
    """False: may only look, as with an API token of scope ``read``."""


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in."""

    id: int
    login: str
    """Unique without regard to capitals."""
    name: str
    role: Role
    athlete: str | None
    team: str | None
    created_at: datetime
    disabled_at: datetime | None
    seen_at: datetime | None
    """When somebody was last logged in as this user."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that works once: for a new user, or a new password of a known one."""

    id: int
    role: Role
    athlete: str | None
    team: str | None
    login: str | None
    """Whose password is to be set anew; None: a new user."""
    made_by: str
    """Name of a user; empty: the program itself."""
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What a program shows instead of a password."""

    id: int
    name: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when."""

    id: int
    at: datetime
    who: str
    """Name of the user; empty where nobody was logged in, or the account is gone."""
    action: str
    """One of `hipimu.store.audit.ACTIONS`."""
    athlete: str | None
    """Whom it was about, while they are in the store."""
    detail: str


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
    author_id: int | None = None
    """User who wrote it; None: without an account, or the account is gone."""
