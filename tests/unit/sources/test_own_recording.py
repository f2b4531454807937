"""Recordings of hipimu's own: finished, they read like any other; unfinished, they say so."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import SEGMENTS, ImuBlock
from hipimu.errors import OutputError, RecordingError
from hipimu.sources import open_recording
from hipimu.sources.laps import read_speed
from hipimu.sources.metadata import (
    Athlete,
    CalibrationHint,
    Metadata,
    Sensor,
    Sensors,
    read_metadata,
)
from hipimu.sources.metadata_text import write_heart_rate, write_metadata, write_speed
from hipimu.sources.samples_parquet import SamplesWriter, Scales
from hipimu.units import GRAVITY_M_S2, ns_from_s, s_from_ns
from tests.unit.sources.conftest import RunFolder, motion, proper, samples_of

SCALES = Scales(16 * GRAVITY_M_S2 / 32768, 1e-3)


def metadata(**keys: object) -> Metadata:
    sensor = Sensor(file="samples.parquet", rate_hz=100.0, protocol="movella-dot", device="DOT")
    return Metadata(
        format="hipimu/1",
        started_at=datetime(2026, 5, 3, 7, 30, tzinfo=UTC),
        synchronised=True,
        sensors=Sensors(**dict.fromkeys(SEGMENTS, sensor)),
    ).model_copy(update=keys)


def blocks(seconds: float = 12.0) -> list[ImuBlock]:
    """Return three moving sensors, in counts, on one clock."""
    made = []
    for number, segment in enumerate(SEGMENTS):
        table = motion(seconds, seed=number)
        acc = np.rint(table[:, 1:4] / SCALES.of("acc")) * SCALES.of("acc")
        gyr = np.rint(table[:, 4:7] / SCALES.of("gyr")) * SCALES.of("gyr")
        t_s = s_from_ns(ns_from_s(table[:, 0] + 0.001 * number))
        made.append(ImuBlock(segment, t_s, gyr, acc, np.zeros(len(t_s), np.bool_)))
    return made


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A finished recording."""
    folder = tmp_path / "run.hipimu"
    folder.mkdir()
    with SamplesWriter(folder / "samples.parquet", dict.fromkeys(SEGMENTS, SCALES)) as writer:
        for block in blocks():
            writer.write(block)
    write_metadata(folder / "recording.toml", metadata())
    return folder


def refused(folder: Path, *parts: str) -> None:
    with pytest.raises(RecordingError) as caught:
        list(open_recording(folder).blocks())
    proper(caught.value, *parts)


def test_samples_come_back(own: Path) -> None:
    recording = open_recording(own)
    assert recording.segments == SEGMENTS
    assert (recording.synchronised, recording.rate_hz) == (True, 100.0)
    read = list(recording.blocks())
    for block in blocks():
        table = np.column_stack([block.t_s, block.acc_m_s2, block.gyr_rad_s])
        assert samples_of(read, block.sensor).tobytes() == table.tobytes()


def test_without_samples(own: Path) -> None:
    (own / "samples.parquet").unlink()
    refused(own, "no file 'samples.parquet'")
    (own / "journal.bin").write_bytes(b"")
    refused(own, "run.hipimu has not been finished", f"hipimu recover {own}.")
    (own / "recording.toml").unlink()
    refused(own, "run.hipimu has not been finished", f"hipimu recover {own}.")


def test_a_journal_beside_finished_samples_is_left_alone(own: Path) -> None:
    (own / "journal.bin").write_bytes(b"")
    assert len(list(open_recording(own).blocks())) == 3


def test_a_journal_beside_other_recordings_is_left_alone(run: RunFolder) -> None:
    run.file("journal.bin").write_bytes(b"")
    assert len(list(open_recording(run.path).blocks())) == 3


def test_a_sensor_that_is_not_in_the_file(own: Path) -> None:
    with SamplesWriter(own / "samples.parquet", {"pelvis": SCALES}) as writer:
        writer.write(blocks()[0])
    refused(own, "samples.parquet holds no sensor thigh_left")


def test_errors_name_the_sensor(own: Path) -> None:
    spoilt = blocks()
    spoilt[1].acc_m_s2[700, 2] = np.nan
    with SamplesWriter(own / "samples.parquet", dict.fromkeys(SEGMENTS, SCALES)) as writer:
        for block in spoilt:
            writer.write(block)
    refused(own, "samples.parquet, thigh_left, row 701", "acc_z is not a number")


@pytest.mark.parametrize("name", ["../samples.parquet", "/etc/passwd", "a\x00b", "x" * 255])
def test_files_elsewhere(own: Path, name: str) -> None:
    sensor = Sensor(file=name, rate_hz=100.0)
    write_metadata(
        own / "recording.toml", metadata(sensors=Sensors(pelvis=sensor, thigh_left=sensor))
    )
    refused(own)


def test_one_file_for_all_is_for_own_recordings_only(own: Path) -> None:
    write_metadata(own / "recording.toml", metadata(format="hipimu-csv/1"))
    refused(own, "more than one sensor")


@pytest.mark.parametrize("key", ["rate_hz", "synchronised"])
def test_what_must_be_said(own: Path, key: str) -> None:
    path = own / "recording.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(x for x in lines if not x.startswith(key)), encoding="utf-8")
    refused(own, "rate_hz" if key == "rate_hz" else "one clock")


# recording.toml as it is written.

_HOSTILE = st.sampled_from(
    [
        '"',
        '"""',
        "\\",
        "'''",
        "\n[sensors.pelvis]\n",
        "\r",
        "\x00",
        "\x7f",
        "\x1b[31m",
        "#",
        "‮",
        "😀",
    ]
)
_TEXT = st.lists(_HOSTILE | st.text(st.characters(codec="utf-8"), max_size=8), max_size=5).map(
    "".join
)
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
_ROTATIONS = st.sampled_from([[1.0, 0.0, 0.0, 0.0], [0.5, -0.5, 0.5, 0.5], [0.6, 0.0, 0.0, -0.8]])


_SENSORS = st.builds(
    Sensor,
    file=_TEXT.filter(bool),
    rate_hz=st.floats(1.0, 10_000.0),
    mounting=st.none() | _ROTATIONS,
    protocol=st.none() | _TEXT,
    device=st.none() | _TEXT,
    address=st.none() | _TEXT,
    serial=st.none() | _TEXT,
)
_METADATA = st.builds(
    Metadata,
    format=st.just("hipimu/1"),
    started_at=st.none()
    | st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=_ZONES),  # noqa: DTZ001
    synchronised=st.booleans(),
    simulated=st.booleans(),
    notice=st.none() | _TEXT,
    athlete=st.builds(
        Athlete,
        name=st.none() | _TEXT,
        mass_kg=st.none() | st.floats(1e-300, 400.0),
        sex=st.sampled_from(["f", "m", "x", None]),
        height_m=st.none() | st.floats(1.0, 2.3),
    ),
    sensors=st.builds(
        Sensors, pelvis=_SENSORS, thigh_left=_SENSORS, thigh_right=st.none() | _SENSORS
    ),
    calibration=st.builds(
        CalibrationHint, stand_s=st.none() | st.floats(0.0, 1e8).map(lambda t: [t, t + 1.0])
    ),
)


@settings(max_examples=200)
@given(_METADATA)
def test_what_is_written_is_read(written: Metadata) -> None:
    """Names of devices and athletes are anyone's text; none of it becomes a key."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.toml"
        write_metadata(path, written)
        assert read_metadata(path) == written
        assert [file.name for file in Path(folder).iterdir()] == ["recording.toml"]


def test_written_for_people(tmp_path: Path) -> None:
    path = tmp_path / "recording.toml"
    write_metadata(path, metadata(athlete=Athlete(name='Anna "Blitz"', mass_kg=62.0)))
    text = path.read_text(encoding="utf-8")
    assert text.startswith('format = "hipimu/1"\nstarted_at = 2026-05-03T07:30:00Z\n')
    assert '\n[athlete]\nname = "Anna \\"Blitz\\""\nmass_kg = 62.0\n' in text
    assert '\n[sensors.pelvis]\nfile = "samples.parquet"\nrate_hz = 100.0\n' in text


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_metadata(tmp_path / "nowhere" / "recording.toml", metadata())


def test_an_earlier_file_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "recording.toml"
    write_metadata(path, metadata())
    before = path.read_bytes()
    (tmp_path / "recording.toml.part").mkdir()
    with pytest.raises(OutputError):
        write_metadata(path, metadata(simulated=True))
    assert path.read_bytes() == before


# Beside the samples.


def test_speed(tmp_path: Path) -> None:
    path = tmp_path / "speed.csv"
    write_speed(path, np.array([0.5, 1.000001, 1.5]), np.array([3.0, 3.51953125, 0.0]))
    track = read_speed(path)
    assert track.t_s.tolist() == [0.5, 1.000001, 1.5]
    assert np.abs(track.speed_m_s - [3.0, 3.51953125, 0.0]).max() < 1e-5


def test_heart_rate(tmp_path: Path) -> None:
    path = tmp_path / "heart_rate.csv"
    write_heart_rate(path, np.array([0.5, 1.5]), np.array([61.0, 182.0]))
    assert path.read_text().splitlines() == ["time_s,heart_rate_bpm", "0.500000,61", "1.500000,182"]


@pytest.mark.parametrize(
    ("t_s", "values"),
    [([1.0, 1.0], [1.0, 1.0]), ([1.0, 1.0000001], [1.0, 1.0]), ([1.0], []), ([1.0], [np.nan])],
)
def test_tracks_that_no_one_could_read(
    tmp_path: Path, t_s: list[float], values: list[float]
) -> None:
    with pytest.raises(ValueError, match=r"times|number"):
        write_heart_rate(tmp_path / "heart_rate.csv", np.array(t_s), np.array(values))


def test_sensors_may_start_one_after_the_other_but_not_end_so(tmp_path: Path) -> None:
    folder = tmp_path / "run.hipimu"
    folder.mkdir()
    write_metadata(folder / "recording.toml", metadata())
    for late, early in ((6.0, 0.0), (0.0, 6.0)):
        with SamplesWriter(folder / "samples.parquet", dict.fromkeys(SEGMENTS, SCALES)) as writer:
            for number, block in enumerate(blocks(20.0)):
                kept = (block.t_s >= late * number / 2) & (block.t_s <= 20.0 - early * number / 2)
                writer.write(ImuBlock(block.sensor, *(_of(block, kept))))
        if late:
            read = list(open_recording(folder).blocks())
            assert {b.sensor for b in read} == set(SEGMENTS)
        else:
            refused(folder, "ends at", "--until")


def _of(block: ImuBlock, kept: np.ndarray) -> tuple[np.ndarray, ...]:
    return block.t_s[kept], block.gyr_rad_s[kept], block.acc_m_s2[kept], block.clipped[kept]
