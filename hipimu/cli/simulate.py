"""`hipimu simulate`: a recording with known truth."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class FileFormat(StrEnum):
    """How sensor samples are stored."""

    csv = "csv"
    parquet = "parquet"


def simulate(
    out: Annotated[Path, typer.Option(help="Recording folder to make; the truth lies beside it.")],
    plan: Annotated[
        Path | None, typer.Argument(help="Plan in TOML. Without it: the demo's interval session.")
    ] = None,
    file_format: Annotated[
        FileFormat, typer.Option("--format", help="Of the sensor files.")
    ] = FileFormat.csv,
) -> None:
    """Simulate a runner: a recording folder, and its true angles and strides beside it."""
    from hipimu.cli.output import progress_bar
    from hipimu.sources.simulate import demo_plan, read_plan
    from hipimu.sources.simulate import simulate as run

    chosen = read_plan(plan) if plan is not None else demo_plan()
    with progress_bar("Simulating") as progress:
        made = run(chosen, out, file_format=file_format.value, progress=progress)
    typer.echo(f"Recording: {made.recording}")
    typer.echo(f"Truth: {made.truth}")
