"""Shimmer files: headers of many versions, clocks, what is not calibrated, what breaks off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from hipimu.sources.foreign.noun import Foreign, ForeignSensor
from hipimu.sources.foreign.registry import read_foreign
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign import hostile
from tests.unit.sources.foreign.known import known
from tests.unit.sources.foreign.write_shimmer import (
    ACC_STEP,
    FORMATTED,
    GYR_STEP,
    NAMES,
    RATE_HZ,
    SD,
    SERIALS,
    SYNCHRONISED,
    Export,
    java,
    make,
    make_old,
    make_together,
    write,
    write_old,
    write_together,
)

SAMPLE = known(0, rate_hz=RATE_HZ)
GOOD = {
    "together": hostile.Good(partial(make_together, export=FORMATTED)),
    "apart": hostile.Good(partial(make, export=SYNCHRONISED, names=NAMES)),
    "old": hostile.Good(make_old),
}


def read(path: Path) -> Foreign:
    foreign = read_foreign(path)
    assert foreign is not None
    return foreign


def refused(path: Path, *parts: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read(path)
    return proper(caught.value, *parts)


def written(folder: Path, export: Export, device: str = "Shimmer_8665") -> Path:
    path = folder / "a.csv"
    write(path, export, device, SAMPLE)
    return path


def changed(path: Path, old: str, new: str, count: int = -1) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return path


def same(sensor: ForeignSensor, start: int = 0, stop: int | None = None) -> None:
    part = SAMPLE.part(start, stop)
    np.testing.assert_allclose(sensor.t_s - sensor.t_s[0], part.t_s - part.t_s[0], atol=1e-6)
    np.testing.assert_allclose(sensor.acc_m_s2, part.acc_m_s2, atol=0.51 * ACC_STEP)
    np.testing.assert_allclose(sensor.gyr_rad_s, part.gyr_rad_s, atol=0.51 * GYR_STEP)


def test_a_line_as_a_repository_describes_it(tmp_path: Path) -> None:
    """The head of a recording of a stroller, and its first line of samples, with a second one."""
    acc, gyr = "-0.8421052631578947,-0.6889952153110047,10.488038277511961", "3.475,-0.609,-1.951"
    path = tmp_path / "maxicos_1_SH_Session1_S_SeatHead_Calibrated_SD.csv"
    kinds = [f"{kind}_{axis}" for kind in ("Accel_WR", "Gyro") for axis in "XYZ"]
    names = ["Timestamp_Unix", *kinds]
    path.write_text(
        '"sep=,"\n'
        + ",".join(f"S_SeatHead_{name}_CAL" for name in names)
        + ",\nms,m/(s^2),m/(s^2),m/(s^2),deg/s,deg/s,deg/s,\n"
        + f"1.7327890275714417E12,{acc},{gyr},\n1.7327890275812073E12,{acc},{gyr},\n"
    )
    foreign = read(path)
    (sensor,) = foreign.sensors
    assert sensor.label == "S_SeatHead"
    assert sensor.rate_hz == 102.4
    np.testing.assert_allclose(sensor.acc_m_s2[0], [-0.842105, -0.688995, 10.488038], atol=1e-6)
    np.testing.assert_allclose(np.degrees(sensor.gyr_rad_s[0]), [3.475, -0.609, -1.951])
    assert foreign.started_at == datetime(2024, 11, 28, 10, 17, 7, 571442, tzinfo=UTC)


class TestHeaders:
    @pytest.mark.parametrize("separator", [",", "\t", ";"])
    @pytest.mark.parametrize("sep_line", [True, False])
    def test_separators(self, tmp_path: Path, separator: str, sep_line: bool) -> None:
        same(read(written(tmp_path, Export(separator, sep_line=sep_line))).sensors[0])

    def test_no_separator_at_ends(self, tmp_path: Path) -> None:
        path = written(tmp_path, SD)
        path.write_text(path.read_text().replace("\t\n", "\n"))
        same(read(path).sensors[0])

    def test_separators_at_the_ends_of_samples_only(self, tmp_path: Path) -> None:
        same(read(changed(written(tmp_path, SD), "\t\n", "\n", 2)).sensors[0])

    def test_separators_at_the_end_of_the_header_only(self, tmp_path: Path) -> None:
        path = written(tmp_path, SD)
        head = path.read_text().split("\n", 3)
        path.write_text("\n".join([*head[:3], head[3].replace("\t\n", "\n")]))
        same(read(path).sensors[0])

    def test_no_units(self, tmp_path: Path) -> None:
        foreign = read(written(tmp_path, replace(SD, units=False)))
        same(foreign.sensors[0])
        assert foreign.remarks == ("a.csv has no units: m/s² and deg/s are assumed.",)

    def test_other_units(self, tmp_path: Path) -> None:
        path = changed(written(tmp_path, SD), "deg/s", "rad/s")
        np.testing.assert_allclose(
            read(path).sensors[0].gyr_rad_s, np.degrees(SAMPLE.gyr_rad_s), atol=0.04
        )

    def test_devices_without_a_name(self, tmp_path: Path) -> None:
        (sensor,) = read(written(tmp_path, SD, device="")).sensors
        same(sensor)
        assert sensor.label == "a"

    def test_names_that_are_not_ascii(self, tmp_path: Path) -> None:
        path = written(tmp_path, SD, device="Hüfte")
        path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
        assert read(path).sensors[0].segment == "pelvis"

    def test_devices_of_one_name(self, tmp_path: Path) -> None:
        """As ShimmerCapture names the first device that is connected."""
        made = make_old(tmp_path)
        foreign = read(made.path)
        assert foreign.sensors[0].label == "pelvis Shimmer 1"
        assert open_recording(made.path).segments == ("pelvis", "thigh_left", "thigh_right")

    def test_lines_are_told(self, tmp_path: Path) -> None:
        assert read(written(tmp_path, SD)).sensors[0].first_line == 4
        assert read(written(tmp_path, SYNCHRONISED)).sensors[0].first_line == 4


class TestAccelerometers:
    def test_low_noise_is_read_where_it_is_all_there_is(self, tmp_path: Path) -> None:
        foreign = read(written(tmp_path, replace(SD, acc="Accel_LN")))
        same(foreign.sensors[0])
        assert "ends at ±2 g" in foreign.remarks[0]

    def test_wide_range_is_preferred(self, tmp_path: Path) -> None:
        path = written(tmp_path, SD)
        lines = path.read_text().split("\n")
        cells = [line.split("\t") for line in lines]
        for number, line in enumerate(cells[1:-1], start=1):
            low = [cell.replace("_WR_", "_LN_") if number == 1 else "9.5" for cell in line[1:4]]
            low = line[1:4] if number == 2 else low
            lines[number] = "\t".join([line[0], *low, *line[1:]])
        path.write_text("\n".join(lines))
        foreign = read(path)
        same(foreign.sensors[0])
        assert foreign.remarks == ()

    def test_of_older_devices(self, tmp_path: Path) -> None:
        same(read(written(tmp_path, replace(SD, acc="Accel"))).sensors[0])
        write_old(tmp_path / "a.csv", "Shimmer 1", SAMPLE, "Accelerometer")
        same(read(tmp_path / "a.csv").sensors[0])


class TestClocks:
    def test_docked_devices_have_unix_time(self, tmp_path: Path) -> None:
        foreign = read(make(tmp_path, SD).path)
        assert not foreign.synchronised
        assert foreign.started_at == datetime(2024, 11, 28, 10, 17, 7, 571250, tzinfo=UTC)
        assert foreign.remarks == ("Without TimestampSync, the clocks of the devices run apart.",)

    def test_devices_that_start_one_after_another(self, tmp_path: Path) -> None:
        for number, device in enumerate(NAMES.values()):
            write(tmp_path / f"{number}.csv", SD, device, SAMPLE.part(64 * number))
        starts = [sensor.t_s[0] for sensor in read(tmp_path).sensors]
        np.testing.assert_allclose(starts, [0.0, 0.625, 1.25], atol=1e-6)

    def test_synchronised(self, tmp_path: Path) -> None:
        foreign = read(make(tmp_path, SYNCHRONISED).path)
        assert foreign.synchronised
        assert foreign.remarks == ()

    def test_synchronised_time_is_preferred(self, tmp_path: Path) -> None:
        path = written(tmp_path, SYNCHRONISED)
        lines = path.read_text().split("\n")
        for number, line in enumerate(lines[:-1]):
            cell = "Shimmer_8665_Timestamp_Unix_CAL" if number in (0, 2) else "ms"
            lines[number] = f"{cell if number < 3 else java(1e12 + number)},{line}"
        path.write_text("\n".join(lines))
        foreign = read(path)
        same(foreign.sensors[0])
        assert foreign.synchronised

    def test_not_all_are_synchronised(self, tmp_path: Path) -> None:
        for number, device in enumerate(NAMES.values()):
            write(tmp_path / f"{number}.csv", SD if number else SYNCHRONISED, device, SAMPLE)
        assert not read(tmp_path).synchronised

    def test_synchronised_time_with_holes(self, tmp_path: Path) -> None:
        """Where the synchronised time is not filled, the device's own is taken."""
        path = written(tmp_path, SYNCHRONISED)
        lines = path.read_text().split("\n")
        for number, line in enumerate(lines[:-1]):
            own = "Shimmer_8665_Timestamp_Unix_CAL" if number in (0, 2) else line.split(",")[0]
            rest = line.partition(",")[2] if number == 5 else None
            lines[number] = f"{own},{line}" if rest is None else f"{own},,{rest}"
        path.write_text("\n".join(lines))
        foreign = read(path)
        same(foreign.sensors[0])
        assert not foreign.synchronised

    def test_formatted_time_says_no_zone(self, tmp_path: Path) -> None:
        assert read(make_together(tmp_path, FORMATTED).path).started_at is None

    @pytest.mark.parametrize("rate_hz", [51.2, 102.4, 204.8, 256.0, 512.0])
    def test_rates(self, tmp_path: Path, rate_hz: float) -> None:
        path = tmp_path / "a.csv"
        for export in (SD, FORMATTED):
            write(path, export, "Shimmer_8665", known(0, rate_hz=rate_hz))
            assert read(path).sensors[0].rate_hz == rate_hz


class TestSeveralDevicesInAFile:
    def test_each_has_its_rows(self, tmp_path: Path) -> None:
        for sensor in read(make_together(tmp_path, FORMATTED).path).sensors:
            assert len(sensor.t_s) == len(SAMPLE)
            assert sensor.first_line is None

    def test_of_other_kinds_are_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        write_together(path, SD, {"S_Pelvis": SAMPLE, "S_GSR": SAMPLE})
        changed(path, "S_GSR_Gyro", "S_GSR_Skin")
        assert [sensor.label for sensor in read(path).sensors] == ["S_Pelvis"]


def test_a_last_line_that_breaks_off(tmp_path: Path) -> None:
    path = written(tmp_path, SD)
    path.write_bytes(path.read_bytes()[:-40])
    same(read(path).sensors[0], 0, len(SAMPLE) - 1)


def test_blank_lines(tmp_path: Path) -> None:
    path = written(tmp_path, SD)
    lines = path.read_text().split("\n")
    path.write_text("\n".join([*lines[:100], "", *lines[100:], ""]))
    same(read(path).sensors[0])
    lines[110] = lines[110].replace("4012.5", "4012.5\t")
    path.write_text("\n".join([*lines[:100], "", *lines[100:]]))
    assert refused(path, "line 112", "13 values").line == 112


class TestRefused:
    def test_counts(self, tmp_path: Path) -> None:
        refused(written(tmp_path, replace(SD, format="RAW")), "lacks anything calibrated")
        refused(written(tmp_path, replace(SD, format="UNCAL")), "lacks anything calibrated")

    @pytest.mark.parametrize(
        ("old", "what"),
        [
            ("Gyro", "angular velocity"),
            ("Accel_WR", "acceleration"),
            ("Timestamp_Unix", "a calibrated time"),
        ],
    )
    def test_what_is_missing(self, tmp_path: Path, old: str, what: str) -> None:
        path = changed(written(tmp_path, SD), f"_{old}", "_Other")
        refused(path, f"lacks {what}")

    def test_units(self, tmp_path: Path) -> None:
        path = changed(written(tmp_path, SD), "deg/s", "no_units")
        refused(path, "Shimmer_8665_Gyro_X_CAL", "'no_units', a unit that is not known")

    def test_a_time_that_is_missing(self, tmp_path: Path) -> None:
        path = written(tmp_path, SD)
        lines = path.read_text().split("\n")
        lines[9] = "\t" + lines[9].partition("\t")[2]
        path.write_text("\n".join(lines))
        assert refused(path, "line 10", "is missing or no time").line == 10

    def test_a_time_that_is_none(self, tmp_path: Path) -> None:
        path = changed(written(tmp_path, FORMATTED), "10:43:58.048", "10:43:61.048", 1)
        assert refused(path, "line 9", "is missing or no time").line == 9

    def test_no_number(self, tmp_path: Path) -> None:
        path = written(tmp_path, SD)
        lines = path.read_text().split("\n")
        lines[9] = lines[9].replace("\t", "\tx", 1)
        path.write_text("\n".join(lines))
        assert refused(path, "line 10", "Accel_WR_X_CAL is 'x").line == 10

    def test_times_that_stand_still(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        write(path, SD, "Shimmer_8665", SAMPLE.rows(np.zeros(50, dtype=np.int64)))
        refused(path, "'Shimmer_8665' do not tell")

    def test_no_samples(self, tmp_path: Path) -> None:
        path = written(tmp_path, SD)
        path.write_text("\n".join([*path.read_text().split("\n")[:3], ""]))
        refused(path, "no samples")

    def test_sessions_of_one_device(self, tmp_path: Path) -> None:
        for session in (1, 2):
            write(tmp_path / f"Session{session}.csv", SD, "S_Pelvis", SAMPLE)
        with pytest.raises(RecordingError) as caught:
            open_recording(tmp_path)
        proper(caught.value, "'Session1 S_Pelvis' and 'Session2 S_Pelvis' both are pelvis")


@pytest.mark.parametrize("kind", GOOD)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_spoilt_files(kind: str, data: st.DataObject) -> None:
    GOOD[kind].spoil(data)


def test_serials_have_to_be_told_apart(tmp_path: Path) -> None:
    made = make(tmp_path, SD)
    with pytest.raises(RecordingError) as caught:
        open_recording(made.path)
    proper(caught.value, *SERIALS.values())
