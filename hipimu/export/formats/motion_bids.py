"""Motion-BIDS: a data set of one recording, as the Brain Imaging Data Structure says it.

Follows the specification 1.11 (https://bids-specification.readthedocs.io, "Motion") and Jeung et
al. 2024, "Motion-BIDS", Scientific Data 11, 716. Units are m/s², rad/s and µT; axes are each
sensor's own, right-handed; acceleration is specific force, +g on the axis that points up at rest.

A tracking system is what shares sample times: sensors sampled at the same times are ``imu``, others
are one each. The channel LATENCY holds the times exactly, in seconds since ``acq_time`` in
``scans.tsv``. Without a start time, dates begin at 1900-01-01: years before 1926 say that dates are
shifted, and their differences hold all the same. Sensors on clocks of their own have no
``acq_time``, except the pelvis where the start is known.

Names are left out: the person is ``sub-01``. Speed from outside has no place in it and is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv

from hipimu.data import FloatArray, ImuBlock, Lap, Segment
from hipimu.export.formats.noun import Conversion, Writer
from hipimu.sources import Recording

BIDS_VERSION: Final = "1.11.1"
SUBJECT, SESSION, TASK = "sub-01", "ses-01", "task-run"
SHIFTED: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""Start of recordings whose start is not known."""
_STEM: Final = f"{SUBJECT}_{SESSION}_{TASK}"
_SYSTEMS: Final = {"pelvis": "pelvis", "thigh_left": "thighleft", "thigh_right": "thighright"}
_KINDS: Final = (
    ("ACCEL", "acc_m_s2", "m/s^2"),
    ("GYRO", "gyr_rad_s", "rad/s"),
    ("MAGN", "mag_ut", "uT"),
)
_ABSENT: Final = tuple(
    f"{kind}ChannelCount" for kind in ("POS", "ORNT", "VEL", "ANGACCEL", "JNTANG", "MISC")
)
_HEADER: Final = (
    *("name", "component", "type", "tracked_point", "units", "placement", "reference_frame"),
    *("sampling_frequency", "description"),
)
_PLACES: Final = {
    "pelvis": "back of the pelvis",
    "thigh_left": "left thigh",
    "thigh_right": "right thigh",
}
_FRAME: Final = (
    "Each sensor's own axes, right-handed, as it is strapped on; they are not aligned with the "
    "body. Acceleration is specific force: +9.81 m/s^2 on the axis that points up at rest."
)
_SENTENCES: Final = """\
# A run with inertial sensors on pelvis and thighs

Written by hipimu {version} from a recording. Channels are the sensors' own: ACCEL in m/s^2
(specific force: +9.81 m/s^2 on the axis that points up at rest), GYRO in rad/s, MAGN in uT, in
each sensor's own right-handed axes. LATENCY is the time of each sample in seconds since acq_time
in the scans file; sensors with sample times of their own are tracking systems of their own.
{more}"""


@dataclass(frozen=True, slots=True)
class _System:
    """What shares sample times."""

    name: str
    segments: tuple[Segment, ...]

    @property
    def stem(self) -> str:
        return f"{_STEM}_tracksys-{self.name}"


@dataclass(slots=True)
class _Seen:
    """What a first reading tells of a sensor."""

    first_s: float
    last_s: float = 0.0
    count: int = 0
    kinds: list[str] = field(default_factory=list)

    @property
    def rate_hz(self) -> float | None:
        """Effective sampling rate."""
        span_s = self.last_s - self.first_s
        return (self.count - 1) / span_s if span_s > 0.0 else None


def write_bids(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    """Write a data set.

    Numbers are written so that reading gives them back bit for bit.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    recording = conversion.recording
    folder = out / SUBJECT / SESSION / "motion"
    systems, seen = _systems(conversion)
    folder.mkdir(parents=True)
    _write_samples(conversion, systems, folder)
    for system in systems:
        _write_channels(recording, system, seen, folder)
        _write_json(folder / f"{system.stem}_motion.json", _sidecar(recording, system, seen))
    _write_events(recording.laps, folder)
    _write_scans(recording, systems, folder.parent)
    _write_top(conversion, out)
    return out, *sorted(path for path in out.rglob("*") if path.is_file())


def _systems(conversion: Conversion) -> tuple[tuple[_System, ...], dict[Segment, _Seen]]:
    """Return the tracking systems, and what each sensor has: one reading."""
    times: dict[Segment, Any] = {}
    seen: dict[Segment, _Seen] = {}
    for block in conversion.recording.blocks(lambda share: conversion.progress(0.4 * share)):
        times.setdefault(block.sensor, blake2b()).update(block.t_s.tobytes())
        own = seen.setdefault(block.sensor, _Seen(float(block.t_s[0])))
        own.kinds = [kind for kind, name, _ in _KINDS if getattr(block, name) is not None]
        own.count += len(block.t_s)
        own.last_s = float(block.t_s[-1])
    segments = conversion.recording.segments
    if conversion.recording.synchronised and len({t.digest() for t in times.values()}) == 1:
        return (_System("imu", segments),), seen
    return tuple(_System(_SYSTEMS[segment], (segment,)) for segment in segments), seen


def _write_samples(conversion: Conversion, systems: Sequence[_System], folder: Path) -> None:
    writers: dict[str, Any] = {}
    waiting: dict[Segment, ImuBlock] = {}
    by_segment = {segment: system for system in systems for segment in system.segments}
    progress = conversion.progress
    try:
        for block in conversion.recording.blocks(lambda share: progress(0.4 + 0.6 * share)):
            system = by_segment[block.sensor]
            waiting[block.sensor] = block
            if not all(segment in waiting for segment in system.segments):
                continue
            blocks = [waiting.pop(segment) for segment in system.segments]
            columns = [blocks[0].t_s, *(values for own in blocks for values in _columns(own))]
            table = pa.table(columns, names=[str(i) for i in range(len(columns))])
            if system.name not in writers:
                path = folder / f"{system.stem}_motion.tsv"
                options = pa.csv.WriteOptions(include_header=False, delimiter="\t")
                writers[system.name] = pa.csv.CSVWriter(path, table.schema, write_options=options)
            writers[system.name].write_table(table)
    finally:
        for writer in writers.values():
            writer.close()


def _columns(block: ImuBlock) -> Iterator[FloatArray]:
    for _, name, _ in _KINDS:
        values = getattr(block, name)
        if values is not None:
            yield from values.T


def _write_channels(
    recording: Recording, system: _System, seen: Mapping[Segment, _Seen], folder: Path
) -> None:
    rates = {file.segment: f"{file.rate_hz:.10g}" for file in recording.files}
    rate = rates[system.segments[0]]
    about = "time of the sample in seconds since acq_time of the scans file"
    latency = ("latency", "n/a", "LATENCY", "n/a", "s", "n/a", "n/a", rate, about)
    rows: list[Sequence[str]] = [_HEADER, latency]
    for segment in system.segments:
        for kind, _, unit in _KINDS:
            for axis in "xyz" if kind in seen[segment].kinds else "":
                name, place = f"{segment}_{kind}_{axis}", _PLACES[segment]
                row = (name, axis, kind, segment, unit, place, "sensor", rates[segment], "n/a")
                rows.append(row)
    _write_table(folder / f"{system.stem}_channels.tsv", rows)
    levels = {
        "sensor": {"RotationRule": "right-hand", "RotationOrder": "n/a", "Description": _FRAME}
    }
    _write_json(folder / f"{system.stem}_channels.json", {"reference_frame": {"Levels": levels}})


def _sidecar(
    recording: Recording, system: _System, seen: Mapping[Segment, _Seen]
) -> dict[str, Any]:
    rates = {file.segment: file.rate_hz for file in recording.files}
    counts = {
        f"{kind}ChannelCount": 3 * sum(kind in seen[segment].kinds for segment in system.segments)
        for kind, _, _ in _KINDS
    }
    sensors = recording.metadata.sensors.by_segment()
    serials = [sensors[s].serial for s in system.segments if s in sensors and sensors[s].serial]
    devices = [sensors[s].device for s in system.segments if s in sensors and sensors[s].device]
    said = {
        "DeviceSerialNumber": ", ".join(map(str, serials)),
        "ManufacturersModelName": ", ".join(map(str, devices)),
    }
    return {
        "TaskName": "run",
        "TaskDescription": "Running with inertial sensors on pelvis and thighs",
        "SamplingFrequency": rates[system.segments[0]],
        "SamplingFrequencyEffective": seen[system.segments[0]].rate_hz or "n/a",
        "TrackingSystemName": system.name,
        "SoftwareVersions": f"hipimu {version('hipimu')}",
        **{key: value for key, value in said.items() if value},
        "MotionChannelCount": 1 + sum(counts.values()),
        "TrackedPointsCount": len(system.segments),
        "LATENCYChannelCount": 1,
        **counts,
        **dict.fromkeys(_ABSENT, 0),
        "MissingValues": "nan",
    }


def _write_events(laps: Sequence[Lap], folder: Path) -> None:
    if not laps:
        return
    rows = [("onset", "duration", "trial_type")]
    rows += [(repr(lap.start_s), repr(lap.end_s - lap.start_s), lap.label) for lap in laps]
    _write_table(folder / f"{_STEM}_events.tsv", rows)
    about = "Laps as they were marked, in seconds since acq_time of the scans file."
    levels = {lap.label: f"lap labelled {lap.label}" for lap in laps}
    _write_json(
        folder / f"{_STEM}_events.json",
        {"trial_type": {"LongName": "Lap", "Description": about, "Levels": levels}},
    )


def _write_scans(recording: Recording, systems: Sequence[_System], folder: Path) -> None:
    start = recording.metadata.started_at
    rows = [("filename", "acq_time")]
    for system in systems:
        known = recording.synchronised or (start is not None and "pelvis" in system.segments)
        when = (start or SHIFTED).astimezone(UTC).isoformat(timespec="microseconds")
        time = when.replace("+00:00", "Z") if known else "n/a"
        rows.append((f"motion/{system.stem}_motion.tsv", time))
    _write_table(folder / f"{SUBJECT}_{SESSION}_scans.tsv", rows)


def _write_top(conversion: Conversion, out: Path) -> None:
    recording = conversion.recording
    by = {"Name": "hipimu", "Version": version("hipimu")}
    about: dict[str, Any] = {
        "Name": f"Run {conversion.title}",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [by],
    }
    _write_json(out / "dataset_description.json", about)
    more = "\nThe recording is simulated: no person ran.\n" if recording.metadata.simulated else ""
    if recording.metadata.notice:
        more += f"\n{recording.metadata.notice}\n"
    text = _SENTENCES.format(version=by["Version"], more=more)
    (out / "README.md").write_text(text, encoding="utf-8")
    athlete = recording.metadata.athlete
    sex = {"f": "female", "m": "male", "x": "other"}.get(athlete.sex or "", "n/a")
    told = [sex, *("n/a" if v is None else f"{v:g}" for v in (athlete.height_m, athlete.mass_kg))]
    _write_table(
        out / "participants.tsv", [("participant_id", "sex", "height", "mass"), (SUBJECT, *told)]
    )
    columns = {
        "sex": {"Description": "sex as the athlete said it"},
        "height": {"Description": "body height", "Units": "m"},
        "mass": {"Description": "body mass", "Units": "kg"},
    }
    _write_json(out / "participants.json", columns)


def _write_table(path: Path, rows: Sequence[Sequence[str]]) -> None:
    text = "\n".join("\t".join(" ".join(cell.split()) or "n/a" for cell in row) for row in rows)
    path.write_text(text + "\n", encoding="utf-8")


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


WRITER = Writer("motion-bids", "Motion-BIDS data set", (), write_bids)
