"""What commands share: progress bars where a terminal is, results that appear all at once."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hipimu.errors import OutputError

if TYPE_CHECKING:
    # Only named: at run time it would bring NumPy to every --help.
    from hipimu.data import Session

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


def print_json(document: Any) -> None:
    """Print one JSON document on stdout, as UTF-8 whatever the terminal's encoding.

    Parameters
    ----------
    document : dict or list
        Of plain values; numbers are finite.
    """
    from json import dumps

    typer.echo(dumps(document, indent=2, ensure_ascii=False, allow_nan=False).encode())


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


def write_results(session: Session, out: Path, *, pdf: bool = False) -> Path:
    """Write tables, summary and report; no reader ever meets a half-written file.

    All are written aside first and then take their places, so that what fails or is
    interrupted before that leaves the folder as it was.

    Parameters
    ----------
    session : Session
    out : Path
        Folder, made where missing and taken away again should writing fail. Files of an earlier
        analysis are replaced, others kept.
    pdf : bool
        Whether to write the report as report.pdf too.

    Returns
    -------
    Path
        Of the report, report.html.

    Raises
    ------
    OutputError
        When the folder cannot be written, or a PDF cannot be made here.
    """
    from hipimu.export import write_tables
    from hipimu.report import render

    page = render(session)
    paper = _paper(session) if pdf else None
    with _all_at_once(out) as fresh:
        write_tables(session, fresh)
        (fresh / "report.html").write_text(page, encoding="utf-8")
        if paper is not None:
            (fresh / "report.pdf").write_bytes(paper)
    return out / "report.html"


def _paper(session: Session) -> bytes:
    from hipimu.report.pdf import render_pdf

    return render_pdf(session)


def write_files(texts: Mapping[str, str], out: Path) -> None:
    """Write texts so that no reader ever meets a half-written file.

    Parameters
    ----------
    texts : mapping
        Path within `out` → contents.
    out : Path
        Folder, made where missing; as for `write_results`.

    Raises
    ------
    OutputError
        When the folder cannot be written.
    """
    with _all_at_once(out) as fresh:
        for name, text in texts.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_text(text, encoding="utf-8")


@contextmanager
def _all_at_once(out: Path) -> Iterator[Path]:
    """Give a folder to write in; what is in it then takes its place in `out`."""
    try:
        with _folder(out), tempfile.TemporaryDirectory(dir=out, prefix=".new-") as fresh:
            yield Path(fresh)
            _take_places(Path(fresh), out)
    except OSError as error:
        raise OutputError(
            f"The results cannot be written to {out}: {error.strerror}.", "Choose another --out."
        ) from error


def _take_places(fresh: Path, out: Path) -> None:
    files = sorted(path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file())
    in_the_way = next((file for file in files if (out / file).is_dir()), None)
    # Asked before the first one moves: all or none.
    if in_the_way is not None:
        raise IsADirectoryError(EISDIR, f"{in_the_way} is a folder there")
    for file in files:
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        (fresh / file).replace(out / file)


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
