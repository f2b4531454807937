"""strides.parquet: the stride table for questions across many recordings."""

from __future__ import annotations

from pathlib import Path

from hipimu.data import Session
from hipimu.export.tables import strides_frame


def write_strides(session: Session, path: Path) -> None:
    """Write every stride of a session, set aside or not, as Parquet.

    Parameters
    ----------
    session : Session
    path : Path
        Columns, units and rows are those of ``strides.csv``, without its rounding.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(strides_frame(session), preserve_index=False)
    # Without what only pandas understands, and with text in one type, whatever pandas makes of it.
    fields = [
        pa.field(field.name, pa.string() if pa.types.is_large_string(field.type) else field.type)
        for field in table.schema
    ]
    pq.write_table(table.cast(pa.schema(fields)), path, compression="zstd")
