"""Users: who may log in, as what, and whom that lets them see."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Select, insert, select, update

from hipimu.errors import StoreError
from hipimu.store import people
from hipimu.store.names import checked_name, known_number, name_key
from hipimu.store.nouns import Role, User, Viewer
from hipimu.store.tables import AthleteRow, TeamRow, UserRow

_ROLES: Final = ("owner", "coach", "athlete")


class Access(NamedTuple):
    """What somebody is, and whom that is about."""

    role: Role
    athlete_id: int | None = None
    team_id: int | None = None


def checked_access(
    connection: Connection, role: Role, athlete: str | None, team: str | None
) -> Access:
    """Return what somebody may be; a coach's team is made where it is not there.

    Raises
    ------
    StoreError
        When these do not go together, or there is no such athlete.
    """
    if role not in _ROLES:
        raise _bad("There is no such role.", f"Roles: {', '.join(_ROLES)}.")
    if (role == "athlete") != (athlete is not None):
        raise _bad("The role and the athlete do not go together.", "Athletes alone are somebody.")
    if team is not None and role != "coach":
        raise _bad("The role and the team do not go together.", "Coaches alone have a team.")
    return Access(
        role,
        None if athlete is None else people.athlete_id(connection, athlete),
        None if team is None else people.team_id_of(connection, team),
    )


def _bad(what: str, remedy: str) -> StoreError:
    return StoreError(what, remedy, reason="bad_value")


def held(connection: Connection, user_id: int) -> Row[Any]:
    """Return a user's row, which nobody else changes until the transaction ends.

    Raises
    ------
    StoreError
        When there is none of this number.
    """
    query = select(UserRow.__table__).where(UserRow.id == known_number(user_id))
    found = connection.execute(query.with_for_update()).one_or_none()
    if found is None or found.login is None:
        raise _unknown()
    return found


def _unknown() -> StoreError:
    return StoreError("There is no such user.", "Look at the list.", reason="not_found")


def of_login(connection: Connection, login: str) -> Row[Any] | None:
    """Return the row of who logs in by this name; None: nobody."""
    try:
        key = name_key(checked_name(login))
    except StoreError:
        return None
    query = select(UserRow.__table__).where(UserRow.login_key == key)
    return connection.execute(query).one_or_none()


def listed(connection: Connection, user_id: int | None = None) -> tuple[User, ...]:
    """Return all users who may log in, by login, or one of them."""
    columns = (UserRow.id, UserRow.login, UserRow.name, UserRow.role)
    query: Select[*tuple[Any, ...]] = (
        select(
            *columns,
            AthleteRow.name.label("athlete"),
            TeamRow.name.label("team"),
            UserRow.created_at,
            UserRow.disabled_at,
            UserRow.seen_at,
        )
        .outerjoin(AthleteRow, AthleteRow.id == UserRow.athlete_id)
        .outerjoin(TeamRow, TeamRow.id == UserRow.team_id)
        .where(UserRow.login.is_not(None))
        .order_by(UserRow.login_key)
    )
    if user_id is not None:
        query = query.where(UserRow.id == known_number(user_id))
    return tuple(User(*row) for row in connection.execute(query))


def one(connection: Connection, user_id: int) -> User:
    """Return one user.

    Raises
    ------
    StoreError
        When there is none of this number.
    """
    found = listed(connection, user_id)
    if not found:
        raise _unknown()
    return found[0]


def add(
    connection: Connection, access: Access, *, login: str, name: str, kept: str, now: datetime
) -> int:
    """Add a user; `kept` is what is kept of the password.

    Raises
    ------
    StoreError
        When somebody logs in by this name already, or the athlete has an account.
    """
    if of_login(connection, login) is not None:
        raise StoreError(
            f"Somebody logs in as {login!r} already.", "Choose another login.", reason="exists"
        )
    refuse_second(connection, access.athlete_id)
    row = {
        "name": name,
        "login": login,
        "login_key": name_key(login),
        "password_hash": kept,
        "created_at": now,
        **access._asdict(),
    }
    return connection.execute(insert(UserRow).values(row).returning(UserRow.id)).scalar_one()


def refuse_second(connection: Connection, athlete_id: int | None, but: int | None = None) -> None:
    """Refuse an athlete who has an account, of another number than `but`.

    Raises
    ------
    StoreError
    """
    if athlete_id is None:
        return
    known = connection.scalar(select(UserRow.id).where(UserRow.athlete_id == athlete_id))
    if known not in (None, but):
        raise StoreError(
            "The athlete has an account already.",
            "An owner can make a link for a new password, or open the account again.",
            reason="exists",
        )


def set_password(connection: Connection, user_id: int, kept: str, *, before: str) -> bool:
    """Keep another password, where it is still the one from before; tell whether it was."""
    done = connection.execute(
        update(UserRow)
        .where(UserRow.id == user_id, UserRow.password_hash == before)
        .values(password_hash=kept)
    )
    return bool(done.rowcount)


def some(connection: Connection, role: Role | None = None) -> bool:
    """Tell whether somebody, of a role, has a password and may log in."""
    query = select(UserRow.id).where(
        UserRow.password_hash.is_not(None), UserRow.disabled_at.is_(None)
    )
    if role is not None:
        query = query.where(UserRow.role == role)
    return connection.scalar(query.limit(1)) is not None


def viewers(*more: Any) -> Select[*tuple[Any, ...]]:
    """Return the question who a user is as a viewer, with more columns beside."""
    return (
        select(
            UserRow.id.label("user_id"),
            UserRow.name,
            UserRow.role,
            AthleteRow.name.label("athlete"),
            TeamRow.name.label("team"),
            *more,
        )
        .select_from(UserRow)
        .outerjoin(AthleteRow, AthleteRow.id == UserRow.athlete_id)
        .outerjoin(TeamRow, TeamRow.id == UserRow.team_id)
        .where(UserRow.disabled_at.is_(None))
    )


def viewer_of(row: Row[Any], *, writes: bool) -> Viewer:
    """Return who an answer to `viewers` is about."""
    return Viewer(row.name, row.role, row.user_id, row.athlete, row.team, writes)
