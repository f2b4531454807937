"""The routes of the coach's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from hipimu.errors import StoreError
from hipimu.store import Note, Store
from hipimu.web.coach import words
from hipimu.web.coach.athlete_page import Choice, athlete_page
from hipimu.web.coach.forms import FormError, read_form
from hipimu.web.coach.guard import CoachGuard
from hipimu.web.coach.render import render
from hipimu.web.coach.squad_page import squad_page
from hipimu.web.guard import sentence
from hipimu.web.security import Access, new_token
from hipimu.web.static_files import static_file

_READS: Final = ["GET", "HEAD"]
_STATUS: Final = {"not_found": 404, "bad_value": 422, "exists": 409, "busy": 503}
_NO_DRAFT: Final = {"text": "", "at": ""}


def create_app(store: Store, access: Access, *, author: str, key: str | None = None) -> ASGIApp:
    """Make the application that serves a store's pages.

    Parameters
    ----------
    store : Store
    access : Access
    author : str
        Who writes the notes.
    key : str or None
        What forms have to bring. None: a new one.

    Returns
    -------
    ASGI application
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_exception_handler(HTTPException, _no_such_thing)
    app.add_exception_handler(StoreError, _refused_by_store)
    app.add_exception_handler(FormError, _refused)
    pages = CoachPages(store, author, key or new_token())
    app.add_api_route("/static/{name:path}", static_file, methods=_READS)
    app.add_api_route("/", pages.squad, methods=_READS)
    app.add_api_route("/athletes/{name}", pages.athlete, methods=_READS)
    app.add_api_route("/athletes/{name}/notes", pages.note_athlete, methods=["POST"])
    app.add_api_route("/notes/{number}/delete", pages.delete_note, methods=["POST"])
    app.add_api_route("/notes/{number}/restore", pages.restore_note, methods=["POST"])
    return CoachGuard(app, access)


@dataclass(frozen=True, slots=True, eq=False)
class CoachPages:
    """What each address answers."""

    store: Store
    author: str
    key: str

    def squad(self) -> Response:
        """Answer with everybody."""
        page = squad_page(self.store, datetime.now(UTC))
        return HTMLResponse(render("squad.html", page=page, place=self.store.place))

    def athlete(self, name: str, request: Request) -> Response:
        """Answer with one athlete."""
        return self._athlete(name, request, self._undone(request))

    async def note_athlete(self, name: str, request: Request) -> Response:
        """Keep a note about an athlete."""
        fields = await read_form(request, self.key)
        return await run_in_threadpool(self._note_athlete, name, fields.get("text", ""), request)

    async def delete_note(self, number: int, request: Request) -> Response:
        """Delete a note; the page that comes then can undo it."""
        fields = await read_form(request, self.key)
        note = await run_in_threadpool(self.store.delete_note, number)
        return _back(note, fields.get("to", ""), undo=True)

    async def restore_note(self, number: int, request: Request) -> Response:
        """Bring a deleted note back."""
        fields = await read_form(request, self.key)
        note = await run_in_threadpool(self.store.restore_note, number)
        return _back(note, fields.get("to", ""))

    def _note_athlete(self, name: str, text: str, request: Request) -> Response:
        try:
            note = self.store.add_note(text, self.author, athlete=name)
        except StoreError as error:
            if error.reason != "bad_value":
                raise
            refused = FormError(422, error.what, error.remedy)
            return self._athlete(name, request, error=refused, draft=_NO_DRAFT | {"text": text})
        return _back(note, "athlete")

    def _athlete(
        self,
        name: str,
        request: Request,
        undone: Note | None = None,
        error: FormError | None = None,
        draft: dict[str, str] = _NO_DRAFT,
    ) -> Response:
        choice = Choice.read(request.query_params)
        page = athlete_page(self.store, name, choice, datetime.now(UTC))
        own = undone is not None and undone.athlete == page.athlete.name
        return self._answer(
            "athlete.html",
            page=page,
            judged_mark=words.judged_mark(page.trend),
            url=f"/athletes/{quote(page.athlete.name, safe='')}",
            undone=undone if own else None,
            error=error,
            draft=draft,
        )

    def _undone(self, request: Request) -> Note | None:
        """The note that the address says was just deleted, if it is."""
        told = request.query_params.get("deleted", "")
        if not (told.isascii() and told.isdigit() and len(told) < 16):
            return None
        try:
            note = self.store.note(int(told))
        except StoreError:
            return None
        return note if note.deleted_at is not None else None

    def _answer(self, template: str, error: FormError | None, **shown: Any) -> Response:
        status = 200 if error is None else error.status
        page = render(template, key=self.key, error=error, **shown)
        return HTMLResponse(page, status_code=status)


def _back(note: Note, to: str, *, undo: bool = False) -> Response:
    """Lead to the page that a note was written on, or deleted from."""
    where = f"/athletes/{quote(note.athlete, safe='')}"
    if note.session is not None and to != "athlete":
        where = f"/sessions/{quote(note.session, safe='')}"
    query, place = (f"?deleted={note.id}", "notes") if undo else ("", f"note-{note.id}")
    return RedirectResponse(f"{where}{query}#{place}", status_code=303)


async def _no_such_thing(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    if status == 405:
        return sentence(405, "That cannot be done here.", "Use hipimu's own pages.")
    return sentence(status, "There is no such page.", "The squad is on the first one.")


async def _refused_by_store(_: Request, error: Exception) -> Response:
    if not isinstance(error, StoreError):
        raise error
    return sentence(_STATUS.get(error.reason, 500), error.what, error.remedy)


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, FormError):
        raise error
    return sentence(error.status, error.what, error.remedy)
