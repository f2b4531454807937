"""How a text file is cut into columns: encoding, separator, decimal mark, header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from hipimu.errors import RecordingError
from hipimu.sources.mapping.guess.choice import Choice, sure
from hipimu.sources.mapping.model import Table
from hipimu.sources.mapping.text import decoded
from hipimu.sources.raw import cannot_be_read

Separator = Literal[",", ";", "\t", "|", "space", "tab"]
Encoding = Literal["utf-8", "utf-16", "latin-1", "cp1252"]

_LINES: Final = 300
_SEPARATORS: Final[tuple[Separator, ...]] = ("tab", ";", "|", ",", "space")
_NAMES: Final = {
    "tab": "tabs",
    ";": "semicolons",
    "|": "bars",
    ",": "commas",
    "space": "spaces",
}
_COMMENTS: Final = ("#", "%", "//")
_LEAST_NUMBERS: Final = 3
"""In a row of samples: one sensor's acceleration at least."""
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|nan", re.I)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """How one file is cut, and what its header says."""

    path: Path
    table: Table
    names: tuple[str, ...]
    units: tuple[str, ...]
    """Of a line of units below the names; empty texts where there is none."""
    numeric: tuple[bool, ...]
    """Which columns hold numbers."""
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class _Cutting:
    separator: Separator
    decimal: Literal[".", ","]
    first: int
    """Row of the first sample, counted from 0."""
    numeric: tuple[bool, ...]
    share: float
    """Of cells that are numbers."""


def sniff(path: Path) -> Sniffed:
    """Find out how a text file is cut.

    Raises
    ------
    RecordingError
        When it is no text, or no table of numbers can be seen in it.
    """
    encoding, because = _encoding(path)
    lines = decoded(path, encoding).split("\n", _LINES)[:_LINES]
    found = [cutting for mark in _SEPARATORS if (cutting := _cut(lines, mark)) is not None]
    if not found:
        raise RecordingError(
            f"{path.name}: no table of numbers can be seen in it.",
            "Export it as text with one row a sample.",
            path=path,
        )
    best = max(found, key=lambda cutting: (round(cutting.share, 2), len(cutting.numeric)))
    header, units = _header(lines, best)
    names = tuple(str(i + 1) for i in range(len(best.numeric)))
    numeric = best.numeric
    if header is not None:
        names = tuple(_cells(lines[header], best.separator))
        # Rows may end in a separator where the header does not.
        numeric, units = numeric[: len(names)], units[: len(names)]
    table = Table(
        separator=best.separator,
        decimal=best.decimal,
        encoding=encoding,
        header_line=0 if header is None else header + 1,
        first_line=best.first + 1,
    )
    choices = (sure("table.encoding", f'"{encoding}"', because), *_explained(table, best, names))
    return Sniffed(path, table, names, units, numeric, choices)


def _encoding(path: Path) -> tuple[Encoding, str]:
    try:
        with path.open("rb") as file:
            head = file.read(1 << 20)
    except OSError as error:
        raise cannot_be_read(path, error) from error
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", "The file begins with the mark of UTF-16."
    try:
        # The piece may end within a letter.
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252", "It is not UTF-8; older programs on Windows write this."
    return "utf-8", "All of its letters are UTF-8."


def _cells(line: str, separator: Separator) -> list[str]:
    parts = line.split() if separator == "space" else line.split(_mark(separator))
    return [part.strip().strip("\"'").strip() for part in parts]


def _mark(separator: Separator) -> str:
    return "\t" if separator == "tab" else separator


def _cut(lines: Sequence[str], separator: Separator) -> _Cutting | None:
    """Cut lines at a mark; None where no table of numbers comes of it."""
    rows = [_cells(line, separator) for line in lines]
    best: _Cutting | None = None
    for decimal in (".", ","):
        if decimal == separator:
            continue
        found = _numbers_below(rows, decimal)
        if found is None:
            continue
        first, numeric, share = found
        cutting = _Cutting(separator, decimal, first, numeric, share)
        if best is None or (share, sum(numeric)) > (best.share, sum(best.numeric)):
            best = cutting
    return best


def _numbers_below(
    rows: Sequence[Sequence[str]], decimal: str
) -> tuple[int, tuple[bool, ...], float] | None:
    filled = [row for row in rows if any(row)]
    width = len(filled[-1]) if filled else 0
    if len(filled) > 1:
        # The last row may be cut short.
        width = len(filled[-2])
    # Some programs end rows, but not the header, in a separator.
    last = [row for row in filled[len(filled) // 2 :] if len(row) == width]
    if len(last) < max(1, len(filled) // 2 - 2):
        return None
    numeric = tuple(
        all(_is_number(row[i], decimal) or not row[i] for row in last)
        and any(row[i] for row in last)
        for i in range(width)
    )
    if sum(numeric) < _LEAST_NUMBERS:
        return None
    first = next(
        i
        for i, row in enumerate(rows)
        if len(row) == width
        and all(_is_number(c, decimal) or not c for c, n in zip(row, numeric, strict=True) if n)
        and any(row)
    )
    cells = [cell for row in last for cell in row if cell]
    share = sum(_is_number(cell, decimal) for cell in cells) / max(len(cells), 1)
    return first, numeric, share


def _is_number(cell: str, decimal: str) -> bool:
    if decimal != ".":
        cell = cell.replace(".", "?").replace(decimal, ".")
    return _NUMBER.fullmatch(cell) is not None


def _header(lines: Sequence[str], cutting: _Cutting) -> tuple[int | None, tuple[str, ...]]:
    """Return the row of names, and the units of the row below it."""
    width = len(cutting.numeric)
    ends_empty = not cutting.numeric[-1]
    widths = (width, width - 1) if ends_empty else (width,)
    named: list[int] = []
    for row in range(cutting.first - 1, -1, -1):
        cells = _cells(lines[row], cutting.separator)
        if len(cells) in widths and any(cells):
            named.append(row)
        elif named or (any(cells) and not lines[row].lstrip().startswith(_COMMENTS)):
            break
    if not named:
        return None, ("",) * width
    units = _cells(lines[named[0]], cutting.separator) if len(named) > 1 else []
    return named[-1], tuple([*units, *[""] * width][:width])


def _explained(table: Table, cutting: _Cutting, names: Sequence[str]) -> tuple[Choice, ...]:
    width = len(cutting.numeric)
    header = f"Line {table.header_line} has names ({', '.join(names[:4])} …)."
    if not table.header_line:
        header = "No line has names: columns are called by their number, from 1."
    return (
        sure(
            "table.separator",
            f'"{table.separator}"',
            f"Cut at {_NAMES[table.separator]}, all rows have {width} cells, "
            f"{sum(cutting.numeric)} of them numbers.",
        ),
        sure("table.decimal", f'"{table.decimal}"', f"Numbers look like {_example(table)}."),
        sure("table.header_line", str(table.header_line), header),
        sure("table.first_line", str(table.first_line), "From there on all rows are numbers."),
    )


def _example(table: Table) -> str:
    return f"1{table.decimal}25"
