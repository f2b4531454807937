"""A planned session as it unfolds: everything drawn, nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hipimu.data import Segment
from hipimu.sources.simulate.body import StrideTable, stride_table
from hipimu.sources.simulate.imu import Sensor, SimulatedBlock, fit_sensors, simulate_blocks
from hipimu.sources.simulate.motion import Runner
from hipimu.sources.simulate.plan import Plan
from hipimu.sources.simulate.strap import mountings


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedSession:
    """A runner about to run."""

    table: StrideTable
    sensors: dict[Segment, Sensor]
    duration_s: float
    blocks: Iterator[SimulatedBlock]
    """About a minute each, made as they are asked for; only once."""


def begin_session(plan: Plan) -> SimulatedSession:
    """Draw all that is random in a session; the same plan gives the same session.

    Parameters
    ----------
    plan : Plan
    """
    rng = np.random.default_rng(plan.seed)
    table = stride_table(plan, rng)
    mounting = mountings(plan, rng)
    runner = Runner(table, float(rng.uniform(-np.pi, np.pi)))
    duration_s = float(table.start_s[-1])
    sensors = fit_sensors(plan, mounting, duration_s, rng)
    blocks = simulate_blocks(plan, runner, sensors, rng)
    return SimulatedSession(table, sensors, duration_s, blocks)
