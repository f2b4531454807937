"""Athletes, teams, and everything that an athlete owns."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from hipimu.store import Athlete
from hipimu.web.api.answers import Athletes, Teams
from hipimu.web.api.asked import AthleteName, Moved, NewAthlete, Renamed
from hipimu.web.api.bounded import BoundedRoute, View, wants_body, write_down
from hipimu.web.api.document import CONFLICT, FILE, at
from hipimu.web.api.export import zipped_person
from hipimu.web.api.models import model_of
from hipimu.web.api.plain import Json

router: Final = APIRouter(route_class=BoundedRoute, tags=["Athletes"])


@router.get("/teams", response_model=model_of(Teams), summary="Teams")
def list_teams(view: View) -> Response:
    """List the teams that may be seen."""
    return Json(Teams(view.teams()))


@router.get("/athletes", response_model=model_of(Athletes), summary="Athletes")
def list_athletes(view: View) -> Response:
    """List everybody who may be seen."""
    return Json(Athletes(view.athletes()))


@router.post(
    "/athletes",
    response_model=model_of(Athlete),
    status_code=201,
    responses=CONFLICT,
    summary="Add an athlete",
)
def add_athlete(view: View, asked: NewAthlete) -> Response:
    """Add somebody; a team's coach adds to that team. For owners and coaches."""
    made = view.add_athlete(asked.name)
    write_down(view, "athlete_added", made.name)
    return Json(made, 201, {"Location": at("athletes", made.name)})


@router.get("/athletes/{name}", response_model=model_of(Athlete), summary="One athlete")
def get_athlete(view: View, name: AthleteName) -> Response:
    """Tell what is known of one athlete."""
    return Json(view.athlete(name))


@router.patch(
    "/athletes/{name}",
    response_model=model_of(Athlete),
    responses=CONFLICT,
    summary="Rename or move an athlete",
)
def change_athlete(view: View, name: AthleteName, asked: Renamed | Moved) -> Response:
    """Give an athlete another name, or another team: one of both at a time.

    For owners and coaches; teams for who sees all of them.
    """
    if isinstance(asked, Renamed):
        renamed = view.rename_athlete(name, asked.name)
        write_down(view, "athlete_renamed", renamed.name)
        return Json(renamed)
    view.set_team(name, asked.team)
    write_down(view, "athlete_moved", name)
    return Json(view.athlete(name))


@router.delete("/athletes/{name}", status_code=204, summary="Delete an athlete")
def delete_athlete(view: View, name: AthleteName) -> Response:
    """Delete an athlete for good: sessions, strides, history, notes and account.

    There is no undo. For owners, and the athlete's own decision.
    """
    sessions = view.athlete(name).sessions
    view.delete_athlete(name)
    write_down(view, "athlete_deleted", detail=f"sessions {sessions}")
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
    summary="Everything an athlete owns",
)
def export_athlete(view: View, request: Request, name: AthleteName) -> Response:
    """Give everything that is kept of an athlete, in files that other programs can read."""
    if not wants_body(request):
        view.athlete(name)
        return Response(media_type="application/zip")
    made = zipped_person(view, name)
    write_down(view, "athlete_exported", name)
    return made
