"""Pieces of the run before they are bouts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hipimu.data import Pace
from hipimu.gait.stride_times import Span

_UNKNOWN_S = 30.0
"""As long as no bout fits in between."""


class Piece(NamedTuple):
    """A stretch of running without a change of pace."""

    start_s: float
    end_s: float
    pace: Pace = "other"
    label: str = ""
    may_be_fast: bool = True

    @property
    def span(self) -> Span:
        """Start and end."""
        return self.start_s, self.end_s

    @property
    def duration_s(self) -> float:
        """From start to end."""
        return self.end_s - self.start_s


def pieces_of(spans: Iterable[Span]) -> tuple[Piece, ...]:
    """Pieces with nothing known of them yet."""
    return tuple(Piece(*span) for span in spans)


def joined(pieces: Sequence[Piece], running: Sequence[Span]) -> tuple[Piece, ...]:
    """Make one of neighbours that have one pace and lie in one run.

    A pace that goes on is one bout, however many laps or changes of level it has: more bouts would
    claim more independent evidence than there is. Where the quantity is unknown for less than 30 s
    in between, the pace is taken to have gone on.

    Parameters
    ----------
    pieces : sequence of Piece
        In order of time.
    running : sequence of (start, end)
        Uninterrupted running.
    """
    whole: list[Piece] = []
    for piece in pieces:
        last = whole[-1] if whole else None
        if last and last.pace == piece.pace and _go_on(last, piece, running):
            label = piece.label if piece.label == last.label else ""
            whole[-1] = last._replace(end_s=piece.end_s, label=label)
        else:
            whole.append(piece)
    return tuple(whole)


def _go_on(last: Piece, piece: Piece, running: Sequence[Span]) -> bool:
    in_one_run = any(start <= last.start_s and piece.end_s <= end for start, end in running)
    return in_one_run and piece.start_s - last.end_s < _UNKNOWN_S
