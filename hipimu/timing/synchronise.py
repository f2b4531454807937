"""One clock for sensors that share none: recordings of separate loggers, aligned on their motion.

The pelvis's clock is kept; every thigh's is mapped onto it before anything else looks at the
samples. The causal analysis that follows is the same as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from hipimu.data import FloatArray, ImuBlock, Segment, SensorSummary, Session
from hipimu.errors import RecordingError
from hipimu.stage import joined, part
from hipimu.timing.match import ClockMatch, match_clocks
from hipimu.timing.vertical import vertical_motion
from hipimu.units import ms_from_s

_BLOCK_S = 120.0
_LEAST_EXPLAINED = 0.2
_LEAST_EVIDENCE = 0.5
"""Below, the next best offset is as good. On cuts of the one real recording (10 s of running) the
right step was found with 0.5 to 2.6; a simulated runner without variation reaches 0.15."""
_CLEAR_EVIDENCE = 7.0
"""A thousand times."""
_LARGEST_SE_S = 0.05
_GOOD_SE_S = 0.01
"""10 ms between pelvis and thigh cost about 1° at the peaks."""
_REMEDY = (
    "Record all sensors on one clock, or stand still and then hop three times before and after "
    "the run, with all sensors on."
)


@dataclass(frozen=True, slots=True, eq=False)
class OneClock:
    """Samples of all sensors on the pelvis's clock, and how they were brought there."""

    blocks: tuple[ImuBlock, ...]
    """In the order of time, sensors taking turns."""
    matches: Mapping[Segment, ClockMatch]
    """Of every thigh."""

    @property
    def doubtful(self) -> frozenset[Segment]:
        """Thighs whose time may be off by so much that their strides must say it."""
        return frozenset(s for s, match in self.matches.items() if not _is_good(match))

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each thigh in doubt."""
        return tuple(
            f"{segment}: its clock is matched to the pelvis's with a standard error of "
            f"{ms_from_s(m.worst_se_s):.0f} ms"
            + ("" if m.evidence >= _CLEAR_EVIDENCE else ", and may be a step off")
            + "; 10 ms cost about 1° at the peaks"
            for segment, m in self.matches.items()
            if segment in self.doubtful
        )

    def noted_in(self, session: Session) -> Session:
        """Add offset and drift to what the sensors delivered, and the warnings."""
        sensors = tuple(_with_clock(s, self.matches.get(s.sensor)) for s in session.sensors)
        return replace(session, sensors=sensors, warnings=(*session.warnings, *self.warnings))


def on_one_clock(
    blocks: Iterable[ImuBlock], *, from_s: float | None = None, until_s: float | None = None
) -> OneClock:
    """Map every thigh's clock onto the pelvis's, by the motion of the hip centre they share.

    Parameters
    ----------
    blocks : iterable of ImuBlock
        The whole recording, each sensor in the order of its own time.
    from_s, until_s : float or None
        Keep only samples from, and before, these times on the pelvis's clock.

    Raises
    ------
    RecordingError
        When the sensors share too little movement, when it fits at several offsets nearly as
        well, or does not fit at all.
    """
    whole = _whole(blocks)
    matches = measured_clocks(whole)
    mapped = []
    for segment, block in whole.items():
        if segment in matches:
            _check(segment, matches[segment])
            block = replace(block, t_s=_read_only(matches[segment].to_pelvis(block.t_s)))
        mapped.append(_cut(block, from_s, until_s))
    return OneClock(tuple(_in_turns(mapped)), matches)


def measured_clocks(sensors: Mapping[Segment, ImuBlock]) -> dict[Segment, ClockMatch]:
    """Measure every thigh's clock against the pelvis's, without changing or refusing anything.

    Also a check of recordings that say their sensors share a clock: the offset should then be
    nought within two or three standard errors.

    Raises
    ------
    RecordingError
        When a thigh and the pelvis share too little movement for any match.
    """
    pelvis = vertical_motion(sensors["pelvis"])
    found: dict[Segment, ClockMatch] = {}
    for segment, block in sensors.items():
        if segment == "pelvis":
            continue
        thigh = vertical_motion(block)
        match = match_clocks(pelvis, thigh) if pelvis is not None and thigh is not None else None
        if match is None:
            raise RecordingError(
                f"pelvis and {segment} do not share a clock, nor enough movement to match them.",
                "At least 10 s of walking or running are needed that both sensors recorded.",
                sensor=segment,
            )
        found[segment] = match
    return found


def _check(segment: Segment, match: ClockMatch) -> None:
    """Refuse matches that mean nothing."""
    if match.explained < _LEAST_EXPLAINED or match.worst_se_s > _LARGEST_SE_S:
        what = f"{segment} does not move like the pelvis at any offset of their clocks"
    elif match.evidence < _LEAST_EVIDENCE:
        what = f"the motion of pelvis and {segment} fits at more than one offset of their clocks"
    else:
        return
    raise RecordingError(f"The sensors do not share a clock, and {what}.", _REMEDY, sensor=segment)


def _is_good(match: ClockMatch) -> bool:
    return match.worst_se_s <= _GOOD_SE_S and match.evidence >= _CLEAR_EVIDENCE


def _with_clock(sensor: SensorSummary, match: ClockMatch | None) -> SensorSummary:
    if match is None:
        return sensor
    return replace(
        sensor,
        offset_s=match.offset_s,
        offset_se_s=match.offset_se_s,
        drift_ppm=match.drift_ppm,
        drift_se_ppm=match.drift_se_ppm,
    )


def _whole(blocks: Iterable[ImuBlock]) -> dict[Segment, ImuBlock]:
    pieces: dict[Segment, list[ImuBlock]] = {}
    for block in blocks:
        pieces.setdefault(block.sensor, []).append(block)
    return {segment: joined(found) for segment, found in pieces.items()}


def _cut(block: ImuBlock, from_s: float | None, until_s: float | None) -> ImuBlock:
    start = 0 if from_s is None else int(np.searchsorted(block.t_s, from_s))
    stop = len(block.t_s) if until_s is None else int(np.searchsorted(block.t_s, until_s))
    if start < stop:
        return part(block, start, stop)
    raise RecordingError(
        f"{block.sensor} has no samples in this part of the pelvis's clock.",
        "Choose other times for --from and --until.",
        sensor=block.sensor,
    )


def _in_turns(sensors: list[ImuBlock]) -> Iterator[ImuBlock]:
    """Cut at the same times, so that no stage has to hold more than one block."""
    first_s = min(float(block.t_s[0]) for block in sensors)
    last_s = max(float(block.t_s[-1]) for block in sensors)
    edges = first_s + _BLOCK_S * np.arange(int((last_s - first_s) / _BLOCK_S) + 2)
    for start_s, end_s in pairwise(edges.tolist()):
        for block in sensors:
            start, stop = np.searchsorted(block.t_s, (start_s, end_s)).tolist()
            if start < stop:
                yield part(block, start, stop)


def _read_only(values: FloatArray) -> FloatArray:
    values.setflags(write=False)
    return values
