"""Tokens of links, browsers and programs: shown once, kept as their SHA-256."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, insert, or_, select, update

from hipimu.errors import StoreError
from hipimu.store import audit, users
from hipimu.store.names import checked_name, known_number
from hipimu.store.nouns import ApiToken, Scope, Viewer
from hipimu.store.tables import TokenRow, UserRow

PREFIX: Final = "hipimu_"
"""Of programs' tokens: whoever looks for secrets in published code can find them."""
SEEN_EVERY: Final = timedelta(minutes=5)
"""How exactly is kept when somebody was last here: looking at a page shall seldom write."""
MOST: Final = 50
LONGEST: Final = timedelta(days=3660)
_SCOPES: Final = ("read", "write")


def fresh_token(prefix: str = "") -> str:
    """Return a token that nobody can guess: 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is kept of a token; looked up, so that no comparison tells how much was right."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make(
    connection: Connection,
    user_id: int,
    name: str,
    scope: Scope,
    now: datetime,
    valid: timedelta | None,
) -> tuple[ApiToken, str]:
    """Make a token for a program; see `Accounts.make_token`."""
    name = checked_name(name)
    expires = _expiry(scope, now, valid)
    users.held(connection, user_id)
    if len(listed(connection, user_id, now)) >= MOST:
        raise _bad("There are too many tokens.", "Take back those that no program uses any more.")
    token = fresh_token(PREFIX)
    row = {
        "user_id": user_id,
        "name": name,
        "token_hash": token_hash(token),
        "scope": scope,
        "created_at": now,
        "expires_at": expires,
    }
    made = connection.execute(insert(TokenRow).values(row).returning(TokenRow.id)).scalar_one()
    detail = f"token {made}, scope {scope}"
    audit.write(connection, "token_made", now, user_id=user_id, detail=detail)
    return ApiToken(made, name, scope, now, expires, None), token


def _expiry(scope: Scope, now: datetime, valid: timedelta | None) -> datetime | None:
    if scope not in _SCOPES:
        raise _bad("A token cannot have this scope.", f"Scopes: {', '.join(_SCOPES)}.")
    if valid is None:
        return None
    if not timedelta() < valid <= LONGEST:
        raise _bad("A token cannot be valid for this long.", f"Use 1 to {LONGEST.days} days.")
    return now + valid


def _bad(what: str, remedy: str) -> StoreError:
    return StoreError(what, remedy, reason="bad_value")


def listed(connection: Connection, user_id: int, now: datetime) -> tuple[ApiToken, ...]:
    """Return a user's tokens that work, newest first."""
    columns = (TokenRow.id, TokenRow.name, TokenRow.scope, TokenRow.created_at)
    query: Select[*tuple[Any, ...]] = (
        select(*columns, TokenRow.expires_at, TokenRow.used_at)
        .where(TokenRow.user_id == known_number(user_id), _works(now))
        .order_by(TokenRow.id.desc())
    )
    return tuple(ApiToken(*row) for row in connection.execute(query))


def _works(now: datetime) -> ColumnElement[bool]:
    unexpired = or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now)
    return TokenRow.revoked_at.is_(None) & unexpired


def revoke(connection: Connection, user_id: int, token_id: int, now: datetime) -> None:
    """Let a user's token work no more; see `Accounts.revoke_token`."""
    token_id = known_number(token_id)
    done = connection.execute(
        update(TokenRow)
        .where(TokenRow.id == token_id, TokenRow.user_id == known_number(user_id), _works(now))
        .values(revoked_at=now)
    )
    if not done.rowcount:
        raise StoreError("There is no such token.", "Look at the list.", reason="not_found")
    audit.write(connection, "token_revoked", now, user_id=user_id, detail=f"token {token_id}")


def revoke_all(connection: Connection, user_id: int, now: datetime) -> None:
    """Let none of a user's tokens work any more."""
    theirs = (TokenRow.user_id == user_id, TokenRow.revoked_at.is_(None))
    connection.execute(update(TokenRow).where(*theirs).values(revoked_at=now))


def viewer(connection: Connection, token: str, now: datetime) -> tuple[Viewer, bool] | None:
    """Return who a token stands for, and whether its use is to be kept; None: nobody."""
    query = users.viewers(TokenRow.scope, TokenRow.used_at).join(
        TokenRow, TokenRow.user_id == UserRow.id
    )
    row = connection.execute(
        query.where(TokenRow.token_hash == token_hash(token), _works(now))
    ).one_or_none()
    if row is None:
        return None
    stale = row.used_at is None or now - row.used_at >= SEEN_EVERY
    return users.viewer_of(row, writes=row.scope == "write"), stale


def touch(connection: Connection, token: str, now: datetime) -> None:
    """Keep that a token was used."""
    latest = func.coalesce(TokenRow.used_at, TokenRow.created_at) <= now
    known = update(TokenRow).where(TokenRow.token_hash == token_hash(token), latest)
    connection.execute(known.values(used_at=now))
