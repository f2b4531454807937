"""Writes Xsens MVN files from known samples, as MVN of several versions does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from hipimu.data import FloatArray, Segment
from tests.unit.sources.foreign.known import Entry, Known, Made, known, known_sensors

LABELS: dict[Segment, str] = {
    "pelvis": "Pelvis",
    "thigh_right": "RightUpperLeg",
    "thigh_left": "LeftUpperLeg",
}
FIRST_MS = 1_542_082_631_842
POSES = ("identity", "tpose", "tpose-isb")
DOCTYPE = '<!DOCTYPE mvnx SYSTEM "http://www.xsens.com/mvn/mvnx/schema.dtd">\n'


def suit(samples: dict[Segment, Known]) -> dict[str, Known]:
    """Return the sensors in MVN's order, with one that nobody needs."""
    return {
        "Pelvis": samples["pelvis"],
        "T8": known(7),
        "RightUpperLeg": samples["thigh_right"],
        "LeftUpperLeg": samples["thigh_left"],
    }


def write(
    path: Path,
    sensors: dict[str, Known],
    elements: Sequence[str],
    *,
    rate_hz: float = 100.0,
    doctype: str = "",
    version: int = 4,
) -> None:
    """Write a file with these elements in each frame."""
    head = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}'
        f'<mvnx xmlns="http://www.xsens.com/mvn/mvnx" version="{version}">',
        '<mvn version="2019.0.0" build="Version 2018.0.0."/>',
        f'<subject label="MVN System 1" frameRate="{rate_hz:g}" segmentCount="{len(sensors)}" '
        'recDate="Tue Nov 13 05:17:11.827 2018">',
        "<comment>a &amp; b</comment>",
        labelled("segment", list(sensors)),
        labelled("sensor", list(sensors)),
        f'<frames segmentCount="{len(sensors)}" sensorCount="{len(sensors)}">',
    ]
    still = " ".join(["1.000000 0.000000 0.000000 0.000000"] * len(sensors))
    poses = [
        f'<frame time="0" index="" tc="00:00:00:00" ms="0" type="{pose}">'
        f"<orientation>{still}</orientation></frame>"
        for pose in POSES
    ]
    first = next(iter(sensors.values()))
    frames = [
        frame(list(sensors.values()), row, elements, rate_hz) for row in range(len(first.t_s))
    ]
    tail = ["</frames></subject>", '<securityCode code="x"/>', "</mvnx>", ""]
    path.write_text("\n".join([*head, *poses, *frames, *tail]), encoding="utf-8")


def labelled(name: str, labels: Sequence[str]) -> str:
    inside = "".join(f'<{name} label="{label}"><points/></{name}>' for label in labels)
    return f"<{name}s>{inside}</{name}s>"


def frame(sensors: list[Known], row: int, elements: Sequence[str], rate_hz: float) -> str:
    time_ms = 1e3 * sensors[0].t_s[row]
    inside = "\n".join(
        f"<{name}>{' '.join(numbers(of(name, sample)[row]) for sample in sensors)}</{name}>"
        for name in elements
    )
    index = round(sensors[0].t_s[row] * rate_hz)
    return (
        f'<frame time="{time_ms:.0f}" index="{index}" tc="04:17:11:50" '
        f'ms="{FIRST_MS + time_ms:.0f}" type="normal">\n{inside}\n</frame>'
    )


def of(name: str, sample: Known) -> FloatArray:
    return {
        "sensorOrientation": sample.quat_wxyz,
        "orientation": sample.quat_wxyz,
        "sensorFreeAcceleration": sample.free_acc_m_s2,
        "acceleration": sample.free_acc_m_s2,
        "sensorAcceleration": sample.acc_m_s2,
        "sensorAngularVelocity": sample.gyr_rad_s,
        "sensorMagneticField": sample.mag_ut / 45.0,
        "position": np.zeros((len(sample), 3)),
    }[name]


def numbers(values: FloatArray) -> str:
    return " ".join(f"{value:.6f}" for value in values)


def make(folder: Path, elements: str, *, version: int = 4, doctype: str = "") -> Made:
    samples = known_sensors(seconds=4.0)
    path = folder / "run.mvnx"
    write(path, suit(samples), elements.split(), version=version, doctype=doctype)
    measured = "sensorAngularVelocity" in elements
    return Made(path, {s: k if measured else k.part(1) for s, k in samples.items()})


SENSORS = "orientation position sensorFreeAcceleration sensorMagneticField sensorOrientation"
OLD = "orientation sensorAcceleration sensorAngularVelocity sensorMagneticField sensorOrientation"
SEGMENTS = "orientation position acceleration"
ENTRIES = (
    Entry(
        "xsens-mvnx",
        "version 4, sensor data",
        partial(make, elements=SENSORS),
        time_s=1e-9,
        acc_m_s2=4e-5,
        gyr_rad_s=6e-4,
        note="acceleration from free acceleration, angular velocity from how the orientation turns",
    ),
    Entry(
        "xsens-mvnx",
        "up to version 3, sensor data",
        partial(make, elements=OLD, version=3, doctype=DOCTYPE),
        time_s=1e-9,
        acc_m_s2=1e-6,
        gyr_rad_s=1e-6,
    ),
    Entry(
        "xsens-mvnx",
        "without sensor data",
        partial(make, elements=SEGMENTS),
        time_s=1e-9,
        acc_m_s2=4e-5,
        gyr_rad_s=6e-4,
        note="segments instead of sensors; both quantities computed",
    ),
)
