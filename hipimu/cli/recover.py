"""`hipimu recover`: a journal in, samples out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def recover(
    recording: Annotated[Path, typer.Argument(help="Folder NAME.hipimu with a journal.bin.")],
) -> None:
    """Decode a recording's journal anew, after a crash or a mended protocol file.

    Writes samples.parquet and recording.toml into the folder; the journal stays as it is.
    """
    from hipimu.cli.output import progress_bar
    from hipimu.cli.sensor_lines import last_lines
    from hipimu.pipeline import recover as run

    with progress_bar(f"Decoding {recording.name}") as progress:
        done = run(recording, progress=progress)
    if done.damage:
        typer.echo(f"Journal: {done.damage}.")
    for line in last_lines(done):
        typer.echo(line)
