"""`hipimu validate`: how accurate hipimu is, against every reference on hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def validate(
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for accuracy.json, accuracy.csv, accuracy.md and img/."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Simulated sessions a case.")] = 2,
    reference: Annotated[
        list[Path] | None,
        typer.Option(help="Recording folder with reference_angles.csv; can be repeated."),
    ] = None,
    broad: Annotated[
        Path | None,
        typer.Option(envvar="HIPIMU_BROAD", help="Folder with .mat trials of BROAD."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A small part of the cases.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the results as JSON; everything else on stderr.")
    ] = False,
) -> None:
    """Score peaks and strides on simulated runners, and angles on real references.

    Prints the accuracy tables. A reference that is not on hand is named, not left out silently.
    """
    from hipimu.cli.output import check_folder, progress_bar, write_files

    if out is not None:
        check_folder(out)
    # Only now: these take longer to import than a refusal should take.
    from json import dumps

    from rich.console import Console

    from hipimu.export.accuracy import accuracy_document, accuracy_frame
    from hipimu.report.accuracy_page import accuracy_figures, accuracy_page, part_files
    from hipimu.report.accuracy_terminal import WIDTH, accuracy_tables
    from hipimu.report.reference_figure import draw_part
    from hipimu.validation import Request
    from hipimu.validation import validate as run

    request = Request(seeds, quick, tuple(reference or ()), broad)
    with progress_bar("Validating") as progress:
        accuracy = run(request, progress)
    document = accuracy_document(accuracy)
    text = dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    Console(stderr=json, width=WIDTH, highlight=False).print(accuracy_tables(document))
    if out is not None:
        figures = accuracy_figures(document)
        for result, told in zip(accuracy.references, document["references"], strict=True):
            figures |= {file: draw_part(result, label) for label, file in part_files(told).items()}
        write_files(
            {
                "accuracy.json": text,
                "accuracy.csv": accuracy_frame(document).to_csv(index=False, lineterminator="\n"),
                "accuracy.md": accuracy_page(document),
                **{f"img/{name}": svg for name, svg in figures.items()},
            },
            out,
        )
        typer.echo(f"Page: {out / 'accuracy.md'}", err=json)
    if json:
        # As bytes: JSON is UTF-8 whatever the terminal's encoding.
        typer.echo(text.rstrip("\n").encode())
