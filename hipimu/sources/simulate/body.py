"""The stride table of a simulated runner: when each stride comes and how large it is.

Ranges by speed follow the sanity values of the literature (docs, explanation “Conventions”): they
set the scale of the simulation and are no claim about any runner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hipimu.data import FloatArray
from hipimu.sources.simulate.plan import Loss, Plan, PlannedBout
from hipimu.units import rad_from_deg

# speed m/s, peak flexion °, peak extension °, stride time s
_BY_SPEED = np.array(
    [
        [1.0, 26.0, 9.0, 1.20],
        [1.8, 32.0, 13.0, 0.98],
        [2.5, 34.0, 13.0, 0.76],
        [3.6, 40.0, 24.0, 0.72],
        [5.0, 52.0, 27.0, 0.65],
        [7.0, 68.0, 30.0, 0.54],
        [9.5, 85.0, 32.0, 0.43],
        [12.0, 90.0, 33.0, 0.38],
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class StrideTable:
    """One row a stride; strides of the left leg are half a stride later."""

    start_s: FloatArray
    """(n + 1,) stride boundaries on the recording's clock."""
    flexion_rad: dict[str, FloatArray]
    """Per side, (n,) intended peak flexion."""
    extension_rad: dict[str, FloatArray]
    running: FloatArray
    """(n,) 1 running, 0 walking or standing."""
    moving: FloatArray
    """(n,) 1 moving, 0 standing."""
    speed_m_s: FloatArray
    bout: np.ndarray
    """(n,) index into `Plan.all_bouts()`."""
    fraction: FloatArray
    """(n,) τ: share of the running time that lies before the stride."""


def stride_table(plan: Plan, rng: np.random.Generator) -> StrideTable:
    """Draw the strides of a plan."""
    bouts = plan.all_bouts()
    rows = [_strides_of(bout, plan, rng) for bout in bouts]
    bout = np.repeat(np.arange(len(bouts)), [len(times) for times in rows])
    times = np.concatenate(rows)
    speed = np.array([b.speed_m_s for b in bouts])[bout]
    pace = np.array([b.pace for b in bouts])[bout]
    running = np.isin(pace, ("easy", "fast")).astype(float)
    start = np.concatenate(([0.0], np.cumsum(times)))
    run_time = np.cumsum(times * running) - times * running
    fraction = run_time / max(float((times * running).sum()), 1e-9)
    flexion, extension = {}, {}
    for side in ("left", "right"):
        flexion[side] = _peaks(1, "flexion", plan, speed, pace, bout, fraction, rng)
        extension[side] = _peaks(2, "extension", plan, speed, pace, bout, fraction, rng)
    moving = (pace != "stand").astype(float)
    return StrideTable(start, flexion, extension, running, moving, speed, bout, fraction)


def _strides_of(bout: PlannedBout, plan: Plan, rng: np.random.Generator) -> FloatArray:
    """Stride times that fill one bout exactly."""
    nominal = float(np.interp(bout.speed_m_s, _BY_SPEED[:, 0], _BY_SPEED[:, 3]))
    count = max(round(bout.duration_s / nominal), 2)
    jitter = _ar1(count, plan.variability.period, plan.variability.memory, rng)
    times = nominal * (1 + jitter)
    return np.asarray(times * (bout.duration_s / times.sum()))


def _peaks(
    column: int,
    name: str,
    plan: Plan,
    speed: FloatArray,
    pace: np.ndarray,
    bout: np.ndarray,
    fraction: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    nominal_deg = np.interp(speed, _BY_SPEED[:, 0], _BY_SPEED[:, column])
    lost_deg = _loss(plan.loss, name, pace) * fraction
    varied = 1 + _ar1(len(speed), plan.variability.amplitude, plan.variability.memory, rng)
    running = np.isin(pace, ("easy", "fast"))
    offset = rng.normal(0.0, plan.variability.bout_deg, len(plan.all_bouts()))[bout] * running
    peak_deg = (nominal_deg * varied - lost_deg + offset) * (pace != "stand")
    return rad_from_deg(peak_deg)


def _loss(loss: Loss, name: str, pace: np.ndarray) -> FloatArray:
    easy, fast = getattr(loss, f"easy_{name}_deg"), getattr(loss, f"fast_{name}_deg")
    return np.where(pace == "easy", easy, np.where(pace == "fast", fast, 0.0))


def _ar1(n: int, sd: float, memory: float, rng: np.random.Generator) -> FloatArray:
    """Stationary first-order autoregression with standard deviation `sd`, (n,)."""
    shocks = rng.normal(0.0, sd * np.sqrt(1 - memory**2), n)
    values = np.empty(n)
    last = rng.normal(0.0, sd)
    for i in range(n):
        last = memory * last + shocks[i]
        values[i] = last
    return values
