"""Opal recordings: what a file may lack, and what it may not be."""

from __future__ import annotations

import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from hipimu.sources.foreign import registry
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign.known import known_sensors
from tests.unit.sources.foreign.spoil import read, spoilt
from tests.unit.sources.foreign.write_apdm_h5 import make_2, make_3, make_5, write


def refused(path: Path, *parts: str) -> None:
    with pytest.raises(RecordingError) as caught:
        list(open_recording(path).blocks())
    proper(caught.value, *parts)


def test_what_a_recording_says(tmp_path: Path) -> None:
    recording = open_recording(make_5(tmp_path).path)
    assert recording.segments == ("pelvis", "thigh_left", "thigh_right")
    assert recording.synchronised
    assert recording.rate_hz == 128.0
    assert str(recording.metadata.started_at) == "2024-05-09 09:30:00.250000+00:00"
    assert recording.files[0].place(0) == "20240509-113000_Run.h5, row 1"


def test_sensors_that_were_off_are_left_out(tmp_path: Path) -> None:
    path = make_5(tmp_path).path
    with h5py.File(path, "a") as file:
        del file["Sensors/4212/Gyroscope"]
        file["Sensors/4213/Time"] = np.zeros(0, dtype=np.uint64)
    recording = open_recording(path)
    assert recording.segments == ("pelvis", "thigh_left")
    assert recording.remarks[0].startswith("Right Upper Leg: without")
    assert recording.remarks[1].startswith("4213: without")


def test_labels_that_place_nothing_have_to_be_placed(tmp_path: Path) -> None:
    path = make_5(tmp_path).path
    with h5py.File(path, "a") as file:
        for number in range(3):
            file[f"Sensors/{4210 + number}/Configuration"].attrs["Label 0"] = f"Opal {number}"
    refused(path, "'Opal 0', 'Opal 1', 'Opal 2'", "--role")
    roles = {"pelvis": "Opal 2", "thigh_left": "Opal 0"}
    assert len(open_recording(path, roles=roles).segments) == 2  # type: ignore[arg-type]


def changed(path: Path, name: str, values: object) -> None:
    with h5py.File(path, "a") as file:
        del file[name]
        file[name] = values


@pytest.mark.parametrize(
    ("name", "values", "parts"),
    [
        ("Sensors/4210/Accelerometer", np.zeros((5, 3)), ("Lumbar", "as many times")),
        ("Sensors/4210/Gyroscope", np.zeros((768, 4)), ("Gyroscope", "(768, 4)")),
        ("Sensors/4210/Gyroscope", np.array([[b"a"] * 3] * 768), ("no numbers",)),
        ("Sensors/4210/Time", np.full(768, 2**63, dtype=np.uint64), ("microseconds",)),
        ("Sensors/4210/Time", np.full(768, 7, dtype=np.uint64), ("how many samples",)),
        ("Sensors", np.zeros(3), ("no usable Opal recording",)),
    ],
)
def test_what_it_may_not_be(
    tmp_path: Path, name: str, values: object, parts: tuple[str, ...]
) -> None:
    path = make_5(tmp_path).path
    changed(path, name, values)
    refused(path, *parts)


def test_claims_that_no_file_can_keep_take_no_memory(tmp_path: Path) -> None:
    path = make_5(tmp_path).path
    with h5py.File(path, "a") as file:
        del file["Sensors/4210/Gyroscope"]
        file.create_dataset(
            "Sensors/4210/Gyroscope", shape=(10**12, 3), dtype="f4", chunks=(1024, 3)
        )
    refused(path, "claims 3000000000000 numbers")


def test_other_hdf5_is_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.zeros(3)
    refused(tmp_path / "other.h5", "neither Sensors nor a CaseIdList")


def test_two_recordings_have_to_be_told_apart(tmp_path: Path) -> None:
    make_5(tmp_path)
    write(tmp_path / "second.h5", known_sensors(3.0))
    refused(tmp_path, "2 HDF5 files")


def test_the_extra_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_5(tmp_path).path
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    reader = registry.reader_of(path)
    assert reader is not None
    with pytest.raises(RecordingError, match=r"pip install 'hipimu\[hdf5\]'"):
        registry.read_by(reader, [path])


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_spoilt_files(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as parent:
        make = data.draw(st.sampled_from([make_5, make_3, make_2]))
        path = make(Path(parent)).path
        path.write_bytes(spoilt(data, path.read_bytes()))
        read(path)
