"""MbientLab MetaBase exports (.csv): one file per quantity and MetaWear/MetaMotion device.

By the vendor's app sources (iOS, Android, desktop) and files of versions 1.4 to 3:

- names are ``SESSION_NAME_2019-01-11T16.10.08.270_C42732BE255C_Accelerometer_12.500Hz_1.4.4.csv``;
  files of one device differ after its address. Others may have been renamed to
  ``pelvis_accelerometer.csv``;
- the header begins with ``epoc (ms),timestamp (+0100)`` or ``epoch (ms),time (01:00)`` and
  ``elapsed (s)``. The first is Unix time; ``elapsed`` counts from each file's own first sample and
  would set acceleration against angular velocity;
- accelerometer (g) and gyroscope (deg/s) have rates and times of their own: both are brought onto
  the times of the faster one, the accelerometer's where they are equal, by linear interpolation,
  only where both are there;
- samples that came in one Bluetooth packet may have one time: they are spread until the next;
- when streaming, times are the nominal period times a counter from when the first sample arrived,
  when logging the device's own ticks: devices have no common clock;
- sensor fusion has instead ``LinearAcceleration`` and ``Gravity`` (g, in the sensor's axes; their
  sum is what an accelerometer measures) and ``Quaternion``, of three decimals. Which way it turns
  is told by gravity;
- the magnetometer is slow and is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.maths.quaternion import conjugate, rotate
from hipimu.sources.csv_table import CsvTable, open_table
from hipimu.sources.derived import GYR_REMARK, angular_velocity, unit_or_nan
from hipimu.sources.foreign.columns import no_rate, on_times_of, rate_of, read_columns, spread
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.segment_names import segment_named
from hipimu.units import GRAVITY_M_S2, rad_from_deg, s_from_ms

_KINDS: Final = {
    "accelerometer": "acc",
    "gyroscope": "gyr",
    "linearacceleration": "linear",
    "gravity": "gravity",
    "quaternion": "quat",
}
_NAME: Final = re.compile(
    r"(?P<device>.+?)[_\- ](?P<kind>Accelerometer|Gyroscope|Linear ?Acceleration|Gravity|"
    r"Quaternion|Magnetometer|Euler ?Angles|Pressure|Temperature|Humidity|Ambient ?Light)"
    r"(?:_(?P<rate>[\d.]+)Hz.*)?",
    re.I,
)
_DEVICE: Final = re.compile(
    r"(?:.*_)?(?P<name>[^_]+)_\d{4}-\d\d-\d\dT[\d.:]+_(?P<address>[0-9A-F]{12})", re.I
)
_EPOCHS: Final = ("epoc (ms)", "epoch (ms)")
_AXES: Final = {
    "acc": tuple(f"{axis}-axis (g)" for axis in "xyz"),
    "linear": tuple(f"{axis}-axis (g)" for axis in "xyz"),
    "gravity": tuple(f"{axis}-axis (g)" for axis in "xyz"),
    "gyr": tuple(f"{axis}-axis (deg/s)" for axis in "xyz"),
    "quat": tuple(f"{axis} (number)" for axis in "wxyz"),
}
_REMEDY: Final = (
    "Give the folder with the accelerometer's and the gyroscope's file of each device (or, of "
    "sensor fusion, linear acceleration, gravity and quaternion), named as MetaBase names them."
)


@dataclass(frozen=True, slots=True, eq=False)
class _Quantity:
    """One file, read."""

    first_ms: float
    """Unix time."""
    t_s: FloatArray
    """(n,) since then, increasing."""
    values: FloatArray
    """(n, 3) or (n, 4), in the file's unit."""
    rate_hz: float

    def since(self, ms: float) -> FloatArray:
        """Return times in seconds since a Unix time in milliseconds, exactly."""
        return self.t_s + s_from_ms(self.first_ms - ms)


def read(paths: Sequence[Path]) -> Foreign:
    """Read the devices of one recording.

    Raises
    ------
    RecordingError
        When a file cannot be used, or a device lacks one that is needed.
    """
    devices = _devices(paths)
    labels = _labels(tuple(devices))
    remarks: list[str] = []
    sensors = [_sensor(device, labels[device], files, remarks) for device, files in devices.items()]
    first_s = min(started_s for _, started_s in sensors)
    started = datetime.fromtimestamp(first_s, UTC) if 0.0 < first_s < 4e9 else None
    if len(sensors) > 1:
        remarks.append("The devices have no common clock, although all have Unix time.")
    return Foreign(
        "metabase",
        tuple(sensor for sensor, _ in sensors),
        synchronised=False,
        started_at=started,
        remarks=tuple(remarks),
    )


def _devices(paths: Sequence[Path]) -> dict[str, dict[str, Path]]:
    """Sort files by device and quantity, with those that stand beside and were not named."""
    devices: dict[str, dict[str, Path]] = {}
    for path in paths:
        device, kind = _told(path)
        if kind is None:
            continue
        known = devices.setdefault(device, {})
        if kind in known:
            raise RecordingError(
                f"{known[kind].name} and {path.name} are of one device and quantity.",
                "Move one of them out of the folder.",
                path=path,
            )
        known[kind] = path
    for path in _beside(paths):
        device, kind = _told(path)
        if kind is not None and device in devices:
            devices[device].setdefault(kind, path)
    if not devices:
        raise RecordingError(
            f"{paths[0].name} holds neither acceleration nor angular velocity.",
            _REMEDY,
            path=paths[0],
        )
    return devices


def _told(path: Path) -> tuple[str, str | None]:
    """Return the device and the quantity that a file's name says, or its header; None: no use."""
    named = _NAME.fullmatch(path.stem)
    if named:
        return named["device"], _KINDS.get(named["kind"].lower().replace(" ", ""))
    columns = _opened(path).columns
    kinds = (kind for kind in ("gyr", "acc") if _AXES[kind][0] in columns)
    return path.stem, next(kinds, None)


def _beside(paths: Sequence[Path]) -> Iterable[Path]:
    folders = dict.fromkeys(path.parent for path in paths)
    for folder in folders:
        try:
            others = sorted(folder.glob("*.csv"))
        except OSError:
            continue
        yield from (path for path in others if _NAME.fullmatch(path.stem) and path not in paths)


def _labels(devices: Sequence[str]) -> Mapping[str, str]:
    """Return devices' names where they differ, else their addresses, else their files' names."""
    found = {device: _DEVICE.fullmatch(device) for device in devices}
    for part in ("name", "address"):
        said = [match[part] for match in found.values() if match]
        if len(said) == len(devices) == len(set(said)):
            return dict(zip(devices, said, strict=True))
    return {device: device for device in devices}


def _sensor(
    device: str, label: str, files: Mapping[str, Path], remarks: list[str]
) -> tuple[ForeignSensor, float]:
    """Return a device's sensor, its time from 0, and the Unix time of that in seconds."""
    if "acc" in files and "gyr" in files:
        main = _read(files, "acc")
        t_s, acc, gyr, rate_hz, moved = _measured(main, _read(files, "gyr"))
        if moved:
            remarks.append(
                f"{label}: acceleration and angular velocity have times of their own, and were "
                f"brought onto those of the {moved}, by interpolation."
            )
        path = files["acc"]
    elif all(kind in files for kind in ("linear", "gravity", "quat")):
        main, quat = _read(files, "linear"), _read(files, "quat")
        t_s, acc, gyr = _fused(main, _read(files, "gravity"), quat)
        rate_hz = quat.rate_hz
        remarks.append(GYR_REMARK.format(label) + " MetaBase writes orientations coarsely.")
        path = files["linear"]
    else:
        have = ", ".join(sorted(path.name for path in files.values()))
        raise RecordingError(
            f"Acceleration or angular velocity of {label!r:.60} is missing; there is {have:.300}.",
            _REMEDY,
            path=next(iter(files.values())),
        )
    if len(t_s) == 0:
        raise RecordingError(
            f"{path.name} and the other files of {label!r:.60} share no time.", _REMEDY, path=path
        )
    name = _DEVICE.fullmatch(device)
    sensor = ForeignSensor(
        label=label,
        path=path,
        rate_hz=rate_hz,
        t_s=t_s - t_s[0],
        acc_m_s2=acc * GRAVITY_M_S2,
        gyr_rad_s=gyr,
        segment=segment_named(name["name"] if name else device) or segment_named(device),
    )
    return sensor, s_from_ms(main.first_ms) + float(t_s[0])


def _measured(
    acc: _Quantity, gyr: _Quantity
) -> tuple[FloatArray, FloatArray, FloatArray, float, str]:
    """Return times, acceleration, angular velocity, rate, and on whose times they were brought."""
    acc_s, gyr_s = acc.t_s, gyr.since(acc.first_ms)
    gyr_rad_s = rad_from_deg(gyr.values)
    if np.array_equal(acc_s, gyr_s):
        return acc_s, acc.values, gyr_rad_s, acc.rate_hz, ""
    if gyr.rate_hz > 1.1 * acc.rate_hz:
        kept, moved = on_times_of(gyr_s, acc_s, acc.values)
        return gyr_s[kept], moved, gyr_rad_s[kept], gyr.rate_hz, "gyroscope"
    kept, moved = on_times_of(acc_s, gyr_s, gyr_rad_s)
    return acc_s[kept], acc.values[kept], moved, acc.rate_hz, "accelerometer"


def _fused(
    linear: _Quantity, gravity: _Quantity, quat: _Quantity
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return times since the first linear acceleration, acceleration and angular velocity."""
    turned_s = quat.since(linear.first_ms)
    both, free = on_times_of(turned_s, linear.t_s, linear.values)
    t_s = turned_s[both]
    kept, down = on_times_of(t_s, gravity.since(linear.first_ms), gravity.values)
    t_s, free = t_s[kept], free[kept]
    turned = unit_or_nan(quat.values[both][kept])
    if len(t_s) < 2:
        return t_s[:0], free[:0], free[:0]
    gyr = angular_velocity(_sensor_to_earth(turned, down), t_s)
    return t_s[1:], (free + down)[1:], gyr


def _sensor_to_earth(quat: FloatArray, gravity: FloatArray) -> FloatArray:
    """Return orientations that turn the sensor's axes into the earth's, told by gravity."""
    upwards = np.array([0.0, 0.0, 1.0])
    ways = quat, conjugate(quat)
    misses = [
        float(np.nanmedian(np.abs(rotate(conjugate(way), upwards) - gravity))) for way in ways
    ]
    return ways[int(misses[1] < misses[0])]


def _opened(path: Path) -> CsvTable:
    for name in _EPOCHS:
        try:
            return open_table(path, header_has=name)
        except RecordingError as error:
            refused = error
    raise refused


def _read(files: Mapping[str, Path], kind: str) -> _Quantity:
    path = files[kind]
    table = _opened(path)
    epoch = next(name for name in table.columns if name.lower() in _EPOCHS)
    table.require((epoch, *_AXES[kind]), "Export the file again from MetaBase.")
    columns = read_columns(table, (epoch, *_AXES[kind]))
    named = _NAME.fullmatch(path.stem)
    first_ms = float(columns[epoch][0])
    t_s = s_from_ms(columns[epoch] - first_ms)
    rate_hz = rate_of(t_s) or (float(named["rate"]) if named and named["rate"] else None)
    if rate_hz is None:
        raise no_rate(table, "Export the file again from MetaBase.")
    values = np.stack([columns[name] for name in _AXES[kind]], axis=1)
    return _Quantity(first_ms, _in_order(table, spread(t_s, 1.0 / rate_hz)), values, rate_hz)


def _in_order(table: CsvTable, t_s: FloatArray) -> FloatArray:
    """Refuse times that are missing or run backwards: nothing can be brought onto them."""
    wrong = ~(np.diff(t_s, prepend=-np.inf) > 0.0)
    if wrong.any():
        line = table.line_of(int(np.argmax(wrong)))
        raise RecordingError(
            f"{table.path.name}, line {line}: time is missing or runs backwards.",
            "Delete the line, or split the file where the clock restarts.",
            path=table.path,
            line=line,
        )
    return t_s


def _recognises(_: Path, head: bytes) -> bool:
    first = head.partition(b"\n")[0].lower()
    return first.lstrip(b"\xef\xbb\xbf").startswith((b"epoc (ms)", b"epoch (ms)")) and (
        b"elapsed (s)" in first
    )


READER = Reader(
    id="metabase",
    title="MbientLab MetaBase (.csv)",
    suffixes=(".csv",),
    recognises=_recognises,
    read=read,
)
