"""Writes Movesense exports from known samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hipimu.data import FloatArray, Segment
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

SERIALS: dict[Segment, str] = {
    "pelvis": "pelvis 174630000192",
    "thigh_left": "left thigh 174630000193",
    "thigh_right": "right thigh 174630000194",
}
RATE_HZ = 104.0
FIRST_MS = 2**32 - 2000
"""The counter wraps within the recording."""


def vectors(values: FloatArray) -> list[dict[str, float]]:
    return [dict(zip("xyz", map(float, row.astype(np.float32)), strict=True)) for row in values]


def packets(one: Known, size: int = 8) -> list[dict[str, Any]]:
    """Return packets of IMU9."""
    found = []
    for start in range(0, len(one), size):
        part = slice(start, start + size)
        found.append(
            {
                "ArrayAcc": vectors(one.acc_m_s2[part]),
                "ArrayGyro": vectors(np.degrees(one.gyr_rad_s[part])),
                "ArrayMagn": vectors(one.mag_ut[part]),
                "Timestamp": (FIRST_MS + round(1e3 * float(one.t_s[start]))) % 2**32,
            }
        )
    return found


def logger(one: Known) -> str:
    return json.dumps({"Meas": {"IMU9": packets(one)}})


def sbem(one: Known) -> str:
    """Return what sbem2json makes, arrays of arrays included."""
    anchor = {"TimeDetailed": {"relativeTime": FIRST_MS - 500, "utcTime": 1715247000_000000}}
    samples: list[Any] = [anchor]
    for packet in packets(one, 4):
        for name in ("ArrayAcc", "ArrayGyro", "ArrayMagn"):
            packet[name] = [{axis: [v[axis] for v in packet[name]] for axis in "xyz"}]
        samples.append({"MeasIMU9": packet})
    return json.dumps({"Samples": samples})


def made(folder: Path, text: Callable[[Known], str], suffix: str) -> Made:
    samples = known_sensors(rate_hz=RATE_HZ)
    for segment, one in samples.items():
        path = folder / f"{SERIALS[segment]}{suffix}"
        path.write_text(text(one), encoding="utf-8")
    return Made(folder, samples, synchronised=False)


def make_logger(folder: Path) -> Made:
    return made(folder, logger, "_MovesenseLog.json")


def make_sbem(folder: Path) -> Made:
    return made(folder, sbem, ".json")


def make_showcase(folder: Path) -> Made:
    """Acceleration and angular velocity in files of their own."""
    samples = known_sensors(rate_hz=RATE_HZ)
    for segment, one in samples.items():
        for key, name, word in (("acc", "ArrayAcc", "Acc"), ("gyroscope", "ArrayGyro", "Gyro")):
            data = [
                {key: {"Timestamp": packet["Timestamp"], name: packet[name]}}
                for packet in packets(one)
            ]
            path = folder / f"{SERIALS[segment]}_{word}.json"
            path.write_text(json.dumps({"data": data}), encoding="utf-8")
    return Made(folder, samples, synchronised=False)


def make_csv(folder: Path) -> Made:
    """Time in the first row of each packet only, no header."""
    samples = known_sensors(rate_hz=RATE_HZ)
    for segment, one in samples.items():
        for name, word in (("ArrayAcc", "acc"), ("ArrayGyro", "gyro")):
            rows = [
                f"{packet['Timestamp'] if not i else ''},{v['x']:.6f},{v['y']:.6f},{v['z']:.6f}"
                for packet in packets(one)
                for i, v in enumerate(packet[name])
            ]
            path = folder / f"{SERIALS[segment]}_{word}.csv"
            path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return Made(folder, samples, synchronised=False)


def entry(kind: str, make: Callable[[Path], Made], mag_ut: float | None) -> Entry:
    return Entry(
        "movesense",
        kind,
        make,
        time_s=1e-3,
        acc_m_s2=2e-6,
        gyr_rad_s=5e-7,
        mag_ut=mag_ut,
        note="times within a packet from the rate",
    )


ENTRIES = (
    entry("JSON of the showcase app's logger (IMU9)", make_logger, 4e-6),
    entry("JSON of sbem2json (IMU9)", make_sbem, 4e-6),
    entry("JSON, acceleration and angular velocity apart", make_showcase, None),
    entry("CSV, acceleration and angular velocity apart", make_csv, None),
)
