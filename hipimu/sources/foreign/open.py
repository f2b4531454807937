"""Files of other systems as a recording: which sensor is worn where, and on which clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hipimu.data import SEGMENTS, Lap, Segment
from hipimu.errors import RecordingError
from hipimu.sources.csv_folder import inside
from hipimu.sources.foreign.memory import file_of
from hipimu.sources.foreign.noun import Foreign, ForeignSensor
from hipimu.sources.foreign.registry import read_by, read_foreign, reader_of
from hipimu.sources.metadata import Metadata, Sensor, Sensors, check_segments
from hipimu.sources.samples import SampleFile

FORMAT: Final = "foreign/1"


_MOST_SHOWN: Final = 20
"""Labels in a message."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A recording, opened: what it says, and its files."""

    metadata: Metadata
    files: tuple[SampleFile, ...]
    laps: tuple[Lap, ...] = ()
    remarks: tuple[str, ...] = ()
    """Whole sentences on what was assumed or left out."""


def open_foreign(path: Path, roles: Mapping[Segment, str] | None = None) -> Opened | None:
    """Open a file or folder of another system as a recording.

    Parameters
    ----------
    path : Path
        A file, or a folder without ``recording.toml``.
    roles : mapping of segment to label, or None
        Which sensor is worn where. None: as the files' own names say.

    Returns
    -------
    Opened or None
        None where no reader recognises it.

    Raises
    ------
    RecordingError
        When it is of a known system, and cannot be used or leaves open which sensor is worn where.
    """
    foreign = read_foreign(path)
    return None if foreign is None else opened_foreign(path, foreign, roles)


def opened_foreign(path: Path, foreign: Foreign, roles: Mapping[Segment, str] | None) -> Opened:
    """Return what a reader gives as a recording.

    Raises
    ------
    RecordingError
        When it is not clear which sensor is worn where.
    """
    worn = _named(path, foreign) if roles is None else _chosen(path, foreign, roles)
    return _as_recording(foreign, worn, None)


def open_described(folder: Path, metadata: Metadata) -> Opened:
    """Open foreign files that a ``recording.toml`` names, by ``file`` and ``label``.

    Raises
    ------
    RecordingError
        When a file is of no known system, or has no sensor of that label.
    """
    told = metadata.sensors.by_segment()
    files = {segment: inside(folder, own.file, segment) for segment, own in told.items()}
    foreign = _read_all(tuple(dict.fromkeys(files.values())))
    worn = {
        segment: _labelled(folder, foreign, files[segment], own.label, segment)
        for segment, own in told.items()
    }
    return _as_recording(foreign, worn, metadata)


def _read_all(files: Sequence[Path]) -> Foreign:
    readers = {path: reader_of(path) for path in files}
    for path, reader in readers.items():
        if reader is None:
            raise RecordingError(
                f"{path.name} is of no system that hipimu knows.",
                "hipimu convert --list names those it knows.",
                path=path,
            )
    first = readers[files[0]]
    other = next((path for path, reader in readers.items() if reader is not first), None)
    if other is not None or first is None:
        named = (other or files[0]).name
        raise RecordingError(
            f"{files[0].name} and {named} are of different systems.",
            "A recording has files of one system.",
            path=other,
        )
    return read_by(first, files)


def _named(path: Path, foreign: Foreign) -> dict[Segment, ForeignSensor]:
    """Take each segment's sensor where exactly one is named like it."""
    worn: dict[Segment, ForeignSensor] = {}
    for sensor in foreign.sensors:
        if sensor.segment is None:
            continue
        if sensor.segment in worn:
            labels = f"{worn[sensor.segment].label!r} and {sensor.label!r}"
            raise RecordingError(
                f"{path.name}: {labels} both are {sensor.segment} by their names.",
                _how(foreign),
                path=path,
                sensor=sensor.segment,
                labels=_labels(foreign),
            )
        worn[sensor.segment] = sensor
    try:
        check_segments(path, tuple(worn))
    except RecordingError as error:
        raise RecordingError(
            error.what,
            _how(foreign),
            path=path,
            sensor=error.sensor,
            labels=_labels(foreign),
        ) from None
    return worn


def _labels(foreign: Foreign) -> tuple[str, ...]:
    return tuple(sensor.label for sensor in foreign.sensors[:_MOST_SHOWN])


def _how(foreign: Foreign) -> str:
    labels = ", ".join(map(repr, _labels(foreign)))
    return (
        "Say which is which by: hipimu convert IN OUT --role pelvis=LABEL --role "
        f"thigh_left=LABEL. Labels there are: {labels or 'none'}."
    )


def _chosen(
    path: Path, foreign: Foreign, roles: Mapping[Segment, str]
) -> dict[Segment, ForeignSensor]:
    check_segments(path, tuple(roles))
    return {segment: _labelled(path, foreign, None, roles[segment], segment) for segment in roles}


def _labelled(
    place: Path, foreign: Foreign, file: Path | None, label: str | None, segment: Segment
) -> ForeignSensor:
    found = [
        sensor
        for sensor in foreign.sensors
        if (label is None or sensor.label == label) and (file is None or sensor.path == file)
    ]
    if len(found) != 1:
        named = (
            f"labelled {label!r:.60}" if label is not None else f"in {file.name if file else ''}"
        )
        count = "no sensor" if not found else f"{len(found)} sensors"
        labels = ", ".join(map(repr, _labels(foreign)))
        raise RecordingError(
            f"{place.name} has {count} {named} for {segment}.",
            f"Give its label: {labels or 'there is none'}.",
            path=place,
            sensor=segment,
            labels=_labels(foreign),
        )
    return found[0]


def _as_recording(
    foreign: Foreign, worn: Mapping[Segment, ForeignSensor], metadata: Metadata | None
) -> Opened:
    ordered = {segment: worn[segment] for segment in SEGMENTS if segment in worn}
    sensors = {
        segment: Sensor(file=own.path.name, label=own.label, rate_hz=own.rate_hz)
        for segment, own in ordered.items()
    }
    told = metadata or Metadata(format=FORMAT, sensors=Sensors.model_validate(sensors))
    synchronised = foreign.synchronised if told.synchronised is None else told.synchronised
    complete = told.model_copy(
        update={
            "synchronised": synchronised,
            "started_at": told.started_at or foreign.started_at,
        }
    )
    files = tuple(file_of(segment, own) for segment, own in ordered.items())
    return Opened(complete, files, foreign.laps, foreign.remarks)
