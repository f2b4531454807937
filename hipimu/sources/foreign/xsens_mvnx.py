"""Xsens MVN files (.mvnx): a suit's sensors and segments, frame by frame.

By the MVN User Manual (MV0319P, chapter on MVNX) and files of versions 3 and 4:

- ``sensorOrientation`` (quaternions, real part first) turns sensor axes into the global frame,
  whose z is up; ``sensorFreeAcceleration`` m/s² is in the *global* frame, without gravity;
- up to version 3 there are ``sensorAcceleration`` and ``sensorAngularVelocity`` in sensor axes,
  m/s² and rad/s; later versions leave them out, and angular velocity follows from how
  ``sensorOrientation`` turns;
- without sensor data (an option of the export) there are segments: their ``orientation`` and the
  ``acceleration`` of their origins, the joints, are what a sensor there would have felt;
- ``time`` is in ms, rounded: 16.7 ms are written as 17. ``index`` counts frames, gaps included;
  ``ms`` is Unix time. ``recDate`` is local time without a zone and is not read;
- frames of other types (``identity``, ``tpose``, ``tpose-isb``, ``npose``) are calibration poses;
- ``sensorMagneticField`` is in multiples of the field at the vendor's, not in µT, and is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.sources.derived import (
    ACC_REMARK,
    GYR_REMARK,
    angular_velocity,
    specific_force,
    unit_or_nan,
)
from hipimu.sources.foreign.mvnx_frames import WIDTHS, Frames, read_frames
from hipimu.sources.foreign.noun import Foreign, ForeignSensor, Reader
from hipimu.sources.segment_names import segment_named
from hipimu.units import s_from_ms

_REMEDY: Final = (
    "In MVN's export options for MVNX tick the sensor data (free acceleration and orientation), or "
    "at least the segments' acceleration."
)


def read(paths: Sequence[Path]) -> Foreign:
    """Read one file: all sensors of a recording are in it.

    Raises
    ------
    RecordingError
        When there are several, or there is no acceleration in it.
    """
    path = paths[0]
    if len(paths) > 1:
        raise RecordingError(
            f"{paths[0].name} and {paths[1].name} are two recordings.",
            "Give one .mvnx file: it holds all sensors of a recording.",
            path=path,
        )
    frames = read_frames(path)
    of_sensors = "sensorOrientation" in frames.numbers or "sensorAcceleration" in frames.numbers
    prefix, labels = ("sensor", frames.sensors) if of_sensors else ("", frames.segments)
    if len(set(labels)) < len(labels) or not labels:
        raise RecordingError(
            f"{path.name} does not give each {prefix or 'segment'} a label of its own.",
            "Export the file again from MVN.",
            path=path,
        )
    if len(frames.index) < 2:
        raise RecordingError(
            f"{path.name} has a single frame.", "Give a file with a recording.", path=path
        )
    t_s, rate_hz = _times(frames, path)
    motions = [_motion(frames, prefix, position, t_s, path) for position in range(len(labels))]
    sensors = tuple(
        ForeignSensor(
            label=label,
            path=path,
            rate_hz=rate_hz,
            t_s=t_s[len(t_s) - len(acc) :],
            acc_m_s2=acc,
            gyr_rad_s=gyr,
            segment=segment_named(label),
        )
        for label, (acc, gyr) in zip(labels, motions, strict=True)
    )
    return Foreign(
        "xsens-mvnx",
        sensors,
        synchronised=True,
        started_at=_started(frames),
        remarks=_remarks(frames, prefix, path.name),
    )


def _times(frames: Frames, path: Path) -> tuple[FloatArray, float]:
    rate_hz = _declared_rate(frames)
    index = _column(frames.index)
    t_s = s_from_ms(_column(frames.time_ms))
    if rate_hz is not None and bool(np.all(np.diff(index) > 0.0)):
        t_s = (index - index[0]) / rate_hz
    steps = np.diff(t_s)
    if rate_hz is None and len(steps) and float(np.median(steps)) > 0.0:
        rate_hz = 1.0 / float(np.median(steps))
    if rate_hz is None:
        raise RecordingError(
            f"{path.name} says neither its frame rate nor the times of its frames.",
            "Export the file again from MVN.",
            path=path,
        )
    return t_s, rate_hz


def _declared_rate(frames: Frames) -> float | None:
    try:
        rate_hz = float(frames.subject.get("frameRate", ""))
    except ValueError:
        return None
    return rate_hz if 1.0 <= rate_hz <= 10_000.0 else None


def _column(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values])


def _motion(
    frames: Frames, prefix: str, position: int, t_s: FloatArray, path: Path
) -> tuple[FloatArray, FloatArray]:
    """Return acceleration and angular velocity of one sensor or segment."""

    def of(name: str) -> FloatArray | None:
        if name not in frames.numbers:
            return None
        width, count = WIDTHS[name], len(frames.labels(name))
        numbers = np.asarray(frames.numbers[name]).reshape(-1, count, width)
        return np.array(numbers[:, position])

    turned = of(f"{prefix}Orientation" if prefix else "orientation")
    quat = None if turned is None else unit_or_nan(turned)
    free = of("sensorFreeAcceleration" if prefix else "acceleration")
    acc, gyr = of("sensorAcceleration") if prefix else None, None
    if prefix:
        gyr = of("sensorAngularVelocity")
    if acc is None and free is not None and quat is not None:
        acc = specific_force(quat, free)
    if gyr is None and quat is not None:
        gyr = angular_velocity(quat, t_s)
    if acc is None or gyr is None:
        missing = "acceleration" if acc is None else "angular velocity or orientation"
        raise RecordingError(
            f"{path.name} has no {missing} of its {prefix or 'segment'}s.", _REMEDY, path=path
        )
    return acc[len(acc) - len(gyr) :], gyr


def _started(frames: Frames) -> datetime | None:
    ms = frames.first_ms
    if ms is None or not 0.0 < ms < 4e12:
        return None
    return datetime.fromtimestamp(s_from_ms(ms), UTC)


def _remarks(frames: Frames, prefix: str, name: str) -> tuple[str, ...]:
    remarks = []
    if not prefix:
        remarks.append(
            f"{name} has no sensor data: its segments are used, as if sensors sat at their joints."
        )
    if "sensorAcceleration" not in frames.numbers:
        remarks.append(ACC_REMARK.format(name))
    if "sensorAngularVelocity" not in frames.numbers:
        remarks.append(GYR_REMARK.format(name))
    if frames.broken:
        remarks.append(
            f"{name} breaks off ({frames.broken}): its {len(frames.index)} whole frames are used."
        )
    return tuple(remarks)


READER = Reader(
    id="xsens-mvnx",
    title="Xsens MVN (.mvnx)",
    suffixes=(".mvnx",),
    recognises=lambda _, head: b"<mvnx" in head or b"<\0m\0v\0n\0x" in head,
    read=read,
)
