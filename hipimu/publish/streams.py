"""What goes over Lab Streaming Layer: three streams, their channels, and their rows.

Meta-data as XDF has it (github.com/sccn/xdf/wiki, MoCap meta-data): every channel has a label, a
type and a unit, and names what it was measured on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal, NamedTuple

import numpy as np

from hipimu.data import (
    SIDES,
    AlignedBlock,
    Flag,
    FloatArray,
    HipAngleBlock,
    Segment,
    Side,
    Stride,
)
from hipimu.units import deg_from_rad

IRREGULAR: Final = 0.0
_MISSING: Final = Flag.GAP | Flag.SHORT_GAP


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a stream."""

    label: str
    type: str
    unit: str
    object: str
    """Where it was measured: a segment, a hip."""


@dataclass(frozen=True, slots=True)
class StreamKind:
    """What a stream is, as its receivers are told."""

    name: str
    type: str
    rate_hz: float
    """0: as it comes."""
    channels: tuple[Channel, ...]
    format: Literal["float32", "double64"]
    about: str


class Rows(NamedTuple):
    """Samples of a stream."""

    t_s: FloatArray
    """(n,) the recording's clock."""
    values: FloatArray
    """(n, channels); NaN where there is nothing."""


def samples_kind(segments: Sequence[Segment], rate_hz: float) -> StreamKind:
    """Describe the samples: acceleration and angular rate of every sensor, in its own axes."""
    axes = ("X", "Y", "Z")
    channels = tuple(
        Channel(f"{segment}_{short}_{axis.lower()}", f"{kind}{axis}", unit, segment)
        for segment in segments
        for short, kind, unit in (
            ("acc", "Acceleration", "m/s^2"),
            ("gyr", "AngularVelocity", "rad/s"),
        )
        for axis in axes
    )
    about = "specific force and angular rate in sensor axes, on one time base; NaN in gaps"
    return StreamKind("hipimu samples", "IMU", rate_hz, channels, "float32", about)


def samples_rows(block: AlignedBlock, segments: Sequence[Segment]) -> Rows:
    """Put samples side by side, in the order of `samples_kind`."""
    values = np.concatenate(
        [part[s] for s in segments for part in (block.acc_m_s2, block.gyr_rad_s)], axis=1
    )
    for i, segment in enumerate(segments):
        values[(block.flags[segment] & _MISSING) > 0, 6 * i : 6 * i + 6] = np.nan
    return Rows(block.t_s, values)


_HIP: Final = (
    ("flexion", "flexion_rad"),
    ("adduction", "adduction_rad"),
    ("internal_rotation", "rotation_rad"),
    ("thigh", "thigh_rad"),
)
_PELVIS: Final = (
    ("tilt", "pelvis_tilt_rad"),
    ("obliquity", "pelvis_obliquity_rad"),
    ("rotation", "pelvis_rotation_rad"),
)


def angles_kind(sides: Sequence[Side], rate_hz: float) -> StreamKind:
    """Describe the angles: hip, thigh and pelvis."""
    hips = tuple(
        Channel(
            f"{side}_thigh" if name == "thigh" else f"{side}_hip_{name}",
            "SegmentAngle" if name == "thigh" else "JointAngle",
            "degrees",
            f"thigh_{side}" if name == "thigh" else f"hip_{side}",
        )
        for side in sides
        for name, _ in _HIP
    )
    pelvis = tuple(
        Channel(f"pelvis_{name}", "SegmentAngle", "degrees", "pelvis") for name, _ in _PELVIS
    )
    about = (
        "positive: flexion, adduction, internal rotation (ISB); thigh forward from the vertical; "
        "pelvis anterior, right side up, turned to the left; NaN in gaps"
    )
    return StreamKind("hipimu angles", "MoCap", rate_hz, (*hips, *pelvis), "float32", about)


def angles_rows(blocks: Sequence[HipAngleBlock], sides: Sequence[Side]) -> Iterator[Rows]:
    """Put the sides' angles side by side, wherever they are of the same times."""
    ordered = sorted(blocks, key=lambda block: float(block.t_s[0]))
    for _, together in groupby(ordered, key=lambda b: (float(b.t_s[0]), len(b.t_s))):
        yield _angles_together({block.side: block for block in together}, sides)


def _angles_together(blocks: dict[Side, HipAngleBlock], sides: Sequence[Side]) -> Rows:
    any_side = next(iter(blocks.values()))
    nothing = np.full(len(any_side.t_s), np.nan)
    columns = [
        _angle(blocks[side], name) if side in blocks else nothing
        for side in sides
        for _, name in _HIP
    ]
    columns += [_angle(any_side, name) for _, name in _PELVIS]
    return Rows(any_side.t_s, np.column_stack(columns))


def _angle(block: HipAngleBlock, name: str) -> FloatArray:
    angle_deg = deg_from_rad(np.asarray(getattr(block, name), dtype=np.float64))
    return np.where((block.flags & _MISSING) > 0, np.nan, angle_deg)


STRIDES: Final = StreamKind(
    "hipimu strides",
    "Strides",
    IRREGULAR,
    (
        Channel("side", "Code", "0 left, 1 right", "hip"),
        Channel("peak_flexion", "JointAngle", "degrees", "hip"),
        Channel("peak_extension", "JointAngle", "degrees", "hip"),
        Channel("stride_time", "Duration", "seconds", "hip"),
        Channel("quality", "Confidence", "normalized", "hip"),
        Channel("running", "Code", "0 walking, 1 running", "hip"),
    ),
    "double64",
    "a stride each, at the time of its peak flexion; peak extension is positive behind neutral",
)


def stride_rows(strides: Sequence[Stride]) -> Rows:
    """Put strides below each other, in the order of time."""
    ordered = sorted(strides, key=lambda stride: stride.t_peak_flexion_s)
    return Rows(
        np.array([stride.t_peak_flexion_s for stride in ordered]),
        np.array([_stride_row(stride) for stride in ordered]),
    )


def _stride_row(stride: Stride) -> tuple[float, ...]:
    return (
        float(SIDES.index(stride.side)),
        deg_from_rad(stride.peak_flexion_rad),
        deg_from_rad(stride.peak_extension_rad),
        math.nan if stride.stride_time_s is None else stride.stride_time_s,
        stride.quality,
        float(stride.gait == "running"),
    )
