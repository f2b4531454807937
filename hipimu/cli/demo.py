"""`hipimu demo`: the main job on a simulated session, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the recording and its results.")] = Path(
        "hipimu-demo"
    ),
    real: Annotated[
        bool,
        typer.Option("--real", help="Half a minute of a real person instead of a simulated run."),
    ] = False,
) -> None:
    """Simulate a 20-minute interval session, analyse it, say where the report is."""
    from hipimu.cli.output import check_folder, progress_bar, verdict_code, write_results

    check_folder(out)
    # Only now: these take longer to import than a refusal should take.
    from hipimu.pipeline import analyse
    from hipimu.report import lines

    recording = _real() if real else _simulated(out)
    with progress_bar("Analysing") as progress:
        session = analyse(recording, progress=progress)
    report = write_results(session, out / "report")
    for line in lines(session):
        typer.echo(line)
    typer.echo(f"Report: {report}")
    raise typer.Exit(verdict_code(session))


def _simulated(out: Path) -> Path:
    from hipimu.cli.output import progress_bar
    from hipimu.sources.simulate import demo_plan, simulate

    typer.echo("Simulating a runner: 6 × 2 min easy and 75 s fast, losing range at fast pace …")
    with progress_bar("Simulating") as progress:
        return simulate(demo_plan(), out / "interval-session", progress=progress).recording


def _real() -> Path:
    from hipimu.sources.shipped import shipped_recording

    typer.echo("Half a minute of a real person: enough for strides, too short for fatigue.")
    return shipped_recording("isen-run")
