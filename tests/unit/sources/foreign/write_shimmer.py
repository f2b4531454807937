"""Writes Shimmer files from known samples, as Consensys and ShimmerCapture do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from hipimu.data import FloatArray, Segment
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

FIRST_MS = 1_732_789_027_571.25
RATE_HZ = 102.4
ACC_PER_M_S2 = 209.0
GYR_PER_DEG_S = 16.4
"""Counts of the sensors at ±16 g and ±2000 deg/s; a file's numbers are as fine as these."""
SERIALS: dict[Segment, str] = {
    "pelvis": "Shimmer_8665",
    "thigh_left": "Shimmer_5F42",
    "thigh_right": "Shimmer_B64E",
}
NAMES: dict[Segment, str] = {
    "pelvis": "S_Pelvis",
    "thigh_left": "S_LeftThigh",
    "thigh_right": "S_RightThigh",
}
UNITS = {
    "Timestamp": "ms",
    "TimestampSync": "ms",
    "Accel": "m/(s^2)",
    "Gyro": "deg/s",
    "Mag": "local_flux",
    "Battery": "mV",
}


@dataclass(frozen=True)
class Export:
    """Settings of one export."""

    separator: str = "\t"
    decimal: str = "."
    sep_line: bool = True
    time: str = "Timestamp_Unix"
    acc: str = "Accel_WR"
    format: str = "CAL"
    units: bool = True
    names_twice: bool = False


SD = Export()
SYNCHRONISED = Export(
    separator=",", sep_line=False, time="TimestampSync_Unix", names_twice=True, units=True
)
FORMATTED = Export(separator=";", decimal=",", time="Timestamp_FormattedUnix")


def java(value: float) -> str:
    """As Java writes a double."""
    if abs(value) < 1e7:
        return repr(float(value))
    digits, _, exponent = f"{value:.16E}".partition("E")
    return f"{digits}E{int(exponent)}"


def columns(export: Export) -> list[str]:
    axes = [f"{kind}_{axis}" for kind in (export.acc, "Gyro", "Mag") for axis in "XYZ"]
    return [export.time, *axes, "Battery"]


def unit_of(column: str) -> str:
    return "yyyy/mm/dd hh:mm:ss.000" if "Formatted" in column else UNITS[column.split("_")[0]]


def time_of(export: Export, time_s: float) -> str:
    if "Formatted" not in export.time:
        return java(FIRST_MS + 1e3 * time_s).replace(".", export.decimal)
    at = datetime(2024, 11, 28, 10, 43, 58) + timedelta(seconds=time_s)  # noqa: DTZ001
    return at.isoformat(" ", "milliseconds").replace("-", "/")


def values_of(sample: Known) -> FloatArray:
    acc = np.round(ACC_PER_M_S2 * sample.acc_m_s2) / ACC_PER_M_S2
    gyr = np.round(GYR_PER_DEG_S * np.degrees(sample.gyr_rad_s)) / GYR_PER_DEG_S
    rest = np.column_stack([sample.mag_ut / 50.0, np.full(len(sample), 4012.5)])
    return np.column_stack([acc, gyr, rest])


def rows_of(export: Export, sample: Known) -> list[list[str]]:
    return [
        [time_of(export, time_s), *(java(v).replace(".", export.decimal) for v in values)]
        for time_s, values in zip(sample.t_s, values_of(sample), strict=True)
    ]


def text_of(export: Export, lines: Sequence[Sequence[str]]) -> str:
    """Every line of a table ends with a separator."""
    first = [f'"sep={export.separator}"'] if export.sep_line else []
    joined = (export.separator.join([*line, ""]) for line in lines)
    return "\n".join([*first, *joined, ""])


def head_of(export: Export, device: str) -> tuple[list[str], list[str]]:
    names = [f"{device}_{column}_{export.format}".lstrip("_") for column in columns(export)]
    return names, [unit_of(column) for column in columns(export)]


def write(path: Path, export: Export, device: str, sample: Known) -> None:
    """Write one device's file."""
    names, units = head_of(export, device)
    lines = [names, *([units] if export.units else []), *([names] if export.names_twice else [])]
    text = text_of(export, [*lines, *rows_of(export, sample)])
    path.write_text(text, encoding="utf-8")


def write_together(path: Path, export: Export, devices: Mapping[str, Known]) -> None:
    """Write one file of several devices, each with rows of its own."""
    heads = [head_of(export, device) for device in devices]
    width = len(heads[0][0])
    rows = []
    for number, sample in enumerate(devices.values()):
        left, right = number * width, (len(devices) - 1 - number) * width
        rows += [[*[""] * left, *row, *[""] * right] for row in rows_of(export, sample)]
    lines = [[name for head in heads for name in head[part]] for part in (0, 1)]
    path.write_text(text_of(export, [*lines, *rows]), encoding="utf-8")


def write_old(path: Path, device: str, sample: Known, acc: str = "Low Noise Accelerometer") -> None:
    """Write a file of the programs before Consensys: counts and values side by side."""
    axes = [f"{kind} {axis}" for kind in (acc, "Gyroscope") for axis in "XYZ"]
    names = ["Timestamp", *axes]
    units = ["mSecs", *["m/(sec^2)*"] * 3, *["deg/sec*"] * 3]
    values = np.column_stack([1e3 * sample.t_s + 5.5, values_of(sample)[:, :6]])
    lines = [
        [device for _ in names for _ in "RC"],
        [name for name in names for _ in "RC"],
        [kind for _ in names for kind in ("RAW", "CAL")],
        [cell for unit in units for cell in ("no units", unit)],
        *([cell for v in row for cell in ("2047", java(v))] for row in values.tolist()),
    ]
    path.write_text(text_of(Export(sep_line=False), lines), encoding="utf-8")


def samples_of() -> dict[Segment, Known]:
    return known_sensors(rate_hz=RATE_HZ)


def make(folder: Path, export: Export, names: Mapping[Segment, str] = SERIALS) -> Made:
    samples = samples_of()
    for segment, sample in samples.items():
        file = f"run_Session1_{names[segment]}_Calibrated_SD.csv"
        write(folder / file, export, names[segment], sample)
    roles = names if names is SERIALS else {}
    return Made(folder, samples, roles, synchronised="Sync" in export.time)


def make_together(folder: Path, export: Export) -> Made:
    samples = samples_of()
    path = folder / "run_Session2_Calibrated_PC.csv"
    write_together(path, export, {NAMES[segment]: sample for segment, sample in samples.items()})
    return Made(path, samples, synchronised=False)


def make_old(folder: Path) -> Made:
    samples = samples_of()
    for segment, sample in samples.items():
        write_old(folder / f"{segment}.csv", "Shimmer 1", sample)
    return Made(folder, samples, synchronised=False)


ACC_STEP = 1.0 / ACC_PER_M_S2
GYR_STEP = float(np.radians(1.0 / GYR_PER_DEG_S))
ENTRIES = (
    Entry(
        "shimmer",
        "Consensys, ±16 g, ±2000 °/s",
        partial(make, export=SD),
        2.5e-7,
        ACC_STEP,
        GYR_STEP,
        note="devices have no common clock; magnetic field is not read",
    ),
    Entry(
        "shimmer",
        "Consensys, synchronised, ±16 g, ±2000 °/s",
        partial(make, export=SYNCHRONISED, names=NAMES),
        2.5e-7,
        ACC_STEP,
        GYR_STEP,
        note="magnetic field is not read",
    ),
    Entry(
        "shimmer",
        "Consensys, all devices in one file, formatted local time",
        partial(make_together, export=FORMATTED),
        1e-3,
        ACC_STEP,
        GYR_STEP,
        note="devices have no common clock; magnetic field is not read",
    ),
    Entry(
        "shimmer",
        "programs before Consensys",
        make_old,
        2.5e-7,
        ACC_STEP,
        GYR_STEP,
        note="devices have no common clock; the wide-range accelerometer is preferred to the "
        "low-noise one; magnetic field is not read",
    ),
)
