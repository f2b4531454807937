"""Motion-BIDS: the motion files of a data set of the Brain Imaging Data Structure.

Follows the specification 1.11 (https://bids-specification.readthedocs.io, "Motion") and Jeung et
al. 2024, "Motion-BIDS", Scientific Data 11, 716. What is to know:

- ``_motion.tsv`` has no header; its columns are the rows of ``_channels.tsv``, each with a unit of
  its own: acceleration in g or m/s², angular velocity in deg/s or rad/s are all allowed.
- Files of one recording differ in ``tracksys`` alone. Each tracking system has its own rate; their
  clocks are one by ``acq_time`` in ``scans.tsv``. A channel LATENCY is the time since then.
- ``acq_time`` without a Z is local time of an unknown place; years before 1926 are shifted dates.
- JSON files higher up hold for all files below whose names have the same parts (inheritance).
- A sensor is a tracked point with ACCEL and GYRO in x, y and z. Channels of other kinds, such as
  orientations, are left alone: hipimu computes its own.
- Axes are said per data set, if at all (``reference_frame``): taken as the sensor's own. The sign
  of gravity is not said: +g on the axis that points up at rest is assumed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from hipimu.data import FloatArray, Lap
from hipimu.errors import RecordingError
from hipimu.sources.foreign.columns import rate_of
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.mapping.model import Table
from hipimu.sources.mapping.text import Cut, cut, floats
from hipimu.sources.segment_names import segment_named
from hipimu.sources.unit_names import Quantity, unit_named, worth

FORMAT: Final = "motion-bids"
_MOTION: Final = re.compile(r"sub-[0-9A-Za-z]+_.*tracksys-(?P<system>[0-9A-Za-z]+).*_motion\.tsv")
_QUANTITIES: Final[dict[str, Quantity]] = {"ACCEL": "acc", "GYRO": "gyr", "MAGN": "mag"}
_LEVELS: Final = 4
"""Folders from a motion file up to the data set's own: motion, ses, sub, data set."""
_LARGEST_JSON: Final = 1_000_000
_MOST_FILES: Final = 1000
_NO_SHIFT_SINCE: Final = 1926
_REMEDY: Final = "Correct the file; the BIDS validator says more: pip install bids-validator-deno."
_TSV: Final = Table(separator="tab", header_line=0)


@dataclass(frozen=True, slots=True)
class _Channel:
    """One column of a motion file."""

    column: str
    kind: str
    axis: str
    point: str
    unit: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class _System:
    """One tracking system's file."""

    path: Path
    name: str
    rate_hz: float | None
    start: datetime | None
    """`acq_time`, where it is said; in UTC, or of an unknown zone as if in UTC."""
    in_zone: bool
    channels: tuple[_Channel, ...]


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is a motion file or a data set's description."""
    if path.name == "dataset_description.json":
        return b'"BIDSVersion"' in head
    return _MOTION.fullmatch(path.name) is not None


def read(paths: Sequence[Path]) -> Foreign:
    """Read the tracking systems of one recording.

    Raises
    ------
    RecordingError
        When there are several recordings, or a file does not keep to the specification.
    """
    systems = [_system(path) for path in _of_one_recording(paths)]
    starts = [system.start for system in systems if system.start is not None]
    together = len(systems) == 1 or len(starts) == len(systems)
    earliest = min(starts, default=None)
    remarks: list[str] = []
    sensors: list[ForeignSensor] = []
    for system in systems:
        later_s = 0.0
        if together and earliest is not None and system.start is not None:
            later_s = (system.start - earliest).total_seconds()
        sensors += _sensors(system, later_s, remarks)
    if not sensors:
        raise RecordingError(
            f"{systems[0].path.name} has no tracked point with acceleration and angular velocity.",
            "Name a motion file of inertial sensors: channels ACCEL and GYRO in x, y and z.",
            path=systems[0].path,
        )
    known = earliest is not None and earliest.year >= _NO_SHIFT_SINCE
    in_zone = all(system.in_zone for system in systems if system.start is not None)
    if known and not in_zone:
        remarks.append("acq_time is local time: when the recording started is left open.")
    return Foreign(
        FORMAT,
        _with_own_labels(sensors, systems),
        synchronised=together,
        started_at=earliest if known and in_zone else None,
        laps=_laps(systems[0].path, remarks),
        remarks=tuple(remarks),
    )


def _of_one_recording(paths: Sequence[Path]) -> tuple[Path, ...]:
    described = [path.parent for path in paths if path.name == "dataset_description.json"]
    files = [path for path in paths if _MOTION.fullmatch(path.name)]
    if described:
        found = described[0].glob("sub-*/**/*_motion.tsv")
        files = [path for path, _ in zip(found, range(_MOST_FILES), strict=False)]
    elif len(files) == 1:
        files = list(files[0].parent.glob("*_motion.tsv"))
        files = [path for path in files if _recording_of(path) == _recording_of(paths[0])]
    files = sorted(path for path in files if _MOTION.fullmatch(path.name))
    if not files:
        raise RecordingError(
            f"{paths[0].parent.name} has no motion files.",
            "Motion-BIDS has them in sub-…/motion or sub-…/ses-…/motion.",
            path=paths[0],
        )
    recordings = sorted({str(_recording_of(path)) for path in files})
    if len(recordings) > 1:
        raise RecordingError(
            f"{paths[0].parent.name} holds {len(recordings)} recordings: "
            f"{', '.join(Path(own).name for own in recordings[:5])}.",
            "Name one of the motion files of the one that is meant.",
            path=paths[0],
        )
    return tuple(files)


def _recording_of(path: Path) -> Path:
    return path.with_name(re.sub(r"_tracksys-[0-9A-Za-z]+|_motion\.tsv", "", path.name))


def _system(path: Path) -> _System:
    found = _MOTION.fullmatch(path.name)
    about = _inherited(path, "motion.json")
    rate = about.get("SamplingFrequency")
    good = isinstance(rate, int | float) and not isinstance(rate, bool) and 1.0 <= rate <= 1e4
    start, in_zone = _acquired(path)
    return _System(
        path,
        found.group("system") if found else path.stem,
        float(rate) if good and rate is not None else None,
        start,
        in_zone,
        _channels(path),
    )


def _inherited(path: Path, suffix: str) -> dict[str, Any]:
    """Return what JSON files say of a file: those nearer to it last."""
    own = set(path.name.split("_")[:-1])
    said: dict[str, Any] = {}
    for folder in reversed(list(path.parents)[:_LEVELS]):
        for other in sorted(folder.glob(f"*{suffix}"), key=lambda other: len(other.name)):
            if set(other.name.split("_")[:-1]) <= own and other.is_file():
                said |= _json(other)
    return said


def _json(path: Path) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            content = json.loads(file.read(_LARGEST_JSON))
    except (OSError, ValueError, RecursionError):
        raise RecordingError(f"{path.name} is no JSON.", _REMEDY, path=path) from None
    return content if isinstance(content, dict) else {}


def _rows(path: Path) -> list[dict[str, str]]:
    """Read a small table with a header."""
    table = cut(path, Table(separator="tab"), _REMEDY)
    return [
        dict(zip(table.names, cells, strict=False))
        for _, cells in table.rows()
        if len(cells) <= len(table.names)
    ]


def _channels(path: Path) -> tuple[_Channel, ...]:
    own = set(path.name.split("_")[:-1])
    tables = [
        other
        for folder in list(path.parents)[:_LEVELS]
        for other in sorted(folder.glob("*_channels.tsv"), key=lambda other: -len(other.name))
        if set(other.name.split("_")[:-1]) <= own
    ]
    if not tables:
        name = path.name.replace("_motion.tsv", "_channels.tsv")
        raise RecordingError(f"{path.name} has no {name} beside it.", _REMEDY, path=path)
    return tuple(
        _Channel(
            column=str(number),
            kind=row.get("type", "").upper(),
            axis=row.get("component", "").lower(),
            point=row.get("tracked_point", ""),
            unit=row.get("units", ""),
            name=row.get("name", ""),
        )
        for number, row in enumerate(_rows(tables[0]), start=1)
    )


def _acquired(path: Path) -> tuple[datetime | None, bool]:
    """Return `acq_time`, and whether its zone is known."""
    for folder in list(path.parents)[1:3]:
        for scans in sorted(folder.glob("*_scans.tsv")):
            for row in _rows(scans):
                if folder / row.get("filename", "") == path:
                    return _date(row.get("acq_time", ""))
    return None, False


def _date(text: str) -> tuple[datetime | None, bool]:
    try:
        date = datetime.fromisoformat(text)
        return (date.astimezone(UTC), True) if date.tzinfo else (date.replace(tzinfo=UTC), False)
    except (ValueError, OverflowError):
        return None, False


def _sensors(system: _System, later_s: float, remarks: list[str]) -> list[ForeignSensor]:
    table = cut(system.path, _TSV, _REMEDY)
    if len(table.names) != len(system.channels):
        raise RecordingError(
            f"{system.path.name} has {len(table.names)} columns, its channels.tsv "
            f"{len(system.channels)} rows.",
            _REMEDY,
            path=system.path,
        )
    points = dict.fromkeys(channel.point for channel in system.channels)
    found = [_sensor(system, table, point, later_s, remarks) for point in points]
    return [sensor for sensor in found if sensor is not None]


def _sensor(
    system: _System, table: Cut, point: str, later_s: float, remarks: list[str]
) -> ForeignSensor | None:
    own = {kind: _axes(system, point, kind) for kind in _QUANTITIES}
    if not own["ACCEL"] or not own["GYRO"]:
        return None
    latency = [channel for channel in system.channels if channel.kind == "LATENCY"]
    latency = [channel for channel in latency if channel.point in (point, "n/a", "")][:1]
    asked = [channel.column for group in (*own.values(), latency) for channel in group]
    columns = {name: floats(values) for name, values in table.columns(asked, []).items()}
    vectors = {
        kind: np.column_stack(
            [columns[channel.column] * _worth(system, channel) for channel in own[kind]]
        )
        for kind in own
        if own[kind]
    }
    t_s = _times(system, columns[latency[0].column] if latency else None, len(vectors["ACCEL"]))
    whole = np.isfinite(np.column_stack([vectors["ACCEL"], vectors["GYRO"], t_s])).all(axis=1)
    if not whole.all():
        lost = int((~whole).sum())
        remarks.append(f"{system.path.name}: {lost} rows of {point} miss values and are left out.")
    t_s = t_s[whole]
    return ForeignSensor(
        label=point,
        path=system.path,
        rate_hz=system.rate_hz or _rate_hz(system, t_s),
        t_s=t_s + later_s if later_s else t_s,
        acc_m_s2=vectors["ACCEL"][whole],
        gyr_rad_s=vectors["GYRO"][whole],
        mag_ut=vectors["MAGN"][whole] if "MAGN" in vectors else None,
        segment=segment_named(point) or segment_named(system.name),
        first_line=1 if bool(whole.all()) and isinstance(table.lines, range) else None,
    )


def _axes(system: _System, point: str, kind: str) -> tuple[_Channel, ...]:
    """Return a point's channels x, y, z of a kind; none where one is missing."""
    own = [c for c in system.channels if c.point == point and c.kind == kind]
    found = [next((c for c in own if c.axis == axis), None) for axis in "xyz"]
    return tuple(c for c in found if c is not None) if None not in found else ()


def _worth(system: _System, channel: _Channel) -> float:
    unit = unit_named(_QUANTITIES[channel.kind], channel.unit)
    if unit is None:
        raise RecordingError(
            f"{system.path.name}: the channel {channel.name!r:.60} has the unit "
            f"{channel.unit!r:.40}, which is none of {channel.kind}.",
            _REMEDY,
            path=system.path,
        )
    return worth(unit)


def _times(system: _System, latency: FloatArray | None, count: int) -> FloatArray:
    if latency is not None:
        return latency
    if system.rate_hz is None:
        raise RecordingError(
            f"{system.path.name} has neither a channel LATENCY nor a SamplingFrequency.",
            _REMEDY,
            path=system.path,
        )
    return np.arange(count) / system.rate_hz


def _rate_hz(system: _System, t_s: FloatArray) -> float:
    rate_hz = rate_of(t_s)
    if rate_hz is None:
        raise RecordingError(
            f"{system.path.name} does not tell how many samples a second it has.",
            _REMEDY,
            path=system.path,
        )
    return rate_hz


def _with_own_labels(
    sensors: Sequence[ForeignSensor], systems: Sequence[_System]
) -> tuple[ForeignSensor, ...]:
    """Put the tracking system before labels that are there twice."""
    labels = [sensor.label for sensor in sensors]
    names = {system.path: system.name for system in systems}
    return tuple(
        sensor
        if labels.count(sensor.label) == 1
        else replace(sensor, label=f"{names[sensor.path]}:{sensor.label}")
        for sensor in sensors
    )


def _laps(path: Path, remarks: list[str]) -> tuple[Lap, ...]:
    """Return events with a type and a duration as laps, where they do not overlap."""
    events = _recording_of(path).with_name(_recording_of(path).name + "_events.tsv")
    if not events.is_file():
        return ()
    laps = sorted(filter(None, map(_lap, _rows(events))), key=lambda lap: lap.start_s)
    if any(later.start_s < lap.end_s for lap, later in pairwise(laps)):
        remarks.append(f"{events.name}: events overlap, and are no laps.")
        return ()
    return tuple(laps)


def _lap(row: Mapping[str, str]) -> Lap | None:
    label = row.get("trial_type", "")
    try:
        onset, duration = float(row.get("onset", "")), float(row.get("duration", ""))
    except ValueError:
        return None
    good = np.isfinite(onset) and 0.0 < duration < 1e6 and label not in ("", "n/a")
    return Lap(onset, onset + duration, label) if good else None


READER = Reader(
    id=FORMAT,
    title="Motion-BIDS data set",
    suffixes=(".json", ".tsv"),
    recognises=recognises,
    read=read,
)
