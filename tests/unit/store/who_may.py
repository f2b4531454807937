"""Who may do what: the table that the reference shows, and the calls that it is checked by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from hipimu.data import TrainingContext
from hipimu.store import StoreView, Viewer
from hipimu.store.accounts import Accounts
from tests.unit.store.people import NOW

Outcome = Literal["yes", "no", "not there"]
"""Not there: the same words as of what was never in the store."""

VIEWERS: Final = (
    "owner",
    "coach of all",
    "coach of the team",
    "coach of another team",
    "the athlete",
    "another athlete",
)
CONTEXT: Final = TrainingContext(surface="track")


class Absent(Exception):  # noqa: N818 — no error, but an answer
    """A list does not hold what was looked for."""


@dataclass(frozen=True, slots=True)
class World:
    """What calls are about; the same calls are made about what was never there."""

    athlete: str
    session: str
    team: str
    own: int
    """Note that the viewer wrote."""
    others: int
    """Note that another user wrote."""
    nobodys: int
    """Note that was written without an account."""
    user: int
    """One whom nobody needs."""
    invitation: int
    """Of the athlete."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Accounts, and who asks."""

    accounts: Accounts
    by: Viewer


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to do, and what comes of it for each of `VIEWERS`."""

    method: str
    call: Callable[[Any, World], Any]
    outcomes: tuple[Outcome, ...]
    said: str = ""
    """In the reference; empty: not shown there."""
    looks: bool = field(default=False, kw_only=True)
    """A token that only reads may do it too."""


def _row(
    method: str,
    outcomes: str,
    call: Callable[[Any, World], Any],
    said: str = "",
    *,
    looks: bool = False,
) -> Row:
    words: dict[str, Outcome] = {"y": "yes", "n": "no", "-": "not there"}
    return Row(method, call, tuple(words[letter] for letter in outcomes), said, looks=looks)


def _look(method: str, call: Callable[[StoreView, World], Any], said: str = "") -> Row:
    return _row(method, "yyy-y-", call, said, looks=True)


def _do(method: str, call: Callable[[StoreView, World], Any], said: str = "") -> Row:
    return _row(method, "yyy-y-", call, said)


def _own(method: str, outcomes: str, call: Callable[[Asking, World], Any], said: str = "") -> Row:
    return _row(method, outcomes, call, said)


def _among(wanted: object, found: Iterable[object]) -> None:
    if wanted not in set(found):
        raise Absent


LOOKS: Final = (
    _look("athletes", lambda v, w: _among(w.athlete, (a.name for a in v.athletes()))),
    _look("athlete", lambda v, w: v.athlete(w.athlete), "See that the athlete is there"),
    _look("listed", lambda v, w: _among(w.athlete, (s.athlete for s in v.listed()))),
    _look("listed", lambda v, w: v.listed(w.athlete), "See sessions, their history and strides"),
    _look("summaries", lambda v, w: v.summaries(w.athlete)),
    _look("summary", lambda v, w: v.summary(w.session)),
    _look("history", lambda v, w: v.history(w.session)),
    _look("strides", lambda v, w: v.strides(w.session)),
    _look("owner", lambda v, w: v.owner(w.session)),
    _look("tags", lambda v, w: v.tags(w.athlete)),
    _look("notes", lambda v, w: v.notes(athlete=w.athlete), "See notes, deleted ones too"),
    _look("notes", lambda v, w: v.notes(session=w.session)),
    _look("notes", lambda v, w: v.notes(athlete=w.athlete, deleted=True)),
    _look("note", lambda v, w: v.note(w.others)),
    _row("teams", "yyy---", lambda v, w: _among(w.team, v.teams()), "See the team", looks=True),
    _row("sees_all", "yynnnn", lambda v, _: v.sees_all, "See every athlete", looks=True),
)
DEEDS: Final = (
    _do("may", lambda v, w: v.may(w.athlete), "Upload a recording"),
    _row("may_manage", "yyyynn", lambda v, _: v.may_manage()),
    _row("may_own", "ynnnnn", lambda v, _: v.may_own()),
    _do(
        "set_context",
        lambda v, w: v.set_context(w.session, CONTEXT),
        "Say surface, shoes, injury, exertion and words of a session",
    ),
    _do("delete_session", lambda v, w: v.delete_session(w.session), "Delete a session"),
    _row(
        "add_athlete",
        "yyyynn",
        lambda v, _: v.add_athlete("Newcomer"),
        "Add an athlete; a team's coach to that team",
    ),
    _row(
        "rename_athlete",
        "yyy-n-",
        lambda v, w: v.rename_athlete(w.athlete, "Newcomer"),
        "Give the athlete another name",
    ),
    _row(
        "set_team",
        "yyn-n-",
        lambda v, w: v.set_team(w.athlete, "Distance"),
        "Put the athlete into another team",
    ),
    _row(
        "delete_athlete",
        "ynn-y-",
        lambda v, w: v.delete_athlete(w.athlete),
        "Delete the athlete, everything of theirs, and their account",
    ),
    _row("may_delete_athlete", "ynn-y-", lambda v, w: v.may_delete_athlete(w.athlete)),
)
NOTES: Final = (
    _do("add_note", lambda v, w: v.add_note("tired", athlete=w.athlete), "Write a note"),
    _do("add_note", lambda v, w: v.add_note("tired", session=w.session, t_s=1.0)),
    _do("edit_note", lambda v, w: v.edit_note(w.own, "tired"), "Change one's own note"),
    _do("delete_note", lambda v, w: v.delete_note(w.own), "Delete it, and bring it back"),
    _do("restore_note", lambda v, w: v.restore_note(w.own)),
    _do("changes_note", lambda v, w: v.changes_note(v.note(w.own))),
    _do("removes_note", lambda v, w: v.removes_note(v.note(w.own))),
    _row(
        "edit_note",
        "nnn-n-",
        lambda v, w: v.edit_note(w.others, "tired"),
        "Change somebody else's note",
    ),
    _row(
        "delete_note",
        "ynn-n-",
        lambda v, w: v.delete_note(w.others),
        "Delete somebody else's note, and bring it back",
    ),
    _row("restore_note", "ynn-n-", lambda v, w: v.restore_note(w.others)),
    _row("changes_note", "nnn-n-", lambda v, w: v.changes_note(v.note(w.others))),
    _row("removes_note", "ynn-n-", lambda v, w: v.removes_note(v.note(w.others))),
    _row(
        "edit_note",
        "yyy-n-",
        lambda v, w: v.edit_note(w.nobodys, "tired"),
        "Change or delete a note without an account behind it",
    ),
    _row("delete_note", "yyy-n-", lambda v, w: v.delete_note(w.nobodys)),
    _row("restore_note", "yyy-n-", lambda v, w: v.restore_note(w.nobodys)),
    _row("changes_note", "yyy-n-", lambda v, w: v.changes_note(v.note(w.nobodys))),
    _row("removes_note", "yyy-n-", lambda v, w: v.removes_note(v.note(w.nobodys))),
)
VIEW: Final = (*LOOKS, *DEEDS, *NOTES)
"""Of `StoreView`."""

ACCOUNTS: Final = (
    _own(
        "invite",
        "yyy-nn",
        lambda a, w: a.accounts.invite(a.by, "athlete", athlete=w.athlete, now=NOW),
        "Invite the athlete; see such invitations, take them back",
    ),
    _row(
        "invitations",
        "yyy-nn",
        lambda a, w: _among(w.athlete, (i.athlete for i in a.accounts.invitations(a.by, NOW))),
        looks=True,
    ),
    _own(
        "revoke_invitation",
        "yyy-nn",
        lambda a, w: a.accounts.revoke_invitation(a.by, w.invitation, NOW),
    ),
    _own(
        "invite",
        "ynnnnn",
        lambda a, _: a.accounts.invite(a.by, "coach", now=NOW),
        "Invite coaches and owners",
    ),
    _own("invite", "ynnnnn", lambda a, _: a.accounts.invite(a.by, "owner", now=NOW)),
    _row("users", "ynnnnn", lambda a, _: a.accounts.users(a.by), "See all accounts", looks=True),
    _own(
        "set_access",
        "ynnnnn",
        lambda a, w: a.accounts.set_access(a.by, w.user, "coach"),
        "Change somebody's role or team",
    ),
    _own(
        "reset",
        "ynnnnn",
        lambda a, w: a.accounts.reset(a.by, w.user, NOW),
        "Make a link for somebody's new password",
    ),
    _own(
        "disable",
        "ynnnnn",
        lambda a, w: a.accounts.disable(a.by, w.user, NOW),
        "Shut an account, open it again",
    ),
    _own("enable", "ynnnnn", lambda a, w: a.accounts.enable(a.by, w.user)),
    _row("audit", "ynnnnn", lambda a, _: a.accounts.audit(a.by), "See who did what", looks=True),
)
"""Of `Accounts`, as far as it asks who asks."""


def table() -> str:
    """Return the table as the reference shows it."""
    lines = ["| | " + " | ".join(VIEWERS) + " |", "|---|" + "---|" * len(VIEWERS)]
    lines += [
        f"| {row.said} | " + " | ".join(row.outcomes) + " |"
        for row in (*VIEW, *ACCOUNTS)
        if row.said
    ]
    return "\n".join(lines)
