"""MetaBase exports: two times brought together, packets, devices' names, sensor fusion."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from hipimu.sources.foreign.columns import on_times_of, spread
from hipimu.sources.foreign.noun import Foreign
from hipimu.sources.foreign.registry import read_foreign
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign import hostile
from tests.unit.sources.foreign.known import known
from tests.unit.sources.foreign.write_metabase import (
    ANDROID,
    DEVICES,
    make_fused,
    make_raw,
    write_raw,
)

PELVIS = DEVICES["pelvis"]


def read(path: Path) -> Foreign:
    foreign = read_foreign(path)
    assert foreign is not None
    return foreign


def refused(path: Path, *parts: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read(path)
    return proper(caught.value, *parts)


def test_devices_by_their_names(tmp_path: Path) -> None:
    foreign = read(make_raw(tmp_path).path)
    assert [(one.label, one.segment) for one in foreign.sensors] == [
        ("LeftThigh", "thigh_left"),
        ("Pelvis", "pelvis"),
        ("RThigh", "thigh_right"),
    ]
    assert foreign.started_at == datetime(2019, 1, 11, 15, 10, 8, 270_000, tzinfo=UTC)
    assert foreign.remarks == ("The devices have no common clock, although all have Unix time.",)


def test_devices_by_their_addresses_where_names_are_alike(tmp_path: Path) -> None:
    for seed, (_, address) in enumerate(DEVICES.values()):
        write_raw(tmp_path, ("MetaWear", address), known(seed), known(seed))
    labels = {sensor.label for sensor in read(tmp_path).sensors}
    assert labels == {address for _, address in DEVICES.values()}


def test_the_android_app(tmp_path: Path) -> None:
    assert len(read(make_raw(tmp_path, ANDROID).path).sensors) == 3


def test_renamed_files(tmp_path: Path) -> None:
    make_raw(tmp_path)
    for path in tmp_path.glob("*.csv"):
        quantity = "accelerometer" if "Accelerometer" in path.name else "gyroscope"
        path.rename(tmp_path / f"{path.name.split('_')[1]}_{quantity}.csv")
    assert open_recording(tmp_path).segments == ("pelvis", "thigh_left", "thigh_right")


def test_one_file_brings_the_other_along(tmp_path: Path) -> None:
    make_raw(tmp_path)
    (path,) = tmp_path.glob("*_Pelvis_*_Gyroscope_*")
    (sensor,) = read(path).sensors
    assert sensor.label == "Pelvis"
    assert len(sensor.t_s) == 600


def test_other_quantities_are_left_alone(tmp_path: Path) -> None:
    make_raw(tmp_path)
    (path,) = tmp_path.glob("*_Pelvis_*_Gyroscope_*")
    text = path.read_text().replace("deg/s", "T")
    (tmp_path / path.name.replace("Gyroscope", "Magnetometer")).write_text(text)
    assert len(read(tmp_path).sensors) == 3


class TestTwoTimes:
    def test_a_gyroscope_that_is_faster(self, tmp_path: Path) -> None:
        """Nothing is thrown away: acceleration is brought onto the times of the gyroscope."""
        fast = known(0, rate_hz=200.0)
        write_raw(tmp_path, PELVIS, fast.part(0, None, 2), fast.part(10))
        (sensor,) = read(tmp_path).sensors
        assert sensor.rate_hz == 200.0
        # The last acceleration is half a period before the last angular velocity.
        np.testing.assert_allclose(sensor.t_s, fast.t_s[: len(sensor.t_s)], atol=1e-6)
        assert len(sensor.t_s) == 1200 - 10 - 1
        np.testing.assert_allclose(sensor.gyr_rad_s, fast.gyr_rad_s[10:-1], atol=2e-5)
        off = np.abs(sensor.acc_m_s2 - fast.acc_m_s2[10:-1])
        assert np.quantile(off, 0.99) < 0.06  # but where the swing begins with a jump
        assert "times of their own" in read(tmp_path).remarks[0]
        assert "gyroscope" in read(tmp_path).remarks[0]

    def test_a_gyroscope_that_starts_later(self, tmp_path: Path) -> None:
        sample = known(0)
        write_raw(tmp_path, PELVIS, sample, sample.part(50, -50).later(0.005))
        (sensor,) = read(tmp_path).sensors
        assert len(sensor.t_s) == 600 - 100 - 1
        middle = 0.5 * (sample.gyr_rad_s[50:-51] + sample.gyr_rad_s[51:-50])
        np.testing.assert_allclose(sensor.acc_m_s2, sample.acc_m_s2[51:-50], atol=5e-3)
        np.testing.assert_allclose(sensor.gyr_rad_s, middle, atol=3e-5)

    def test_gaps_stay_gaps(self, tmp_path: Path) -> None:
        sample = known(0)
        lost = np.delete(np.arange(600), slice(100, 150))
        write_raw(tmp_path, PELVIS, sample, sample.rows(lost))
        (sensor,) = read(tmp_path).sensors
        assert len(sensor.t_s) == 550
        assert np.diff(sensor.t_s).max() == pytest.approx(0.51)

    def test_the_values_between(self) -> None:
        values = np.array([[0.0], [1.0], [3.0]])
        kept, between = on_times_of(np.array([-1.0, 0.0, 0.5, 2.0, 2.1]), np.arange(3.0), values)
        assert kept.tolist() == [False, True, True, True, False]
        np.testing.assert_allclose(between[:, 0], [0.0, 0.5, 3.0])


def test_samples_of_one_packet_share_a_time() -> None:
    packed = np.repeat(np.arange(5) * 0.03, 3)
    np.testing.assert_allclose(spread(packed, 0.01), np.arange(15) * 0.01)
    with_gap = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
    np.testing.assert_allclose(spread(with_gap, 0.01), [0.0, 0.01, 0.02, 1.0, 1.01])


@pytest.mark.parametrize("turned", [False, True])
def test_gravity_tells_which_way_orientations_turn(tmp_path: Path, turned: bool) -> None:
    made = make_fused(tmp_path, turned=turned)
    foreign = read(made.path)
    pelvis = next(sensor for sensor in foreign.sensors if sensor.segment == "pelvis")
    error = pelvis.gyr_rad_s - made.samples["pelvis"].gyr_rad_s
    assert np.sqrt(np.mean(error**2)) < 0.08
    assert "coarsely" in foreign.remarks[0]


class TestRefused:
    def test_no_gyroscope(self, tmp_path: Path) -> None:
        make_raw(tmp_path)
        for path in tmp_path.glob("*_Pelvis_*_Gyroscope_*"):
            path.unlink()
        refused(tmp_path, "'Pelvis' is missing", "Accelerometer", "Give the folder")

    def test_two_recordings_of_one_device(self, tmp_path: Path) -> None:
        make_raw(tmp_path)
        (path,) = tmp_path.glob("*_Pelvis_*_Gyroscope_*")
        path.with_name(path.name.replace("1.4.4", "1.4.5")).write_bytes(path.read_bytes())
        refused(tmp_path, "one device and quantity")

    def test_times_that_run_backwards(self, tmp_path: Path) -> None:
        make_raw(tmp_path)
        (path,) = tmp_path.glob("*_Pelvis_*_Gyroscope_*")
        lines = path.read_text().split("\n")
        lines[20], lines[40] = lines[40], lines[20]
        path.write_text("\n".join(lines))
        assert refused(tmp_path, "line 22", "runs backwards").line == 22

    def test_files_that_share_no_time(self, tmp_path: Path) -> None:
        write_raw(tmp_path, PELVIS, known(0), known(0).later(100.0))
        refused(tmp_path, "share no time")

    def test_nothing_but_light(self, tmp_path: Path) -> None:
        path = tmp_path / "a_Ambient Light_10.000Hz_1.4.4.csv"
        path.write_text("epoc (ms),timestamp (+0100),elapsed (s),illuminance (lx)\n1,x,0,3\n")
        refused(path, "neither acceleration nor angular velocity")


@pytest.mark.parametrize("good", [hostile.Good(make_raw), hostile.Good(make_fused)])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_spoilt_files(good: hostile.Good, data: st.DataObject) -> None:
    good.spoil(data)
