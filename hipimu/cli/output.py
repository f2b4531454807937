"""What commands share: progress bars where a terminal is, results that appear all at once."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path

from hipimu.data import Session
from hipimu.errors import OutputError

DONE = 0
NOT_ESTIMABLE = 3


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on stderr while the block runs, if a person is watching."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def check_folder(out: Path) -> None:
    """Refuse a folder that cannot be made or written, before the long work and not after it.

    Parameters
    ----------
    out : Path
        Need not exist yet.

    Raises
    ------
    OutputError
        When a file is in the way or the folder is write-protected.
    """
    places = (out, *out.absolute().parents)
    # Path.exists would raise where a name is too long.
    nearest = next(place for place in places if os.path.exists(place))  # noqa: PTH110
    if not nearest.is_dir():
        raise OutputError(
            f"The results cannot be written to {out}: {nearest} is a file.", "Choose another --out."
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OutputError(
            f"The results cannot be written to {out}: {nearest} is write-protected.",
            "Choose another --out.",
        )


def write_results(session: Session, out: Path) -> Path:
    """Write tables, summary and report; no reader ever meets a half-written file.

    All four are written aside first and then take their places, so that what fails or is
    interrupted before that leaves the folder as it was.

    Parameters
    ----------
    session : Session
    out : Path
        Folder, made where missing and taken away again should writing fail. Files of an earlier
        analysis are replaced, others kept.

    Returns
    -------
    Path
        Of the report.

    Raises
    ------
    OutputError
        When the folder cannot be written.
    """
    from hipimu.export import write_tables
    from hipimu.report import render

    page = render(session)
    try:
        with _folder(out), tempfile.TemporaryDirectory(dir=out, prefix=".new-") as fresh:
            write_tables(session, Path(fresh))
            (Path(fresh) / "report.html").write_text(page, encoding="utf-8")
            _take_places(Path(fresh), out)
    except OSError as error:
        raise OutputError(
            f"The results cannot be written to {out}: {error.strerror}.", "Choose another --out."
        ) from error
    return out / "report.html"


def _take_places(fresh: Path, out: Path) -> None:
    files = sorted(fresh.iterdir())
    in_the_way = next((out / file.name for file in files if (out / file.name).is_dir()), None)
    # Asked before the first one moves: all or none.
    if in_the_way is not None:
        raise IsADirectoryError(EISDIR, f"{in_the_way.name} is a folder there")
    for file in files:
        file.replace(out / file.name)


@contextmanager
def _folder(out: Path) -> Iterator[None]:
    """Make the folder; should the block fail, take away what was made and is still empty."""
    missing = [place for place in (out, *out.parents) if not os.path.lexists(place)]
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for place in missing:
            with suppress(OSError):
                place.rmdir()
        raise


def verdict_code(session: Session) -> int:
    """Exit code: 3 when no estimate could be made, else 0."""
    answered = any(estimate.verdict != "not_estimable" for estimate in session.fatigue)
    return DONE if answered else NOT_ESTIMABLE
