"""`hipimu plan`: what a session will be able to show, before it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def plan(
    fast_bouts: Annotated[
        int, typer.Option("--fast-bouts", min=3, max=60, help="Fast bouts in the session.")
    ] = 6,
    easy_bouts: Annotated[
        int | None,
        typer.Option("--easy-bouts", min=3, max=60, help="Easy bouts. Without it: as many."),
    ] = None,
    fast_s: Annotated[
        float, typer.Option("--fast-s", min=30, max=3600, help="Seconds of a fast bout.")
    ] = 60.0,
    easy_s: Annotated[
        float, typer.Option("--easy-s", min=30, max=3600, help="Seconds of an easy bout.")
    ] = 120.0,
    see_deg: Annotated[
        float, typer.Option("--see", min=0.1, max=45, help="Extra loss to be seen, in degrees.")
    ] = 3.0,
    like: Annotated[
        Path | None,
        typer.Option(
            help="Results of an earlier session (folder or summary.json): this runner's own "
            "variability instead of the usual one."
        ),
    ] = None,
    power: Annotated[
        float, typer.Option(min=0.5, max=0.99, help="How often a loss that is there is to be seen.")
    ] = 0.8,
    json: Annotated[
        bool, typer.Option("--json", help="Print the plan as JSON; everything else on stderr.")
    ] = False,
) -> None:
    """Say the smallest extra loss at fast pace that a session can show, and the bouts 3° needs."""
    from hipimu.cli.output import print_json
    from hipimu.export.planning import Request, planned, read_variability
    from hipimu.report.planning import plan_lines

    variability = None if like is None else read_variability(like)
    request = Request(
        bouts=(fast_bouts if easy_bouts is None else easy_bouts, fast_bouts),
        bout_s=(easy_s, fast_s),
        see_deg=see_deg,
        power=power,
        variability=variability,
        source="usual figures" if like is None else like.name or str(like),
    )
    document = planned(request)
    for line in plan_lines(document):
        typer.echo(line, err=json)
    if json:
        print_json(document)
