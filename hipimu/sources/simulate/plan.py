"""What to simulate: one TOML file, checked, every value with a default."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hipimu.data import Segment
from hipimu.errors import PlanError
from hipimu.sources.simulate.parts import PARTS, PartName

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=0.5, allow_inf_nan=False)]
Speed = Annotated[float, Field(ge=0, le=12, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedBout(_Part):
    """One piece of the session at one pace."""

    pace: Literal["easy", "fast", "walk", "stand", "hop", "knee_lifts"]
    """`hop`: three hops on both legs out of standing; `knee_lifts`: the left knee, twice."""
    duration_s: Annotated[float, Field(ge=4, le=36_000, allow_inf_nan=False)]
    speed_m_s: Speed = 0.0
    end_speed_m_s: Speed | None = None
    """Speed changes evenly up to this one; absent: it stays."""
    grade: Annotated[float, Field(ge=-0.3, le=0.3, allow_inf_nan=False)] = 0.0
    """Rise per distance run."""

    @model_validator(mode="after")
    def _speed_fits_pace(self) -> PlannedBout:
        for key in ("speed_m_s", "end_speed_m_s"):
            speed = getattr(self, key)
            if self.pace in ("easy", "fast") and speed is not None and speed < 2.0:
                raise ValueError(f"a running bout needs {key} of at least 2.0")
            if self.pace in ("hop", "knee_lifts") and speed:
                raise ValueError(f"{self.pace} is on the spot: leave out {key}")
        return self

    @property
    def last_speed_m_s(self) -> float:
        """Speed at the end of the bout."""
        return self.speed_m_s if self.end_speed_m_s is None else self.end_speed_m_s


class Loss(_Part):
    """Injected change of the peaks over the session (τ from 0 to 1), in degrees lost."""

    easy_flexion_deg: Finite = 0.0
    fast_flexion_deg: Finite = 0.0
    easy_extension_deg: Finite = 0.0
    fast_extension_deg: Finite = 0.0


class Variability(_Part):
    """Stride-to-stride variation: standard deviations and their memory."""

    amplitude: NotNegative = 0.02
    """Of the range, as a share of it."""
    period: NotNegative = 0.012
    """Of the stride time, as a share of it."""
    memory: Annotated[float, Field(ge=0, lt=1)] = 0.6
    """Lag-one correlation of both."""
    bout_deg: NotNegative = 0.5
    """Standard deviation of what a whole bout lies above or below the trend, per peak."""


class Noise(_Part):
    """Sensor errors; standard deviations between parts where they are constant.

    Without `part` the white noise is that of the LSM6DSO, with a small offset of the gyroscope.
    """

    part: PartName | None = None
    """A part's data sheet gives every figure that is not given here."""
    gyr_deg_s_sqrt_hz: NotNegative = 0.0038
    acc_ug_sqrt_hz: NotNegative = 70.0
    gyr_bias_deg_s: NotNegative = 0.2
    acc_bias_mg: NotNegative = 0.0
    gyr_bias_walk_deg_s_sqrt_s: NotNegative = 0.0
    gyr_scale: Share = 0.0
    """Of each axis's sensitivity, as a share of it."""
    acc_scale: Share = 0.0
    gyr_cross_axis: Share = 0.0
    """What an axis feels of each other one."""
    acc_cross_axis: Share = 0.0
    impact_g: NotNegative = 2.0
    """Height of the damped 22 Hz ringing at each foot contact, on the thigh; half on the pelvis."""

    @model_validator(mode="before")
    @classmethod
    def _by_data_sheet(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        figures = [PARTS[name] for name in PARTS if name == given.get("part")]
        return {key: value for table in (*figures, given) for key, value in table.items()}


class Range(_Part):
    """Full scale of the sensors: beyond it they clip; absent: they never do."""

    acc_g: Positive | None = None
    gyr_deg_s: Positive | None = None


class SoftTissue(_Part):
    """How a sensor moves on its segment."""

    impact_deg: NotNegative = 0.0
    """Size of the damped 9 Hz turn after each foot contact, on the thigh; half on the pelvis."""
    impact_mm: NotNegative = 0.0
    """Size of the damped 9 Hz shift along the thigh at the same time."""
    flexion_share: Annotated[float, Field(ge=-0.5, le=0.5, allow_inf_nan=False)] = 0.0
    """A thigh's sensor turns further than the thigh by this share of hip flexion."""


class Slip(_Part):
    """A strap that slips once and stays there."""

    sensor: Segment
    at_s: NotNegative
    angle_deg: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    axis: Literal["long", "across", "forward"] = "long"
    """Of the segment: up, to the right, or forward."""
    over_s: Positive = 0.5


class Clock(_Part):
    """How the clocks of the sensors differ from the pelvis's; standard deviations."""

    offset_s: NotNegative = 0.0
    drift_ppm: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 0.0
    jitter_ms: NotNegative = 0.0
    """Of every sample's time stamp, on all sensors."""

    @property
    def synchronised(self) -> bool:
        """Whether all sensors share one clock."""
        return self.offset_s == 0.0 and self.drift_ppm == 0.0


class Radio(_Part):
    """Samples lost in bursts."""

    loss: Share = 0.0
    burst_s: Positive = 0.06
    """Mean length of a burst."""


class Body(_Part):
    """Who runs."""

    height_m: Annotated[float, Field(ge=1.0, le=2.3)] = 1.75
    """Scales the distances between the hips and to the sensors."""
    mass_kg: Annotated[float, Field(gt=0, le=400)] | None = None
    """Moves nothing; the recording says it, so that moment and work can be told."""
    sex: Literal["f", "m", "x"] | None = None
    """The same."""
    asymmetry: Annotated[float, Field(ge=-1, le=1)] = 0.0
    """Left minus right range of the hips, as a share of their mean."""


class Course(_Part):
    """Where the running goes: straight on, round a circle, or round an oval, to the left."""

    curve_radius_m: Annotated[float, Field(ge=5, allow_inf_nan=False)] | None = None
    straight_m: NotNegative = 0.0
    """Length of each of the oval's two straights; 0: a circle."""

    @model_validator(mode="after")
    def _straights_need_curves(self) -> Course:
        if self.straight_m and self.curve_radius_m is None:
            raise ValueError("straight_m needs curve_radius_m; without curves leave both out")
        return self


class Plan(_Part):
    """A session to simulate."""

    format: Literal["hipimu-plan/1"] = "hipimu-plan/1"
    seed: Annotated[int, Field(ge=0)] = 1
    started_at: AwareDatetime | None = None
    """Moves nothing; the recording says it, so that sessions can be followed over weeks."""
    rate_hz: Annotated[float, Field(ge=25, le=500)] = 200.0
    sensors: tuple[Segment, ...] = ("pelvis", "thigh_left", "thigh_right")
    mounting: Literal["random", "aligned", "quarter_turn"] = "random"
    mounting_spread_deg: Annotated[float, Field(ge=0, le=180)] = 10.0
    """With `quarter_turn`: largest tilt away from it."""
    swapped: tuple[Segment, ...] = ()
    """Two sensors whose files are exchanged."""
    repeat: Annotated[int, Field(ge=1, le=1000)] = 1
    """The listed bouts are run this many times over, after `warm_up`."""
    warm_up: tuple[PlannedBout, ...] = (
        PlannedBout(pace="stand", duration_s=8.0),
        PlannedBout(pace="walk", duration_s=30.0, speed_m_s=1.4),
    )
    bouts: Annotated[tuple[PlannedBout, ...], Field(min_length=1)]
    loss: Loss = Loss()
    variability: Variability = Variability()
    noise: Noise = Noise()
    range: Range = Range()
    soft_tissue: SoftTissue = SoftTissue()
    slip: tuple[Slip, ...] = ()
    clock: Clock = Clock()
    radio: Radio = Radio()
    body: Body = Body()
    course: Course = Course()

    @model_validator(mode="after")
    def _sensors_make_a_hip(self) -> Plan:
        if "pelvis" not in self.sensors or len(set(self.sensors)) < 2:
            raise ValueError("sensors must name the pelvis and at least one thigh")
        if len(set(self.sensors)) != len(self.sensors):
            raise ValueError("sensors names one twice")
        return self

    @model_validator(mode="after")
    def _two_are_swapped(self) -> Plan:
        if self.swapped and (len(self.swapped) != 2 or self.swapped[0] == self.swapped[1]):
            raise ValueError("swapped must name two sensors, or none")
        if not set(self.swapped) <= set(self.sensors):
            raise ValueError("swapped names a sensor that sensors does not")
        return self

    @model_validator(mode="after")
    def _slips_happen(self) -> Plan:
        duration_s = sum(bout.duration_s for bout in self.all_bouts())
        for slip in self.slip:
            if slip.sensor not in self.sensors:
                raise ValueError(f"slip names {slip.sensor}, which sensors does not")
            if slip.at_s >= duration_s:
                raise ValueError(f"slip.at_s is {slip.at_s:g}, the session ends at {duration_s:g}")
        return self

    def all_bouts(self) -> tuple[PlannedBout, ...]:
        """Warm-up and repeated bouts, in the order they are run."""
        return self.warm_up + self.bouts * self.repeat


def demo_plan() -> Plan:
    """About 20 minutes of intervals that lose 5° of flexion at fast pace and 1° at easy pace."""
    easy = PlannedBout(pace="easy", duration_s=120.0, speed_m_s=3.0)
    fast = PlannedBout(pace="fast", duration_s=75.0, speed_m_s=5.0)
    return Plan(
        seed=7,
        rate_hz=100.0,
        repeat=6,
        bouts=(easy, fast),
        loss=Loss(easy_flexion_deg=1.0, fast_flexion_deg=5.0),
        body=Body(mass_kg=65.0, sex="f"),
    )


def read_plan(path: Path) -> Plan:
    """Read and check a plan file.

    Raises
    ------
    PlanError
        When the file is missing, no TOML, or a value is out of bounds; the message names the key.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(
            f"The plan {path} cannot be read: {error.strerror}.", "Check the name."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} is not valid TOML: {error}.", "Mend that line.") from error
    try:
        return Plan.model_validate(raw)
    except ValidationError as error:
        raise _first_problem(path, error) from error


def _first_problem(path: Path, error: ValidationError) -> PlanError:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"]) or "the plan"
    if first["type"] == "extra_forbidden":
        known = ", ".join(_keys_beside(first["loc"]))
        return PlanError(f"{path}: {key} is not a key of a plan.", f"Keys accepted here: {known}.")
    reason = first["msg"].removeprefix("Value error, ")
    return PlanError(
        f"{path}: {key}: {reason}.",
        "The keys and their limits are described in docs, how-to “Simulate a session”.",
    )


def _keys_beside(place: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the table of an unknown key does have."""
    tables: dict[int | str, type[BaseModel]] = {
        "warm_up": PlannedBout,
        "bouts": PlannedBout,
        "loss": Loss,
        "variability": Variability,
        "noise": Noise,
        "range": Range,
        "soft_tissue": SoftTissue,
        "slip": Slip,
        "clock": Clock,
        "radio": Radio,
        "body": Body,
        "course": Course,
    }
    table = tables[place[0]] if len(place) > 1 else Plan
    return list(table.model_fields)
