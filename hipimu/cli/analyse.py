"""`hipimu analyse`: a recording in, tables and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def analyse(
    recording: Annotated[
        Path, typer.Argument(help="Recording folder, or a folder of Movella DOT exports.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results. Without it: NAME-report, here."),
    ] = None,
    laps: Annotated[
        Path | None, typer.Option(help="laps.csv to use instead of the recording's own.")
    ] = None,
    activity: Annotated[
        Path | None,
        typer.Option(help="A watch's FIT, TCX or GPX file: laps, speed, grade, heart rate."),
    ] = None,
    filter_name: Annotated[
        str,
        typer.Option(
            "--filter", help="Orientation filter: vqf; for comparison madgwick, mahony, ekf."
        ),
    ] = "vqf",
    strides: Annotated[
        str, typer.Option(help="Stride finder: turns, or one that an installed package brings.")
    ] = "turns",
    measure: Annotated[
        list[str] | None,
        typer.Option(help="Measure of your own, by name, once for each; see: Add a filter."),
    ] = None,
    from_s: Annotated[
        float | None, typer.Option("--from", help="Leave out what comes before, in seconds.")
    ] = None,
    until_s: Annotated[
        float | None, typer.Option("--until", help="Leave out what comes after, in seconds.")
    ] = None,
    causal: Annotated[
        bool,
        typer.Option(
            "--causal", help="Use the method of the live readout, which never looks ahead."
        ),
    ] = False,
    pdf: Annotated[
        bool,
        typer.Option(
            "--pdf", help="Also write report.pdf, for paper. Needs pip install 'hipimu[pdf]'."
        ),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON; everything else on stderr.")
    ] = False,
) -> None:
    """Analyse a recording: hip peaks of every stride, and easy against fast pace.

    Writes strides.csv, bouts.csv, summary.json and report.html. Ends with code 3 when the
    recording cannot answer the question of fatigue.
    """
    from hipimu.cli.output import (
        check_folder,
        print_json,
        progress_bar,
        verdict_code,
        write_results,
    )

    if out is not None:
        check_folder(out)
    if pdf:
        from hipimu.report.pdf import check_pdf

        check_pdf()
    # Only now: these take longer to import than a refusal should take.
    from hipimu.pipeline import analyse as run
    from hipimu.report import lines

    with progress_bar(f"Analysing {recording.name}") as progress:
        session = run(
            recording,
            laps=laps,
            activity=activity,
            method="causal" if causal else "refined",
            filter=filter_name,
            from_s=from_s,
            until_s=until_s,
            strides=strides,
            measures=measure or (),
            progress=progress,
        )
    report = write_results(session, out or Path(f"{session.recording}-report"), pdf=pdf)
    for line in lines(session):
        typer.echo(line, err=json)
    typer.echo(f"Report: {report}", err=json)
    if json:
        from hipimu.export import summary

        print_json(summary(session))
    raise typer.Exit(verdict_code(session))
