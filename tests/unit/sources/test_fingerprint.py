from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hipimu.errors import RecordingError
from hipimu.sources import Fingerprint, fingerprint, open_recording

REAL_RUN = Path(__file__).parents[3] / "recordings" / "isen-run"
LAPS = b"start_s,end_s,label\n1,2,easy\n"
SAMPLES = "05daa2e9f800a40a0232fbe0d6e56ea787c2a672a9bb713ad36d6ac4c4060d02"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REAL_RUN, tmp_path / "elsewhere"))


@pytest.fixture
def laps(tmp_path: Path) -> Path:
    path = tmp_path / "laps.csv"
    path.write_bytes(LAPS)
    return path


def of(folder: Path, laps: Path | None = None) -> Fingerprint:
    return fingerprint(open_recording(folder), laps=laps)


def test_people_s_stores_hold_these_very_values(laps: Path, tmp_path: Path) -> None:
    """Another value, and what they import again would be there twice."""
    watch = tmp_path / "watch.tcx"
    watch.write_bytes(b"watch")
    recording = open_recording(REAL_RUN)

    assert fingerprint(recording) == Fingerprint(
        SAMPLES, "409a13ef6f6718ac4eb5fb46cfcaaf110e7d9128ac4a2f9acacf5b01fa3876b3"
    )
    assert fingerprint(recording, laps=laps, activity=watch) == Fingerprint(
        SAMPLES, "7be752fb17b125294f33ebb68eaa0c15ac9df4446afefff1e5b40ad247399d2d"
    )


def test_a_copy_is_the_same_whatever_lies_beside_it(copy: Path) -> None:
    (copy / "notes.txt").write_text("windy", encoding="utf-8")
    assert of(copy) == of(REAL_RUN)


def test_laps_are_an_input_wherever_they_lie(copy: Path, laps: Path) -> None:
    given = of(copy, laps)
    shutil.copy(laps, copy)

    assert given == of(copy)
    assert given.samples_hash == SAMPLES
    assert given.inputs_hash != of(REAL_RUN).inputs_hash


def test_exchanged_sensors_are_the_same_samples_and_another_analysis(copy: Path) -> None:
    (copy / "thigh_left.csv").rename(copy / "aside")
    (copy / "thigh_right.csv").rename(copy / "thigh_left.csv")
    (copy / "aside").rename(copy / "thigh_right.csv")

    assert of(copy).samples_hash == SAMPLES
    assert of(copy).inputs_hash != of(REAL_RUN).inputs_hash


def test_other_samples_are_another_recording(copy: Path) -> None:
    samples = copy / "pelvis.csv"
    samples.write_bytes(samples.read_bytes().replace(b"1", b"2", 1))
    found = of(copy)

    assert found.samples_hash != SAMPLES
    assert found.inputs_hash != of(REAL_RUN).inputs_hash


def test_what_is_gone_by_then_is_told(copy: Path) -> None:
    recording = open_recording(copy)
    (copy / "pelvis.csv").unlink()
    with pytest.raises(RecordingError, match=r"pelvis\.csv cannot be read: No such file"):
        fingerprint(recording)
