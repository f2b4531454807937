"""Sessions: lists, one by one, their history, their strides, and what is said of them."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from hipimu.data import TrainingContext
from hipimu.report.wording import warnings
from hipimu.store import StoreView
from hipimu.web.api.answers import History, Sessions, Strides, WholeSession
from hipimu.web.api.asked import (
    AthleteName,
    Cursor,
    Limit,
    Said,
    SessionName,
    Since,
    StridesForm,
    StridesLimit,
    StridesOffset,
    Until,
)
from hipimu.web.api.bounded import BoundedRoute, View, write_down
from hipimu.web.api.document import refusal
from hipimu.web.api.models import model_of
from hipimu.web.api.paging import page_of
from hipimu.web.api.plain import Json
from hipimu.web.api.strides import FORMS, form_of, strides_answer
from hipimu.web.coach.answer import answer, as_session
from hipimu.web.coach.sessions import quality_of

router: Final = APIRouter(route_class=BoundedRoute, tags=["Sessions"])
_AT_ONCE: Final = 50


@router.get(
    "/sessions",
    response_model=model_of(Sessions),
    responses=refusal("not_found"),
    summary="All sessions",
)
def list_sessions(
    view: View,
    since: Since = None,
    until: Until = None,
    limit: Limit = _AT_ONCE,
    cursor: Cursor = None,
) -> Response:
    """List the sessions of everybody who may be seen, newest first."""
    return Json(page_of(view.listed(None, since, until), limit, cursor))


@router.get(
    "/athletes/{name}/sessions",
    response_model=model_of(Sessions),
    summary="Sessions of an athlete",
)
def list_athlete_sessions(
    view: View,
    name: AthleteName,
    since: Since = None,
    until: Until = None,
    limit: Limit = _AT_ONCE,
    cursor: Cursor = None,
) -> Response:
    """List an athlete's sessions, newest first."""
    return Json(page_of(view.listed(name, since, until), limit, cursor))


@router.get("/sessions/{name}", response_model=model_of(WholeSession), summary="One session")
def get_session(view: View, name: SessionName) -> Response:
    """Give the answer of a session, every number of it, its curves, and what they rest on."""
    return Json(_whole(view, name))


def _whole(view: StoreView, name: str) -> WholeSession:
    current = view.history(name)[0]
    summary = current.summary
    session = as_session(summary, current.sensors)
    said, remarks = answer(session, summary)
    listed = view.listed(summary.athlete)
    place = next(i for i, one in enumerate(listed) if one.name == summary.session)
    return WholeSession(
        said=said,
        remarks=remarks,
        doubts=quality_of(listed[place]),
        warnings=warnings(session),
        summary=summary,
        sensors=current.sensors,
        analysed_at=current.analysed_at,
        recording_hash=current.recording_hash,
        parameters=current.parameters,
        before=listed[place + 1].name if place + 1 < len(listed) else None,
        after=listed[place - 1].name if place else None,
    )


@router.delete("/sessions/{name}", status_code=204, summary="Delete a session")
def delete_session(view: View, name: SessionName) -> Response:
    """Delete a session for good: strides, history and notes too. There is no undo."""
    athlete = view.owner(name)
    view.delete_session(name)
    write_down(view, "session_deleted", athlete)
    return Response(status_code=204)


@router.get(
    "/sessions/{name}/history", response_model=model_of(History), summary="Analyses of a session"
)
def get_history(view: View, name: SessionName) -> Response:
    """Give all analyses of a session: the current one first, then newest first."""
    return Json(History(view.history(name)))


@router.get(
    "/sessions/{name}/strides",
    response_model=model_of(Strides),
    responses=FORMS,
    summary="Strides of a session",
)
def get_strides(
    view: View,
    request: Request,
    name: SessionName,
    form: StridesForm = None,
    offset: StridesOffset = 0,
    limit: StridesLimit = 10_000,
) -> Response:
    """Give the strides of a session, one row a stride, as JSON, CSV or Parquet.

    `format` says which; without it, the header `Accept`. In CSV and Parquet `reasons` are joined by
    semicolons, and what is not known is left empty.
    """
    chosen = form or form_of(request.headers.get("accept", "*/*"))
    return strides_answer(name, view.strides(name), chosen, offset, limit)


@router.put(
    "/sessions/{name}/context", response_model=model_of(TrainingContext), summary="Say what it was"
)
def set_context(view: View, name: SessionName, asked: Said) -> Response:
    """Say on what, in what, how hard and in what state a session was run.

    It takes the place of all that was said before.
    """
    told = TrainingContext(
        asked.surface, asked.shoes, asked.exertion, asked.injury, tuple(asked.tags)
    )
    view.set_context(name, told)
    write_down(view, "session_changed", view.owner(name))
    return Json(view.summary(name).context)
