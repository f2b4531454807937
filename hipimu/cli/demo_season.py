"""`hipimu demo --season`: a season of simulated athletes in a store, to try the coach's pages."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from hipimu.pipeline.season import SeasonRow
    from hipimu.sources.simulate.season import SeasonSession
    from hipimu.store import Store

FAILED = 1
INTERRUPTED = 130


def make(address: str, athletes: int, sessions: int, jobs: int | None) -> None:
    """Make what of the season the store has not yet, and say how to look at it.

    Parameters
    ----------
    address : str
        Of the store.
    athletes, sessions : int
        How many, and how many of each.
    jobs : int or None
        At the same time; None: one a core.
    """
    from datetime import UTC, datetime

    from hipimu.pipeline.season import missing_sessions
    from hipimu.store import open_store

    with open_store(address) as store:
        wanted = missing_sessions(store, datetime.now(UTC).date(), athletes, sessions)
        there = athletes * sessions - len(wanted)
        typer.echo(f"Store: {store.place}")
        typer.echo(f"Athletes: {athletes}, sessions of each: {sessions}, there already: {there}")
        rows = _made(store, address, wanted, jobs)
    code = _told(rows, len(wanted))
    if code != INTERRUPTED:
        named = "with the same address" if "://" in address else shlex.quote(address)
        typer.echo(f"See it by: hipimu serve --store {named}")
    raise typer.Exit(code)


def _made(
    store: Store, address: str, wanted: Sequence[SeasonSession], jobs: int | None
) -> list[SeasonRow]:
    """Make them; after Ctrl-C, what is made by then."""
    from hipimu.cli.output import progress_bar
    from hipimu.pipeline.season import make_season
    from hipimu.pipeline.workers import cores

    rows: list[SeasonRow] = []
    coming = make_season(store, address, wanted, jobs or cores())
    with progress_bar("Simulating and analysing") as progress, closing(coming):
        try:
            for row in coming:
                rows.append(row)
                progress(len(rows) / len(wanted))
        except KeyboardInterrupt:
            pass
    return rows


def _told(rows: Sequence[SeasonRow], wanted: int) -> int:
    """Say what is not well, and return the exit code."""
    from hipimu.cli.output import DONE

    failed = [row for row in rows if row.error]
    if len(rows) < wanted:
        kept = len(rows) - len(failed)
        typer.echo(f"Interrupted: {kept} of {wanted} are kept. The same command goes on.", err=True)
        return INTERRUPTED
    if failed:
        first = failed[0]
        typer.echo(f"Error: {len(failed)} of {wanted} failed, the first: {first.error}", err=True)
        typer.echo(first.remedy, err=True)
        return FAILED
    return DONE
