"""A recording folder in disguise: other names, units, marks and layouts, the same samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from hipimu.data import FloatArray, Segment
from hipimu.sources.unit_names import worth

START = datetime(2026, 5, 3, 7, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Disguise:
    """How samples are written."""

    name: str
    acc: tuple[str, str] = ("m/s2", "acc_{axis}")
    """Unit, and names of columns."""
    gyr: tuple[str, str] = ("rad/s", "gyr_{axis}")
    time: tuple[str, str] = ("s", "time")
    layout: str = "files"
    """files, wide or rows."""
    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    above: str = ""
    """Lines above the header."""
    below: str = ""
    """A line of units below it."""
    header: bool = True
    suffix: str = ".csv"
    digits: int = 9

    @property
    def acc_step(self) -> float:
        return worth(self.acc[0]) * 10.0**-self.digits

    @property
    def gyr_step(self) -> float:
        return worth(self.gyr[0]) * 10.0**-self.digits


NAMES: dict[str, dict[Segment, str]] = {
    "files": {
        "pelvis": "lower back",
        "thigh_left": "Oberschenkel links",
        "thigh_right": "cuisse droite",
    },
    "wide": {"pelvis": "pelvis", "thigh_left": "thigh_L", "thigh_right": "thigh_R"},
    "rows": {"pelvis": "Sacrum", "thigh_left": "Left Thigh", "thigh_right": "Right Thigh"},
}


def write(disguise: Disguise, samples: Mapping[Segment, FloatArray], folder: Path) -> None:
    """Write samples (n, 7): time in s, acc in m/s², gyr in rad/s."""
    folder.mkdir()
    names = NAMES[disguise.layout]
    tables = {names[segment]: _cells(disguise, rows) for segment, rows in samples.items()}
    if disguise.layout == "files":
        for name, cells in tables.items():
            _save(disguise, folder / f"{name}{disguise.suffix}", _header(disguise, [""]), cells)
        return
    if disguise.layout == "wide":
        first = next(iter(tables.values()))
        cells = [
            [row[0], *(cell for own in tables.values() for cell in own[i][1:])]
            for i, row in enumerate(first)
        ]
        _save(disguise, folder / f"all{disguise.suffix}", _header(disguise, list(tables)), cells)
        return
    cells = [
        [name, *own[i]]
        for i in range(len(next(iter(tables.values()))))
        for name, own in tables.items()
    ]
    header = ["sensor", *_header(disguise, [""])]
    _save(disguise, folder / f"all{disguise.suffix}", header, cells)


def _header(disguise: Disguise, names: list[str]) -> list[str]:
    return [
        disguise.time[1],
        *(
            text.format(axis=axis, Axis=axis.upper(), name=name)
            for name in names
            for text in (disguise.acc[1], disguise.gyr[1])
            for axis in "xyz"
        ),
    ]


def _cells(disguise: Disguise, rows: FloatArray) -> list[list[str]]:
    acc = rows[:, 1:4] / worth(disguise.acc[0])
    gyr = rows[:, 4:7] / worth(disguise.gyr[0])
    values = np.column_stack([acc, gyr])
    return [
        [_time(disguise, float(t)), *(_number(disguise, value) for value in row)]
        for t, row in zip(rows[:, 0], values, strict=True)
    ]


def _number(disguise: Disguise, value: float) -> str:
    return f"{value:.{disguise.digits}f}".replace(".", disguise.decimal)


def _time(disguise: Disguise, t_s: float) -> str:
    unit = disguise.time[0]
    if unit == "iso":
        return (START + timedelta(seconds=t_s)).isoformat()
    if unit == "epoch ns":
        return str(int(START.timestamp()) * 10**9 + round(1e9 * t_s))
    if unit == "us":
        return str(round(1e6 * t_s))
    return _number(disguise, 1e3 * t_s if unit == "ms" else t_s)


def _save(disguise: Disguise, path: Path, header: list[str], cells: list[list[str]]) -> None:
    lines = [disguise.separator.join(row) for row in cells]
    top = disguise.above + (disguise.separator.join(header) + "\n" if disguise.header else "")
    text = top + disguise.below + "\n".join([*lines, ""])
    path.write_bytes(text.encode(disguise.encoding))
