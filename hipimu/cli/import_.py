"""`hipimu import`: tables that no reader knows, told by a mapping – or a proposal for one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hipimu.sources.mapping.guess.propose import Proposal


def import_(
    path: Annotated[Path, typer.Argument(help="Folder of tables, or one table.", metavar="PATH")],
    guess: Annotated[
        bool, typer.Option("--guess", help="Propose a mapping, and explain each choice.")
    ] = False,
    write: Annotated[
        bool,
        typer.Option("--write", help="With --guess: write mapping.toml beside the tables."),
    ] = False,
    mapping: Annotated[
        Path | None, typer.Option(help="Mapping to read PATH by; else mapping.toml beside it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File or folder to make; its ending says which kind.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="Kind of OUT, where its ending does not say it.")
    ] = None,
) -> None:
    """Bring any table of samples in: a mapping.toml says which column is what.

    With --guess: look at the files and propose that mapping. Nothing is asked, and no file is
    written over.
    """
    if guess == (out is not None):
        raise typer.BadParameter("give --guess to propose a mapping, or --out to convert by one")
    if write and not guess:
        raise typer.BadParameter("--write belongs to --guess", param_hint="--write")
    if guess:
        _propose(path, write=write)
    elif out is not None:
        _convert(path, mapping, out, to)


def _convert(path: Path, mapping: Path | None, out: Path, to: str | None) -> None:
    from hipimu.cli.output import progress_bar
    from hipimu.export.formats.noun import Conversion
    from hipimu.export.formats.registry import convert, writer_for
    from hipimu.sources.mapping.model import FILE_NAME
    from hipimu.sources.mapping.recording import open_mapped

    writer = writer_for(out, to)
    beside = (path if path.is_dir() else path.parent) / FILE_NAME
    recording = open_mapped(path, mapping or beside)
    said = list(recording.remarks)
    with progress_bar(f"Converting {recording.name}") as progress:
        made = convert(Conversion(recording, progress=progress, tell=said.append), out, writer)
    for remark in said:
        typer.echo(f"Note: {remark}")
    typer.echo(f"Wrote {made[0]} ({writer.title}).")


def _propose(path: Path, *, write: bool) -> None:
    from hipimu.sources.mapping.guess.propose import propose
    from hipimu.sources.mapping.guess.toml import mapping_text
    from hipimu.sources.mapping.model import FILE_NAME

    proposal = propose(path)
    text = mapping_text(proposal)
    typer.echo(text)
    _explain(proposal)
    _try(path, text)
    if write:
        _write(proposal.folder / FILE_NAME, text)
    else:
        typer.echo(f"Write it by: hipimu import {path} --guess --write")


def _explain(proposal: Proposal) -> None:
    titles = {
        "sure": "Sure, for the files say it:",
        "likely": "Likely, by the numbers – look at it:",
        "open": "Open – only you can know:",
    }
    for certainty, title in titles.items():
        own = [choice for choice in proposal.choices if choice.certainty == certainty]
        if own:
            typer.echo(title)
        for choice in own:
            value = f" = {choice.value}" if choice.value else ""
            typer.echo(f"  {choice.key}{value}: {choice.because}")


def _try(path: Path, text: str) -> None:
    from hipimu.errors import RecordingError
    from hipimu.sources.mapping.recording import tried

    try:
        recording = tried(path, text)
        counts: dict[str, int] = {}
        for block in () if recording is None else recording.blocks():
            counts[block.sensor] = counts.get(block.sensor, 0) + len(block.t_s)
    except RecordingError as error:
        typer.echo(f"Tried: read so, the files are refused: {error.what}")
        return
    if recording is None:
        typer.echo("Not tried yet: fill in what is open, then: hipimu import PATH --out OUT.")
        return
    read = ", ".join(f"{segment} {count} samples" for segment, count in counts.items())
    typer.echo(f"Tried: the files read so ({read}, {recording.rate_hz:.4g} Hz).")


def _write(path: Path, text: str) -> None:
    from hipimu.errors import OutputError

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise OutputError(
            f"{path} is there already.", "Move it away first; nothing is written over."
        ) from None
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror}.", "Copy the files where you may write."
        ) from error
    typer.echo(f"Wrote {path}.")
