"""Movesense exports: JSON and CSV of the showcase apps and of the data logger's tools.

What is to know (the sensor's API, ``meas/imu.yaml`` of movesense-device-lib; MovesenseShowcase-iOS
``CsvEncodingTests.swift``; movesense-py's ``ms_json2csv.py`` and notes on ``sbem2json``):

- A packet has one ``Timestamp``, milliseconds in 32 bits since the sensor woke: that of its first
  sample. The others follow at the rate that was asked for (13, 26, 52, 104, 208, 416, 833 or
  1666 Hz), closer where the next packet comes sooner.
- ``ArrayAcc`` is in m/s², +g upwards; ``ArrayGyro`` in degrees a second; ``ArrayMagn`` in µT.
- Packets stand in ``{"Meas": {"IMU9": […]}}``, ``{"Samples": [{"MeasIMU6": …}]}``, ``{"data":
  [{"acc": …}]}``, or one a line: whatever holds a ``Timestamp`` beside arrays is one. Some tools
  write ``[{"x": [4 values], …}]`` instead of four times ``{"x": …}``.
- Acceleration and angular velocity may be subscribed to separately, in files of their own, of
  slightly different times: angular velocity is then brought onto the times of acceleration. Files
  belong together whose names differ only in acc, gyro, magn and the like.
- CSV has one quantity a file: ``Timestamp (ms),X: (m/s^2),…``, ``Timestamp_ms,x,y,z``, or no header
  and a time only in the first row of each packet.
- ``TimeDetailed`` ties the sensor's time to UTC as a phone once set it: good for when the recording
  started, too coarse to make one clock of several sensors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.sources.csv_table import lines
from hipimu.sources.foreign.columns import on_times_of, spread, unwrapped
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.segment_names import segment_named
from hipimu.sources.unit_names import unit_named
from hipimu.units import rad_from_deg

FORMAT: Final = "movesense"
_WRAP_MS: Final = 2.0**32
_RATES_HZ: Final = (13.0, 26.0, 52.0, 104.0, 208.0, 416.0, 833.0, 1666.0)
_ARRAYS: Final = {"ArrayAcc": "acc", "ArrayGyro": "gyr", "ArrayMagn": "mag"}
_STREAMS: Final = re.compile(
    r"(linear)?acc(eleration)?(?![a-z])|gyro?(scope)?(?![a-z])|angular_?velocity|mag(n(etic)?)?"
    r"(field)?(?![a-z])|meas|imu[69]m?(?![a-z])",
    re.I,
)
_HEADER: Final = re.compile(r'\s*"?timestamp *\(?_?ms\)?"? *, *"?x', re.I)
_BARE: Final = re.compile(rb"\s*\d+,[-+.\deE]+,[-+.\deE]+,[-+.\deE]+\s*\n,[-+.\deE]+,")
_REMEDY: Final = "Subscribe to IMU6 or IMU9, or to acceleration and gyroscope, and export again."
_MOST_IN_PACKET: Final = 1000


@dataclass(slots=True)
class _Stream:
    """One quantity of one sensor, packet by packet."""

    times_ms: list[float] = field(default_factory=list)
    """Of each sample, that of its packet."""
    values: list[tuple[float, float, float]] = field(default_factory=list)


_Streams = dict[str, _Stream]


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is an export of this vendor's tools."""
    if path.suffix.lower() == ".csv":
        first = head.partition(b"\n")[0].decode("utf-8", "replace")
        named = "movesense" in path.name.lower() or "meas" in path.name.lower()
        told = bool(_HEADER.match(first)) and (named or ":" in first)
        return told or (_BARE.match(head) is not None and _kind_of(path, "") is not None)
    return b'"ArrayAcc"' in head or b'"ArrayGyro"' in head


def read(paths: Sequence[Path]) -> Foreign:
    """Read the files of one recording.

    Raises
    ------
    RecordingError
        When a file cannot be read, or a sensor lacks acceleration or angular velocity.
    """
    remarks: list[str] = []
    groups: dict[str, list[Path]] = {}
    for path in paths:
        groups.setdefault(_sensor_of(path), []).append(path)
    sensors: list[ForeignSensor] = []
    starts: list[datetime] = []
    for label, files in groups.items():
        streams: _Streams = {}
        for path in files:
            own, start = _read_file(path)
            for kind, stream in own.items():
                if kind in streams:
                    raise _refused(path, f"{label} has the same quantity in two files")
                streams[kind] = stream
            starts += [start] if start is not None else []
        if "acc" in streams and "gyr" in streams:
            sensors.append(_sensor(label, files[0], streams, remarks))
        else:
            lacking = "angular velocity" if "acc" in streams else "acceleration"
            remarks.append(f"{files[0].name} has no {lacking} and is left out.")
    if not sensors:
        raise _refused(paths[0], "no sensor has both acceleration and angular velocity")
    return Foreign(
        FORMAT,
        tuple(sensors),
        synchronised=False,
        started_at=min(starts, default=None),
        remarks=tuple(remarks),
    )


def _sensor_of(path: Path) -> str:
    """Return what the names of one sensor's files have in common."""
    words = _STREAMS.sub(" ", path.stem)
    return " ".join(re.sub(r"[\s_.-]+", " ", words).split()) or path.stem


def _read_file(path: Path) -> tuple[_Streams, datetime | None]:
    if path.suffix.lower() == ".csv":
        return _read_csv(path), None
    contents = _contents(path)
    streams: _Streams = {}
    anchor: tuple[float, float] | None = None
    for found in (item for content in contents for item in _dicts(content)):
        if anchor is None and "utcTime" in found and "relativeTime" in found:
            anchor = _number(path, found["relativeTime"]), _number(path, found["utcTime"])
        _add_packet(path, found, streams)
    first_ms = min((s.times_ms[0] for s in streams.values() if s.times_ms), default=None)
    return streams, _start(anchor, first_ms)


def _contents(path: Path) -> list[Any]:
    """Return a file's JSON: one value, or one a line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _refused(path, f"it cannot be read ({error.strerror})") from error
    except UnicodeDecodeError:
        raise _refused(path, "it is no UTF-8 text") from None
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError) as error:
        whole = error
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        line = getattr(whole, "lineno", 1)
        raise _refused(path, f"line {line} is no JSON; the file may be cut short", line) from None


def _dicts(content: Any) -> Iterator[Mapping[str, Any]]:
    """Yield all objects, in the order of the file."""
    stack = [content]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(reversed([v for v in item.values() if isinstance(v, dict | list)]))
        elif isinstance(item, list):
            stack.extend(reversed([v for v in item if isinstance(v, dict | list)]))


def _add_packet(path: Path, found: Mapping[str, Any], streams: _Streams) -> None:
    if "Timestamp" not in found or not any(name in found for name in _ARRAYS):
        return
    time_ms = _number(path, found["Timestamp"])
    for name, kind in _ARRAYS.items():
        if name in found:
            stream = streams.setdefault(kind, _Stream())
            vectors = _vectors(path, found[name])
            stream.values += vectors
            stream.times_ms += [time_ms] * len(vectors)


def _vectors(path: Path, array: Any) -> list[tuple[float, float, float]]:
    if not isinstance(array, list) or len(array) > _MOST_IN_PACKET:
        raise _refused(path, "a packet's array is no list of vectors")
    vectors: list[tuple[float, float, float]] = []
    for item in array:
        if not isinstance(item, dict) or not all(axis in item for axis in "xyz"):
            raise _refused(path, "a sample lacks x, y or z")
        axes = [item[axis] for axis in "xyz"]
        if all(isinstance(axis, list) for axis in axes) and len({len(a) for a in axes}) == 1:
            columns = [[_number(path, value) for value in axis] for axis in axes]
            vectors += list(zip(*columns, strict=True))
        else:
            x, y, z = (_number(path, axis) for axis in axes)
            vectors.append((x, y, z))
    return vectors


def _number(path: Path, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            pass
    raise _refused(path, f"{value!r:.30} stands where a number belongs")


def _start(anchor: tuple[float, float] | None, first_ms: float | None) -> datetime | None:
    if anchor is None or first_ms is None:
        return None
    seconds = anchor[1] / 1e6 + (first_ms - anchor[0]) / 1e3
    # Sensors whose clock was never set count from 2015 or 1970.
    if not 1.5e9 < seconds < 4e9:
        return None
    return datetime.fromtimestamp(seconds, tz=UTC)


def _read_csv(path: Path) -> _Streams:
    stream = _Stream()
    header = ""
    time_ms: float | None = None
    for line, text in lines(path):
        if line == 1 and _HEADER.match(text):
            header = text
            continue
        cells = [cell.strip() for cell in text.split(",")]
        if not any(cells):
            continue
        try:
            time_ms = float(cells[0]) if cells[0] else time_ms
            x, y, z = (float(cell) for cell in cells[1:4])
        except ValueError:
            raise _refused(path, f"line {line} is no row of time, x, y and z", line) from None
        if time_ms is None:
            raise _refused(path, f"line {line} has no time", line)
        stream.times_ms.append(time_ms)
        stream.values.append((x, y, z))
    kind = _kind_of(path, header)
    if kind is None:
        raise _refused(path, "neither its header nor its name says acc or gyro")
    return {kind: stream}


def _kind_of(path: Path, header: str) -> str | None:
    """Return which quantity a file has, by the units of its header or by its name."""
    unit = re.search(r"\(([^)]*)\)", header.partition(",")[2])
    if unit is not None:
        text = unit.group(1)
        for kind in ("acc", "gyr", "mag"):
            if unit_named(kind, text) is not None:
                return kind
    words = path.stem.lower()
    found = [kind for kind, word in _WORDS.items() if word.search(words)]
    return found[0] if len(found) == 1 else None


_WORDS: Final = {
    "acc": re.compile(r"acc"),
    "gyr": re.compile(r"gyr|angular"),
    "mag": re.compile(r"magn"),
}


def _sensor(label: str, path: Path, streams: _Streams, remarks: list[str]) -> ForeignSensor:
    arrays = {kind: _arrays(path, label, stream) for kind, stream in streams.items()}
    first_ms = min(float(times[0]) for times, _, _ in arrays.values())
    rate_hz = arrays["acc"][2]
    times = {kind: _times(ms - first_ms, rate) for kind, (ms, _, rate) in arrays.items()}
    t_s, acc = times["acc"], arrays["acc"][1]
    kept, gyr = _onto(t_s, times["gyr"], arrays["gyr"][1])
    mag = None
    if "mag" in arrays:
        has, mag = _onto(t_s, times["mag"], arrays["mag"][1])
        if not np.array_equal(has & kept, kept):
            mag = None
        elif not np.array_equal(has, kept):
            mag = mag[kept[has]]
    if not np.array_equal(t_s, times["gyr"]):
        lost = int((~kept).sum())
        remarks.append(
            f"{label}: angular velocity was brought onto the times of acceleration; "
            f"{lost} samples without it are left out."
        )
    if not kept.any():
        raise _refused(path, f"{label}: acceleration and angular velocity share no time")
    return ForeignSensor(
        label=label,
        path=path,
        rate_hz=rate_hz,
        t_s=t_s[kept],
        acc_m_s2=acc[kept],
        gyr_rad_s=rad_from_deg(gyr),
        mag_ut=mag,
        segment=segment_named(label) or segment_named(path.stem),
    )


def _onto(t_s: FloatArray, other_s: FloatArray, values: FloatArray) -> tuple[Any, FloatArray]:
    if np.array_equal(t_s, other_s):
        return np.ones(len(t_s), dtype=np.bool_), values
    return on_times_of(t_s, other_s, values)


def _arrays(path: Path, label: str, stream: _Stream) -> tuple[FloatArray, FloatArray, float]:
    """Return times of packets, values and the rate."""
    times_ms = np.array(stream.times_ms, dtype=np.float64)
    if not len(times_ms) or not np.isfinite(times_ms).all():
        raise _refused(path, f"{label} has no samples")
    times_ms = unwrapped(times_ms, _WRAP_MS)
    starts = np.flatnonzero(np.diff(times_ms, prepend=-np.inf) != 0.0)
    counts, steps_ms = np.diff(starts), np.diff(times_ms[starts])
    good = steps_ms > 0.0
    if not good.any():
        raise _refused(path, f"{label} does not tell how many samples a second it has")
    usual = 1e3 * float(np.median(counts[good] / steps_ms[good]))
    nominal = min(_RATES_HZ, key=lambda rate: abs(np.log(rate / usual)))
    rate_hz = nominal if abs(nominal / usual - 1.0) < 0.05 else usual
    if not 1.0 <= rate_hz <= 10_000.0:
        raise _refused(path, f"{label} has {rate_hz:.3g} samples a second by its times")
    return times_ms, np.array(stream.values, dtype=np.float64).reshape(-1, 3), rate_hz


def _times(times_ms: FloatArray, rate_hz: float) -> FloatArray:
    return spread(times_ms / 1e3, 1.0 / rate_hz)


def _refused(path: Path, why: str, line: int | None = None) -> RecordingError:
    return RecordingError(f"{path.name}: {why}.", _REMEDY, path=path, line=line)


READER = Reader(
    id=FORMAT,
    title="Movesense (.json, .csv)",
    suffixes=(".json", ".jsonl", ".csv"),
    recognises=recognises,
    read=read,
)
