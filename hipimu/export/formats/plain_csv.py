"""CSV with a plain header: older Arrow puts the names into quotation marks, which some refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv


@contextmanager
def plain_csv(path: Path, schema: pa.Schema) -> Iterator[Any]:
    """Open a CSV file for tables of one schema; numbers are written so that none loses a bit."""
    with path.open("wb") as file:
        file.write((",".join(schema.names) + "\n").encode())
        options = pa.csv.WriteOptions(include_header=False, quoting_style="none")
        with pa.csv.CSVWriter(file, schema, write_options=options) as writer:
            yield writer
