"""Browsers in which somebody is logged in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from hipimu.store import audit, users
from hipimu.store.names import known_number
from hipimu.store.nouns import Viewer
from hipimu.store.tables import LoginRow, UserRow
from hipimu.store.tokens import SEEN_EVERY, fresh_token, token_hash

IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=30)


def begin(connection: Connection, known: Row[Any], kept: str, now: datetime) -> str | None:
    """Log a user in whose password was right.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    known : sqlalchemy.Row
        The user, as when the password was compared.
    kept : str
        What is to be kept of the password from now on.
    now : datetime

    Returns
    -------
    str or None
        The token; None where the password was changed or the account shut since then.
    """
    unchanged = (UserRow.password_hash == known.password_hash, UserRow.disabled_at.is_(None))
    done = connection.execute(
        update(UserRow)
        .where(UserRow.id == known.id, *unchanged)
        .values(password_hash=kept, seen_at=now)
    )
    if not done.rowcount:
        return None
    connection.execute(delete(LoginRow).where(~_lasts(now)))
    token = fresh_token()
    row = {"user_id": known.id, "token_hash": token_hash(token), "created_at": now, "seen_at": now}
    connection.execute(insert(LoginRow).values(row))
    audit.write(connection, "logged_in", now, user_id=known.id, athlete_id=known.athlete_id)
    return token


def refuse(connection: Connection, known: Row[Any] | None, now: datetime) -> None:
    """Write down that a login or a password was wrong."""
    if known is None:
        audit.write(connection, "login_refused", now)
        return
    about = {"athlete_id": known.athlete_id, "detail": f"user {known.id}"}
    audit.write(connection, "login_refused", now, **about)


def _lasts(now: datetime) -> ColumnElement[bool]:
    return (LoginRow.seen_at > now - IDLE) & (LoginRow.created_at > now - LONGEST)


def viewer(connection: Connection, token: str, now: datetime) -> tuple[Viewer, bool] | None:
    """Return who is logged in, and whether it is time to keep that they are; None: nobody."""
    query = users.viewers(LoginRow.seen_at).join(LoginRow, LoginRow.user_id == UserRow.id)
    row = connection.execute(
        query.where(LoginRow.token_hash == token_hash(token), _lasts(now))
    ).one_or_none()
    if row is None:
        return None
    return users.viewer_of(row, writes=True), now - row.seen_at >= SEEN_EVERY


def touch(connection: Connection, token: str, now: datetime) -> None:
    """Keep that somebody was here."""
    login = LoginRow.token_hash == token_hash(token)
    earlier = LoginRow.seen_at < now
    connection.execute(update(LoginRow).where(login, earlier).values(seen_at=now))
    whose = select(LoginRow.user_id).where(login).scalar_subquery()
    connection.execute(update(UserRow).where(UserRow.id == whose).values(seen_at=now))


def end(connection: Connection, token: str, now: datetime) -> None:
    """Log out, where somebody is logged in."""
    login = delete(LoginRow).where(LoginRow.token_hash == token_hash(token))
    whose = connection.execute(login.returning(LoginRow.user_id)).scalar_one_or_none()
    if whose is not None:
        audit.write(connection, "logged_out", now, user_id=whose)


def end_all(connection: Connection, user_id: int, keep: str | None = None) -> None:
    """End a user's logins, but for one."""
    theirs = delete(LoginRow).where(LoginRow.user_id == known_number(user_id))
    if keep is not None:
        theirs = theirs.where(LoginRow.token_hash != token_hash(keep))
    connection.execute(theirs)
