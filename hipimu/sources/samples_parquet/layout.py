"""The columns of ``samples.parquet`` and how values are stored in them.

A value is what is stored times the scale of its sensor, in float64: exactly the value that was
written, or the column is made wider. ``docs/reference/recording-folder.md`` describes the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from hipimu.data import FloatArray, IntArray

SENSOR, TIME, COUNTER = "sensor", "t_ns", "counter"
Quantity = Literal["acc", "gyr", "mag"]
QUANTITIES: tuple[Quantity, ...] = ("acc", "gyr", "mag")
NOTE_KEY = b"hipimu"
LARGEST_SCALE = 1e6
"""Units differ by no more; and no product of a stored number can be infinite."""
_Numbers = NDArray[Any]


def columns_of_quantity(quantity: Quantity) -> tuple[str, str, str]:
    """Return the names of its x, y and z."""
    return f"{quantity}_x", f"{quantity}_y", f"{quantity}_z"


class Width(IntEnum):
    """How numbers are stored, narrowest first; each holds all that the ones before it hold."""

    INT16 = 0
    FLOAT32 = 1
    FLOAT64 = 2


_ARROW = {Width.INT16: pa.int16(), Width.FLOAT32: pa.float32(), Width.FLOAT64: pa.float64()}
_NUMPY: dict[Width, type[np.generic]] = {
    Width.INT16: np.int16,
    Width.FLOAT32: np.float32,
    Width.FLOAT64: np.float64,
}
_INT16 = np.iinfo(np.int16)


@dataclass(frozen=True, slots=True)
class Scales:
    """Worth of one count of a sensor, where its decoder multiplies counts by one number.

    None where there is none; the values are then stored as they are, as narrow as is exact.
    """

    acc_m_s2: float | None = None
    gyr_rad_s: float | None = None
    mag_ut: float | None = None

    def __post_init__(self) -> None:
        for scale in (self.acc_m_s2, self.gyr_rad_s, self.mag_ut):
            if scale is not None and not 0.0 < scale <= LARGEST_SCALE:
                raise ValueError(f"a count cannot be worth {scale}")

    def of(self, quantity: Quantity) -> float:
        """Return the worth of one count, 1 where there is none."""
        scale = {"acc": self.acc_m_s2, "gyr": self.gyr_rad_s, "mag": self.mag_ut}[quantity]
        return 1.0 if scale is None else scale


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Consecutive samples of one sensor."""

    sensor: str
    t_ns: IntArray
    """(n,)"""
    values: Mapping[Quantity, FloatArray]
    """(n, 3) in m/s², rad/s and µT; mag may be absent."""
    counter: IntArray | None = None
    """(n,)"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns there are, and how wide."""

    acc: Width = Width.INT16
    gyr: Width = Width.INT16
    mag: Width | None = None
    counter: bool = False

    def width(self, quantity: Quantity) -> Width | None:
        """Return how wide a quantity is stored; None where it is not."""
        widths: dict[Quantity, Width | None] = {"acc": self.acc, "gyr": self.gyr, "mag": self.mag}
        return widths[quantity]

    def widened(self, rows: Rows, scales: Scales) -> Layout:
        """Return the narrowest layout that holds these rows, too."""
        wider = {
            quantity: max(
                self.width(quantity) or Width.INT16, _narrowest(values, scales.of(quantity))
            )
            for quantity, values in rows.values.items()
        }
        return replace(self, counter=self.counter or rows.counter is not None, **wider)

    def schema(self, scales: Mapping[str, Scales]) -> pa.Schema:
        """Return the file's columns and, as metadata, the scales."""
        fields = [(SENSOR, pa.dictionary(pa.int8(), pa.string())), (TIME, pa.int64())]
        for quantity in QUANTITIES:
            if (width := self.width(quantity)) is not None:
                fields += [(name, _ARROW[width]) for name in columns_of_quantity(quantity)]
        if self.counter:
            fields.append((COUNTER, pa.int64()))
        note = Note(sensors={sensor: self._note(own) for sensor, own in scales.items()})
        return pa.schema(fields, metadata={NOTE_KEY: note.model_dump_json().encode()})

    def _note(self, scales: Scales) -> SensorNote:
        worth = {
            quantity: 1.0 if self.width(quantity) in (None, Width.FLOAT64) else scales.of(quantity)
            for quantity in QUANTITIES
        }
        return SensorNote(acc_m_s2=worth["acc"], gyr_rad_s=worth["gyr"], mag_ut=worth["mag"])

    def encodings(self) -> dict[str, str]:
        """Return how each column is packed: measured, not guessed."""
        packed = {TIME: "DELTA_BINARY_PACKED"}
        for quantity in QUANTITIES:
            if (width := self.width(quantity)) is not None:
                how = "DELTA_BINARY_PACKED" if width == Width.INT16 else "BYTE_STREAM_SPLIT"
                packed |= dict.fromkeys(columns_of_quantity(quantity), how)
        if self.counter:
            packed[COUNTER] = "DELTA_BINARY_PACKED"
        return packed

    def table(self, rows: Rows, scales: Mapping[str, Scales]) -> pa.Table:
        """Return rows as they are stored."""
        count, schema = len(rows.t_ns), self.schema(scales)
        columns: dict[str, Any] = {
            SENSOR: pa.DictionaryArray.from_arrays(np.zeros(count, np.int8), [rows.sensor]),
            TIME: rows.t_ns,
        }
        for quantity in QUANTITIES:
            if (width := self.width(quantity)) is None:
                continue
            names = columns_of_quantity(quantity)
            values = rows.values.get(quantity)
            if values is None:
                columns |= {name: pa.nulls(count, _ARROW[width]) for name in names}
            else:
                stored = _stored(values, scales[rows.sensor].of(quantity), width)
                columns |= dict(zip(names, stored.T, strict=True))
        if self.counter:
            counter = rows.counter
            columns[COUNTER] = pa.nulls(count, pa.int64()) if counter is None else counter
        return pa.table(columns, schema=schema)


_Scale = Annotated[float, Field(gt=0.0, le=LARGEST_SCALE)]


class SensorNote(BaseModel):
    """Worth of what is stored for one sensor."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, allow_inf_nan=False)

    acc_m_s2: _Scale
    gyr_rad_s: _Scale
    mag_ut: _Scale = 1.0

    def of(self, quantity: Quantity) -> float:
        """Return by what to multiply."""
        return {"acc": self.acc_m_s2, "gyr": self.gyr_rad_s, "mag": self.mag_ut}[quantity]


class Note(BaseModel):
    """What the file says of itself, beyond its columns."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    format: Literal["hipimu-samples/1"] = "hipimu-samples/1"
    sensors: dict[str, SensorNote]


def restored(stored: _Numbers, scale: float) -> FloatArray:
    """Return the values of what is stored, (n,)."""
    values: FloatArray = stored.astype(np.float64)
    return values if stored.dtype == np.float64 else values * scale


def _narrowest(values: FloatArray, scale: float) -> Width:
    for width in (Width.INT16, Width.FLOAT32):
        stored = _stored(values, scale, width)
        if _same_bits(restored(stored, scale), values):
            return width
    return Width.FLOAT64


def _stored(values: FloatArray, scale: float, width: Width) -> _Numbers:
    """Return the nearest that can be stored; whether it is exact is for others to check."""
    if width == Width.FLOAT64:
        return values
    # What does not fit becomes something else than it was, and is found out.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        raw = values / scale
        if width == Width.INT16:
            raw = np.clip(np.nan_to_num(np.rint(raw)), _INT16.min, _INT16.max)
        return raw.astype(_NUMPY[width])


def _same_bits(one: FloatArray, two: FloatArray) -> bool:
    bits_one = np.ascontiguousarray(one).view(np.int64)
    return np.array_equal(bits_one, np.ascontiguousarray(two).view(np.int64))
