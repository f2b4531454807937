"""What hipimu says of a session: the axes it found, the changes it estimated, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hipimu.data.samples import FloatArray, Segment, SensorSummary, Side
from hipimu.data.strides import Bout, Cycle, Pace, Stride

Method = Literal["causal", "refined"]
Outcome = Literal["peak_flexion", "peak_extension"]
Verdict = Literal["supported", "reversed", "no_evidence", "not_estimable"]
Interval = tuple[float, float]

OUTCOMES: tuple[Outcome, ...] = ("peak_flexion", "peak_extension")


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
    reserve_rad: float | None = None
    """How much further the peak goes at fast than at easy pace when fresh."""
    reserve_ci95_rad: Interval | None = None
    rfi_share_of_reserve: float | None = None
    """RFI ÷ reserve; None where the reserve does not exceed the detectable change."""
    p_value: float | None = None
    """Two-sided, of RFI = 0."""
    p_holm: float | None = None
    """The same, corrected for all comparisons of the session (Holm 1979)."""
    checks: tuple[RobustLine, ...] = ()
    """The same question asked in other ways."""
    speed_change_m_s: Mapping[Pace, float] = field(default_factory=dict)
    """How far the speed itself drifted over the session at each pace, where it is known."""
    variability: Variability | None = None


@dataclass(frozen=True, slots=True)
class Variability:
    """How a runner's peaks vary without any change over the session: what a plan needs to know."""

    bout_sd_rad: float
    """Of whole bouts about the line, beyond what their strides explain."""
    stride_sd_rad: Mapping[Pace, float]
    """What one stride adds at each pace, its likeness to its neighbours included: the mean of n
    strides varies by this over √n."""


@dataclass(frozen=True, slots=True)
class RobustLine:
    """RFI by another way than the main one, beside it: never instead of it."""

    name: Literal["theil_sen", "cadence_adjusted", "speed_unadjusted"]
    rfi_rad: float
    rfi_ci95_rad: Interval


@dataclass(frozen=True, slots=True)
class Change:
    """A quantity when fresh (τ = 0) and its change over the session (to τ = 1), SI units."""

    fresh: float
    delta: float
    delta_ci95: Interval


@dataclass(frozen=True, slots=True)
class Compensation:
    """Where a change of the thigh's range came from: thigh = hip + pelvis, to the last digit.

    Ranges are positive in the direction of the peak. More forward tilt of the pelvis adds to the
    thigh's extension and takes from its flexion.
    """

    side: Side
    outcome: Outcome
    pace: Pace
    thigh_rad: Change
    """Peak of the thigh from the vertical."""
    hip_rad: Change
    """Peak of the hip joint."""
    pelvis_rad: Change
    """What the pelvis adds."""


DimensionName = Literal["force", "endurance", "full_range", "control"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One quantity of the four dimensions; SI units."""

    name: str
    """What it is, a key of `hipimu.strength`."""
    unit: str
    """``rad``, ``rad/s``, ``rad/s²``, ``N·m``, ``J``, ``s`` or ``1``."""
    side: Side | None = None
    """None: of the pelvis, or of both sides together."""
    pace: Pace | None = None
    fresh: float | None = None
    """At τ = 0; for what does not change over a run, its value."""
    delta: float | None = None
    """Change from τ = 0 to τ = 1."""
    delta_ci95: Interval | None = None
    reasons: tuple[str, ...] = ()
    """Why numbers are missing."""
    fresh_ci95: Interval | None = None
    caveats: tuple[str, ...] = ()
    """What to know before trusting numbers that are there."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One of the four dimensions of hip strength, as far as sensors can see it."""

    name: DimensionName
    headline: Measure
    """The one figure to look at first: of both sides together, at fast pace, as far as these could
    be measured. Which one it is never depends on its value: the clearest of many is often chance.
    """
    measures: tuple[Measure, ...]
    reasons: tuple[str, ...] = ()
    """Why there is nothing at all."""


@dataclass(frozen=True, slots=True, eq=False)
class RangeProfile:
    """What the hip does in each bin of its angle while it swings forward, fresh and tired, (b,)."""

    side: Side
    pace: Pace
    quantity: Literal["velocity", "acceleration", "work"]
    unit: str
    from_rad: FloatArray
    """Lower edge of each bin; bins are equally wide."""
    to_rad: FloatArray
    fresh: FloatArray
    """Mean over bouts of what is typical of a stride, as the fitted line has it at τ = 0; NaN where
    strides are too few."""
    delta: FloatArray
    delta_low: FloatArray
    """Lower end of the 95 % interval."""
    delta_high: FloatArray
    q_value: FloatArray
    """p corrected for the false-discovery rate over all bins of the session (Benjamini and Hochberg
    1995)."""


@dataclass(frozen=True, slots=True)
class Durability:
    """When one side left its own baseline at easy pace, and did not come back for 100 strides."""

    side: Side
    outcome: Outcome
    left_at_s: float | None
    """On the recording's clock; None: never, as far as the run went, or not estimable."""
    moving_s: float | None
    """Moving time until then, or, where it never left, of the whole run."""
    baseline_rad: float | None
    threshold_rad: float | None
    """How far is away."""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Strength:
    """The four dimensions of hip strength."""

    force: Dimension
    endurance: Dimension
    full_range: Dimension
    control: Dimension
    profiles: tuple[RangeProfile, ...] = ()
    durability: tuple[Durability, ...] = ()

    def dimensions(self) -> tuple[Dimension, ...]:
        """Return the four in their order."""
        return self.force, self.endurance, self.full_range, self.control


@dataclass(frozen=True, slots=True)
class WatchSummary:
    """The watch file that was used, and how its clock lies on the recording's."""

    name: str
    offset_s: float
    """What is added to the watch's time since its start to get the recording's time."""
    offset_source: Literal["start time", "cadence", "start time and cadence"]
    correlation: float | None = None
    """Of the watch's cadence with the sensors', where both are known."""
    laps: int = 0
    warnings: tuple[str, ...] = ()


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
    compensation: tuple[Compensation, ...] = ()
    strength: Strength | None = None
    measures: tuple[Measure, ...] = ()
    """Of one's own, registered in `hipimu.measures`."""
    watch: WatchSummary | None = None
    warnings: tuple[str, ...] = ()
    notice: str | None = None
    """Source and licence of a recording that came from elsewhere."""
