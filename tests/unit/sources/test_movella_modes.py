"""Movella DOT exports of every mode and app: used, computed, refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.maths.quaternion import conjugate, multiply, rotate
from hipimu.sources import Recording, csv_table, open_recording
from hipimu.sources.foreign.registry import read_foreign
from tests.unit.sources.conftest import proper, samples_of
from tests.unit.sources.foreign import hostile
from tests.unit.sources.foreign.known import Known, known
from tests.unit.sources.foreign.write_movella_dot import (
    HEAD,
    OF_MEMORY,
    TAGS,
    euler_deg,
    make,
    write,
)

SDK = (
    "sep=,\nDeviceTag:,{tag},,,,,\nFirmwareVersion:,2.4.0,,,,,\nAppVersion:,v2023.6,,,,,\n"
    "SyncStatus:,Un-synced,,,,,\nOutputRate:,100Hz,,,,,\nMeasurement Mode:,{mode},,,,,\n"
    "StartTime:,2023-05-03 09:30:00.250 +0200,,,,,\nMovella Technologies,,,,,\n\n"
)


def written(folder: Path, names: str, head: str = HEAD, **how: str) -> Path:
    for number, tag in enumerate(TAGS.values()):
        write(folder / f"D{number}.csv", tag, known(number), names, head=head, **how)
    return folder


def refused(folder: Path, *parts: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        list(open_recording(folder).blocks())
    return proper(caught.value, *parts)


def blocks_differ(recording: Recording, sample: Known, step: float) -> Iterator[str]:
    rows = samples_of(list(recording.blocks()), "pelvis")
    if not np.allclose(rows[:, 1:4], sample.acc_m_s2, rtol=0.0, atol=step):
        yield "acceleration"
    if not np.allclose(rows[:, 4:], sample.gyr_rad_s, rtol=0.0, atol=step):
        yield "angular velocity"


class TestComputed:
    @pytest.mark.parametrize("names", ["Quat FreeAcc Status", "Euler FreeAcc"])
    def test_said_of_every_file(self, tmp_path: Path, names: str) -> None:
        remarks = open_recording(written(tmp_path, names)).remarks
        assert len(remarks) == 6
        assert "D0.csv: acceleration was computed" in remarks[0]
        assert "smoother than a measured one" in remarks[1]

    def test_measured_is_preferred(self, tmp_path: Path) -> None:
        recording = open_recording(written(tmp_path, "Quat Euler FreeAcc dv dq Acc Gyr Mag"))
        assert recording.remarks == ()
        assert not list(blocks_differ(recording, known(0), 1e-6))

    def test_nothing_depends_on_how_the_file_is_cut(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = samples_of(
            list(open_recording(written(tmp_path, "Quat FreeAcc")).blocks()), "pelvis"
        )
        monkeypatch.setattr(csv_table, "BLOCK_BYTES", 500)
        cut = samples_of(list(open_recording(tmp_path).blocks()), "pelvis")
        np.testing.assert_array_equal(cut, whole)

    def test_upright_sensors_whose_euler_angles_are_at_their_pole(self, tmp_path: Path) -> None:
        """A sensor that stands on its long side has a pitch of 90 degrees."""
        sample = known(0)
        turn = np.array([np.sqrt(0.5), 0.0, np.sqrt(0.5), 0.0])
        back = multiply(conjugate(sample.quat_wxyz[:1]), turn)
        upright = Known(
            sample.t_s,
            rotate(conjugate(back), sample.acc_m_s2),
            rotate(conjugate(back), sample.gyr_rad_s),
            sample.mag_ut,
            multiply(sample.quat_wxyz, back),
            sample.free_acc_m_s2,
        )
        assert abs(euler_deg(upright)[0, 1]) > 89.9
        for number, tag in enumerate(TAGS.values()):
            write(tmp_path / f"D{number}.csv", tag, upright, "Euler FreeAcc")
        assert not list(blocks_differ(open_recording(tmp_path), upright.part(1), 1e-4))


class TestRefused:
    def test_orientation_alone(self, tmp_path: Path) -> None:
        error = refused(
            written(tmp_path, "Quat", mode="Sensor fusion Mode - Orientation(Quaternion)"),
            "there is no acceleration",
            "Orientation(Quaternion)",
            "Rate Quantities",
        )
        assert error.line == 12

    def test_orientation_and_angular_velocity(self, tmp_path: Path) -> None:
        """Custom mode 3 has no acceleration of any kind."""
        refused(written(tmp_path, "Quat Gyr", mode="Custom Mode 3"), "no acceleration")

    def test_free_acceleration_alone(self, tmp_path: Path) -> None:
        refused(written(tmp_path, "FreeAcc"), "no acceleration", "with an orientation")

    def test_acceleration_alone(self, tmp_path: Path) -> None:
        refused(written(tmp_path, "Acc"), "no angular velocity", "dq_W")

    def test_quaternions_that_are_none(self, tmp_path: Path) -> None:
        path = written(tmp_path, "Quat FreeAcc") / "D0.csv"
        lines = path.read_text(encoding="utf-8").split("\n")
        cells = lines[20].split(",")
        lines[20] = ",".join([*cells[:2], "0", "0", "0", "0", *cells[6:]])
        path.write_text("\n".join(lines), encoding="utf-8")
        assert refused(tmp_path, "D0.csv, line 21", "FreeAcc_X", "not a number").line == 21


class TestHeaders:
    def test_the_vendors_sdk(self, tmp_path: Path) -> None:
        """Pads its lines with commas, and ends rows of recordings with one."""
        recording = open_recording(written(tmp_path, "Acc Gyr", head=SDK, end=", "))
        assert not recording.synchronised
        assert recording.metadata.started_at == datetime(2023, 5, 3, 7, 30, 0, 250_000, tzinfo=UTC)
        assert not list(blocks_differ(recording, known(0), 1e-6))

    def test_without_sep_or_anything_else_above(self, tmp_path: Path) -> None:
        for number, tag in enumerate(TAGS.values()):
            write(tmp_path / f"{tag}.csv", tag, known(number), "Acc Gyr", head="")
        recording = open_recording(tmp_path)
        assert recording.rate_hz == 100.0
        assert recording.metadata.started_at is None

    @pytest.mark.parametrize("separator", [";", "\t"])
    def test_other_separators(self, tmp_path: Path, separator: str) -> None:
        recording = open_recording(written(tmp_path, "Acc Gyr", separator=separator))
        assert recording.synchronised
        assert not list(blocks_differ(recording, known(0), 1e-6))

    def test_decimal_commas(self, tmp_path: Path) -> None:
        for path in written(tmp_path, "Acc Gyr", separator=";").glob("*.csv"):
            path.write_text(path.read_text(encoding="utf-8").replace(".", ","), encoding="utf-8")
        assert not list(blocks_differ(open_recording(tmp_path), known(0), 1e-6))

    @pytest.mark.parametrize(
        ("text", "started"),
        [
            ("2021-08-20_20:21:13_835 GMT+8", datetime(2021, 8, 20, 12, 21, 13, 835_000, UTC)),
            ("2021-08-20_20:21:13_835 GMT-03:30", datetime(2021, 8, 20, 23, 51, 13, 835_000, UTC)),
            ("2023-05-03 09:30:00 +0530", datetime(2023, 5, 3, 4, 0, tzinfo=UTC)),
            ("Wed, 03 May 2023 07:30:00 GMT", datetime(2023, 5, 3, 7, 30, tzinfo=UTC)),
            ("2021-08-20_20:21:13_835", None),
            ("2021-08-20_20:21:13_835 GMT+80", None),
            ("2021-18-20_20:21:13_835 CET", None),
            ("yesterday", None),
            ("", None),
        ],
    )
    def test_starts(self, tmp_path: Path, text: str, started: datetime | None) -> None:
        head = HEAD.replace("2024-12-09_17:31:07_886 CET", text)
        assert (
            open_recording(written(tmp_path, "Acc Gyr", head=head)).metadata.started_at == started
        )


class TestExportedRecordings:
    def test_clocks_that_agree(self, tmp_path: Path) -> None:
        made = make(tmp_path, "Acc Gyr", "", head=OF_MEMORY)
        recording = open_recording(made.path)
        assert recording.synchronised
        assert "do not say whether the sensors were synchronised" in recording.remarks[0]
        assert "one clock" in recording.remarks[0]

    def test_clocks_that_do_not(self, tmp_path: Path) -> None:
        """By firmware 1.6.0, whose sensors counted from when each was switched on."""
        written(tmp_path, "Acc Gyr", head=OF_MEMORY)
        write(tmp_path / "D1.csv", "Left Thigh", known(1).later(700.0), "Acc Gyr", head=OF_MEMORY)
        recording = open_recording(tmp_path)
        assert not recording.synchronised
        assert "clocks of their own" in recording.remarks[0]


class TestOneByOne:
    def test_labels_are_tags(self, tmp_path: Path) -> None:
        foreign = read_foreign(written(tmp_path, "Acc Gyr"))
        assert foreign is not None
        assert [sensor.label for sensor in foreign.sensors] == list(TAGS.values())
        assert [sensor.segment for sensor in foreign.sensors] == list(TAGS)

    def test_labels_are_names_where_tags_are_alike(self, tmp_path: Path) -> None:
        for number in range(3):
            write(tmp_path / f"D{number}.csv", "Xsens DOT", known(number), "Acc Gyr")
        roles = {"pelvis": "D2", "thigh_left": "D0", "thigh_right": "D1"}
        recording = open_recording(tmp_path, roles=roles)  # type: ignore[arg-type]
        assert not list(blocks_differ(recording, known(2), 1e-6))

    def test_lines_in_messages(self, tmp_path: Path) -> None:
        """The first row, of zeros, is left out; lines are still counted as in the file."""
        made = make(tmp_path, "Quat FreeAcc", "")
        foreign = read_foreign(made.path)
        assert foreign is not None
        assert foreign.sensors[0].first_line == 14


GOOD = {
    names: hostile.Good(partial(make, names=names, mode=""))
    for names in ("Quat FreeAcc", "dq dv", "Euler FreeAcc Gyr")
}


@pytest.mark.parametrize("names", list(GOOD))
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_spoilt_exports(names: str, data: st.DataObject) -> None:
    GOOD[names].spoil(data)
