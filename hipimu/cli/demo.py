"""`hipimu demo`: what hipimu does, on simulated runners, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[
        Path, typer.Option(help="Folder for what is simulated and what comes out of it.")
    ] = Path("hipimu-demo"),
    real: Annotated[
        bool,
        typer.Option("--real", help="Half a minute of a real person instead of a simulated run."),
    ] = False,
    season: Annotated[
        bool,
        typer.Option(
            "--season", help="A squad's season for the coach's pages instead: 14 athletes, 8 weeks."
        ),
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|URL",
            help="Store of the season: SQLite file or postgresql:// address. Without it: a file "
            "in --out.",
            show_default=False,
        ),
    ] = None,
    athletes: Annotated[
        int | None, typer.Option(min=1, max=14, help="Of the season: only the first so many.")
    ] = None,
    sessions: Annotated[
        int | None,
        typer.Option(min=1, max=30, help="Of the season: only the latest so many of each."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Of the season: sessions at a time. Without it: one a core."),
    ] = None,
) -> None:
    """Simulate a 20-minute interval session, analyse it, say where the report is.

    With --season: simulate the sessions of a squad, analyse each and keep it in a store, for hipimu
    serve. An interrupted season goes on by the same command.
    """
    from hipimu.cli.output import check_folder

    if not season and (store or athletes or sessions or jobs):
        raise typer.BadParameter(
            "needs --season", param_hint="--store/--athletes/--sessions/--jobs"
        )
    if real and season:
        raise typer.BadParameter("a season is simulated", param_hint="--real")
    check_folder(out)
    if season:
        from hipimu.cli.demo_season import make

        make(store or str(out / "season" / "store.sqlite"), athletes or 14, sessions or 30, jobs)
    else:
        _one_session(out, real=real)


def _one_session(out: Path, *, real: bool) -> None:
    from hipimu.cli.output import progress_bar, verdict_code, write_results
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
