"""The order of the stages, said once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hipimu.data import (
    SIDES,
    THIGHS,
    Calibration,
    FloatArray,
    HipAngleBlock,
    HipMotion,
    ImuBlock,
    Lap,
    Method,
    PaceEvidence,
    PelvisRhythm,
    Segment,
    SensorSummary,
    Session,
    Side,
    Stride,
)
from hipimu.errors import RecordingError
from hipimu.fatigue import estimate_fatigue
from hipimu.gait import FindStrides, label_strides, mean_cycles, pelvis_rhythm
from hipimu.motion import (
    FOR_COMPARISON,
    Calibrate,
    CalibrateSession,
    Fuse,
    FuseSession,
    HipAngles,
    MatchHeading,
    MatchHeadingSession,
    SteadySegments,
)
from hipimu.sources import Recording, open_recording
from hipimu.stage import Chain
from hipimu.timing import (
    LOOK_AHEAD_S,
    TWO_SIDED_S,
    Align,
    BridgeGaps,
    OneClock,
    on_one_clock,
)

Progress = Callable[[float], None]
_READING_SHARE: dict[Method, float] = {"causal": 0.95, "refined": 0.2}
"""of the time: the causal method works while it reads, the refined one afterwards."""
_CLOCKS_SHARE = 0.05
"""Matching clocks takes longest of all."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What an analysis depends on besides the samples."""

    method: Method = "refined"
    filter_name: str = "vqf"
    from_s: float | None = None
    until_s: float | None = None


class _Steps(NamedTuple):
    """The steps in which the two methods differ."""

    look_ahead_s: float
    """How far a gap's filling may look beyond it."""
    fuse: type[Fuse] | type[FuseSession]
    calibrate: type[Calibrate]
    match_heading: type[MatchHeading] | type[MatchHeadingSession]


_STEPS: dict[Method, _Steps] = {
    "causal": _Steps(LOOK_AHEAD_S, Fuse, Calibrate, MatchHeading),
    "refined": _Steps(TWO_SIDED_S, FuseSession, CalibrateSession, MatchHeadingSession),
}


class SamplePath:
    """Samples in, angles and strides out: from aligning and bridging gaps to hip angles.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
        Of the common time base.
    filter_name : str
    sensor_rate_hz : dict
        Declared rate of each sensor.
    mounting_wxyz : dict
        Known segment → sensor quaternions.
    stand_s : tuple of float or None
    height_m : float or None
        Body height.
    method : {"causal", "refined"}
        Causal steps need nothing later than a fraction of a second and suit a live readout.
        Refined ones look both ways, and give everything out at the end.
    poorly_timed : frozenset of Segment
        Sensors whose clock is in doubt.
    """

    def __init__(
        self,
        segments: tuple[Segment, ...],
        rate_hz: float,
        filter_name: str = "vqf",
        *,
        method: Method = "causal",
        sensor_rate_hz: dict[Segment, float] | None = None,
        mounting_wxyz: dict[Segment, FloatArray] | None = None,
        stand_s: tuple[float, float] | None = None,
        height_m: float | None = None,
        poorly_timed: frozenset[Segment] = frozenset(),
    ) -> None:
        self._align = Align(segments, rate_hz, sensor_rate_hz, poorly_timed)
        steps = _STEPS[method]
        self._calibrate = steps.calibrate(
            segments, rate_hz, mounting_wxyz, stand_s, height_m=height_m
        )
        self._match_heading = steps.match_heading(segments, rate_hz, height_m=height_m)
        self.angles = Chain(
            [
                self._align,
                BridgeGaps(segments, rate_hz, steps.look_ahead_s),
                steps.fuse(segments, rate_hz, filter_name),
                self._calibrate,
                self._match_heading,
                SteadySegments(segments, rate_hz),
                HipAngles(segments),
            ]
        )
        self.strides = FindStrides()

    @property
    def calibration(self) -> Calibration | None:
        """The axes, once they are found."""
        return self._calibrate.calibration

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to read before trusting the angles."""
        found = () if self.calibration is None else self.calibration.warnings
        return (*found, *self._match_heading.warnings)

    def sensors(self) -> tuple[SensorSummary, ...]:
        """What each sensor has delivered so far."""
        return self._align.summaries()


def analyse(
    recording: str | Path,
    *,
    laps: str | Path | None = None,
    method: Method = "refined",
    filter: str = "vqf",  # noqa: A002 — the word users know it by
    from_s: float | None = None,
    until_s: float | None = None,
    progress: Progress | None = None,
) -> Session:
    """Analyse one recording from samples to the answer.

    Parameters
    ----------
    recording : path
        A recording folder (``hipimu-csv/1``) or a folder of Movella DOT exports.
    laps : path, optional
        A laps.csv to use instead of the recording's own.
    method : {"refined", "causal"}
        Refined looks both ways; causal gives what a live readout gives.
    filter : str
        Orientation filter, one of `hipimu.motion.FILTER_NAMES`.
    from_s, until_s : float, optional
        Analyse only this part of the recording's clock.
    progress : callable, optional
        Called with the share done, 0–1.

    Returns
    -------
    Session
        Strides, bouts, cycles and fatigue estimates; angles in radians.

    Raises
    ------
    RecordingError
        When the recording cannot be used; the message names file, line or time.
    CalibrationError
        When the sensors' axes cannot be found.
    UnknownNameError
        When there is no such filter.
    """
    opened = open_recording(
        Path(recording), laps=Path(laps) if laps else None, from_s=from_s, until_s=until_s
    )
    return analyse_recording(opened, Parameters(method, filter, from_s, until_s), progress)


def analyse_recording(
    recording: Recording, parameters: Parameters, progress: Progress | None = None
) -> Session:
    """Analyse an opened recording; see `analyse`."""
    progress = progress or (lambda _: None)
    share = _READING_SHARE[parameters.method] if recording.synchronised else _CLOCKS_SHARE

    def reading(read: float) -> None:
        progress(share * read)

    clocks = None if recording.synchronised else _one_clock(recording, reading)
    poorly_timed = frozenset[Segment]() if clocks is None else clocks.doubtful
    path = sample_path_for(
        recording, parameters.filter_name, parameters.method, poorly_timed=poorly_timed
    )
    blocks = recording.blocks(reading) if clocks is None else clocks.blocks
    motion, strides = _run(path, blocks)
    if path.calibration is None:
        raise RecordingError(
            f"{recording.path}: the sensors have no samples in common.",
            "Check that all files cover the same time.",
            path=recording.path,
        )
    session = _session(recording, parameters, path, motion, strides)
    progress(1.0)
    return session if clocks is None else clocks.noted_in(session)


def _one_clock(recording: Recording, progress: Progress) -> OneClock:
    """Only on the pelvis's clock do `from_s` and `until_s` mean one time for all."""
    blocks = list(replace(recording, from_s=None, until_s=None).blocks(progress))
    try:
        return on_one_clock(blocks, from_s=recording.from_s, until_s=recording.until_s)
    except RecordingError as error:
        what = f"{recording.path}: {error.what}"
        raise RecordingError(
            what, error.remedy, path=recording.path, sensor=error.sensor
        ) from error


def sample_path_for(
    recording: Recording,
    filter_name: str = "vqf",
    method: Method = "causal",
    *,
    poorly_timed: frozenset[Segment] = frozenset(),
) -> SamplePath:
    """Set up the sample path a recording needs."""
    known = {s: recording.mounting(s) for s in recording.segments}
    return SamplePath(
        recording.segments,
        recording.rate_hz,
        filter_name,
        method=method,
        sensor_rate_hz={file.segment: file.rate_hz for file in recording.files},
        mounting_wxyz={s: quat for s, quat in known.items() if quat is not None},
        stand_s=recording.stand_s,
        height_m=recording.metadata.athlete.height_m,
        poorly_timed=poorly_timed,
    )


def _run(
    path: SamplePath, blocks: Iterable[ImuBlock]
) -> tuple[dict[Side, HipMotion], list[Stride]]:
    """Push all blocks through; keep the motion of the hips and the strides."""
    kept: dict[Side, list[HipAngleBlock]] = {side: [] for side in SIDES}
    strides: list[Stride] = []

    def take(found: list[HipAngleBlock]) -> None:
        for block in found:
            kept[block.side].append(block)
            strides.extend(path.strides.push(block))

    for block in blocks:
        take(path.angles.push(block))
    take(path.angles.flush())
    strides.extend(path.strides.flush())
    return {side: _whole(found) for side, found in kept.items() if found}, strides


def _whole(blocks: list[HipAngleBlock]) -> HipMotion:
    series = {
        f.name: np.concatenate([getattr(block, f.name) for block in blocks])
        for f in fields(HipMotion)
        if f.name not in ("side", "rate_hz")
    }
    return HipMotion(side=blocks[0].side, rate_hz=blocks[0].rate_hz, **series)


def _session(
    recording: Recording,
    parameters: Parameters,
    path: SamplePath,
    motion: dict[Side, HipMotion],
    found: list[Stride],
) -> Session:
    calibration = path.calibration
    if calibration is None:
        raise AssertionError("called only once the axes are found")
    times = next(iter(motion.values())).t_s
    laps, lost_laps = _laps_inside(recording, float(times[0]), float(times[-1]))
    evidence = PaceEvidence(laps=laps, speed=recording.speed, pelvis=_rhythm(motion))
    strides, bouts = label_strides(_trusted(found, calibration), evidence)
    sides = [side for side in SIDES if THIGHS[side] in recording.segments]
    metadata = recording.metadata
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
        parameters=asdict(parameters),
        sensors=path.sensors(),
        calibration=calibration,
        strides=strides,
        bouts=bouts,
        cycles=mean_cycles(strides, {s: (m.t_s, m.flexion_rad) for s, m in motion.items()}),
        fatigue=estimate_fatigue(strides, bouts, sides),
        warnings=(*path.warnings, *lost_laps, *_filter_warning(parameters.filter_name)),
        notice=metadata.notice,
    )


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
