"""Teams, and who may look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and let athletes be in a team."""
    _make_teams()
    with op.batch_alter_table("athletes") as athletes:
        athletes.add_column(sa.Column("team_id", sa.Integer))
        athletes.create_foreign_key(
            "fk_athletes_team_id_teams", "teams", ["team_id"], ["id"], ondelete="SET NULL"
        )
        athletes.create_index("ix_athletes_team_id", ["team_id"])
    _make_users()


def _make_teams() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(300), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
        sa.UniqueConstraint("name_key", name="uq_teams_name_key"),
    )


def _make_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("athlete_id", sa.Integer),
        sa.Column("team_id", sa.Integer),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.id"],
            name="fk_users_athlete_id_athletes",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name="fk_users_team_id_teams", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_index("ix_users_athlete_id", "users", ["athlete_id"])
    op.create_index("ix_users_team_id", "users", ["team_id"])
