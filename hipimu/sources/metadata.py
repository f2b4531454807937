"""What ``recording.toml`` may say, checked key by key.

Beyond the keys of every recording folder (format, started_at, synchronised, athlete, sensors,
calibration) two are optional: ``simulated`` (true or false) and ``notice`` (source and licence of
a recording that came from elsewhere). ``started_at`` is optional too.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hipimu.data import SEGMENTS, Segment
from hipimu.errors import RecordingError
from hipimu.sources.toml_file import check_format, first_problem, read_toml

FORMATS = ("hipimu-csv/1", "movella-dot/1", "foreign/1", "hipimu/1")
_SELF_DESCRIBING = ("movella-dot/1", "foreign/1")
"""Whose files say rates and clocks themselves."""
_MANY_IN_ONE = ("foreign/1", "hipimu/1")
"""Whose files may hold several sensors."""
_NORM_TOLERANCE = 0.01
_ROUNDING = 1e-15
"""A rotation that was divided by its length has length 1 to within this: read again, it stays."""

_EXAMPLES = {
    "file": 'file = "pelvis.csv"',
    "sensors": '[sensors.pelvis] and below it file = "pelvis.csv" and rate_hz = 100.0',
}
_Rate = Annotated[float, Field(ge=1.0, le=10_000.0)]
_Seconds = Annotated[float, Field(ge=0.0, le=1e9)]
_Text = Annotated[str, Field(max_length=1000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Athlete(_Strict):
    """Who ran."""

    name: str | None = None
    mass_kg: Annotated[float, Field(gt=0.0, le=400.0)] | None = None
    sex: Literal["f", "m", "x"] | None = None
    height_m: Annotated[float, Field(ge=1.0, le=2.3)] | None = None
    """Body height: the distance from the sensors to the hip centre grows with it."""


class Sensor(_Strict):
    """One sensor: its file, its rate and, where known, how it sits on the segment."""

    file: Annotated[str, Field(min_length=1, max_length=255)]
    rate_hz: _Rate | None = None
    """Samples per second; may be absent where the file itself says it."""
    label: _Text | None = None
    """What a file of another system, which may hold many sensors, calls this one."""
    mounting: Annotated[list[float], Field(min_length=4, max_length=4)] | None = None
    """Unit quaternion wxyz, segment → sensor."""
    protocol: _Text | None = None
    """Id of the protocol by which its packets were decoded."""
    device: _Text | None = None
    """The name that the device advertises."""
    address: _Text | None = None
    serial: _Text | None = None

    @field_validator("mounting")
    @classmethod
    def _has_unit_length(cls, mounting: list[float] | None) -> list[float] | None:
        if mounting is None:
            return None
        norm = float(np.hypot.reduce(mounting))
        if not abs(norm - 1.0) <= _NORM_TOLERANCE:
            raise ValueError(f"a rotation has length 1, this one {norm:.4g}")
        return mounting if abs(norm - 1.0) <= _ROUNDING else [part / norm for part in mounting]


class Sensors(_Strict):
    """The sensors by segment."""

    pelvis: Sensor | None = None
    thigh_left: Sensor | None = None
    thigh_right: Sensor | None = None

    def by_segment(self) -> dict[Segment, Sensor]:
        """Return the sensors that are there, in the order of `hipimu.data.SEGMENTS`."""
        found = {segment: getattr(self, segment) for segment in SEGMENTS}
        return {segment: sensor for segment, sensor in found.items() if sensor is not None}


class CalibrationHint(_Strict):
    """What the recording says about its own calibration."""

    stand_s: Annotated[list[_Seconds], Field(min_length=2, max_length=2)] | None = None
    """Start and end of the quiet standing pose."""

    @field_validator("stand_s")
    @classmethod
    def _ends_after_it_starts(cls, stand_s: list[float] | None) -> list[float] | None:
        if stand_s is not None and stand_s[1] <= stand_s[0]:
            raise ValueError("the standing pose must end after it starts")
        return stand_s


class Metadata(_Strict):
    """All of ``recording.toml``."""

    format: Literal["hipimu-csv/1", "movella-dot/1", "foreign/1", "hipimu/1"]
    started_at: datetime | None = None
    synchronised: bool | None = None
    """Whether all files share one clock; None only where the files themselves say it."""
    spans_apart: bool = False
    """Whether sensors are known to start one after the other, and one thigh's to end earlier."""
    simulated: bool = False
    notice: str | None = None
    athlete: Athlete = Athlete()
    sensors: Sensors
    calibration: CalibrationHint = CalibrationHint()

    @field_validator("started_at")
    @classmethod
    def _has_a_zone(cls, started_at: datetime | None) -> datetime | None:
        if started_at is not None and started_at.utcoffset() is None:
            raise ValueError("the time zone is missing: append Z for UTC, or an offset like +02:00")
        return started_at


def read_metadata(path: Path) -> Metadata:
    """Read and check a ``recording.toml``.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Metadata
        With everything in it checked except the sensor files themselves.

    Raises
    ------
    RecordingError
        When the file cannot be read, is not TOML, or says something unknown or impossible.
    """
    keys = read_toml(path)
    check_format(path, keys, FORMATS)
    try:
        metadata = Metadata.model_validate(keys)
    except ValidationError as error:
        raise first_problem(path, error, _accepted, _EXAMPLES) from None
    except (OverflowError, RecursionError, ValueError):
        raise RecordingError(
            f"{path.name} holds a value that is too large to use.",
            "Compare it with the example in the documentation.",
            path=path,
        ) from None
    _check_sensors(path, metadata)
    return metadata


def _accepted(place: tuple[str, ...]) -> tuple[str, ...]:
    models: dict[str, type[BaseModel]] = {
        "athlete": Athlete,
        "sensors": Sensors,
        "calibration": CalibrationHint,
    }
    if not place:
        return tuple(Metadata.model_fields)
    if len(place) > 1:
        return tuple(Sensor.model_fields)
    return tuple(models[place[0]].model_fields)


def _check_sensors(path: Path, metadata: Metadata) -> None:
    sensors = metadata.sensors.by_segment()
    check_segments(path, tuple(sensors))
    files = [sensor.file for sensor in sensors.values()]
    for segment, sensor in sensors.items():
        if files.count(sensor.file) > 1 and metadata.format not in _MANY_IN_ONE:
            raise RecordingError(
                f"{path.name} gives {sensor.file} to more than one sensor.",
                "Give each sensor a file of its own.",
                path=path,
                sensor=segment,
            )
        if sensor.rate_hz is None and metadata.format not in _SELF_DESCRIBING:
            raise RecordingError(
                f"{path.name} lacks sensors.{segment}.rate_hz.",
                "Add the sampling rate, for example rate_hz = 100.0.",
                path=path,
                sensor=segment,
            )
    if metadata.synchronised is None and metadata.format not in _SELF_DESCRIBING:
        raise RecordingError(
            f"{path.name} does not say whether the sensors share one clock.",
            "Add synchronised = true, or synchronised = false where each file has its own clock.",
            path=path,
        )


def check_segments(path: Path, segments: tuple[Segment, ...]) -> None:
    """Refuse a set of sensors from which no hip angle follows.

    Raises
    ------
    RecordingError
        When the pelvis or both thighs are missing.
    """
    if "pelvis" not in segments:
        missing: Segment = "pelvis"
        remedy = "Add the sensor on the pelvis (sensors.pelvis): a hip angle needs it."
    elif len(segments) < 2:
        missing = "thigh_left"
        remedy = "Add a sensor on a thigh (sensors.thigh_left or sensors.thigh_right)."
    else:
        return
    named = ", ".join(segments) or "none"
    raise RecordingError(
        f"{path.name} has too few sensors: {named}.", remedy, path=path, sensor=missing
    )
