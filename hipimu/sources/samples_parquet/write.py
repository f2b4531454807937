"""Write ``samples.parquet`` as the samples come, with little memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from hipimu.data import FloatArray, ImuBlock
from hipimu.sources.durable import aside, not_written, put_in_place
from hipimu.sources.samples_parquet.layout import (
    COUNTER,
    QUANTITIES,
    TIME,
    Layout,
    Quantity,
    Rows,
    Scales,
    columns_of_quantity,
    restored,
)
from hipimu.units import ns_from_s, s_from_ns

ROWS_A_GROUP = 65_536
"""Nine minutes at 120 Hz: half a megabyte."""


class SamplesWriter:
    """A ``samples.parquet`` being written; use it in a ``with`` statement.

    The file appears when the statement ends without an error, and not before. Each row group holds
    one sensor. Numbers are stored as narrow as is exact for all sensors; where a later sample needs
    more, what was written so far is written again.

    Parameters
    ----------
    path : Path
        The file; one that is there is replaced.
    scales : mapping of str to Scales
        By sensor: all that will come.
    rows_a_group : int
        Rows that are collected, per sensor, before they are written.

    Raises
    ------
    OutputError
        From here and every method: when the system refuses.
    """

    def __init__(
        self, path: Path, scales: Mapping[str, Scales], *, rows_a_group: int = ROWS_A_GROUP
    ) -> None:
        self._path, self._aside = path, aside(path)
        self._scales = dict(scales)
        self._rows_a_group = rows_a_group
        self._waiting: dict[str, list[Rows]] = {sensor: [] for sensor in scales}
        self._has: dict[str, object] = {}
        self._layout = Layout()
        self._file: Any = None
        """Opened with the first rows: only then is it known how wide they are."""

    def write(self, block: ImuBlock) -> None:
        """Take the next samples of one sensor; sensors may come in any order.

        Parameters
        ----------
        block : ImuBlock
            Times are whole nanoseconds by `hipimu.units.s_from_ns`.

        Raises
        ------
        ValueError
            When they are not, when the sensor was not named, or when only some of its blocks have
            a counter or a magnetic field.
        """
        if block.sensor not in self._waiting:
            raise ValueError(f"the sensor {block.sensor} has no scales")
        rows = _rows(block)
        has = rows.values.keys(), rows.counter is not None
        if self._has.setdefault(block.sensor, has) != has:
            raise ValueError(f"what {block.sensor} measures has changed")
        waiting = self._waiting[block.sensor]
        waiting.append(rows)
        while sum(len(rows.t_ns) for rows in waiting) >= self._rows_a_group:
            waiting[:] = self._put_one(_joined(waiting))

    def __enter__(self) -> SamplesWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            with contextlib.suppress(OSError, pa.ArrowException):
                self._close()
            with contextlib.suppress(OSError):
                self._aside.unlink(missing_ok=True)

    def _finish(self) -> None:
        for waiting in self._waiting.values():
            if waiting:
                self._put(_joined(waiting))
        try:
            if self._file is None:
                self._file = self._open(self._aside)
            self._close()
        except (OSError, pa.ArrowException) as error:
            raise not_written(self._path, error) from error
        put_in_place(self._aside, self._path)

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _put_one(self, rows: Rows) -> list[Rows]:
        """Write one row group, return the rows that are left."""
        count = self._rows_a_group
        self._put(_part(rows, slice(None, count)))
        return [_part(rows, slice(count, None))] if len(rows.t_ns) > count else []

    def _put(self, rows: Rows) -> None:
        layout = self._layout.widened(rows, self._scales[rows.sensor])
        try:
            if self._file is None:
                self._layout = layout
                self._file = self._open(self._aside)
            elif layout != self._layout:
                self._widen(layout)
            self._append(self._file, rows)
        except (OSError, pa.ArrowException) as error:
            raise not_written(self._path, error) from error

    def _open(self, path: Path) -> Any:
        return pyarrow.parquet.ParquetWriter(
            path,
            self._layout.schema(self._scales),
            compression="zstd",
            use_dictionary=["sensor"],
            column_encoding=self._layout.encodings(),
            write_page_checksum=True,
        )

    def _append(self, file: Any, rows: Rows) -> None:
        table = self._layout.table(rows, self._scales)
        file.write_table(table, row_group_size=max(len(rows.t_ns), 1))

    def _widen(self, layout: Layout) -> None:
        """Write again what was written so far."""
        self._close()
        narrow = self._aside.with_name(self._aside.name + ".narrow")
        self._aside.replace(narrow)
        try:
            self._layout = layout
            self._file = self._open(self._aside)
            for rows in _stored_in(narrow, self._scales):
                self._append(self._file, rows)
        finally:
            narrow.unlink(missing_ok=True)


def _rows(block: ImuBlock) -> Rows:
    t_ns = ns_from_s(block.t_s)
    if not np.array_equal(s_from_ns(t_ns), block.t_s):
        raise ValueError("times are not whole nanoseconds: round them by ns_from_s and s_from_ns")
    values: dict[Quantity, FloatArray] = {"acc": block.acc_m_s2, "gyr": block.gyr_rad_s}
    if block.mag_ut is not None:
        values["mag"] = block.mag_ut
    return Rows(block.sensor, t_ns, values, block.counter)


def _part(rows: Rows, which: slice) -> Rows:
    values = {quantity: array[which] for quantity, array in rows.values.items()}
    counter = None if rows.counter is None else rows.counter[which]
    return Rows(rows.sensor, rows.t_ns[which], values, counter)


def _joined(pieces: list[Rows]) -> Rows:
    """Return consecutive rows of one sensor as one."""
    if len(pieces) == 1:
        return pieces[0]
    counters = [rows.counter for rows in pieces if rows.counter is not None]
    return Rows(
        pieces[0].sensor,
        np.concatenate([rows.t_ns for rows in pieces]),
        {q: np.concatenate([rows.values[q] for rows in pieces]) for q in pieces[0].values},
        np.concatenate(counters) if counters else None,
    )


def _stored_in(path: Path, scales: Mapping[str, Scales]) -> Iterator[Rows]:
    """Read back what this writer wrote, a row group at a time."""
    with pyarrow.parquet.ParquetFile(path) as file:
        for number in range(file.metadata.num_row_groups):
            table = file.read_row_group(number)
            sensor = table.column("sensor")[0].as_py()
            values: dict[Quantity, FloatArray] = {}
            for quantity in QUANTITIES:
                columns = [_column(table, name) for name in columns_of_quantity(quantity)]
                present = [column for column in columns if column is not None]
                if present:
                    scale = scales[sensor].of(quantity)
                    values[quantity] = np.column_stack([restored(c, scale) for c in present])
            yield Rows(sensor, _column(table, TIME), values, _column(table, COUNTER))


def _column(table: Any, name: str) -> Any:
    """Return a column as it is stored, None where it is missing or holds nothing."""
    if name not in table.column_names:
        return None
    column = table.column(name)
    return None if column.null_count else column.to_numpy()
