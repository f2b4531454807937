"""One recording from samples to the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from hipimu.data import (
    SIDES,
    HipAngleBlock,
    HipMotion,
    ImuBlock,
    Method,
    Segment,
    SegmentBlock,
    Session,
    Side,
    Stride,
)
from hipimu.errors import RecordingError
from hipimu.gait import USUAL_FINDER
from hipimu.pipeline.sample_path import SamplePath, sample_path_for
from hipimu.pipeline.session import Parameters, session_of
from hipimu.sources import Recording, open_recording
from hipimu.strength import MEASURES
from hipimu.timing import OneClock, on_one_clock

Progress = Callable[[float], None]
_READING_SHARE: dict[Method, float] = {"causal": 0.95, "refined": 0.2}
"""of the time: the causal method works while it reads, the refined one afterwards."""
_CLOCKS_SHARE = 0.05
"""Matching clocks takes longest of all."""


class Observer(Protocol):
    """Sees what an analysis finds on its way: a session keeps neither samples nor orientations."""

    def samples(self, blocks: Sequence[ImuBlock]) -> None:
        """Take all samples on the pelvis's clock; called only where each sensor had its own."""

    def motion(self, segments: SegmentBlock, angles: Sequence[HipAngleBlock]) -> None:
        """Take the segments, a block at a time, and the hip angles that follow from it."""


def analyse(
    recording: str | Path,
    *,
    laps: str | Path | None = None,
    activity: str | Path | None = None,
    method: Method = "refined",
    filter: str = "vqf",  # noqa: A002 — the word users know it by
    from_s: float | None = None,
    until_s: float | None = None,
    strides: str = USUAL_FINDER,
    measures: Sequence[str] = (),
    progress: Progress | None = None,
) -> Session:
    """Analyse one recording from samples to the answer.

    Parameters
    ----------
    recording : path
        A recording folder (``hipimu-csv/1``) or a folder of Movella DOT exports.
    laps : path, optional
        A laps.csv to use instead of the recording's own.
    activity : path, optional
        A watch's FIT, TCX or GPX file: its laps, speed, grade and heart rate are merged.
    method : {"refined", "causal"}
        Refined looks both ways; causal gives what a live readout gives.
    filter : str
        Orientation filter, by its name in `hipimu.filters`.
    from_s, until_s : float, optional
        Analyse only this part of the recording's clock.
    strides : str
        Stride finder, by its name in `hipimu.stride_finders`.
    measures : sequence of str
        Measures of one's own, by their names in `hipimu.measures`.
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
        When there is no such filter, stride finder or measure.
    """
    opened = open_recording(
        Path(recording),
        laps=Path(laps) if laps else None,
        activity=Path(activity) if activity else None,
        from_s=from_s,
        until_s=until_s,
    )
    parameters = Parameters(method, filter, from_s, until_s, strides, tuple(measures))
    return analyse_recording(opened, parameters, progress)


def analyse_recording(
    recording: Recording,
    parameters: Parameters,
    progress: Progress | None = None,
    *,
    observer: Observer | None = None,
) -> Session:
    """Analyse an opened recording; see `analyse`.

    Parameters
    ----------
    recording : Recording
    parameters : Parameters
    progress : callable, optional
    observer : Observer, optional

    Returns
    -------
    Session
    """
    progress = progress or (lambda _: None)
    share = _READING_SHARE[parameters.method] if recording.synchronised else _CLOCKS_SHARE

    def reading(read: float) -> None:
        progress(share * read)

    for name in parameters.measures:
        MEASURES.get(name)  # refuse at once
    clocks = None if recording.synchronised else _one_clock(recording, reading)
    if clocks is not None and observer is not None:
        observer.samples(clocks.blocks)
    poorly_timed = frozenset[Segment]() if clocks is None else clocks.doubtful
    path = sample_path_for(
        recording,
        parameters.filter_name,
        parameters.method,
        poorly_timed=poorly_timed,
        finder=parameters.strides,
    )
    blocks = recording.blocks(reading) if clocks is None else clocks.blocks
    motion, strides = _run(path, blocks, observer)
    if path.calibration is None:
        raise RecordingError(
            f"{recording.path}: the sensors have no samples in common.",
            "Check that all files cover the same time.",
            path=recording.path,
        )
    session = session_of(recording, parameters, path, motion, strides)
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


def _run(
    path: SamplePath, blocks: Iterable[ImuBlock], observer: Observer | None
) -> tuple[dict[Side, HipMotion], list[Stride]]:
    """Push all blocks through; keep the motion of the hips and the strides."""
    kept: dict[Side, list[HipAngleBlock]] = {side: [] for side in SIDES}
    strides: list[Stride] = []

    def take(found: list[SegmentBlock]) -> None:
        for segments in found:
            angles = path.hip_angles.push(segments)
            for block in angles:
                kept[block.side].append(block)
                strides.extend(path.strides.push(block))
            if observer is not None:
                observer.motion(segments, angles)

    for block in blocks:
        take(path.segments.push(block))
    take(path.segments.flush())
    strides.extend(path.strides.flush())
    return {side: _whole(found) for side, found in kept.items() if found}, strides


def _whole(blocks: list[HipAngleBlock]) -> HipMotion:
    series = {
        f.name: np.concatenate([getattr(block, f.name) for block in blocks])
        for f in fields(HipMotion)
        if f.name not in ("side", "rate_hz")
    }
    return HipMotion(side=blocks[0].side, rate_hz=blocks[0].rate_hz, **series)
