"""`hipimu trend`: an athlete over weeks."""

from __future__ import annotations

from typing import Annotated

import typer

_QUANTITIES = ("delta_fast", "delta_easy", "rfi", "reserve", "level_easy", "level_fast")


def trend(
    athlete: Annotated[str, typer.Argument(metavar="ATHLETE", help="Who is in the store.")],
    quantities: Annotated[
        list[str] | None,
        typer.Option(
            "--quantity",
            help=f"One of {', '.join(_QUANTITIES)}; more than once for more. Without it: "
            "delta_fast and rfi.",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the trends as JSON; everything else on stderr.")
    ] = False,
) -> None:
    """Say whether an athlete's range at fast pace gets more durable over weeks.

    First the mean of both sides, then each side and peak. Ends with code 3 when nothing can be
    followed yet.
    """
    unknown = [name for name in quantities or () if name not in _QUANTITIES]
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]} is none of {', '.join(_QUANTITIES)}", param_hint="--quantity"
        )
    from hipimu.cli.output import DONE, NOT_ESTIMABLE, print_json
    from hipimu.compare import trend as follow
    from hipimu.compare import trends
    from hipimu.export.over_weeks import trend_document
    from hipimu.report.over_weeks import left_out, trend_lines, trend_sentence
    from hipimu.store import open_store

    with open_store() as store:
        name = store.athlete(athlete).name
        sessions = store.summaries(athlete=name)
    asked = tuple(dict.fromkeys(quantities or ("delta_fast", "rfi")))
    first = follow(sessions, asked[0])
    found = (first, *trends(sessions, asked))
    for line in trend_lines([trend_sentence(first), *left_out(first)], found):
        typer.echo(line, err=json)
    if json:
        print_json(trend_document(name, found))
    raise typer.Exit(DONE if any(one.change is not None for one in found) else NOT_ESTIMABLE)
