"""Movesense exports: times within packets, files that belong together, what they may not be."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from hipimu.sources.foreign.movesense import READER
from hipimu.sources.foreign.registry import reader_of
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign.known import known
from tests.unit.sources.foreign.spoil import read, spoilt
from tests.unit.sources.foreign.write_movesense import (
    logger,
    make_csv,
    make_logger,
    make_sbem,
    make_showcase,
)


def packet(time_ms: int, count: int = 4, **more: Any) -> dict[str, Any]:
    vectors = [{"x": 0.1, "y": 0.2, "z": 9.8 + 0.01 * i} for i in range(count)]
    return {"Timestamp": time_ms, "ArrayAcc": vectors, "ArrayGyro": vectors} | more


def save(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def refused(path: Path, *parts: str) -> None:
    with pytest.raises(RecordingError) as caught:
        list(open_recording(path).blocks())
    proper(caught.value, *parts)


def test_samples_of_a_packet_follow_at_the_rate(tmp_path: Path) -> None:
    times_ms = [1000, 1077, 1154, 1231, 1400, 1470]
    path = save(tmp_path / "a.json", {"Meas": {"IMU6": [packet(t) for t in times_ms]}})
    sensor = READER.read([path]).sensors[0]
    assert sensor.rate_hz == 52.0
    step_s = 1.0 / 52.0
    # The third last gap is a loss: nothing is stretched over it. The last packet came early.
    starts_s = (np.array(times_ms) - 1000) / 1e3
    np.testing.assert_allclose(sensor.t_s[::4], starts_s)
    np.testing.assert_allclose(sensor.t_s[12:16], 0.231 + step_s * np.arange(4))
    np.testing.assert_allclose(sensor.t_s[16:20], 0.4 + 0.0175 * np.arange(4))


def test_units(tmp_path: Path) -> None:
    path = save(tmp_path / "a.json", [packet(t, 2) for t in range(0, 400, 20)])
    sensor = READER.read([path]).sensors[0]
    np.testing.assert_allclose(sensor.acc_m_s2[0], [0.1, 0.2, 9.8])
    np.testing.assert_allclose(sensor.gyr_rad_s[0], np.radians([0.1, 0.2, 9.8]))


def test_a_packet_a_line(tmp_path: Path) -> None:
    lines = [json.dumps({"Body": packet(t), "Uri": "/Meas/IMU6/52"}) for t in range(0, 770, 77)]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert len(READER.read([tmp_path / "a.jsonl"]).sensors[0].t_s) == 40


def test_when_it_started(tmp_path: Path) -> None:
    recording = open_recording(make_sbem(tmp_path).path)
    assert str(recording.metadata.started_at) == "2024-05-09 09:30:00.500000+00:00"
    assert not recording.synchronised


def test_quantities_of_one_sensor_stand_in_two_files(tmp_path: Path) -> None:
    foreign = READER.read(sorted(make_showcase(tmp_path).path.iterdir()))
    labels = [sensor.label for sensor in foreign.sensors]
    assert labels == ["left thigh 174630000193", "pelvis 174630000192", "right thigh 174630000194"]


def test_other_times_of_angular_velocity_are_brought_over(tmp_path: Path) -> None:
    make_showcase(tmp_path)
    for path in tmp_path.glob("*_Gyro.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        for one in content["data"]:
            one["gyroscope"]["Timestamp"] += 4
        save(path, content)
    foreign = READER.read(sorted(tmp_path.iterdir()))
    assert len(foreign.remarks) == 3
    assert "brought onto the times of acceleration" in foreign.remarks[0]
    pelvis = next(sensor for sensor in foreign.sensors if sensor.segment == "pelvis")
    sample = known(0, rate_hz=104.0)
    expected = np.interp(pelvis.t_s, sample.t_s + 0.004, sample.gyr_rad_s[:, 0])
    np.testing.assert_allclose(pelvis.gyr_rad_s[:, 0], expected, atol=0.02)


def test_acceleration_alone_is_left_out(tmp_path: Path) -> None:
    make_showcase(tmp_path)
    next(tmp_path.glob("right*_Gyro.json")).unlink()
    recording = open_recording(tmp_path)
    assert recording.segments == ("pelvis", "thigh_left")
    assert "no angular velocity" in recording.remarks[0]


def test_the_same_twice_is_refused(tmp_path: Path) -> None:
    make_logger(tmp_path)
    path = next(tmp_path.glob("pelvis*.json"))
    (tmp_path / path.name.replace("Log", "Log_IMU9")).write_bytes(path.read_bytes())
    refused(tmp_path, "the same quantity in two files")


@pytest.mark.parametrize(
    ("name", "header", "row"),
    [
        ("pelvis a_acc", "Timestamp (ms),X: (m/s^2),Y: (m/s^2),Z: (m/s^2)", ", "),
        ("pelvis a_Meas_Acc", "Timestamp_ms,x,y,z,UTC_ISO", ",2024-05-09T09:30:00.000Z"),
    ],
)
def test_headers_of_csv(tmp_path: Path, name: str, header: str, row: str) -> None:
    for word, head in (("acc", header), ("gyro", header.replace("m/s^2", "dps"))):
        rows = [f"{1000 + 20 * i},0.1,0.2,9.8{row}" for i in range(20)]
        path = tmp_path / f"{name.replace('acc', word).replace('Acc', word.title())}.csv"
        path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
        assert reader_of(path) is READER
    sensor = READER.read(sorted(tmp_path.iterdir())).sensors[0]
    assert sensor.segment == "pelvis"
    np.testing.assert_allclose(sensor.gyr_rad_s[3], np.radians([0.1, 0.2, 9.8]))


def test_tables_of_others_are_left_to_others(tmp_path: Path) -> None:
    path = tmp_path / "phone.csv"
    path.write_text("timestamp_ms,x,y,z\n1,2,3,4\n", encoding="utf-8")
    assert reader_of(path) is None


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ('{"ArrayAcc": [1, 2', ("line 1 is no JSON", "cut short")),
        ('{"ArrayAcc": ' + "[" * 100_000, ("is no JSON",)),
        (json.dumps([packet(0, ArrayGyro=7)]), ("no list of vectors",)),
        (json.dumps([packet(0, ArrayGyro=[{"x": 1}])]), ("lacks x, y or z",)),
        (json.dumps([packet(0, ArrayGyro=[{"x": "1", "y": 2, "z": 3}])]), ("'1' stands where",)),
        (json.dumps([packet(0) | {"Timestamp": None}]), ("None stands where",)),
        ('[{"Timestamp": 1' + "0" * 400 + ', "ArrayAcc": [], "ArrayGyro": []}]', ("stands where",)),
        (json.dumps([packet(0)]), ("how many samples a second",)),
        (json.dumps([packet(0), packet(900_000)]), ("samples a second by its times",)),
        (json.dumps([{"Timestamp": 0, "ArrayAcc": []}]), ("no sensor has both",)),
    ],
)
def test_what_it_may_not_be(tmp_path: Path, content: str, parts: tuple[str, ...]) -> None:
    (tmp_path / "pelvis.json").write_text(content, encoding="utf-8")
    refused(tmp_path / "pelvis.json", *parts)


def test_errors_in_csv_name_the_line(tmp_path: Path) -> None:
    make_csv(tmp_path)
    path = next(tmp_path.glob("pelvis*gyro.csv"))
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[9] = ",1,x,2"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    refused(tmp_path, "line 10 is no row of time, x, y and z")


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_spoilt_files(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        for name, seed in (("pelvis", 0), ("thigh left", 1)):
            text = logger(known(seed, 4.0, 104.0))
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
        path = data.draw(st.sampled_from(sorted(folder.iterdir())))
        path.write_bytes(spoilt(data, path.read_bytes()))
        read(folder)
