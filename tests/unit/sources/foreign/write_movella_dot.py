"""Writes Movella DOT exports from known samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

TAGS = {"pelvis": "Pelvis", "thigh_left": "Left Thigh", "thigh_right": "Right Thigh"}
HEAD = (
    "sep=,\nDeviceTag:,{tag}\nFirmwareVersion:,3.0.0\nSyncStatus:,Synced\nOutputRate:,100Hz\n"
    "Measurement Mode:,{mode}\nStartTime: ,2024-12-09_17:31:07_886 CET\n\n"
)
FIRST_US = 1_000_000


def write(path: Path, tag: str, sample: Known) -> None:
    """Write one sensor's rate quantities."""
    names = [f"{kind}_{axis}" for kind in ("Acc", "Gyr") for axis in "XYZ"]
    rows = ["PacketCounter,SampleTimeFine," + ",".join(names)]
    values = np.column_stack([sample.acc_m_s2, np.degrees(sample.gyr_rad_s)])
    for i, (t_s, row) in enumerate(zip(sample.t_s, values, strict=True)):
        time_us = FIRST_US + round(1e6 * t_s)
        rows.append(f"{i},{time_us}," + ",".join(f"{value:.6f}" for value in row))
    head = HEAD.format(tag=tag, mode="Inertial data Mode - Rate Quantities")
    path.write_text(head + "\n".join([*rows, ""]), encoding="utf-8")


def make_rates(folder: Path) -> Made:
    samples = known_sensors()
    for number, (segment, sample) in enumerate(samples.items()):
        write(folder / f"D{number}.csv", TAGS[segment], sample)
    return Made(folder, samples)


ENTRIES = (
    Entry(
        "movella-dot",
        "inertial data, rate quantities",
        make_rates,
        time_s=1e-6,
        acc_m_s2=1e-6,
        gyr_rad_s=2e-8,
        real="exports of firmware 3.0.0 (examples of the package imt)",
    ),
)
