"""Motion-BIDS of other laboratories: which files belong together, units, times, what is missing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import Recording, open_recording
from tests.unit.sources.conftest import proper, samples_of
from tests.unit.sources.foreign.known import known, known_sensors
from tests.unit.sources.foreign.spoil import read, spoilt
from tests.unit.sources.foreign.write_motion_bids import make_together, write

STEM = "sub-07_task-running_tracksys-imu"


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = next(folder.rglob(name))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def refused(path: Path, *parts: str) -> None:
    with pytest.raises(RecordingError) as caught:
        list(open_recording(path).blocks())
    proper(caught.value, *parts)


def times(recording: Recording) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return samples_of(list(recording.blocks()), "pelvis")[:, 0]


@pytest.mark.parametrize("place", ["", "sub-07/motion", f"sub-07/motion/{STEM}_motion.tsv"])
def test_data_set_folder_and_file_open_the_same(tmp_path: Path, place: str) -> None:
    make_together(tmp_path)
    recording = open_recording(tmp_path / place)
    assert recording.segments == ("pelvis", "thigh_left", "thigh_right")
    assert str(recording.metadata.started_at) == "2024-05-09 09:30:00+00:00"


def test_several_recordings_have_to_be_told_apart(tmp_path: Path) -> None:
    make_together(tmp_path)
    motion = tmp_path / "sub-07" / "motion"
    for path in list(motion.iterdir()):
        other = motion / path.name.replace("task-running", "task-standing")
        other.write_bytes(path.read_bytes())
    (tmp_path / "task-standing_motion.json").write_bytes(
        (tmp_path / "task-running_motion.json").read_bytes()
    )
    refused(tmp_path, "2 recordings", "sub-07_task-running, sub-07_task-standing", "Name one")
    assert len(open_recording(motion / f"{STEM}_motion.tsv").segments) == 3


def test_files_nearer_to_the_samples_say_more(tmp_path: Path) -> None:
    make_together(tmp_path)
    near = tmp_path / "sub-07" / "motion" / f"{STEM}_motion.json"
    near.write_text('{"SamplingFrequency": 50}', encoding="utf-8")
    other = tmp_path / "task-walking_motion.json"
    other.write_text('{"SamplingFrequency": 10}', encoding="utf-8")
    recording = open_recording(tmp_path)
    assert recording.rate_hz == 50.0
    assert times(recording)[1] == 0.02


def test_latency_is_the_time(tmp_path: Path) -> None:
    make_together(tmp_path)
    motion = next(tmp_path.rglob("*_motion.tsv"))
    lines = motion.read_text(encoding="utf-8").splitlines()
    late = [f"{line}\t{0.5 + 0.011 * i!r}" for i, line in enumerate(lines)]
    motion.write_text("\n".join([*late, ""]), encoding="utf-8")
    channels = next(tmp_path.rglob("*_channels.tsv"))
    text = channels.read_text(encoding="utf-8")
    channels.write_text(f"{text}time\tn/a\tLATENCY\tn/a\ts\tn/a\n", encoding="utf-8")
    (tmp_path / "task-running_motion.json").unlink()
    recording = open_recording(tmp_path)
    assert recording.rate_hz == pytest.approx(91.0, abs=0.1)
    np.testing.assert_allclose(times(recording)[:2], [0.5, 0.511])


def test_rows_that_miss_values_are_losses(tmp_path: Path) -> None:
    make_together(tmp_path)
    motion = next(tmp_path.rglob("*_motion.tsv"))
    lines = motion.read_text(encoding="utf-8").splitlines()
    for row, word in ((3, "n/a"), (4, "NaN")):
        lines[row] = "\t".join([word, *lines[row].split("\t")[1:]])
    motion.write_text("\n".join([*lines, ""]), encoding="utf-8")
    recording = open_recording(tmp_path)
    assert "2 rows of LowerBack miss values" in recording.remarks[0]
    np.testing.assert_allclose(times(recording)[:4], [0.0, 0.01, 0.02, 0.05])


def test_local_times_leave_the_start_open(tmp_path: Path) -> None:
    make_together(tmp_path)
    edit(tmp_path, "*_scans.tsv", "00.000Z", "00.000")
    recording = open_recording(tmp_path)
    assert recording.metadata.started_at is None
    assert "local time" in recording.remarks[0]


def test_shifted_dates_are_no_start_but_one_clock(tmp_path: Path) -> None:
    write(tmp_path, known_sensors(), apart=True)
    edit(tmp_path, "*_scans.tsv", "2024-", "1924-")
    recording = open_recording(tmp_path)
    assert recording.metadata.started_at is None
    assert recording.synchronised
    starts = [block.t_s[0] for block in recording.blocks()]
    assert sorted(starts) == [0.0, 0.25, 0.5]


def test_systems_without_times_are_not_one_clock(tmp_path: Path) -> None:
    write(tmp_path, known_sensors(), apart=True)
    next(tmp_path.rglob("*_scans.tsv")).unlink()
    assert not open_recording(tmp_path).synchronised


def test_points_without_angular_velocity_are_left_alone(tmp_path: Path) -> None:
    make_together(tmp_path)
    edit(tmp_path, "*_channels.tsv", "RightThigh_gyro_x\tx\tGYRO", "RightThigh_gyro_x\tx\tVEL")
    assert open_recording(tmp_path).segments == ("pelvis", "thigh_left")


def test_points_that_no_name_places_have_to_be_placed(tmp_path: Path) -> None:
    samples = known_sensors()
    write(tmp_path, samples)
    edit(tmp_path, "*_channels.tsv", "LowerBack", "T1")
    edit(tmp_path, "*_channels.tsv", "LeftThigh", "T2")
    edit(tmp_path, "*_channels.tsv", "RightThigh", "T3")
    refused(tmp_path, "--role", "'T1', 'T2', 'T3'")
    recording = open_recording(tmp_path, roles={"pelvis": "T1", "thigh_right": "T3"})
    rows = samples_of(list(recording.blocks()), "thigh_right")
    np.testing.assert_allclose(rows[:, 4:], samples["thigh_right"].gyr_rad_s, atol=1e-8)


def test_the_same_point_in_two_systems_gets_two_labels(tmp_path: Path) -> None:
    write(tmp_path, {"pelvis": known(0), "thigh_left": known(1)}, apart=True)
    edit(tmp_path, "*tracksys-hleft_channels.tsv", "LeftThigh", "LowerBack")
    refused(tmp_path, "'hleft:LowerBack' and 'pelvis:LowerBack'")


@pytest.mark.parametrize(
    ("name", "old", "new", "parts"),
    [
        ("*_channels.tsv", "deg/s\tLowerBack", "rpm\tLowerBack", ("LowerBack_gyro_x", "'rpm'")),
        ("*_channels.tsv", "g\tLowerBack", "n/a\tLowerBack", ("'n/a'", "none of ACCEL")),
        ("*_channels.tsv", "LowerBack_quat_w\tquat_w\tORNT\tLowerBack\tn/a\tn/a\n", "", ("rows",)),
        ("*_channels.tsv", "GYRO", "VEL", ("no tracked point with acceleration",)),
        ("task-running_motion.json", "100", '"fast"', ("neither", "SamplingFrequency")),
        ("task-running_motion.json", "{", "", ("is no JSON",)),
        ("*_motion.tsv", "\n", "\t1\n", ("columns",)),
        ("*_motion.tsv", "\t0.", "\tO.", ("line 1", "is not a number")),
    ],
)
def test_what_does_not_keep_to_the_specification(
    tmp_path: Path, name: str, old: str, new: str, parts: tuple[str, ...]
) -> None:
    make_together(tmp_path)
    edit(tmp_path, name, old, new)
    refused(tmp_path, *parts)


def test_channels_have_to_be_there(tmp_path: Path) -> None:
    make_together(tmp_path)
    next(tmp_path.rglob("*_channels.tsv")).unlink()
    refused(tmp_path, f"{STEM}_channels.tsv")


@pytest.mark.parametrize("overlap", [False, True])
def test_events_are_laps_where_they_do_not_overlap(tmp_path: Path, overlap: bool) -> None:
    make_together(tmp_path)
    second = "2.5" if overlap else "3.0"
    events = tmp_path / "sub-07" / "motion" / "sub-07_task-running_events.tsv"
    events.write_text(
        f"onset\tduration\ttrial_type\n1.0\t2.0\teasy\n1.5\t0\tbeep\n{second}\t2.0\tfast\n",
        encoding="utf-8",
    )
    recording = open_recording(tmp_path)
    assert [lap.label for lap in recording.laps] == ([] if overlap else ["easy", "fast"])
    assert bool(recording.remarks) == overlap


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_spoilt_files(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        write(folder, {"pelvis": known(0, 5.0), "thigh_left": known(1, 5.0)})
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        path = data.draw(st.sampled_from(paths))
        path.write_bytes(spoilt(data, path.read_bytes()))
        read(folder)
