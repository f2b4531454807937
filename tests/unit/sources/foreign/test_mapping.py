"""Tables told by a mapping: what it may say, what it may not, and errors that name the line."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from hipimu.sources.mapping.guess.propose import propose
from hipimu.sources.mapping.model import matrix_of
from hipimu.units import GRAVITY_M_S2
from tests.unit.sources.conftest import proper, samples_of
from tests.unit.sources.foreign.known import Made
from tests.unit.sources.foreign.spoil import read, spoilt
from tests.unit.sources.foreign.write_mapping import (
    make_bare,
    make_files,
    make_one_table,
    make_rows,
)


def refused(path: Path, *parts: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        list(open_recording(path).blocks())
    return proper(caught.value, *parts)


def edit(folder: Path, old: str, new: str, name: str = "mapping.toml") -> None:
    path = folder / name
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))


def test_one_of_the_files_opens_all(tmp_path: Path) -> None:
    make_files(tmp_path)
    for name in ("mapping.toml", "left.csv", "lower back 1.csv"):
        assert len(open_recording(tmp_path / name).segments) == 3


def test_a_mapping_is_asked_before_all_that_recognise_files(tmp_path: Path) -> None:
    make_files(tmp_path)
    for path in tmp_path.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        text = text.replace(
            "t,ax,ay,az,gx,gy,gz", "SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z"
        )
        path.write_text(text, encoding="utf-8")
    edit(tmp_path, 'column = "t"', 'column = "SampleTimeFine"')
    edit(tmp_path, '"ax", "ay", "az"', '"Acc_X", "Acc_Y", "Acc_Z"')
    edit(tmp_path, '"gx", "gy", "gz"', '"Gyr_X", "Gyr_Y", "Gyr_Z"')
    assert open_recording(tmp_path).files[0].path.name == "lower back 1.csv"


def test_files_beside_that_the_mapping_does_not_name_are_left_alone(tmp_path: Path) -> None:
    make_files(tmp_path)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert len(open_recording(tmp_path).segments) == 3


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('unit = "g"', 'unit = "G"', ("acc.unit", "'m/s2'")),
        ('rest = "+g"\n', "", ("lacks acc.rest", 'rest = "+g"')),
        ('rest = "+g"', 'rest = "removed"', ("which way is up", "raw acceleration")),
        ('unit = "ms"', 'unit = "minutes"', ("time.unit",)),
        ('unit = "ms"', 'unit = "sample"', ("rate_hz has to be there",)),
        ('unit = "ms"', 'unit = "iso"\nwraps_at = 10.0', ("wrap",)),
        ('"ax", "ay"', '"ax", "nowhere"', ("no column 'nowhere'", "t, ax, ay")),
        ("*back*", "*bac?k*", ("no file fits",)),
        ("*back*", "*", ("3 files fit",)),
        ("left.csv", "../left.csv", ("leads out",)),
        ("left.csv", "gone.csv", ("no file 'gone.csv'", "mapping.toml")),
        ('file = "left.csv"', 'file = "left.csv"\nvalue = "A"', ("sensor_column",)),
        ('file = "left.csv"', "", ("Give sensors.thigh_left its file",)),
        ("right.csv", "left.csv", ("Two sensors have the same",)),
        ("[mag]", 'axes = ["y", "x", "z"]\n\n[mag]', ("gyr.axes", "left-handed")),
        ("[mag]", 'axes = ["x", "x", "z"]\n\n[mag]', ("of x, y and z has to be there once",)),
        ("[mag]", 'axes = ["x", "y"]\n\n[mag]', ("gyr.axes",)),
        ("[mag]", "colour = 1\n\n[mag]", ("gyr.colour", "columns, scale, axes, unit")),
        ("hipimu-mapping/1", "hipimu-mapping/9", ("hipimu-mapping/9", "hipimu-mapping/1")),
        ("[sensors.pelvis]", "[sensors.chest]", ("sensors.chest",)),
        ("[time]", "[time", ("line 4", "TOML")),
    ],
)
def test_what_a_mapping_may_not_say(
    tmp_path: Path, old: str, new: str, parts: tuple[str, ...]
) -> None:
    make_files(tmp_path)
    edit(tmp_path, old, new)
    refused(tmp_path, *parts)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("\n20.0", "\nsoon,20.0", ("left.csv, line 4", "11 values where 10 columns are")),
        ("\n20.0", "\n2O.0", ("line 4", "the time is '2O.0", "not a number")),
        (",0.", ",0;", ("line 2", "which is not a number")),
        ("\n20.000000", "\n", ("line 4", "the time is ''")),
        ("\n20.000000", "\n5.0", ("left.csv, line 4", "time runs backwards")),
        ("\n20.000000", "\n1e99", ("line 4", "too large")),
        ("\n20.000000", "\nnan", ("line 4", "missing or not a number")),
        ("t,ax", "t,ay,ax", ("'ay' 2 times",)),
    ],
)
def test_errors_name_the_line(tmp_path: Path, old: str, new: str, parts: tuple[str, ...]) -> None:
    make_files(tmp_path)
    edit(tmp_path, old, new, "left.csv")
    refused(tmp_path, "left.csv", *parts)


def test_dates_that_are_none_name_the_line(tmp_path: Path) -> None:
    make_one_table(tmp_path)
    edit(tmp_path, "11:30:00.020000", "later", "run.txt")
    refused(tmp_path, "run.txt, line 7", "later", "ISO 8601")


def test_dates_say_when_it_started_where_their_zone_is_known(tmp_path: Path) -> None:
    make_one_table(tmp_path)
    assert str(open_recording(tmp_path).metadata.started_at) == "2024-05-09 09:30:00+00:00"
    edit(tmp_path, 'zone = "+02:00"\n', "")
    recording = open_recording(tmp_path)
    assert recording.metadata.started_at is None
    assert "without a time zone" in recording.remarks[0]


def test_numbers_since_1970_are_dates_and_lose_nothing(tmp_path: Path) -> None:
    make_files(tmp_path)
    edit(tmp_path, 'unit = "ms"', 'unit = "ns"')
    for path in tmp_path.glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        for number, row in enumerate(rows):
            cells = row.split(",")
            cells[0] = str(1_715_247_000_000_000_007 + 10_000_001 * number)
            rows[number] = ",".join(cells)
        path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    recording = open_recording(tmp_path)
    assert str(recording.metadata.started_at) == "2024-05-09 09:30:00+00:00"
    t_s = samples_of(list(recording.blocks()), "pelvis")[:, 0]
    np.testing.assert_array_equal(t_s, 10_000_001 * np.arange(len(t_s)) / 1e9)


def test_times_of_day_go_on_after_midnight(tmp_path: Path) -> None:
    make_files(tmp_path)
    edit(tmp_path, 'unit = "ms"', 'unit = "clock"')
    for path in tmp_path.glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        for number, row in enumerate(rows):
            ms = (86_400_000 - 1000 + 10 * number) % 86_400_000
            s, ms = divmod(ms, 1000)
            day = f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}.{ms:03}"
            rows[number] = ",".join([day, *row.split(",")[1:]])
        path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    t_s = samples_of(list(open_recording(tmp_path).blocks()), "pelvis")[:, 0]
    np.testing.assert_allclose(t_s, 0.01 * np.arange(len(t_s)), atol=1e-9)


def test_a_wrong_unit_of_time_is_told(tmp_path: Path) -> None:
    make_files(tmp_path)
    edit(tmp_path, 'unit = "ms"', 'unit = "us"')
    refused(tmp_path, "read as us means 1e+05 samples a second", "unit of [time]")


def test_a_wrong_unit_of_acceleration_is_told(tmp_path: Path) -> None:
    make_files(tmp_path)
    edit(tmp_path, 'unit = "g"', 'unit = "m/s2"')
    refused(tmp_path, "lower back 1.csv")


def test_a_sensor_that_is_never_named_is_told(tmp_path: Path) -> None:
    make_rows(tmp_path)
    edit(tmp_path, 'value = "B2"', 'value = "b2"')
    refused(tmp_path, "node is never 'b2'", "'A1', 'B2', 'C3'")


def test_a_sensor_without_samples_is_told(tmp_path: Path) -> None:
    make_rows(tmp_path)
    edit(tmp_path, 'value = "B2"', 'value = "C3"')
    refused(tmp_path, "no samples of thigh_left")


def test_rows_without_samples_are_left_out_and_counted(tmp_path: Path) -> None:
    make_files(tmp_path)
    edit(tmp_path, "\n20.000000,", "\n20.000000,,,,,,,,,\n20.500000,", "left.csv")
    recording = open_recording(tmp_path)
    assert "1 rows without samples of thigh_left are left out" in recording.remarks[0]
    assert len(samples_of(list(recording.blocks()), "thigh_left")) == 600


def test_rows_that_lack_a_part_are_refused(tmp_path: Path) -> None:
    make_files(tmp_path)
    path = tmp_path / "left.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[6].split(",")
    lines[6] = ",".join([*cells[:4], "", *cells[5:]])
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    refused(tmp_path, "left.csv, line 7", "gyr_x_rad_s is not a number")


@pytest.mark.parametrize(
    ("encoding", "parts"), [("utf-8", ("line 2", "cp1252")), ("utf-16", ("utf-16",))]
)
def test_a_wrong_encoding_is_told(tmp_path: Path, encoding: str, parts: tuple[str, ...]) -> None:
    make_one_table(tmp_path)
    edit(tmp_path, "cp1252", encoding)
    refused(tmp_path, "run.txt", *parts)


def test_utf_16_is_read(tmp_path: Path) -> None:
    make_one_table(tmp_path)
    text = (tmp_path / "run.txt").read_text(encoding="cp1252")
    (tmp_path / "run.txt").write_text(text, encoding="utf-16")
    edit(tmp_path, "cp1252", "utf-16")
    assert len(samples_of(list(open_recording(tmp_path).blocks()), "pelvis")) == 600


@pytest.mark.parametrize("ending", [";", "; "])
def test_a_separator_at_the_end_of_each_row_is_no_column(tmp_path: Path, ending: str) -> None:
    make_one_table(tmp_path)
    lines = (tmp_path / "run.txt").read_text(encoding="cp1252").splitlines()
    lines[4:] = [line + ending for line in lines[4:]]
    (tmp_path / "run.txt").write_text("\n".join([*lines, ""]), encoding="cp1252")
    assert len(samples_of(list(open_recording(tmp_path).blocks()), "pelvis")) == 600


def test_quoted_numbers_are_read(tmp_path: Path) -> None:
    made = make_files(tmp_path)
    for path in tmp_path.glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        quoted = [",".join(f'"{cell}"' for cell in line.split(",")) for line in lines]
        path.write_text("\n".join([*quoted, ""]), encoding="utf-8")
    rows = samples_of(list(open_recording(tmp_path).blocks()), "pelvis")
    np.testing.assert_allclose(rows[:, 1:4], made.samples["pelvis"].acc_m_s2, atol=1e-5)


def test_axes_turn_all_channels_alike(tmp_path: Path) -> None:
    made = make_files(tmp_path)
    edit(tmp_path, 'file = "left.csv"', 'file = "left.csv"\naxes = ["y", "-x", "z"]')
    rows = samples_of(list(open_recording(tmp_path).blocks()), "thigh_left")
    left = made.samples["thigh_left"]
    turned = left.acc_m_s2[:, [1, 0, 2]] * [1.0, -1.0, 1.0]
    np.testing.assert_allclose(rows[:, 1:4], turned, atol=1e-5)
    np.testing.assert_allclose(rows[:, 4], left.gyr_rad_s[:, 1], atol=1e-6)


def test_axes_are_rotations() -> None:
    np.testing.assert_array_equal(
        matrix_of(("y", "-x", "z")) @ np.array([1.0, 2.0, 3.0]), [2.0, -1.0, 3.0]
    )
    with pytest.raises(ValueError, match="left-handed"):
        matrix_of(("x", "y", "-z"))


def test_gravity_of_the_other_sign_is_turned_round(tmp_path: Path) -> None:
    made = make_files(tmp_path)
    edit(tmp_path, 'rest = "+g"', 'rest = "-g"')
    rows = samples_of(list(open_recording(tmp_path).blocks()), "pelvis")
    np.testing.assert_allclose(rows[:, 1:4], -made.samples["pelvis"].acc_m_s2, atol=1e-5)
    assert np.linalg.norm(rows[:100, 1:4], axis=1).mean() == pytest.approx(GRAVITY_M_S2, abs=0.1)


@pytest.mark.parametrize("make", [make_files, make_one_table, make_rows, make_bare])
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_spoilt_files(make: Callable[[Path], Made], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        make(folder)
        path = data.draw(st.sampled_from(sorted(folder.iterdir())))
        path.write_bytes(spoilt(data, path.read_bytes()))
        read(folder)
        (folder / "mapping.toml").unlink()
        try:
            propose(folder)
        except RecordingError as error:
            proper(error)
