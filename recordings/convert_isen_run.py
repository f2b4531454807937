"""Make ``recordings/isen-run`` from the test data of the Python package biomdp.

Get and unpack the source distribution, then run this script on it::

    pip download --no-deps --no-binary :all: biomdp==0.11.2
    tar -xzf biomdp-0.11.2.tar.gz
    python recordings/convert_isen_run.py biomdp-0.11.2

The export puts several tables side by side. Each begins with a column ``Tiempo`` and column names
repeat from table to table, so a column is found by its table's number and its name. The export's
frame is left-handed; the axes below were found by least squares against the vendor's inclination.
"""

from __future__ import annotations

import argparse
import csv
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

SENSORS = {"pelvis": "BOLTWOODITE", "thigh_left": "LEO", "thigh_right": "GASPEITE"}
ACC_TABLE, MAG_TABLE, GYR_TABLE = 5, 6, 7
ACC = (("X", -1.0), ("Z", 1.0), ("Y", -1.0))
MAG = (("Z", 1.0), ("X", 1.0), ("Y", 1.0))
UNITS = (("acc", "m_s2"), ("gyr", "rad_s"), ("mag", "ut"))
GYR = (("Alabeo", 1.0), ("Cabeceo", 1.0), ("Guiñada", 1.0))

PELVIS_TABLE, HIP_TABLE = 0, 1
ANGLES = {
    "vendor_hip_flexion_right_rad": (HIP_TABLE, "Flexo-extensión cadera derecha::Y"),
    "vendor_hip_flexion_left_rad": (HIP_TABLE, "Flexo-extensión cadera izquierda::Y"),
    "vendor_pelvis_tilt_rad": (PELVIS_TABLE, "Inclinación pelvis::Y"),
    "vendor_pelvis_obliquity_rad": (PELVIS_TABLE, "Oblicuidad pelvis::Y"),
    "vendor_pelvis_rotation_rad": (PELVIS_TABLE, "Rotación pelvis::Y"),
}

RECORDING_TOML = """\
format = "hipimu-csv/1"
synchronised = true
simulated = false
notice = "Data: biomdp 0.11.2 (test data iSen), MIT, © 2025 J. L. L. Elvira"
"""

Rows = list[list[str]]


def main() -> None:
    """Read the unpacked distribution named on the command line and write the recording."""
    parser = argparse.ArgumentParser(description="Make recordings/isen-run from biomdp 0.11.2.")
    parser.add_argument("distribution", type=Path, help="the unpacked source distribution")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "isen-run")
    arguments = parser.parse_args()
    convert(arguments.distribution, arguments.out)


def convert(distribution: Path, out: Path) -> None:
    """Write the recording folder `out` from the unpacked `distribution`."""
    data = distribution / "src" / "biomdp" / "tests" / "datasets"
    out.mkdir(parents=True, exist_ok=True)
    header, rows = read_export(data / "iSen_sensors.csv")
    for segment, sensor in SENSORS.items():
        write_sensor(out / f"{segment}.csv", sensor, header, rows)
    header, rows = read_export(data / "iSen_angles.csv")
    write_angles(out / "reference_angles.csv", header, rows)
    (out / "recording.toml").write_text(recording_toml(), encoding="utf-8")
    shutil.copyfile(distribution / "LICENSE", out / "LICENSE-biomdp.txt")


def read_export(path: Path) -> tuple[list[str], Rows]:
    """Return header and rows of one of the vendor's files."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    return header, rows


def column(header: list[str], table: int, name: str) -> int:
    """Return the index of the named column of the table with this number."""
    starts = [i for i, title in enumerate(header) if title == "Tiempo"]
    return header.index(name, starts[table])


def write_sensor(path: Path, sensor: str, header: list[str], rows: Rows) -> None:
    """Write one sensor at 200 Hz: m/s², rad/s, µT, on the export's own time."""
    time = column(header, ACC_TABLE, "Tiempo")
    acc = [(column(header, ACC_TABLE, f"{sensor} {axis}::Y"), sign) for axis, sign in ACC]
    gyr = [(column(header, GYR_TABLE, f"{sensor} {axis}::Y"), sign) for axis, sign in GYR]
    mag = [(column(header, MAG_TABLE, f"{sensor} {axis}::Y"), sign) for axis, sign in MAG]
    names = [f"{kind}_{axis}_{unit}" for kind, unit in UNITS for axis in "xyz"]

    def converted() -> Iterator[list[str]]:
        for row in rows:
            in_si = [sign * float(row[i]) for i, sign in acc]
            in_si += [sign * math.radians(float(row[i])) for i, sign in gyr]
            in_si += [sign * float(row[i]) for i, sign in mag]
            yield [row[time], *(f"{value:.6g}" for value in in_si)]

    write_table(path, ["time_s", *names], converted())


def write_angles(path: Path, header: list[str], rows: Rows) -> None:
    """Write the vendor's angles at 100 Hz, exported in degrees, in rad."""
    time = column(header, HIP_TABLE, "Tiempo")
    columns = [column(header, table, name) for table, name in ANGLES.values()]
    kept = (
        [row[time], *(f"{math.radians(float(row[i])):.6g}" for i in columns)]
        for row in rows
        if row[time]
    )
    write_table(path, ["time_s", *ANGLES], kept)


def write_table(path: Path, header: list[str], rows: Iterator[list[str]]) -> None:
    """Write a CSV file with plain line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def recording_toml() -> str:
    """Return the text of recording.toml."""
    sensors = (f'\n[sensors.{s}]\nfile = "{s}.csv"\nrate_hz = 200.0\n' for s in SENSORS)
    return RECORDING_TOML + "".join(sensors)


if __name__ == "__main__":
    main()
