"""`hipimu study`: whether the intervals of fatigue keep their promise, on simulated sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def study(
    out: Annotated[
        Path | None, typer.Option(help="Folder for statistics.json, statistics.md and img/.")
    ] = None,
    sessions: Annotated[
        int, typer.Option(min=2, max=100_000, help="Sessions of each kind, stride by stride.")
    ] = 400,
    signal_sessions: Annotated[
        int,
        typer.Option(
            "--signal-sessions",
            min=0,
            max=1000,
            help="Sessions without a change through the whole signal path, and half as many with.",
        ),
    ] = 60,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes side by side.")] = 2,
    json: Annotated[
        bool, typer.Option("--json", help="Print the results as JSON; everything else on stderr.")
    ] = False,
) -> None:
    """Count how often the intervals hold what was built in, on many simulated sessions.

    The full study takes about a quarter of an hour on two cores; the same numbers give the same
    result.
    """
    from hipimu.cli.output import check_folder, progress_bar, write_files

    if out is not None:
        check_folder(out)
    # Only now: these take longer to import than a refusal should take.
    from json import dumps

    from hipimu.export.honesty import study_document
    from hipimu.report.honesty_page import study_figures, study_lines, study_page
    from hipimu.validation.honesty import run_study

    with progress_bar("Simulating") as progress:
        found = run_study(sessions, signal_sessions, jobs, progress)
    document = study_document(found)
    text = dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    for line in study_lines(document):
        typer.echo(line, err=json)
    if out is not None:
        figures = {f"img/{name}": svg for name, svg in study_figures(document).items()}
        write_files({"statistics.json": text, "statistics.md": study_page(document)} | figures, out)
        typer.echo(f"Page: {out / 'statistics.md'}", err=json)
    if json:
        # As bytes: JSON is UTF-8 whatever the terminal's encoding.
        typer.echo(text.rstrip("\n").encode())
