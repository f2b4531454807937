"""Who asks, athletes, teams, and everything that an athlete owns."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from hipimu.store import Athlete
from hipimu.web.api.answers import Athletes, Me, Teams
from hipimu.web.api.asked import AthleteName, Moved, NewAthlete, Renamed
from hipimu.web.api.bounded import BoundedRoute, View
from hipimu.web.api.document import CONFLICT, FILE, at
from hipimu.web.api.export import zipped_person
from hipimu.web.api.models import model_of
from hipimu.web.api.plain import Json
from hipimu.web.coach.caller import caller_of

router: Final = APIRouter(route_class=BoundedRoute)


@router.get("/me", response_model=model_of(Me), tags=["Access"], summary="Who asks")
async def me(request: Request) -> Response:
    """Say who the server takes the caller for, and what that lets them see and do."""
    caller = caller_of(request)
    viewer = caller.viewer
    told = Me(viewer.name, viewer.role, caller.how, viewer.athlete, viewer.team, viewer.writes)
    return Json(told)


@router.get("/teams", response_model=model_of(Teams), tags=["Athletes"], summary="Teams")
def list_teams(view: View) -> Response:
    """List the teams that may be seen."""
    return Json(Teams(view.teams()))


@router.get("/athletes", response_model=model_of(Athletes), tags=["Athletes"], summary="Athletes")
def list_athletes(view: View) -> Response:
    """List everybody who may be seen."""
    return Json(Athletes(view.athletes()))


@router.post(
    "/athletes",
    response_model=model_of(Athlete),
    status_code=201,
    responses=CONFLICT,
    tags=["Athletes"],
    summary="Add an athlete",
)
def add_athlete(view: View, asked: NewAthlete) -> Response:
    """Add somebody; a team's coach adds to that team. For owners and coaches."""
    made = view.add_athlete(asked.name)
    return Json(made, 201, {"Location": at("athletes", made.name)})


@router.get(
    "/athletes/{name}", response_model=model_of(Athlete), tags=["Athletes"], summary="One athlete"
)
def get_athlete(view: View, name: AthleteName) -> Response:
    """Tell what is known of one athlete."""
    return Json(view.athlete(name))


@router.patch(
    "/athletes/{name}",
    response_model=model_of(Athlete),
    responses=CONFLICT,
    tags=["Athletes"],
    summary="Rename or move an athlete",
)
def change_athlete(view: View, name: AthleteName, asked: Renamed | Moved) -> Response:
    """Give an athlete another name, or another team: one of both at a time.

    For owners and coaches; teams for who sees all of them.
    """
    if isinstance(asked, Renamed):
        return Json(view.rename_athlete(name, asked.name))
    view.set_team(name, asked.team)
    return Json(view.athlete(name))


@router.delete("/athletes/{name}", status_code=204, tags=["Athletes"], summary="Delete an athlete")
def delete_athlete(view: View, name: AthleteName) -> Response:
    """Delete an athlete for good: sessions, strides, history, notes and account.

    There is no undo. For owners, and the athlete's own decision.
    """
    view.delete_athlete(name)
    return Response(status_code=204)


_ZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A zip file: athlete.json, sessions.csv, fatigue.csv, notes.csv, "
        "sessions/NAME.json with all analyses, strides/NAME.parquet.",
        "content": {"application/zip": {"schema": FILE}},
    }
}


@router.get(
    "/athletes/{name}/export",
    response_class=Response,
    responses=_ZIP,
    tags=["Athletes"],
    summary="Everything an athlete owns",
)
def export_athlete(view: View, name: AthleteName) -> Response:
    """Give everything that is kept of an athlete, in files that other programs can read."""
    return zipped_person(view, name)
