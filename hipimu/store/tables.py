"""The tables of the store. What changes here needs a numbered migration beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

NAME_LENGTH = 100
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Of constraints: without names of their own, later migrations could not take them away."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, in UTC on the way in and out: SQLite keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: nobody could tell later which moment it was."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a time needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self,
        value: Any | None,
        dialect: Dialect,  # noqa: ARG002 — SQLAlchemy hands it over
    ) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        known: datetime = value
        return known.replace(tzinfo=UTC) if known.tzinfo is None else known.astimezone(UTC)


class Table(DeclarativeBase):
    """Common to all."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, float: Double}  # noqa: RUF012 — SQLAlchemy's way to say it


class StoreInfo(Table):
    """One row: what this store is called among all stores."""

    __tablename__ = "store_info"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    signing_key: Mapped[str | None] = mapped_column(String(64))
    """Of cookies; made when it is first needed."""


class TeamRow(Table):
    """Athletes who are looked after together."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    name_key: Mapped[str] = mapped_column(String(3 * NAME_LENGTH), unique=True)
    created_at: Mapped[datetime]


class AthleteRow(Table):
    """A person who is measured."""

    __tablename__ = "athletes"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    """Names the folder of strides; never shown."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    name_key: Mapped[str] = mapped_column(String(3 * NAME_LENGTH), unique=True)
    """The name without regard to capitals."""
    created_at: Mapped[datetime]
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"), index=True
    )


class UserRow(Table):
    """A person who may look."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    login: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    login_key: Mapped[str | None] = mapped_column(String(3 * NAME_LENGTH), unique=True)
    """The login without regard to capitals."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """By argon2id, with its parameters."""
    role: Mapped[str] = mapped_column(String(16))
    """``owner``, ``coach`` or ``athlete``."""
    athlete_id: Mapped[int | None] = mapped_column(
        ForeignKey("athletes.id", ondelete="CASCADE"), unique=True
    )
    """Who it is, of an athlete."""
    team_id: Mapped[int | None] = mapped_column(
        # A coach without a team sees everybody: no team goes away under its coaches.
        ForeignKey("teams.id", ondelete="RESTRICT"),
        index=True,
    )
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    """When somebody was last logged in; not each time they looked."""


class InvitationRow(Table):
    """A link that works once."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of what the link holds: the store could not tell the link again."""
    role: Mapped[str] = mapped_column(String(16))
    athlete_id: Mapped[int | None] = mapped_column(
        ForeignKey("athletes.id", ondelete="CASCADE"), index=True
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    """Whose password is to be set anew; None: a new user."""
    made_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    """None: the program itself."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LoginRow(Table):
    """A browser in which somebody is logged in; who logs out is gone from here."""

    __tablename__ = "logins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class TokenRow(Table):
    """What a program shows instead of a password."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(16))
    """``read`` or ``write``."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditRow(Table):
    """Who did what, when. Names are not copied here: who is deleted is gone from it."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    action: Mapped[str] = mapped_column(String(40))
    athlete_id: Mapped[int | None] = mapped_column(
        ForeignKey("athletes.id", ondelete="SET NULL"), index=True
    )
    detail: Mapped[str] = mapped_column(Text)


class RecordingRow(Table):
    """Samples that were analysed, known by what is in them."""

    __tablename__ = "recordings"

    id: Mapped[int] = mapped_column(primary_key=True)
    athlete_id: Mapped[int] = mapped_column(
        ForeignKey("athletes.id", ondelete="CASCADE"), index=True
    )
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(Text)
    simulated: Mapped[bool]
    created_at: Mapped[datetime]


class SessionRow(Table):
    """A session, as the person sees it; what was computed is in its analyses."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_athlete_id_started_at", "athlete_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), unique=True)
    athlete_id: Mapped[int] = mapped_column(ForeignKey("athletes.id", ondelete="CASCADE"))
    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), unique=True
    )
    started_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    surface: Mapped[str | None] = mapped_column(Text)
    shoes: Mapped[str | None] = mapped_column(Text)
    exertion: Mapped[float | None]
    injury: Mapped[str | None] = mapped_column(Text)


class TagRow(Table):
    """A word on a session."""

    __tablename__ = "session_tags"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True, index=True)


class AnalysisRow(Table):
    """One analysis of a session; exactly one is current, the others are its history."""

    __tablename__ = "analyses"
    __table_args__ = (
        UniqueConstraint("session_id", "key"),
        Index(
            "ix_analyses_current",
            "session_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    """Of everything that the result depends on besides the samples."""
    is_current: Mapped[bool]
    analysed_at: Mapped[datetime]
    hipimu_version: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    filter: Mapped[str] = mapped_column(Text)
    parameters: Mapped[str] = mapped_column(Text)
    """JSON."""
    inputs_hash: Mapped[str] = mapped_column(String(64))
    """Of laps, watch file and settings; empty where they were not looked at."""
    duration_s: Mapped[float]
    pace_source: Mapped[str] = mapped_column(Text)
    calibration_quality: Mapped[float]
    usable_share: Mapped[float]
    worst_loss: Mapped[float]
    sensors: Mapped[str] = mapped_column(Text)
    """JSON: what each delivered."""
    document: Mapped[str] = mapped_column(Text)
    """The summary without its curves."""
    curves: Mapped[str] = mapped_column(Text)
    """Apart, because lists of sessions do not need them and they are large."""
    strides_file: Mapped[str] = mapped_column(String(120))


class EstimateRow(Table):
    """The answer for one peak of one side, as far as lists and trends need it; radians."""

    __tablename__ = "estimates"
    __table_args__ = (UniqueConstraint("analysis_id", "side", "outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    side: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(32))
    verdict: Mapped[str] = mapped_column(String(32))
    rfi_rad: Mapped[float | None]
    rfi_low_rad: Mapped[float | None]
    rfi_high_rad: Mapped[float | None]
    delta_easy_rad: Mapped[float | None]
    delta_easy_low_rad: Mapped[float | None]
    delta_easy_high_rad: Mapped[float | None]
    delta_fast_rad: Mapped[float | None]
    delta_fast_low_rad: Mapped[float | None]
    delta_fast_high_rad: Mapped[float | None]
    reserve_rad: Mapped[float | None]
    reserve_low_rad: Mapped[float | None]
    reserve_high_rad: Mapped[float | None]
    detectable_rad: Mapped[float | None]
    easy_start_rad: Mapped[float | None]
    easy_end_rad: Mapped[float | None]
    fast_start_rad: Mapped[float | None]
    fast_end_rad: Mapped[float | None]


class NoteRow(Table):
    """What somebody wrote about a moment, a session or an athlete."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    athlete_id: Mapped[int] = mapped_column(
        ForeignKey("athletes.id", ondelete="CASCADE"), index=True
    )
    session_id: Mapped[int | None] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    t_s: Mapped[float | None]
    """On the recording's clock."""
    author: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class RemovalRow(Table):
    """A file or folder of strides that nothing refers to any more, until it is gone."""

    __tablename__ = "removals"

    path: Mapped[str] = mapped_column(String(120), primary_key=True)
