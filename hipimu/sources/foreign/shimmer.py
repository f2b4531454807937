"""Shimmer recordings (.csv) as Consensys and the programs before it export them.

By files that public repositories describe, ShimmerEngineering's drivers, and devicely's tests:

- first a line ``"sep=,"`` (or tab, or semicolon), which some exports lack; then names such as
  ``Shimmer_8665_Accel_WR_X_CAL``, whose beginning may be a name that the user gave the device;
  then units; some versions write the names again. Lines end with a separator. Programs before
  Consensys have four lines: device, ``Wide Range Accelerometer X``, ``CAL`` or ``RAW``, units,
  which end in ``*`` where the calibration is the default;
- one file per device and session, or all devices of a session in one;
- ``RAW`` and ``UNCAL`` are counts, and the axes of accelerometer and gyroscope differ until they
  are calibrated: they are not read;
- ``Accel_WR`` (wide range, up to ±16 g) is preferred to ``Accel_LN`` (low noise), which on a
  Shimmer3 clips at ±2 g, as running does;
- ``Timestamp_Unix`` is in ms since 1970, ``Timestamp_FormattedUnix`` local time without a zone,
  ``Timestamp`` since the device was switched on. Docking sets the devices' clocks, from when on
  they run apart; ``TimestampSync_…`` is what Consensys made one clock of;
- rates are whole parts of 32768 Hz: 51.2, 102.4, 204.8;
- magnetic field is in ``local_flux``, which is no unit, and is not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hipimu.data import FloatArray, IntArray
from hipimu.errors import RecordingError
from hipimu.sources.csv_table import no_samples
from hipimu.sources.foreign.columns import period_of, spread, text_of
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.foreign.shimmer_header import Header, Signal, header_in
from hipimu.sources.mapping.text import Cut, floats
from hipimu.sources.segment_names import segment_named
from hipimu.units import UNITS, s_from_ms, s_from_us

Since = Literal["1970", "1970, local", "on"]
_TIMES: Final[Mapping[str, tuple[Since, bool]]] = {
    "TimestampSync_Unix": ("1970", True),
    "TimestampSync_FormattedUnix": ("1970, local", True),
    "Timestamp_Unix": ("1970", False),
    "Timestamp_FormattedUnix": ("1970, local", False),
    "Timestamp": ("on", False),
}
"""From when they count, and whether on one clock for all devices; the best first."""
_ACC: Final = ("Accel_WR", "Accel_LN", "Accel")
_ACC_UNITS: Final = {
    "": "m/s2",
    "m/(s^2)": "m/s2",
    "m/(sec^2)": "m/s2",
    "m/s^2": "m/s2",
    "g": "g",
}
_GYR_UNITS: Final = {"": "deg/s", "deg/s": "deg/s", "deg/sec": "deg/s", "rad/s": "rad/s"}
_TICKS_HZ: Final = 32_768
_ENCODINGS: Final = ("utf-8-sig", "cp1252")
_REMEDY: Final = "Correct or delete the line, or export again from Consensys."
_EXPORT: Final = (
    "Export again from Consensys, calibrated, with accelerometer, gyroscope and Unix time."
)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Of one device, what is read."""

    acc: tuple[Signal, ...]
    gyr: tuple[Signal, ...]
    times: tuple[Signal, ...]
    """The best first."""


@dataclass(frozen=True, slots=True, eq=False)
class _Times:
    """When one device's samples are of."""

    since: Since
    synchronised: bool
    first_ms: float
    t_s: FloatArray
    """(n,) from that."""


@dataclass(frozen=True, slots=True, eq=False)
class _Device:
    """What one file has of one device."""

    path: Path
    name: str
    times: _Times
    acc_m_s2: FloatArray
    gyr_rad_s: FloatArray
    first_line: int | None


def read(paths: Sequence[Path]) -> Foreign:
    """Read the devices of one recording.

    Raises
    ------
    RecordingError
        When a file cannot be used.
    """
    remarks: list[str] = []
    found = [device for path in paths for device in _devices(path, remarks)]
    devices = _labelled(found)
    times = [device.times for device in devices.values()]
    since = {one.since for one in times}
    first_ms = min(one.first_ms for one in times)
    synchronised = all(one.synchronised for one in times) and len(since) == 1
    if len(devices) > 1 and not synchronised:
        remarks.append("Without TimestampSync, the clocks of the devices run apart.")
    one_each = len(devices) == len(paths)
    common_ms = first_ms if len(since) == 1 and "on" not in since else None
    sensors = (
        _sensor(label, device, common_ms, one_each=one_each) for label, device in devices.items()
    )
    return Foreign(
        "shimmer",
        tuple(sensors),
        synchronised=synchronised,
        started_at=_started(first_ms) if since == {"1970"} else None,
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _labelled(devices: Sequence[_Device]) -> dict[str, _Device]:
    """Return devices by their names, or by file and name where files share one."""
    counts = Counter(device.name for device in devices)
    return {
        device.name
        if device.name and counts[device.name] == 1
        else f"{device.path.stem} {device.name}".strip(): device
        for device in devices
    }


def _started(first_ms: float) -> datetime | None:
    first_s = s_from_ms(first_ms)
    return datetime.fromtimestamp(first_s, UTC) if 0.0 < first_s < 4e9 else None


def _sensor(
    label: str, device: _Device, common_ms: float | None, *, one_each: bool
) -> ForeignSensor:
    times = device.times
    period_s = period_of(times.t_s)
    if period_s is None:
        raise RecordingError(
            f"{device.path.name}: the times of {label!r:.60} do not tell how many samples a second "
            "it has.",
            _REMEDY,
            path=device.path,
        )
    rate_hz = _TICKS_HZ / round(_TICKS_HZ * period_s)
    later_s = 0.0 if common_ms is None else s_from_ms(times.first_ms - common_ms)
    return ForeignSensor(
        label=label,
        path=device.path,
        rate_hz=rate_hz,
        t_s=later_s + spread(times.t_s, 1.0 / rate_hz),
        acc_m_s2=device.acc_m_s2,
        gyr_rad_s=device.gyr_rad_s,
        segment=segment_named(label) or (segment_named(device.path.stem) if one_each else None),
        first_line=device.first_line,
    )


def _devices(path: Path, remarks: list[str]) -> Iterator[_Device]:
    text = text_of(path, _ENCODINGS)
    header = header_in(text.split("\n", 20)[:20])
    if header is None:
        raise RecordingError(f"{path.name} has no header of Shimmer's.", _EXPORT, path=path)
    wanted = _wanted(path, header)
    cut = _cut(path, text, header, next(iter(wanted.values())).acc[0].column)
    if not all(signal.unit for one in wanted.values() for signal in (*one.acc, *one.gyr)):
        remarks.append(f"{path.name} has no units: m/s² and deg/s are assumed.")
    for name, columns in wanted.items():
        if columns.acc[0].name.startswith("Accel_LN"):
            remarks.append(
                f"{name or path.stem}: acceleration is of the low-noise accelerometer, which on a "
                "Shimmer3 ends at ±2 g; the wide-range one is better for running."
            )
        yield _device(cut, name, columns)


def _wanted(path: Path, header: Header) -> dict[str, _Columns]:
    """Return what is read of each device that has acceleration, angular velocity and time."""
    by_device: dict[str, list[Signal]] = {}
    for signal in header.signals:
        by_device.setdefault(signal.device, []).append(signal)
    wanted: dict[str, _Columns] = {}
    lacks = "acceleration"
    for device, signals in by_device.items():
        known = {signal.name: signal for signal in signals if signal.calibrated}
        found = (_three(known, _ACC), _three(known, ("Gyro",)))
        times = tuple(known[name] for name in _TIMES if name in known)
        if found[0] and found[1] and times:
            wanted[device] = _Columns(found[0], found[1], times)
        elif any(signal.name == "Gyro_X" and not signal.calibrated for signal in signals):
            lacks = "anything calibrated"
        elif found[0]:
            lacks = "a calibrated time" if found[1] else "angular velocity"
    if not wanted:
        raise RecordingError(f"{path.name} lacks {lacks}.", _EXPORT, path=path)
    return wanted


def _three(known: Mapping[str, Signal], kinds: Sequence[str]) -> tuple[Signal, ...]:
    for kind in kinds:
        names = [f"{kind}_{axis}" for axis in "XYZ"]
        if all(name in known for name in names):
            return tuple(known[name] for name in names)
    return ()


def _cut(path: Path, text: str, header: Header, acc: str) -> Cut:
    body = text.split("\n", header.lines)[header.lines :]
    rows = body[0] if body else ""
    first = rows.lstrip("\n").partition("\n")[0].split(header.separator)
    names = header.names
    if len(first) == len(names) + 1 and not first[-1].strip():
        names = (*names, "")
    elif len(first) == len(names) - 1 and not names[-1]:
        names = names[:-1]
    whole, _, last = rows.rpartition("\n")
    if last.count(header.separator) < len(names) - 1:
        rows = whole  # a copy that broke off, or nothing after the last line feed
    if not rows.strip():
        raise no_samples(path)
    numbers: tuple[int, ...] | range = range(header.lines + 1, header.lines + rows.count("\n") + 2)
    if rows.startswith("\n") or "\n\n" in rows:
        kept = [(number, row) for number, row in zip(numbers, rows.split("\n"), strict=True) if row]
        numbers = tuple(number for number, _ in kept)
        rows = "\n".join(row for _, row in kept)
    at = names.index(acc)
    comma = header.separator != "," and at < len(first) and "," in first[at]
    decimal = "," if comma else "."
    return Cut(path, names, header.separator, decimal, rows + "\n", numbers, _REMEDY)


def _device(cut: Cut, name: str, columns: _Columns) -> _Device:
    texts = [one.column for one in columns.times if _TIMES[one.name][0] == "1970, local"]
    numbers = [
        one.column
        for one in (*columns.acc, *columns.gyr, *columns.times)
        if one.column not in texts
    ]
    table = cut.columns(numbers, texts)
    acc = _in_si(cut, table, columns.acc, _ACC_UNITS)
    gyr = _in_si(cut, table, columns.gyr, _GYR_UNITS)
    # Of several devices in a file, each may have rows in which others have nothing.
    rows = np.flatnonzero((np.isfinite(acc) | np.isfinite(gyr)).any(axis=1))
    if len(rows) == 0:
        raise no_samples(cut.path)
    whole = len(rows) == len(acc) and isinstance(cut.lines, range)
    return _Device(
        cut.path,
        name,
        _times(cut, table, columns.times, rows),
        acc[rows],
        gyr[rows],
        cut.lines[0] if whole else None,
    )


def _in_si(
    cut: Cut,
    table: Mapping[str, pa.ChunkedArray],
    signals: Sequence[Signal],
    units: Mapping[str, str],
) -> FloatArray:
    values = np.column_stack([floats(table[signal.column]) for signal in signals])
    said = signals[0].unit
    unit = units.get(said.rstrip("*").strip().lower())
    if unit is None:
        raise RecordingError(
            f"{cut.path.name}: {signals[0].column:.60} is in {said!r:.40}, a unit that is not "
            "known.",
            f"Export again in one of: {', '.join(filter(None, units))}.",
            path=cut.path,
        )
    return np.asarray(UNITS[unit][1] * values, dtype=np.float64)


def _times(
    cut: Cut, table: Mapping[str, pa.ChunkedArray], signals: Sequence[Signal], rows: IntArray
) -> _Times:
    """Return the times by the best column that is filled."""
    for signal in signals:
        since, synchronised = _TIMES[signal.name]
        own = table[signal.column].take(pa.array(rows))
        if since == "1970, local":
            time_us = _microseconds(own)
            if time_us is not None:
                t_s = s_from_us((time_us - time_us[0]).astype(np.float64))
                return _Times(since, synchronised, float(time_us[0]) * 1e-3, t_s)
            continue
        time_ms = floats(own)
        if np.isfinite(time_ms).all():
            first_ms = float(time_ms[0])
            return _Times(since, synchronised, first_ms, s_from_ms(time_ms - first_ms))
    wrong = next((i for i, cell in enumerate(own.to_pylist()) if not _is_time(cell)), 0)
    line = cut.lines[int(rows[wrong])]
    raise RecordingError(
        f"{cut.path.name}, line {line}: {signal.column} is missing or no time.",
        _REMEDY,
        path=cut.path,
        line=line,
    )


def _microseconds(texts: pa.ChunkedArray) -> IntArray | None:
    """Return times of the form ``yyyy/mm/dd hh:mm:ss.000``; None where one is not."""
    iso = pc.replace_substring(pc.utf8_trim_whitespace(texts), "/", "-")
    try:
        counts = pc.cast(iso, pa.timestamp("us")).cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    return np.asarray(counts.to_numpy(zero_copy_only=False), dtype=np.int64)


def _is_time(cell: str | float | None) -> bool:
    if isinstance(cell, str):
        return _microseconds(pa.chunked_array([[cell]])) is not None
    return cell is not None and np.isfinite(cell)


def _recognises(_: Path, head: bytes) -> bool:
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    return header_in(lines) is not None


READER = Reader(
    id="shimmer",
    title="Shimmer Consensys (.csv)",
    suffixes=(".csv",),
    recognises=_recognises,
    read=read,
)
