"""MCAP (https://mcap.dev): everything over time in one file, for Foxglove and its like.

Messages are JSON with JSON Schema (`mcap_schemas`): `/imu/SEGMENT` every sample of a sensor in its
own axes, `/hip/SIDE` the angles, `/tf` the segments as frames for a 3D view, `/strides/SIDE` and
`/bouts` rows of the tables of `hipimu analyse`. Numbers have seven digits, more than a sensor has.
The summary of the analysis is attached as ``summary.json``.

Time is in nanoseconds since 1970; without a start time it counts from 1970 itself, which viewers
show as such. In gaps there are no angles and no frames.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from hipimu.data import THIGHS, FloatArray, ImuBlock, IntArray, Segment, Side
from hipimu.errors import OutputError
from hipimu.export.formats import mcap_schemas as schemas
from hipimu.export.formats.noun import Conversion, Writer
from hipimu.export.summary import summary
from hipimu.export.tables import bouts_frame, strides_frame
from hipimu.maths import quaternion
from hipimu.pipeline.motion3d import Motion3d
from hipimu.units import deg_from_rad, ns_from_s

if TYPE_CHECKING:
    from mcap.writer import Writer as McapWriter

Message = tuple[int, str, str]
"""Time in ns, topic and JSON."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_S: Final = 4e9
_TOO_LATE_NS: Final = 2**63
"""Signed in most readers."""
_WINDOW_S: Final = 120.0
"""Blocks of samples come in windows of so long; messages within one are in order of time."""
_FRAMES_HZ: Final = 50.0
_ANGLES: Final = (
    ("flexion_deg", "flexion_rad"),
    ("adduction_deg", "adduction_rad"),
    ("rotation_deg", "rotation_rad"),
    ("thigh_deg", "thigh_rad"),
    ("pelvis_tilt_deg", "pelvis_tilt_rad"),
    ("pelvis_obliquity_deg", "pelvis_obliquity_rad"),
    ("pelvis_rotation_deg", "pelvis_rotation_rad"),
)
_FRAMES: Final[tuple[tuple[Segment, str, tuple[float, float, float]], ...]] = (
    ("pelvis", "earth", (0.0, 0.0, 1.0)),
    ("thigh_left", "pelvis", (0.0, -0.1, -0.1)),
    ("thigh_right", "pelvis", (0.0, -0.1, 0.1)),
)
"""Child, parent and where it stands in the parent, in metres: made up, so that frames of which only
the orientation is known do not lie on top of each other."""


def write_mcap(conversion: Conversion, out: Path) -> tuple[Path, ...]:
    """Write everything over time.

    Raises
    ------
    OutputError
        When its times cannot be said in nanoseconds since 1970.
    """
    from mcap.writer import Writer as Mcap

    motion = conversion.motion
    start_ns = _start_ns(conversion)
    with out.open("wb") as stream:
        writer = Mcap(stream)
        writer.start(library=f"hipimu {version('hipimu')}")
        channels = _register(writer, motion)
        for window in _windows(conversion):
            for time_ns, topic, text in _messages(motion, window, start_ns):
                if not 0 <= time_ns < _TOO_LATE_NS:
                    raise _unsayable(conversion)
                writer.add_message(channels[topic], time_ns, text.encode(), time_ns)
        _add_tables(writer, conversion, channels, start_ns)
        _add_about(writer, conversion, start_ns)
        writer.finish()  # type: ignore[no-untyped-call]
    return (out,)


def _start_ns(conversion: Conversion) -> int:
    start = conversion.recording.metadata.started_at
    if start is None:
        conversion.tell(
            "The recording does not say when it began: times count from 1970. Say it by --start."
        )
    if max(abs(float(t)) for t in conversion.motion.t_s[[0, -1]]) > _LATEST_S:
        raise _unsayable(conversion)
    return 1000 * (((start or _EPOCH) - _EPOCH) // timedelta(microseconds=1))


def _unsayable(conversion: Conversion) -> OutputError:
    return OutputError(
        f"{conversion.recording.name} has times that MCAP cannot say: it counts from 1970 on.",
        "Say when the recording began, by --start or as started_at in recording.toml.",
    )


def _register(writer: McapWriter, motion: Motion3d) -> dict[str, int]:
    ids = {
        name: writer.register_schema(name, "jsonschema", json.dumps(schema).encode())
        for name, schema in schemas.SCHEMAS.items()
    }
    topics = {f"/imu/{segment}": schemas.IMU for segment in motion.segments.quat_wxyz}
    for side in motion.angles:
        topics |= {f"/hip/{side}": schemas.HIP, f"/strides/{side}": schemas.STRIDE}
    topics |= {"/tf": schemas.TRANSFORMS, "/bouts": schemas.BOUT}
    return {topic: writer.register_channel(topic, "json", ids[s]) for topic, s in topics.items()}


def _windows(conversion: Conversion) -> Iterator[tuple[float, float, list[ImuBlock]]]:
    """Yield start and end of a window, and the samples that begin in it."""
    own = conversion.motion.samples
    blocks: Iterable[ImuBlock] = sorted(own, key=lambda block: float(block.t_s[0]))
    held: list[ImuBlock] = []
    begin_s, end_s = -math.inf, -math.inf
    for block in blocks if own else conversion.recording.blocks(conversion.progress):
        first_s = float(block.t_s[0])
        if held and first_s >= end_s:
            yield begin_s, end_s, held
            held, begin_s = [], end_s
        if not held:
            end_s = _WINDOW_S * (math.floor(first_s / _WINDOW_S) + 1)
        held.append(block)
    yield begin_s, math.inf, held


def _messages(
    motion: Motion3d, window: tuple[float, float, Sequence[ImuBlock]], start_ns: int
) -> list[Message]:
    begin_s, end_s, blocks = window
    rows = slice(*np.searchsorted(motion.t_s, [begin_s, end_s]).tolist())
    found = [message for block in blocks for message in _imu(block, start_ns)]
    for side in motion.angles:
        found += _hip(motion, side, rows, start_ns)
    found += _transforms(motion, rows, start_ns)
    found.sort(key=lambda message: message[0])
    return found


def _imu(block: ImuBlock, start_ns: int) -> Iterator[Message]:
    time_ns = _times(block.t_s, start_ns)
    parts = [block.gyr_rad_s, block.acc_m_s2]
    form = (
        '{{"timestamp":{},"angular_velocity":{{"x":{:.7g},"y":{:.7g},"z":{:.7g}}},'
        '"linear_acceleration":{{"x":{:.7g},"y":{:.7g},"z":{:.7g}}},"clipped":{}'
    )
    magnetic = ',"magnetic_field":{{"x":{:.7g},"y":{:.7g},"z":{:.7g}}}'
    topic = f"/imu/{block.sensor}"
    said = np.where(block.clipped, "true", "false").tolist()
    values = np.column_stack(parts).tolist()
    mags = [None] * len(values) if block.mag_ut is None else block.mag_ut.tolist()
    for when, row, clipped, mag in zip(time_ns, values, said, mags, strict=True):
        text = form.format(_stamp(when), *row, clipped)
        if mag is not None and all(map(math.isfinite, mag)):
            text += magnetic.format(*mag)
        yield when, topic, text + "}"


def _hip(motion: Motion3d, side: Side, rows: slice, start_ns: int) -> Iterator[Message]:
    known = motion.known("pelvis", THIGHS[side])[rows]
    angles = motion.angles[side]
    columns = [deg_from_rad(getattr(angles, name)[rows][known]) for _, name in _ANGLES]
    form = '{{"timestamp":{},' + ",".join(f'"{name}":{{:.7g}}' for name, _ in _ANGLES) + "}}"
    topic = f"/hip/{side}"
    times = _times(motion.t_s[rows][known], start_ns)
    for when, row in zip(times, np.column_stack(columns).tolist(), strict=True):
        yield when, topic, form.format(_stamp(when), *row)


def _transforms(motion: Motion3d, rows: slice, start_ns: int) -> Iterator[Message]:
    step = max(math.ceil(motion.rate_hz / _FRAMES_HZ - 1e-9), 1)
    first = -(-rows.start // step) * step
    some = slice(first, max(rows.stop, first), step)
    quat = motion.segments.quat_wxyz
    pelvis = quaternion.conjugate(quat["pelvis"][some])
    frames = [(child, parent, at) for child, parent, at in _FRAMES if child in quat]
    turns, known = [], []
    for child, parent, _ in frames:
        own = quat[child][some]
        turns.append((own if parent == "earth" else quaternion.multiply(pelvis, own)).tolist())
        known.append(motion.known("pelvis", child)[some].tolist())
    for i, when in enumerate(_times(motion.t_s[some], start_ns)):
        said = ",".join(
            _transform(_stamp(when), child, parent, at, turns[k][i])
            for k, (child, parent, at) in enumerate(frames)
            if known[k][i]
        )
        if said:
            yield when, "/tf", f'{{"transforms":[{said}]}}'


def _transform(
    stamp: str, child: str, parent: str, at: tuple[float, float, float], quat: Sequence[float]
) -> str:
    x, y, z = at
    return (
        f'{{"timestamp":{stamp},"parent_frame_id":"{parent}","child_frame_id":"{child}",'
        f'"translation":{{"x":{x},"y":{y},"z":{z}}},"rotation":{{"x":{quat[1]:.7g},'
        f'"y":{quat[2]:.7g},"z":{quat[3]:.7g},"w":{quat[0]:.7g}}}}}'
    )


def _add_tables(
    writer: McapWriter, conversion: Conversion, channels: dict[str, int], start_ns: int
) -> None:
    """Add strides and bouts: few, and found by their time wherever they stand in the file."""
    session = conversion.session
    strides, bouts = strides_frame(session), bouts_frame(session)
    rows = [(f"/strides/{row['side']}", "t_peak_flexion_s", row) for row in _rows(strides)]
    rows += [("/bouts", "start_s", row) for row in _rows(bouts)]
    for topic, when, row in rows:
        (time_ns,) = _times(np.array([row[when]]), start_ns)
        stamp = dict(zip(("sec", "nsec"), divmod(time_ns, 10**9), strict=True))
        text = json.dumps({"timestamp": stamp, **row}, allow_nan=False)
        writer.add_message(channels[topic], time_ns, text.encode(), time_ns)


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield rows without what is not known."""
    for row in frame.astype(object).to_dict("records"):
        yield {str(name): value for name, value in row.items() if not pd.isna(value)}


def _add_about(writer: McapWriter, conversion: Conversion, start_ns: int) -> None:
    session = conversion.session
    about = {
        "hipimu": version("hipimu"),
        "recording": conversion.title,
        "method": session.method,
        "filter": session.filter,
        "simulated": str(session.simulated).lower(),
        "notice": session.notice or "",
    }
    writer.add_metadata("hipimu", {name: text for name, text in about.items() if text})
    text = json.dumps(summary(session), ensure_ascii=False, allow_nan=False)
    writer.add_attachment(
        create_time=0,
        log_time=start_ns,
        name="summary.json",
        media_type="application/json",
        data=text.encode("utf-8", "replace"),
    )


def _times(t_s: FloatArray, start_ns: int) -> list[int]:
    own: IntArray = ns_from_s(t_s)
    return [start_ns + when for when in own.tolist()]


def _stamp(time_ns: int) -> str:
    sec, nsec = divmod(time_ns, 1_000_000_000)
    return f'{{"sec":{sec},"nsec":{nsec}}}'


WRITER = Writer("mcap", "MCAP (.mcap)", (".mcap",), write_mcap, extra="mcap")
