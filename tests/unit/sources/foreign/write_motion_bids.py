"""Writes Motion-BIDS data sets as other laboratories do, from known samples."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from hipimu.data import Segment
from hipimu.units import GRAVITY_M_S2
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

POINTS: dict[Segment, str] = {
    "pelvis": "LowerBack",
    "thigh_left": "LeftThigh",
    "thigh_right": "RightThigh",
}
STEM = "sub-07_task-running"
KINDS = (("ACCEL", "acc", "g"), ("GYRO", "gyro", "deg/s"), ("MAGN", "magn", "mT"))


def write(folder: Path, samples: dict[Segment, Known], *, apart: bool = False) -> Path:
    """Write sensors as one tracking system without times, or as one each."""
    motion = folder / "sub-07" / "motion"
    motion.mkdir(parents=True)
    about = {"Name": "A study", "BIDSVersion": "1.9.0", "DatasetType": "raw"}
    (folder / "dataset_description.json").write_text(json.dumps(about), encoding="utf-8")
    sidecar = {"TaskName": "running", "SamplingFrequency": 100, "MissingValues": "n/a"}
    (folder / "task-running_motion.json").write_text(json.dumps(sidecar), encoding="utf-8")
    systems = {segment[-6:].replace("_", ""): [segment] for segment in samples} if apart else None
    scans = ["filename\tacq_time"]
    for number, (name, own) in enumerate((systems or {"imu": list(samples)}).items()):
        _save(motion / f"{STEM}_tracksys-{name}", {s: samples[s] for s in own})
        seconds = f"{number * 0.25:.3f}".rjust(6, "0") if apart else "00.000"
        scans.append(f"motion/{STEM}_tracksys-{name}_motion.tsv\t2024-05-09T09:30:{seconds}Z")
    (folder / "sub-07" / "sub-07_scans.tsv").write_text("\n".join([*scans, ""]), encoding="utf-8")
    return motion


def _save(stem: Path, samples: dict[Segment, Known]) -> None:
    rows = ["name\tcomponent\ttype\ttracked_point\tunits\tplacement"]
    columns = []
    for segment, one in samples.items():
        values = (one.acc_m_s2 / GRAVITY_M_S2, np.degrees(one.gyr_rad_s), one.mag_ut / 1e3)
        for (kind, name, unit), part in zip(KINDS, values, strict=True):
            for axis, column in zip("xyz", part.T, strict=True):
                point = POINTS[segment]
                rows.append(f"{point}_{name}_{axis}\t{axis}\t{kind}\t{point}\t{unit}\t{point}")
                columns.append(column)
        rows.append(f"{POINTS[segment]}_quat_w\tquat_w\tORNT\t{POINTS[segment]}\tn/a\tn/a")
        columns.append(one.quat_wxyz[:, 0])
    stem.with_name(f"{stem.name}_channels.tsv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    lines = ["\t".join(f"{value:.8f}" for value in row) for row in np.column_stack(columns)]
    stem.with_name(f"{stem.name}_motion.tsv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def make_together(folder: Path) -> Made:
    samples = known_sensors()
    write(folder, samples)
    return Made(folder, samples)


def make_apart(folder: Path) -> Made:
    samples = known_sensors()
    motion = write(folder, samples, apart=True)
    later = {s: one.later(0.25 * i) for i, (s, one) in enumerate(samples.items())}
    return Made(next(motion.glob("*_motion.tsv")), later)


ENTRIES = tuple(
    Entry(
        "motion-bids",
        kind,
        make,
        time_s=1e-9,
        acc_m_s2=1e-8 * GRAVITY_M_S2,
        gyr_rad_s=2e-10,
        mag_ut=1e-5,
        note="times from the rate where there is no LATENCY",
    )
    for kind, make in (
        ("one tracking system", make_together),
        ("a tracking system a sensor", make_apart),
    )
)
