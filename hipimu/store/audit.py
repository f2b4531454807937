"""Who did what, when: without names, so that whoever is deleted is gone from here too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Select, insert, select

from hipimu.store import people
from hipimu.store.names import LARGEST, name_key
from hipimu.store.nouns import AuditEntry
from hipimu.store.tables import AthleteRow, AuditRow, UserRow

ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "logged_in": "logged in",
        "login_refused": "somebody gave a wrong login or password",
        "logged_out": "logged out",
        "logged_out_everywhere": "logged out in every browser",
        "owner_link_made": "a link for the first owner was made",
        "invited": "invited somebody",
        "invitation_revoked": "took an invitation back",
        "joined": "made an account from an invitation",
        "reset_link_made": "made a link for a new password",
        "password_set": "set a new password from a link",
        "password_changed": "changed the password",
        "user_disabled": "shut an account",
        "user_enabled": "opened an account again",
        "access_changed": "changed what somebody may see",
        "token_made": "made a token for a program",
        "token_revoked": "took a program's token back",
        "athlete_added": "added an athlete",
        "athlete_renamed": "gave an athlete another name",
        "athlete_moved": "put an athlete into another team",
        "athlete_exported": "took an athlete's data along",
        "athlete_deleted": "deleted an athlete",
        "uploaded": "uploaded a recording",
        "upload_refused": "uploaded something that cannot be used",
        "session_changed": "changed what is said of a session",
        "session_deleted": "deleted a session",
        "note_added": "wrote a note",
        "note_edited": "wrote a note anew",
        "note_deleted": "deleted a note",
        "note_restored": "brought a note back",
    }
)
"""Each action as pages say it."""
_FACTS: Final = ("user", "invitation", "token", "note", "sessions", "role", "scope")
_WORDS: Final = ("owner", "coach", "athlete", "read", "write")
_FACT: Final = rf"(?:{'|'.join(_FACTS)}) (?:\d+|{'|'.join(_WORDS)})"
_DETAIL: Final = re.compile(rf"(?:{_FACT}(?:, {_FACT})*)?")


def write(
    connection: Connection,
    action: str,
    at: datetime,
    *,
    user_id: int | None = None,
    athlete_id: int | None = None,
    detail: str = "",
) -> None:
    """Write an entry.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    action : str
        One of `ACTIONS`.
    at : datetime
    user_id, athlete_id : int or None
        Who did it, and whom it was about; who is not there any more is nobody.
    detail : str
        Facts such as ``user 3, role coach``: kinds, numbers and words of this program, never text
        that anybody typed, as that may hold names.

    Raises
    ------
    ValueError
        When the action is unknown, or the detail is more than such facts.
    """
    if action not in ACTIONS:
        raise ValueError(f"there is no action {action!r}; known: {', '.join(ACTIONS)}")
    if _DETAIL.fullmatch(detail) is None:
        raise ValueError("a detail is facts such as: user 3, role coach")
    row = {
        "at": at,
        "action": action,
        "user_id": _there(UserRow, user_id),
        "athlete_id": _there(AthleteRow, athlete_id),
        "detail": detail,
    }
    connection.execute(insert(AuditRow).values(row))


def _there(table: type[UserRow | AthleteRow], row: int | None) -> Any:
    """Return the number of a row, or nothing where it is gone by the time of writing."""
    return None if row is None else select(table.id).where(table.id == row).scalar_subquery()


def athlete_id(connection: Connection, name: str | None) -> int | None:
    """Return the row of an athlete; None where nobody has this name."""
    if name is None:
        return None
    return connection.scalar(select(AthleteRow.id).where(AthleteRow.name_key == name_key(name)))


def entries(connection: Connection, limit: int, before: int | None) -> tuple[AuditEntry, ...]:
    """Return entries, newest first, those before one number."""
    query = _entries().limit(limit)
    if before is not None:
        query = query.where(AuditRow.id < min(max(before, 0), LARGEST))
    return _nouns(connection, query)


def about(connection: Connection, athlete: str) -> tuple[AuditEntry, ...]:
    """Return all entries about an athlete, and of what they did themself, newest first."""
    known = people.athlete_id(connection, athlete)
    user = select(UserRow.id).where(UserRow.athlete_id == known).scalar_subquery()
    return _nouns(
        connection, _entries().where((AuditRow.athlete_id == known) | (AuditRow.user_id == user))
    )


def _entries() -> Select[*tuple[Any, ...]]:
    return (
        select(
            AuditRow.id,
            AuditRow.at,
            UserRow.name,
            AuditRow.action,
            AthleteRow.name.label("athlete"),
            AuditRow.detail,
        )
        .select_from(AuditRow)
        .outerjoin(UserRow, UserRow.id == AuditRow.user_id)
        .outerjoin(AthleteRow, AthleteRow.id == AuditRow.athlete_id)
        .order_by(AuditRow.id.desc())
    )


def _nouns(connection: Connection, query: Select[*tuple[Any, ...]]) -> tuple[AuditEntry, ...]:
    return tuple(
        AuditEntry(row.id, row.at, row.name or "", row.action, row.athlete, row.detail)
        for row in connection.execute(query)
    )
