"""What to simulate: one TOML file, checked, every value with a default."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hipimu.data import Segment
from hipimu.errors import PlanError

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedBout(_Part):
    """One piece of the session at one pace."""

    pace: Literal["easy", "fast", "walk", "stand"]
    duration_s: Annotated[float, Field(ge=4, le=36_000, allow_inf_nan=False)]
    speed_m_s: Annotated[float, Field(ge=0, le=12, allow_inf_nan=False)] = 0.0

    @model_validator(mode="after")
    def _speed_fits_pace(self) -> PlannedBout:
        if self.pace in ("easy", "fast") and self.speed_m_s < 2.0:
            raise ValueError("a running bout needs speed_m_s of at least 2.0")
        return self


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
    """Sensor errors; the defaults are the LSM6DSO data sheet's typical figures."""

    gyr_deg_s_sqrt_hz: NotNegative = 0.0038
    acc_ug_sqrt_hz: NotNegative = 70.0
    gyr_bias_deg_s: NotNegative = 0.2
    """Standard deviation of each axis's constant offset."""
    impact_g: NotNegative = 2.0
    """Height of the damped 22 Hz ringing at each foot contact, on the thigh; half on the pelvis."""


class Plan(_Part):
    """A session to simulate."""

    format: Literal["hipimu-plan/1"] = "hipimu-plan/1"
    seed: Annotated[int, Field(ge=0)] = 1
    rate_hz: Annotated[float, Field(ge=25, le=500)] = 200.0
    sensors: tuple[Segment, ...] = ("pelvis", "thigh_left", "thigh_right")
    mounting: Literal["random", "aligned"] = "random"
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

    @model_validator(mode="after")
    def _sensors_make_a_hip(self) -> Plan:
        if "pelvis" not in self.sensors or len(set(self.sensors)) < 2:
            raise ValueError("sensors must name the pelvis and at least one thigh")
        if len(set(self.sensors)) != len(self.sensors):
            raise ValueError("sensors names one twice")
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
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the plan"
        raise PlanError(
            f"{path}: {key}: {first['msg']}.",
            "The keys and their limits are described in docs, how-to “Simulate a session”.",
        ) from error
