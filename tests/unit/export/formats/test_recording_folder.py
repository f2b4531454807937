"""Recording folders: whatever a recording says comes back, samples bit for bit."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import SEGMENTS, Lap, SpeedTrack
from hipimu.export.formats.noun import Conversion
from hipimu.export.formats.registry import convert, writer_for
from hipimu.sources import Recording, open_recording
from hipimu.sources.metadata import Athlete, CalibrationHint, Sensor, Sensors
from hipimu.sources.metadata_text import write_heart_rate, write_metadata
from hipimu.sources.samples_parquet import SamplesWriter
from tests.unit.export.formats.recordings import in_memory, same_samples, told
from tests.unit.sources.test_own_recording import SCALES, blocks, metadata

KINDS = ("hipimu-csv", "hipimu-parquet")
SAID = st.text(st.characters(codec="utf-8"), max_size=40)
LABEL = SAID.map(lambda text: text.translate(str.maketrans("\r\n\0", "   ")).strip())
UNITS = {"acc": "m_s2", "gyr": "rad_s"}
SECONDS = st.floats(0.0, 9e8, allow_subnormal=False)


@st.composite
def laps(draw: st.DrawFn) -> tuple[Lap, ...]:
    edges = sorted(draw(st.sets(SECONDS, max_size=8)))
    pairs = zip(edges[0::2], edges[1::2], strict=False)
    return tuple(Lap(start, end, draw(LABEL.filter(bool))) for start, end in pairs)


@st.composite
def speeds(draw: st.DrawFn) -> SpeedTrack | None:
    times = sorted(draw(st.sets(SECONDS, max_size=5)))
    values = draw(st.lists(st.floats(0.0, 13.0), min_size=len(times), max_size=len(times)))
    return SpeedTrack(np.array(times), np.array(values)) if times else None


@st.composite
def said(draw: st.DrawFn) -> dict[str, Any]:
    segments = draw(st.sampled_from([SEGMENTS, SEGMENTS[:2], (SEGMENTS[0], SEGMENTS[2])]))
    quaternion = st.lists(st.floats(-1.0, 1.0), min_size=4, max_size=4)
    mounting = quaternion.filter(lambda q: np.hypot.reduce(q) > 0.1).map(
        lambda q: (np.array(q) / np.hypot.reduce(q)).tolist()
    )
    sensors = {
        segment: Sensor(
            file=f"{segment}.csv",
            rate_hz=draw(st.sampled_from([100.0, 100.1])),
            mounting=draw(st.none() | mounting),
            label=draw(st.none() | SAID),
            device=draw(st.none() | SAID),
            address=draw(st.none() | SAID),
            serial=draw(st.none() | SAID),
        )
        for segment in segments
    }
    stand = draw(st.none() | st.just([0.1, 0.1 + 1.0 / 3.0]))
    keys: dict[str, Any] = {
        "started_at": draw(st.none() | st.datetimes(datetime(1970, 1, 1)).map(_utc)),  # noqa: DTZ001
        "synchronised": draw(st.booleans()),
        "simulated": draw(st.booleans()),
        "notice": draw(st.none() | SAID),
        "athlete": Athlete(
            name=draw(st.none() | SAID),
            mass_kg=draw(st.none() | st.floats(1.0, 400.0)),
            sex=draw(st.sampled_from([None, "f", "x"])),
            height_m=draw(st.none() | st.floats(1.0, 2.3)),
        ),
        "calibration": CalibrationHint(stand_s=stand),
        "sensors": Sensors(**sensors),
    }
    beside = {"laps": draw(laps()), "speed": draw(speeds()), "remarks": (draw(SAID),)}
    return {"metadata": told(**keys), **beside}


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def through(recording: Recording, out: Path, kind: str) -> Recording:
    convert(Conversion(recording), out, writer_for(out, kind))
    return open_recording(out)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(said=said(), seed=st.integers(0, 2**31), magnetic=st.booleans())
def test_everything_that_was_said_comes_back(
    kind: str, said: dict[str, Any], seed: int, magnetic: bool
) -> None:
    recording = replace(in_memory(said["metadata"], 1.0, seed, magnetic=magnetic), **said)
    with tempfile.TemporaryDirectory() as folder:
        back = through(recording, Path(folder) / "out", kind)
        same_samples(recording, back)
        assert back.laps == recording.laps
        assert _track(back.speed) == _track(recording.speed)
        files = {s: f"{s}.{kind.removeprefix('hipimu-')}" for s in recording.segments}
        expected = {
            segment: sensor.model_copy(update={"file": files[segment], "rate_hz": 100.0})
            for segment, sensor in recording.metadata.sensors.by_segment().items()
        }
        assert back.metadata.sensors.by_segment() == expected
        rest = {"sensors": None}
        assert back.metadata.model_copy(update=rest) == recording.metadata.model_copy(update=rest)


def _track(speed: SpeedTrack | None) -> tuple[bytes, bytes] | None:
    return None if speed is None else (speed.t_s.tobytes(), speed.speed_m_s.tobytes())


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_a_folder_is_the_same_to_the_byte(kind: str, tmp_path: Path) -> None:
    recording = replace(in_memory(told()), laps=(Lap(1.0, 2.0, 'say "easy", or so'),))
    first = through(recording, tmp_path / "first", kind)
    through(first, tmp_path / "second", kind)
    for path in (tmp_path / "first").iterdir():
        assert (tmp_path / "second" / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("kind", KINDS)
def test_what_hipimu_recorded_itself(kind: str, tmp_path: Path) -> None:
    """Sensors that started one after the other, a thigh that ended early, a strap beside."""
    own = tmp_path / "run.hipimu"
    own.mkdir()
    with SamplesWriter(own / "samples.parquet", dict.fromkeys(SEGMENTS, SCALES)) as writer:
        for number, block in enumerate(blocks()):
            start, stop = 400 * (2 - number), 1200 - 500 * (number == 2)
            arrays = {n: getattr(block, n)[start:stop] for n in ("t_s", "acc_m_s2", "gyr_rad_s")}
            writer.write(replace(block, clipped=block.clipped[start:stop], **arrays))
    write_metadata(own / "recording.toml", metadata())
    write_heart_rate(own / "heart_rate.csv", np.array([1.0, 2.0]), np.array([90.0, 91.0]))
    recording = open_recording(own)
    back = through(recording, tmp_path / "folder", kind)
    same_samples(recording, back)
    assert back.metadata.sensors.by_segment()["pelvis"].protocol == "movella-dot"
    strap = (tmp_path / "folder" / "heart_rate.csv").read_bytes()
    assert strap == (own / "heart_rate.csv").read_bytes()


def test_the_header_is_as_it_is_promised(tmp_path: Path) -> None:
    through(in_memory(told()), tmp_path / "out", "hipimu-csv")
    header = (tmp_path / "out" / "pelvis.csv").read_text(encoding="utf-8").splitlines()[0]
    axes = [f"{kind}_{axis}_{unit}" for kind, unit in UNITS.items() for axis in "xyz"]
    assert header == ",".join(["time_s", *axes])


def test_what_was_assumed_stands_above(tmp_path: Path) -> None:
    recording = replace(in_memory(told()), remarks=("The unit is\nassumed.",))
    through(recording, tmp_path / "out", "hipimu-csv")
    first = (tmp_path / "out" / "recording.toml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# The unit is assumed."
