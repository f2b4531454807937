"""Writes tables that only a mapping explains, and their mapping, from known samples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from hipimu.units import GRAVITY_M_S2
from tests.unit.sources.foreign.known import Entry, Known, Made, known_sensors

FILES = """\
format = "hipimu-mapping/1"
synchronised = true

[time]
column = "t"
unit = "ms"

[acc]
columns = ["ax", "ay", "az"]
unit = "g"
rest = "+g"

[gyr]
columns = ["gx", "gy", "gz"]
unit = "deg/s"

[mag]
columns = ["mx", "my", "mz"]
unit = "gauss"

[sensors.pelvis]
file = "*back*.csv"

[sensors.thigh_left]
file = "left.csv"

[sensors.thigh_right]
file = "right.csv"
"""
ONE_TABLE = """\
format = "hipimu-mapping/1"
synchronised = true
file = "run.txt"

[table]
separator = ";"
decimal = ","
encoding = "cp1252"
header_line = 2
first_line = 4
comment = "#"

[time]
column = "Zeit"
unit = "iso"
zone = "+02:00"

[acc]
columns = ["{} aX", "{} aY", "{} aZ"]
unit = "mg"
rest = "+g"

[gyr]
columns = ["{} wX", "{} wY", "{} wZ"]
unit = "mdeg/s"

[sensors.pelvis]
name = "Hüfte"

[sensors.thigh_left]
name = "li"

[sensors.thigh_right]
name = "re"
"""
ROWS = """\
format = "hipimu-mapping/1"
synchronised = true
file = "all.tsv"
sensor_column = "node"

[table]
separator = "tab"

[time]
column = "ticks"
unit = "us"
wraps_at = 4294967296

[acc]
columns = ["a0", "a1", "a2"]
scale = 0.00048828125
unit = "g"
rest = "-g"
axes = ["-y", "x", "z"]

[gyr]
columns = ["g0", "g1", "g2"]
scale = 0.0175
unit = "deg/s"
axes = ["-y", "x", "z"]

[sensors.pelvis]
value = "A1"

[sensors.thigh_left]
value = "B2"
axes = ["z", "x", "y"]
"""
BARE = """\
format = "hipimu-mapping/1"
synchronised = false

[table]
separator = "space"
header_line = 0

[time]
unit = "sample"
rate_hz = 100.0

[acc]
columns = ["1", "2", "3"]
unit = "m/s2"
rest = "+g"

[gyr]
columns = ["4", "5", "6"]
unit = "rad/s"

[sensors.pelvis]
file = "1.asc"

[sensors.thigh_right]
file = "2.asc"
"""
ROLES = {"pelvis": "lower back 1", "thigh_left": "left", "thigh_right": "right"}
START = datetime(2024, 5, 9, 9, 30, tzinfo=UTC)


def make_files(folder: Path) -> Made:
    samples = known_sensors()
    (folder / "mapping.toml").write_text(FILES, encoding="utf-8")
    for segment, one in samples.items():
        values = np.column_stack(
            [
                1e3 * one.t_s,
                one.acc_m_s2 / GRAVITY_M_S2,
                np.degrees(one.gyr_rad_s),
                one.mag_ut / 100.0,
            ]
        )
        rows = [",".join(f"{value:.6f}" for value in row) for row in values]
        text = "\n".join(["t,ax,ay,az,gx,gy,gz,mx,my,mz", *rows, ""])
        (folder / f"{ROLES[segment]}.csv").write_text(text, encoding="utf-8")
    return Made(folder, samples)


def make_one_table(folder: Path) -> Made:
    samples = known_sensors()
    (folder / "mapping.toml").write_text(ONE_TABLE, encoding="utf-8")
    names = {"pelvis": "Hüfte", "thigh_left": "li", "thigh_right": "re"}
    header = ["Zeit"]
    header += [f"{names[own]} {kind}{axis}" for own in samples for kind in "aw" for axis in "XYZ"]
    values = [
        part
        for one in samples.values()
        for part in (1e3 * one.acc_m_s2 / GRAVITY_M_S2, 1e3 * np.degrees(one.gyr_rad_s))
    ]
    lines = ["Messung 7", ";".join(header), "Datum" + ";mg;mg;mg;mdps;mdps;mdps" * 3, "# note"]
    t_s = samples["pelvis"].t_s
    for t, row in zip(t_s, np.column_stack(values), strict=True):
        date = (START + timedelta(seconds=float(t))).replace(tzinfo=None) + timedelta(hours=2)
        cells = [f"{value:.3f}".replace(".", ",") for value in row]
        lines.append(";".join([date.isoformat(" ", "microseconds"), *cells]))
    (folder / "run.txt").write_text("\r\n".join([*lines, ""]), encoding="cp1252", newline="")
    return Made(folder, samples)


def make_rows(folder: Path) -> Made:
    samples = known_sensors()
    del samples["thigh_right"]
    (folder / "mapping.toml").write_text(ROWS, encoding="utf-8")
    lines = ["node\tticks\ta0\ta1\ta2\tg0\tg1\tg2"]
    for row in range(len(samples["pelvis"])):
        for node, one in zip(("A1", "B2", "C3"), (*samples.values(), None), strict=True):
            ticks = (2**32 - 2_000_000 + row * 10_000) % 2**32
            cells = [""] * 6 if one is None else [str(count) for count in _counts(one, row, node)]
            lines.append("\t".join([node, str(ticks), *cells]))
    (folder / "all.tsv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return Made(folder, samples)


def _counts(one: Known, row: int, node: str) -> list[int]:
    """Turn the axes back: of B2 by z, x, y; then of both by −y, x, z."""
    acc, gyr = one.acc_m_s2[row], one.gyr_rad_s[row]
    if node == "B2":
        acc, gyr = acc[[1, 2, 0]], gyr[[1, 2, 0]]
    acc, gyr = acc[[1, 0, 2]] * [1, -1, 1], gyr[[1, 0, 2]] * [1, -1, 1]
    counts = [*(-acc / GRAVITY_M_S2 * 2048.0), *(np.degrees(gyr) / 0.0175)]
    return [round(value) for value in counts]


def make_bare(folder: Path) -> Made:
    samples = known_sensors()
    del samples["thigh_left"]
    (folder / "mapping.toml").write_text(BARE, encoding="utf-8")
    for number, one in enumerate(samples.values(), start=1):
        values = np.column_stack([one.acc_m_s2, one.gyr_rad_s])
        rows = ["  " + "   ".join(f"{value: .7e}" for value in row) for row in values]
        (folder / f"{number}.asc").write_text("\n".join([*rows, ""]), encoding="utf-8")
    return Made(folder, samples, synchronised=False)


ENTRIES = (
    Entry(
        "mapping",
        "a file a sensor; ms, g, deg/s, gauss",
        make_files,
        time_s=1e-9,
        acc_m_s2=1e-6 * GRAVITY_M_S2,
        gyr_rad_s=2e-8,
        mag_ut=1e-4,
        real="recordings/isen-run in eight disguises",
    ),
    Entry(
        "mapping",
        "all sensors side by side; dates, decimal commas, mg, mdeg/s",
        make_one_table,
        time_s=1e-6,
        acc_m_s2=1e-6 * GRAVITY_M_S2,
        gyr_rad_s=2e-8,
    ),
    Entry(
        "mapping",
        "a row a sensor; counts, −g at rest, turned axes, a counter that wraps",
        make_rows,
        time_s=1e-6,
        acc_m_s2=GRAVITY_M_S2 / 2048.0,
        gyr_rad_s=float(np.radians(0.0175)),
    ),
    Entry(
        "mapping",
        "numbers without names or times",
        make_bare,
        time_s=1e-9,
        acc_m_s2=1e-6,
        gyr_rad_s=1e-6,
        note="times from the rate",
    ),
)
