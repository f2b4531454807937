"""What a ``mapping.toml`` may say, checked key by key.

Written by hand or by ``hipimu import --guess``; its page in the reference names every key.
"""

from __future__ import annotations

from datetime import UTC, datetime, timezone
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from hipimu.data import SEGMENTS, FloatArray, Segment
from hipimu.errors import RecordingError
from hipimu.sources.metadata import check_segments
from hipimu.sources.toml_file import check_format, first_problem, read_toml

FORMAT: Final = "hipimu-mapping/1"
FILE_NAME: Final = "mapping.toml"

_EXAMPLES: Final = {
    "time": '[time] and below it column = "time" and unit = "s"',
    "acc": '[acc] and below it columns = ["ax", "ay", "az"], unit = "m/s2" and rest = "+g"',
    "gyr": '[gyr] and below it columns = ["gx", "gy", "gz"] and unit = "deg/s"',
    "sensors": '[sensors.pelvis] and below it file = "pelvis.csv"',
    "columns": 'columns = ["x", "y", "z"]',
    "unit": 'unit = "m/s2"',
    "rest": 'rest = "+g" where a sensor at rest shows +1 g on the axis that points up',
}

_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Axis = Literal["x", "-x", "y", "-y", "z", "-z"]
Axes = tuple[_Axis, _Axis, _Axis]
_Columns = tuple[_Name, _Name, _Name]
_Scale = Annotated[float, Field(gt=0.0, le=1e9)]


class _Strict(BaseModel):
    # TOML has arrays where these models have tuples: strictness would refuse them.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Table(_Strict):
    """How the text is cut into columns."""

    separator: Literal[",", ";", "\t", "|", "space", "tab"] = ","
    decimal: Literal[".", ","] = "."
    encoding: Literal["utf-8", "utf-16", "latin-1", "cp1252"] = "utf-8"
    header_line: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 1
    """Line with the columns' names, counted from 1; 0: there is none, columns are "1", "2" …"""
    first_line: Annotated[int, Field(strict=True, ge=1, le=10_001)] | None = None
    """Line of the first sample; None: the line below the header."""
    comment: Annotated[str, Field(min_length=1, max_length=8)] | None = None
    """Lines that begin so are left out."""

    @model_validator(mode="after")
    def _fits_together(self) -> Table:
        if self.separator == self.decimal:
            raise ValueError("the decimal mark cannot be the separator too")
        if self.first_line is not None and self.first_line <= self.header_line:
            raise ValueError("first_line comes after header_line")
        return self


class Time(_Strict):
    """Which column is the time, and what it counts."""

    column: _Name | None = None
    """None: rows follow each other at `rate_hz`. ``{}`` in it stands for the sensor's `name`."""
    unit: Literal["s", "ms", "us", "ns", "sample", "iso", "clock"] = "s"
    rate_hz: Annotated[float, Field(ge=1.0, le=10_000.0)] | None = None
    wraps_at: Annotated[float, Field(gt=1.0, le=2.0**64)] | None = None
    """In the column's unit: where the counter starts at 0 again."""
    zone: Annotated[str, Field(pattern=r"^(Z|[+-]\d\d:\d\d)$")] | None = None
    """Of dates without one."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Time:
        if self.rate_hz is None and (self.column is None or self.unit == "sample"):
            raise ValueError("without a column of times, rate_hz has to be there")
        if self.wraps_at is not None and self.unit in ("iso", "clock"):
            raise ValueError("only numbers wrap: leave wraps_at out")
        return self

    @property
    def timezone(self) -> timezone | None:
        """The zone of dates without one."""
        if self.zone is None or self.zone == "Z":
            return None if self.zone is None else UTC
        return datetime.strptime(self.zone, "%z").tzinfo  # type: ignore[return-value]


class _Channels(_Strict):
    columns: _Columns
    """Names of x, y and z; ``{}`` in them stands for the sensor's `name`."""
    scale: _Scale = 1.0
    """What one of the file is in `unit`: for counts."""
    axes: Axes = ("x", "y", "z")

    @field_validator("axes")
    @classmethod
    def _right_handed(cls, axes: Axes) -> Axes:
        matrix_of(axes)
        return axes


class Acc(_Channels):
    """Acceleration."""

    unit: Literal["m/s2", "g", "mg"]
    rest: Literal["+g", "-g", "removed"]


class Gyr(_Channels):
    """Angular velocity."""

    unit: Literal["rad/s", "deg/s", "mdeg/s"]


class Mag(_Channels):
    """Magnetic field."""

    unit: Literal["uT", "nT", "mT", "T", "gauss", "mgauss"]


class Worn(_Strict):
    """Where one sensor's samples are."""

    file: _Name | None = None
    """Name, or pattern with ``*`` and ``?`` that exactly one file beside the mapping fits."""
    name: Annotated[str, Field(max_length=200)] = ""
    """What stands for ``{}`` in names of columns."""
    value: _Name | None = None
    """What `sensor_column` says for this sensor."""
    axes: Axes = ("x", "y", "z")
    """Of all its channels, after those of the channels themselves."""

    @field_validator("axes")
    @classmethod
    def _right_handed(cls, axes: Axes) -> Axes:
        matrix_of(axes)
        return axes


class Sensors(_Strict):
    """The sensors by segment."""

    pelvis: Worn | None = None
    thigh_left: Worn | None = None
    thigh_right: Worn | None = None

    def by_segment(self) -> dict[Segment, Worn]:
        """Return the sensors that are there, in the order of `hipimu.data.SEGMENTS`."""
        found = {segment: getattr(self, segment) for segment in SEGMENTS}
        return {segment: worn for segment, worn in found.items() if worn is not None}


class TableMapping(_Strict):
    """All of ``mapping.toml``."""

    format: Literal["hipimu-mapping/1"]
    synchronised: Annotated[bool, Field(strict=True)]
    """Whether the times of all sensors are on one clock."""
    file: _Name | None = None
    """Of all sensors, where one file has them all."""
    sensor_column: _Name | None = None
    """Column that says of which sensor a row is."""
    table: Table = Table()
    time: Time
    acc: Acc
    gyr: Gyr
    mag: Mag | None = None
    sensors: Sensors

    def file_of(self, segment: Segment) -> str:
        """Return the name or pattern of a sensor's file."""
        worn = self.sensors.by_segment()[segment]
        return worn.file or self.file or ""

    @model_validator(mode="after")
    def _says_where_each_sensor_is(self) -> TableMapping:
        places = set()
        for segment, worn in self.sensors.by_segment().items():
            if not self.file_of(segment):
                raise ValueError(f'give sensors.{segment} its file, like file = "{segment}.csv"')
            if (worn.value is None) != (self.sensor_column is None):
                raise ValueError(
                    f"give sensors.{segment} a value where there is a sensor_column, and only there"
                )
            places.add((self.file_of(segment), worn.name, worn.value))
        if len(places) < len(self.sensors.by_segment()):
            raise ValueError("two sensors have the same file, columns and value")
        return self


def matrix_of(axes: Axes) -> FloatArray:
    """Return the (3, 3) rotation that `axes` is: row i takes what becomes axis i.

    Raises
    ------
    ValueError
        When it is no rotation.
    """
    matrix = np.zeros((3, 3))
    for row, axis in enumerate(axes):
        matrix[row, "xyz".index(axis[-1])] = -1.0 if axis.startswith("-") else 1.0
    determinant = round(float(np.linalg.det(matrix)))
    if determinant == 0:
        raise ValueError("each of x, y and z has to be there once")
    if determinant < 0:
        raise ValueError(
            "these axes are left-handed: with them angular velocities would turn the wrong way; "
            "exchange two of them, or the sign of one"
        )
    return matrix


def read_mapping(path: Path) -> TableMapping:
    """Read and check a ``mapping.toml``.

    Raises
    ------
    RecordingError
        When it cannot be read, is not TOML, or says something unknown or impossible.
    """
    keys = read_toml(path)
    check_format(path, keys, (FORMAT,))
    try:
        mapping = TableMapping.model_validate(keys)
    except ValidationError as error:
        raise first_problem(path, error, _accepted, _EXAMPLES) from None
    except (OverflowError, RecursionError, ValueError):
        raise RecordingError(
            f"{path.name} holds a value that is too large to use.",
            "Compare it with the example in the documentation.",
            path=path,
        ) from None
    check_segments(path, tuple(mapping.sensors.by_segment()))
    if mapping.acc.rest == "removed":
        raise RecordingError(
            f"{path.name}: acceleration without gravity does not say which way is up.",
            "Export raw acceleration from the sensor; a hip angle cannot be had without gravity.",
            path=path,
        )
    return mapping


def _accepted(place: tuple[str, ...]) -> tuple[str, ...]:
    models: dict[str, type[BaseModel]] = {
        "table": Table,
        "time": Time,
        "acc": Acc,
        "gyr": Gyr,
        "mag": Mag,
        "sensors": Sensors,
    }
    if not place:
        return tuple(TableMapping.model_fields)
    if len(place) > 1:
        return tuple(Worn.model_fields)
    return tuple(models[place[0]].model_fields)
