"""The stride table of a simulated runner: when each stride comes and how large it is.

Ranges by speed follow the sanity values of the literature (docs, explanation “Conventions”): they
set the scale of the simulation and are no claim about any runner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_trapezoid

from hipimu.data import SIDES, FloatArray, Side
from hipimu.sources.simulate.course import Track
from hipimu.sources.simulate.hops import hop_starts
from hipimu.sources.simulate.lifts import lift_starts
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
# Uphill the hip flexes more and extends less; a scale for the simulation, as above. ° per rise.
_BY_GRADE = {"flexion": 60.0, "extension": -20.0}
_ON_THE_SPOT = ("stand", "hop", "knee_lifts")


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
    speeding_m_s2: FloatArray
    """(n,) change of speed within a bout."""
    grade: FloatArray
    """(n,) rise per distance."""
    hop_s: FloatArray
    """(h,) when the pushes of hops begin."""
    lift_s: FloatArray
    """(k,) when the left knee begins to rise out of standing."""
    track: Track


def stride_table(plan: Plan, rng: np.random.Generator) -> StrideTable:
    """Draw the strides of a plan."""
    bouts = plan.all_bouts()
    rows = [_strides_of(bout, plan, rng) for bout in bouts]
    bout = np.repeat(np.arange(len(bouts)), [len(times) for times in rows])
    times = np.concatenate(rows)
    speed = np.concatenate([_speeds(b, own) for b, own in zip(bouts, rows, strict=True)])
    pace = np.array([b.pace for b in bouts])[bout]
    grade = np.array([b.grade for b in bouts])[bout]
    running = np.isin(pace, ("easy", "fast")).astype(float)
    start = np.concatenate(([0.0], np.cumsum(times)))
    run_time = np.cumsum(times * running) - times * running
    fraction = run_time / max(float((times * running).sum()), 1e-9)
    peaks = _Peaks(plan, speed, pace, grade, bout, fraction)
    flexion: dict[str, FloatArray] = {}
    extension: dict[str, FloatArray] = {}
    for side in SIDES:
        flexion[side] = peaks.draw(1, "flexion", side, rng)
        extension[side] = peaks.draw(2, "extension", side, rng)
    return StrideTable(
        start_s=start,
        flexion_rad=flexion,
        extension_rad=extension,
        running=running,
        moving=(~np.isin(pace, _ON_THE_SPOT)).astype(float),
        speed_m_s=speed,
        bout=bout,
        fraction=fraction,
        speeding_m_s2=np.array([(b.last_speed_m_s - b.speed_m_s) / b.duration_s for b in bouts])[
            bout
        ],
        grade=grade,
        hop_s=_starts(bouts, "hop", hop_starts),
        lift_s=_starts(bouts, "knee_lifts", lift_starts),
        track=Track(plan.course.curve_radius_m, plan.course.straight_m),
    )


def _strides_of(bout: PlannedBout, plan: Plan, rng: np.random.Generator) -> FloatArray:
    """Stride times that fill one bout exactly."""
    nominal = _nominal_times(bout)
    jitter = _ar1(len(nominal), plan.variability.period, plan.variability.memory, rng)
    times = nominal * (1 + jitter)
    return np.asarray(times * (bout.duration_s / times.sum()))


def _nominal_times(bout: PlannedBout) -> FloatArray:
    """Stride times of a bout without variation: each that of the speed it is run at."""
    if bout.last_speed_m_s == bout.speed_m_s:
        nominal = float(_by_speed(np.array(bout.speed_m_s), 3))
        return np.full(max(round(bout.duration_s / nominal), 2), nominal)
    t_s = np.linspace(0.0, bout.duration_s, 1001)
    speed = np.linspace(bout.speed_m_s, bout.last_speed_m_s, 1001)
    strides = cumulative_trapezoid(1 / _by_speed(speed, 3), t_s, initial=0)
    count = max(round(float(strides[-1])), 2)
    return np.diff(np.interp(np.linspace(0.0, strides[-1], count + 1), strides, t_s))


def _speeds(bout: PlannedBout, times: FloatArray) -> FloatArray:
    """Speed in the middle of each stride of a bout."""
    middle = (np.cumsum(times) - 0.5 * times) / bout.duration_s
    return bout.speed_m_s + middle * (bout.last_speed_m_s - bout.speed_m_s)


def _by_speed(speed: FloatArray, column: int) -> FloatArray:
    return np.asarray(np.interp(speed, _BY_SPEED[:, 0], _BY_SPEED[:, column]))


def _starts(
    bouts: tuple[PlannedBout, ...], pace: str, within: Callable[[float, float], FloatArray]
) -> FloatArray:
    """When the movements of all bouts of one kind begin."""
    ends = np.cumsum([b.duration_s for b in bouts])
    starts = [
        within(float(end) - b.duration_s, b.duration_s)
        for b, end in zip(bouts, ends, strict=True)
        if b.pace == pace
    ]
    return np.concatenate([np.empty(0), *starts])


@dataclass(frozen=True, slots=True, eq=False)
class _Peaks:
    """What the peaks of every stride depend on, (n,) each."""

    plan: Plan
    speed: FloatArray
    pace: np.ndarray
    grade: FloatArray
    bout: np.ndarray
    fraction: FloatArray

    def draw(self, column: int, name: str, side: Side, rng: np.random.Generator) -> FloatArray:
        """Peak flexion or extension of one side in radians, (n,)."""
        plan, spread = self.plan, self.plan.variability
        half = 0.5 * plan.body.asymmetry * (1 if side == "left" else -1)
        nominal_deg = _by_speed(self.speed, column) * (1 + half) + _BY_GRADE[name] * self.grade
        lost_deg = _loss(plan.loss, name, self.pace) * self.fraction
        varied = 1 + _ar1(len(self.speed), spread.amplitude, spread.memory, rng)
        running = np.isin(self.pace, ("easy", "fast"))
        offset = rng.normal(0.0, spread.bout_deg, len(plan.all_bouts()))[self.bout] * running
        peak_deg = nominal_deg * varied - lost_deg + offset
        return rad_from_deg(peak_deg * ~np.isin(self.pace, _ON_THE_SPOT))


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
