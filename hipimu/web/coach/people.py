"""Who has an account, who is invited, and what they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from hipimu.errors import StoreError
from hipimu.store import Invitation, Store, StoreView, User
from hipimu.web.coach.access import Access, access_words, given_by, read_access
from hipimu.web.coach.account import logged_in, mendable
from hipimu.web.coach.caller import caller_of
from hipimu.web.coach.doorman import Entrance
from hipimu.web.coach.forms import FormError, read_form
from hipimu.web.coach.links import join_link
from hipimu.web.coach.render import respond


@dataclass(frozen=True, slots=True)
class Person:
    """A user, in a list."""

    user: User
    access: Access
    words: str
    own: bool
    """Whether it is who looks."""


@dataclass(frozen=True, slots=True, eq=False)
class PeoplePages:
    """Answers about accounts and invitations, to owners and coaches.

    Parameters
    ----------
    store : Store
    entrance : Entrance
    """

    store: Store
    entrance: Entrance

    def show(self, request: Request) -> Response:
        """Answer with everybody who has an account or is invited."""
        return self._show(request)

    async def invite(self, request: Request) -> Response:
        """Make an invitation, and show its link this once."""
        fields = await _form(request)
        return await run_in_threadpool(self._invite, request, fields)

    async def revoke(self, number: int, request: Request) -> Response:
        """Take an invitation back."""
        await _form(request)
        viewer, now = caller_of(request).viewer, datetime.now(UTC)
        await run_in_threadpool(self.store.accounts.revoke_invitation, viewer, number, now)
        return RedirectResponse("/people?kept=revoked#invitations", status_code=303)

    async def disable(self, number: int, request: Request) -> Response:
        """Shut an account."""
        await _form(request)
        viewer, now = caller_of(request).viewer, datetime.now(UTC)
        await run_in_threadpool(self.store.accounts.disable, viewer, number, now)
        return RedirectResponse("/people?kept=disabled", status_code=303)

    async def enable(self, number: int, request: Request) -> Response:
        """Open an account again."""
        await _form(request)
        viewer = caller_of(request).viewer
        await run_in_threadpool(self.store.accounts.enable, viewer, number)
        return RedirectResponse("/people?kept=enabled", status_code=303)

    async def set_access(self, number: int, request: Request) -> Response:
        """Let somebody see others than before."""
        fields = await _form(request)
        return await run_in_threadpool(self._set_access, number, request, fields)

    async def reset(self, number: int, request: Request) -> Response:
        """Make a link for a new password, and show it this once."""
        await _form(request)
        return await run_in_threadpool(self._reset, number, request)

    def _invite(self, request: Request, fields: Mapping[str, str]) -> Response:
        view = self._view(request)
        view.may_manage()
        try:
            chosen = read_access(fields.get("access", ""), view)
            invitation, token = self.store.accounts.invite(
                view.viewer,
                chosen.role,
                athlete=chosen.athlete,
                team=chosen.team,
                now=datetime.now(UTC),
            )
        except (FormError, StoreError) as error:
            return self._show(request, mendable(error))
        return self._link(request, invitation, token)

    def _set_access(self, number: int, request: Request, fields: Mapping[str, str]) -> Response:
        view = self._view(request)
        view.may_own()
        try:
            chosen = read_access(fields.get("access", ""), view)
            self.store.accounts.set_access(
                view.viewer, number, role=chosen.role, athlete=chosen.athlete, team=chosen.team
            )
        except (FormError, StoreError) as error:
            return self._show(request, mendable(error))
        return RedirectResponse("/people?kept=access", status_code=303)

    def _reset(self, number: int, request: Request) -> Response:
        viewer, now = caller_of(request).viewer, datetime.now(UTC)
        invitation, token = self.store.accounts.reset(viewer, number, now)
        return self._link(request, invitation, token)

    def _link(self, request: Request, invitation: Invitation, token: str) -> Response:
        return respond(
            request,
            "invitation.html",
            invitation=invitation,
            access=access_words(invitation.role, invitation.athlete, invitation.team),
            link=join_link(request, self.entrance, token),
        )

    def _show(self, request: Request, error: FormError | None = None) -> Response:
        view = self._view(request)
        view.may_manage()
        now = datetime.now(UTC)
        open_ones = self.store.accounts.invitations(view.viewer, now)
        return respond(
            request,
            "people.html",
            status=200 if error is None else error.status,
            owner=view.viewer.role == "owner",
            people=self._people(view),
            invitations=[(one, access_words(one.role, one.athlete, one.team)) for one in open_ones],
            choices=given_by(view),
            error=error,
            kept=request.query_params.get("kept", ""),
        )

    def _people(self, view: StoreView) -> tuple[Person, ...]:
        if view.viewer.role != "owner":
            return ()
        own = view.viewer.user_id
        return tuple(
            Person(
                user,
                Access(user.role, user.athlete, user.team),
                access_words(user.role, user.athlete, user.team),
                own=user.id == own,
            )
            for user in self.store.accounts.users(view.viewer)
        )

    def _view(self, request: Request) -> StoreView:
        return StoreView(self.store, logged_in(request).viewer)


async def _form(request: Request) -> Mapping[str, str]:
    return await read_form(request, logged_in(request).key)
