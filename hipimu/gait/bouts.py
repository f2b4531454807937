"""Bouts of a run from whatever tells its pace, the most trustworthy first.

Everything here sees `StrideTimes`: when strides came, never how large they were. Labelling pace by
how far the hip moves would make the answer circular.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from hipimu.data import (
    MIN_BOUT_S,
    Bout,
    Lap,
    Pace,
    PaceEvidence,
    PaceSource,
    SpeedTrack,
    long_enough,
)
from hipimu.gait.changes import constant_pieces
from hipimu.gait.pieces import Piece, joined, pieces_of
from hipimu.gait.quantities import Quantity, Witness, rhythm_quantity, speed_quantity
from hipimu.gait.stride_times import Span, StrideTimes, runs
from hipimu.gait.traces import seconds_of, tells_enough
from hipimu.gait.two_paces import TwoPaces, two_paces
from hipimu.gait.watch_laps import lap_pieces

_PACES: dict[str, Pace] = {"easy": "easy", "fast": "fast"}
_LOST_S = 10.0
"""Strides missing for so long, with a sensor out of reach, do not end a bout."""
_SETTLING_S = 15.0
_SETTLING_SHARE = 0.25
"""At either end, so that at least half of a bout stays."""
_HEARD = 0.5
"""of the time at each pace: a witness who knows less is not asked."""


class _Candidate(NamedTuple):
    """A way to cut the run, and the quantity that says how fast each piece was."""

    source: PaceSource
    pieces: tuple[Piece, ...]
    quantity: Quantity


def find_bouts(
    times: StrideTimes, evidence: PaceEvidence, track: SpeedTrack | None
) -> tuple[Bout, ...]:
    """Tell bouts and their paces from the best evidence there is.

    Labelled laps are taken as they are. The best of what else is known decides, unless it is
    contradicted; only then the next is asked.

    Parameters
    ----------
    times : StrideTimes
    evidence : PaceEvidence
    track : SpeedTrack or None
        The speed to use, as `speed_track` chose it.

    Returns
    -------
    tuple of Bout
        In order of time. But for laps, bouts hold at least 30 s of running, and neighbours differ
        in pace. Where no two paces are seen every uninterrupted run is one bout of pace ``other``,
        and `pace_source` says where they were looked for.
    """
    if evidence.laps:
        return _bouts_of_laps(evidence.laps, track)
    looked: PaceSource = "none"
    running = runs(times, _LOST_S)
    for candidate in _candidates(times, running, evidence, track):
        looked = candidate.source if looked == "none" else looked
        paces = _two_paces_of(candidate)
        if paces is None:
            break
        pieces = _at_pace(candidate, paces)
        if all(_bears_out(witness, pieces) for witness in candidate.quantity.witnesses):
            return _bouts_of_pieces(candidate.source, joined(pieces, running), track)
    return _bouts_of_runs(runs(times), looked, track)


def settled(bout: Bout) -> Span:
    """Return the part of a bout in which the runner has found the pace and still keeps it."""
    trim_s = min(_SETTLING_S, _SETTLING_SHARE * (bout.end_s - bout.start_s))
    return bout.start_s + trim_s, bout.end_s - trim_s


def _candidates(
    times: StrideTimes,
    running: tuple[Span, ...],
    evidence: PaceEvidence,
    track: SpeedTrack | None,
) -> Iterator[_Candidate]:
    """Best first: what knows half of the running, where that has room for two bouts at all."""
    if sum(end - start for start, end in running) < 2 * MIN_BOUT_S:
        return
    at_s, activity, pelvis = seconds_of(times), evidence.activity, evidence.pelvis
    if track is not None:
        speed = speed_quantity(track, activity, pelvis, at_s)
        if tells_enough(speed.trace, times):
            laps = lap_pieces(activity.laps if activity else (), running, speed.trace)
            if laps:
                yield _Candidate("watch_laps", laps, speed)
            yield _Candidate("speed", _cut(speed, running), speed)
    if pelvis is not None:
        rhythm = rhythm_quantity(pelvis, at_s)
        if tells_enough(rhythm.trace, times):
            yield _Candidate("pelvis", _cut(rhythm, running), rhythm)


def _cut(quantity: Quantity, running: tuple[Span, ...]) -> tuple[Piece, ...]:
    return pieces_of(constant_pieces(quantity.trace, running, quantity.least))


def _two_paces_of(candidate: _Candidate) -> TwoPaces | None:
    trace, least = candidate.quantity.trace, candidate.quantity.least
    counting = [piece for piece in candidate.pieces if long_enough(piece.duration_s)]
    return two_paces([trace.within(piece.span) for piece in counting], least)


def _at_pace(candidate: _Candidate, paces: TwoPaces) -> tuple[Piece, ...]:
    trace = candidate.quantity.trace

    def pace(piece: Piece) -> Pace:
        level = trace.within(piece.span)
        found = paces.pace_of(float(level.mean())) if len(level) else "other"
        return "other" if found == "fast" and not piece.may_be_fast else found

    return tuple(piece._replace(pace=pace(piece)) for piece in candidate.pieces)


def _bears_out(witness: Witness, pieces: Sequence[Piece]) -> bool:
    """Tell whether a witness has more at fast than at easy pace, or knows too little to say."""
    means = []
    for pace in ("easy", "fast"):
        own = [piece for piece in pieces if piece.pace == pace]
        known = np.concatenate([np.empty(0), *(witness.trace.within(p.span) for p in own)])
        if len(known) < _HEARD * sum(piece.duration_s for piece in own) or len(known) == 0:
            return True
        means.append(float(known.mean()))
    return means[1] - means[0] >= witness.least


def _bouts_of_laps(laps: Sequence[Lap], track: SpeedTrack | None) -> tuple[Bout, ...]:
    return tuple(
        Bout(
            bout=number,
            pace=_PACES.get(lap.label.strip().lower(), "other"),
            pace_source="laps",
            start_s=lap.start_s,
            end_s=lap.end_s,
            speed_m_s=_mean_speed(track, (lap.start_s, lap.end_s)),
            label=lap.label,
        )
        for number, lap in enumerate(sorted(laps, key=lambda lap: lap.start_s))
    )


def _bouts_of_pieces(
    source: PaceSource, pieces: Sequence[Piece], track: SpeedTrack | None
) -> tuple[Bout, ...]:
    counting = [piece for piece in pieces if long_enough(piece.duration_s)]
    bouts = [
        Bout(number, piece.pace, source, piece.start_s, piece.end_s, None, piece.label)
        for number, piece in enumerate(counting)
    ]
    return tuple(replace(bout, speed_m_s=_mean_speed(track, settled(bout))) for bout in bouts)


def _bouts_of_runs(
    running: Sequence[Span], source: PaceSource, track: SpeedTrack | None
) -> tuple[Bout, ...]:
    return tuple(
        Bout(number, "other", source, *span, _mean_speed(track, span))
        for number, span in enumerate(running)
    )


def _mean_speed(track: SpeedTrack | None, span: Span) -> float | None:
    if track is None:
        return None
    inside = (track.t_s >= span[0]) & (track.t_s < span[1]) & np.isfinite(track.speed_m_s)
    return float(track.speed_m_s[inside].mean()) if inside.any() else None
