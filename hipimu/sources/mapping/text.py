"""A table of text as columns: any separator, decimal mark and encoding; errors name the line."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import pyarrow as pa
import pyarrow.csv

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.sources.csv_table import no_samples
from hipimu.sources.mapping.model import Table
from hipimu.sources.raw import bytes_of, with_line_feeds

SEPARATORS: Final = {"tab": "\t", "space": "\t"}
"""Names of separators that nobody sees; several spaces count as one."""
_CODECS: Final = {"utf-8": "utf-8-sig"}
_REMEDY: Final = (
    "Correct or delete the line; or check separator, decimal and first_line in mapping.toml."
)
_EMPTY: Final = ["", "nan", "NaN", "NAN", "n/a", "N/A", "NA", "null", "NULL"]
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|[-+]?(inf|infinity)", re.I)


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A table's text, cut at its header and below."""

    path: Path
    names: tuple[str, ...]
    separator: str
    decimal: str
    body: str
    """The lines of samples, each ending in a line feed."""
    lines: tuple[int, ...] | range
    """Number of each line of `body`, counted from 1."""
    remedy: str
    """What to do about a line that cannot be read."""

    def require(self, names: Sequence[str]) -> None:
        """Refuse a table in which a column is missing or occurs twice.

        Raises
        ------
        RecordingError
            Naming the columns that are there.
        """
        for name in names:
            count = self.names.count(name)
            if count == 1:
                continue
            has = f"has no column {name!r:.80}" if count == 0 else f"has {name!r:.80} {count} times"
            raise RecordingError(
                f"{self.path.name} {has}.",
                f"Its columns are: {', '.join(self.names[:40])!s:.300}.",
                path=self.path,
            )

    def columns(self, numbers: Sequence[str], texts: Sequence[str]) -> dict[str, pa.ChunkedArray]:
        """Read columns of numbers and of texts; empty numbers are null.

        Raises
        ------
        RecordingError
            Naming the line that is not a row of numbers.
        """
        self.require([*numbers, *texts])
        wanted = dict.fromkeys(numbers, pa.float64()) | dict.fromkeys(texts, pa.string())
        unique = [name if name in wanted else f"\0{i}" for i, name in enumerate(self.names)]
        try:
            table = pa.csv.read_csv(
                io.BytesIO(self.body.encode("utf-8", "replace")),
                read_options=pa.csv.ReadOptions(column_names=unique),
                parse_options=pa.csv.ParseOptions(delimiter=self.separator, quote_char=False),
                convert_options=pa.csv.ConvertOptions(
                    include_columns=list(wanted),
                    column_types=wanted,
                    null_values=_EMPTY,
                    decimal_point=self.decimal,
                ),
            )
        except pa.ArrowInvalid as error:
            self._explain(numbers, str(error))
        return {name: table.column(name) for name in wanted}

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Iterate slowly over the rows: number of the line, and cells."""
        for line, text in zip(self.lines, self.body.split("\n"), strict=False):
            if text:
                yield line, [cell.strip() for cell in text.split(self.separator)]

    def _explain(self, numbers: Sequence[str], reason: str) -> NoReturn:
        for line, cells in self.rows():
            if len(cells) != len(self.names):
                self._refuse(line, f"{len(cells)} values where {len(self.names)} columns are")
            for name in numbers:
                cell = cells[self.names.index(name)]
                plain = cell.replace(self.decimal, ".")
                if cell not in _EMPTY and not _NUMBER.fullmatch(plain):
                    self._refuse(line, f"{name:.60} is {cell!r:.40}, which is not a number")
        raise RecordingError(
            f"{self.path.name} cannot be read as a table: {reason:.120}.",
            self.remedy,
            path=self.path,
        )

    def _refuse(self, line: int, what: str) -> NoReturn:
        raise RecordingError(
            f"{self.path.name}, line {line}: {what}.",
            self.remedy,
            path=self.path,
            line=line,
        )


def cut(path: Path, table: Table, remedy: str = _REMEDY) -> Cut:
    """Read a text file and cut it as `table` says.

    Parameters
    ----------
    path : Path
    table : Table
    remedy : str
        What to do about a line that cannot be read.

    Raises
    ------
    RecordingError
        When it cannot be read, is no text of this encoding, or ends before its first sample.
    """
    text = decoded(path, table.encoding)
    separator = SEPARATORS.get(table.separator, table.separator)
    first = table.first_line or table.header_line + 1
    kept: Sequence[str] = text.split("\n")
    if kept[-1] == "":
        kept = kept[:-1]
    if len(kept) < first:
        raise no_samples(path)
    header = kept[table.header_line - 1] if table.header_line else None
    # Line by line only where something has to be changed in it.
    if table.comment is None and table.separator != "space" and "\n\n" not in text:
        numbers: tuple[int, ...] | range = range(first, len(kept) + 1)
        kept = kept[first - 1 :]
    else:
        numbered = _plain(kept, first, table)
        numbers, kept = tuple(number for number, _ in numbered), [line for _, line in numbered]
    if not kept:
        raise no_samples(path)
    if header is None:
        names = tuple(str(i + 1) for i in range(len(kept[0].split(separator))))
    else:
        shown = _single_spaced(header) if table.separator == "space" else header
        names = tuple(cell.strip().strip("\"'").strip() for cell in shown.split(separator))
    if len(kept[0].split(separator)) == len(names) + 1 and not kept[0].rstrip(" ")[-1:].strip(
        separator
    ):
        kept = [line.rstrip(" ").removesuffix(separator) for line in kept]
    if '"' in kept[0]:
        kept = [line.replace('"', "") for line in kept]
    return Cut(path, names, separator, table.decimal, "\n".join(kept) + "\n", numbers, remedy)


def decoded(path: Path, encoding: str) -> str:
    """Return a file's text, its line ends as line feeds.

    Raises
    ------
    RecordingError
        When it cannot be read or is no text of this encoding.
    """
    raw = bytes_of(path)
    if not raw.strip():
        raise RecordingError(
            f"{path.name} is empty.", "Copy or export the file again.", path=path, line=1
        )
    try:
        text = raw.decode(_CODECS.get(encoding, encoding))
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        line = raw[:at].count(b"\n") + 1
        raise RecordingError(
            f"{path.name}, line {line}: this is not text in the encoding {encoding}.",
            "Say another encoding in mapping.toml: utf-8, utf-16, latin-1 or cp1252.",
            path=path,
            line=line,
        ) from None
    if "\0" in text:
        raise RecordingError(
            f"{path.name} is binary data, not text.",
            "Export or copy the file again as CSV; UTF-16 has to be said in mapping.toml.",
            path=path,
        )
    return with_line_feeds(text)


def _plain(lines: Sequence[str], first: int, table: Table) -> list[tuple[int, str]]:
    comment = table.comment
    plain = _single_spaced if table.separator == "space" else str
    return [
        (number, plain(line))
        for number, line in enumerate(lines[first - 1 :], start=first)
        if line.strip() and not (comment and line.lstrip().startswith(comment))
    ]


def _single_spaced(line: str) -> str:
    return "\t".join(line.split())


def floats(column: pa.ChunkedArray) -> FloatArray:
    """Return a column of numbers as an array, NaN where empty."""
    values: FloatArray = column.to_numpy(zero_copy_only=False).astype(float, copy=False)
    return values
