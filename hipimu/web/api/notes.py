"""Notes on athletes, sessions and moments."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hipimu.store import Note, StoreView
from hipimu.web.api.answers import Notes
from hipimu.web.api.asked import (
    AthleteName,
    Deleted,
    Id,
    NewNote,
    NewSessionNote,
    NoteAnew,
    SessionName,
)
from hipimu.web.api.bounded import BoundedRoute, View, write_down
from hipimu.web.api.document import at
from hipimu.web.api.models import model_of
from hipimu.web.api.plain import Json
from hipimu.web.api.problems import ProblemError

router: Final = APIRouter(route_class=BoundedRoute, tags=["Notes"])


@router.get("/athletes/{name}/notes", response_model=model_of(Notes), summary="Notes on an athlete")
def list_athlete_notes(view: View, name: AthleteName, deleted: Deleted = False) -> Response:
    """List the notes on an athlete and on all their sessions."""
    return Json(Notes(view.notes(athlete=name, deleted=deleted)))


@router.post(
    "/athletes/{name}/notes",
    response_model=model_of(Note),
    status_code=201,
    summary="Write a note on an athlete",
)
def note_athlete(view: View, name: AthleteName, asked: NewNote) -> Response:
    """Write a note, signed by the caller."""
    return _made(view, view.add_note(asked.text, athlete=name))


@router.get("/sessions/{name}/notes", response_model=model_of(Notes), summary="Notes on a session")
def list_session_notes(view: View, name: SessionName, deleted: Deleted = False) -> Response:
    """List the notes on a session and on moments of it."""
    return Json(Notes(view.notes(session=name, deleted=deleted)))


@router.post(
    "/sessions/{name}/notes",
    response_model=model_of(Note),
    status_code=201,
    summary="Write a note on a session",
)
def note_session(view: View, name: SessionName, asked: NewSessionNote) -> Response:
    """Write a note on a session, or on a moment of it, signed by the caller."""
    if asked.t_s is not None and asked.t_s > view.summary(name).duration_s:
        raise ProblemError(
            "bad_value", "The run was over before that.", "Give a moment of the run, or null."
        )
    return _made(view, view.add_note(asked.text, session=name, t_s=asked.t_s))


def _made(view: StoreView, note: Note) -> Response:
    _write_down(view, "note_added", note)
    return Json(note, 201, {"Location": at("notes", note.id)})


@router.get("/notes/{number}", response_model=model_of(Note), summary="One note")
def get_note(view: View, number: Id) -> Response:
    """Give a note, deleted or not."""
    return Json(view.note(number))


@router.patch("/notes/{number}", response_model=model_of(Note), summary="Write a note anew")
def edit_note(view: View, number: Id, asked: NoteAnew) -> Response:
    """Put other words into one's own note, unless it was deleted."""
    if view.note(number).deleted_at is not None:
        raise ProblemError("forbidden", "This note was deleted.", "Bring it back first.")
    edited = view.edit_note(number, asked.text)
    _write_down(view, "note_edited", edited)
    return Json(edited)


@router.delete("/notes/{number}", status_code=204, summary="Delete a note")
def delete_note(view: View, number: Id) -> Response:
    """Delete one's own note; an owner may delete any. It can be brought back."""
    _write_down(view, "note_deleted", view.delete_note(number))
    return Response(status_code=204)


@router.post("/notes/{number}/restore", response_model=model_of(Note), summary="Bring a note back")
def restore_note(view: View, number: Id) -> Response:
    """Bring a deleted note back."""
    restored = view.restore_note(number)
    _write_down(view, "note_restored", restored)
    return Json(restored)


def _write_down(view: StoreView, action: str, note: Note) -> None:
    write_down(view, action, note.athlete, f"note {note.id}")
