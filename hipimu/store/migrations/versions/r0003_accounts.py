"""Accounts: passwords, invitations, logins, tokens of programs, and who did what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and let users log in and notes have their users."""
    with op.batch_alter_table("store_info") as info:
        info.add_column(sa.Column("signing_key", sa.String(64)))
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("login", sa.String(100)))
        users.add_column(sa.Column("login_key", sa.String(300)))
        users.add_column(sa.Column("password_hash", sa.String(200)))
        users.add_column(sa.Column("seen_at", MOMENT))
        users.create_unique_constraint("uq_users_login_key", ["login_key"])
        users.drop_index("ix_users_athlete_id")
        users.create_unique_constraint("uq_users_athlete_id", ["athlete_id"])
        # A coach without a team sees everybody: no team goes away under its coaches.
        users.drop_constraint("fk_users_team_id_teams", type_="foreignkey")
        users.create_foreign_key(
            "fk_users_team_id_teams", "teams", ["team_id"], ["id"], ondelete="RESTRICT"
        )
    with op.batch_alter_table("notes") as notes:
        notes.add_column(sa.Column("author_id", sa.Integer))
        notes.create_foreign_key(
            "fk_notes_author_id_users", "users", ["author_id"], ["id"], ondelete="SET NULL"
        )
        notes.create_index("ix_notes_author_id", ["author_id"])
    _make_invitations()
    _make_logins()
    _make_tokens()
    _make_audit()


def _refers(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete
    )


def _make_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("athlete_id", sa.Integer),
        sa.Column("team_id", sa.Integer),
        sa.Column("user_id", sa.Integer),
        sa.Column("made_by_id", sa.Integer),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        _refers("invitations", "athlete_id", "athletes", "CASCADE"),
        _refers("invitations", "team_id", "teams", "CASCADE"),
        _refers("invitations", "user_id", "users", "CASCADE"),
        _refers("invitations", "made_by_id", "users", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    )
    for column in ("athlete_id", "team_id", "user_id", "made_by_id"):
        op.create_index(f"ix_invitations_{column}", "invitations", [column])


def _make_logins() -> None:
    op.create_table(
        "logins",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        _refers("logins", "user_id", "users", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_logins"),
        sa.UniqueConstraint("token_hash", name="uq_logins_token_hash"),
    )
    op.create_index("ix_logins_user_id", "logins", ["user_id"])


def _make_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        _refers("api_tokens", "user_id", "users", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("athlete_id", sa.Integer),
        sa.Column("detail", sa.Text, nullable=False),
        _refers("audit", "user_id", "users", "SET NULL"),
        _refers("audit", "athlete_id", "athletes", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    for column in ("at", "user_id", "athlete_id"):
        op.create_index(f"ix_audit_{column}", "audit", [column])
