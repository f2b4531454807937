"""One session of a scenario as strides: the simulator's stride table, measured as sensors would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from hipimu.data import (
    OUTCOMES,
    Bout,
    FloatArray,
    Lap,
    Outcome,
    Pace,
    PaceEvidence,
    Reason,
    Side,
    SpeedTrack,
    Stride,
)
from hipimu.gait import label_strides
from hipimu.sources.simulate import Plan
from hipimu.sources.simulate.body import StrideTable, stride_table
from hipimu.sources.simulate.plan import PlannedBout, Variability
from hipimu.units import rad_from_deg
from hipimu.validation.honesty.scenarios import Loss, Scenario

EASY_S: Final = 120.0
FAST_S: Final = 60.0
_NOISE_DEG: Final = 0.5
"""Of each measured peak (accuracy.md: RMSE of peaks about their mean offset at these speeds)."""
_NEUTRAL_DEG: Final = 3.0
_CREEP_DEG: Final = 2.0
"""Standard deviations of a wrong neutral pose, and of a strap's creep over the session: both reach
easy and fast strides alike."""
_BURST_STRIDES: Final = 8
_STUMBLE: Final = 0.02
_STUMBLE_DEG: Final = 10.0

Labelled = tuple[tuple[Stride, ...], tuple[Bout, ...]]


def strides_of(scenario: Scenario, seed: int) -> Labelled:
    """Draw one session and label it by its laps.

    Parameters
    ----------
    scenario : Scenario
    seed : int

    Returns
    -------
    strides : tuple of Stride
    bouts : tuple of Bout
    """
    rng = np.random.default_rng([seed, *(scenario.drawn_as or scenario.name).encode()])
    plan = plan_of(scenario, seed)
    table = stride_table(plan, rng)
    strides: list[Stride] = []
    for side in scenario.sides:
        strides += _side(scenario, side, plan, table, rng)
    strides = _thinned(strides, scenario, rng)
    evidence = _evidence(scenario, plan, table, rng)
    labelled = label_strides(strides, evidence)
    return _by_hip_range(*labelled) if scenario.label_by == "hip range" else labelled


def strides_without_sensors(scenario: Scenario, plan: Plan) -> Labelled:
    """Label the strides of a plan as they were meant: what perfect sensors would have measured."""
    table = stride_table(plan, np.random.default_rng(plan.seed))
    strides: list[Stride] = []
    for side in scenario.sides:
        peaks: dict[Outcome, FloatArray] = {
            "peak_flexion": table.flexion_rad[side],
            "peak_extension": table.extension_rad[side],
        }
        strides += _rows(side, table, peaks)
    return label_strides(strides, _evidence(scenario, plan, table, np.random.default_rng(0)))


def creep_deg(scenario: Scenario, seed: int, side: Side, outcome: Outcome) -> float:
    """Tell how far a strap creeps over a session: it moves both paces' peaks alike."""
    name = f"{scenario.drawn_as or scenario.name}/{side}/{outcome}"
    return float(np.random.default_rng([seed, *name.encode()]).normal(0.0, _CREEP_DEG))


def plan_of(scenario: Scenario, seed: int) -> Plan:
    """Make the plan: standing, walking, and easy and fast bouts in turn."""
    easy, fast = (
        np.linspace(*ends, scenario.bouts) for ends in (scenario.easy_m_s, scenario.fast_m_s)
    )
    bouts: list[PlannedBout] = []
    for slow, quick in zip(easy.tolist(), fast.tolist(), strict=True):
        bouts.append(PlannedBout(pace="easy", duration_s=EASY_S, speed_m_s=slow))
        bouts.append(PlannedBout(pace="fast", duration_s=FAST_S, speed_m_s=quick))
    return Plan(seed=seed, bouts=tuple(bouts), variability=Variability(bout_deg=0.0))


def _by_hip_range(strides: Sequence[Stride], bouts: Sequence[Bout]) -> Labelled:
    """Label every stride anew by how far the hip moves: circular, on purpose."""
    line: dict[Side, float] = {}
    for side in {s.side for s in strides}:
        fresh = [_range_rad(s) for s in strides if s.side == side and s.usable()]
        line[side] = float(np.median(fresh[: len(fresh) // 3]))
    halves: tuple[Pace, Pace] = ("easy", "fast")
    chosen = tuple(
        s
        if s.bout is None
        else s._replace(
            pace=halves[_range_rad(s) > line[s.side]],
            bout=2 * s.bout + (_range_rad(s) > line[s.side]),
        )
        for s in strides
    )
    doubled = tuple(
        replace(bout, bout=2 * bout.bout + half, pace=pace)
        for bout in bouts
        for half, pace in enumerate(halves)
    )
    return chosen, doubled


def _range_rad(stride: Stride) -> float:
    return stride.peak_flexion_rad + stride.peak_extension_rad


def _side(
    scenario: Scenario, side: Side, plan: Plan, table: StrideTable, rng: np.random.Generator
) -> list[Stride]:
    """Strides of one side as they are measured."""
    paces = np.array([bout.pace for bout in plan.all_bouts()])[table.bout]
    drawn = (scenario, side, plan, table, paces)
    peaks = {outcome: _peaks(outcome, *drawn, rng) for outcome in OUTCOMES}
    return _rows(side, table, peaks)


def _rows(side: Side, table: StrideTable, peaks: Mapping[Outcome, FloatArray]) -> list[Stride]:
    """Strides of one side at the times of the table; standing has none."""
    time_s = np.diff(table.start_s)
    at_s = table.start_s[:-1] + (0.5 * time_s if side == "left" else 0.0)
    moving = table.moving > 0
    rows = zip(
        at_s.tolist(),
        time_s.tolist(),
        table.running.tolist(),
        peaks["peak_flexion"].tolist(),
        peaks["peak_extension"].tolist(),
        moving.tolist(),
        strict=True,
    )
    return [
        _stride(side, number, t, period, runs > 0, flexion, extension)
        for number, (t, period, runs, flexion, extension, moves) in enumerate(rows)
        if moves
    ]


def _peaks(
    outcome: Outcome,
    scenario: Scenario,
    side: Side,
    plan: Plan,
    table: StrideTable,
    paces: np.ndarray,
    rng: np.random.Generator,
) -> FloatArray:
    """Measured peaks of one side, (n,) in radians: body, loss, bouts, strap, noise."""
    drawn = table.flexion_rad if outcome == "peak_flexion" else table.extension_rad
    loss = scenario.losses.get((side, outcome), Loss())
    lost_deg = np.where(paces == "fast", loss.fast_deg, 0.0) + np.where(
        paces == "easy", loss.easy_deg, 0.0
    )
    off_deg = _bout_offsets(scenario, paces, table.bout, rng) - lost_deg * table.fraction
    off_deg += rng.normal(0.0, _NEUTRAL_DEG)
    off_deg += creep_deg(scenario, plan.seed, side, outcome) * table.fraction
    off_deg += rng.normal(0.0, _NOISE_DEG, len(paces))
    if scenario.heavy_tails:
        far = rng.random(len(paces)) < _STUMBLE
        off_deg += np.where(far, rng.normal(0.0, _STUMBLE_DEG, len(paces)), 0.0)
    return np.asarray(drawn[side] + rad_from_deg(off_deg))


def _bout_offsets(
    scenario: Scenario, paces: np.ndarray, bout: np.ndarray, rng: np.random.Generator
) -> FloatArray:
    """What each whole bout lies above or below the trend, for every stride in degrees."""
    count = int(bout.max()) + 1
    shocks = rng.normal(0.0, np.sqrt(1 - scenario.bout_memory**2), count)
    wave = np.empty(count)
    last = rng.normal()
    for i, shock in enumerate(shocks):
        last = scenario.bout_memory * last + shock
        wave[i] = last
    fast_sd = scenario.fast_bout_sd_deg
    fast_sd = scenario.bout_sd_deg if fast_sd is None else fast_sd
    return np.asarray(wave[bout] * np.where(paces == "fast", fast_sd, scenario.bout_sd_deg))


def _stride(
    side: Side, number: int, t_s: float, time_s: float, runs: bool, flexion: float, extension: float
) -> Stride:
    return Stride(
        side=side,
        stride=number,
        t_peak_extension_s=t_s - 0.4 * time_s,
        peak_extension_rad=extension,
        t_peak_flexion_s=t_s,
        peak_flexion_rad=flexion,
        stride_time_s=time_s,
        gait="running" if runs else "walking",
        pelvis_tilt_rad=0.0,
        pelvis_tilt_range_rad=0.0,
        pelvis_obliquity_range_rad=0.0,
        pelvis_rotation_range_rad=0.0,
        thigh_peak_flexion_rad=flexion,
        thigh_peak_extension_rad=extension,
    )


def _thinned(strides: list[Stride], scenario: Scenario, rng: np.random.Generator) -> list[Stride]:
    """Set bursts of strides aside, as gaps in the radio do."""
    if scenario.lost_strides == 0.0:
        return strides
    starts = rng.random(len(strides)) < scenario.lost_strides / _BURST_STRIDES
    lost = np.convolve(starts, np.ones(_BURST_STRIDES))[: len(strides)] > 0
    return [
        s._replace(quality=0.0, reasons=(Reason.GAP,)) if gone else s
        for s, gone in zip(strides, lost.tolist(), strict=True)
    ]


def _evidence(
    scenario: Scenario, plan: Plan, table: StrideTable, rng: np.random.Generator
) -> PaceEvidence:
    """Laps of the bouts that were recorded, and the speed a foot pod would show."""
    ends = np.cumsum([bout.duration_s for bout in plan.all_bouts()])
    fast = [i for i, bout in enumerate(plan.all_bouts()) if bout.pace == "fast"]
    gone = set(rng.choice(fast, scenario.missing_fast, replace=False).tolist())
    laps = tuple(
        Lap(float(end - bout.duration_s), float(end), bout.pace)
        for i, (bout, end) in enumerate(zip(plan.all_bouts(), ends, strict=True))
        if bout.pace in ("easy", "fast") and i not in gone
    )
    middle = 0.5 * (table.start_s[1:] + table.start_s[:-1])
    return PaceEvidence(laps=laps, speed=SpeedTrack(middle, table.speed_m_s))
