"""Writes WitMotion recordings from known samples, as the vendor's apps of 2018 to 2025 do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from hipimu.data import FloatArray, Segment
from hipimu.units import GRAVITY_M_S2
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

START = datetime(2023, 3, 4, 21, 27, 11, 700_000)  # noqa: DTZ001 — the files say no zone
DEVICES: dict[Segment, str] = {
    "pelvis": "WT901BLE67(D0:1C:1B:3A:EE:9D)",
    "thigh_left": "WT901BLE67(C1:AA:08:9C:D1:14)",
    "thigh_right": "WT901BLE67(E9:8A:1A:DD:D5:28)",
}
Stamp = Callable[[float], str]


def iso(time_s: float) -> str:
    return (START + timedelta(seconds=time_s)).isoformat(timespec="milliseconds")


def with_blank(time_s: float) -> str:
    return iso(time_s).replace("T", " ")


def with_colon(time_s: float) -> str:
    """As the newer app writes the device's own time."""
    return with_blank(time_s).replace(".", ":")


def of_day(time_s: float) -> str:
    return iso(time_s).partition("T")[2]


@dataclass(frozen=True)
class App:
    """How one app writes."""

    head: str
    """Names of the time's and device's columns first; `{xyz}` are three columns."""
    times: Mapping[str, Stamp | None]
    """By column; None: ``null``."""
    device: str | None
    digits: int
    separator: str = "\t"
    decimal: str = "."
    encoding: str = "utf-8"
    above: str = ""
    end: str = ""


MINI_IMU = App(
    head="Time(s),ChipTime,a{xyz}(g),w{xyz}(deg/s),Angle{xyz}(deg),T(°)",
    times={"Time(s)": with_blank, "ChipTime": with_blank},
    device=None,
    digits=4,
    above="StartTime: 2023-03-04 21:27:11.700\n",
    end="\t",
)
WITMOTION_2021 = App(
    head="time,DeviceName,ChipTime(),Acc{xyz}(g),As{xyz}(°/s),Angle{xyz}(°),H{xyz}(uT)",
    times={"time": iso, "ChipTime()": None},
    device="DeviceName",
    digits=3,
)
WITMOTION_2024 = App(
    head="Time,Device name,Chip Time(),Acceleration {xyz}(g),Angular velocity {xyz}(°/s),"
    "ShiftX(mm),SpeedY(mm/s),SpeedY(mm/s),Angle {xyz}(°)",
    times={"Time": of_day, "Chip Time()": with_colon},
    device="Device name",
    digits=3,
    decimal=",",
    encoding="gb18030",
)
CHINESE = App(
    head="时间,设备名称,加速度{xyz}(g),角速度{xyz}(°/s),角度{xyz}(°)",
    times={"时间": with_blank},
    device="设备名称",
    digits=3,
    separator=",",
)


def header_of(app: App) -> list[str]:
    parts = app.head.split(",")
    return [part.replace("{xyz}", axis) for part in parts for axis in axes_of(part)]


def axes_of(part: str) -> str:
    if "{xyz}" not in part:
        return " "
    return "xyz" if part[0] in "aw" and part[1] == "{" else "XYZ"


def rows_of(app: App, sample: Known, device: str) -> list[tuple[float, str]]:
    """Return rows and their times, for mixing devices."""
    header = header_of(app)
    lead = [name for name in header if name in app.times or name == app.device]
    values = np.column_stack(
        [
            sample.acc_m_s2 / GRAVITY_M_S2,
            np.degrees(sample.gyr_rad_s),
            np.zeros((len(sample), len(header) - len(lead) - 6)),
        ]
    )
    rows = []
    for time_s, row in zip(sample.t_s, values, strict=True):
        cells = [device if name == app.device else stamped(app, name, time_s) for name in lead]
        cells += [f"{value:.{app.digits}f}".replace(".", app.decimal) for value in row]
        rows.append((float(time_s), app.separator.join(cells) + app.end))
    return rows


def stamped(app: App, name: str, time_s: float) -> str:
    stamp = app.times[name]
    return "null" if stamp is None else stamp(time_s)


def write(path: Path, app: App, sensors: Mapping[str, Known]) -> None:
    """Write devices into one file, in the order in which their samples came."""
    rows = [row for device, sample in sensors.items() for row in rows_of(app, sample, device)]
    rows.sort(key=lambda row: row[0])
    text = app.above + "\n".join(
        [app.separator.join(header_of(app)), *(row for _, row in rows), ""]
    )
    path.write_bytes(text.encode(app.encoding))


def make(folder: Path, app: App) -> Made:
    samples = known_sensors()
    path = folder / "20230304212711.txt"
    write(path, app, {DEVICES[segment]: sample for segment, sample in samples.items()})
    return Made(path, samples, DEVICES, synchronised=False)


def make_files(folder: Path, app: App) -> Made:
    samples = known_sensors()
    for segment, sample in samples.items():
        write(folder / f"{segment}.txt", app, {"": sample})
    return Made(folder, samples, synchronised=False)


def steps(digits: int) -> tuple[float, float]:
    return 10.0**-digits * GRAVITY_M_S2, float(np.radians(10.0**-digits))


def entry(kind: str, make: Callable[[Path], Made], digits: int, note: str = "") -> Entry:
    acc, gyr = steps(digits)
    return Entry("witmotion", kind, make, 1e-3, acc, gyr, note=note)


NO_CLOCK = "devices have no common clock; magnetic field is not read"
ENTRIES = (
    entry("MiniIMU, a file a device", partial(make_files, app=MINI_IMU), 4, NO_CLOCK),
    entry("since 2021, all devices in one file", partial(make, app=WITMOTION_2021), 3, NO_CLOCK),
    entry("since 2024, decimal commas, GB 18030", partial(make, app=WITMOTION_2024), 3, NO_CLOCK),
    entry("in Chinese, commas between columns", partial(make, app=CHINESE), 3, NO_CLOCK),
)


def arrivals(count: int, rate_hz: float, seed: int) -> FloatArray:
    """Return times at which an app receives samples: four in a packet, each late as it may be."""
    random = np.random.default_rng(seed)
    packets = np.arange(0, count, 4)
    late_s = random.gamma(2.0, 0.005, len(packets))
    times = np.maximum.accumulate((packets + 3) / rate_hz + late_s)
    return np.asarray(np.round(np.repeat(times, 4)[:count], 3))
