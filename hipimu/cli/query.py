"""`hipimu query`: questions in SQL across many results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hipimu.export.query import Answer
    from hipimu.export.query_sources import Given

_ROWS_OF_A_TABLE = 100


class AnswerFormat(StrEnum):
    """How an answer is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def query(
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="SELECT", help="One question in SQL, in quotes.", show_default=False
        ),
    ] = None,
    folders: Annotated[
        list[Path] | None,
        typer.Option(
            "--in",
            help="Folder of results, as of hipimu batch --out; more than once for more. Without "
            "it: hipimu-batch, here.",
        ),
    ] = None,
    in_store: Annotated[
        bool, typer.Option("--store", help="Ask all sessions that are kept in the store instead.")
    ] = False,
    answer_format: Annotated[
        AnswerFormat, typer.Option("--format", help="Of the answer.")
    ] = AnswerFormat.table,
    rows: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Print so many at most. Without it: 100 as a table, all as csv and json.",
        ),
    ] = None,
    columns: Annotated[
        bool, typer.Option("--columns", help="List views and their columns instead.")
    ] = False,
) -> None:
    """Ask across all strides of many recordings, in SQL.

    The views are strides (a row a stride), sessions (a row a recording) and fatigue (a row a side
    and peak). Reads nothing but these results, and changes nothing. Needs pip install
    'hipimu[analytics]'.
    """
    if (question is None) == (not columns):
        raise typer.BadParameter("give either a question or --columns", param_hint="SELECT")
    if in_store and folders:
        raise typer.BadParameter("results are either in folders or in the store", param_hint="--in")
    from hipimu.export.query import Answer, ask, opened
    from hipimu.export.query import columns as known

    with opened(_given(folders or [Path("hipimu-batch")], in_store=in_store)) as connection:
        if question is None:
            answer = Answer(("view", "column", "type"), iter(known(connection)))
            rows = rows or sys.maxsize
        else:
            answer = ask(connection, question)
        _print(answer, answer_format, rows)


def _given(folders: list[Path], *, in_store: bool) -> Given:
    from hipimu.export.query_sources import of_folders, of_store

    if not in_store:
        return of_folders(folders)
    from hipimu.cli.store_lines import opened_store

    with opened_store() as store:
        return of_store(store)


def _print(answer: Answer, answer_format: AnswerFormat, rows: int | None) -> None:
    if rows is None and answer_format is AnswerFormat.table:
        rows = _ROWS_OF_A_TABLE
    printers: dict[AnswerFormat, Callable[[Sequence[str], Iterable[Any]], None]] = {
        AnswerFormat.table: _table,
        AnswerFormat.csv: _csv,
        AnswerFormat.json: _json,
    }
    printers[answer_format](answer.columns, islice(answer.rows, rows))
    if rows is not None and next(answer.rows, None) is not None:
        typer.echo(f"Only the first {rows} rows are shown; --rows shows more.", err=True)


def _table(columns: Sequence[str], rows: Iterable[Any]) -> None:
    """Numbers to the right, everything else to the left."""
    values = list(rows)
    cells = [list(columns), *([_cell(value) for value in row] for row in values)]
    for column in range(len(columns)):
        width = max(len(row[column]) for row in cells)
        number = all(isinstance(row[column], int | float | None) for row in values) and values
        for row in cells:
            row[column] = f"{row[column]:>{width}}" if number else f"{row[column]:{width}}"
    for row in cells:
        typer.echo("  ".join(row).rstrip())


def _cell(value: object) -> str:
    from hipimu.cli.batch_table import printable

    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return printable(str(value))


def _csv(columns: Sequence[str], rows: Iterable[Any]) -> None:
    import csv
    import io
    from itertools import chain

    for row in chain([columns], rows):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(row)
        typer.echo(text.getvalue().encode(), nl=False)


def _json(columns: Sequence[str], rows: Iterable[Any]) -> None:
    """One object a row, as a list, printed as it comes."""
    from json import dumps

    before = "["
    for row in rows:
        document = dict(zip(columns, map(_plain, row), strict=True))
        typer.echo(f"{before}\n  {dumps(document, ensure_ascii=False)}".encode(), nl=False)
        before = ","
    typer.echo("[]" if before == "[" else "\n]")


def _plain(value: object) -> Any:
    from datetime import date, datetime
    from decimal import Decimal
    from math import isfinite

    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        return float(value) if isfinite(value) else None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value)
