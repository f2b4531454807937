"""What is counted over a run: strides, laps, bouts, and what a watch recorded beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from hipimu.data.samples import FloatArray, Side

Pace = Literal["easy", "fast", "other"]
PaceSource = Literal["laps", "watch_laps", "speed", "pelvis", "none"]
"""What says how fast a bout was, in order of trust: a person, a watch's laps, speed over time, the
pelvis's rhythm, nothing."""
Gait = Literal["running", "walking"]


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
    grade: float | None = None
    """Rise per distance, from a watch."""
    heart_rate_bpm: float | None = None

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
class WatchLap:
    """A lap as a watch recorded it, on the clock of its `Activity`."""

    start_s: float
    end_s: float
    trigger: Literal["manual", "distance", "time", "session_end", "unknown"] = "unknown"
    """What ended it: a runner's thumb, or the watch by itself."""
    intensity: str | None = None
    """As the watch calls it: active, rest, warmup, cooldown, recovery, interval."""
    distance_m: float | None = None
    speed_m_s: float | None = None
    """Mean over the lap, as the watch says it."""


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """What a watch recorded of a run; times in seconds, at first since `started_at`.

    Arrays are (n,) and NaN where the watch says nothing.
    """

    name: str
    """Of the file."""
    started_at: datetime | None
    t_s: FloatArray
    """Strictly increasing."""
    speed_m_s: FloatArray
    grade: FloatArray
    """Rise per distance."""
    heart_rate_bpm: FloatArray
    cadence_spm: FloatArray
    """Steps, not strides, per minute."""
    laps: tuple[WatchLap, ...] = ()
    warnings: tuple[str, ...] = ()
    """What could not be read, and what was made of it."""

    def shifted(self, offset_s: float) -> Activity:
        """Put everything `offset_s` later: onto the clock of a recording."""
        laps = tuple(
            replace(lap, start_s=lap.start_s + offset_s, end_s=lap.end_s + offset_s)
            for lap in self.laps
        )
        return replace(self, t_s=self.t_s + offset_s, laps=laps)


@dataclass(frozen=True, slots=True, eq=False)
class PelvisRhythm:
    """How quick and how bouncy the steps are, from the pelvis alone, a value about every second.

    It tells fast from easy pace where nothing outside the sensors does. Neither thigh nor hip has
    any part in it: pace labelled by their range would put the answer in with the question.
    """

    t_s: FloatArray
    """(n,)"""
    step_rate_hz: FloatArray
    """(n,) NaN where there is no rhythm."""
    bounce_m_s2: FloatArray
    """(n,) standard deviation of the pelvis's specific force: small when standing."""


@dataclass(frozen=True, slots=True, eq=False)
class PaceEvidence:
    """Everything that pace may be told from, on the recording's clock; best first."""

    laps: tuple[Lap, ...] = ()
    """Labelled easy and fast by a person."""
    activity: Activity | None = None
    speed: SpeedTrack | None = None
    pelvis: PelvisRhythm | None = None


MIN_BOUTS = 3
"""Of each pace: a line needs two, and a third to be doubted."""
MIN_STRIDES = 30
"""Of each pace."""
MIN_BOUT_S = 30.0
_ENDS_S = 1.5
"""Watches and changes of speed tell either end of a bout to a second: thirty may measure less."""


def long_enough(duration_s: float) -> bool:
    """Tell whether a piece of a run counts as a bout: half a minute, as it is measured."""
    return duration_s >= MIN_BOUT_S - _ENDS_S


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
