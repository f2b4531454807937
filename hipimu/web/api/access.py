"""Who may look: users, invitations, tokens, and who did what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from hipimu.store import User
from hipimu.web.api.answers import Audit, Invitations, Invited, Me, Tokens, Users
from hipimu.web.api.asked import (
    AsAthlete,
    AsCoach,
    AsOwner,
    AuditBefore,
    AuditLimit,
    Id,
    Shut,
)
from hipimu.web.api.asked import Invited as WhoIsInvited
from hipimu.web.api.bounded import BoundedRoute, View
from hipimu.web.api.document import CONFLICT, refusal
from hipimu.web.api.models import model_of
from hipimu.web.api.plain import Json
from hipimu.web.api.problems import ProblemError
from hipimu.web.coach.caller import caller_of

router: Final = APIRouter(route_class=BoundedRoute, tags=["Access"])


@router.get("/me", response_model=model_of(Me), summary="Who asks")
async def me(request: Request) -> Response:
    """Say who the server takes the caller for, and what that lets them see and do."""
    caller = caller_of(request)
    viewer = caller.viewer
    told = Me(viewer.name, viewer.role, caller.how, viewer.athlete, viewer.team, viewer.writes)
    return Json(told)


@router.get("/users", response_model=model_of(Users), summary="Users")
def list_users(view: View) -> Response:
    """List everybody who has an account. For owners."""
    return Json(Users(view.store.accounts.users(view.viewer)))


@router.patch(
    "/users/{number}",
    response_model=model_of(User),
    responses=CONFLICT,
    summary="Shut an account, or change its access",
)
def change_user(view: View, number: Id, asked: Shut | AsOwner | AsCoach | AsAthlete) -> Response:
    """Shut an account or open it again, or let somebody see others than before: one at a time.

    For owners. The last owner stays.
    """
    view.may_own()
    accounts, now = view.store.accounts, datetime.now(UTC)
    if isinstance(asked, Shut):
        change = accounts.disable if asked.disabled else accounts.enable
        change(view.viewer, number, now)
        return Json(accounts.user(number))
    changed = accounts.set_access(
        view.viewer, number, asked.role, athlete=_athlete(asked), team=_team(asked), now=now
    )
    return Json(changed)


@router.get("/invitations", response_model=model_of(Invitations), summary="Invitations")
def list_invitations(view: View) -> Response:
    """List links that nobody has used. For owners, and for coaches those of their athletes."""
    return Json(Invitations(view.store.accounts.invitations(view.viewer, datetime.now(UTC))))


@router.post(
    "/invitations",
    response_model=model_of(Invited),
    status_code=201,
    responses=CONFLICT | refusal("not_found"),
    summary="Invite somebody",
)
def invite(view: View, asked: WhoIsInvited) -> Response:
    """Make a link for a new user, valid for seven days; it is told this once.

    For owners; coaches invite athletes of theirs.
    """
    view.may_manage()
    made, token = view.store.accounts.invite(
        view.viewer,
        asked.role,
        athlete=_athlete(asked),
        team=_team(asked),
        now=datetime.now(UTC),
    )
    return Json(Invited(made, f"/join?{urlencode({'t': token})}"), 201)


@router.delete("/invitations/{number}", status_code=204, summary="Take an invitation back")
def revoke_invitation(view: View, number: Id) -> Response:
    """Let a link that nobody has used work no more."""
    view.may_manage()
    view.store.accounts.revoke_invitation(view.viewer, number, datetime.now(UTC))
    return Response(status_code=204)


@router.get("/tokens", response_model=model_of(Tokens), summary="Own API tokens")
def list_tokens(view: View) -> Response:
    """List one's own tokens. New ones are made on the account's page in the browser alone."""
    own = view.viewer.user_id
    found = () if own is None else view.store.accounts.tokens(own, datetime.now(UTC))
    return Json(Tokens(found))


@router.delete("/tokens/{number}", status_code=204, summary="Take a token back")
def revoke_token(view: View, number: Id) -> Response:
    """Let one of one's own tokens work no more; it may be the one that asks."""
    viewer = view.viewer
    if not viewer.writes:
        raise ProblemError("forbidden", "This token may only read.", "Use the account's page.")
    if viewer.user_id is None:
        raise ProblemError("not_found", "There is no such token.", "Look at GET /api/v1/tokens.")
    view.store.accounts.revoke_token(viewer.user_id, number, datetime.now(UTC))
    return Response(status_code=204)


@router.get("/audit", response_model=model_of(Audit), summary="Who did what")
def get_audit(view: View, limit: AuditLimit = 200, before: AuditBefore = None) -> Response:
    """List what was done, newest first. For owners."""
    entries = view.store.accounts.audit(view.viewer, limit, before)
    more = len(entries) == limit and entries[-1].id > 1
    return Json(Audit(entries, entries[-1].id if more else None))


def _athlete(asked: AsOwner | AsCoach | AsAthlete) -> str | None:
    return asked.athlete if isinstance(asked, AsAthlete) else None


def _team(asked: AsOwner | AsCoach | AsAthlete) -> str | None:
    return asked.team if isinstance(asked, AsCoach) else None
