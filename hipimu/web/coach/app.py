"""The routes of the coach's pages."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from hipimu.errors import StoreError
from hipimu.store import Store, Viewer
from hipimu.web.coach.caller import Caller
from hipimu.web.coach.forms import FormError
from hipimu.web.coach.frame import note_pages
from hipimu.web.coach.guard import CoachGuard, failed
from hipimu.web.coach.pages import CoachPages
from hipimu.web.guard import sentence
from hipimu.web.security import Access, new_token
from hipimu.web.static_files import static_file

_READS: Final = ["GET", "HEAD"]
_STATUS: Final = {"not_found": 404, "forbidden": 403, "bad_value": 422, "exists": 409, "busy": 503}


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
    from hipimu.web.api.app import mount_api  # here: it needs what is beside this file

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_exception_handler(HTTPException, _no_such_thing)
    app.add_exception_handler(Exception, _failed)
    app.add_exception_handler(StoreError, _refused_by_store)
    app.add_exception_handler(FormError, _refused)
    pages = CoachPages(store)
    app.add_api_route("/static/{name:path}", static_file, methods=_READS)
    app.add_api_route("/", pages.squad, methods=_READS)
    app.add_api_route("/athletes/{name}", pages.athlete, methods=_READS)
    app.add_api_route("/athletes/{name}/notes", pages.note_athlete, methods=["POST"])
    app.add_api_route("/sessions/{name}", pages.session, methods=_READS)
    app.add_api_route("/sessions/{name}/notes", pages.note_session, methods=["POST"])
    app.add_api_route("/sessions/{name}/context", pages.context, methods=["POST"])
    app.add_api_route("/compare", pages.compare, methods=_READS)
    app.add_api_route("/notes/{number}/delete", pages.delete_note, methods=["POST"])
    app.add_api_route("/notes/{number}/restore", pages.restore_note, methods=["POST"])
    mount_api(app, store)
    note_pages(app)
    only = Viewer(author, "owner")
    return CoachGuard(app, access, Caller(only, "local", key or new_token()))


async def _no_such_thing(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    if status == 405:
        return sentence(405, "That cannot be done here.", "Use hipimu's own pages.")
    return sentence(status, "There is no such page.", "The squad is on the first one.")


async def _failed(_: Request, __: Exception) -> Response:
    return failed()


async def _refused_by_store(_: Request, error: Exception) -> Response:
    if not isinstance(error, StoreError):
        raise error
    return sentence(_STATUS.get(error.reason, 500), error.what, error.remedy)


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, FormError):
        raise error
    return sentence(error.status, error.what, error.remedy)
