"""MCAP files, read back by the package mcap; every message fits the schema it says it has."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from mcap.reader import make_reader

from hipimu.data import SEGMENTS, SIDES, Flag, FloatArray, Segment
from hipimu.errors import OutputError
from hipimu.export import bouts_frame, strides_frame, summary
from hipimu.export.formats.mcap import WRITER
from hipimu.export.formats.noun import Conversion
from hipimu.export.formats.registry import convert
from hipimu.maths import quaternion
from hipimu.pipeline.motion3d import Motion3d
from hipimu.sources import Recording
from tests.unit.export.formats.motions import FORWARD, UP, motion_with, turned
from tests.unit.export.formats.recordings import in_memory, told
from tests.unit.report.sessions import interval_session
from tests.unit.sources.conftest import samples_of

START = datetime(2026, 5, 3, 7, 30, 0, 123_457, tzinfo=UTC)
START_NS = 1_777_793_400_123_457_000


@dataclass(frozen=True)
class Read:
    """Messages by topic, as time in ns and content, in order of time."""

    messages: dict[str, list[tuple[int, dict[str, Any]]]]
    schemas: dict[str, dict[str, Any]]
    attached: dict[str, bytes]
    about: dict[str, str]

    def column(self, topic: str, *path: str) -> FloatArray:
        values = []
        for _, message in self.messages[topic]:
            value: Any = message
            for name in path:
                value = value[name]
            values.append(value)
        return np.array(values, dtype=np.float64)

    def times(self, topic: str) -> list[int]:
        return [when for when, _ in self.messages[topic]]


def read(path: Path) -> Read:
    messages: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    schemas: dict[str, dict[str, Any]] = {}
    with path.open("rb") as stream:
        reader = make_reader(stream, validate_crcs=True)
        for schema, channel, message in reader.iter_messages(log_time_order=True):
            assert schema is not None
            assert (schema.encoding, channel.message_encoding) == ("jsonschema", "json")
            schemas.setdefault(channel.topic, json.loads(schema.data) | {"name": schema.name})
            content = json.loads(message.data, parse_constant=pytest.fail)
            messages[channel.topic].append((message.log_time, content))
        attached = {a.name: a.data for a in reader.iter_attachments()}
        (about,) = (m.metadata for m in reader.iter_metadata())
    return Read(dict(messages), schemas, attached, about)


def conversion(
    recording: Recording, motion: Motion3d | None = None, said: list[str] | None = None
) -> Conversion:
    made = Conversion(recording, tell=(said if said is not None else []).append)
    made.__dict__["motion"] = moving() if motion is None else motion
    return made


def moving(seconds: float = 3.0) -> Motion3d:
    """Pelvis and right thigh turn by different amounts."""
    t_s = np.arange(round(100.0 * seconds)) / 100.0
    turns: dict[Segment, FloatArray] = {
        "pelvis": turned(UP, FORWARD, 0.1 * np.sin(t_s)),
        "thigh_right": turned(-UP, FORWARD, 0.6 * np.sin(3.0 * t_s)),
    }
    motion = motion_with(turns, heading_rad=0.7, t0_s=1.0)
    return replace(motion, session=interval_session(minutes=3.0))


@pytest.fixture(scope="module")
def recording() -> Recording:
    return in_memory(told(started_at=START), magnetic=True)


@pytest.fixture(scope="module")
def found(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Read:
    out = tmp_path_factory.mktemp("mcap") / "run.mcap"
    convert(conversion(recording), out, WRITER)
    return read(out)


def test_topics(found: Read) -> None:
    assert {topic: schema["name"] for topic, schema in found.schemas.items()} == {
        **{f"/imu/{segment}": "hipimu.Imu" for segment in SEGMENTS},
        **{f"/hip/{side}": "hipimu.HipAngles" for side in SIDES},
        **{f"/strides/{side}": "hipimu.Stride" for side in SIDES},
        "/bouts": "hipimu.Bout",
        "/tf": "foxglove.FrameTransforms",
    }


def test_every_message_fits_its_schema_and_says_its_time(found: Read) -> None:
    for topic, messages in found.messages.items():
        schema = found.schemas[topic]
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for when, message in messages[:50]:
            validator.validate(message)
            for own in message.get("transforms", [message]):
                assert own["timestamp"] == {"sec": when // 10**9, "nsec": when % 10**9}


def test_samples(found: Read, recording: Recording) -> None:
    blocks = list(recording.blocks())
    for segment in SEGMENTS:
        topic = f"/imu/{segment}"
        rows = samples_of(blocks, segment)
        assert found.times(topic) == [START_NS + round(t * 1e9) for t in rows[:, 0].tolist()]
        for first, name in ((1, "linear_acceleration"), (4, "angular_velocity")):
            for i, axis in enumerate("xyz"):
                read_back = found.column(topic, name, axis)
                np.testing.assert_allclose(read_back, rows[:, first + i], rtol=5e-7)
        mags = [b.mag_ut for b in blocks if b.sensor == segment and b.mag_ut is not None]
        expected = np.concatenate(mags)[:, 2]
        np.testing.assert_allclose(found.column(topic, "magnetic_field", "z"), expected, rtol=5e-7)


def test_hip_angles(found: Read) -> None:
    motion = moving()
    for side in SIDES:
        flexion = np.degrees(motion.angles_rad(side, "flexion_rad"))
        np.testing.assert_allclose(
            found.column(f"/hip/{side}", "flexion_deg"), flexion, rtol=5e-7, atol=1e-9
        )
        assert found.times(f"/hip/{side}")[0] == START_NS + 10**9


def test_frames_carry_the_segments(found: Read) -> None:
    """Half as many as samples, at 100 Hz; a thigh's frame stands in the pelvis's."""
    motion = moving()
    messages = found.messages["/tf"]
    assert len(messages) == 150
    for i, (_, message) in enumerate(messages):
        frames = {t["child_frame_id"]: t for t in message["transforms"]}
        assert frames["pelvis"]["parent_frame_id"] == "earth"
        assert frames["thigh_right"]["parent_frame_id"] == "pelvis"
        pelvis, thigh = (
            np.array([frames[s]["rotation"][axis] for axis in "wxyz"])
            for s in ("pelvis", "thigh_right")
        )
        expected = motion.segments.quat_wxyz["thigh_right"][2 * i]
        np.testing.assert_allclose(quaternion.multiply(pelvis, thigh), expected, atol=1e-6)


def test_strides_and_bouts_are_the_tables_rows(found: Read) -> None:
    session = interval_session(minutes=3.0)
    strides = strides_frame(session)
    for side in SIDES:
        own = strides[strides["side"] == side]
        topic = f"/strides/{side}"
        np.testing.assert_array_equal(
            found.column(topic, "peak_flexion_deg"), own["peak_flexion_deg"]
        )
        expected = [START_NS + round(t * 1e9) for t in own["t_peak_flexion_s"]]
        assert found.times(topic) == expected
    assert [m["pace"] for _, m in found.messages["/bouts"]] == bouts_frame(session)["pace"].tolist()
    first = found.messages["/strides/left"][0][1]
    assert "stride_time_s" not in first  # not known, so not there
    assert json.loads(found.attached["summary.json"]) == summary(session)
    assert found.about["method"] == "refined"


def test_gaps_have_no_angles_and_no_frames(recording: Recording, tmp_path: Path) -> None:
    motion = moving()
    motion.segments.flags["thigh_right"][100:200] = Flag.GAP
    convert(conversion(recording, motion), tmp_path / "run.mcap", WRITER)
    found = read(tmp_path / "run.mcap")
    assert len(found.messages["/hip/right"]) == 200
    assert len(found.messages["/hip/left"]) == 300
    sizes = [len(message["transforms"]) for _, message in found.messages["/tf"]]
    assert sizes == [3] * 50 + [2] * 50 + [3] * 50


def test_clocks_of_their_own_are_left_behind(recording: Recording, tmp_path: Path) -> None:
    """What the analysis put on one clock is written, not what the files say."""
    shifted = tuple(replace(block, t_s=block.t_s + 0.25) for block in recording.blocks())
    convert(
        conversion(recording, replace(moving(), samples=shifted)), tmp_path / "run.mcap", WRITER
    )
    found = read(tmp_path / "run.mcap")
    assert len(found.times("/imu/pelvis")) == sum(
        len(b.t_s) for b in shifted if b.sensor == "pelvis"
    )
    assert found.times("/imu/pelvis")[0] == START_NS + round(float(shifted[0].t_s[0]) * 1e9)


def test_without_a_date_time_counts_from_zero(tmp_path: Path) -> None:
    said: list[str] = []
    convert(conversion(in_memory(told()), said=said), tmp_path / "run.mcap", WRITER)
    assert read(tmp_path / "run.mcap").times("/hip/left")[0] == 10**9
    assert len(said) == 1
    assert "--start" in said[0]


def test_before_1970(tmp_path: Path) -> None:
    early = in_memory(told(started_at=datetime(1969, 7, 20, tzinfo=UTC)))
    with pytest.raises(OutputError, match="from 1970"):
        convert(conversion(early), tmp_path / "run.mcap", WRITER)
    assert list(tmp_path.iterdir()) == []
