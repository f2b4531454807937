"""Tables as a mapping says them: each sensor's samples, in SI units and right-handed axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from hipimu.data import BoolArray, FloatArray, IntArray, Segment
from hipimu.errors import RecordingError
from hipimu.sources.csv_folder import inside
from hipimu.sources.foreign.noun import Foreign, ForeignSensor
from hipimu.sources.mapping.model import FILE_NAME, Axes, TableMapping, Worn, matrix_of
from hipimu.sources.mapping.text import Cut, cut, floats
from hipimu.sources.mapping.times import Counted, counted, uniform
from hipimu.sources.unit_names import worth

READER_ID: Final = "mapping"
_SLOWEST_HZ, _FASTEST_HZ = 1.0, 10_000.0


def read_mapped(mapping: TableMapping, folder: Path) -> Foreign:
    """Read the files of a folder as a mapping says.

    Time starts at 0 with the first sample: of all sensors where they are on one clock, else of
    each.

    Raises
    ------
    RecordingError
        When a file or column is missing, or a line cannot be read.
    """
    tables: dict[Path, Cut] = {}
    parts: dict[Segment, _Part] = {}
    for segment, worn in mapping.sensors.by_segment().items():
        path = file_fitting(folder, mapping.file_of(segment), segment)
        if path not in tables:
            tables[path] = cut(path, mapping.table)
        parts[segment] = _part(mapping, worn, tables[path], segment)
    firsts = {segment: part.times.counts[0].item() for segment, part in parts.items()}
    starts = [start for part in parts.values() if (start := part.times.started_at()) is not None]
    dated = any(part.times.are_dates for part in parts.values())
    first = min(firsts.values())
    sensors = tuple(
        part.sensor(first if mapping.synchronised else firsts[segment])
        for segment, part in parts.items()
    )
    return Foreign(
        READER_ID,
        sensors,
        synchronised=mapping.synchronised,
        started_at=min(starts, default=None),
        remarks=_remarks(parts, dated=dated, known=bool(starts)),
    )


def _remarks(parts: Mapping[Segment, _Part], *, dated: bool, known: bool) -> tuple[str, ...]:
    remarks = [
        f"{part.cut.path.name}: {part.left_out} rows without samples of {segment} are left out."
        for segment, part in parts.items()
        if part.left_out
    ]
    if dated and not known:
        remarks.append(
            "The times are dates without a time zone: when the recording started is left open."
        )
    return tuple(remarks)


def file_fitting(folder: Path, name: str, segment: Segment | None = None) -> Path:
    """Return the one file of a folder that a name or pattern fits.

    Raises
    ------
    RecordingError
        When none or several do, or it leads out of the folder.
    """
    if "*" in name or "?" in name:
        try:
            found = [path.name for path in sorted(folder.iterdir()) if fnmatchcase(path.name, name)]
        except OSError:
            found = []
        found = [own for own in found if own != FILE_NAME and (folder / own).is_file()]
        if len(found) != 1:
            fit = f"fit {name!r:.80}: {', '.join(found[:5])}" if found else f"fits {name!r:.80}"
            raise RecordingError(
                f"{folder.name}: {f'{len(found)} files' if found else 'no file'} {fit}.",
                f"Correct file in {FILE_NAME} so that exactly one fits.",
                path=folder / FILE_NAME,
                sensor=segment,
            )
        name = found[0]
    try:
        return inside(folder, name, segment)
    except RecordingError as error:
        remedy = error.remedy.replace("recording.toml", FILE_NAME)
        raise RecordingError(error.what, remedy, path=folder / FILE_NAME, sensor=segment) from None


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One sensor's share of a table."""

    mapping: TableMapping
    worn: Worn
    cut: Cut
    segment: Segment
    rows: IntArray
    """Which of the table's rows are this sensor's and hold samples."""
    left_out: int
    """Rows of this sensor that hold none."""
    values: FloatArray
    """(n, 6 or 9) acc, gyr and mag as the file says them."""
    times: Counted

    def sensor(self, zero: float) -> ForeignSensor:
        """Return it as what every reader gives, times counted from `zero`."""
        mapping, t_s = self.mapping, self.times.seconds(zero)
        acc = self._channel(0, mapping.acc.scale * worth(mapping.acc.unit), mapping.acc.axes)
        if mapping.acc.rest == "-g":
            acc = -acc
        gyr = self._channel(3, mapping.gyr.scale * worth(mapping.gyr.unit), mapping.gyr.axes)
        mag = None
        if mapping.mag is not None:
            mag = self._channel(6, mapping.mag.scale * worth(mapping.mag.unit), mapping.mag.axes)
        lines = self.cut.lines
        whole = isinstance(lines, range) and len(self.rows) == self.rows[-1] - self.rows[0] + 1
        return ForeignSensor(
            label=str(self.segment),
            path=self.cut.path,
            rate_hz=mapping.time.rate_hz or self._rate_hz(t_s),
            t_s=t_s,
            acc_m_s2=acc,
            gyr_rad_s=gyr,
            mag_ut=mag,
            segment=self.segment,
            first_line=lines[int(self.rows[0])] if whole else None,
        )

    def _channel(self, start: int, scale: float, axes: Axes) -> FloatArray:
        turn = np.matmul(matrix_of(self.worn.axes), matrix_of(axes))
        order = np.argmax(np.abs(turn), axis=1)
        signs: FloatArray = turn[np.arange(3), order]
        # Taken one by one: a matrix product would spread a missing value over all three axes.
        turned: FloatArray = self.values[:, start + order] * (signs * scale)
        return turned

    def _rate_hz(self, t_s: FloatArray) -> float:
        steps_s = np.diff(t_s)
        steps_s = steps_s[np.isfinite(steps_s) & (steps_s > 0.0)]
        rate_hz = 1.0 / float(np.median(steps_s)) if len(steps_s) else 0.0
        if not _SLOWEST_HZ <= rate_hz <= _FASTEST_HZ:
            column, unit = self.mapping.time.column, self.mapping.time.unit
            raise RecordingError(
                f"{self.cut.path.name}: {column!r:.60} read as {unit} means {rate_hz:.3g} samples "
                "a second.",
                f"Correct unit of [time] in {FILE_NAME}; units are s, ms, us, ns, sample.",
                path=self.cut.path,
                sensor=self.segment,
            )
        return rate_hz


def _part(mapping: TableMapping, worn: Worn, table: Cut, segment: Segment) -> _Part:
    channels = (mapping.acc, mapping.gyr, *((mapping.mag,) if mapping.mag else ()))
    names = [name.replace("{}", worn.name) for own in channels for name in own.columns]
    time = None if mapping.time.column is None else mapping.time.column.replace("{}", worn.name)
    texts = [name for name in (time, mapping.sensor_column) if name is not None]
    columns = table.columns(names, texts)
    values = np.column_stack([floats(columns[name]) for name in names])
    filled = np.isfinite(values[:, :6]).any(axis=1)
    own = np.ones(len(values), dtype=bool)
    if mapping.sensor_column is not None:
        own = _said(columns[mapping.sensor_column], mapping, worn, table, segment)
    rows: IntArray = np.flatnonzero(own & filled).astype(np.int64)
    if not len(rows):
        raise RecordingError(
            f"{table.path.name} has no samples of {segment}.",
            f"Check its columns ({', '.join(names[:6])!s:.200}) in {FILE_NAME}.",
            path=table.path,
            sensor=segment,
        )
    if time is None:
        times = uniform(len(rows), mapping.time.rate_hz or 1.0)
    else:
        cells = columns[time].take(pa.array(rows)).to_pylist()
        times = counted(table, mapping.time, rows, [cell.strip() for cell in cells])
    left_out = int((own & ~filled).sum())
    return _Part(mapping, worn, table, segment, rows, left_out, values[rows], times)


def _said(
    column: pa.ChunkedArray, mapping: TableMapping, worn: Worn, table: Cut, segment: Segment
) -> BoolArray:
    """Return which rows say that they are of this sensor."""
    said = np.array([text.strip() for text in column.to_pylist()])
    own: BoolArray = said == worn.value
    if not own.any():
        others = ", ".join(repr(str(name)) for name in np.unique(said)[:20])
        raise RecordingError(
            f"{table.path.name}: {mapping.sensor_column} is never {worn.value!r:.60}.",
            f"It is one of: {others:.300}.",
            path=table.path,
            sensor=segment,
        )
    return own
