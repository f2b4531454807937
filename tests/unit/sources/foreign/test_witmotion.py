"""WitMotion recordings: headers of many apps, times of arrival, parts, what breaks off."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from hipimu.sources.foreign.columns import without_jitter
from hipimu.sources.foreign.noun import Foreign
from hipimu.sources.foreign.registry import read_foreign
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign import hostile
from tests.unit.sources.foreign.known import Known, known
from tests.unit.sources.foreign.write_witmotion import (
    CHINESE,
    DEVICES,
    MINI_IMU,
    WITMOTION_2021,
    WITMOTION_2024,
    App,
    arrivals,
    make,
    make_files,
    of_day,
    write,
)

ONE = DEVICES["pelvis"]
GOOD = {app.head: hostile.Good(partial(make, app=app)) for app in (WITMOTION_2024, CHINESE)}


def read(path: Path) -> Foreign:
    foreign = read_foreign(path)
    assert foreign is not None
    return foreign


def refused(path: Path, *parts: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read(path)
    return proper(caught.value, *parts)


def written(folder: Path, app: App, sample: Known, name: str = "a.txt") -> Path:
    write(folder / name, app, {ONE: sample})
    return folder / name


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_devices_of_one_file_are_told_apart(tmp_path: Path) -> None:
    foreign = read(make(tmp_path, WITMOTION_2021).path)
    assert [sensor.label for sensor in foreign.sensors] == list(DEVICES.values())
    assert foreign.started_at is None
    assert foreign.remarks == ("WitMotion's devices have no common clock.",)


def test_files_named_by_segment(tmp_path: Path) -> None:
    made = make_files(tmp_path, MINI_IMU)
    assert open_recording(made.path).segments == ("pelvis", "thigh_left", "thigh_right")


def test_headers_without_units(tmp_path: Path) -> None:
    """As in a recording of 2023 whose header ends its names with a colon."""
    path = written(tmp_path, MINI_IMU, known(0))
    text = path.read_text(encoding="utf-8")
    header = text.splitlines()[1]
    plain = "\t".join(name.partition("(")[0] + ":" for name in header.split("\t"))
    path.write_text(text.replace(header, plain.replace("Time:\t", "Record Time:\t", 1)))
    np.testing.assert_allclose(read(path).sensors[0].gyr_rad_s, known(0).gyr_rad_s, atol=1e-6)


def test_headers_that_were_spoilt(tmp_path: Path) -> None:
    """A degree sign that is no letter of any encoding."""
    path = written(tmp_path, WITMOTION_2021, known(0))
    path.write_bytes(path.read_bytes().replace("°".encode(), b"\xff"))
    assert len(read(path).sensors[0].t_s) == 600


def test_radians(tmp_path: Path) -> None:
    app = replace(MINI_IMU, head=MINI_IMU.head.replace("deg/s", "rad/s"))
    sensor = read(written(tmp_path, app, known(0))).sensors[0]
    np.testing.assert_allclose(sensor.gyr_rad_s, np.degrees(known(0).gyr_rad_s), atol=6e-5)


def test_headers_that_occur_again(tmp_path: Path) -> None:
    path = written(tmp_path, WITMOTION_2021, known(0))
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([*lines[:100], lines[0], *lines[100:]]), encoding="utf-8")
    assert len(read(path).sensors[0].t_s) == 600


def test_a_last_line_that_breaks_off(tmp_path: Path) -> None:
    path = written(tmp_path, WITMOTION_2021, known(0))
    raw = path.read_bytes()
    path.write_bytes(raw[:-30])
    assert len(read(path).sensors[0].t_s) == 599


def test_parts_of_one_device(tmp_path: Path) -> None:
    sample = known(0)
    written(tmp_path, WITMOTION_2021, sample.part(300), "b_0.csv")
    written(tmp_path, WITMOTION_2021, sample.part(0, 300), "b_1.csv")
    (sensor,) = read(tmp_path).sensors
    np.testing.assert_allclose(sensor.t_s, sample.t_s, atol=1e-6)
    np.testing.assert_allclose(sensor.acc_m_s2, sample.acc_m_s2, atol=5e-3)


class TestTimes:
    def test_over_midnight(self, tmp_path: Path) -> None:
        app = replace(CHINESE, times={"时间": of_day})
        sensor = read(written(tmp_path, app, known(0).later(9165.0))).sensors[0]
        np.testing.assert_allclose(np.diff(sensor.t_s), 0.01, atol=1e-9)

    def test_the_devices_own_time_is_preferred(self, tmp_path: Path) -> None:
        sample = known(0)
        path = written(tmp_path, WITMOTION_2024, sample)
        lines = path.read_bytes().split(b"\n")
        for number in range(1, len(lines) - 1):
            cells = lines[number].split(b"\t")
            lines[number] = b"\t".join([b"21:00:00.000", *cells[1:]])
        path.write_bytes(b"\n".join(lines))
        np.testing.assert_allclose(read(path).sensors[0].t_s, sample.t_s, atol=1e-6)

    def test_seconds(self, tmp_path: Path) -> None:
        app = replace(MINI_IMU, times={"Time(s)": lambda s: f"{s:.3f}", "ChipTime": None})
        sensor = read(written(tmp_path, app, known(0))).sensors[0]
        np.testing.assert_allclose(sensor.t_s, known(0).t_s, atol=1e-6)

    def test_of_arrival(self, tmp_path: Path) -> None:
        """Packets of four samples, up to 40 ms late, become even to about a millisecond."""
        sample = known(0, seconds=30.0)
        arrived = arrivals(len(sample), 100.0, seed=3)
        late = Known(
            arrived,
            sample.acc_m_s2,
            sample.gyr_rad_s,
            sample.mag_ut,
            sample.quat_wxyz,
            sample.free_acc_m_s2,
        )
        foreign = read(written(tmp_path, WITMOTION_2021, late))
        (sensor,) = foreign.sensors
        assert "evened out" in foreign.remarks[0]
        assert sensor.rate_hz == 100.0
        np.testing.assert_allclose(np.diff(sensor.t_s), 0.01, atol=1e-3)
        off = sensor.t_s - sample.t_s
        assert np.std(off) < 2e-3

    def test_gaps_stay(self) -> None:
        random = np.random.default_rng(1)
        even = np.concatenate([np.arange(1000) * 0.01, 15.0 + np.arange(1000) * 0.01])
        arrived = np.maximum.accumulate(even + random.gamma(2.0, 0.004, 2000))
        evened = without_jitter(np.asarray(arrived, dtype=np.float64))
        assert np.diff(evened)[999] == pytest.approx(5.01, abs=0.01)
        assert np.abs(np.delete(np.diff(evened), 999) - 0.01).max() < 1e-3

    def test_even_times_are_left_alone(self) -> None:
        even = np.linspace(0.0, 0.5, 101)
        assert without_jitter(even) is even


class TestRefused:
    def test_no_angular_velocity(self, tmp_path: Path) -> None:
        app = replace(WITMOTION_2021, head=WITMOTION_2021.head.replace("As{xyz}(°/s),", ""))
        path = written(tmp_path, app, known(0))
        assert read_foreign(path) is None

    def test_no_time(self, tmp_path: Path) -> None:
        path = changed(written(tmp_path, CHINESE, known(0)), "21:27:11.750", "never")
        assert refused(path, "line 7", "'2023-03-04 never', which is no time").line == 7

    def test_times_that_run_backwards(self, tmp_path: Path) -> None:
        path = changed(written(tmp_path, CHINESE, known(0)), "21:27:11.750", "21:27:11.550")
        assert refused(path, "line 7", "runs backwards").line == 7

    def test_times_that_stand_still(self, tmp_path: Path) -> None:
        app = replace(CHINESE, times={"时间": lambda _: "21:00:00.000"})
        refused(written(tmp_path, app, known(0)), "时间 stands still")

    def test_no_number(self, tmp_path: Path) -> None:
        path = written(tmp_path, WITMOTION_2021, known(0))
        lines = path.read_text(encoding="utf-8").split("\n")
        lines[9] = lines[9].replace("\tnull\t", "\tnull\tx", 1)
        path.write_text("\n".join(lines), encoding="utf-8")
        assert refused(path, "line 10", "AccX(g) is 'x").line == 10

    def test_two_files_of_one_time(self, tmp_path: Path) -> None:
        written(tmp_path, WITMOTION_2021, known(0), "a.txt")
        written(tmp_path, WITMOTION_2021, known(1), "b.txt")
        refused(tmp_path, "one device and one time")


@pytest.mark.parametrize("app", [WITMOTION_2024, CHINESE])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_spoilt_files(app: App, data: st.DataObject) -> None:
    GOOD[app.head].spoil(data)
