"""Results as tables and JSON: the files other programs read."""

from hipimu.export.summary import schema, summary
from hipimu.export.tables import (
    TablePaths,
    bouts_frame,
    fatigue_frame,
    strides_frame,
    write_tables,
)

__all__ = [
    "TablePaths",
    "bouts_frame",
    "fatigue_frame",
    "schema",
    "strides_frame",
    "summary",
    "write_tables",
]
