"""Movella DOT exports: which file is which segment, clocks that wrap, modes that lack data."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hipimu.data import Segment
from hipimu.errors import RecordingError
from hipimu.sources import csv_table, open_recording
from hipimu.sources.segment_names import segment_named
from tests.unit.sources.conftest import motion, proper, samples_of

REAL = Path(__file__).parents[3] / ".." / "shared" / "recordings" / "movella_dot_csv"
COLUMNS = "PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z"
HEAD = (
    "sep=,\nDeviceTag:,{tag}\nSyncStatus:,{sync}\nOutputRate:,100Hz\n"
    "StartTime: ,2024-12-09_17:31:07_886 CET\n© 2005-2024\n\n"
)
WRAP_US = 2**32


def write(
    path: Path, tag: str, *, first_us: int = 1_000_000, sync: str = "Synced", n: int = 1200
) -> None:
    table = motion(n / 100.0, seed=len(tag))
    table[:, 4:] = np.degrees(table[:, 4:])
    rows = [
        f"{i},{(first_us + 10_000 * i) % WRAP_US}," + ",".join(f"{v:.6f}" for v in row[1:])
        for i, row in enumerate(table)
    ]
    text = HEAD.format(tag=tag, sync=sync) + "\n".join([COLUMNS, *rows, ""])
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    write(folder / "D1.csv", "Pelvis")
    write(folder / "D2.csv", "Left Thigh")
    write(folder / "D3.csv", "Femur_R")
    return folder


def refused(folder: Path, *parts: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        list(open_recording(folder).blocks())
    return proper(caught.value, *parts)


def change(path: Path, edit: Callable[[str], str]) -> None:
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("pelvis", "pelvis"),
        ("SACRUM", "pelvis"),
        ("hip-belt 2", "pelvis"),
        ("thigh_left", "thigh_left"),
        ("left_femur", "thigh_left"),
        ("femur_l", "thigh_left"),
        ("LThigh", "thigh_left"),
        ("ThighL", "thigh_left"),
        ("lthigh", "thigh_left"),
        ("RTHIGH", "thigh_right"),
        ("Right Upper Leg", "thigh_right"),
        ("20241209_RightThigh_01", "thigh_right"),
        ("Oberschenkel links", "thigh_left"),
        ("Lower back", "pelvis"),
        ("Hüfte", "pelvis"),
        ("cuisse droite", "thigh_right"),
        ("Femur", None),
        ("left right thigh", None),
        ("left hip", None),
        ("Tibia", None),
        ("Xsens DOT", None),
        ("", None),
    ],
)
def test_names(text: str, segment: Segment | None) -> None:
    assert segment_named(text) == segment


def test_a_folder_of_exports(export: Path) -> None:
    write(export / "shank.csv", "Tibia L")
    recording = open_recording(export)
    assert recording.segments == ("pelvis", "thigh_left", "thigh_right")
    assert recording.rate_hz == 100.0
    assert recording.synchronised
    assert recording.metadata.started_at == datetime(2024, 12, 9, 16, 31, 7, 886_000, tzinfo=UTC)
    blocks = list(recording.blocks())
    expected = motion(12.0, seed=len("Left Thigh"))
    np.testing.assert_allclose(samples_of(blocks, "thigh_left"), expected, atol=1e-7)
    assert blocks[0].counter is not None
    assert blocks[0].counter[:3].tolist() == [0, 1, 2]


def test_file_names_where_tags_say_nothing(tmp_path: Path) -> None:
    write(tmp_path / "pelvis.csv", "DOT 1")
    write(tmp_path / "thigh_right.csv", "DOT 2")
    assert open_recording(tmp_path).segments == ("pelvis", "thigh_right")


def test_laps_beside_the_exports(export: Path) -> None:
    (export / "laps.csv").write_text("start_s,end_s,label\n0,5,easy\n")
    assert open_recording(export).laps[0].label == "easy"


@pytest.mark.parametrize("block_bytes", [700, 1 << 20])
def test_the_clock_wraps(export: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int) -> None:
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", block_bytes)
    write(export / "D1.csv", "Pelvis", first_us=WRAP_US - 5_000_000)
    write(export / "D2.csv", "Left Thigh", first_us=WRAP_US - 10_000)
    write(export / "D3.csv", "Femur_R", first_us=90_000)
    with pytest.raises(RecordingError, match=r"starts at 5\.1 s"):
        list(open_recording(export).blocks())
    write(export / "D1.csv", "Pelvis", first_us=WRAP_US - 1_000_000)
    blocks = list(open_recording(export).blocks())
    steps = np.arange(1200) / 100.0
    np.testing.assert_allclose(samples_of(blocks, "pelvis")[:, 0], steps, atol=1e-9)
    np.testing.assert_allclose(samples_of(blocks, "thigh_left")[:, 0], steps + 0.99, atol=1e-9)
    np.testing.assert_allclose(samples_of(blocks, "thigh_right")[:, 0], steps + 1.09, atol=1e-9)


def test_sensors_that_were_not_synced(export: Path) -> None:
    write(export / "D2.csv", "Left Thigh", first_us=77_000_000, sync="Unsynced")
    recording = open_recording(export)
    assert not recording.synchronised
    assert all(block.t_s[0] == 0.0 for block in recording.blocks())


def test_unknown_zone_gives_no_start(export: Path) -> None:
    for path in export.glob("*.csv"):
        change(path, lambda text: text.replace("CET", "XYZ"))
    assert open_recording(export).metadata.started_at is None


class TestRefused:
    def test_no_segment_named(self, tmp_path: Path) -> None:
        write(tmp_path / "a.csv", "DOT 1")
        refused(tmp_path, "no tag or file name", "rename", "movella-dot/1")

    def test_pelvis_missing(self, export: Path) -> None:
        (export / "D1.csv").unlink()
        refused(export, "thigh_left, thigh_right", "rename", "movella-dot/1")

    def test_two_of_one_segment(self, export: Path) -> None:
        write(export / "D9.csv", "sacrum")
        refused(export, "D1.csv and D9.csv both are pelvis")

    def test_wrong_mode(self, export: Path) -> None:
        change(
            export / "D3.csv",
            lambda text: text.replace("Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z", "a,b,c,d,e,f"),
        )
        refused(export, "D3.csv, line 8", "Acc_X", "Rate Quantities")

    def test_no_rate(self, export: Path) -> None:
        """Without the line the times tell it; not so where they stand still."""
        change(export / "D2.csv", lambda text: text.replace("OutputRate:,100Hz\n", ""))
        assert open_recording(export).rate_hz == 100.0
        change(export / "D2.csv", lambda text: re.sub(r"\n(\d+),\d+,", r"\n\1,1000000,", text))
        refused(export, "D2.csv", "OutputRate", "rate_hz")

    def test_wrong_rate(self, export: Path) -> None:
        change(export / "D2.csv", lambda text: text.replace("100Hz", "60Hz"))
        refused(export, "D2.csv", "60 are declared")

    def test_bad_number_names_the_line(self, export: Path) -> None:
        change(export / "D2.csv", lambda text: text.replace("\n5,1050000,", "\n5,1050000,x"))
        assert refused(export, "D2.csv, line 14", "Acc_X").line == 14

    @pytest.mark.parametrize("text", ["-5", "x", "", "99999999999"])
    def test_bad_first_time(self, export: Path, text: str) -> None:
        change(export / "D2.csv", lambda whole: whole.replace("\n0,1000000,", f"\n0,{text},"))
        refused(export, "D2.csv, line 9", "SampleTimeFine")

    @pytest.mark.parametrize("text", ["nan", "", "1030000", "1000"])
    def test_bad_later_time(self, export: Path, text: str) -> None:
        change(export / "D2.csv", lambda whole: whole.replace("\n5,1050000,", f"\n5,{text},"))
        refused(export, "D2.csv, line 14", "SampleTimeFine" if text in ("nan", "") else "time")

    def test_no_rows(self, export: Path) -> None:
        change(export / "D2.csv", lambda text: text.partition(COLUMNS)[0] + COLUMNS + "\n")
        refused(export, "D2.csv", "no samples")


TOML = """
format = "movella-dot/1"
[sensors.pelvis]
file = "knee1_tibia.csv"
[sensors.thigh_right]
file = "knee1_femur.csv"
"""


@pytest.mark.skipif(not REAL.is_dir(), reason="real exports are not on hand")
def test_real_exports(tmp_path: Path) -> None:
    for name in ("knee1_tibia.csv", "knee1_femur.csv"):
        shutil.copyfile(REAL / name, tmp_path / name)
    with pytest.raises(RecordingError, match="no tag or file name"):
        open_recording(tmp_path)
    (tmp_path / "recording.toml").write_text(TOML)
    recording = open_recording(tmp_path)
    blocks = list(recording.blocks())
    raw = np.loadtxt(REAL / "knee1_femur.csv", delimiter=",", skiprows=12)
    thigh = samples_of(blocks, "thigh_right")
    assert recording.rate_hz == 60.0
    assert recording.synchronised
    np.testing.assert_array_equal(thigh[:, 1:4], raw[:, 2:5])
    np.testing.assert_allclose(thigh[:, 4:], np.radians(raw[:, 5:8]), rtol=1e-14)
    np.testing.assert_allclose(thigh[:, 0], (raw[:, 1] - raw[0, 1]) * 1e-6, atol=1e-9)
    # The second sensor was started one sample later.
    assert samples_of(blocks, "pelvis")[0, 0] == pytest.approx(0.016667, abs=1e-9)
