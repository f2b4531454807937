"""`hipimu convert`: files of other systems in, files for other programs out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hipimu.data import Segment
    from hipimu.sources.metadata import Metadata


def convert(
    recording: Annotated[
        Path | None,
        typer.Argument(metavar="IN", help="Recording, or a file or folder of another system."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="File or folder; its ending says which kind."),
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="Kind of OUT, where its ending does not say it.")
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            help="SEGMENT=LABEL: which sensor is worn where; once for each of pelvis, thigh_left, "
            "thigh_right. Without it: as the file's names say."
        ),
    ] = None,
    laps: Annotated[
        Path | None, typer.Option(help="laps.csv instead of the recording's own.")
    ] = None,
    activity: Annotated[
        Path | None,
        typer.Option(help="A watch's FIT, TCX or GPX file: its laps, speed and heart rate."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="When the recording began, where it does not say it: 2026-05-03T07:30:00+02:00."
        ),
    ] = None,
    show: Annotated[
        bool, typer.Option("--list", help="Say which systems are read and what is written.")
    ] = False,
) -> None:
    """Bring a recording from another system's form into another one's.

    A name without ending becomes a recording folder, which every command of hipimu reads.
    """
    if show:
        _list()
        return
    if recording is None or out is None:
        raise typer.BadParameter("IN and OUT are needed; --list says what is known")
    from hipimu.cli.output import progress_bar
    from hipimu.export.formats.noun import Conversion
    from hipimu.export.formats.registry import convert as run
    from hipimu.export.formats.registry import writer_for
    from hipimu.sources import open_recording

    writer = writer_for(out, to)
    opened = open_recording(
        recording, laps=laps, activity=activity, roles=_roles(role) if role else None
    )
    if start is not None:
        opened = replace(opened, metadata=_begun(opened.metadata, start))
    said = list(opened.remarks)
    with progress_bar(f"Converting {opened.name}") as progress:
        made = run(Conversion(opened, progress=progress, tell=said.append), out, writer)
    for remark in said:
        typer.echo(f"Note: {remark}")
    typer.echo(f"Wrote {made[0]} ({writer.title}).")


def _begun(metadata: Metadata, text: str) -> Metadata:
    from datetime import datetime

    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        start = None
    if start is None or start.utcoffset() is None:
        raise typer.BadParameter(
            f"{text!r} is no time with a zone, such as 2026-05-03T07:30:00+02:00",
            param_hint="--start",
        )
    if metadata.started_at is not None:
        raise typer.BadParameter(
            f"the recording says itself that it began at {metadata.started_at.isoformat()}",
            param_hint="--start",
        )
    return metadata.model_copy(update={"started_at": start})


def _roles(given: list[str]) -> dict[Segment, str]:
    from hipimu.data import SEGMENTS

    roles: dict[Segment, str] = {}
    for text in given:
        name, _, label = text.partition("=")
        segment = next((known for known in SEGMENTS if known == name), None)
        if segment is None or not label:
            raise typer.BadParameter(
                f"{text!r} is not SEGMENT=LABEL; segments: {', '.join(SEGMENTS)}",
                param_hint="--role",
            )
        roles[segment] = label
    return roles


def _list() -> None:
    from hipimu.export.formats.registry import WRITERS
    from hipimu.sources.foreign.registry import READERS

    typer.echo("Reads:")
    typer.echo("  recording folders, hipimu's own recordings, Movella DOT exports")
    for reader in READERS:
        typer.echo(f"  {reader.title}{_extra(reader.extra)}")
    typer.echo("Writes (--to):")
    for writer in WRITERS:
        typer.echo(f"  {writer.id:16} {writer.title}{_extra(writer.extra)}")


def _extra(extra: str | None) -> str:
    return "" if extra is None else f" – needs pip install 'hipimu[{extra}]'"
