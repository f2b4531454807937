"""The nouns: every type that passes between stages, on one page.

Arrays are float64 unless said otherwise and must not be written to; rows are samples; the unit is
in the name. Segment axes are the ISB's: x forward, y up, z to the right. ``quat_wxyz`` turns a
vector of the named frame into the earth frame, z up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntFlag, StrEnum
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
FlagArray = NDArray[np.uint8]

Segment = Literal["pelvis", "thigh_left", "thigh_right"]
Side = Literal["left", "right"]
Pace = Literal["easy", "fast", "other"]
PaceSource = Literal["laps", "none"]
Method = Literal["causal", "refined"]
Gait = Literal["running", "walking"]
Outcome = Literal["peak_flexion", "peak_extension"]
Verdict = Literal["supported", "reversed", "no_evidence", "not_estimable"]

SIDES: tuple[Side, ...] = ("left", "right")
OUTCOMES: tuple[Outcome, ...] = ("peak_flexion", "peak_extension")
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


class Reason(StrEnum):
    """Why a stride counts less, or not at all."""

    GAP = "gap"
    CLIPPED = "clipped"
    SLIP = "slip"
    SYNC = "sync"
    HEADING = "heading"
    TILT = "tilt"
    TRANSITION = "transition"
    WALKING = "walking"


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
    """(n,) host clock, never decreasing; samples of one packet arrive together."""


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
    flags: FlagArray


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """How sensor axes map to segment axes, and what that rests on."""

    quat_wxyz: Mapping[Segment, FloatArray]
    """(4,) segment → sensor."""
    source: Literal["metadata", "stand and gait", "gait alone"]
    stand_s: tuple[float, float] | None
    """The quiet standing pose that is neutral: start and end; None: nobody was seen to stand."""
    gait_s: float
    """Seconds of gait in which the axes were found."""
    axis_ratio: Mapping[Segment, float]
    """How clearly the medio-lateral axis stands out: largest to second standard deviation."""
    sign_margin: Mapping[Segment, float]
    """Sign self-test (knee forward is flexion): 0 undecided … 1 all tests agree."""
    standing_pelvis_tilt_rad: float | None
    """Raw tilt of the pelvis sensor while standing: its axis nearest to forward, up is positive."""
    warnings: tuple[str, ...] = ()
    quality: float = 1.0
    """How far absolute angles are to be trusted, 0–1: every stride's quality is multiplied by it.
    Below 1 when neutral rests on a short standing pose, or on none. Changes within the session do
    not depend on neutral."""


class Stride(NamedTuple):
    """One stride of one leg, from peak extension through swing to peak flexion.

    A named tuple, where the other nouns are dataclasses: an hour has ten thousand of them, and
    making one takes a tenth of the time.
    """

    side: Side
    stride: int
    """Counted from 0 on each side."""
    t_peak_extension_s: float
    peak_extension_rad: float
    """Positive behind neutral: −(minimum flexion)."""
    t_peak_flexion_s: float
    peak_flexion_rad: float
    stride_time_s: float | None
    """From the previous peak flexion of this leg; None after a break."""
    gait: Gait
    pelvis_tilt_rad: float
    """Mean over the stride, anterior positive, standing = 0."""
    pelvis_tilt_range_rad: float
    pelvis_obliquity_range_rad: float
    pelvis_rotation_range_rad: float
    thigh_peak_flexion_rad: float
    thigh_peak_extension_rad: float
    """Positive behind the vertical."""
    quality: float = 1.0
    reasons: tuple[Reason, ...] = ()
    pace: Pace = "other"
    bout: int | None = None
    speed_m_s: float | None = None
    moving_fraction: float | None = None
    """τ of the fatigue model: share of the session's moving time that lies before this stride."""

    def usable(self) -> bool:
        """Whether this stride counts: a running stride that was not set aside."""
        return self.quality > 0 and self.gait == "running"


def set_aside(strides: Iterable[Stride]) -> dict[str, int]:
    """Count the strides that do not count by reason; one may have several.

    A walking stride that nobody labelled yet has no reason but its gait.
    """
    return dict(
        Counter(
            str(reason)
            for stride in strides
            if not stride.usable()
            for reason in (stride.reasons or (stride.gait,))
        )
    )


@dataclass(frozen=True, slots=True)
class Lap:
    """A labelled piece of the recording, as the runner or coach marked it."""

    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class SpeedTrack:
    """Speed over the run from outside: a watch, a foot pod, a treadmill."""

    t_s: FloatArray
    speed_m_s: FloatArray


@dataclass(frozen=True, slots=True)
class Bout:
    """A piece of the run at one pace."""

    bout: int
    pace: Pace
    pace_source: PaceSource
    start_s: float
    end_s: float
    speed_m_s: float | None
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Cycle:
    """The hip angle over one stride, averaged: peak flexion to next peak flexion."""

    side: Side
    pace: Pace
    part: Literal["early", "late"]
    """First or last third of the strides at this pace."""
    mean_rad: FloatArray
    """(101,) at 0, 1, … 100 % of the stride."""
    sd_rad: FloatArray
    """(101,)"""
    strides: int
    set_aside: Mapping[str, int] = field(default_factory=dict)
    """Strides of this side and pace, early and late, that are not in any average, by reason."""


Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FatigueEstimate:
    """Change of one peak over the session, at easy and at fast pace, and their contrast.

    Changes are per session (τ from 0 to 1); a loss of range is negative. `rfi_rad` is
    −(δ_fast − δ_easy): positive when more is lost at fast pace. Numbers are None where the
    verdict is ``"not_estimable"``, and `reasons` says why.
    """

    side: Side
    outcome: Outcome
    verdict: Verdict
    reasons: tuple[str, ...]
    strides: Mapping[Pace, int]
    bouts: Mapping[Pace, int]
    delta_easy_rad: float | None = None
    delta_easy_ci95_rad: Interval | None = None
    delta_fast_rad: float | None = None
    delta_fast_ci95_rad: Interval | None = None
    rfi_rad: float | None = None
    rfi_ci95_rad: Interval | None = None
    detectable_rad: float | None = None
    set_aside: Mapping[Pace, Mapping[str, int]] = field(default_factory=dict)
    """Strides of each pace that did not count, by reason."""
    line_rad: Mapping[Pace, Interval] = field(default_factory=dict)
    """The fitted straight line of each pace: value at τ = 0 and at τ = 1."""


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
class Session:
    """One analysed recording."""

    recording: str
    simulated: bool
    started_at: datetime | None
    athlete: str | None
    duration_s: float
    method: Method
    filter: str
    neutral: str
    hipimu_version: str
    parameters: Mapping[str, object]
    sensors: tuple[SensorSummary, ...]
    calibration: Calibration
    strides: tuple[Stride, ...]
    bouts: tuple[Bout, ...]
    cycles: tuple[Cycle, ...]
    fatigue: tuple[FatigueEstimate, ...]
    warnings: tuple[str, ...] = ()
    notice: str | None = None
    """Source and licence of a recording that came from elsewhere."""
