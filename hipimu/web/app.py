"""The routes of the live page."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from hipimu.pipeline.board import LiveBoard
from hipimu.sound.clips import CLIPS
from hipimu.web.guard import Guard, failed, sentence
from hipimu.web.security import Access, report_policy
from hipimu.web.viewers import Viewers

_HERE: Final = Path(__file__).parent
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Said here, as what a system says of files may be anything."""


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
    app.add_api_route("/static/{name:path}", _static, methods=["GET", "HEAD"])

    @app.api_route("/", methods=["GET", "HEAD"])
    async def page() -> Response:
        return FileResponse(_HERE / "templates" / "live.html", media_type=_TYPES[".html"])

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


@cache
def known_files() -> dict[str, Path]:
    """Return what the page may ask for: name in its URL → file."""
    static, clips = _HERE / "static", Path(str(files("hipimu.sound.clips")))
    own = (path for path in static.rglob("*") if path.is_file() and path.suffix in _TYPES)
    spoken = {f"sounds/{name}.wav": clips / f"{name}.wav" for name in CLIPS}
    return {path.relative_to(static).as_posix(): path for path in own} | spoken


async def _static(name: str, request: Request) -> Response:
    path = known_files().get(name)
    if path is None:
        raise HTTPException(404)
    # The browser asks each time and is told when nothing changed: no old script after an update.
    answer = FileResponse(
        path,
        stat_result=path.stat(),
        media_type=_TYPES[path.suffix],
        headers={"Cache-Control": "private, no-cache"},
    )
    if request.headers.get("if-none-match") == answer.headers["etag"]:
        kept = {name: answer.headers[name] for name in ("etag", "cache-control")}
        return Response(status_code=304, headers=kept)
    return answer


async def _no_such_thing(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return sentence(status, "There is no such page.", "The run is on the first one.")


async def _failed(_: Request, __: Exception) -> Response:
    return failed()
