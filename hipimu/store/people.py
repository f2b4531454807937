"""Athletes and their teams."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection, func, insert, select, update

from hipimu.errors import StoreError
from hipimu.store.names import checked_name, name_key
from hipimu.store.nouns import Athlete
from hipimu.store.tables import AthleteRow, SessionRow, TeamRow


def athletes(connection: Connection, name: str | None = None) -> tuple[Athlete, ...]:
    """Return all athletes by name, or the one of this name."""
    query = (
        select(
            AthleteRow.name,
            AthleteRow.created_at,
            TeamRow.name,
            func.count(SessionRow.id),
            func.max(SessionRow.started_at),
        )
        .outerjoin(SessionRow, SessionRow.athlete_id == AthleteRow.id)
        .outerjoin(TeamRow, TeamRow.id == AthleteRow.team_id)
        .group_by(AthleteRow.id, AthleteRow.name, AthleteRow.created_at, TeamRow.name)
        .order_by(AthleteRow.name_key)
    )
    if name is not None:
        query = query.where(AthleteRow.name_key == name_key(name))
    return tuple(Athlete(*row) for row in connection.execute(query))


def athlete_id(connection: Connection, name: str) -> int:
    """Return the row of an athlete.

    Raises
    ------
    StoreError
        When there is none of this name.
    """
    found = connection.scalar(select(AthleteRow.id).where(AthleteRow.name_key == name_key(name)))
    if found is None:
        raise unknown_athlete(name)
    return found


def unknown_athlete(name: str) -> StoreError:
    """Return what to say where nobody has this name."""
    return StoreError(
        f"There is no athlete called {name[:100]!r}.",
        "Names: hipimu athlete list. A new one: hipimu athlete add NAME.",
        reason="not_found",
    )


def add_athlete(connection: Connection, name: str, team: str | None = None) -> Athlete:
    """Add an athlete, into a team where one is named.

    Raises
    ------
    StoreError
        When somebody has this name, or it cannot be one.
    """
    name = checked_name(name)
    _refuse_taken(connection, name)
    now = datetime.now(UTC)
    row = {"uid": uuid4().hex, "name": name, "name_key": name_key(name), "created_at": now}
    connection.execute(insert(AthleteRow).values(row))
    if team is not None:
        set_team(connection, name, team)
    return athletes(connection, name)[0]


def rename_athlete(connection: Connection, name: str, new: str) -> Athlete:
    """Give an athlete another name.

    Raises
    ------
    StoreError
        When there is no such athlete, or another one has the new name.
    """
    new = checked_name(new)
    known = athlete_id(connection, name)
    if name_key(new) != name_key(name):
        _refuse_taken(connection, new)
    values = {"name": new, "name_key": name_key(new)}
    connection.execute(update(AthleteRow).where(AthleteRow.id == known).values(values))
    return athletes(connection, new)[0]


def _refuse_taken(connection: Connection, name: str) -> None:
    if athletes(connection, name):
        raise StoreError(
            f"There is an athlete called {name!r} already.", "Choose another name.", reason="exists"
        )


def set_team(connection: Connection, athlete: str, team: str | None) -> None:
    """Put an athlete into a team, which is made where it is not there; None: into none."""
    team_id = None if team is None else team_id_of(connection, team)
    known = athlete_id(connection, athlete)
    connection.execute(update(AthleteRow).where(AthleteRow.id == known).values(team_id=team_id))


def team_id_of(connection: Connection, name: str) -> int:
    """Return the row of a team, which is made where it is not there."""
    name = checked_name(name)
    key = name_key(name)
    found = connection.scalar(select(TeamRow.id).where(TeamRow.name_key == key))
    if found is not None:
        return found
    made = insert(TeamRow).values(name=name, name_key=key, created_at=datetime.now(UTC))
    return connection.execute(made.returning(TeamRow.id)).scalar_one()


def teams(connection: Connection) -> tuple[str, ...]:
    """Return the names of all teams."""
    return tuple(connection.scalars(select(TeamRow.name).order_by(TeamRow.name_key)))
