"""`hipimu batch`: many recordings at once, each as `hipimu analyse` would."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    # Only named: at run time they would bring NumPy to every --help.
    from hipimu.pipeline.batch import Order, Row

FAILED = 1
INTERRUPTED = 130


def batch(
    recordings: Annotated[
        list[str],
        typer.Argument(
            help="Recordings, or patterns in quotes: 'season/**' finds all in a folder, "
            "however deep.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for the results, one folder a recording in it.")
    ] = Path("hipimu-batch"),
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Recordings at the same time. Without it: one a core."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Of a Dask scheduler whose workers do it, such as tcp://10.0.0.5:8786. Needs "
            "pip install 'hipimu[cluster]'.",
        ),
    ] = None,
    causal: Annotated[
        bool,
        typer.Option(
            "--causal", help="Use the method of the live readout, which never looks ahead."
        ),
    ] = False,
    laps_in: Annotated[
        Path | None,
        typer.Option(help="Folder with laps to use instead of the recordings' own: NAME.csv."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Do again what is done already.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the table as JSON; everything else on stderr.")
    ] = False,
) -> None:
    """Analyse many recordings at once, and say in a table what came out.

    Each gets a folder with what hipimu analyse writes, and strides.parquet for hipimu query. What
    is done is kept: after an interruption the same command goes on. Ends with code 1 when any
    failed, with 3 when none can answer the question of fatigue.
    """
    from hipimu.cli.output import check_folder

    if jobs is not None and cluster is not None:
        raise typer.BadParameter("a cluster has its own number of workers", param_hint="--jobs")
    check_folder(out)
    with _alone_in(out):
        orders = _orders(recordings, out, causal=causal, laps_in=laps_in, again=again)
        rows = _done(orders, jobs, cluster)
        _write(rows, out, json=json)
    raise typer.Exit(_code(rows))


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    from hipimu.pipeline.batch_lock import alone_in

    with alone_in(out) as guarded:
        if not guarded:
            words = "cannot be locked: see that no other batch writes there meanwhile."
            typer.echo(f"Note: {out} {words}", err=True)
        yield


def _orders(
    patterns: list[str], out: Path, *, causal: bool, laps_in: Path | None, again: bool
) -> list[Order]:
    import time
    from importlib.metadata import version

    from hipimu.pipeline.batch import Order
    from hipimu.pipeline.batch_folders import find_recordings, name_folders

    names = name_folders(find_recordings(patterns, out), out)
    begun_s = time.time()
    return [
        Order(
            name=names[path],
            recording=path,
            out=out.resolve() / names[path],
            hipimu_version=version("hipimu"),
            method="causal" if causal else "refined",
            laps=None if laps_in is None else _laps(laps_in.resolve(), path),
            again=again,
            begun_s=begun_s,
        )
        for path in sorted(names)
    ]


def _laps(folder: Path, recording: Path) -> Path | None:
    laps = folder / f"{recording.name}.csv"
    return laps if laps.is_file() else None


def _done(orders: list[Order], jobs: int | None, cluster: str | None) -> list[Row]:
    """Do the orders; after Ctrl-C, what is done by then."""
    from hipimu.pipeline.batch import in_order

    rows: list[Row] = []
    with _tell(len(orders)) as tell, closing(_rows(orders, jobs, cluster)) as coming:
        try:
            for row in coming:
                rows.append(row)
                tell(row)
        except KeyboardInterrupt:
            typer.echo("Interrupted.", err=True)
    _clear_away(orders)
    return in_order(orders, rows)


def _clear_away(orders: list[Order]) -> None:
    """Take away what workers that ended in the midst of it have left."""
    from shutil import rmtree

    from hipimu.pipeline.batch import unfinished

    for order in orders:
        rmtree(unfinished(order.out), ignore_errors=True)


def _rows(orders: list[Order], jobs: int | None, cluster: str | None) -> Generator[Row, None, None]:
    from hipimu.cli.batch_work import work
    from hipimu.pipeline.batch import given_up
    from hipimu.pipeline.workers import cores, in_processes

    if cluster is None:
        return in_processes(work, orders, jobs or cores(), given_up)
    from hipimu.pipeline.cluster import on_cluster

    return on_cluster(work, orders, cluster)


@contextmanager
def _tell(many: int) -> Iterator[Callable[[Row], None]]:
    """Show a bar on stderr if a person is watching, else a line a recording."""
    if not sys.stderr.isatty():
        yield _lines(many)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Analysing", total=many)
        failed = 0

        def tell(row: Row) -> None:
            nonlocal failed
            failed += row.state == "failed"
            words = f"Analysing, {failed} failed" if failed else "Analysing"
            bar.update(task, advance=1, description=words)

        yield tell


def _lines(many: int) -> Callable[[Row], None]:
    from hipimu.cli.batch_table import one_line

    told = iter(range(1, many + 1))
    return lambda row: typer.echo(f"[{next(told)}/{many}] {one_line(row)}", err=True)


def _write(rows: list[Row], out: Path, *, json: bool) -> None:
    from json import dumps

    from hipimu.cli.batch_table import as_csv, as_document, conclusion, table
    from hipimu.cli.output import print_json, write_files

    document = {"schema": "hipimu-batch/1", "recordings": [as_document(row) for row in rows]}
    text = dumps(document, indent=2, allow_nan=False) + "\n"
    write_files({"batch.csv": as_csv(rows), "batch.json": text}, out)
    for line in (*table(rows), conclusion(rows)):
        typer.echo(line, err=json)
    typer.echo(f"Table: {out / 'batch.csv'}", err=json)
    if json:
        print_json(document)


def _code(rows: list[Row]) -> int:
    """Say on stderr what is not well, and return the exit code."""
    from hipimu.cli.output import DONE, NOT_ESTIMABLE

    failed = [row for row in rows if row.state == "failed"]
    if any(row.state == "left" for row in rows):
        return INTERRUPTED
    if failed:
        first = failed[0]
        many = f"{len(failed)} of {len(rows)} failed"
        typer.echo(f"Error: {many}, the first is {first.name}: {first.error}", err=True)
        typer.echo(first.remedy, err=True)
        return FAILED
    answered = any(row.verdict != "not_estimable" for row in rows)
    return DONE if answered else NOT_ESTIMABLE
