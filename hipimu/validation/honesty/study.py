"""Run every scenario many times, and count how often the intervals hold the truth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from hipimu.data import FatigueEstimate, Interval, Verdict
from hipimu.fatigue import Design, estimate_fatigue, outlook
from hipimu.pipeline import analyse
from hipimu.sources.simulate import Plan, simulate
from hipimu.units import rad_from_deg
from hipimu.validation.honesty.scenarios import (
    BY_HIP_RANGE,
    BY_LAPS,
    NULL,
    SCENARIOS,
    Loss,
    Scenario,
)
from hipimu.validation.honesty.sessions import (
    EASY_S,
    FAST_S,
    creep_deg,
    plan_of,
    strides_of,
    strides_without_sensors,
)
from hipimu.validation.suites import Case

Progress = Callable[[float], None]
SESSIONS: Final = 400
SIGNAL_SESSIONS: Final = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """One estimate, and what was true."""

    verdict: Verdict
    clear: bool
    """Whether it is one among all comparisons of its session too (Holm)."""
    true_rfi_rad: float
    true_easy_rad: float
    """Change that the sensors see at easy pace: the body's, and the strap's creep."""
    true_fast_rad: float
    rfi_rad: float | None = None
    rfi_ci95_rad: Interval | None = None
    easy_ci95_rad: Interval | None = None
    fast_ci95_rad: Interval | None = None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All sessions of one scenario; each is the estimates of one session."""

    scenario: Scenario
    sessions: tuple[tuple[Asked, ...], ...]


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that was asked."""

    hipimu_version: str
    by_strides: tuple[Outcomes, ...]
    """Simulated stride by stride."""
    by_signal: tuple[Outcomes, ...]
    """Simulated as sensor signals, and analysed from them."""
    beside_signal: tuple[Outcomes, ...]
    """The strides of those same sessions, as perfect sensors would have measured them."""
    by_hip_range: tuple[Outcomes, ...]
    """Pace labelled by laps, and, wrongly, by hip range."""
    power: tuple[tuple[float, float], ...]
    """Of the planner: loss in radians, and how often it should be seen."""


def run_study(
    sessions: int = SESSIONS,
    signal_sessions: int = SIGNAL_SESSIONS,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Study:
    """Ask every scenario.

    Parameters
    ----------
    sessions : int
        Of each scenario, stride by stride.
    signal_sessions : int
        Null sessions through the whole signal path; half as many with a loss of 5°. 0: none.
    jobs : int
        Processes side by side.
    progress : callable, optional
        Called with the share done, 0–1.

    Returns
    -------
    Study
        The same for the same numbers, whatever `jobs`.
    """
    tell = _shares(progress, sessions * (len(SCENARIOS) + 2), signal_sessions)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        by_strides = [
            _run(pool, scenario, partial(ask_strides, scenario), sessions, tell)
            for scenario in SCENARIOS
        ]
        by_hip_range = [
            _run(pool, scenario, partial(ask_strides, scenario), sessions, tell)
            for scenario in (BY_LAPS, BY_HIP_RANGE)
        ]
        beside = [
            _run(pool, scenario, partial(ask_without_sensors, scenario), count, tell)
            for scenario, count in _signal_scenarios(signal_sessions)
        ]
        by_signal = [
            _run(pool, scenario, partial(ask_signal, scenario), count, tell, weight=_SIGNAL_WEIGHT)
            for scenario, count in _signal_scenarios(signal_sessions)
        ]
    return Study(
        hipimu_version=version("hipimu"),
        by_strides=tuple(by_strides),
        by_signal=tuple(by_signal),
        beside_signal=tuple(beside),
        by_hip_range=tuple(by_hip_range),
        power=tuple(_planned_power()),
    )


_SIGNAL_WEIGHT: Final = 400
"""A session as signals takes as long as so many as strides."""


def _shares(progress: Progress | None, light: int, heavy: int) -> Callable[[int], None]:
    total = light + _SIGNAL_WEIGHT * (heavy + heavy // 2)
    done = 0

    def tell(weight: int) -> None:
        nonlocal done
        done += weight
        if progress is not None:
            progress(min(done / total, 1.0))

    return tell


def _signal_scenarios(count: int) -> Iterator[tuple[Scenario, int]]:
    five = next(s for s in SCENARIOS if s.name == "fast 5°")
    if count:
        yield replace(NULL, name="signal, null"), count
        yield replace(five, name="signal, fast 5°"), count // 2


def _run(
    pool: ProcessPoolExecutor,
    scenario: Scenario,
    ask: Callable[[int], tuple[Asked, ...]],
    count: int,
    tell: Callable[[int], None],
    *,
    weight: int = 1,
) -> Outcomes:
    found = []
    for asked in pool.map(ask, range(1, count + 1), chunksize=1 if weight > 1 else 10):
        found.append(asked)
        tell(weight)
    return Outcomes(scenario, tuple(found))


def ask_strides(scenario: Scenario, seed: int) -> tuple[Asked, ...]:
    """Simulate one session stride by stride and estimate."""
    strides, bouts = strides_of(scenario, seed)
    return tuple(
        _against(scenario, e, creep_deg(scenario, seed, e.side, e.outcome))
        for e in estimate_fatigue(strides, bouts, scenario.sides)
    )


def ask_signal(scenario: Scenario, seed: int) -> tuple[Asked, ...]:
    """Simulate the sensors of one session with realistic faults, and analyse what they say."""
    with tempfile.TemporaryDirectory(prefix="hipimu-study-") as folder:
        made = simulate(signal_plan(scenario, seed), Path(folder) / "run", file_format="parquet")
        session = analyse(made.recording)
    return tuple(_against(scenario, estimate) for estimate in session.fatigue)


def ask_without_sensors(scenario: Scenario, seed: int) -> tuple[Asked, ...]:
    """Estimate the strides of the same session as they were meant."""
    strides, bouts = strides_without_sensors(scenario, signal_plan(scenario, seed))
    return tuple(_against(scenario, e) for e in estimate_fatigue(strides, bouts, scenario.sides))


def signal_plan(scenario: Scenario, seed: int) -> Plan:
    """Make a plan with the faults of the realistic suite; losses are those of the left side."""
    bouts = plan_of(scenario, seed).all_bouts()
    faults = dict(Case("speed", "realistic", 5.0).settings())
    lost = {
        f"{pace}_{peak}_deg": getattr(
            scenario.losses.get(("left", f"peak_{peak}"), Loss()),  # type: ignore[arg-type]
            f"{pace}_deg",
        )
        for pace in ("easy", "fast")
        for peak in ("flexion", "extension")
    }
    return Plan.model_validate(
        faults | {"seed": seed, "rate_hz": 100.0, "warm_up": (), "bouts": bouts, "loss": lost}
    )


def _against(scenario: Scenario, estimate: FatigueEstimate, creep_deg: float = 0.0) -> Asked:
    loss = scenario.losses.get((estimate.side, estimate.outcome), Loss())
    return Asked(
        verdict=estimate.verdict,
        clear=estimate.p_holm is not None and estimate.p_holm < 0.05,
        true_rfi_rad=rad_from_deg(scenario.rfi_deg(estimate.side, estimate.outcome)),
        true_easy_rad=rad_from_deg(creep_deg - loss.easy_deg),
        true_fast_rad=rad_from_deg(creep_deg - loss.fast_deg),
        rfi_rad=estimate.rfi_rad,
        rfi_ci95_rad=estimate.rfi_ci95_rad,
        easy_ci95_rad=estimate.delta_easy_ci95_rad,
        fast_ci95_rad=estimate.delta_fast_ci95_rad,
    )


def _planned_power() -> Iterable[tuple[float, float]]:
    """At which loss the planner promises which power, for the sessions of the study."""
    for power in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99):
        design = Design(bouts=(6, 6), bout_s=(EASY_S, FAST_S), power=power)
        yield outlook(design).smallest_rad, power
