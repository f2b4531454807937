"""The table of a batch: in the terminal, as batch.csv and as batch.json."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hipimu.pipeline.batch import Row, State

_COLUMNS: Final = (
    "recording",
    "path",
    "state",
    "strides",
    "verdict",
    "used_percent",
    "calibration_quality",
    "seconds",
    "error",
    "remedy",
)
_HEAD: Final = ("recording", "strides", "verdict", "used", "seconds", "")
_NOTHING: Final = "–"


def one_line(row: Row) -> str:
    """Say what became of one recording."""
    if row.error:
        return f"{printable(row.name)}: {printable(row.error)} {printable(row.remedy)}"
    strides, verdict, used, seconds = _cells(row)[1:5]
    said = f"{strides} strides ({used} used), {verdict}"
    return f"{row.name}: {said}, " + (seconds + " s" if row.state == "analysed" else "kept")


def table(rows: Sequence[Row]) -> list[str]:
    """Return the table's lines; why there is no result stands where its numbers would."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD) - 1)]
    return [_line(row, widths) for row in cells]


def _cells(row: Row) -> tuple[str, ...]:
    from hipimu.report.wording import verdict_short

    name = printable(row.name)
    if row.verdict is None:
        return (name, *[_NOTHING] * 4, f"{row.state}: {printable(row.error)}")
    return (
        name,
        str(row.strides),
        verdict_short(row.verdict),
        f"{100.0 * (row.usable_share or 0.0):.0f} %",
        f"{row.seconds or 0.0:.1f}",
        "kept" if row.state == "kept" else "",
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, strides, verdict, used, seconds, remark = cells
    return (
        f"{name:{widths[0]}}  {strides:>{widths[1]}}  {verdict:{widths[2]}}  "
        f"{used:>{widths[3]}}  {seconds:>{widths[4]}}  {remark}"
    ).rstrip()


def printable(text: str) -> str:
    """Leave out what a terminal would obey: names of folders may hold anything."""
    return "".join(char if char.isprintable() else "�" for char in text)


def conclusion(rows: Sequence[Row]) -> str:
    """Say in a sentence what became of all."""
    counts = Counter(row.state for row in rows)
    words: Mapping[State, str] = {
        "analysed": "analysed",
        "kept": "kept from before",
        "failed": "failed",
        "left": "left",
    }
    parts = [f"{counts[state]} {said}" for state, said in words.items() if counts[state]]
    many = "1 recording" if len(rows) == 1 else f"{len(rows)} recordings"
    return f"{many}: {', '.join(parts)}."


def as_csv(rows: Sequence[Row]) -> str:
    """Return batch.csv; a cell is empty where the value is unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        document = as_document(row)
        writer.writerow([document[column] for column in _COLUMNS])
    return text.getvalue()


def as_document(row: Row) -> dict[str, Any]:
    """Return one row of batch.json."""
    known = asdict(row)
    share = row.usable_share
    known["path"] = row.recording
    known["recording"] = row.name
    known["used_percent"] = None if share is None else round(100.0 * share, 2)
    return {column: _text(known[column]) for column in _COLUMNS}


def _text(value: object) -> object:
    """A folder's name may be no text at all; a table still is."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
