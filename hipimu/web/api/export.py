"""Everything an athlete owns, as one file to take along."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from hipimu.store import StoreView
from hipimu.web.api.problems import ProblemError

_AT_ONCE: Final = BoundedSemaphore(2)
"""Each needs as much room on the disk as the athlete has in the store."""
_PIECE: Final = 256 * 1024


def zipped_person(view: StoreView, name: str) -> Response:
    """Answer with a zip of everything an athlete owns.

    Parameters
    ----------
    view : StoreView
    name : str
        Of the athlete.

    Returns
    -------
    Response

    Raises
    ------
    StoreError
        When there is no such athlete for this viewer.
    ProblemError
        When others are being made.
    """
    athlete = view.athlete(name).name
    if not _AT_ONCE.acquire(blocking=False):
        raise ProblemError("busy", "Two exports are being made.", "Try again in a moment.")
    try:
        file = _zip_of(view, athlete)
    finally:
        _AT_ONCE.release()
    size = file.seek(0, 2)
    headers = {"Content-Length": str(size), "Content-Disposition": attachment(f"{athlete}.zip")}
    return StreamingResponse(_pieces(file), media_type="application/zip", headers=headers)


def attachment(name: str) -> str:
    """Name a file for who keeps it (RFC 6266)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _zip_of(view: StoreView, athlete: str) -> IO[bytes]:
    """Make a file without a name: it is gone when it is closed, whatever becomes of the answer."""
    with tempfile.TemporaryDirectory(prefix="hipimu-export-") as aside:
        folder = view.store.export_person(athlete, Path(aside) / "export")
        file = tempfile.TemporaryFile()  # noqa: SIM115 — it is read after this
        try:
            _write(file, folder)
        except BaseException:
            file.close()
            raise
    return file


def _write(file: IO[bytes], folder: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
