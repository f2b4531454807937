"""Guided starts at random: bodies, habits, straps, radios and mistakes, for tests.

The simulated runner stands, lifts a knee twice and walks. Lifts here differ in height, speed and
in what the rest of the body does meanwhile; those of a plan are always the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from unittest.mock import patch

import numpy as np

from hipimu.data import SEGMENTS, FloatArray, Segment, Side
from hipimu.maths import quaternion
from hipimu.motion.guided_start import RawSamples
from hipimu.sources.simulate import imu
from hipimu.sources.simulate.body import StrideTable, stride_table
from hipimu.sources.simulate.motion import Pose, Runner
from hipimu.sources.simulate.parts import PartName
from hipimu.sources.simulate.plan import Body, Noise, Plan, PlannedBout, Radio, SoftTissue
from hipimu.sources.simulate.strap import mountings
from hipimu.units import rad_from_deg

GAITS = ("forward", "on the spot", "jog")
_SENSORS: tuple[PartName, ...] = ("LSM6DSO", "BMI270", "ICM-20948")
_OTHER: dict[Side, Side] = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Knee:
    """One lift."""

    side: Side
    at_s: float
    height_deg: float
    up_s: float
    hold_s: float
    down_s: float

    @property
    def end_s(self) -> float:
        return self.at_s + self.up_s + self.hold_s + self.down_s

    def share(self, t_s: FloatArray) -> FloatArray:
        since = t_s - self.at_s
        return smooth(since / self.up_s) - smooth((since - self.up_s - self.hold_s) / self.down_s)


@dataclass(frozen=True)
class Habits:
    """What else the body does while a knee is up, at its highest."""

    tilt_deg: float
    """Pelvis, backwards."""
    hike_deg: float
    """Pelvis, up on the lifted side."""
    sway_deg: float
    """The other thigh, about an axis of its own."""
    shift_m: float
    """Body, towards the standing leg."""


def smooth(share: FloatArray) -> FloatArray:
    x = np.clip(share, 0.0, 1.0)
    return np.asarray(x**3 * (10 - 15 * x + 6 * x**2))


class Starter(Runner):
    """A simulated runner who lifts knees."""

    def __init__(
        self, table: StrideTable, heading_rad: float, knees: tuple[Knee, ...], habits: Habits
    ) -> None:
        super().__init__(table, heading_rad)
        self._knees, self._habits = knees, habits

    def pose(self, t_s: FloatArray) -> Pose:
        pose, habits = super().pose(t_s), self._habits
        pelvis, thigh = pose.pelvis_wxyz, dict(pose.thigh_wxyz)
        acc = pose.mid_hip_acc_m_s2.copy()
        for knee in self._knees:
            share, outwards = knee.share(t_s), 1.0 if knee.side == "right" else -1.0
            pelvis = turned(pelvis, share, np.array([0.0, 0.0, 1.0]), habits.tilt_deg)
            pelvis = turned(pelvis, share, np.array([-outwards, 0.0, 0.0]), habits.hike_deg)
            up = np.array([0.05 * outwards, 0.1 * outwards, 1.0])
            thigh[knee.side] = turned(thigh[knee.side], share, up, knee.height_deg)
            other, sway = _OTHER[knee.side], np.array([0.6, 0.2, -0.7])
            thigh[other] = turned(thigh[other], share, sway, habits.sway_deg)
            shift = -outwards * habits.shift_m * np.gradient(np.gradient(share, t_s), t_s)
            across = quaternion.rotate(pelvis, np.tile([0.0, 0.0, 1.0], (len(t_s), 1)))
            acc += shift[:, None] * across
        return replace(pose, pelvis_wxyz=pelvis, thigh_wxyz=thigh, mid_hip_acc_m_s2=acc)


def turned(quat: FloatArray, share: FloatArray, axis: FloatArray, size_deg: float) -> FloatArray:
    unit = axis / np.linalg.norm(axis)
    vectors = (rad_from_deg(size_deg) * share)[:, None] * unit
    return quaternion.multiply(quat, quaternion.from_vector(vectors))


@dataclass(frozen=True)
class Start:
    """A guided start to simulate."""

    seed: int
    gait: str
    knees: tuple[Knee, ...]
    habits: Habits
    speed_m_s: float
    stand_s: float
    lift_s: float
    walk_s: float
    noise: Noise
    tissue: SoftTissue
    radio: Radio
    body: Body
    out_m: float
    """How far outside of the thigh's axis the sensors sit; negative: inside."""
    front_m: float
    step_over_deg: tuple[float, float]
    """Peak flexion and extension on the spot."""

    @property
    def plan(self) -> Plan:
        walk = PlannedBout(
            pace="easy" if self.gait == "jog" else "walk",
            duration_s=self.walk_s,
            speed_m_s=self.speed_m_s,
        )
        stand = PlannedBout(pace="stand", duration_s=self.stand_s + self.lift_s)
        return Plan(
            seed=self.seed,
            rate_hz=200.0,
            warm_up=(stand,),
            bouts=(walk,),
            noise=self.noise,
            soft_tissue=self.tissue,
            radio=self.radio,
            body=self.body,
        )

    def samples(self) -> dict[Segment, RawSamples]:
        """What each sensor delivered: t_s, gyr_rad_s, acc_m_s2."""
        plan, rng = self.plan, np.random.default_rng(self.seed)
        table = stride_table(plan, rng)
        if self.gait == "on the spot":
            table = _on_the_spot(table, self.step_over_deg)
        runner = Starter(table, float(rng.uniform(-np.pi, np.pi)), self.knees, self.habits)
        sensors = imu.fit_sensors(plan, mountings(plan, rng), float(table.start_s[-1]), rng)
        places = {
            side: np.array([self.front_m, -0.2, sign * self.out_m])
            for side, sign in (("left", -1.0), ("right", 1.0))
        }
        with patch.object(imu, "_THIGH_SENSOR_M", places):
            blocks = list(imu.simulate_blocks(plan, runner, sensors, rng))
        return {
            segment: (
                np.concatenate([block.sensor_t_s[segment] for block in blocks]),
                np.concatenate([block.gyr_rad_s[segment] for block in blocks]),
                np.concatenate([block.acc_m_s2[segment] for block in blocks]),
            )
            for segment in plan.sensors
        }


def _on_the_spot(table: StrideTable, peaks_deg: tuple[float, float]) -> StrideTable:
    """Knees up and down instead of forward and back."""
    walking = table.moving > 0
    flexion, extension = (rad_from_deg(peak) for peak in peaks_deg)
    return replace(
        table,
        flexion_rad={s: v * 0 + walking * flexion for s, v in table.flexion_rad.items()},
        extension_rad={s: v * 0 + walking * extension for s, v in table.extension_rad.items()},
    )


def two_lifts(
    rng: np.random.Generator, side: Side, from_s: float, count: int = 2
) -> tuple[Knee, ...]:
    """Lifts of one knee, as people may do them."""
    height_deg, up_s, down_s = rng.uniform(45, 95), rng.uniform(0.4, 1.0), rng.uniform(0.4, 1.0)
    knees, at_s = [], from_s + rng.uniform(0.0, 0.5)
    for _ in range(count):
        own = rng.uniform(0.85, 1.15, 3)
        knee = Knee(
            side, at_s, height_deg * own[0], up_s * own[1], rng.uniform(0.0, 0.8), down_s * own[2]
        )
        knees.append(knee)
        at_s = knee.end_s + rng.uniform(0.1, 1.2)
    return tuple(knees)


def random_start(seed: int, lifted: Side | None = "left", count: int = 2) -> Start:
    """Draw everything; `lifted` is the knee that is lifted, None: neither is."""
    rng = np.random.default_rng((seed, 77))
    gait = GAITS[rng.choice(3, p=(0.5, 0.35, 0.15))]
    speed = {"forward": (0.9, 1.8), "on the spot": (0.9, 1.7), "jog": (2.2, 3.2)}[gait]
    stand_s = rng.uniform(3.5, 8.0)
    knees = () if lifted is None else two_lifts(rng, lifted, stand_s, count)
    return Start(
        seed=seed,
        gait=gait,
        knees=knees,
        habits=Habits(
            rng.uniform(0, 18), rng.uniform(-6, 8), rng.uniform(0, 8), rng.uniform(0, 0.06)
        ),
        speed_m_s=rng.uniform(*speed),
        stand_s=stand_s,
        lift_s=(knees[-1].end_s - stand_s if knees else 1.0) + rng.uniform(0.5, 3.0),
        walk_s=rng.uniform(9.0, 13.0),
        noise=Noise(part=_SENSORS[rng.integers(3)], impact_g=rng.uniform(0, 3)),
        tissue=SoftTissue(
            impact_deg=rng.uniform(0, 4),
            impact_mm=rng.uniform(0, 4),
            flexion_share=rng.uniform(-0.1, 0.1),
        ),
        radio=Radio(loss=rng.uniform(0, 0.05), burst_s=rng.uniform(0.02, 0.1)),
        body=Body(height_m=rng.uniform(1.5, 2.0), asymmetry=rng.uniform(-0.1, 0.1)),
        out_m=float(
            rng.choice([rng.uniform(0.04, 0.08), rng.uniform(-0.07, 0.03)], p=(0.75, 0.25))
        ),
        front_m=rng.uniform(0.0, 0.07),
        step_over_deg=(rng.uniform(28, 65), rng.uniform(0, 6)),
    )


Heard = dict[str, RawSamples]
"""Sensors by address."""
Worn = dict[str, Segment]
"""Where each address is worn."""


def as_received(samples: dict[Segment, RawSamples], seed: int) -> tuple[Heard, Worn]:
    """Give sensors addresses, rates and delays of their own; returns the truth beside."""
    rng = np.random.default_rng((seed, 78))
    heard: Heard = {}
    worn: Worn = {}
    segments = list(samples)
    for i in rng.permutation(len(segments)):
        t_s, gyr, acc = samples[segments[i]]
        every = int(rng.choice([1, 2, 4]))
        name = "C0:" + ":".join(f"{byte:02X}" for byte in rng.integers(0, 256, 5))
        late_s = rng.uniform(0.0, 0.04)
        heard[name] = (t_s[::every] + late_s, gyr[::every], acc[::every])
        worn[name] = segments[i]
    return heard, worn


def heard_start(
    seed: int,
    lifted: Side | None = "left",
    count: int = 2,
    segments: tuple[Segment, ...] = SEGMENTS,
) -> tuple[Heard, Worn]:
    """Draw a guided start, as the sensors on some segments tell it."""
    samples = random_start(seed, lifted, count).samples()
    return as_received({segment: samples[segment] for segment in segments}, seed)


def mirrored(heard: Heard, seed: int) -> Heard:
    """Let one axis of the accelerometer or the gyroscope of some sensors point the wrong way."""
    rng, flipped = np.random.default_rng((seed, 79)), {}
    for name, (t_s, gyr, acc) in heard.items():
        signs = np.where(np.arange(3) == rng.integers(3), -1.0, 1.0)
        of_gyr, of_acc = ((signs, 1.0), (1.0, signs), (1.0, 1.0), (1.0, 1.0))[rng.integers(4)]
        flipped[name] = (t_s, gyr * of_gyr, acc * of_acc)
    return flipped


def judged(roles: Mapping[str, Segment | None], worn: Worn) -> str:
    """right, partly (nothing wrong, but not all), or wrong."""
    if any(roles[name] not in (None, segment) for name, segment in worn.items()):
        return "wrong"
    return "right" if all(roles[name] for name in worn) else "partly"
