"""What questions in SQL are asked of: folders of results, or all sessions of a store."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from hipimu.errors import QueryError
from hipimu.export.query_tables import (
    FATIGUE,
    RESULTS,
    fatigue_rows,
    result_row,
    stored_fatigue_rows,
    stored_result_row,
    stored_strides,
)

if TYPE_CHECKING:
    from hipimu.store import Store

STRIDES: Final = "strides.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Many results."""

    files: tuple[Path, ...]
    """Their stride tables, absolute."""
    columns: str
    """What of a stride table is shown, in SQL."""
    results: pa.Table
    """As `RESULTS`."""
    fatigue: pa.Table
    """As `FATIGUE`."""


def of_folders(folders: Sequence[Path]) -> Given:
    """Return all results below some folders, as `hipimu batch` fills them.

    Raises
    ------
    QueryError
        When there are none in one of them, or a summary is damaged.
    """
    tables = find_results(folders)
    results, fatigue = _summaries(tables)
    return Given(tuple(tables), "* EXCLUDE (filename)", results, fatigue)


def of_store(store: Store) -> Given:
    """Return all sessions of a store.

    Raises
    ------
    QueryError
        When there are none.
    """
    files = {name: path.resolve() for name, path in store.strides_files().items()}
    there = {name: path for name, path in files.items() if path.is_file()}
    summaries = store.summaries()
    if not there:
        raise QueryError(
            "The store has no sessions.",
            "Keep some by hipimu session add, or name folders by --in.",
        )
    results = [stored_result_row(each, there.get(each.session)) for each in summaries]
    fatigue = [row for each in summaries for row in stored_fatigue_rows(each)]
    return Given(
        # Sessions with the same strides share their file.
        tuple(dict.fromkeys(there.values())),
        stored_strides(),
        pa.Table.from_pylist(results, schema=RESULTS),
        pa.Table.from_pylist(fatigue, schema=FATIGUE),
    )


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
        wishes = Counter(wished.values())
        names |= {p: n for p, n in wished.items() if p not in names and wishes[n] == 1}
        depth += 1
    return {path: names[path] for path in tables}


def _summaries(tables: Mapping[Path, str]) -> tuple[pa.Table, pa.Table]:
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
