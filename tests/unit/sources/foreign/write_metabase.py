"""Writes MetaBase exports from known samples, as the vendor's apps do."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from hipimu.data import FloatArray, Segment
from hipimu.maths.quaternion import conjugate, rotate
from hipimu.units import GRAVITY_M_S2
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

DEVICES: dict[Segment, tuple[str, str]] = {
    "pelvis": ("Pelvis", "C42732BE255C"),
    "thigh_left": ("LeftThigh", "D1A51E8F3B02"),
    "thigh_right": ("RThigh", "E06C0FA97711"),
}
FIRST_MS = 1_547_219_408_270
IOS = "epoc (ms),timestamp (+0100),elapsed (s),"
ANDROID = "epoch (ms),time (01:00),elapsed (s),"
G = "x-axis (g),y-axis (g),z-axis (g)"
DEG_S = "x-axis (deg/s),y-axis (deg/s),z-axis (deg/s)"
NUMBER = "w (number),x (number),y (number), z (number)"


def name_of(device: tuple[str, str], quantity: str, rate_hz: float) -> str:
    name, address = device
    return f"run_{name}_2019-01-11T16.10.08.270_{address}_{quantity}_{rate_hz:.3f}Hz_1.4.4.csv"


def write(path: Path, t_s: FloatArray, values: FloatArray, columns: str, root: str = IOS) -> None:
    """Write one quantity of one device."""
    rows = [root + columns]
    for time_s, row in zip(t_s, values, strict=True):
        ms = FIRST_MS + round(1e3 * time_s)
        stamp = f"2019-01-11T16:10:{time_s % 60:06.3f}"
        numbers = ",".join(f"{value:.3f}" for value in row)
        rows.append(f"{ms},{stamp},{time_s - t_s[0]:.3f},{numbers}")
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")


def write_raw(
    folder: Path, device: tuple[str, str], acc: Known, gyr: Known, root: str = IOS
) -> None:
    """Write accelerometer and gyroscope, each with times of its own."""
    for quantity, sample, values, columns in (
        ("Accelerometer", acc, acc.acc_m_s2 / GRAVITY_M_S2, G),
        ("Gyroscope", gyr, np.degrees(gyr.gyr_rad_s), DEG_S),
    ):
        rate_hz = 1.0 / float(np.median(np.diff(sample.t_s)))
        write(folder / name_of(device, quantity, rate_hz), sample.t_s, values, columns, root)


def write_fused(folder: Path, device: tuple[str, str], sample: Known, *, turned: bool) -> None:
    """Write sensor fusion; `turned`: orientations that turn the earth's axes into the sensor's."""
    down = rotate(conjugate(sample.quat_wxyz), np.array([0.0, 0.0, 1.0]))
    linear = sample.acc_m_s2 / GRAVITY_M_S2 - down
    quat = conjugate(sample.quat_wxyz) if turned else sample.quat_wxyz
    for quantity, values, columns in (
        ("LinearAcceleration", linear, G),
        ("Gravity", down, G),
        ("Quaternion", quat, NUMBER),
    ):
        write(folder / name_of(device, quantity, 100.0), sample.t_s, values, columns, ANDROID)


def make_raw(folder: Path, root: str = IOS) -> Made:
    samples = known_sensors()
    for segment, sample in samples.items():
        write_raw(folder, DEVICES[segment], sample, sample, root)
    return Made(folder, samples, synchronised=False)


def make_fused(folder: Path, *, turned: bool = False) -> Made:
    samples = known_sensors()
    for segment, sample in samples.items():
        write_fused(folder, DEVICES[segment], sample, turned=turned)
    expected = {segment: sample.part(1) for segment, sample in samples.items()}
    return Made(folder, expected, synchronised=False)


ENTRIES = (
    Entry(
        "metabase",
        "accelerometer and gyroscope",
        make_raw,
        time_s=1e-3,
        acc_m_s2=1e-3 * GRAVITY_M_S2,
        gyr_rad_s=2e-5,
        note="both on the times of the faster one, by interpolation where times differ; "
        "devices have no common clock; magnetic field is not read",
    ),
    Entry(
        "metabase",
        "sensor fusion",
        partial(make_fused, turned=True),
        time_s=1e-3,
        acc_m_s2=2e-3 * GRAVITY_M_S2,
        gyr_rad_s=0.6,
        note="angular velocity from how the orientation turns, which has three decimals",
    ),
)
