"""Athletes, recordings, sessions, analyses, notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
NUMBERS = (
    "rfi_rad",
    "rfi_low_rad",
    "rfi_high_rad",
    "delta_easy_rad",
    "delta_easy_low_rad",
    "delta_easy_high_rad",
    "delta_fast_rad",
    "delta_fast_low_rad",
    "delta_fast_high_rad",
    "reserve_rad",
    "reserve_low_rad",
    "reserve_high_rad",
    "detectable_rad",
    "easy_start_rad",
    "easy_end_rad",
    "fast_start_rad",
    "fast_end_rad",
)


def upgrade() -> None:
    """Make the tables."""
    _make_store()
    _make_people()
    _make_sessions()
    _make_analyses()
    _make_notes()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, nullable=False)


def _owner(column: str, table: str, on: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{on}_{column}_{table}"
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")


def _make_store() -> None:
    op.create_table(
        "store_info",
        _id(),
        sa.Column("uid", sa.String(32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_store_info"),
    )
    op.create_table(
        "removals",
        sa.Column("path", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_removals"),
    )


def _make_people() -> None:
    op.create_table(
        "athletes",
        _id(),
        sa.Column("uid", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(300), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_athletes"),
        sa.UniqueConstraint("uid", name="uq_athletes_uid"),
        sa.UniqueConstraint("name_key", name="uq_athletes_name_key"),
    )


def _make_sessions() -> None:
    op.create_table(
        "recordings",
        _id(),
        sa.Column("athlete_id", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _owner("athlete_id", "athletes", "recordings"),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("hash", name="uq_recordings_hash"),
    )
    op.create_index("ix_recordings_athlete_id", "recordings", ["athlete_id"])
    op.create_table(
        "sessions",
        _id(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("athlete_id", sa.Integer, nullable=False),
        sa.Column("recording_id", sa.Integer, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("surface", sa.Text),
        sa.Column("shoes", sa.Text),
        sa.Column("exertion", sa.Double),
        sa.Column("injury", sa.Text),
        _owner("athlete_id", "athletes", "sessions"),
        _owner("recording_id", "recordings", "sessions"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("name", name="uq_sessions_name"),
        sa.UniqueConstraint("recording_id", name="uq_sessions_recording_id"),
    )
    op.create_index("ix_sessions_started_at", "sessions", ["started_at"])
    op.create_index("ix_sessions_athlete_id_started_at", "sessions", ["athlete_id", "started_at"])
    op.create_table(
        "session_tags",
        sa.Column("session_id", sa.Integer, nullable=False),
        sa.Column("tag", sa.String(100), nullable=False),
        _owner("session_id", "sessions", "session_tags"),
        sa.PrimaryKeyConstraint("session_id", "tag", name="pk_session_tags"),
    )
    op.create_index("ix_session_tags_tag", "session_tags", ["tag"])


def _make_analyses() -> None:
    op.create_table(
        "analyses",
        _id(),
        sa.Column("session_id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("analysed_at", MOMENT, nullable=False),
        sa.Column("hipimu_version", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("filter", sa.Text, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("inputs_hash", sa.String(64), nullable=False),
        sa.Column("duration_s", sa.Double, nullable=False),
        sa.Column("pace_source", sa.Text, nullable=False),
        sa.Column("calibration_quality", sa.Double, nullable=False),
        sa.Column("usable_share", sa.Double, nullable=False),
        sa.Column("worst_loss", sa.Double, nullable=False),
        sa.Column("sensors", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("curves", sa.Text, nullable=False),
        sa.Column("strides_file", sa.String(120), nullable=False),
        _owner("session_id", "sessions", "analyses"),
        sa.PrimaryKeyConstraint("id", name="pk_analyses"),
        sa.UniqueConstraint("session_id", "key", name="uq_analyses_session_id_key"),
    )
    op.create_index(
        "ix_analyses_current",
        "analyses",
        ["session_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "estimates",
        _id(),
        sa.Column("analysis_id", sa.Integer, nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("verdict", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Double) for name in NUMBERS),
        _owner("analysis_id", "analyses", "estimates"),
        sa.PrimaryKeyConstraint("id", name="pk_estimates"),
        sa.UniqueConstraint(
            "analysis_id", "side", "outcome", name="uq_estimates_analysis_id_side_outcome"
        ),
    )


def _make_notes() -> None:
    op.create_table(
        "notes",
        _id(),
        sa.Column("athlete_id", sa.Integer, nullable=False),
        sa.Column("session_id", sa.Integer),
        sa.Column("t_s", sa.Double),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT),
        sa.Column("deleted_at", MOMENT),
        _owner("athlete_id", "athletes", "notes"),
        _owner("session_id", "sessions", "notes"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_athlete_id", "notes", ["athlete_id"])
    op.create_index("ix_notes_session_id", "notes", ["session_id"])
