"""Simulated sessions in memory, for tests that need samples but no files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from hipimu.data import FloatArray, ImuBlock, Segment
from hipimu.sources.simulate.body import stride_table
from hipimu.sources.simulate.imu import fit_sensors, simulate_blocks
from hipimu.sources.simulate.motion import Runner
from hipimu.sources.simulate.plan import Noise, Plan, PlannedBout
from hipimu.sources.simulate.strap import mountings

Samples = dict[Segment, tuple[FloatArray, FloatArray, FloatArray]]
"""Per sensor: t_s (n,), gyr_rad_s (n, 3), acc_m_s2 (n, 3)."""


@dataclass(frozen=True)
class Simulation:
    rate_hz: float
    samples: Samples
    flexion_rad: dict[str, FloatArray]
    """True hip flexion per side, at the samples of a plan without clocks and losses."""
    mounting_wxyz: dict[Segment, FloatArray]

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(self.samples)

    def blocks(self, length: int = 6000) -> list[ImuBlock]:
        """All samples, sensors taking turns."""
        n = len(next(iter(self.samples.values()))[0])
        return [
            block
            for start in range(0, n, length)
            for block in blocks_of(self.samples, start, start + length)
        ]


def blocks_of(samples: Samples, start: int, stop: int) -> list[ImuBlock]:
    part = slice(start, stop)
    return [
        ImuBlock(segment, t_s[part], gyr[part], acc[part], np.zeros(len(t_s[part]), dtype=bool))
        for segment, (t_s, gyr, acc) in samples.items()
    ]


def short_plan(**changes: object) -> Plan:
    """Half a minute of standing and walking, then a little running."""
    settings: dict[str, object] = {
        "seed": 5,
        "rate_hz": 100.0,
        "warm_up": (
            PlannedBout(pace="stand", duration_s=6.0),
            PlannedBout(pace="walk", duration_s=14.0, speed_m_s=1.4),
        ),
        "bouts": (
            PlannedBout(pace="easy", duration_s=16.0, speed_m_s=3.0),
            PlannedBout(pace="fast", duration_s=10.0, speed_m_s=5.0),
        ),
    }
    return Plan.model_validate(settings | changes)


NO_NOISE = Noise(gyr_deg_s_sqrt_hz=0, acc_ug_sqrt_hz=0, gyr_bias_deg_s=0, impact_g=0)


@cache
def simulation(plan: Plan) -> Simulation:
    """Simulate a plan; kept, since many tests look at the same."""
    rng = np.random.default_rng(plan.seed)
    table = stride_table(plan, rng)
    mounting = mountings(plan, rng)
    sensors = fit_sensors(plan, mounting, float(table.start_s[-1]), rng)
    blocks = list(simulate_blocks(plan, Runner(table, 0.7), sensors, rng))
    return Simulation(
        rate_hz=plan.rate_hz,
        samples={
            segment: (
                np.concatenate([block.sensor_t_s[segment] for block in blocks]),
                np.concatenate([block.gyr_rad_s[segment] for block in blocks]),
                np.concatenate([block.acc_m_s2[segment] for block in blocks]),
            )
            for segment in plan.sensors
        },
        flexion_rad={
            side: np.concatenate([block.hip_flexion_rad[side] for block in blocks])
            for side in ("left", "right")
        },
        mounting_wxyz=mounting,
    )
