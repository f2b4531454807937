"""From strides and motion to the answer: pace, bouts, fatigue, compensation, strength."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Final

import numpy as np

from hipimu.data import (
    SIDES,
    THIGHS,
    Activity,
    Body,
    Bout,
    Calibration,
    HipMotion,
    Lap,
    Method,
    PaceEvidence,
    PelvisRhythm,
    Session,
    Side,
    Stride,
    WatchSummary,
)
from hipimu.errors import RecordingError
from hipimu.fatigue import estimate_fatigue, split_compensation
from hipimu.gait import USUAL_FINDER, label_strides, mean_cycles, pelvis_rhythm
from hipimu.motion import FOR_COMPARISON
from hipimu.pipeline.sample_path import SamplePath
from hipimu.sources import Recording
from hipimu.strength import measure_strength, own_measures
from hipimu.timing import align_watch


@dataclass(frozen=True, slots=True)
class Parameters:
    """What an analysis depends on besides the samples."""

    method: Method = "refined"
    filter_name: str = "vqf"
    from_s: float | None = None
    until_s: float | None = None
    strides: str = USUAL_FINDER
    """Name of the stride finder."""
    measures: tuple[str, ...] = ()
    """Names of measures of one's own."""

    def told(self) -> dict[str, object]:
        """Return them as results keep them: what came later is told where it is not as usual."""
        told = asdict(self)
        usual = asdict(Parameters())
        return {k: v for k, v in told.items() if k not in _LATER or v != usual[k]}


_LATER: Final = frozenset({"strides", "measures"})


def session_of(
    recording: Recording,
    parameters: Parameters,
    path: SamplePath,
    motion: dict[Side, HipMotion],
    found: list[Stride],
) -> Session:
    """Label the strides, and estimate everything that is asked of them."""
    calibration = path.calibration
    if calibration is None:
        raise AssertionError("called only once the axes are found")
    times = next(iter(motion.values())).t_s
    laps, lost_laps = _laps_inside(recording, float(times[0]), float(times[-1]))
    activity, watch = _on_our_clock(recording, found)
    evidence = PaceEvidence(laps, activity, recording.speed, _rhythm(motion))
    strides, bouts = label_strides(_trusted(found, calibration), evidence)
    sides = [side for side in SIDES if THIGHS[side] in recording.segments]
    metadata = recording.metadata
    fatigue = estimate_fatigue(strides, bouts, sides)
    detectable = {
        (e.side, e.outcome): e.detectable_rad for e in fatigue if e.detectable_rad is not None
    }
    return Session(
        recording=recording.name,
        simulated=metadata.simulated,
        started_at=metadata.started_at,
        athlete=metadata.athlete.name,
        duration_s=float(times[-1] - times[0]),
        method=parameters.method,
        filter=parameters.filter_name,
        neutral=_neutral(calibration),
        hipimu_version=version("hipimu"),
        parameters=parameters.told(),
        sensors=path.sensors(),
        calibration=calibration,
        strides=strides,
        bouts=bouts,
        cycles=mean_cycles(strides, {s: (m.t_s, m.flexion_rad) for s, m in motion.items()}),
        fatigue=fatigue,
        compensation=split_compensation(strides, bouts, sides),
        strength=measure_strength(strides, bouts, motion, _body(recording), detectable),
        measures=own_measures(parameters.measures, strides, bouts, motion),
        watch=watch,
        warnings=(
            *path.warnings,
            *recording.remarks,
            *lost_laps,
            *_watch_warning(watch, bouts),
            *_filter_warning(parameters.filter_name),
        ),
        notice=metadata.notice,
    )


def _on_our_clock(
    recording: Recording, strides: list[Stride]
) -> tuple[Activity | None, WatchSummary | None]:
    """Put the watch's file, if there is one, on the recording's clock."""
    if recording.activity is None:
        return None, None
    known = sorted(
        (s.t_peak_flexion_s, 120.0 / s.stride_time_s)
        for s in strides
        if s.stride_time_s is not None
    )
    t_s, cadence_spm = np.array(known, dtype=np.float64).reshape(-1, 2).T
    return align_watch(recording.activity, recording.metadata.started_at, t_s, cadence_spm)


def _watch_warning(watch: WatchSummary | None, bouts: tuple[Bout, ...]) -> tuple[str, ...]:
    """A watch that is contradicted, or knows too little, must not be dropped in silence."""
    if watch is None or not bouts or bouts[0].pace_source not in ("pelvis", "none"):
        return ()
    return (
        f"{watch.name} was merged, but pace was not told from it: it knows too little of the run, "
        "or the pelvis moves to another rhythm than it says; check that it is the same run",
    )


def _body(recording: Recording) -> Body:
    athlete = recording.metadata.athlete
    return Body(mass_kg=athlete.mass_kg, sex=athlete.sex, height_m=athlete.height_m)


def _rhythm(motion: dict[Side, HipMotion]) -> PelvisRhythm:
    """Of the pelvis, which both sides share."""
    either = next(iter(motion.values()))
    return pelvis_rhythm(either.t_s, either.pelvis_acc_m_s2, either.rate_hz)


def _trusted(strides: list[Stride], calibration: Calibration) -> list[Stride]:
    if calibration.quality == 1.0:
        return strides
    return [stride._replace(quality=stride.quality * calibration.quality) for stride in strides]


def _laps_inside(
    recording: Recording, start_s: float, end_s: float
) -> tuple[tuple[Lap, ...], tuple[str, ...]]:
    """End laps with the samples; leave out those without any, and say so unless they were cut."""
    inside = tuple(
        replace(lap, start_s=max(lap.start_s, start_s), end_s=min(lap.end_s, end_s))
        for lap in recording.laps
        if lap.start_s < end_s and lap.end_s > start_s
    )
    left_out = len(recording.laps) - len(inside)
    if not left_out or recording.from_s is not None or recording.until_s is not None:
        return inside, ()
    span = f"the recording, {start_s:.0f} to {end_s:.0f} s"
    if not inside:
        raise RecordingError(
            f"None of the {left_out} laps lies within {span}.",
            "Give lap times in seconds on the recording's clock.",
            path=recording.path,
        )
    return inside, (f"{left_out} of {len(recording.laps)} laps lie outside {span}: left out",)


def _filter_warning(name: str) -> tuple[str, ...]:
    if name not in FOR_COMPARISON:
        return ()
    return (
        f"the filter {name} is for comparison: on running thighs its tilt is off by several "
        "degrees, use vqf for results",
    )


def _neutral(calibration: Calibration) -> str:
    if calibration.source == "gait alone":
        return "guessed from the mean pose in gait: nobody was seen to stand still"
    if calibration.stand_s is None:
        return "mounting given in the recording"
    start, end = calibration.stand_s
    return f"quiet standing, {start:.1f}–{end:.1f} s"
