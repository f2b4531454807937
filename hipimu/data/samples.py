"""What the sensors deliver and what becomes of it, sample by sample: from packets to angles.

Arrays are float64 unless said otherwise and must not be written to; rows are samples; the unit is
in the name. Segment axes are the ISB's: x forward, y up, z to the right. ``quat_wxyz`` turns a
vector of the named frame into the earth frame, z up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
FlagArray = NDArray[np.uint8]

Segment = Literal["pelvis", "thigh_left", "thigh_right"]
Side = Literal["left", "right"]

SIDES: tuple[Side, ...] = ("left", "right")
THIGHS: Mapping[Side, Segment] = {"left": "thigh_left", "right": "thigh_right"}
SEGMENTS: tuple[Segment, ...] = ("pelvis", "thigh_left", "thigh_right")


class Flag(IntFlag):
    """What is wrong with one sample; bits, so that they add up along the way."""

    GAP = 1
    """Missing for too long to be filled in."""
    CLIPPED = 2
    SHORT_GAP = 4
    """Missing, but filled by a line or from other strides with an error that may reach 1.5°."""
    SLIP = 8
    """The sensor has moved on its segment."""
    SYNC = 16
    """The sensors' clocks are matched poorly."""
    HEADING = 32
    """The segments' common heading is unknown or contradicted."""
    TILT = 64
    """The orientation filter and the accelerometer disagree about the vertical."""
    BRIDGED = 128
    """Missing, but filled from other strides with an expected error below half a degree."""


@dataclass(frozen=True, slots=True, eq=False)
class ImuBlock:
    """Samples of one sensor on its own clock, in its own axes."""

    sensor: Segment
    t_s: FloatArray
    """(n,) strictly increasing."""
    gyr_rad_s: FloatArray
    """(n, 3)"""
    acc_m_s2: FloatArray
    """(n, 3) specific force: +g upwards at rest."""
    clipped: BoolArray
    """(n,)"""
    mag_ut: FloatArray | None = None
    """(n, 3)"""
    counter: IntArray | None = None
    """(n,)"""


@dataclass(frozen=True, slots=True, eq=False)
class TickBlock:
    """When samples of one sensor were taken by its own counter, and when they arrived."""

    sensor: Segment
    ticks: IntArray
    """(n,) the device's counter as sent: it wraps."""
    arrival_s: FloatArray
    """(n,) host clock, never decreasing."""


@dataclass(frozen=True, slots=True, eq=False)
class HostTimeBlock:
    """When samples of one sensor were taken, on the host's clock."""

    sensor: Segment
    t_s: FloatArray
    """(n,) never decreasing."""
    restarted: BoolArray
    """(n,) True at the first sample after the device's counter started anew."""


@dataclass(frozen=True, slots=True, eq=False)
class AlignedBlock:
    """All sensors on one evenly spaced time base, in their own axes."""

    t_s: FloatArray
    rate_hz: float
    gyr_rad_s: Mapping[Segment, FloatArray]
    acc_m_s2: Mapping[Segment, FloatArray]
    flags: Mapping[Segment, FlagArray]
    """(n,) of `Flag` bits: gaps are marked, never hidden."""

    def valid(self) -> BoolArray:
        """Where every segment has samples, (n,)."""
        gaps = [
            (flags & (Flag.GAP | Flag.SHORT_GAP | Flag.BRIDGED)) == 0
            for flags in self.flags.values()
        ]
        return np.asarray(np.logical_and.reduce(gaps), dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class OrientationBlock:
    """Orientation of every sensor, each in an earth frame of its own heading."""

    aligned: AlignedBlock
    quat_wxyz: Mapping[Segment, FloatArray]
    """(n, 4) sensor → earth, z up."""


@dataclass(frozen=True, slots=True, eq=False)
class SegmentBlock:
    """Orientation and motion of the body segments, in segment axes.

    Before heading correction each segment's earth frame has a heading of its own; afterwards all
    share the pelvis's.
    """

    t_s: FloatArray
    rate_hz: float
    quat_wxyz: Mapping[Segment, FloatArray]
    """(n, 4) segment → earth."""
    gyr_rad_s: Mapping[Segment, FloatArray]
    acc_m_s2: Mapping[Segment, FloatArray]
    flags: Mapping[Segment, FlagArray]


@dataclass(frozen=True, slots=True, eq=False)
class HipAngleBlock:
    """Hip joint angles of one side after ISB, with the thigh and pelvis they are made of.

    Flexion, adduction and internal rotation are positive on both sides; anterior pelvis tilt,
    right side up (obliquity) and turning left (rotation) are positive.
    """

    side: Side
    t_s: FloatArray
    rate_hz: float
    flexion_rad: FloatArray
    adduction_rad: FloatArray
    rotation_rad: FloatArray
    thigh_rad: FloatArray
    """Thigh from the vertical in the sagittal plane, knee forward positive."""
    pelvis_tilt_rad: FloatArray
    pelvis_obliquity_rad: FloatArray
    pelvis_rotation_rad: FloatArray
    """Heading of the pelvis in its own earth frame: only its changes mean something."""
    pelvis_acc_m_s2: FloatArray
    """(n,) magnitude of the pelvis's specific force: small in flight."""
    hip_force_m_s2: FloatArray
    """(n,) specific force of the pelvis along the thigh's forward axis: what gravity and the moving
    hip do to the thigh, g·sin θ + the hip's acceleration across the thigh."""
    flags: FlagArray


@dataclass(frozen=True, slots=True)
class SensorSummary:
    """What one sensor delivered."""

    sensor: Segment
    samples: int
    rate_hz: float
    """Measured."""
    loss: float
    """Share of the expected samples that are missing, 0–1."""
    clipped: float
    """Share of the samples at the end of the range, 0–1."""
    offset_s: float | None = None
    """What this sensor's clock showed more than the pelvis's when both had started; this and the
    following are None where clocks are shared."""
    offset_se_s: float | None = None
    """Standard error."""
    drift_ppm: float | None = None
    """How much this sensor's clock gains on the pelvis's."""
    drift_se_ppm: float | None = None
    """Standard error."""


@dataclass(frozen=True, slots=True, eq=False)
class HipMotion:
    """One side's angles over the whole run, for what is measured between the peaks."""

    side: Side
    rate_hz: float
    t_s: FloatArray
    """(n,) evenly spaced."""
    flexion_rad: FloatArray
    thigh_rad: FloatArray
    """Thigh from the vertical in the sagittal plane, knee forward positive."""
    pelvis_tilt_rad: FloatArray
    hip_force_m_s2: FloatArray
    """As in `HipAngleBlock`."""
    pelvis_acc_m_s2: FloatArray
    """(n,) magnitude of the pelvis's specific force."""


@dataclass(frozen=True, slots=True)
class Body:
    """Whose body it is, as far as it is known."""

    mass_kg: float | None = None
    sex: Literal["f", "m", "x"] | None = None
    height_m: float | None = None
