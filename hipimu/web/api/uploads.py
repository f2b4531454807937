"""Recordings that programs send: received here, read one after the other."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from hipimu.data import SEGMENTS
from hipimu.errors import HipimuError, StoreError, UploadError
from hipimu.pipeline.intake import IntakeView, Upload
from hipimu.pipeline.intake.order import Outcome, Problem
from hipimu.pipeline.intake.upload import State
from hipimu.web.api.bounded import BoundedRoute, View
from hipimu.web.api.document import at, refusal
from hipimu.web.api.models import model_of
from hipimu.web.api.plain import Json
from hipimu.web.api.problems import ProblemError, problem
from hipimu.web.coach import upload_words as words
from hipimu.web.coach.forms import FormError
from hipimu.web.coach.upload_form import LONGEST_LABEL, read_told
from hipimu.web.coach.upload_receive import Told, hear_out, receive_body, receive_form

router: Final = APIRouter(route_class=BoundedRoute, tags=["Uploads"])
_REASONS: Final[Mapping[str, str]] = {
    "bad_form": "bad_value",
    "bad_name": "bad_value",
    "unclear": "bad_value",
    "no_room": "no_room",
    "too_large": "too_large",
    "too_many": "too_many",
    "too_slow": "too_slow",
}
"""Reasons of `UploadError` as the API calls them."""
_ZIPS: Final = ("application/zip", "application/x-zip-compressed", "application/octet-stream")
_FORM: Final = "multipart/form-data"
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class UploadProblem:
    """Why a recording was not kept."""

    what: str
    """What happened, in a sentence."""
    remedy: str
    """What to do, in a sentence."""


@dataclass(frozen=True, slots=True)
class SentRecording:
    """A recording that was sent, and what has become of it."""

    id: str
    athlete: str
    """Name of whose run it is."""
    sender: str
    """Name of whoever sent it."""
    sent_at: datetime
    files: tuple[str, ...]
    """Names of what was sent."""
    received: int
    """Bytes that have come."""
    state: State
    """How far it is; nothing more happens after `kept`, `refused`, `cancelled`, `interrupted`."""
    ended: bool
    """Whether nothing more becomes of it."""
    done: float | None
    """Share of the state, 0–1; null: not known."""
    ahead: int
    """How many are read before it, while it waits."""
    said: str
    """The state in a sentence."""
    session: str | None
    """Name of the session that it was kept as; null: not kept, or not yet."""
    outcome: Outcome | None
    """What the store made of it: a new session; the same as before; the same, with something else
    said of it; or another analysis of a session. Null: not kept, or not yet."""
    problem: UploadProblem | None
    """Why it was refused; null: it was not."""
    left_out: tuple[str, ...]
    """Files that were sent and not used."""


@dataclass(frozen=True, slots=True)
class SentRecordings:
    """Recordings that were sent since the server began, newest first."""

    uploads: tuple[SentRecording, ...]


async def _uploads_of(request: Request, view: View) -> IntakeView:
    intake = getattr(request.app.state, "intake", None)
    if intake is None:
        raise ProblemError("not_found", "Nothing can be sent to this server.", "See /api/docs.")
    return IntakeView(intake, view)


_Uploads = Annotated[IntakeView, Depends(_uploads_of)]
_Id = Annotated[str, Path(min_length=1, max_length=100, description="Of the upload.")]
_Athlete = Annotated[
    str, Query(max_length=100, description="Name of whose run it is, where the body is a zip.")
]
_Name = Annotated[
    str,
    Query(
        max_length=_LONGEST_NAME,
        description="What the session is to be called, where the body is a zip. Empty: as its "
        "folder is.",
    ),
]
_FIELDS: Final[Mapping[str, tuple[int, str]]] = {
    "athlete": (100, "Name of whose run it is. Before the files."),
    "name": (_LONGEST_NAME, "What the session is to be called; otherwise as the files are."),
    "surface": (500, "Such as `track`, `road`, `trail`, `treadmill`."),
    "shoes": (500, "Free text."),
    "exertion": (10, "Rated on the CR10 scale, 0–10."),
    "injury": (500, "Free text."),
    "tags": (900, "Words on the session, separated by commas."),
    **{
        segment: (
            LONGEST_LABEL,
            f"What the sensor on {segment} is called in the files, where its name does not say "
            "where it was worn.",
        )
        for segment in SEGMENTS
    },
}
_FILE: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
_BODY: Final[Mapping[str, Any]] = {
    "required": True,
    "content": {
        _FORM: {
            "schema": {
                "type": "object",
                "required": ["athlete", "recording"],
                "properties": {
                    **{
                        name: {"type": "string", "maxLength": most, "description": said}
                        for name, (most, said) in _FIELDS.items()
                    },
                    "recording": {
                        "type": "array",
                        "minItems": 1,
                        "items": _FILE,
                        "description": "A zip of a recording's folder; or its files, this field "
                        "once for each.",
                    },
                    "beside": {
                        "type": "array",
                        "items": _FILE,
                        "description": "Laps as CSV, and a watch's FIT, GPX or TCX file.",
                    },
                },
            }
        },
        "application/zip": {"schema": _FILE},
    },
}
_REFUSED: Final = refusal("not_found", "not_files", "too_large", "too_many", "too_slow", "no_room")


sending: Final = APIRouter(tags=["Uploads"])
"""Its bodies are larger than others, and no JSON."""


@sending.post(
    "/uploads",
    response_model=model_of(SentRecording),
    status_code=202,
    responses=_REFUSED,
    openapi_extra={"requestBody": _BODY},
    summary="Send a recording",
)
async def send_recording(
    uploads: _Uploads, request: Request, athlete: _Athlete = "", name: _Name = ""
) -> Response:
    """Send a recording, which is analysed and kept as a session, once.

    It is answered as soon as everything has come; `Location` then tells what becomes of it. How
    much is taken is said in the reference of uploads: usually 600 MB and 40 files.
    """
    try:
        upload = await _received(request, uploads, athlete, name)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody hears it
    except (FormError, HipimuError, ProblemError) as error:
        await hear_out(request)
        return _refused(error)
    return Json(_told(upload), 202, {"Location": at("uploads", upload.id)})


async def _received(request: Request, uploads: IntakeView, athlete: str, name: str) -> Upload:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()

    def read(fields: Mapping[str, str]) -> Told:
        return read_told({"athlete": athlete, "name": name, **fields}, uploads.store)

    if kind == _FORM:
        return await receive_form(request, uploads, read)
    if kind in _ZIPS:
        told = await run_in_threadpool(read, {})
        # Two zips of one name have nothing to do with each other.
        file = f"upload-{secrets.token_hex(4)}.zip"
        return await receive_body(request, uploads, told.athlete, name=told.name, file=file)
    raise ProblemError(
        "not_files", "That was neither a zip nor a form with files.", f"Send {_FORM} or {_ZIPS[0]}."
    )


def _refused(error: FormError | HipimuError | ProblemError) -> Response:
    if isinstance(error, StoreError):
        raise error
    reason = "bad_value"
    if isinstance(error, UploadError):
        reason = _REASONS[error.reason]
    elif isinstance(error, ProblemError):
        reason = error.reason
    elif not isinstance(error, FormError):
        raise error
    # What has not been heard by now is not waited for.
    return problem(reason, error.what, error.remedy, headers={"Connection": "close"})


@router.get("/uploads", response_model=model_of(SentRecordings), summary="Recordings sent")
def list_uploads(uploads: _Uploads) -> Response:
    """List what the caller has sent since the server began; for owners, what anybody has."""
    return Json(SentRecordings(tuple(map(_told, uploads.uploads()))))


@router.get("/uploads/{upload_id}", response_model=model_of(SentRecording), summary="One of them")
def get_upload(uploads: _Uploads, upload_id: _Id) -> Response:
    """Tell how far a recording is, or what has become of it."""
    return Json(_told(uploads.upload(upload_id)))


@router.delete("/uploads/{upload_id}", status_code=204, summary="Cancel an upload")
def cancel_upload(uploads: _Uploads, upload_id: _Id) -> Response:
    """Let nothing more become of it. What was kept already stays: delete the session instead."""
    uploads.cancel(upload_id)
    return Response(status_code=204)


def _told(upload: Upload) -> SentRecording:
    return SentRecording(
        id=upload.id,
        athlete=upload.athlete,
        sender=upload.sender,
        sent_at=upload.sent_at,
        files=upload.names,
        received=upload.received,
        state=upload.state,
        ended=upload.ended,
        done=upload.done,
        ahead=upload.ahead,
        said=words.said(upload),
        session=upload.session,
        outcome=upload.outcome,
        problem=None if upload.problem is None else _why(upload.problem),
        left_out=upload.left_out,
    )


def _why(why: Problem) -> UploadProblem:
    return UploadProblem(why.what, why.remedy)
