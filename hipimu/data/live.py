"""What is known during a run, and what every face shows of it.

A *face* is where people meet a run under way: the page, the terminal, sounds. All faces read the
same `LiveState`; none keeps numbers of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hipimu.data.answers import FatigueEstimate, Outcome
from hipimu.data.radio import LinkState
from hipimu.data.samples import Side
from hipimu.data.strides import Gait, Lap, Pace, Reason


@dataclass(frozen=True, slots=True)
class Baseline:
    """One side's peak while fresh, at one pace."""

    side: Side
    outcome: Outcome
    pace: Pace
    strides: int
    """Usable strides it rests on so far."""
    needed: int
    """Strides it has to rest on."""
    value_rad: float | None = None
    """Median of those strides; None until there are enough."""
    detectable_rad: float | None = None
    """How far the middle of a few strides has to be from `value_rad` to stand out from the
    runner's own variation; None until there are enough."""
    speed_m_s: float | None = None
    """Mean speed of those strides, where it is known."""


@dataclass(frozen=True, slots=True)
class PeakNow:
    """One side's peak in the last strides, and what to hold it against."""

    side: Side
    outcome: Outcome
    value_rad: float | None
    """Median of the last `strides` usable strides at the present pace; None where there are none
    that are recent."""
    strides: int
    """At most five."""
    baseline: Baseline | None = None
    """For the present pace; None while pace is unknown or other."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A sound that is due. Faces play each once, by its number, where sound is switched on."""

    number: int
    """Counted from 1."""
    side: Side
    outcome: Outcome
    kind: Literal["range_down", "range_back"]
    t_s: float
    change_rad: float
    """From the baseline; a loss is negative."""


StartStep = Literal["sensors", "put_on", "stand", "lift", "walk", "ready"]
START_STEPS: tuple[StartStep, ...] = ("sensors", "put_on", "stand", "walk", "ready")
"""Where it is known which sensor is worn where; else a knee is lifted after standing."""


@dataclass(frozen=True, slots=True)
class StartState:
    """How far the guided start has come."""

    step: StartStep
    steps: tuple[StartStep, ...] = START_STEPS
    """All of them, in order."""
    done_s: float = 0.0
    """Seconds of standing still or of walking so far."""
    needed_s: float = 0.0
    """Seconds that are needed; 0 where the step is none of time."""
    going: bool = False
    """Whether the runner is doing just now what the step asks for."""
    said: str = ""
    """A sentence: what to do now."""
    problem: str = ""
    """A sentence: what is wrong and what to do about it; empty while all is well."""
    found: tuple[str, ...] = ()
    """Sentences at the end: what was found, such as which way the knees bend."""


@dataclass(frozen=True, slots=True)
class SensorNow:
    """How one sensor is doing, for people."""

    sensor: str
    """Its role."""
    device: str
    link: LinkState
    phase: str
    """Of its link: connecting, configuring, streaming, down, waiting or stopped."""
    why: str
    """What went wrong last; empty while streaming."""
    rate_hz: float
    loss: float
    """0–1"""
    age_s: float | None
    """Since the last packet; None before the first."""
    battery: float | None
    """0–1; None where it is not known."""
    clipped: float
    """0–1"""
    drops: int
    absent: bool
    """Whether the others go on without it."""


@dataclass(frozen=True, slots=True)
class ShownStride:
    """What the history shows of one stride; its pace follows from its time and the laps."""

    side: Side
    t_s: float
    """Of its peak flexion."""
    peak_flexion_rad: float
    peak_extension_rad: float
    stride_time_s: float | None
    gait: Gait
    quality: float
    reasons: tuple[Reason, ...] = ()


LivePaceSource = Literal["button", "foot_pod", "none"]
LivePhase = Literal["start", "running", "finishing", "done", "failed"]
LiveMode = Literal["sensors", "virtual", "replay"]


@dataclass(frozen=True, slots=True, eq=False)
class LiveState:
    """Everything a face shows, at one moment. Times are seconds on the recording's clock."""

    number: int
    """Each state has a larger one than the one before."""
    t_s: float
    arrived_ns: int
    """When the newest packet in it came, in nanoseconds since the Unix epoch; 0 before the
    first."""
    phase: LivePhase
    mode: LiveMode
    name: str
    """Of the recording."""
    start: StartState
    sides: tuple[Side, ...]
    sensors: tuple[SensorNow, ...] = ()
    pace: Pace | None = None
    """None: unknown, nobody has pressed a button and no foot pod tells."""
    pace_source: LivePaceSource = "none"
    laps: tuple[Lap, ...] = ()
    """The last one ends now."""
    flexion_rad: Mapping[Side, float] = field(default_factory=dict)
    """The hip angle at the newest sample; sides whose sensors do not deliver are missing."""
    peaks: tuple[PeakNow, ...] = ()
    strides: int = 0
    """Length of the history so far (`LiveBoard.strides`)."""
    running_strides: int = 0
    """Running strides of both legs so far."""
    cadence_spm: float | None = None
    """Steps a minute over the last strides; None where none are recent."""
    speed_m_s: float | None = None
    heart_rate_bpm: float | None = None
    fatigue: tuple[FatigueEstimate, ...] = ()
    """Of the run so far; empty before the first time it was estimated."""
    so_far: str = ""
    """The same in a sentence."""
    cue: Cue | None = None
    """The last one that was due."""
    sound: bool = False
    """Whether the recording machine plays cues itself."""
    warnings: tuple[str, ...] = ()
    ended: str = ""
    """The sentence at the end of the run, or what went wrong."""
    report: bool = False
    """Whether the report can be opened."""
