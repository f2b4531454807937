"""Questions in SQL across many results: DuckDB over their strides.parquet and summary.json.

Reading only. A question is one SELECT; of the disk it reaches the stride tables it was given and
nothing else, and neither the network, nor extensions, nor settings.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from hipimu.errors import OutputError, QueryError
from hipimu.export.query_tables import FATIGUE, RESULTS, fatigue_rows, result_row

if TYPE_CHECKING:
    import duckdb

STRIDES: Final = "strides.parquet"
VIEWS: Final = ("strides", "sessions", "fatigue")

_SEE_COLUMNS: Final = "hipimu query --columns lists the columns."
_ONLY_SELECT: Final = "Ask one question that begins with SELECT or WITH; nothing can be changed."
_MEMORY: Final = "2GB"
_AT_ONCE: Final = 4096


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gives."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]
    """As they come; errors of the computation may come with them."""


def find_results(folders: Sequence[Path]) -> dict[Path, str]:
    """Return the stride tables below some folders, with a name for each; no two are alike.

    Parameters
    ----------
    folders : sequence of Path
        As `hipimu batch` fills them; what is hidden is left out.

    Returns
    -------
    dict
        Absolute path of the table → name of its folder; where two share one, with the folders
        above.

    Raises
    ------
    QueryError
        When there is none in one of them.
    """
    found: list[Path] = []
    for folder in folders:
        tables = [path for path in sorted(folder.rglob(STRIDES)) if not _hidden(path, folder)]
        if not tables:
            raise QueryError(
                f"There are no results in {folder}.",
                "Make them by hipimu batch, and name their folder by --in.",
            )
        found.extend(path.resolve() for path in tables)
    return _named(list(dict.fromkeys(found)))


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _named(tables: Sequence[Path]) -> dict[Path, str]:
    names: dict[Path, str] = {}
    depth = 1
    while len(names) < len(tables):
        wished = {path: "/".join(path.parent.parts[-depth:]) for path in tables}
        wishes = list(wished.values())
        names |= {p: n for p, n in wished.items() if p not in names and wishes.count(n) == 1}
        depth += 1
    return {path: names[path] for path in tables}


@contextmanager
def opened(folders: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the views `VIEWS` on all results below some folders, for questions.

    Raises
    ------
    OutputError
        When duckdb is not installed.
    QueryError
        When there are no results, or one of them is damaged.
    """
    duckdb = _duckdb()
    tables = find_results(folders)
    with closing(duckdb.connect(":memory:")) as connection:
        with _as_sentence():
            _make_views(connection, tables)
            _lock(connection, tables)
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, question: str) -> Answer:
    """Answer a question in SQL.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        From `opened`.
    question : str
        One SELECT.

    Raises
    ------
    QueryError
        When it is anything else, or cannot be answered.
    """
    duckdb = _duckdb()
    with _as_sentence():
        statements = duckdb.extract_statements(question)
        kinds = [statement.type for statement in statements]
        # The settings alone would let COPY … TO write over a table that may be read.
        if kinds != [duckdb.StatementType.SELECT]:
            raise QueryError("That is not one question.", _ONLY_SELECT)
        result = connection.execute(statements[0])
    columns = tuple(column[0] for column in result.description or ())
    return Answer(columns, _rows(result))


def columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Return view, column and type of all that can be asked for."""
    found = ask(
        connection,
        "SELECT table_name, column_name, data_type FROM information_schema.columns",
    )
    rows: list[tuple[str, str, str]] = [(row[0], row[1], row[2]) for row in found.rows]
    return [row for view in VIEWS for row in rows if row[0] == view]


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while True:
        with _as_sentence():
            some = result.fetchmany(_AT_ONCE)
        if not some:
            return
        yield from some


@contextmanager
def _as_sentence() -> Iterator[None]:
    duckdb = _duckdb()
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        what = f"The answer needs more than {_MEMORY} of memory."
        raise QueryError(what, "Ask for less at once: a WHERE, or an average.") from error
    except duckdb.PermissionException as error:
        what = "A question reads the results it was given and nothing else."
        raise QueryError(what, f"The views are {', '.join(VIEWS)}.") from error
    except duckdb.Error as error:
        raise QueryError(*_said(str(error))) from error


def _said(message: str) -> tuple[str, str]:
    """Of the many lines of an error, the first; and what would have worked, where it is told."""
    first, *more = message.splitlines() or [""]
    _, _, what = first.rpartition(" Error: ")
    hints = [line for line in more if line.startswith(("Candidate bindings", "Did you mean"))]
    hint = f"{hints[0].replace(' bindings', 's')}. " if hints else ""
    return f"The question cannot be answered: {what.rstrip('!.')}.", f"{hint}{_SEE_COLUMNS}"


def _summaries(tables: dict[Path, str]) -> tuple[pa.Table, pa.Table]:
    """Read the summaries beside the stride tables; of one that is missing, only names are known."""
    results: list[pa.Table] = []
    fatigue: list[pa.Table] = []
    for path, name in tables.items():
        summary = path.with_name("summary.json")
        names = {"recording": name, "filename": str(path)}
        try:
            known = json.loads(summary.read_text(encoding="utf-8")) if summary.exists() else None
            row = {} if known is None else result_row(known)
            rows = [] if known is None else list(fatigue_rows(known))
            # Made one by one, so that an error can name the file.
            results.append(pa.Table.from_pylist([row | names], schema=RESULTS))
            fatigue.append(pa.Table.from_pylist([r | names for r in rows], schema=FATIGUE))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise QueryError(
                f"{summary} is no summary of hipimu, or is damaged.",
                "Do that recording again, or take its folder away.",
            ) from error
    return pa.concat_tables(results), pa.concat_tables(fatigue)


def _make_views(connection: duckdb.DuckDBPyConnection, tables: dict[Path, str]) -> None:
    results, fatigue = _summaries(tables)
    for name, table in (("results", results), ("fatigue", fatigue)):
        connection.register("incoming", table)
        connection.execute(f"CREATE TABLE {name} AS FROM incoming")
        connection.unregister("incoming")
    connection.execute("CREATE VIEW sessions AS SELECT * EXCLUDE (filename) FROM results")
    files = _list(map(_literally, tables))
    connection.execute(
        "CREATE VIEW strides AS SELECT results.recording, results.athlete, found.* EXCLUDE "  # noqa: S608
        f"(filename) FROM read_parquet({files}, filename = true, union_by_name = true) AS found "
        "JOIN results USING (filename)"
    )


def _lock(connection: duckdb.DuckDBPyConnection, tables: Collection[Path]) -> None:
    """Leave nothing to reach but the tables, and no way back."""
    settings = {
        # Both the pattern and what it stands for are looked up.
        "allowed_paths": _list(dict.fromkeys([*map(str, tables), *map(_literally, tables)])),
        "memory_limit": _quoted(_MEMORY),
        # Else it would write there what does not fit into memory.
        "temp_directory": "''",
        "TimeZone": "'UTC'",
        # Else a name in a question could be a variable of this program.
        "python_enable_replacements": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "lock_configuration": "true",
    }
    for name, value in settings.items():
        connection.execute(f"SET {name} = {value}")


def _literally(path: Path) -> str:
    """Return a pattern that only this path fits, whatever its characters."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path))


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise OutputError(
            "No question can be asked: duckdb is not installed.",
            "Install it with pip install 'hipimu[analytics]'.",
        ) from error
    return duckdb
