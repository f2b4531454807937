"""Athletes come, get other names and teams, and go; sessions go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from hipimu.errors import StoreError
from hipimu.store import Store, StoreView
from hipimu.store.names import name_key
from hipimu.store.viewers import forbidden
from hipimu.web.coach.account import mendable
from hipimu.web.coach.audit import write_down
from hipimu.web.coach.caller import caller_of
from hipimu.web.coach.forms import FormError, read_form
from hipimu.web.coach.render import respond


@dataclass(frozen=True, slots=True, eq=False)
class RosterPages:
    """Answers to changes of who is there.

    Parameters
    ----------
    store : Store
    """

    store: Store

    def new(self, request: Request) -> Response:
        """Ask for the name of a new athlete."""
        return self._new(request, {})

    async def add(self, request: Request) -> Response:
        """Add an athlete."""
        fields = await _form(request)
        return await run_in_threadpool(self._add, request, fields)

    def settings(self, name: str, request: Request) -> Response:
        """Answer with what can be changed of an athlete."""
        return self._settings(name, request)

    async def rename(self, name: str, request: Request) -> Response:
        """Give an athlete another name."""
        fields = await _form(request)
        return await run_in_threadpool(self._rename, name, request, fields)

    async def move(self, name: str, request: Request) -> Response:
        """Put an athlete into another team, or into none."""
        fields = await _form(request)
        return await run_in_threadpool(self._move, name, request, fields)

    def ask_athlete(self, name: str, request: Request) -> Response:
        """Ask whether an athlete is really to be deleted."""
        return self._ask_athlete(name, request)

    async def delete_athlete(self, name: str, request: Request) -> Response:
        """Delete an athlete for good."""
        fields = await _form(request)
        return await run_in_threadpool(self._delete_athlete, name, request, fields)

    def ask_session(self, name: str, request: Request) -> Response:
        """Ask whether a session is really to be deleted."""
        return self._ask_session(name, request)

    async def delete_session(self, name: str, request: Request) -> Response:
        """Delete a session for good."""
        fields = await _form(request)
        return await run_in_threadpool(self._delete_session, name, request, fields)

    def _new(
        self, request: Request, fields: Mapping[str, str], error: FormError | None = None
    ) -> Response:
        view = self._view(request)
        view.may_manage()
        status = 200 if error is None else error.status
        return respond(
            request,
            "new_athlete.html",
            status=status,
            error=error,
            name=fields.get("name", ""),
            team=fields.get("team", view.viewer.team or ""),
            teams=view.teams(),
            all_teams=view.sees_all,
        )

    def _add(self, request: Request, fields: Mapping[str, str]) -> Response:
        view = self._view(request)
        try:
            athlete = view.add_athlete(fields.get("name", ""))
        except StoreError as error:
            return self._new(request, fields, mendable(error))
        write_down(request, self.store, "athlete_added", athlete=athlete.name)
        team = fields.get("team", "").strip()
        if team and view.sees_all:
            try:
                view.set_team(athlete.name, team)
            except StoreError as error:
                return self._settings(athlete.name, request, mendable(error), "team")
        return RedirectResponse(_athlete_url(athlete.name), status_code=303)

    def _settings(
        self, name: str, request: Request, error: FormError | None = None, place: str = ""
    ) -> Response:
        view = self._view(request)
        view.may(name)
        athlete = view.athlete(name)
        return respond(
            request,
            "settings.html",
            status=200 if error is None else error.status,
            athlete=athlete,
            url=_athlete_url(athlete.name),
            teams=view.teams(),
            manages=view.viewer.role != "athlete",
            all_teams=view.sees_all,
            deletes=view.viewer.role != "coach",
            error=error,
            place=place,
            kept=request.query_params.get("kept", ""),
        )

    def _rename(self, name: str, request: Request, fields: Mapping[str, str]) -> Response:
        try:
            athlete = self._view(request).rename_athlete(name, fields.get("new", ""))
        except StoreError as error:
            return self._settings(name, request, mendable(error), "name")
        write_down(request, self.store, "athlete_renamed", athlete=athlete.name)
        url = _athlete_url(athlete.name)
        return RedirectResponse(f"{url}/settings?kept=name", status_code=303)

    def _move(self, name: str, request: Request, fields: Mapping[str, str]) -> Response:
        try:
            self._view(request).set_team(name, fields.get("team", "").strip() or None)
        except StoreError as error:
            return self._settings(name, request, mendable(error), "team")
        write_down(request, self.store, "athlete_moved", athlete=name)
        return RedirectResponse(f"{_athlete_url(name)}/settings?kept=team", status_code=303)

    def _ask_athlete(self, name: str, request: Request, error: FormError | None = None) -> Response:
        view = self._view(request)
        athlete = view.athlete(name)
        own = view.viewer.role == "athlete"
        if view.viewer.role != "owner" and not own:
            raise forbidden("Only an owner or the athlete may delete everything of an athlete.")
        return respond(
            request,
            "delete_athlete.html",
            status=200 if error is None else error.status,
            athlete=athlete,
            url=_athlete_url(athlete.name),
            own=own,
            error=error,
        )

    def _delete_athlete(self, name: str, request: Request, fields: Mapping[str, str]) -> Response:
        view = self._view(request)
        athlete = view.athlete(name)
        if not _confirmed(fields, athlete.name):
            return self._ask_athlete(name, request, _not_confirmed(athlete.name))
        view.delete_athlete(athlete.name)
        detail = f"sessions {athlete.sessions}"
        write_down(request, self.store, "athlete_deleted", detail=detail)
        own = view.viewer.role == "athlete"
        return RedirectResponse("/login" if own else "/?gone=athlete", status_code=303)

    def _ask_session(self, name: str, request: Request, error: FormError | None = None) -> Response:
        view = self._view(request)
        view.may(view.owner(name))
        return respond(
            request,
            "delete_session.html",
            status=200 if error is None else error.status,
            summary=view.summary(name),
            error=error,
        )

    def _delete_session(self, name: str, request: Request, fields: Mapping[str, str]) -> Response:
        view = self._view(request)
        athlete = view.owner(name)
        if not _confirmed(fields, name):
            return self._ask_session(name, request, _not_confirmed(name))
        view.delete_session(name)
        write_down(request, self.store, "session_deleted", athlete=athlete)
        return RedirectResponse(f"{_athlete_url(athlete)}?gone=session", status_code=303)

    def _view(self, request: Request) -> StoreView:
        return StoreView(self.store, caller_of(request).viewer)


async def _form(request: Request) -> Mapping[str, str]:
    return await read_form(request, caller_of(request).key)


def _confirmed(fields: Mapping[str, str], name: str) -> bool:
    return name_key(fields.get("confirm", "")) == name_key(name)


def _not_confirmed(name: str) -> FormError:
    return FormError(422, "Nothing was deleted.", f"To delete it, write the name: {name}")


def _athlete_url(name: str) -> str:
    return f"/athletes/{quote(name, safe='')}"
