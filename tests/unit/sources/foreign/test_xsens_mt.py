"""MT Manager exports: clocks, rates that are missing, units, lost samples, real files."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.maths.quaternion import conjugate, rotate
from hipimu.sources import open_recording
from hipimu.sources.derived import angular_velocity
from hipimu.sources.foreign.noun import Foreign
from hipimu.sources.foreign.registry import read_foreign
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign import hostile
from tests.unit.sources.foreign.known import known
from tests.unit.sources.foreign.write_xsens_mt import DEVICES, HEAD_2020, make, write

GOOD = hostile.Good(partial(make, names="Acc Gyr Quat", fine=True))
REAL = Path(__file__).parent / "real"


def read(path: Path) -> Foreign:
    foreign = read_foreign(path)
    assert foreign is not None
    return foreign


def refused(path: Path, *parts: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read(path)
    return proper(caught.value, *parts)


def changed(folder: Path, pattern: str, text: str) -> Path:
    """Change all files of a folder."""
    for path in folder.glob("*.txt"):
        path.write_text(re.sub(pattern, text, path.read_text(encoding="utf-8")))
    return folder


def test_labels_are_the_devices_numbers(tmp_path: Path) -> None:
    foreign = read(make(tmp_path, "Acc Gyr").path)
    assert [sensor.label for sensor in foreign.sensors] == sorted(DEVICES.values())
    assert foreign.synchronised


def test_file_names_may_say_the_segment(tmp_path: Path) -> None:
    for number, name in enumerate(("pelvis", "LeftThigh", "thigh_r")):
        write(tmp_path / f"{name}.txt", known(number), ["Acc", "Gyr"])
    assert open_recording(tmp_path).segments == ("pelvis", "thigh_left", "thigh_right")


def test_counters_of_their_own_are_clocks_of_their_own(tmp_path: Path) -> None:
    make(tmp_path, "Acc Gyr")
    write(tmp_path / "MT_00B42200.txt", known(3).later(60.0), ["Acc", "Gyr"])
    foreign = read(tmp_path)
    assert not foreign.synchronised
    assert "a clock of its own" in foreign.remarks[-1]
    assert all(sensor.t_s[0] == 0.0 for sensor in foreign.sensors)


def test_the_rate_that_newer_versions_leave_out(tmp_path: Path) -> None:
    """Wireless trackers have no times either: it has to be added."""
    folder = make(tmp_path, "Acc Gyr", head=HEAD_2020).path
    refused(folder, "how many samples a second", "// Update Rate: 100.0Hz")
    changed(folder, r"\A", "// Update Rate: 100.0Hz\n")
    assert {sensor.rate_hz for sensor in read(folder).sensors} == {100.0}


def test_times_that_wrap_tell_the_rate(tmp_path: Path) -> None:
    folder = make(tmp_path, "Acc Gyr", head=HEAD_2020, fine=True).path
    for path in folder.glob("*.txt"):
        text = path.read_text()
        wrapped = re.sub(r"\t(\d{4,6})\t\t", lambda m: f"\t{(int(m[1]) - 5000) % 2**32}\t\t", text)
        path.write_text(wrapped)
    assert read(folder).sensors[0].rate_hz == 100.0


def test_lost_samples(tmp_path: Path) -> None:
    """Rows that are missing, and rows without values."""
    path = make(tmp_path, "Acc Gyr").path / "MT_012005D6_009-001_00B421E6.txt"
    lines = path.read_text().split("\n")
    del lines[50:55]
    lines[100] = re.sub(r"\t[-.\d]+", "\t", lines[100])
    path.write_text("\n".join(lines))
    foreign = read(tmp_path)
    t_s = foreign.sensors[0].t_s
    assert len(t_s) == 600 - 5 - 1
    np.testing.assert_allclose(np.unique(np.round(np.diff(t_s), 6)), [0.01, 0.02, 0.06])
    assert "1 rows are empty" in foreign.remarks[0]


def test_orientations_tell_the_unit_of_angular_velocity(tmp_path: Path) -> None:
    in_deg = read(make(tmp_path, "Acc GyrDeg Mat").path)
    assert all("deg/s" in remark for remark in in_deg.remarks)
    assert len(in_deg.remarks) == 3


def test_without_orientations_the_unit_is_that_of_the_manual(tmp_path: Path) -> None:
    """What is in deg/s after all is refused like any recording's."""
    made = make(tmp_path, "Acc GyrDeg")
    with pytest.raises(RecordingError, match="looks like deg/s"):
        list(open_recording(made.path, roles=made.roles).blocks())


class TestRefused:
    def test_no_acceleration(self, tmp_path: Path) -> None:
        refused(make(tmp_path, "Gyr Mat").path, "no acceleration", "tick acceleration")

    def test_no_angular_velocity(self, tmp_path: Path) -> None:
        refused(make(tmp_path, "Acc Mag").path, "no angular velocity or orientation")

    def test_free_acceleration_with_z_down(self, tmp_path: Path) -> None:
        head = HEAD_2020.replace("ENU", "NED")
        refused(make(tmp_path, "FreeAcc Quat", head=head, fine=True).path, "whose z is down")

    def test_a_cell_that_is_no_number(self, tmp_path: Path) -> None:
        make(tmp_path, "Acc Gyr")
        changed(tmp_path, r"\n65510\t\t\t[-\d.]+", r"\n65510\t\t\tx")
        assert refused(tmp_path, "line 17", "Acc_X is 'x'").line == 17


class TestReal:
    """Exports of MT Manager 3: `Counter`, `Sample rate`, a separator at the end of each row."""

    @pytest.mark.parametrize(
        ("name", "rate_hz", "columns"), [("xsens_mt_50hz", 50.0, 14), ("xsens_mt_120hz", 120.0, 13)]
    )
    def test_samples(self, name: str, rate_hz: float, columns: int) -> None:
        (sensor,) = read(REAL / f"{name}.txt").sensors
        raw = np.loadtxt(REAL / f"{name}.txt", skiprows=5)
        assert raw.shape == (150, columns)
        assert sensor.rate_hz == rate_hz
        assert sensor.first_line == 6
        np.testing.assert_allclose(sensor.t_s, (raw[:, 0] - raw[0, 0]) / rate_hz, atol=1e-9)
        np.testing.assert_array_equal(sensor.acc_m_s2, raw[:, 1:4])
        np.testing.assert_array_equal(sensor.gyr_rad_s, raw[:, 4:7])

    def test_angular_velocity_is_that_of_the_orientations(self) -> None:
        """In rad/s, and in the same axes: `Quat_*` turns sensor axes into the earth's."""
        (sensor,) = read(REAL / "xsens_mt_50hz.txt").sensors
        quat = np.loadtxt(REAL / "xsens_mt_50hz.txt", skiprows=5)[:, 10:14]
        turns = angular_velocity(quat, sensor.t_s)
        moving = np.linalg.norm(turns, axis=1) > 0.1
        assert np.count_nonzero(moving) > 10
        apart = np.linalg.norm(turns - sensor.gyr_rad_s[1:], axis=1)
        assert np.median(apart[moving]) < 0.3 * np.median(np.linalg.norm(turns[moving], axis=1))
        resting = slice(0, 5)
        upwards = rotate(conjugate(quat[resting]), np.array([0.0, 0.0, 9.81]))
        assert np.abs(upwards - sensor.acc_m_s2[resting]).max() < 0.2


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_spoilt_files(data: st.DataObject) -> None:
    GOOD.spoil(data)
