"""Accounts of a store: who may log in, links that let people in, tokens of programs, the audit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from sqlalchemy import Connection, Engine, select, update

from hipimu.errors import StoreError
from hipimu.store import access, audit, invitations, logins, passwords, tokens, users
from hipimu.store.connect import reading, writing
from hipimu.store.names import checked_name
from hipimu.store.nouns import ApiToken, AuditEntry, Invitation, Role, Scope, User, Viewer
from hipimu.store.passwords import Cost
from hipimu.store.tables import StoreInfo
from hipimu.store.viewers import check_owner

_MOST_ENTRIES = 1000


def _usual_cost() -> Cost | None:
    return passwords.USUAL


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """The accounts of a store; `Store.accounts` gives them.

    Every change is one transaction, and written down in the audit. Links, logins and tokens are
    returned once, as text that nobody can guess; the store keeps their SHA-256. `by` is who asks:
    who may not is refused with the reason ``forbidden``, and what is not there, or not for them,
    with ``not_found``.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    cost : Cost or None
        What hashing a password takes. None: as argon2-cffi recommends.
    """

    engine: Engine
    cost: Cost | None = field(default_factory=_usual_cost)

    # -- the store as a whole

    def in_use(self) -> bool:
        """Tell whether anybody may log in; until then there is nobody to tell apart."""
        with reading(self.engine) as connection:
            return users.some(connection)

    def signing_key(self) -> str:
        """Return the key by which cookies are signed; it is made once, and is in no backup."""
        with reading(self.engine) as connection:
            known = connection.scalar(select(StoreInfo.signing_key))
        return known or writing(self.engine, _make_signing_key)

    # -- links

    def owner_link(self, now: datetime) -> str | None:
        """Make a link for the first owner, valid for a day; earlier ones that nobody used end.

        Returns
        -------
        str or None
            Its token; None where there is an owner who may log in.
        """
        return writing(self.engine, lambda c: invitations.owner_link(c, now))

    def invite(
        self,
        by: Viewer,
        role: Role,
        *,
        athlete: str | None = None,
        team: str | None = None,
        now: datetime,
        valid: timedelta = timedelta(days=7),
    ) -> tuple[Invitation, str]:
        """Make a link for a new user.

        Parameters
        ----------
        by : Viewer
            An owner; or a coach, for athletes whom they see.
        role : {"owner", "coach", "athlete"}
        athlete : str or None
            Who it is, of an athlete, who must have no account yet.
        team : str or None
            Whom a coach is to see; None: everybody.
        now : datetime
        valid : timedelta

        Returns
        -------
        invitation : Invitation
        token : str
            Of the link.
        """
        return writing(
            self.engine, lambda c: invitations.invite(c, by, role, athlete, team, now, valid)
        )

    def reset(self, by: Viewer, user_id: int, now: datetime) -> tuple[Invitation, str]:
        """Make a link for a user's new password, valid for a day, in place of earlier ones."""
        return writing(self.engine, lambda c: invitations.reset(c, by, user_id, now))

    def invitations(self, by: Viewer, now: datetime) -> tuple[Invitation, ...]:
        """Return links that may still be used, newest first: all, or of athletes a coach sees."""
        with reading(self.engine) as connection:
            return invitations.listed(connection, by, now)

    def revoke_invitation(self, by: Viewer, invitation_id: int, now: datetime) -> None:
        """Take a link back that nobody has used."""
        writing(self.engine, lambda c: invitations.revoke(c, by, invitation_id, now))

    def invitation(self, token: str, now: datetime) -> Invitation:
        """Return what a link is for.

        Raises
        ------
        StoreError
            When it is unknown, used, taken back or too old: which of these is not told.
        """
        with reading(self.engine) as connection:
            return invitations.of_token(connection, token, now)

    def join(self, token: str, *, login: str, name: str, password: str, now: datetime) -> User:
        """Use a link up, which one alone can of all who try.

        Parameters
        ----------
        token : str
        login, name : str
            What the new user logs in by, and how notes are signed; of a link for a new password
            they do not matter.
        password : str
        now : datetime

        Returns
        -------
        User
            Of a new password, all logins and programs' tokens of the user have ended.

        Raises
        ------
        StoreError
            When the link does not work (any more), the login is somebody else's, or a value cannot
            be used: then the link can be used again.
        """
        invitation = self.invitation(token, now)
        if invitation.login is None:
            login, name = checked_name(login), checked_name(name)
        else:
            login = invitation.login
        kept = self._kept(password, login)

        def work(connection: Connection) -> User:
            user_id = invitations.join(connection, token, login, name, kept, now)
            return users.one(connection, user_id)

        return writing(self.engine, work)

    # -- users

    def users(self, by: Viewer) -> tuple[User, ...]:
        """Return all users, by login; for owners."""
        check_owner(by)
        with reading(self.engine) as connection:
            return users.listed(connection)

    def user(self, user_id: int) -> User:
        """Return one user: whoever asks for their own account."""
        with reading(self.engine) as connection:
            return users.one(connection, user_id)

    def disable(self, by: Viewer, user_id: int, now: datetime) -> None:
        """Shut an account: its logins, tokens and open invitations end. Never the last owner's."""
        writing(self.engine, lambda c: access.disable(c, by, user_id, now))

    def enable(self, by: Viewer, user_id: int, now: datetime | None = None) -> None:
        """Open an account again; the password is the one from before."""
        at = now or datetime.now(UTC)
        writing(self.engine, lambda c: access.enable(c, by, user_id, at))

    def set_access(
        self,
        by: Viewer,
        user_id: int,
        role: Role,
        *,
        athlete: str | None = None,
        team: str | None = None,
        now: datetime | None = None,
    ) -> User:
        """Let somebody be something else, from their next request on. Never the last owner."""
        at = now or datetime.now(UTC)
        return writing(
            self.engine, lambda c: access.set_access(c, by, user_id, role, athlete, team, at)
        )

    # -- logging in

    def log_in(self, login: str, password: str, now: datetime) -> str | None:
        """Log somebody in.

        Returns
        -------
        str or None
            The login's token; None where login or password is wrong, or the account is shut. Which
            of these it is shows neither in the answer nor in the time that it takes.
        """
        with reading(self.engine) as connection:
            known = users.of_login(connection, login)
        kept: str | None = None if known is None else known.password_hash
        right = passwords.fits(kept, password, self.cost)
        if known is None or kept is None or not right or known.disabled_at is not None:
            writing(self.engine, lambda c: logins.refuse(c, known, now))
            return None
        if passwords.outdated(kept, self.cost):
            kept = passwords.hashed(password, self.cost)
        to_keep = kept
        return writing(self.engine, lambda c: logins.begin(c, known, to_keep, now))

    def viewer_of_login(self, token: str, now: datetime) -> Viewer | None:
        """Return who is logged in; None: nobody, for 12 hours not seen, or after 30 days."""
        with reading(self.engine) as connection:
            found = logins.viewer(connection, token, now)
        return self._seen(found, lambda c: logins.touch(c, token, now))

    def log_out(self, token: str, now: datetime) -> None:
        """End a login, if it is one."""
        writing(self.engine, lambda c: logins.end(c, token, now))

    def log_out_everywhere(self, user_id: int, now: datetime) -> None:
        """End all logins of a user."""

        def work(connection: Connection) -> None:
            logins.end_all(connection, users.held(connection, user_id).id)
            audit.write(connection, "logged_out_everywhere", now, user_id=user_id)

        writing(self.engine, work)

    def change_password(
        self, user_id: int, old: str, new: str, now: datetime, *, keep: str | None = None
    ) -> None:
        """Change one's own password; all logins end, but for the one whose token is `keep`.

        Raises
        ------
        StoreError
            When the old one is wrong, or the new one cannot be used.
        """
        known = writing(self.engine, lambda c: users.held(c, user_id))
        if not passwords.fits(known.password_hash, old, self.cost):
            writing(self.engine, lambda c: logins.refuse(c, known, now))
            raise _wrong_password()
        kept = self._kept(new, known.login)

        def work(connection: Connection) -> None:
            if not users.set_password(connection, user_id, kept, before=known.password_hash):
                raise _wrong_password()
            logins.end_all(connection, user_id, keep)
            audit.write(connection, "password_changed", now, user_id=user_id)

        writing(self.engine, work)

    # -- tokens of programs

    def make_token(
        self, user_id: int, name: str, scope: Scope, now: datetime, valid: timedelta | None
    ) -> tuple[ApiToken, str]:
        """Make a token for a program that asks in a user's name.

        Parameters
        ----------
        user_id : int
        name : str
            What the user calls it.
        scope : {"read", "write"}
            Whether it may only look, or do whatever the user may.
        now : datetime
        valid : timedelta or None
            None: until it is taken back.

        Returns
        -------
        made : ApiToken
        token : str
            It begins with ``hipimu_``.
        """
        return writing(self.engine, lambda c: tokens.make(c, user_id, name, scope, now, valid))

    def tokens(self, user_id: int, now: datetime) -> tuple[ApiToken, ...]:
        """Return a user's tokens that work, newest first."""
        with reading(self.engine) as connection:
            return tokens.listed(connection, user_id, now)

    def revoke_token(self, user_id: int, token_id: int, now: datetime) -> None:
        """Take a user's token back."""
        writing(self.engine, lambda c: tokens.revoke(c, user_id, token_id, now))

    def viewer_of_token(self, token: str, now: datetime) -> Viewer | None:
        """Return in whose name a program asks; None: the token does not work."""
        with reading(self.engine) as connection:
            found = tokens.viewer(connection, token, now)
        return self._seen(found, lambda c: tokens.touch(c, token, now))

    # -- the audit

    def audit(
        self, by: Viewer, limit: int = 200, before: int | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return who did what, newest first; for owners.

        Parameters
        ----------
        by : Viewer
        limit : int
            1–1000.
        before : int or None
            Only entries with a smaller number: the last one's, for the next page.
        """
        check_owner(by)
        with reading(self.engine) as connection:
            return audit.entries(connection, max(1, min(limit, _MOST_ENTRIES)), before)

    def write_down(
        self,
        action: str,
        now: datetime,
        *,
        user_id: int | None = None,
        athlete: str | None = None,
        detail: str = "",
    ) -> None:
        """Write down what was done elsewhere.

        Parameters
        ----------
        action : str
            One of `hipimu.store.audit.ACTIONS`.
        now : datetime
        user_id : int or None
            Who did it.
        athlete : str or None
            Whom it was about. Of who is gone, or never was, nothing is kept.
        detail : str
            Facts such as ``note 3`` or ``role coach, user 4``; never what somebody typed.

        Raises
        ------
        ValueError
            When the action is unknown, or the detail is anything else.
        """

        def work(connection: Connection) -> None:
            about = audit.athlete_id(connection, athlete)
            audit.write(connection, action, now, user_id=user_id, athlete_id=about, detail=detail)

        writing(self.engine, work)

    # -- what several of them need

    def _kept(self, password: str, login: str) -> str:
        return passwords.hashed(passwords.checked_password(password, login), self.cost)

    def _seen(
        self, found: tuple[Viewer, bool] | None, touch: Callable[[Connection], None]
    ) -> Viewer | None:
        if found is None:
            return None
        viewer, stale = found
        if stale:
            # A page is not refused because somebody else is writing for long.
            with contextlib.suppress(StoreError):
                writing(self.engine, touch)
        return viewer


def _make_signing_key(connection: Connection) -> str:
    unmade = update(StoreInfo).where(StoreInfo.signing_key.is_(None))
    connection.execute(unmade.values(signing_key=token_hex(32)))
    return str(connection.execute(select(StoreInfo.signing_key)).scalar_one())


def _wrong_password() -> StoreError:
    return StoreError("The password is not right.", "Give the one of now.", reason="bad_value")
