"""The routes of the live page."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from hipimu.pipeline.board import LiveBoard
from hipimu.web.guard import Guard, failed, sentence
from hipimu.web.security import Access, report_policy
from hipimu.web.static_files import TYPES, static_file
from hipimu.web.viewers import Viewers

_PAGE: Final = Path(__file__).parent / "templates" / "live.html"


def create_app(board: LiveBoard, viewers: Viewers, access: Access) -> ASGIApp:
    """Make the application that serves a run's page.

    Parameters
    ----------
    board : LiveBoard
    viewers : Viewers
        Its `publish` has to run in the same loop.
    access : Access

    Returns
    -------
    ASGI application
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_exception_handler(HTTPException, _no_such_thing)
    app.add_exception_handler(Exception, _failed)
    app.add_api_route("/static/{name:path}", static_file, methods=["GET", "HEAD"])

    @app.api_route("/", methods=["GET", "HEAD"])
    async def page() -> Response:
        return FileResponse(_PAGE, media_type=TYPES[".html"])

    @app.api_route("/report", methods=["GET", "HEAD"])
    async def report() -> Response:
        text = board.report
        if text is None:
            return sentence(404, "There is no report yet.", "It comes when the run has ended.")
        return HTMLResponse(text, headers={"Content-Security-Policy": report_policy(text)})

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await viewers.attend(socket)

    return Guard(app, access)


async def _no_such_thing(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return sentence(status, "There is no such page.", "The run is on the first one.")


async def _failed(_: Request, __: Exception) -> Response:
    return failed()
