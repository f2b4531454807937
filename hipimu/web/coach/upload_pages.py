"""The pages for sending recordings, and for seeing what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.requests import ClientDisconnect

from hipimu.errors import StoreError, UploadError
from hipimu.pipeline.intake import Intake, IntakeView, Upload
from hipimu.store import Store, StoreView
from hipimu.web.coach import upload_words as words
from hipimu.web.coach.caller import caller_of
from hipimu.web.coach.forms import FormError, read_form
from hipimu.web.coach.render import respond
from hipimu.web.coach.upload_form import FIELDS, check_key, read_told
from hipimu.web.coach.upload_receive import Told, hear_out, receive_form

STATUS: Final[Mapping[str, int]] = {
    "bad_archive": 422,
    "bad_form": 400,
    "bad_name": 422,
    "no_room": 507,
    "too_large": 413,
    "too_many": 429,
    "too_slow": 408,
    "unclear": 422,
}
_READS: Final = ["GET", "HEAD"]
_LISTED: Final = 20


def add_uploads(app: FastAPI, store: Store, intake: Intake) -> None:
    """Give an application the pages for uploads.

    Parameters
    ----------
    app : FastAPI
    store : Store
    intake : Intake
    """
    pages = UploadPages(store, intake)
    app.add_api_route("/upload", pages.form, methods=_READS)
    app.add_api_route("/upload", pages.send, methods=["POST"])
    app.add_api_route("/uploads/{upload_id}", pages.upload, methods=_READS)
    app.add_api_route("/uploads/{upload_id}/state", pages.state, methods=_READS)
    app.add_api_route("/uploads/{upload_id}/cancel", pages.cancel, methods=["POST"])


@dataclass(frozen=True, slots=True, eq=False)
class UploadPages:
    """Answers about uploads, to each what is theirs to see.

    Parameters
    ----------
    store : Store
    intake : Intake
    """

    store: Store
    intake: Intake

    def form(self, request: Request) -> Response:
        """Answer with the form, and the uploads there are."""
        return self._form(request, {"athlete": request.query_params.get("athlete", "")})

    async def send(self, request: Request) -> Response:
        """Receive a recording; lead to the page that tells what becomes of it."""
        caller, view = caller_of(request), self._view(request)
        written: dict[str, str] = {}

        def read(fields: Mapping[str, str]) -> Told:
            written.update(fields)
            check_key(fields, caller)
            return read_told(fields, view.store)

        try:
            upload = await receive_form(request, view, read)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody hears it
        except (FormError, StoreError, UploadError) as error:
            await hear_out(request)
            return await run_in_threadpool(self._refused, request, written, error)
        return RedirectResponse(f"/uploads/{upload.id}", status_code=303)

    def upload(self, upload_id: str, request: Request) -> Response:
        """Answer with one upload."""
        upload = self._view(request).upload(upload_id)
        return respond(
            request,
            "upload.html",
            upload=upload,
            said=words.said(upload),
            mark=words.mark(upload),
            steps=words.steps(upload),
            size=words.size(upload.received),
        )

    def state(self, upload_id: str, request: Request) -> Response:
        """Answer with how far an upload is, for the page's script."""
        return JSONResponse(_state(self._view(request).upload(upload_id)))

    async def cancel(self, upload_id: str, request: Request) -> Response:
        """Let nothing more become of an upload."""
        await read_form(request, caller_of(request).key)
        await run_in_threadpool(self._view(request).cancel, upload_id)
        return RedirectResponse(f"/uploads/{upload_id}", status_code=303)

    def _refused(
        self,
        request: Request,
        written: Mapping[str, str],
        error: FormError | StoreError | UploadError,
    ) -> Response:
        if isinstance(error, StoreError):
            # Somebody else's athlete, or a store that is not there: no matter of this form.
            raise error
        status = error.status if isinstance(error, FormError) else STATUS[error.reason]
        shown = FormError(status, error.what, error.remedy)
        answer = self._form(request, written, shown)
        # What has not been heard by now is not waited for.
        answer.headers["Connection"] = "close"
        return answer

    def _form(
        self, request: Request, written: Mapping[str, str], error: FormError | None = None
    ) -> Response:
        view = self._view(request)
        uploads = view.uploads()[:_LISTED]
        return respond(
            request,
            "upload_form.html",
            status=200 if error is None else error.status,
            athletes=view.athletes(),
            written={field: written.get(field, "") for field in FIELDS},
            error=error,
            limits=self.intake.limits,
            uploads=[(upload, words.mark(upload), words.said(upload)) for upload in uploads],
        )

    def _view(self, request: Request) -> IntakeView:
        return IntakeView(self.intake, StoreView(self.store, caller_of(request).viewer))


def _state(upload: Upload) -> dict[str, object]:
    return {
        "state": upload.state,
        "said": words.said(upload),
        "done": upload.done,
        "ended": upload.ended,
        "steps": [step.said for step in words.steps(upload)],
    }
