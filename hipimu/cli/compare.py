"""`hipimu compare`: two or more sessions side by side."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hipimu.data import SessionSummary
    from hipimu.store import Store


def compare(
    sessions: Annotated[
        list[str],
        typer.Argument(
            metavar="SESSION SESSION…",
            help="Names of sessions in the store, or recordings, which are analysed now. Each is "
            "held against the first.",
        ),
    ],
    json: Annotated[
        bool,
        typer.Option("--json", help="Print the comparison as JSON; everything else on stderr."),
    ] = False,
) -> None:
    """Say what changed from one session to others, and whether that is more than scatter.

    What is not comparable is said first. Ends with code 3 when none can be compared.
    """
    if len(sessions) < 2:
        raise typer.BadParameter("two sessions or more are needed", param_hint="SESSION SESSION…")
    from hipimu.cli.output import DONE, NOT_ESTIMABLE, print_json
    from hipimu.compare import comparable, differences
    from hipimu.export.over_weeks import comparison_document
    from hipimu.report.over_weeks import comparison, comparison_lines

    with ExitStack() as stack:
        found, own = _read(sessions, stack)
    first, *others = found
    pairs = [(other, differences(first, other, own)) for other in others]
    for other, changes in pairs:
        if len(pairs) > 1:
            typer.echo(f"{first.session} → {other.session}", err=json)
        told = comparison(first, other, comparable((first, other)), changes)
        for line in comparison_lines(told, changes):
            typer.echo(line, err=json)
    if json:
        names = [(first.session, other.session, changes) for other, changes in pairs]
        print_json(comparison_document([s.session for s in found], comparable(found), names))
    raise typer.Exit(DONE if any(changes for _, changes in pairs) else NOT_ESTIMABLE)


def _read(
    names: list[str], stack: ExitStack
) -> tuple[list[SessionSummary], tuple[SessionSummary, ...]]:
    """Return the sessions, and what is known of the athlete if all belong to one."""
    from hipimu.store import open_store

    store: Store | None = None
    found = []
    for name in names:
        if Path(name).exists():
            found.append(_analysed(Path(name)))
            continue
        store = store or stack.enter_context(open_store())
        found.append(store.summary(name))
    athletes = {summary.athlete for summary in found}
    if store is None or len(athletes) != 1 or athletes == {""}:
        return found, ()
    return found, store.summaries(athlete=found[0].athlete)


def _analysed(recording: Path) -> SessionSummary:
    from hipimu.cli.output import progress_bar
    from hipimu.pipeline import analyse
    from hipimu.store import summarise

    with progress_bar(f"Analysing {recording.name}") as progress:
        return summarise(analyse(recording, progress=progress))
