"""What the API answers with, besides the nouns of `hipimu.data` and `hipimu.store`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hipimu.data import (
    About,
    Interval,
    Judgement,
    Outcome,
    Pace,
    SensorSummary,
    SessionSummary,
    Side,
    Squad,
    Stride,
)
from hipimu.store import (
    Analysis,
    ApiToken,
    Athlete,
    AuditEntry,
    Invitation,
    ListedSession,
    Note,
    Role,
    User,
)


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks, and what that lets them do."""

    name: str
    """As notes are signed."""
    role: Role
    how: Literal["local", "login", "token"]
    """How that is known: by sitting at the server's computer, where there are no accounts; by a
    login in a browser; by an API token."""
    athlete: str | None
    """Who it is, of an athlete."""
    team: str | None
    """Whose athletes are seen, of a coach; null: everybody's."""
    writes: bool
    """Whether anything may be changed."""


@dataclass(frozen=True, slots=True)
class Athletes:
    """Everybody who may be seen, by name."""

    athletes: tuple[Athlete, ...]


@dataclass(frozen=True, slots=True)
class Teams:
    """Teams that may be seen."""

    teams: tuple[str, ...]
    """Their names."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions, newest first; those without a start last."""

    sessions: tuple[ListedSession, ...]
    next: str | None
    """What `cursor` takes to get those that follow; null: there are no more."""


@dataclass(frozen=True, slots=True)
class WholeSession:
    """One session: its current analysis, and what there is to say of it."""

    said: str
    """The answer in a sentence."""
    remarks: str
    """How sure that is, and what else there is to say; empty: nothing."""
    doubts: tuple[str, ...]
    """What is amiss with the data; empty: nothing."""
    warnings: tuple[str, ...]
    """Sentences to read before trusting the numbers."""
    summary: SessionSummary
    sensors: tuple[SensorSummary, ...]
    analysed_at: datetime
    recording_hash: str
    """SHA-256 of the samples, as hexadecimal digits."""
    parameters: Mapping[str, object]
    """Every setting that the result depends on."""
    before: str | None
    """The athlete's session before this one; null: it is the first."""
    after: str | None
    """The athlete's session after this one; null: it is the latest."""


@dataclass(frozen=True, slots=True)
class History:
    """All analyses of a session: the current one first, then newest first."""

    analyses: tuple[Analysis, ...]


@dataclass(frozen=True, slots=True)
class Strides:
    """Strides of a session, in the order in which they were counted."""

    session: str
    total: int
    """Strides that there are."""
    offset: int
    """Strides before the first one that is given."""
    strides: tuple[Stride, ...]


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes, oldest first."""

    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class SquadOverWeeks:
    """Everybody over weeks, in radians: who changed, who is due, and where the data is poor."""

    weeks: int
    """Looked back; 0: all."""
    squad: Squad
    latest: Mapping[str, ListedSession]
    """Athlete → their latest session."""
    waiting: tuple[Athlete, ...]
    """Athletes without any session."""


@dataclass(frozen=True, slots=True)
class ComparedDifference:
    """One quantity in two sessions: the second minus the first, in the `unit` that is said."""

    quantity: str
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
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """A session held against the first."""

    first: str
    """Name of the earliest session."""
    second: str
    """Name of the other one."""
    differences: tuple[ComparedDifference, ...]
    """Empty where the two cannot be compared."""


@dataclass(frozen=True, slots=True)
class ComparedDoubt:
    """Why sessions cannot be held against each other, or not fully."""

    sessions: tuple[str, ...]
    """Names."""
    about: About
    refuses: bool
    """Whether nothing can be compared; else the reader is to be careful."""
    said: str
    """In a sentence."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sessions side by side, as `hipimu compare --json` writes them: in degrees."""

    schema: Literal["hipimu-comparison/1"]
    sessions: tuple[str, ...]
    """Names, the earliest first."""
    incomparable: tuple[ComparedDoubt, ...]
    pairs: tuple[ComparedPair, ...]


@dataclass(frozen=True, slots=True)
class FollowedPoint:
    """One session of a trend, in the `unit` of the trend."""

    session: str
    started_at: datetime
    value: float | None
    """Null where the session could not estimate it."""
    interval: Interval | None
    left_out: str
    """Why it is shown and not used; empty where it is used."""


@dataclass(frozen=True, slots=True)
class FollowedTrend:
    """One quantity of one athlete over weeks, in the `unit` that is said."""

    quantity: str
    unit: str
    side: Side | None
    outcome: Outcome | None
    per_week: float | None
    per_week_ci95: Interval | None
    change: float | None
    """From the first used session to the last, along the line."""
    change_ci95: Interval | None
    detectable: float | None
    """Smallest change between two single sessions that stands out from the athlete's scatter."""
    repeatability_sd: float | None
    """Standard deviation between sessions of one athlete about the trend."""
    judgement: Judgement
    reasons: tuple[str, ...]
    points: tuple[FollowedPoint, ...]
    """Sessions with a date, the oldest first."""


@dataclass(frozen=True, slots=True)
class TrendDocument:
    """An athlete over weeks, as `hipimu trend --json` writes it: in degrees."""

    schema: Literal["hipimu-trend/1"]
    athlete: str
    trends: tuple[FollowedTrend, ...]
    """The one that was asked for."""


@dataclass(frozen=True, slots=True)
class Users:
    """Everybody who may log in, and those who might once, by login."""

    users: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Invitations:
    """Links that may still be used, newest first."""

    invitations: tuple[Invitation, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """A new link."""

    invitation: Invitation
    path: str = field(repr=False)
    """What stands behind the server's address in the link. It opens an account for whoever has it,
    works once, and is not told again."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One's own API tokens that work, newest first."""

    tokens: tuple[ApiToken, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """Who did what, newest first."""

    entries: tuple[AuditEntry, ...]
    next: int | None
    """What `before` takes to get those that follow; null: there are no more."""
