"""What the lines above the samples of a Shimmer file say of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_CONSENSYS: Final = re.compile(
    r"(?:(?P<device>.+?)_)?"
    r"(?P<signal>Timestamp(?:Sync)?(?:_(?:Formatted)?Unix)?|"
    r"(?:Accel(?:_(?:LN|WR|HG))?|Gyro|Mag)_[XYZ])"
    r"_(?P<format>CAL|RAW|UNCAL)"
)
_OLD: Final = {
    "Timestamp": "Timestamp",
    **{
        f"{old} {axis}": f"{new}_{axis}"
        for old, new in (
            ("Wide Range Accelerometer", "Accel_WR"),
            ("Low Noise Accelerometer", "Accel_LN"),
            ("Accelerometer", "Accel"),
            ("Gyroscope", "Gyro"),
        )
        for axis in "XYZ"
    },
}
"""Names of the programs before Consensys."""
_FORMATS: Final = {"CAL": True, "CALIBRATED": True, "RAW": False, "UNCALIBRATED": False}
_WITHIN: Final = 10
_MOST_BELOW: Final = 4


@dataclass(frozen=True, slots=True)
class Signal:
    """One column that may be of use."""

    column: str
    """Its name in `Header.names`."""
    device: str
    """As the user named it, or ``Shimmer_8665``; may be empty."""
    name: str
    """``Gyro_X``, ``Accel_WR_X``, ``Timestamp_Unix`` …"""
    calibrated: bool
    unit: str
    """Empty where the file has no line of units."""


@dataclass(frozen=True, slots=True)
class Header:
    """The lines above the samples."""

    separator: str
    names: tuple[str, ...]
    signals: tuple[Signal, ...]
    lines: int
    """How many lines stand above the first sample."""


def header_in(lines: Sequence[str]) -> Header | None:
    """Return the header that begins a file; None where it is none of Shimmer's.

    Parameters
    ----------
    lines : sequence of str
        The first lines of a file.
    """
    above: tuple[str, ...] = ()
    for number, line in enumerate(lines[:_WITHIN]):
        separator = max("\t,;", key=line.count)
        cells = cells_of(line, separator)
        below = [cells_of(one, separator) for one in lines[number + 1 : number + 1 + _MOST_BELOW]]
        if any(_CONSENSYS.fullmatch(cell) for cell in cells):
            return _consensys(separator, cells, below, number + 1)
        if "Timestamp" in cells and below and _formats(below[0]):
            return _old(separator, above, cells, below, number + 1)
        above = cells
    return None


def cells_of(line: str, separator: str) -> tuple[str, ...]:
    """Return what stands between separators, without quotation marks."""
    return tuple(cell.strip().strip('"').strip() for cell in line.split(separator))


def _consensys(
    separator: str, names: tuple[str, ...], below: Sequence[tuple[str, ...]], lines: int
) -> Header:
    units: tuple[str, ...] = ()
    for cells in below:
        if cells == names:  # some versions write the names twice
            lines += 1
        elif not units and _no_sample(cells):
            units, lines = cells, lines + 1
        else:
            break
    signals = []
    for at, name in enumerate(names):
        found = _CONSENSYS.fullmatch(name)
        if found:
            calibrated = found["format"] == "CAL"
            signals.append(
                Signal(name, found["device"] or "", found["signal"], calibrated, _cell(units, at))
            )
    return Header(separator, names, tuple(signals), lines)


def _old(
    separator: str,
    devices: tuple[str, ...],
    plain: tuple[str, ...],
    below: Sequence[tuple[str, ...]],
    lines: int,
) -> Header:
    formats, lines = below[0], lines + 1
    units: tuple[str, ...] = ()
    if len(below) > 1 and _no_sample(below[1]):
        units, lines = below[1], lines + 1
    names, signals = [], []
    for at, name in enumerate(plain):
        device, kind = _cell(devices, at), _cell(formats, at)
        column = f"{device} {name} {kind}".strip()
        names.append(column)
        if name in _OLD:
            calibrated = _FORMATS.get(kind.upper(), False)
            signals.append(Signal(column, device, _OLD[name], calibrated, _cell(units, at)))
    return Header(separator, tuple(names), tuple(signals), lines)


def _formats(cells: Sequence[str]) -> bool:
    said = {cell.upper() for cell in cells if cell}
    return bool(said) and said <= set(_FORMATS)


def _no_sample(cells: Sequence[str]) -> bool:
    """Whether there are units rather than numbers and times."""
    said = [cell for cell in cells if cell]
    return bool(said) and not any(re.match(r"[-+.]?\d", cell) for cell in said)


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""
