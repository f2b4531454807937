"""What commands share: progress bars where a terminal is, results that appear all at once."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def write_results(session: Session, out: Path) -> Path:
    """Write tables, summary and report; either all four files are new or none is.

    Parameters
    ----------
    session : Session
    out : Path
        Folder, made where missing. Files of an earlier analysis are replaced, others kept.

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
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".new-") as fresh:
            write_tables(session, Path(fresh))
            (Path(fresh) / "report.html").write_text(page, encoding="utf-8")
            for file in sorted(Path(fresh).iterdir()):
                file.replace(out / file.name)
    except OSError as error:
        raise OutputError(
            f"The results cannot be written to {out}: {error.strerror}.", "Choose another --out."
        ) from error
    return out / "report.html"


def verdict_code(session: Session) -> int:
    """Exit code: 3 when no estimate could be made, else 0."""
    answered = any(estimate.verdict != "not_estimable" for estimate in session.fatigue)
    return DONE if answered else NOT_ESTIMABLE
