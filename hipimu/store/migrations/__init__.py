"""Numbered steps from one form of the tables to the next; each is done whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

FOLDER: Final = Path(__file__).parent
REVISIONS: Final = tuple(sorted(p.name[1:5] for p in (FOLDER / "versions").glob("r*.py")))
HEAD: Final = REVISIONS[-1]
_TABLE: Final = "alembic_version"


def revision_of(connection: Connection) -> str | None:
    """Return the number of the last step that was done; None: not even the first."""
    if not inspect(connection).has_table(_TABLE):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {_TABLE}"))  # noqa: S608
    return found


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Do the steps up to a revision, in the transaction of this connection."""
    # Only now: most stores are as they should be, and this takes long to import.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
