"""Xsens MT Manager exports (.txt): one file per tracker, ``MT_0120…-000_00B4….txt``.

By the MTw and MTi user manuals (MW0502P, MT0605P: table of exported data) and files of MT Manager
3.8 to 2022:

- lines with ``//`` stand above the header: up to version 4.6 with ``Update Rate`` (once ``Sample
  rate``), later without (opensim-core issue 2812): then ``SampleTimeFine`` tells it, in steps of
  0.1 ms, where it is filled in, which it is not for wireless trackers;
- columns are separated by tabs, commas or semicolons, as chosen; rows of old versions end with a
  separator that the header lacks;
- ``PacketCounter`` (once ``Counter``) counts samples, lost ones included, and wraps at 65536. The
  trackers of one wireless network share it: files whose first numbers are close have one clock;
- ``Acc_*`` m/s², ``Gyr_*`` rad/s, in the sensor's axes. An export may have been made in deg/s,
  which no header says: where it has orientations, too, these tell it;
- ``VelInc_*`` m/s and ``OriInc_*`` are changes over one sample, as ``dv`` and ``dq`` elsewhere;
- ``FreeAcc_E/N/U`` is in the earth's frame without gravity. ``Mat[i][j]`` (written column by
  column), ``Quat_q0…q3`` (once ``Quat_w…z``) and ``Roll``, ``Pitch``, ``Yaw`` in degrees turn
  sensor axes into that frame;
- ``Mag_*`` is in multiples of the field at the vendor's, not in µT, and is not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.maths.filters import length
from hipimu.sources.csv_table import CsvTable, no_samples, open_table
from hipimu.sources.derived import angular_velocity
from hipimu.sources.foreign.columns import (
    after_the_first,
    as_counter,
    filled,
    no_rate,
    rate_of,
    read_columns,
    unwrapped,
    with_trailing_cell,
)
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.quantities import (
    Kind,
    Mode,
    Names,
    converted,
    found_in,
    mode_from,
    orientation,
)
from hipimu.sources.segment_names import segment_named
from hipimu.units import deg_from_rad

_COUNTERS: Final = ("packetcounter", "counter")
_FINE: Final = "sampletimefine"
_WRAP: Final = 65536.0
_FINE_WRAP: Final = 2.0**32
_FINE_HZ: Final = 1e4
_TOGETHER_S: Final = 2.0
_SPELLINGS: Final[Mapping[Kind, Sequence[Names]]] = {
    "acc": [("Acc_X", "Acc_Y", "Acc_Z")],
    "gyr": [("Gyr_X", "Gyr_Y", "Gyr_Z")],
    "dv": [("VelInc_X", "VelInc_Y", "VelInc_Z")],
    "dq": [
        ("OriInc_q0", "OriInc_q1", "OriInc_q2", "OriInc_q3"),
        ("OriInc_w", "OriInc_x", "OriInc_y", "OriInc_z"),
    ],
    "free": [("FreeAcc_E", "FreeAcc_N", "FreeAcc_U"), ("FreeAcc_X", "FreeAcc_Y", "FreeAcc_Z")],
    "quat": [
        ("Quat_q0", "Quat_q1", "Quat_q2", "Quat_q3"),
        ("Quat_w", "Quat_x", "Quat_y", "Quat_z"),
    ],
    "matrix": [tuple(f"Mat[{row}][{column}]" for row in (1, 2, 3) for column in (1, 2, 3))],
    "euler": [("Roll", "Pitch", "Yaw")],
}
_REMEDY_EXPORT: Final = (
    "In MT Manager's preferences for exporting tick acceleration, angular velocity and the packet "
    "counter, and export the file again."
)
_REMEDY_RATE: Final = (
    "Write it as a first line into each file, for example: // Update Rate: 100.0Hz. In MT Manager "
    "the rate is shown when the recording is open."
)
_DEVICE: Final = re.compile(r"_([0-9A-F]{8})$")
_TURNING_RAD_S: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Tracker:
    """One file, read."""

    table: CsvTable
    mode: Mode
    columns: Mapping[str, FloatArray]
    counter: FloatArray
    """(n,) samples, only increasing."""
    rate_hz: float
    lost: int
    """Rows without values."""


def read(paths: Sequence[Path]) -> Foreign:
    """Read the trackers of one recording.

    Raises
    ------
    RecordingError
        When a file cannot be used.
    """
    trackers = [_tracker(path) for path in paths]
    labels = [_label(path) for path in paths]
    if len(set(labels)) < len(labels):
        labels = [path.stem for path in paths]
    rates_hz = {one.rate_hz for one in trackers}
    later = after_the_first([float(one.counter[0]) for one in trackers], _WRAP)
    together = len(rates_hz) == 1 and max(later) <= _TOGETHER_S * min(rates_hz)
    remarks: list[str] = []
    sensors = []
    for tracker, label, samples in zip(trackers, labels, later, strict=True):
        start_s = samples / tracker.rate_hz if together else 0.0
        sensors.append(_sensor(tracker, label, start_s, remarks))
    if len(sensors) > 1 and not together:
        remarks.append("The trackers' packet counters differ: each has a clock of its own.")
    return Foreign("xsens-mt", tuple(sensors), together, remarks=tuple(remarks))


def _label(path: Path) -> str:
    device = _DEVICE.search(path.stem)
    return device.group(1) if device else path.stem


def _tracker(path: Path) -> _Tracker:
    table = _open(path)
    mode = mode_from(found_in(table.columns, _SPELLINGS))
    if not isinstance(mode, Mode):
        missing = "acceleration" if mode == "acc" else "angular velocity or orientation"
        raise RecordingError(f"{path.name} has no {missing}.", _REMEDY_EXPORT, path=path)
    if mode.acc == "free" and not _z_up(table):
        raise RecordingError(
            f"{path.name} has free acceleration in a frame whose z is down, and no other.",
            _REMEDY_EXPORT,
            path=path,
        )
    spelt = {name.lower(): name for name in table.columns}
    counter = next((spelt[name] for name in _COUNTERS if name in spelt), None)
    extra = (*([] if counter is None else [counter]), *_fine(spelt), *_turned(table, mode))
    names = tuple(dict.fromkeys((*mode.names, *extra)))
    table.require(names, _REMEDY_EXPORT)
    columns = read_columns(table, names)
    kept = filled(columns, mode.names)
    lost = len(kept) - int(np.count_nonzero(kept))
    columns = {name: values[kept] for name, values in columns.items()}
    if lost == len(kept):
        raise no_samples(path)
    fine_s = _fine_times(columns, spelt)
    rate_hz = _declared(table) or (None if fine_s is None else rate_of(fine_s))
    if rate_hz is None:
        raise no_rate(table, _REMEDY_RATE)
    counts = _counts(columns, counter, fine_s, rate_hz)
    return _Tracker(table, mode, columns, counts, rate_hz, lost)


def _open(path: Path) -> CsvTable:
    for first in (*_COUNTERS, "acc_x", "velinc_x"):
        try:
            table = open_table(path, header_has=first, separators=("\t", ",", ";"))
        except RecordingError as error:
            refused = error
        else:
            return with_trailing_cell(table)
    raise refused


def _z_up(table: CsvTable) -> bool:
    system = _said(table, "coordinate system")
    return system is None or system.strip().upper()[-1:] == "U"


def _said(table: CsvTable, name: str) -> str | None:
    """Return what stands above the table under a name."""
    pairs = (line.lstrip("/ ").partition(":") for line in table.preamble)
    return next((value for key, _, value in pairs if key.strip().lower() == name), None)


def _declared(table: CsvTable) -> float | None:
    for name in ("update rate", "sample rate"):
        found = re.match(r"\s*(\d{1,5}(\.\d+)?)\s*Hz", _said(table, name) or "", re.I)
        if found and 1.0 <= float(found.group(1)) <= 10_000.0:
            return float(found.group(1))
    return None


def _fine(spelt: Mapping[str, str]) -> tuple[str, ...]:
    return (spelt[_FINE],) if _FINE in spelt else ()


def _turned(table: CsvTable, mode: Mode) -> tuple[str, ...]:
    """Return the columns of an orientation by which the unit of ``Gyr_*`` may be told."""
    found = found_in(table.columns, _SPELLINGS)
    kinds: tuple[Kind, ...] = ("quat", "matrix")
    kind = next((kind for kind in kinds if kind in found), None)
    return () if mode.gyr != "gyr" or kind is None else found[kind]


def _fine_times(columns: Mapping[str, FloatArray], spelt: Mapping[str, str]) -> FloatArray | None:
    """Return `SampleTimeFine` in seconds; None where it is not filled in."""
    name = spelt.get(_FINE)
    if name is None or not np.isfinite(columns[name]).all():
        return None
    return unwrapped(columns[name], _FINE_WRAP) / _FINE_HZ


def _counts(
    columns: Mapping[str, FloatArray],
    counter: str | None,
    fine_s: FloatArray | None,
    rate_hz: float,
) -> FloatArray:
    if counter is not None:
        return unwrapped(columns[counter], _WRAP)
    if fine_s is not None:
        return fine_s * rate_hz
    return np.arange(len(next(iter(columns.values()))), dtype=np.float64)


def _sensor(tracker: _Tracker, label: str, start_s: float, remarks: list[str]) -> ForeignSensor:
    path, mode = tracker.table.path, tracker.mode
    t_s = (tracker.counter - tracker.counter[0]) / tracker.rate_hz + start_s
    in_deg = _in_deg(tracker, t_s)
    acc, gyr, _ = converted(mode, tracker.columns, t_s, tracker.rate_hz, gyr_in_deg=in_deg)
    first = 1 if mode.gyr == "turns" else 0
    remarks += mode.remarks(path.name)
    if in_deg:
        remarks.append(f"{path.name}: angular velocity is in deg/s, by how the orientation turns.")
    if tracker.lost:
        remarks.append(f"{path.name}: {tracker.lost} rows are empty; they count as losses.")
    return ForeignSensor(
        label=label,
        path=path,
        rate_hz=tracker.rate_hz,
        t_s=t_s[first:],
        acc_m_s2=acc[first:],
        gyr_rad_s=gyr[first:],
        counter=as_counter(tracker.counter[first:]),
        segment=segment_named(path.stem),
        first_line=None if tracker.lost else tracker.table.line_of(first),
    )


def _in_deg(tracker: _Tracker, t_s: FloatArray) -> bool:
    """Tell the unit of ``Gyr_*`` by how the orientation turns; rad/s where nothing tells it."""
    names = _turned(tracker.table, tracker.mode)
    if not names or len(t_s) < 2:
        return False
    numbers = np.stack([tracker.columns[name] for name in names], axis=1)
    turning = length(angular_velocity(orientation(numbers), t_s))
    measured = np.stack([tracker.columns[name] for name in tracker.mode.columns["gyr"]], axis=1)
    moving = turning > _TURNING_RAD_S
    if np.count_nonzero(moving) < 10:
        return False
    ratio = float(np.nanmedian(length(measured[1:])[moving] / turning[moving]))
    return bool(ratio > np.sqrt(deg_from_rad(1.0)))


def _recognises(_: Path, head: bytes) -> bool:
    lines = head.splitlines()[:40]
    above = any(line.startswith(b"//") for line in lines)
    marks = (b"Acc_X", b"FreeAcc_E", b"VelInc_X", b"Mat[1][1]")
    return above and any(mark in line for line in lines for mark in marks)


READER = Reader(
    id="xsens-mt",
    title="Xsens MT Manager (.txt)",
    suffixes=(".txt", ".csv"),
    recognises=_recognises,
    read=read,
)
