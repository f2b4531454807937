"""Files that pages ask for besides their HTML: scripts, styles, pictures, sounds."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from hipimu.sound.clips import CLIPS

_HERE: Final = Path(__file__).parent
TYPES: Final = {
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


@cache
def known_files() -> dict[str, Path]:
    """Return what pages may ask for: name in its URL → file."""
    static, clips = _HERE / "static", Path(str(files("hipimu.sound.clips")))
    own = (path for path in static.rglob("*") if path.is_file() and path.suffix in TYPES)
    spoken = {f"sounds/{name}.wav": clips / f"{name}.wav" for name in CLIPS}
    return {path.relative_to(static).as_posix(): path for path in own} | spoken


async def static_file(name: str, request: Request) -> Response:
    """Answer with a file, or that nothing changed."""
    path = known_files().get(name)
    if path is None:
        raise HTTPException(404)
    # The browser asks each time and is told when nothing changed: no old script after an update.
    answer = FileResponse(
        path,
        stat_result=path.stat(),
        media_type=TYPES[path.suffix],
        headers={"Cache-Control": "private, no-cache"},
    )
    if request.headers.get("if-none-match") == answer.headers["etag"]:
        kept = {name: answer.headers[name] for name in ("etag", "cache-control")}
        return Response(status_code=304, headers=kept)
    return answer
