"""A short simulated session that several folders look at, and what it was made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hipimu.data import FloatArray, Segment, Session
from hipimu.pipeline import analyse
from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.body import stride_table
from hipimu.sources.simulate.imu import SimulatedBlock, fit_sensors, simulate_blocks
from hipimu.sources.simulate.motion import Pose, Runner
from hipimu.sources.simulate.plan import Loss, PlannedBout
from hipimu.sources.simulate.strap import mountings

STAND = PlannedBout(pace="stand", duration_s=6.0)
WALK = PlannedBout(pace="walk", duration_s=12.0, speed_m_s=1.4)
EASY = PlannedBout(pace="easy", duration_s=14.0, speed_m_s=3.0)
FAST = PlannedBout(pace="fast", duration_s=12.0, speed_m_s=5.0)


def short_plan(seed: int = 3, **changes: object) -> Plan:
    """Stand, walk, run easy, run fast, at 100 Hz: 44 s."""
    plan = Plan(
        seed=seed,
        rate_hz=100.0,
        warm_up=(STAND, WALK),
        bouts=(EASY, FAST),
        loss=Loss(fast_flexion_deg=3.0),
    )
    return plan.model_copy(update=changes)


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """A simulated piece in memory: what the sensors say, and the pose they said it in."""

    plan: Plan
    samples: SimulatedBlock
    pose: Pose
    mounting: dict[Segment, FloatArray]


def motion_of(plan: Plan, heading_rad: float = 0.3) -> Motion:
    """Simulate at most a minute of a plan without writing files."""
    rng = np.random.default_rng(plan.seed)
    table = stride_table(plan, rng)
    runner = Runner(table, heading_rad)
    mounting = mountings(plan, rng)
    sensors = fit_sensors(plan, mounting, float(table.start_s[-1]), rng)
    (samples,) = simulate_blocks(plan, runner, sensors, rng)
    return Motion(plan, samples, runner.pose(samples.t_s), mounting)


@dataclass(frozen=True, slots=True, eq=False)
class ShortSession:
    """The short plan on disk and analysed."""

    recording: Path
    truth: Path
    mounting: dict[Segment, FloatArray]
    session: Session


@pytest.fixture(scope="session")
def short_simulated(tmp_path_factory: pytest.TempPathFactory) -> ShortSession:
    made = simulate(short_plan(), tmp_path_factory.mktemp("short") / "run", file_format="parquet")
    facts = json.loads((made.truth / "truth.json").read_text(encoding="utf-8"))
    mounting = {segment: np.array(quat) for segment, quat in facts["mounting_wxyz"].items()}
    return ShortSession(made.recording, made.truth, mounting, analyse(made.recording))
