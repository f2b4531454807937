"""laps.csv, speed.csv and heart_rate.csv, row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hipimu.data import Lap
from hipimu.errors import RecordingError
from hipimu.sources.laps import read_heart_rate, read_laps, read_speed
from tests.unit.sources.conftest import proper


def test_laps(tmp_path: Path) -> None:
    path = tmp_path / "laps.csv"
    path.write_text('label,start_s,end_s,note\neasy,0,60.5,x\n\n"hill, steep",61,90,\n')
    assert read_laps(path) == (Lap(0.0, 60.5, "easy"), Lap(61.0, 90.0, "hill, steep"))


@pytest.mark.parametrize(
    ("rows", "line", "part"),
    [
        (["0,5,easy", "4,9,fast"], 3, "before the lap above ends"),
        (["10,15,easy", "0,5,fast"], 3, "in order of time"),
        (["5,5,easy"], 2, "not after its start"),
        (["5,4,easy"], 2, "not after its start"),
        (["-1,5,easy"], 2, "start_s is '-1'"),
        (["0,nan,easy"], 2, "end_s is 'nan'"),
        (["0,inf,easy"], 2, "end_s is 'inf'"),
        (["0,x,easy"], 2, "end_s is 'x'"),
        (["0,5,"], 2, "no label"),
        (["0,5"], 2, "2 values"),
        (["0,5,easy,more"], 2, "4 values"),
        (["", "", '0,5,"easy'], 4, "quotation marks"),
    ],
)
def test_bad_laps(tmp_path: Path, rows: list[str], line: int, part: str) -> None:
    path = tmp_path / "laps.csv"
    path.write_text("\n".join(["start_s,end_s,label", *rows]))
    with pytest.raises(RecordingError) as caught:
        read_laps(path)
    proper(caught.value, f"laps.csv, line {line}", part)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n\n", b"start_s,end_s\n0,5\n", b"start_s,end_s,label\n", b"\xff\xfe\x00", b"a\0b\n"],
)
def test_bad_lap_files(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "laps.csv"
    path.write_bytes(raw)
    with pytest.raises(RecordingError) as caught:
        read_laps(path)
    proper(caught.value, "laps.csv")


def test_missing_lap_file(tmp_path: Path) -> None:
    with pytest.raises(RecordingError) as caught:
        read_laps(tmp_path / "laps.csv")
    proper(caught.value, "laps.csv cannot be read")


def test_speed(tmp_path: Path) -> None:
    path = tmp_path / "speed.csv"
    path.write_text("time_s,speed_m_s\n0,0\n1.5,3.2\n")
    track = read_speed(path)
    np.testing.assert_array_equal(track.t_s, [0.0, 1.5])
    np.testing.assert_array_equal(track.speed_m_s, [0.0, 3.2])


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("0,3", "not after the line above"),
        ("-1,3", "time_s is '-1'"),
        ("1,-3", "speed_m_s is '-3'"),
        ("1,nan", "speed_m_s is 'nan'"),
        ("1,14.4", "km/h"),
        ("1", "1 values"),
    ],
)
def test_bad_speeds(tmp_path: Path, row: str, part: str) -> None:
    path = tmp_path / "speed.csv"
    path.write_text(f"time_s,speed_m_s\n0,3\n{row}\n")
    with pytest.raises(RecordingError) as caught:
        read_speed(path)
    proper(caught.value, "speed.csv, line 3", part)


def test_no_speeds(tmp_path: Path) -> None:
    path = tmp_path / "speed.csv"
    path.write_text("time_s,speed_m_s\n")
    with pytest.raises(RecordingError) as caught:
        read_speed(path)
    proper(caught.value, "speed.csv")


def test_heart_rate(tmp_path: Path) -> None:
    path = tmp_path / "heart_rate.csv"
    path.write_text("time_s,heart_rate_bpm\n0.5,61\n1.5,182\n")
    t_s, heart_rate_bpm = read_heart_rate(path)
    np.testing.assert_array_equal(t_s, [0.5, 1.5])
    np.testing.assert_array_equal(heart_rate_bpm, [61.0, 182.0])


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("0,61", "not after the line above"),
        ("1,-3", "heart_rate_bpm is '-3'"),
        ("1,6000", "faster than any heart beats"),
        ("1", "1 values"),
    ],
)
def test_bad_heart_rates(tmp_path: Path, row: str, part: str) -> None:
    path = tmp_path / "heart_rate.csv"
    path.write_text(f"time_s,heart_rate_bpm\n0,60\n{row}\n")
    with pytest.raises(RecordingError) as caught:
        read_heart_rate(path)
    proper(caught.value, "heart_rate.csv, line 3", part)
