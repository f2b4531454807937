"""Writes Opal recordings from known samples."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from hipimu.data import Segment
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

LABELS: dict[Segment, str] = {
    "pelvis": "Lumbar",
    "thigh_left": "Left Upper Leg",
    "thigh_right": "Right Upper Leg",
}
START_US = 1_715_247_000_250_000


def write(path: Path, samples: dict[Segment, Known], *, version: int = 5) -> None:
    """Write all sensors as a version does."""
    with h5py.File(path, "w") as file:
        file.attrs["FileFormatVersion"] = version
        if version >= 4:
            _write_sensors(file, samples)
            return
        names = [f"SI-00073{number}" for number in range(len(samples))]
        lists = {"CaseIdList": names, "MonitorLabelList": [LABELS[own] for own in samples]}
        for name, texts in lists.items():
            values = np.array([text.ljust(20, "\0").encode() for text in texts], dtype="S20")
            if version == 3:
                file.attrs[name] = values
            else:
                file[name] = values
        kinds = ("Accelerometers", "Gyroscopes", "Magnetometers")
        for name, one in zip(names, samples.values(), strict=True):
            for kind, values in zip(kinds, _arrays(one), strict=True):
                file[f"{name}/Calibrated/{kind}"] = values
            file[f"{name}/Time"] = _times(one)


def _write_sensors(file: h5py.File, samples: dict[Segment, Known]) -> None:
    for number, (segment, one) in enumerate(samples.items()):
        group = file.create_group(f"Sensors/{4210 + number}")
        about = group.create_group("Configuration")
        about.attrs["Label 0"] = np.bytes_(LABELS[segment].ljust(32, "\0"))
        about.attrs["Sample Rate"] = 128.0
        for kind, values in zip(
            ("Accelerometer", "Gyroscope", "Magnetometer"), _arrays(one), strict=True
        ):
            group.create_dataset(kind, data=values, chunks=True, compression="gzip")
        group["Time"] = _times(one)


def _arrays(one: Known) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float32]], ...]:
    parts = (one.acc_m_s2, one.gyr_rad_s, one.mag_ut)
    return tuple(part.astype(np.float32) for part in parts)


def _times(one: Known) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    return (START_US + np.rint(1e6 * one.t_s)).astype(np.uint64)


def make(folder: Path, version: int) -> Made:
    samples = known_sensors(rate_hz=128.0)
    write(folder / "20240509-113000_Run.h5", samples, version=version)
    return Made(folder / "20240509-113000_Run.h5", samples)


def make_5(folder: Path) -> Made:
    return make(folder, 5)


def make_3(folder: Path) -> Made:
    return make(folder, 3)


def make_2(folder: Path) -> Made:
    return make(folder, 2)


ENTRIES = tuple(
    Entry(
        "apdm-h5",
        kind,
        make,
        time_s=1e-6,
        acc_m_s2=1e-6,
        gyr_rad_s=5e-7,
        mag_ut=4e-6,
        note="numbers in single precision",
    )
    for kind, make in (("version 4 and 5", make_5), ("version 3", make_3), ("version 2", make_2))
)
