"""Xsens MVN files: what is read of which version, gaps, damage and hostile XML."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.errors import RecordingError
from hipimu.sources import open_recording
from hipimu.sources.foreign.noun import Foreign
from hipimu.sources.foreign.registry import read_foreign
from tests.unit.sources.conftest import proper
from tests.unit.sources.foreign import hostile
from tests.unit.sources.foreign.known import known_sensors
from tests.unit.sources.foreign.write_xsens_mvnx import (
    OLD,
    SEGMENTS,
    SENSORS,
    make,
    suit,
    write,
)

GOOD = hostile.Good(partial(make, elements=SENSORS))


def read(path: Path) -> Foreign:
    foreign = read_foreign(path)
    assert foreign is not None
    return foreign


def refused(path: Path, *parts: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read(path)
    return proper(caught.value, *parts)


def changed(path: Path, *pairs: tuple[str, str]) -> Path:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


def test_all_sensors_are_there_and_the_body_names_them(tmp_path: Path) -> None:
    foreign = read(make(tmp_path, SENSORS).path)
    assert [sensor.label for sensor in foreign.sensors] == [
        "Pelvis",
        "T8",
        "RightUpperLeg",
        "LeftUpperLeg",
    ]
    segments = [sensor.segment for sensor in foreign.sensors]
    assert segments == ["pelvis", None, "thigh_right", "thigh_left"]
    assert foreign.synchronised
    assert foreign.started_at == datetime(2018, 11, 13, 4, 17, 11, 842_000, tzinfo=UTC)


def test_what_is_computed_is_said(tmp_path: Path) -> None:
    assert len(read(make(tmp_path, SENSORS).path).remarks) == 2
    assert read(make(tmp_path, OLD).path).remarks == ()
    assert "as if sensors sat at their joints" in read(make(tmp_path, SEGMENTS).path).remarks[0]


def test_measured_is_preferred(tmp_path: Path) -> None:
    made = make(tmp_path, OLD + " sensorFreeAcceleration acceleration")
    pelvis = read(made.path).sensors[0]
    np.testing.assert_allclose(pelvis.gyr_rad_s, made.samples["pelvis"].gyr_rad_s, atol=1e-6)


def test_lost_frames_are_gaps(tmp_path: Path) -> None:
    """The frames' numbers go on; their times are rounded to milliseconds."""
    suited = suit(known_sensors(seconds=4.0, rate_hz=60.0))
    kept = np.delete(np.arange(240), slice(50, 60))
    sensors = {label: sample.rows(kept) for label, sample in suited.items() if label != "T8"}
    path = tmp_path / "run.mvnx"
    write(path, sensors, SENSORS.split(), rate_hz=60.0)
    t_s = read(path).sensors[0].t_s
    assert t_s[0] == pytest.approx(1.0 / 60.0)
    assert np.diff(t_s).max() == pytest.approx(11.0 / 60.0)
    assert np.median(np.diff(t_s)) == pytest.approx(1.0 / 60.0, abs=1e-12)


def test_times_where_frames_are_not_counted(tmp_path: Path) -> None:
    path = make(tmp_path, SENSORS).path
    path.write_text(path.read_text().replace(' index="', ' number="'))
    foreign = read(path)
    np.testing.assert_allclose(foreign.sensors[0].t_s[:3], [0.01, 0.02, 0.03], atol=1e-12)


def test_a_file_that_breaks_off(tmp_path: Path) -> None:
    path = make(tmp_path, SENSORS).path
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    foreign = read(path)
    assert 150 < len(foreign.sensors[0].t_s) < 250
    assert "breaks off" in foreign.remarks[-1]
    assert f"its {len(foreign.sensors[0].t_s) + 1} whole frames" in foreign.remarks[-1]


class TestRefused:
    def test_no_acceleration(self, tmp_path: Path) -> None:
        refused(make(tmp_path, "orientation position").path, "no acceleration", "sensor data")

    def test_half_a_frame(self, tmp_path: Path) -> None:
        path = make(tmp_path, SENSORS).path
        lines = path.read_text().split("\n")
        row = [i for i, text in enumerate(lines) if text.startswith("<sensorOrientation>")][5]
        lines[row] = lines[row].replace(" ", "_", 1)
        path.write_text("\n".join(lines))
        error = refused(path, "15 numbers in sensorOrientation", "16 belong")
        assert error.line is not None
        assert abs(error.line - row) < 4

    def test_words_for_numbers(self, tmp_path: Path) -> None:
        path = changed(
            make(tmp_path, SENSORS).path, ("<sensorOrientation>0.", "<sensorOrientation>x")
        )
        refused(path, "something else than numbers")

    def test_two_recordings(self, tmp_path: Path) -> None:
        path = make(tmp_path, SENSORS).path
        (tmp_path / "other.mvnx").write_bytes(path.read_bytes())
        refused(tmp_path, "two recordings")

    def test_upper_body_alone(self, tmp_path: Path) -> None:
        path = make(tmp_path, SENSORS).path
        text = path.read_text().replace("UpperLeg", "UpperArm")
        path.write_text(text)
        with pytest.raises(RecordingError, match="too few sensors: pelvis"):
            open_recording(path)

    @pytest.mark.parametrize(
        "doctype",
        [
            '<!DOCTYPE mvnx [<!ENTITY a "0 0 0">]>',
            '<!DOCTYPE mvnx SYSTEM "x.dtd" [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>',
        ],
    )
    def test_entities(self, tmp_path: Path, doctype: str) -> None:
        refused(make(tmp_path, SENSORS, doctype=doctype).path, "document type of its own")

    def test_an_entity_that_nobody_defined(self, tmp_path: Path) -> None:
        path = changed(make(tmp_path, SENSORS).path, ("a &amp; b", "&b;"))
        refused(path, "no readable MVNX", "undefined entity")

    def test_depth(self, tmp_path: Path) -> None:
        path = changed(make(tmp_path, SENSORS).path, ("a &amp; b", "<a>" * 60 + "</a>" * 60))
        refused(path, "nests elements")

    def test_nothing_in_it(self, tmp_path: Path) -> None:
        path = tmp_path / "a.mvnx"
        path.write_text("<mvnx><frames></frames></mvnx>")
        refused(path, "no frames")


def test_memory_is_that_of_the_numbers_not_of_the_text(tmp_path: Path) -> None:
    """23 segments with everything, of which four sensors are kept."""
    path = make(tmp_path, SENSORS).path
    text = path.read_text()
    bulk = "<angularAcceleration>" + "0.000000 " * 2000 + "</angularAcceleration>\n</frame>"
    path.write_text(text.replace("</frame>", bulk))
    assert path.stat().st_size > 7_000_000
    tracemalloc.start()
    read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_500_000


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_spoilt_files(data: st.DataObject) -> None:
    GOOD.spoil(data)
