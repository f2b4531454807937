"""Questions in SQL across many results: DuckDB over their stride tables and summaries.

Reading only. A question is one SELECT; of the disk it reaches the stride tables it was given and
nothing else, and neither the network, nor extensions, nor settings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hipimu.errors import OutputError, QueryError
from hipimu.export.query_sources import Given

if TYPE_CHECKING:
    import duckdb

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


@contextmanager
def opened(given: Given) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the views `VIEWS` on many results, for questions.

    Raises
    ------
    OutputError
        When duckdb is not installed.
    QueryError
        When a stride table is damaged.
    """
    duckdb = _duckdb()
    with closing(duckdb.connect(":memory:")) as connection:
        with _as_sentence():
            _make_views(connection, given)
            _lock(connection, given.files)
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


def _make_views(connection: duckdb.DuckDBPyConnection, given: Given) -> None:
    for name, table in (("results", given.results), ("fatigue", given.fatigue)):
        connection.register("incoming", table)
        connection.execute(f"CREATE TABLE {name} AS FROM incoming")
        connection.unregister("incoming")
    connection.execute("CREATE VIEW sessions AS SELECT * EXCLUDE (filename) FROM results")
    files = _list(map(_literally, given.files))
    connection.execute(
        "CREATE VIEW strides AS SELECT recording, athlete, found.* EXCLUDE (filename) FROM "  # noqa: S608
        f"(SELECT filename, {given.columns} FROM "
        f"read_parquet({files}, filename = true, union_by_name = true)) AS found "
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
