"""OpenSim files by a strict reader of our own; what OpenSim says of them is in tests/truth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hipimu.data import Flag, FloatArray, Segment
from hipimu.errors import RecordingError
from hipimu.export.formats.opensim import COORDINATES, HIP
from hipimu.export.formats.registry import convert, writer_for
from hipimu.pipeline.motion3d import Motion3d
from tests.unit.export.formats.motions import (
    FORWARD,
    RATE_HZ,
    RIGHT,
    UP,
    conversion_of,
    motion_with,
    turned,
)

SWING_HZ = 1.4
T_S = np.arange(800) / RATE_HZ
SWING_RAD = np.radians(10.0) * np.sin(2.0 * np.pi * SWING_HZ * T_S)
INSIDE = slice(250, -250)
"""Where the window of the heading does not reach the ends."""

MOVES = (
    ("the pelvis tips back", "pelvis", UP, -FORWARD, "pelvis_tilt"),
    ("the pelvis's right side drops", "pelvis", RIGHT, -UP, "pelvis_list"),
    ("the pelvis turns left", "pelvis", FORWARD, -RIGHT, "pelvis_rotation"),
    ("the right knee comes forward", "thigh_right", -UP, FORWARD, "hip_flexion_r"),
    ("the left knee comes forward", "thigh_left", -UP, FORWARD, "hip_flexion_l"),
    ("the right knee moves inwards", "thigh_right", -UP, -RIGHT, "hip_adduction_r"),
    ("the left knee moves inwards", "thigh_left", -UP, RIGHT, "hip_adduction_l"),
    ("the right kneecap turns inwards", "thigh_right", FORWARD, -RIGHT, "hip_rotation_r"),
    ("the left kneecap turns inwards", "thigh_left", FORWARD, RIGHT, "hip_rotation_l"),
)
"""Positive signs of the gait models, as movements."""


@dataclass(frozen=True)
class Table:
    header: dict[str, str]
    names: list[str]
    rows: FloatArray


def read(path: Path) -> Table:
    """Read strictly: no blank lines, no missing values, as many rows and columns as are told."""
    text = path.read_bytes().decode("utf-8")
    head, _, rest = text.partition("endheader\n")
    title, *lines = head.splitlines() if path.suffix == ".mot" else ["", *head.splitlines()]
    assert "=" not in title
    header = dict(line.split("=") for line in lines)
    names, *rows = rest.removesuffix("\n").split("\n")
    cells = [re.split(r"[\t,]", row) for row in rows]
    for row in rows:
        assert len(row.split("\t")) == len(names.split("\t"))
        assert re.fullmatch(r"[-0-9.,\t]+", row)
    table = Table(header, names.split("\t"), np.array(cells, dtype=np.float64))
    if path.suffix == ".mot":
        assert int(header["nRows"]) == len(table.rows)
        assert int(header["nColumns"]) == len(table.names) == table.rows.shape[1]
    assert (np.diff(table.rows[:, 0]) > 0.0).all()
    return table


def written(motion: Motion3d, path: Path, said: list[str] | None = None) -> Table:
    convert(conversion_of(motion, said), path, writer_for(path))
    return read(path)


@pytest.mark.parametrize(
    ("segment", "what", "towards", "coordinate"), [m[1:] for m in MOVES], ids=[m[0] for m in MOVES]
)
def test_signs(
    segment: Segment, what: FloatArray, towards: FloatArray, coordinate: str, tmp_path: Path
) -> None:
    """Each movement alone, by a runner who faces anywhere: one coordinate, and the right way."""
    turn = turned(what, towards, SWING_RAD)
    everything: tuple[Segment, ...] = ("pelvis", "thigh_left", "thigh_right")
    moved = dict.fromkeys(everything if segment == "pelvis" else (segment,), turn)
    table = written(motion_with(moved, heading_rad=2.0), tmp_path / "run.mot")
    assert len(table.names) == 10
    for name, values in zip(table.names[1:], table.rows.T[1:], strict=True):
        expected = np.degrees(SWING_RAD) if name == coordinate else 0.0 * SWING_RAD
        np.testing.assert_allclose(values[INSIDE], expected[INSIDE], atol=0.1, err_msg=name)


def test_header_of_angles(tmp_path: Path) -> None:
    table = written(motion_with({"pelvis": turned(UP, FORWARD, SWING_RAD)}), tmp_path / "run.mot")
    assert table.header["inDegrees"] == "yes"
    assert table.names[0] == "time"
    assert table.rows[0, 0] == 5.0


def test_orientations_of_a_runner_who_stands(tmp_path: Path) -> None:
    still = turned(UP, FORWARD, 0.0 * SWING_RAD)
    table = written(motion_with({"pelvis": still}, heading_rad=-2.5), tmp_path / "run.sto")
    assert table.header == {
        "DataRate": "100.000000",
        "DataType": "Quaternion",
        "version": "3",
        "OpenSimVersion": "4.5",
    }
    assert table.names == ["time", "pelvis_imu", "femur_r_imu", "femur_l_imu"]
    np.testing.assert_allclose(table.rows[:, 1:], [[1, 0, 0, 0] * 3] * len(T_S), atol=1e-9)
    placement = read(tmp_path / "run_placement.sto")
    assert placement.names == table.names
    assert placement.rows.tolist() == [[0.0] + [1.0, 0.0, 0.0, 0.0] * 3]


def test_orientations_turn_about_the_grounds_axes(tmp_path: Path) -> None:
    """A knee that comes forward turns about z, which points right; no row jumps to −q."""
    motion = motion_with({"thigh_right": turned(-UP, FORWARD, 40.0 * SWING_RAD)})
    rows = written(motion, tmp_path / "run.sto").rows
    femur = rows[:, 5:9]
    np.testing.assert_allclose(femur[:, 1:3], 0.0, atol=1e-9)
    half = 20.0 * SWING_RAD
    np.testing.assert_allclose(femur[:, 0], np.cos(half), atol=1e-8)
    np.testing.assert_allclose(femur[:, 3], np.sin(half), atol=1e-8)


def test_a_bend_is_taken_out(tmp_path: Path) -> None:
    """All segments turn left by a full circle in eight seconds, as nobody runs."""
    bend = turned(FORWARD, -RIGHT, 2.0 * np.pi * T_S / 8.0)
    motion = motion_with(dict.fromkeys(("pelvis", "thigh_left", "thigh_right"), bend))
    table = written(motion, tmp_path / "run.mot")
    np.testing.assert_allclose(table.rows[INSIDE, 1:], 0.0, atol=1e-3)


def with_gap(segment: Segment, start: int, stop: int) -> Motion3d:
    motion = motion_with({segment: turned(-UP, FORWARD, SWING_RAD)})
    motion.segments.flags[segment][start:stop] = Flag.GAP
    return motion


@pytest.mark.parametrize("name", ["run.sto", "run.mot"])
def test_gaps_are_left_out_and_said(name: str, tmp_path: Path) -> None:
    said: list[str] = []
    table = written(with_gap("thigh_left", 300, 400), tmp_path / name, said)
    expected = 5.0 + np.delete(T_S, slice(300, 400))
    np.testing.assert_allclose(table.rows[:, 0], expected, atol=1e-6)
    assert said == ["1.0 s in one gap are left out: OpenSim cannot mark them."]


def test_flags_that_are_no_gaps_stay(tmp_path: Path) -> None:
    motion = with_gap("thigh_left", 0, 0)
    motion.segments.flags["pelvis"][:] = Flag.CLIPPED | Flag.BRIDGED
    assert len(written(motion, tmp_path / "run.mot").rows) == len(T_S)


@pytest.mark.parametrize("name", ["run.sto", "run.mot"])
def test_a_thigh_that_was_hardly_there_does_not_take_the_other_along(
    name: str, tmp_path: Path
) -> None:
    said: list[str] = []
    table = written(with_gap("thigh_left", 200, 800), tmp_path / name, said)
    assert len(table.rows) == len(T_S)
    assert not [column for column in table.names if column.endswith(("_l", "_l_imu"))]
    assert said == ["thigh_left has samples for 25% of the time and is left out."]


@pytest.mark.parametrize("name", ["run.sto", "run.mot"])
def test_one_thigh_is_enough(name: str, tmp_path: Path) -> None:
    motion = motion_with(
        {"pelvis": turned(UP, FORWARD, SWING_RAD)}, segments=("pelvis", "thigh_left")
    )
    expected = {
        "run.sto": ["pelvis_imu", "femur_l_imu"],
        "run.mot": [*COORDINATES, *(f"{angle}_l" for angle in HIP)],
    }
    assert written(motion, tmp_path / name).names == ["time", *expected[name]]


@pytest.mark.parametrize("name", ["run.sto", "run.mot"])
def test_nothing_known(name: str, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no moment is known"):
        written(with_gap("pelvis", 0, 800), tmp_path / name)
    assert list(tmp_path.iterdir()) == []
