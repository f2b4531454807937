"""Runners whose motion is known exactly: no sensors, straps or filters before the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import signal

from hipimu.data import SIDES, Bout, FloatArray, HipMotion, Side, Stride
from hipimu.maths import quaternion
from hipimu.sources.simulate.body import StrideTable, stride_table
from hipimu.sources.simulate.motion import Pose, Runner
from hipimu.sources.simulate.plan import Loss, Plan, PlannedBout
from hipimu.units import GRAVITY_M_S2
from tests.unit.strides import stride

HIP_M: Mapping[Side, float] = {"left": -0.085, "right": 0.085}
"""From the point between the hip centres, to the right."""
_AT_ONCE = 60_000


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A session's true motion and strides."""

    strides: tuple[Stride, ...]
    bouts: tuple[Bout, ...]
    motion: Mapping[Side, HipMotion]


def intervals(seed: int, times: int = 5, rate_hz: float = 100.0, **changes: object) -> Plan:
    """Easy and fast bouts in turn, with whole bouts that scatter by half a degree."""
    settings: dict[str, object] = {
        "seed": seed,
        "rate_hz": rate_hz,
        "repeat": times,
        "warm_up": (PlannedBout(pace="stand", duration_s=4.0),),
        "bouts": (
            PlannedBout(pace="easy", duration_s=50.0, speed_m_s=3.0),
            PlannedBout(pace="fast", duration_s=40.0, speed_m_s=5.0),
        ),
    }
    return Plan.model_validate(settings | changes)


def losing(**degrees: float) -> Loss:
    return Loss.model_validate(degrees)


@cache
def known(plan: Plan) -> Known:
    """Evaluate a plan's runner; kept, since many tests look at the same."""
    table = stride_table(plan, np.random.default_rng(plan.seed))
    motion = true_motion(Runner(table, 0.7), plan.rate_hz, float(table.start_s[-1]))
    bouts = bouts_of(plan)
    strides = [s for side in SIDES for s in strides_of(side, motion[side], table, plan)]
    return Known(tuple(strides), bouts, motion)


def true_motion(runner: Runner, rate_hz: float, end_s: float) -> dict[Side, HipMotion]:
    """Motion at the hip centre between both hips."""
    t_s = np.arange(0.0, end_s, 1.0 / rate_hz)
    parts = [_series(runner.pose(t_s[i : i + _AT_ONCE])) for i in range(0, len(t_s), _AT_ONCE)]
    return {
        side: HipMotion(
            side,
            rate_hz,
            t_s,
            **{name: np.concatenate([p[side][name] for p in parts]) for name in parts[0][side]},
        )
        for side in SIDES
    }


def _series(pose: Pose) -> dict[Side, dict[str, FloatArray]]:
    pelvis_up = quaternion.vertical_in_frame(pose.pelvis_wxyz)
    felt = pose.mid_hip_acc_m_s2 + np.array([0.0, 0.0, GRAVITY_M_S2])
    found: dict[Side, dict[str, FloatArray]] = {}
    for side in SIDES:
        forward = quaternion.axis_in_earth(pose.thigh_wxyz[side], 0)
        found[side] = {
            "flexion_rad": pose.hip_flexion_rad[side],
            "thigh_rad": thigh_angle(pose, side),
            "pelvis_tilt_rad": -np.arctan2(pelvis_up[:, 0], pelvis_up[:, 1]),
            "hip_force_m_s2": (forward * felt).sum(axis=1),
            "pelvis_acc_m_s2": np.sqrt((felt**2).sum(axis=1)),
        }
    return found


def thigh_angle(pose: Pose, side: Side) -> FloatArray:
    up = quaternion.vertical_in_frame(pose.thigh_wxyz[side])
    return np.arctan2(up[:, 0], up[:, 1])


def bouts_of(plan: Plan) -> tuple[Bout, ...]:
    ends = np.cumsum([b.duration_s for b in plan.all_bouts()])
    return tuple(
        Bout(
            i,
            "fast" if b.pace == "fast" else "easy",
            "laps",
            float(end) - b.duration_s,
            float(end),
            b.speed_m_s,
        )
        for i, (b, end) in enumerate(zip(plan.all_bouts(), ends, strict=True))
        if b.pace in ("easy", "fast")
    )


def strides_of(side: Side, motion: HipMotion, table: StrideTable, plan: Plan) -> list[Stride]:
    """Peaks of the true angle, labelled by the plan; five strides at each end of a bout dropped."""
    angle, t_s = motion.flexion_rad, motion.t_s
    gap = int(0.3 * motion.rate_hz)
    high, _ = signal.find_peaks(angle, distance=gap, prominence=np.radians(5))
    low, _ = signal.find_peaks(-angle, distance=gap, prominence=np.radians(5))
    found = []
    for number, at in enumerate(high.tolist()):
        before = low[low < at].tolist()
        row = min(int(np.searchsorted(table.start_s, t_s[at])) - 1, len(table.bout) - 1)
        inside = table.bout[max(row - 5, 0) : row + 6]
        if row + 5 >= len(table.bout):
            continue
        pace = plan.all_bouts()[int(table.bout[row])].pace
        if len(before) == 0 or np.ptp(inside) or pace not in ("easy", "fast") or number == 0:
            continue
        span = slice(high[number - 1], at + 1)
        found.append(
            stride(
                _vertex(t_s, angle, at)[0],
                side=side,
                stride=number,
                t_peak_extension_s=_vertex(t_s, angle, before[-1])[0],
                peak_extension_rad=-_vertex(t_s, angle, before[-1])[1],
                peak_flexion_rad=_vertex(t_s, angle, at)[1],
                stride_time_s=float(t_s[at] - t_s[high[number - 1]]),
                pelvis_tilt_rad=float(motion.pelvis_tilt_rad[span].mean()),
                pelvis_tilt_range_rad=float(np.ptp(motion.pelvis_tilt_rad[span])),
                pace=pace,
                bout=int(table.bout[row]),
                moving_fraction=float(table.fraction[row]),
                speed_m_s=float(table.speed_m_s[row]),
            )
        )
    return found


def _vertex(t_s: FloatArray, angle: FloatArray, at: int) -> tuple[float, float]:
    """Time and angle of the turn, by a parabola."""
    before, middle, after = angle[at - 1 : at + 2]
    offset = 0.5 * (before - after) / (before - 2 * middle + after)
    value = middle - 0.25 * (before - after) * offset
    return float(t_s[at] + offset * (t_s[1] - t_s[0])), float(value)
