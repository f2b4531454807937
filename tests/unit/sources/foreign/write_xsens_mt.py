"""Writes MT Manager exports from known samples, as its versions of 2013 to 2022 do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from hipimu.data import FloatArray, Segment
from hipimu.maths.quaternion import from_vector
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors
from tests.unit.sources.foreign.write_movella_dot import euler_deg

RATE_HZ = 100.0
FIRST = 65_500
"""The counter wraps after 36 samples."""
DEVICES: dict[Segment, str] = {
    "pelvis": "00B421E6",
    "thigh_left": "00B421ED",
    "thigh_right": "00B421EE",
}
LATER_S: dict[Segment, float] = {"pelvis": 0.0, "thigh_left": 0.03, "thigh_right": 0.5}
HEAD = (
    "// Start Time: Unknown\n// Update Rate: 100.0Hz\n// Filter Profile: human (46.1)\n"
    "// Option Flags: AHS Disabled ICC Disabled \n// Firmware Version: 4.0.2\n"
)
HEAD_2013 = (
    "// Start Time: 0\n// Sample rate: 100.0Hz\n// Scenario: 4.9\n// Firmware Version: 2.5.1\n"
)
HEAD_2020 = (
    "// General information: \n//  MT Manager version: 2022.2.0 \n//  XDA version: 2022.2.0\n"
    "// Device information: \n//  DeviceId: {device}\n//  ProductCode: MTi-630-8A1G6\n"
    "//  Firmware Version: 1.5.0\n//  Hardware Version: 2.0\n// Device settings: \n"
    "//  Filter Profile: Responsive(10.1)\n//  Option Flags: AHS Disabled\n"
    "// Coordinate system: ENU\n"
)
XYZ = "XYZ"


def quantities(sample: Known) -> dict[str, tuple[list[str], FloatArray]]:
    """Return what an export may hold, by name: its columns and values."""
    matrix = Rotation.from_quat(np.roll(sample.quat_wxyz, -1, axis=1)).as_matrix()
    by_column = [f"Mat[{row}][{column}]" for column in (1, 2, 3) for row in (1, 2, 3)]
    step = from_vector(sample.gyr_rad_s / RATE_HZ)
    return {
        "Acc": ([f"Acc_{a}" for a in XYZ], sample.acc_m_s2),
        "FreeAcc": (["FreeAcc_E", "FreeAcc_N", "FreeAcc_U"], sample.free_acc_m_s2),
        "Gyr": ([f"Gyr_{a}" for a in XYZ], sample.gyr_rad_s),
        "GyrDeg": ([f"Gyr_{a}" for a in XYZ], np.degrees(sample.gyr_rad_s)),
        "Mag": ([f"Mag_{a}" for a in XYZ], sample.mag_ut / 45.0),
        "VelInc": ([f"VelInc_{a}" for a in XYZ], sample.acc_m_s2 / RATE_HZ),
        "OriInc": ([f"OriInc_q{i}" for i in range(4)], step),
        "Quat": ([f"Quat_q{i}" for i in range(4)], -sample.quat_wxyz),
        "Quat_w": ([f"Quat_{a}" for a in "wxyz"], sample.quat_wxyz),
        "Mat": (by_column, matrix.transpose(0, 2, 1).reshape(-1, 9)),
        "Euler": (["Roll", "Pitch", "Yaw"], euler_deg(sample)),
    }


def write(
    path: Path,
    sample: Known,
    names: Sequence[str],
    *,
    head: str = HEAD,
    separator: str = "\t",
    counter: str = "PacketCounter",
    fine: bool = False,
    end: str = "",
) -> None:
    """Write one tracker; `fine` fills ``SampleTimeFine`` in."""
    parts = [quantities(sample)[name] for name in names]
    columns = [name for own, _ in parts for name in own]
    rows = [separator.join([counter, "SampleTimeFine", "UTC_Valid", *columns])]
    values = np.column_stack([value for _, value in parts])
    for t_s, row in zip(sample.t_s, values, strict=True):
        number = (FIRST + round(t_s * RATE_HZ)) % 65_536
        time = f"{1000 + round(1e4 * t_s)}" if fine else ""
        numbers = [f"{value:.6f}" for value in row]
        rows.append(separator.join([f"{number:05d}", time, "", *numbers]) + end)
    path.write_text(head + "\n".join([*rows, ""]), encoding="utf-8")


def make(
    folder: Path,
    names: str,
    *,
    head: str = HEAD,
    separator: str = "\t",
    counter: str = "PacketCounter",
    fine: bool = False,
    end: str = "",
) -> Made:
    samples = {s: k.later(LATER_S[s]) for s, k in known_sensors(rate_hz=RATE_HZ).items()}
    for segment, sample in samples.items():
        device = DEVICES[segment]
        write(
            folder / f"MT_012005D6_009-001_{device}.txt",
            sample,
            names.split(),
            head=head.replace("{device}", device),
            separator=separator,
            counter=counter,
            fine=fine,
            end=end,
        )
    turns = not {"Gyr", "GyrDeg", "OriInc"} & set(names.split())
    expected = {s: k.part(1) if turns else k for s, k in samples.items()}
    return Made(folder, expected, DEVICES)


OLD = "tracker recordings of MT Manager 3 (package scikit-kinematics, BSD)"
ENTRIES = (
    Entry(
        "xsens-mt",
        "up to MT Manager 4.6",
        partial(make, names="Acc Gyr Mag Mat"),
        time_s=1e-9,
        acc_m_s2=1e-6,
        gyr_rad_s=1e-6,
        note="magnetic field is not in µT, and is not read",
    ),
    Entry(
        "xsens-mt",
        "MT Manager 3",
        partial(make, names="Acc Gyr Mag Quat_w", head=HEAD_2013, counter="Counter", end="\t"),
        time_s=1e-9,
        acc_m_s2=1e-6,
        gyr_rad_s=1e-6,
        real=OLD,
    ),
    Entry(
        "xsens-mt",
        "MT Manager 2019 and later, commas",
        partial(make, names="Acc Gyr Quat", head=HEAD_2020, separator=",", fine=True),
        time_s=1e-9,
        acc_m_s2=1e-6,
        gyr_rad_s=1e-6,
        note="the rate is not in the file: told by the times, or to be added",
    ),
    Entry(
        "xsens-mt",
        "angular velocity in deg/s",
        partial(make, names="Acc GyrDeg Quat"),
        time_s=1e-9,
        acc_m_s2=1e-6,
        gyr_rad_s=2e-8,
        note="the unit is told by how the orientation turns",
    ),
    Entry(
        "xsens-mt",
        "increments of velocity and orientation",
        partial(make, names="VelInc OriInc Mag"),
        time_s=1e-9,
        acc_m_s2=1e-4,
        gyr_rad_s=3e-4,
    ),
    Entry(
        "xsens-mt",
        "acceleration and orientation",
        partial(make, names="Acc Mat"),
        time_s=1e-9,
        acc_m_s2=1e-6,
        gyr_rad_s=8e-4,
        note="angular velocity from how the orientation turns",
    ),
    Entry(
        "xsens-mt",
        "free acceleration and orientation",
        partial(make, names="FreeAcc Euler", separator=";"),
        time_s=1e-9,
        acc_m_s2=1e-5,
        gyr_rad_s=1e-5,
        note="acceleration from free acceleration, angular velocity from how the orientation turns",
    ),
)
