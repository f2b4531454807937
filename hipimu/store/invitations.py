"""Links that work once: for a new user, or for a new password of a known one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select, update
from sqlalchemy.orm import aliased

from hipimu.errors import StoreError
from hipimu.store import audit, logins, people, tokens, users
from hipimu.store.names import known_number
from hipimu.store.nouns import Invitation, Role, Viewer
from hipimu.store.people import unknown_athlete
from hipimu.store.tables import AthleteRow, InvitationRow, TeamRow, UserRow
from hipimu.store.users import Access
from hipimu.store.viewers import check_owner, check_staff, check_writes, forbidden, sees

LONGEST: Final = timedelta(days=366)
FOR_OWNERS: Final = timedelta(days=1)
"""Links for the first owner and for new passwords: what opens most is open shortest."""


def invite(
    connection: Connection,
    by: Viewer,
    role: Role,
    athlete: str | None,
    team: str | None,
    now: datetime,
    valid: timedelta,
) -> tuple[Invitation, str]:
    """Make a link for a new user; see `Accounts.invite`."""
    check_writes(by)
    check_staff(by)
    if by.role != "owner" and role != "athlete":
        raise forbidden("Only an owner may invite owners and coaches.")
    if not timedelta() < valid <= LONGEST:
        raise StoreError(
            "A link cannot be valid for this long.",
            f"Use up to {LONGEST.days} days.",
            reason="bad_value",
        )
    if athlete is not None:
        _check_sees(connection, by, athlete)
    access = users.checked_access(connection, role, athlete, team)
    users.refuse_second(connection, access.athlete_id)
    made, token = _make(connection, access, now, now + valid, made_by_id=by.user_id)
    _write_down(connection, "invited", by, access, made, now)
    return made, token


def _check_sees(connection: Connection, by: Viewer, athlete: str) -> None:
    found = people.athletes(connection, athlete)
    if not found or not sees(by, found[0].name, found[0].team):
        raise unknown_athlete(athlete)


def _write_down(
    connection: Connection, action: str, by: Viewer, access: Access, made: Invitation, now: datetime
) -> None:
    about = {"user_id": by.user_id, "athlete_id": access.athlete_id}
    detail = f"invitation {made.id}, role {access.role}"
    audit.write(connection, action, now, **about, detail=detail)


def _make(
    connection: Connection,
    access: Access,
    now: datetime,
    expires_at: datetime,
    *,
    made_by_id: int | None = None,
    user_id: int | None = None,
) -> tuple[Invitation, str]:
    token = tokens.fresh_token()
    row = {
        "token_hash": tokens.token_hash(token),
        **access._asdict(),
        "user_id": user_id,
        "made_by_id": made_by_id,
        "created_at": now,
        "expires_at": expires_at,
    }
    made = insert(InvitationRow).values(row).returning(InvitationRow.id)
    found = _one(connection, InvitationRow.id == connection.execute(made).scalar_one(), now)
    return _noun(found), token


def owner_link(connection: Connection, now: datetime) -> str | None:
    """Make the link for the first owner; see `Accounts.owner_link`."""
    if users.some(connection, "owner"):
        return None
    _revoke_first_owners(connection, now)
    made, token = _make(connection, Access("owner"), now, now + FOR_OWNERS)
    audit.write(connection, "owner_link_made", now, detail=f"invitation {made.id}")
    return token


def _revoke_first_owners(connection: Connection, now: datetime) -> None:
    nobodys = InvitationRow.made_by_id.is_(None) & InvitationRow.user_id.is_(None)
    _revoke(connection, nobodys & (InvitationRow.role == "owner"), now)


def _revoke(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    unused = (InvitationRow.used_at.is_(None), InvitationRow.revoked_at.is_(None))
    connection.execute(update(InvitationRow).where(which, *unused).values(revoked_at=now))


def reset(
    connection: Connection, by: Viewer, user_id: int, now: datetime
) -> tuple[Invitation, str]:
    """Make a link for a new password; see `Accounts.reset`."""
    check_writes(by)
    check_owner(by)
    known = users.held(connection, user_id)
    _revoke(connection, InvitationRow.user_id == known.id, now)
    access = Access(known.role, known.athlete_id, known.team_id)
    made, token = _make(
        connection, access, now, now + FOR_OWNERS, made_by_id=by.user_id, user_id=known.id
    )
    about = {"user_id": by.user_id, "athlete_id": known.athlete_id}
    detail = f"user {known.id}, invitation {made.id}"
    audit.write(connection, "reset_link_made", now, **about, detail=detail)
    return made, token


def revoke_of(connection: Connection, user_id: int, now: datetime) -> None:
    """Take back what a user made, and links for their password."""
    _revoke(
        connection,
        (InvitationRow.made_by_id == user_id) | (InvitationRow.user_id == user_id),
        now,
    )


def _open(now: datetime) -> Select[*tuple[Any, ...]]:
    maker, reset_user = aliased(UserRow), aliased(UserRow)
    return (
        select(
            InvitationRow.__table__,
            AthleteRow.name.label("athlete"),
            AthleteRow.team_id.label("athlete_team_id"),
            TeamRow.name.label("team"),
            reset_user.login.label("login"),
            maker.name.label("made_by"),
        )
        .select_from(InvitationRow)
        .outerjoin(AthleteRow, AthleteRow.id == InvitationRow.athlete_id)
        .outerjoin(TeamRow, TeamRow.id == InvitationRow.team_id)
        .outerjoin(reset_user, reset_user.id == InvitationRow.user_id)
        .outerjoin(maker, maker.id == InvitationRow.made_by_id)
        .where(
            InvitationRow.used_at.is_(None),
            InvitationRow.revoked_at.is_(None),
            InvitationRow.expires_at > now,
        )
    )


def _one(connection: Connection, which: ColumnElement[bool], now: datetime) -> Row[Any]:
    found = connection.execute(_open(now).where(which)).one_or_none()
    if found is None:
        raise _unknown()
    return found


def _unknown() -> StoreError:
    return StoreError(
        "This link does not work, or not any more.",
        "Ask whoever sent it for a new one.",
        reason="not_found",
    )


def _noun(row: Row[Any]) -> Invitation:
    who = (row.role, row.athlete, row.team, row.login)
    return Invitation(row.id, *who, row.made_by or "", row.created_at, row.expires_at)


def listed(connection: Connection, by: Viewer, now: datetime) -> tuple[Invitation, ...]:
    """Return open ones, newest first; see `Accounts.invitations`."""
    check_staff(by)
    rows = connection.execute(_open(now).order_by(InvitationRow.id.desc()))
    return tuple(found for found in map(_noun, rows) if _manages(connection, by, found))


def _manages(connection: Connection, by: Viewer, invitation: Invitation) -> bool:
    """Tell whether an invitation is an owner's, or for an athlete whom a coach sees."""
    if by.role == "owner":
        return True
    if invitation.athlete is None or invitation.login is not None:
        return False
    (athlete,) = people.athletes(connection, invitation.athlete)
    return sees(by, athlete.name, athlete.team)


def revoke(connection: Connection, by: Viewer, invitation_id: int, now: datetime) -> None:
    """Take an invitation back; see `Accounts.revoke_invitation`."""
    check_writes(by)
    check_staff(by)
    found = _one(connection, InvitationRow.id == known_number(invitation_id), now)
    if not _manages(connection, by, _noun(found)):
        raise _unknown()
    _revoke(connection, InvitationRow.id == found.id, now)
    access = Access(found.role, found.athlete_id)
    _write_down(connection, "invitation_revoked", by, access, _noun(found), now)


def of_token(connection: Connection, token: str, now: datetime) -> Invitation:
    """Return the invitation of a link; see `Accounts.invitation`."""
    return _noun(_one(connection, InvitationRow.token_hash == tokens.token_hash(token), now))


def join(
    connection: Connection, token: str, login: str, name: str, kept: str, now: datetime
) -> int:
    """Use an invitation up; see `Accounts.join`. `kept` is what is kept of the password."""
    found = _one(connection, InvitationRow.token_hash == tokens.token_hash(token), now)
    _take_turns(connection, found.athlete_id)
    _use_up(connection, found.id, now)
    if found.user_id is not None:
        return _set_password(connection, found, kept, now)
    access = Access(found.role, found.athlete_id, found.team_id)
    made = users.add(connection, access, login=login, name=name, kept=kept, now=now)
    if access.athlete_id is not None:
        _revoke(connection, InvitationRow.athlete_id == access.athlete_id, now)
    if access.role == "owner":
        _revoke_first_owners(connection, now)
    about = {"user_id": made, "athlete_id": access.athlete_id}
    detail = f"invitation {found.id}, role {access.role}"
    audit.write(connection, "joined", now, **about, detail=detail)
    return made


def _take_turns(connection: Connection, athlete_id: int | None) -> None:
    """Let those who use different links for the same athlete come one after the other.

    In PostgreSQL each would otherwise hold its own link and wait for the others'.
    """
    if athlete_id is not None:
        row = select(AthleteRow.id).where(AthleteRow.id == athlete_id)
        connection.execute(row.with_for_update(key_share=True))


def _use_up(connection: Connection, invitation_id: int, now: datetime) -> None:
    """Let an invitation be used, by one alone of all who try at the same moment."""
    unused = (InvitationRow.used_at.is_(None), InvitationRow.revoked_at.is_(None))
    done = connection.execute(
        update(InvitationRow).where(InvitationRow.id == invitation_id, *unused).values(used_at=now)
    )
    if not done.rowcount:
        raise _unknown()


def _set_password(connection: Connection, found: Row[Any], kept: str, now: datetime) -> int:
    """Keep a new password; whoever was in by the old one, or by a token, is out."""
    user_id: int = found.user_id
    changed = update(UserRow).where(UserRow.id == user_id).values(password_hash=kept)
    connection.execute(changed)
    logins.end_all(connection, user_id)
    tokens.revoke_all(connection, user_id, now)
    about = {"user_id": user_id, "athlete_id": found.athlete_id}
    audit.write(connection, "password_set", now, **about, detail=f"invitation {found.id}")
    return user_id
