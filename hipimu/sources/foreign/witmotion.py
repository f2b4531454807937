"""WitMotion recordings (.txt, .csv) of the vendor's apps, from MiniIMU to WitMotion 2025.

By files and programs that read them (the vendor documents protocols, not files):

- a header with units, after at most a line ``StartTime: …``: ``Time(s)``, ``ChipTime``, ``ax(g)``,
  ``wx(deg/s)``, or ``DeviceName``, ``AccX(g)``, ``AsX(°/s)``, or ``Device name``, ``Chip Time()``,
  ``Acceleration X(g)``, ``Angular velocity X(°/s)``, or the same in Chinese; it may occur again
  where devices were added. Older ones say ``ax:`` without a unit and mean the same;
- tabs or commas between columns, decimal commas under some systems' settings, ``°`` in UTF-8, in
  GB 18030 or spoilt; rows may end with a separator that the header lacks;
- all devices of a recording stand in one file, told apart by the device's name, or in a file each,
  long ones in parts ``…_0.csv``, ``…_1.csv``;
- times are local, without a zone, some without a date. ``ChipTime`` is the device's own and is
  ``null`` for many; the other is when the app received a sample: packets arrive irregularly, and
  their samples share a time. Such times are evened out. Devices have no common clock;
- magnetic field is in counts of the sensor, whatever the header says, and is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from hipimu.data import FloatArray, IntArray
from hipimu.errors import RecordingError
from hipimu.sources.csv_table import no_samples
from hipimu.sources.foreign.columns import rate_of, spread, text_of, without_jitter
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.mapping.text import Cut, floats
from hipimu.sources.segment_names import segment_named
from hipimu.units import GRAVITY_M_S2, rad_from_deg, s_from_us

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "acc": ("a", "acc", "acceleration", "加速度"),
    "gyr": ("w", "as", "gyro", "angularvelocity", "角速度"),
}
_TIMES: Final = ("time", "recordtime", "时间")
_CHIP_TIMES: Final = ("chiptime", "片上时间", "芯片时间")
_DEVICES: Final = ("devicename", "设备名称")
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_HEADER_WITHIN: Final = 20
_TIME: Final = re.compile(
    r"(?:(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T])?(\d{1,2}):(\d{1,2}):(\d{1,2})(?:([.,:])(\d{1,9}))?"
)
_DAY_US: Final = 86_400_000_000
_LARGEST_S: Final = 1e11
_REMEDY: Final = "Correct or delete the line, or record again with the vendor's app."


@dataclass(frozen=True, slots=True)
class _Columns:
    """What a file calls its columns."""

    acc: tuple[str, ...]
    gyr: tuple[str, ...]
    times: tuple[str, ...]
    """The device's own before the app's."""
    device: str | None


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What one file has of one device."""

    path: Path
    label: str
    time_us: IntArray
    """(n,) as the file says them, never backwards."""
    acc_g: FloatArray
    gyr_rad_s: FloatArray


def read(paths: Sequence[Path]) -> Foreign:
    """Read the devices of one recording.

    Raises
    ------
    RecordingError
        When a file cannot be used.
    """
    by_label: dict[str, list[_Part]] = {}
    for path in paths:
        for part in _parts(path):
            by_label.setdefault(part.label, []).append(part)
    remarks: list[str] = []
    one_each = len(by_label) == len(paths)
    sensors = tuple(_sensor(parts, one_each, remarks) for parts in by_label.values())
    if len(sensors) > 1:
        remarks.append("WitMotion's devices have no common clock.")
    return Foreign("witmotion", sensors, synchronised=False, remarks=tuple(remarks))


def _parts(path: Path) -> Iterator[_Part]:
    cut, columns = _opened(path)
    texts = [*columns.times, *([] if columns.device is None else [columns.device])]
    table = cut.columns([*columns.acc, *columns.gyr], texts)
    acc = np.column_stack([floats(table[name]) for name in columns.acc])
    gyr = np.column_stack([floats(table[name]) for name in columns.gyr])
    if "rad/s" not in columns.gyr[0]:
        gyr = rad_from_deg(gyr)
    labels = np.full(len(acc), path.stem)
    if columns.device is not None:
        labels = np.array([str(text or "").strip() for text in table[columns.device].to_pylist()])
    kept = np.isfinite(acc).any(axis=1)
    for label in dict.fromkeys(labels[kept].tolist()):
        rows = np.flatnonzero(kept & (labels == label))
        said = {name: table[name].take(rows).to_pylist() for name in columns.times}
        time_us = _times(cut, said, rows)
        yield _Part(path, label or path.stem, time_us, acc[rows], gyr[rows])


def _opened(path: Path) -> tuple[Cut, _Columns]:
    lines = text_of(path, _ENCODINGS).split("\n")
    for number, line in enumerate(lines[:_HEADER_WITHIN]):
        separator = max("\t,;", key=line.count)
        names = tuple(name.strip().strip('"') for name in line.split(separator))
        columns = _columns(names)
        if columns is not None:
            return _cut(path, lines, number, separator, names, columns), columns
    raise RecordingError(
        f"{path.name} has no header with acceleration, angular velocity and time.",
        "Record again with the vendor's app, with acceleration and angular velocity ticked.",
        path=path,
    )


def _columns(names: Sequence[str]) -> _Columns | None:
    """Return what is what in a header; None where it is none."""
    plain = {_plain(name): name for name in reversed(names)}
    found = {
        kind: next(
            (
                tuple(plain[f"{word}{axis}"] for axis in "xyz")
                for word in words
                if all(f"{word}{axis}" in plain for axis in "xyz")
            ),
            None,
        )
        for kind, words in _NAMES.items()
    }
    times = tuple(plain[name] for name in (*_CHIP_TIMES, *_TIMES) if name in plain)
    device = next((plain[name] for name in _DEVICES if name in plain), None)
    acc, gyr = found["acc"], found["gyr"]
    if acc is None or gyr is None or not times:
        return None
    return _Columns(acc, gyr, times, device)


def _plain(name: str) -> str:
    """Return a column's name without its unit, blanks and case."""
    return re.sub(r"\(.*\)?|[\s:_]", "", name).lower()


def _cut(
    path: Path,
    lines: list[str],
    header: int,
    separator: str,
    names: tuple[str, ...],
    columns: _Columns,
) -> Cut:
    first_name = lines[header].split(separator)[0]
    body = [
        (number, line)
        for number, line in enumerate(lines[header + 1 :], start=header + 2)
        if line.strip() and line.split(separator, 1)[0] != first_name
    ]
    # An app that was killed leaves half a line.
    if body and lines[-1] and body[-1][1].count(separator) < len(names) - 1:
        body.pop()
    if not body:
        raise no_samples(path)
    cells = body[0][1].split(separator)
    if len(cells) == len(names) + 1 and not cells[-1].strip():
        names = (*names, "")
    at = names.index(columns.acc[0])
    decimal = "," if separator != "," and at < len(cells) and "," in cells[at] else "."
    text = "\n".join(line for _, line in body) + "\n"
    numbers = tuple(number for number, _ in body)
    return Cut(path, names, separator, decimal, text, numbers, _REMEDY)


def _times(cut: Cut, said: Mapping[str, Sequence[str | None]], rows: IntArray) -> IntArray:
    """Return one device's times in microseconds, by the first column that has them."""
    for name, texts in said.items():
        counts = [_microseconds(text) for text in texts]
        whole = [count for count in counts if count is not None]
        if len(whole) == len(counts) and (len(set(whole)) > 1 or len(whole) == 1):
            return _forwards(cut, name, np.array(whole, dtype=np.int64), rows)
    wrong = next((i for i, count in enumerate(counts) if count is None), None)
    if wrong is None:
        raise _no_time(cut, int(rows[0]), f"{name} stands still")
    raise _no_time(cut, int(rows[wrong]), f"{name} is {texts[wrong]!r:.40}, which is no time")


def _microseconds(text: str | None) -> int | None:
    """Return a time of day, with its date where there is one; None where it is no time."""
    found = _TIME.fullmatch((text or "").strip())
    if found is None:
        return _number(text)
    year, month, day, hour, minute, second, mark, part = found.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() if year else 0
    except ValueError:
        return None
    # After a colon stand milliseconds; after a point or a comma a fraction.
    fraction = float(f"0.{part or 0}") if mark != ":" else 1e-3 * int(part)
    whole = 86_400 * days + 3600 * int(hour) + 60 * int(minute) + int(second)
    return whole * 1_000_000 + round(1e6 * fraction)


def _number(text: str | None) -> int | None:
    try:
        seconds = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return round(1e6 * seconds) if abs(seconds) < _LARGEST_S else None


def _forwards(cut: Cut, name: str, time_us: IntArray, rows: IntArray) -> IntArray:
    """Carry times of day over midnight, and refuse such as run backwards."""
    step = np.diff(time_us, prepend=time_us[0])
    time_us = time_us + _DAY_US * np.cumsum(step < -_DAY_US // 2)
    backwards = np.diff(time_us, prepend=time_us[0]) < 0
    if backwards.any():
        raise _no_time(cut, int(rows[np.argmax(backwards)]), f"{name} runs backwards")
    return time_us


def _no_time(cut: Cut, row: int, what: str) -> RecordingError:
    line = cut.lines[row]
    return RecordingError(
        f"{cut.path.name}, line {line}: {what}.", _REMEDY, path=cut.path, line=line
    )


def _sensor(parts: list[_Part], one_each: bool, remarks: list[str]) -> ForeignSensor:
    ordered = sorted(parts, key=lambda part: int(part.time_us[0]))
    for before, after in pairwise(ordered):
        if after.time_us[0] <= before.time_us[-1]:
            raise RecordingError(
                f"{before.path.name} and {after.path.name} are of one device and one time.",
                "Move one of them out of the folder.",
                path=after.path,
            )
    first = ordered[0]
    time_us = np.concatenate([part.time_us for part in ordered])
    received_s = s_from_us((time_us - time_us[0]).astype(np.float64))
    t_s = without_jitter(received_s)
    if t_s is not received_s:
        remarks.append(f"{first.label}: times were evened out: samples arrive in packets.")
    rate_hz = rate_of(t_s)
    if rate_hz is None:
        raise RecordingError(
            f"{first.path.name}: the times of {first.label!r:.60} do not tell how many samples a "
            "second it has.",
            _REMEDY,
            path=first.path,
        )
    return ForeignSensor(
        label=first.label,
        path=first.path,
        rate_hz=rate_hz,
        t_s=spread(t_s, 1.0 / rate_hz),
        acc_m_s2=GRAVITY_M_S2 * np.concatenate([part.acc_g for part in ordered]),
        gyr_rad_s=np.concatenate([part.gyr_rad_s for part in ordered]),
        segment=segment_named(first.label)
        or (segment_named(first.path.stem) if one_each else None),
    )


def _recognises(_: Path, head: bytes) -> bool:
    for encoding in (*_ENCODINGS, "latin-1"):
        text = head.decode(encoding, errors="ignore")
        for line in text.splitlines()[:_HEADER_WITHIN]:
            names = line.split(max("\t,;", key=line.count))
            if _columns([name.strip().strip('"') for name in names]) and _ours(names):
                return True
    return False


def _ours(names: Sequence[str]) -> bool:
    """Whether a header is this vendor's rather than any with acceleration and angular velocity."""
    plain = {_plain(name) for name in names}
    return bool(plain & {*_CHIP_TIMES, *_DEVICES} or {"anglex", "角度x"} & plain)


READER = Reader(
    id="witmotion",
    title="WitMotion (.txt, .csv)",
    suffixes=(".txt", ".csv"),
    recognises=_recognises,
    read=read,
)
