"""Numeric CSV tables: read fast by Arrow; when that fails, read slowly to say where and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.csv

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.sources.raw import cannot_be_read

BLOCK_BYTES = 1 << 20
"""About 100 s of one sensor at 100 Hz."""
_LONGEST_LINE = 1 << 16
_HEADER_WITHIN_LINES = 60
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|[-+]?(nan|inf|infinity)", re.I)


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A table of numbers below a header line, possibly with other lines above it."""

    path: Path
    columns: tuple[str, ...]
    """All column names, in the order of the file."""
    header_line: int
    """Counted from 1."""
    preamble: tuple[str, ...]
    """The lines above the header."""
    separator: str = ","
    decimal: str = "."

    def batches(self, names: Sequence[str]) -> Iterator[tuple[float, dict[str, FloatArray]]]:
        """Read the table a block at a time.

        Parameters
        ----------
        names : sequence of str
            The columns wanted; each must be in `columns` once.

        Yields
        ------
        (float, dict of str to (n,) array)
            Share of the file read, and the rows; empty cells are NaN.

        Raises
        ------
        RecordingError
            Naming the line that is not a row of numbers.
        """
        size = max(self.path.stat().st_size, 1)
        try:
            with self._reader(names) as reader:
                for count, batch in enumerate(reader, start=1):
                    yield min(1.0, count * BLOCK_BYTES / size), _arrays(batch)
        except pa.ArrowInvalid as error:
            self._explain(names, str(error))

    def _reader(self, names: Sequence[str]) -> pyarrow.csv.CSVStreamingReader:
        # Other columns may share a name, which is no concern of ours.
        unique = [name if name in names else f"_{i}" for i, name in enumerate(self.columns)]
        return pyarrow.csv.open_csv(
            str(self.path),
            read_options=pyarrow.csv.ReadOptions(
                block_size=BLOCK_BYTES, skip_rows=self.header_line, column_names=unique
            ),
            # A stray quotation mark would swallow whole lines.
            parse_options=pyarrow.csv.ParseOptions(delimiter=self.separator, quote_char=False),
            convert_options=pyarrow.csv.ConvertOptions(
                decimal_point=self.decimal,
                include_columns=list(names),
                column_types=dict.fromkeys(names, pa.float64()),
                null_values=[""],
            ),
        )

    def _explain(self, names: Sequence[str], reason: str) -> NoReturn:
        wanted = [(name, self.columns.index(name)) for name in names]
        empty = True
        for line, text in self.rows():
            empty = False
            cells = text.split(self.separator)
            if len(cells) != len(self.columns):
                raise _error(
                    self.path,
                    line,
                    f"{len(cells)} values where the header has {len(self.columns)} columns",
                    "Correct or delete the line; numbers use a decimal point, not a comma.",
                )
            for name, column in wanted:
                text = cells[column].strip()
                if text and not _NUMBER.fullmatch(text.replace(self.decimal, ".")):
                    raise _error(
                        self.path,
                        line,
                        f"{name} is {text!r:.40}, which is not a number",
                        "Correct or delete the line.",
                    )
        if empty:
            raise no_samples(self.path)
        raise RecordingError(
            f"{self.path.name} cannot be read as a table of numbers: {reason:.120}.",
            "Export it again as plain CSV, with commas between values and no quotation marks.",
            path=self.path,
        )

    def rows(self) -> Iterator[tuple[int, str]]:
        """Iterate slowly over the lines of data: number, counted from 1, and text."""
        for line, text in lines(self.path):
            if line > self.header_line and text:
                yield line, text

    def line_of(self, row: int) -> int | None:
        """Return the line of a row counted from 0, blank lines counted too."""
        for count, (line, _) in enumerate(self.rows()):
            if count == row:
                return line
        return None

    def cell(self, line: int | None, name: str) -> str:
        """Return the text of one cell; none where the line is too short for it."""
        column = self.columns.index(name)
        text = next((text for number, text in self.rows() if number == line), "")
        return "".join(text.split(self.separator)[column : column + 1]).strip()

    def require(self, names: Sequence[str], remedy: str) -> None:
        """Refuse a table in which a column is missing or occurs twice.

        Raises
        ------
        RecordingError
            Naming the columns.
        """
        missing = [name for name in names if name not in self.columns]
        twice = [name for name in names if self.columns.count(name) > 1]
        if twice:
            what = f"the column {twice[0]} occurs more than once"
            raise _error(self.path, self.header_line, what, "Keep one of them.")
        if missing:
            what = f"the header lacks {', '.join(missing)}"
            other = next((mark for mark in (";", "\t") if mark in "".join(self.columns)), None)
            if other:
                remedy = f"Separate the columns by commas, not by {other!r}. {remedy}"
            raise _error(self.path, self.header_line, what, remedy)


def open_table(
    path: Path, *, header_has: str | None = None, separators: Sequence[str] = (",",)
) -> CsvTable:
    """Read the header of a CSV table.

    Parameters
    ----------
    path : Path
        UTF-8 text, with or without a byte order mark.
    header_has : str or None
        A column that marks the header line, in lower case; None: the first line that is not blank.
    separators : sequence of str
        What may stand between columns; the first that makes a line the header line. Where that is
        not a comma, a comma in the first row makes it the decimal sign.

    Returns
    -------
    CsvTable
        Ready to be read.

    Raises
    ------
    RecordingError
        When the file is missing, empty, not text, or has no such header.
    """
    preamble: list[str] = []
    for line, text in lines(path):
        for separator in separators:
            names = tuple(name.strip().strip('"') for name in text.split(separator))
            found = header_has in [n.lower() for n in names] if header_has else bool(text.strip())
            if found:
                table = CsvTable(path, names, line, tuple(preamble), separator)
                return table if separator == "," else _with_decimal_sign(table)
        preamble.append(text)
        if line >= _HEADER_WITHIN_LINES:
            break
    raise RecordingError(
        f"{path.name} has no header line with column names.",
        "Export or copy the file again; its table starts with the names of the columns.",
        path=path,
    )


def _with_decimal_sign(table: CsvTable) -> CsvTable:
    _, first = next(table.rows(), (0, ""))
    return replace(table, decimal="," if "," in first else ".")


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Iterate over the lines of a text file, each proven to be UTF-8 text.

    Yields
    ------
    (int, str)
        Number, counted from 1, and text without its line end.

    Raises
    ------
    RecordingError
        When the file cannot be opened, is empty, or a line is not text.
    """
    try:
        # Latin-1 maps each byte to one character, so that the true lines can be told first.
        with path.open(encoding="latin-1", newline=None) as file:
            number = 0
            while text := file.readline(_LONGEST_LINE):
                number += 1
                yield number, _proven(path, number, text)
    except OSError as error:
        raise cannot_be_read(path, error) from error
    if number == 0:
        raise RecordingError(
            f"{path.name} is empty.", "Copy or export the file again.", path=path, line=1
        )


def _proven(path: Path, line: int, text: str) -> str:
    raw = text.encode("latin-1")
    if line == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _error(path, line, "the text is UTF-16, not UTF-8", "Save it with encoding UTF-8.")
    if b"\0" in raw or len(text) >= _LONGEST_LINE:
        raise _error(
            path, line, "this is binary data, not text", "Export or copy the file again as CSV."
        )
    try:
        encoding = "utf-8-sig" if line == 1 else "utf-8"
        return raw.decode(encoding).removesuffix("\n")
    except UnicodeDecodeError:
        raise _error(path, line, "this is not UTF-8 text", "Save it with encoding UTF-8.") from None


def no_samples(path: Path) -> RecordingError:
    """Return the error for a file with a header and nothing below it."""
    return RecordingError(
        f"{path.name} has a header but no samples.",
        "Check that the sensor was recording, and export or copy the file again.",
        path=path,
    )


def _error(path: Path, line: int, what: str, remedy: str) -> RecordingError:
    return RecordingError(f"{path.name}, line {line}: {what}.", remedy, path=path, line=line)


def _arrays(batch: pa.RecordBatch) -> dict[str, FloatArray]:
    return {
        name: column.to_numpy(zero_copy_only=False)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
