"""Users of a store, for tests of accounts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hipimu.store import Role, Store, User, Viewer

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
PASSWORD = "seven tall hedges"  # noqa: S105 — of nobody
CONSOLE = Viewer("console", "owner")


def add_user(
    store: Store, login: str, role: Role = "owner", *, password: str = PASSWORD, **access: Any
) -> User:
    """Invite somebody and let them join."""
    accounts = store.accounts
    _, token = accounts.invite(CONSOLE, role, now=NOW, **access)
    return accounts.join(token, login=login, name=login.title(), password=password, now=NOW)


def viewer(user: User) -> Viewer:
    return Viewer(user.name, user.role, user.id, user.athlete, user.team)
