"""Writes Movella DOT exports from known samples, in every measurement mode that can be used."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from hipimu.data import FloatArray, Segment
from hipimu.maths.quaternion import from_vector
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

TAGS: Mapping[Segment, str] = {
    "pelvis": "Pelvis",
    "thigh_left": "Left Thigh",
    "thigh_right": "Right Thigh",
}
RATE_HZ = 100.0
FIRST_US = 1_000_000
LATER_S = 0.02
"""The second sensor starts so much later."""
HEAD = (
    "sep=,\nDeviceTag:,{tag}\nFirmwareVersion:,3.0.0\nAppVersion:,2023.6.0\nSyncStatus:,Synced\n"
    "OutputRate:,100Hz\nFilterProfile:,General\nMeasurement Mode:,{mode}\n"
    "StartTime: ,2024-12-09_17:31:07_886 CET\n© Movella Technologies B. V. 2005-2024\n\n"
)
OF_MEMORY = (
    "sep=,\nDeviceTag:,{tag}\nFirmwareVersion:,1.6.0\nAppVersion:,2021.0\n"
    "StartTime: ,2021-08-30_17:05:05_000 GMT+8\n© Xsens Technologies B. V. 2005-2021\n\n"
)
Columns = dict[str, FloatArray]


def euler_deg(sample: Known) -> FloatArray:
    rotation = Rotation.from_quat(np.roll(sample.quat_wxyz, -1, axis=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at the pole one of many equal triples is as good as any
        return np.asarray(rotation.as_euler("xyz", degrees=True))


def quantities(sample: Known) -> Columns:
    """Return everything that an export may hold, by the name of its first column."""
    return {
        "Acc_X,Acc_Y,Acc_Z": sample.acc_m_s2,
        "Gyr_X,Gyr_Y,Gyr_Z": np.degrees(sample.gyr_rad_s),
        "dv[1],dv[2],dv[3]": sample.acc_m_s2 / RATE_HZ,
        "dq_W,dq_X,dq_Y,dq_Z": from_vector(sample.gyr_rad_s / RATE_HZ),
        "Quat_W,Quat_X,Quat_Y,Quat_Z": -sample.quat_wxyz,
        "Euler_X,Euler_Y,Euler_Z": euler_deg(sample),
        "FreeAcc_X,FreeAcc_Y,FreeAcc_Z": sample.free_acc_m_s2,
        "Mag_X,Mag_Y,Mag_Z": sample.mag_ut / 40.0,
        "Status": np.zeros((len(sample), 1)),
    }


def write(
    path: Path,
    tag: str,
    sample: Known,
    names: str,
    *,
    mode: str = "any",
    head: str = HEAD,
    separator: str = ",",
    end: str = "",
) -> None:
    """Write one sensor; `names` are first names of columns, as ``Acc Gyr``."""
    parts = [(key, value) for key, value in quantities(sample).items() if wanted(key, names)]
    columns = ",".join(["PacketCounter", "SampleTimeFine", *(key for key, _ in parts)])
    values = np.column_stack([value for _, value in parts])
    rows = [columns + end.strip(" ")]
    for i, (t_s, row) in enumerate(zip(sample.t_s, values, strict=True)):
        time_us = (FIRST_US + round(1e6 * t_s)) % 2**32
        rows.append(f"{i},{time_us}," + ",".join(f"{value:.6f}" for value in row) + end)
    text = head.format(tag=tag, mode=mode) + "\n".join([*rows, ""])
    path.write_text(text.replace(",", separator), encoding="utf-8")


def wanted(columns: str, names: str) -> bool:
    return columns.partition("_")[0].partition("[")[0] in names.split()


def make(
    folder: Path,
    names: str,
    mode: str,
    head: str = HEAD,
    change: Callable[[Path], None] | None = None,
) -> Made:
    turns = not {"Gyr", "dq"} & set(names.split())
    samples = known_sensors(rate_hz=RATE_HZ)
    samples["thigh_left"] = samples["thigh_left"].later(LATER_S)
    for number, (segment, sample) in enumerate(samples.items()):
        path = folder / f"D{number}.csv"
        write(path, TAGS[segment], sample, names, mode=mode, head=head)
        if change is not None:
            change(path)
    # Angular velocity follows from orientations from the second sample on.
    return Made(folder, {s: k.part(1) if turns else k for s, k in samples.items()})


def with_row_of_zeros(path: Path) -> None:
    """Begin with a row without measurements, as exported recordings do."""
    before, mark, after = path.read_text(encoding="utf-8").rpartition("Gyr_Z\n")
    first = int(after.split(",")[1])
    zeros = ",".join(["0.000000"] * 6)
    path.write_text(f"{before}{mark}0,{first - 10_000},{zeros}\n{after}", encoding="utf-8")


def entry(
    kind: str,
    names: str,
    mode: str,
    *,
    steps: tuple[float, float],
    note: str = "",
    real: str | None = None,
    head: str = HEAD,
    change: Callable[[Path], None] | None = None,
) -> Entry:
    acc, gyr = steps
    return Entry(
        "movella-dot",
        kind,
        partial(make, names=names, mode=mode, head=head, change=change),
        time_s=1e-6,
        acc_m_s2=acc,
        gyr_rad_s=gyr,
        note=note,
        real=real,
    )


TURNED = "acceleration from free acceleration, angular velocity from how the orientation turns"
REAL = "exports of firmware 3.0.0 (examples of the package imt)"
ENTRIES = (
    entry(
        "inertial data, rate quantities; custom mode 5",
        "Acc Gyr Mag",
        "Inertial data Mode - Rate Quantities(with mag)",
        steps=(1e-6, 2e-8),
        note="magnetic field is not in µT, and is not read",
        real=REAL,
    ),
    entry(
        "inertial data, delta quantities; high fidelity; custom mode 4",
        "dq dv Mag Status",
        "Inertial data Mode - High Fidelity(with mag)",
        steps=(1e-4, 3e-4),
        note="acceleration and angular velocity are means over a sample",
    ),
    entry(
        "sensor fusion, extended or complete (quaternion)",
        "Quat FreeAcc Status",
        "Sensor fusion Mode - Extended(Quaternion)",
        steps=(4e-5, 6e-4),
        note=TURNED,
    ),
    entry(
        "sensor fusion, extended or complete (Euler); custom mode 2",
        "Euler FreeAcc Mag",
        "Custom Mode 2",
        steps=(1e-5, 1e-5),
        note=TURNED,
    ),
    entry(
        "custom mode 1",
        "Euler FreeAcc Gyr",
        "Custom Mode 1",
        steps=(1e-5, 2e-8),
        note="acceleration from free acceleration and orientation",
    ),
    entry(
        "recording exported from a sensor's memory",
        "Acc Gyr",
        "",
        steps=(1e-6, 2e-8),
        note="the sensors count as synchronised where their clocks agree",
        head=OF_MEMORY,
        change=with_row_of_zeros,
    ),
)
