"""Run everything that says how accurate hipimu is, and collect the results."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from hipimu.data import OUTCOMES, SIDES, THIGHS, Outcome, Side, Stride
from hipimu.errors import HipimuError, RecordingError
from hipimu.motion import FILTER_NAMES
from hipimu.pipeline import analyse
from hipimu.sources.simulate import Plan, simulate
from hipimu.validation.broad import OrientationResult, score_trial, trials
from hipimu.validation.metrics import (
    Counts,
    Pairs,
    PeakErrors,
    TrueStrides,
    peak_errors,
    pooled,
    score,
)
from hipimu.validation.references import SAMPLE, ReferenceResult, compare, sample_recording
from hipimu.validation.suites import Case, cases

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to validate."""

    seeds: int = 2
    quick: bool = False
    references: tuple[Path, ...] = ()
    """Recording folders with reference angles, besides the sample recording."""
    broad: Path | None = None
    """Folder with trials of BROAD."""


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedResult:
    """One case: all its sessions pooled."""

    case: Case
    method: str | None
    """Of the analysis; None where no session could be analysed."""
    sessions: int
    refused: tuple[str, ...]
    """Why sessions could not be analysed; their strides count as missed."""
    counts: Counts
    peaks: Mapping[Outcome, PeakErrors | None]
    pairs: tuple[Pairs, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A reference that is not on hand, or cannot be used."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Accuracy:
    """All results of one run."""

    hipimu_version: str
    quick: bool
    seeds: int
    simulated: tuple[SimulatedResult, ...]
    references: tuple[ReferenceResult, ...]
    orientations: tuple[OrientationResult, ...]
    missing: tuple[Missing, ...]


Result = SimulatedResult | ReferenceResult | OrientationResult | Missing


def validate(request: Request, progress: Progress | None = None) -> Accuracy:
    """Simulate, analyse and score every case, and compare with every reference on hand.

    Parameters
    ----------
    request : Request
    progress : callable, optional
        Called with the share of the steps done, 0–1.

    Returns
    -------
    Accuracy
        References that are missing or cannot be used are named in it, never left out silently.
    """
    steps = _steps(request)
    found: list[Result] = []
    for number, step in enumerate(steps, 1):
        found.extend(step())
        if progress is not None:
            progress(number / len(steps))
    return Accuracy(
        hipimu_version=version("hipimu"),
        quick=request.quick,
        seeds=request.seeds,
        simulated=tuple(r for r in found if isinstance(r, SimulatedResult)),
        references=tuple(r for r in found if isinstance(r, ReferenceResult)),
        orientations=tuple(r for r in found if isinstance(r, OrientationResult)),
        missing=tuple(r for r in found if isinstance(r, Missing)),
    )


def _steps(request: Request) -> list[Callable[[], Sequence[Result]]]:
    """List what is to be done, one simulated case, recording or trial each."""
    steps: list[Callable[[], Sequence[Result]]] = [
        lambda case=case: [run_case(case, request.seeds)]  # type: ignore[misc]
        for case in cases(quick=request.quick)
    ]
    steps.append(lambda: _sample())
    steps += [lambda folder=folder: _reference(folder) for folder in request.references]  # type: ignore[misc]
    return [*steps, *_broad_steps(request)]


def run_case(case: Case, seeds: int) -> SimulatedResult:
    """Simulate, analyse and score the sessions of one case."""
    scores: list[list[tuple[Counts, Pairs]]] = []
    refused: list[str] = []
    method = None
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory(prefix="hipimu-validate-") as folder:
            plan = case.plan(seed)
            made = simulate(plan, Path(folder) / "run", file_format="parquet")
            strides: tuple[Stride, ...] = ()
            try:
                session = analyse(made.recording, filter=case.filter)
            except HipimuError as error:
                refused.append(error.what.replace(str(made.recording), made.recording.name))
            else:
                strides, method = session.strides, session.method
            truth = read_truth(made.truth, plan, case)
            scores.append([score(true, strides) for true in truth])
    counts, pairs = pooled(scores)
    return SimulatedResult(
        case=case,
        method=method,
        sessions=seeds,
        refused=tuple(dict.fromkeys(refused)),
        counts=counts,
        peaks={outcome: peak_errors(pairs, outcome) for outcome in OUTCOMES},
        pairs=pairs,
    )


def read_truth(folder: Path, plan: Plan, case: Case) -> tuple[TrueStrides, ...]:
    """Read the true strides of every leg that carries a sensor.

    Scored are those at the case's speed that all sensors were switched on for, from peak extension
    until the leg is half a stride past peak flexion.
    """
    table = pd.read_csv(folder / "strides.csv").sort_values("t_peak_flexion_s")
    bouts = plan.all_bouts()
    scored = np.array([case.scored(bouts[i].speed_m_s, bouts[i].pace) for i in table["bout"]])
    on_s, off_s = _switched_on(folder / "truth.json")
    after_s = table["t_peak_flexion_s"] - table["t_peak_extension_s"]
    whole = (table["t_peak_extension_s"] >= on_s) & (table["t_peak_flexion_s"] + after_s <= off_s)
    table = table.assign(scored=scored & whole.to_numpy())
    sides = [side for side in SIDES if THIGHS[side] in plan.sensors]
    return tuple(_true_strides(side, table[table["side"] == side]) for side in sides)


def _switched_on(path: Path) -> tuple[float, float]:
    """From when until when all sensors recorded; for ever where nothing else is said."""
    sensors = json.loads(path.read_text(encoding="utf-8"))["sensors"].values()
    on = [-np.inf if s["on_s"] is None else float(s["on_s"]) for s in sensors]
    off = [np.inf if s["off_s"] is None else float(s["off_s"]) for s in sensors]
    return max(on), min(off)


def _true_strides(side: Side, table: pd.DataFrame) -> TrueStrides:
    return TrueStrides(
        side=side,
        t_s={outcome: table[f"t_{outcome}_s"].to_numpy() for outcome in OUTCOMES},
        peak_rad={outcome: table[f"{outcome}_rad"].to_numpy() for outcome in OUTCOMES},
        scored=table["scored"].to_numpy(),
    )


def _sample() -> Sequence[Result]:
    folder = sample_recording()
    if folder is None:
        why = "the sample recording is not installed; give its folder by --reference"
        return [Missing(SAMPLE, why)]
    return _reference(folder)


def _reference(folder: Path) -> Sequence[Result]:
    try:
        return [compare(folder)]
    except HipimuError as error:
        return [Missing(folder.name, error.what)]


def _broad_steps(request: Request) -> Iterator[Callable[[], Sequence[Result]]]:
    found = () if request.broad is None else trials(request.broad)
    if not found:
        why = "give the folder with its .mat files by --broad or HIPIMU_BROAD"
        if request.broad is not None:
            why = f"{request.broad} holds no trial such as 01_undisturbed_slow_rotation_A.mat"
        yield lambda: [Missing("BROAD", why)]
    for path in found[:1] if request.quick else found:
        filters = FILTER_NAMES[:1] if request.quick else FILTER_NAMES
        yield lambda path=path, filters=filters: _trial(path, filters)  # type: ignore[misc]


def _trial(path: Path, filters: tuple[str, ...]) -> Sequence[Result]:
    try:
        return list(score_trial(path, filters))
    except RecordingError as error:
        return [Missing(f"BROAD {path.stem}", error.what)]
