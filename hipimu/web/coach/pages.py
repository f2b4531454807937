"""What each address of the coach's pages answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from hipimu.data import TrainingContext
from hipimu.errors import StoreError
from hipimu.store import Note, Store, StoreView
from hipimu.web.coach import words
from hipimu.web.coach.athlete_page import Choice, athlete_page
from hipimu.web.coach.audit import write_down
from hipimu.web.coach.caller import caller_of
from hipimu.web.coach.compare_page import compare_page
from hipimu.web.coach.forms import FormError, read_clock, read_exertion, read_form
from hipimu.web.coach.frame import home
from hipimu.web.coach.render import respond
from hipimu.web.coach.session_page import session_page
from hipimu.web.coach.squad_page import squad_page

Place = Literal["notes", "context"]
_CONTEXT: Final = ("surface", "shoes", "exertion", "injury", "tags")


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not taken: why, and what was written in it, which must not get lost."""

    error: FormError | None = None
    place: Place = "notes"
    fields: Mapping[str, str] = field(default_factory=dict)

    def draft(self) -> dict[str, str]:
        """What was written as a note."""
        return {name: self.fields.get(name, "") for name in ("text", "at")}

    def status(self) -> int:
        """Of the answer that shows it."""
        return 200 if self.error is None else self.error.status


_NOTHING: Final = Refused()


@dataclass(frozen=True, slots=True, eq=False)
class CoachPages:
    """Answers out of a store, to each what is theirs to see.

    Parameters
    ----------
    store : Store
    """

    store: Store

    def squad(self, request: Request) -> Response:
        """Answer with everybody, or with one team; an athlete's first page is their own."""
        view = self._view(request)
        if view.viewer.role == "athlete":
            return RedirectResponse(home(view.viewer), status_code=303)
        teams, told = view.teams(), request.query_params.get("team")
        team = told if told in teams else None
        return respond(
            request,
            "squad.html",
            page=squad_page(view, datetime.now(UTC), team=team),
            place=self.store.place,
            team=team,
            teams=teams,
            gone=request.query_params.get("gone", ""),
        )

    def athlete(self, name: str, request: Request) -> Response:
        """Answer with one athlete."""
        return self._athlete(name, request)

    def session(self, name: str, request: Request) -> Response:
        """Answer with one session."""
        return self._session(name, request)

    def compare(self, request: Request) -> Response:
        """Answer with sessions beside each other."""
        names = request.query_params.getlist("session")
        early = request.query_params.get("part") == "early"
        page = compare_page(self._view(request), names, "early" if early else "late")
        chosen = urlencode([("session", own.session) for own in page.summaries])
        return respond(request, "compare.html", page=page, url=f"/compare?{chosen}")

    async def note_athlete(self, name: str, request: Request) -> Response:
        """Keep a note about an athlete."""
        fields = await read_form(request, caller_of(request).key)
        return await run_in_threadpool(self._note_athlete, name, fields, request)

    async def note_session(self, name: str, request: Request) -> Response:
        """Keep a note about a session, or a moment of it."""
        fields = await read_form(request, caller_of(request).key)
        return await run_in_threadpool(self._note_session, name, fields, request)

    async def context(self, name: str, request: Request) -> Response:
        """Keep what is said of a session."""
        fields = await read_form(request, caller_of(request).key)
        return await run_in_threadpool(self._context, name, fields, request)

    async def delete_note(self, number: int, request: Request) -> Response:
        """Delete a note; the page that comes then can undo it."""
        fields = await read_form(request, caller_of(request).key)
        note = await run_in_threadpool(self._view(request).delete_note, number)
        await run_in_threadpool(self._write_down, request, "note_deleted", note)
        return _back(note, fields.get("to", ""), undo=True)

    async def restore_note(self, number: int, request: Request) -> Response:
        """Bring a deleted note back."""
        fields = await read_form(request, caller_of(request).key)
        note = await run_in_threadpool(self._view(request).restore_note, number)
        await run_in_threadpool(self._write_down, request, "note_restored", note)
        return _back(note, fields.get("to", ""))

    def note(self, number: int, request: Request) -> Response:
        """Show one's own note, to write it anew."""
        return self._note(number, request)

    async def edit_note(self, number: int, request: Request) -> Response:
        """Write one's own note anew."""
        fields = await read_form(request, caller_of(request).key)
        return await run_in_threadpool(self._edit_note, number, fields, request)

    def _note(self, number: int, request: Request, refused: Refused = _NOTHING) -> Response:
        view = self._view(request)
        note = view.note(number)
        if note.deleted_at is not None or not view.changes_note(note):
            raise StoreError(
                "This note is not there to be edited by you.",
                "Bring it back, if it was deleted; notes of others are theirs.",
                reason="forbidden",
            )
        to = refused.fields.get("to", "") or request.query_params.get("to", "")
        return respond(
            request,
            "edit_note.html",
            status=refused.status(),
            error=refused.error,
            note=note,
            text=refused.fields.get("text", note.text),
            to=to,
            back=_place(note, to, f"note-{note.id}"),
        )

    def _edit_note(self, number: int, fields: Mapping[str, str], request: Request) -> Response:
        try:
            note = self._view(request).edit_note(number, fields.get("text", ""))
        except StoreError as error:
            return self._note(number, request, Refused(_bad_value(error), "notes", fields))
        self._write_down(request, "note_edited", note)
        return _back(note, fields.get("to", ""))

    def _note_athlete(self, name: str, fields: Mapping[str, str], request: Request) -> Response:
        try:
            note = self._view(request).add_note(fields.get("text", ""), athlete=name)
        except StoreError as error:
            return self._athlete(name, request, Refused(_bad_value(error), "notes", fields))
        self._write_down(request, "note_added", note)
        return _back(note, "athlete")

    def _note_session(self, name: str, fields: Mapping[str, str], request: Request) -> Response:
        view = self._view(request)
        duration_s = view.summary(name).duration_s
        try:
            at_s = read_clock(fields.get("at", ""), duration_s)
            text = fields.get("text", "")
            note = view.add_note(text, session=name, t_s=at_s)
        except (FormError, StoreError) as error:
            return self._session(name, request, Refused(_bad_value(error), "notes", fields))
        self._write_down(request, "note_added", note)
        return _back(note, "session")

    def _context(self, name: str, fields: Mapping[str, str], request: Request) -> Response:
        try:
            view = self._view(request)
            view.set_context(name, _read_context(fields))
        except (FormError, StoreError) as error:
            return self._session(name, request, Refused(_bad_value(error), "context", fields))
        write_down(request, self.store, "session_changed", athlete=view.owner(name))
        return RedirectResponse(f"{_session_url(name)}?kept=context#context", status_code=303)

    def _athlete(self, name: str, request: Request, refused: Refused = _NOTHING) -> Response:
        choice = Choice.read(request.query_params)
        page = athlete_page(self._view(request), name, choice, datetime.now(UTC))
        undone = self._undone(request)
        own = undone is not None and undone.athlete == page.athlete.name
        return self._answer(
            "athlete.html",
            request,
            refused,
            page=page,
            judged_mark=words.judged_mark(page.trend),
            url=_athlete_url(page.athlete.name),
            undone=undone if own else None,
            view=self._view(request),
            gone=request.query_params.get("gone", ""),
        )

    def _session(self, name: str, request: Request, refused: Refused = _NOTHING) -> Response:
        page = session_page(self._view(request), name)
        undone = self._undone(request)
        own = undone is not None and undone.session == page.summary.session
        typed = refused.error is not None and refused.place == "context"
        said = refused.fields if typed else _written(page.summary.context)
        return self._answer(
            "session.html",
            request,
            refused,
            page=page,
            url=_session_url(page.summary.session),
            undone=undone if own else None,
            place=refused.place if refused.error else "",
            context={part: said.get(part, "") for part in _CONTEXT},
            saved=request.query_params.get("kept") == "context",
            view=self._view(request),
        )

    def _undone(self, request: Request) -> Note | None:
        """The note that the address says was just deleted, if it is."""
        told = request.query_params.get("deleted", "")
        if not (told.isascii() and told.isdigit() and len(told) < 16):
            return None
        try:
            note = self._view(request).note(int(told))
        except StoreError:
            return None
        return note if note.deleted_at is not None else None

    def _write_down(self, request: Request, action: str, note: Note) -> None:
        write_down(request, self.store, action, athlete=note.athlete, detail=f"note {note.id}")

    def _view(self, request: Request) -> StoreView:
        return StoreView(self.store, caller_of(request).viewer)

    def _answer(self, template: str, request: Request, refused: Refused, **shown: Any) -> Response:
        said = {"error": refused.error, "draft": refused.draft()}
        return respond(request, template, status=refused.status(), **said, **shown)


def _bad_value(error: FormError | StoreError) -> FormError:
    """Return what a person can mend; anything else is raised."""
    if isinstance(error, FormError):
        return error
    if error.reason != "bad_value":
        raise error
    return FormError(422, error.what, error.remedy)


def _read_context(fields: Mapping[str, str]) -> TrainingContext:
    tags = tuple(tag.strip() for tag in fields.get("tags", "").split(",") if tag.strip())
    return TrainingContext(
        surface=fields.get("surface") or None,
        shoes=fields.get("shoes") or None,
        exertion=read_exertion(fields.get("exertion", "")),
        injury=fields.get("injury") or None,
        tags=tags,
    )


def _written(context: TrainingContext) -> dict[str, str]:
    """What is said of a session, as a form shows it."""
    exertion = "" if context.exertion is None else f"{context.exertion:g}"
    return {
        "surface": context.surface or "",
        "shoes": context.shoes or "",
        "exertion": exertion,
        "injury": context.injury or "",
        "tags": ", ".join(context.tags),
    }


def _athlete_url(name: str) -> str:
    return f"/athletes/{quote(name, safe='')}"


def _session_url(name: str) -> str:
    return f"/sessions/{quote(name, safe='')}"


def _back(note: Note, to: str, *, undo: bool = False) -> Response:
    """Lead to the page that a note was written on, or deleted from."""
    query, at = (f"?deleted={note.id}", "notes") if undo else ("", f"note-{note.id}")
    return RedirectResponse(_place(note, to, at, query), status_code=303)


def _place(note: Note, to: str, at: str, query: str = "") -> str:
    on_athlete = note.session is None or to == "athlete"
    where = _athlete_url(note.athlete) if on_athlete else _session_url(note.session or "")
    return f"{where}{query}#{at}"
