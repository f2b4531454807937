"""Writes AX6 recordings from known samples, block by block as the device does."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from hipimu.data import Segment
from hipimu.units import GRAVITY_M_S2
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

START = datetime(2024, 5, 9, 11, 29, 59, 256_000)  # noqa: DTZ001 – the device knows no zone
DEVICES: dict[Segment, int] = {"pelvis": 6001, "thigh_left": 6002, "thigh_right": 6003}
ACC_CODE, GYR_CODE = 3, 2
"""±16 g and ±2000 °/s."""


def stamp(date: datetime) -> int:
    """Pack a date into 32 bits."""
    day = ((date.year - 2000) << 26) | (date.month << 22) | (date.day << 17)
    return day | (date.hour << 12) | (date.minute << 6) | date.second


def header(device: int, *, hardware: int = 0x64) -> bytes:
    head = bytearray(b"\xff" * 1024)
    struct.pack_into("<2sHBHI", head, 0, b"MD", 1020, hardware, device, 7)
    struct.pack_into("<H", head, 11, 0)
    struct.pack_into("<BB", head, 35, GYR_CODE, 10)
    return bytes(head)


def block(
    values: Sequence[Sequence[int]],
    seconds: float,
    sequence: int,
    *,
    axes: int = 0x62,
    rate: int = 100,
) -> bytes:
    """Return one block whose first sample is so many seconds after the start."""
    date = START + timedelta(seconds=seconds)
    fraction = round(date.microsecond / 1e6 * 32768) & 0x7FFF
    offset = -((fraction << 1) * rate >> 16)
    scales = (ACC_CODE << 13) | (GYR_CODE << 10) | 200
    code = {50: 9, 100: 10, 200: 11}[rate]
    raw = bytearray(512)
    head = (
        b"AX",
        508,
        0x8000 | fraction,
        7,
        sequence,
        stamp(date),
        scales,
        300,
        0,
        200,
        code,
        axes,
    )
    struct.pack_into("<2sHHIIIHHBBBBhH", raw, 0, *head, offset, len(values))
    data = np.array(values, dtype="<i2").tobytes()
    raw[30 : 30 + len(data)] = data
    words = np.frombuffer(bytes(raw), dtype="<u2").astype(np.int64)
    struct.pack_into("<H", raw, 510, -int(words.sum()) & 0xFFFF)
    return bytes(raw)


def counts(one: Known) -> list[list[int]]:
    acc = one.acc_m_s2 / GRAVITY_M_S2 * 2048.0
    gyr = np.degrees(one.gyr_rad_s) * 32768.0 / 2000.0
    rows: list[list[int]] = np.rint(np.column_stack([gyr, acc])).astype(int).tolist()
    return rows


def write(
    path: Path, one: Known, device: int, keep: Callable[[int], bool] = lambda _: True
) -> None:
    """Write a device's recording; blocks that are not kept are lost."""
    rows = counts(one)
    blocks = [
        block(rows[start : start + 40], float(one.t_s[start]), number)
        for number, start in enumerate(range(0, len(rows), 40))
        if keep(number)
    ]
    path.write_bytes(header(device) + b"".join(blocks))


def make(folder: Path) -> Made:
    samples = known_sensors()
    for segment, one in samples.items():
        write(folder / f"{segment}.cwa", one, DEVICES[segment])
    return Made(folder, samples, synchronised=False)


ENTRIES = (
    Entry(
        "axivity-cwa",
        "accelerometer and gyroscope, ±16 g, ±2000 °/s",
        make,
        time_s=1e-4,
        acc_m_s2=GRAVITY_M_S2 / 2048.0,
        gyr_rad_s=float(np.radians(2000.0 / 32768.0)),
        note="an AX3 has no gyroscope and is refused",
    ),
)
