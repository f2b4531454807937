"""A watch's laps as edges of bouts, where the runner cut them and they fit the paces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hipimu.data import WatchLap
from hipimu.gait.pieces import Piece
from hipimu.gait.stride_times import Span
from hipimu.gait.traces import Trace
from hipimu.gait.two_paces import share_between

_BETWEEN = 0.75
"""of the variance of log speed. With more than a quarter inside the laps, pace changed elsewhere:
the runner pressed at each kilometre, or only at every other change."""
_SLOW_STEPS = frozenset({"rest", "recovery", "warmup", "cooldown"})
"""Steps of a workout that are not its fast part. Whoever runs in them runs easily; whoever stands
or walks is in no bout."""
_BY_ITSELF = ("distance", "time")


def lap_pieces(laps: Sequence[WatchLap], spans: Sequence[Span], speed: Trace) -> tuple[Piece, ...]:
    """Return the running parts of the laps; none where laps do not mark the paces.

    Parameters
    ----------
    laps : sequence of WatchLap
    spans : sequence of (start, end)
        Uninterrupted running.
    speed : Trace
    """
    if not _cut_by_runner(laps):
        return ()
    pieces = tuple(sorted(_running_parts(laps, spans)))
    between = share_between([speed.within(piece.span) for piece in pieces])
    return pieces if between >= _BETWEEN else ()


def _cut_by_runner(laps: Sequence[WatchLap]) -> bool:
    """Tell whether a thumb or a workout's steps ended most laps but the last, which just ends."""
    steps = {lap.intensity in _SLOW_STEPS for lap in laps if lap.intensity}
    if len(steps) == 2:
        return True
    ends = sorted(laps, key=lambda lap: lap.start_s)[:-1]
    by_itself = sum(lap.trigger in _BY_ITSELF for lap in ends)
    return bool(ends) and by_itself < 0.5 * len(ends)


def _running_parts(laps: Sequence[WatchLap], spans: Sequence[Span]) -> Iterator[Piece]:
    for lap in laps:
        for start_s, end_s in spans:
            start_s, end_s = max(start_s, lap.start_s), min(end_s, lap.end_s)
            if start_s < end_s:
                yield Piece(
                    start_s,
                    end_s,
                    label=lap.intensity or "",
                    may_be_fast=lap.intensity not in _SLOW_STEPS,
                )
