"""Shutting accounts and opening them again, and what somebody may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from hipimu.errors import StoreError
from hipimu.store import audit, invitations, logins, tokens, users
from hipimu.store.nouns import Role, User, Viewer
from hipimu.store.tables import UserRow
from hipimu.store.viewers import check_owner, check_writes, forbidden


def disable(connection: Connection, by: Viewer, user_id: int, now: datetime) -> None:
    """Shut an account; see `Accounts.disable`."""
    known = _held(connection, by, user_id)
    if known.disabled_at is not None:
        return
    _keep_an_owner(connection, known)
    _change(connection, known.id, disabled_at=now)
    _shut_out(connection, known.id, now)
    _write_down(connection, "user_disabled", by, known, now)


def enable(connection: Connection, by: Viewer, user_id: int, now: datetime) -> None:
    """Open an account again; see `Accounts.enable`."""
    known = _held(connection, by, user_id)
    if known.disabled_at is None:
        return
    _change(connection, known.id, disabled_at=None)
    _write_down(connection, "user_enabled", by, known, now)


def set_access(
    connection: Connection,
    by: Viewer,
    user_id: int,
    role: Role,
    athlete: str | None,
    team: str | None,
    now: datetime,
) -> User:
    """Let somebody see others; see `Accounts.set_access`."""
    known = _held(connection, by, user_id)
    access = users.checked_access(connection, role, athlete, team)
    users.refuse_second(connection, access.athlete_id, but=known.id)
    if role != "owner":
        _keep_an_owner(connection, known)
        # What an owner had offered is more than what they may offer now.
        invitations.revoke_of(connection, known.id, now)
    _change(connection, known.id, **access._asdict())
    _write_down(connection, "access_changed", by, known, now, f", role {role}")
    return users.one(connection, known.id)


def _held(connection: Connection, by: Viewer, user_id: int) -> Row[Any]:
    """Return the row of a user whom an owner may change; two owners take turns."""
    check_writes(by)
    check_owner(by)
    if by.user_id is not None and by.user_id not in _owners(connection):
        raise forbidden("Only an owner may do that.")
    return users.held(connection, user_id)


def _owners(connection: Connection) -> set[int]:
    """Return all who may act as owners; none of them changes until the transaction ends."""
    able = (UserRow.role == "owner", UserRow.disabled_at.is_(None))
    query = select(UserRow.id).where(*able, UserRow.password_hash.is_not(None))
    return set(connection.scalars(query.order_by(UserRow.id).with_for_update()))


def _keep_an_owner(connection: Connection, known: Row[Any]) -> None:
    if known.role == "owner" and _owners(connection) <= {known.id}:
        raise StoreError(
            "This is the only owner, and without one nobody could be let in.",
            "Make somebody else an owner first.",
            reason="forbidden",
        )


def _shut_out(connection: Connection, user_id: int, now: datetime) -> None:
    logins.end_all(connection, user_id)
    tokens.revoke_all(connection, user_id, now)
    invitations.revoke_of(connection, user_id, now)


def _change(connection: Connection, user_id: int, **values: Any) -> None:
    connection.execute(update(UserRow).where(UserRow.id == user_id).values(values))


def _write_down(
    connection: Connection,
    action: str,
    by: Viewer,
    known: Row[Any],
    now: datetime,
    more: str = "",
) -> None:
    about = {"user_id": by.user_id, "athlete_id": known.athlete_id}
    audit.write(connection, action, now, **about, detail=f"user {known.id}{more}")
