"""Where a quantity changes its level: change points of a piecewise constant mean."""

from __future__ import annotations

import numpy as np

from hipimu.data import FloatArray
from hipimu.gait.stride_times import Span
from hipimu.gait.traces import EVERY_S, Trace

_SHORTEST_S = 10.0
"""Of a piece: a level must be held for so long to be one, or a glitch would move its neighbours."""
_HELD_S = 30.0
_BLOCK = 10
"""Values whose mean is as good as independent of the next: a watch's error lasts some seconds."""
_SD_OF_MAD = 1.4826
_MEDIAN_OF = 5
"""Values: an outlier of two seconds is gone, an edge stays where it was."""


def constant_pieces(trace: Trace, spans: tuple[Span, ...], least: float) -> tuple[Span, ...]:
    """Cut spans into pieces in which the level is constant, as far as noise lets it be seen.

    Least squares with a penalty for each change (PELT; Killick, Fearnhead & Eckley 2012, J Am Stat
    Assoc 107:1590–1598), the larger of two. What a shift by half of `least` for 30 s is worth:
    smaller ones are no change of pace. And Schwarz' criterion, 2σ² ln n, where σ² is the variance
    of 10 s means times ten: a watch's errors last for seconds, so that the variance of single
    values would find changes in noise.

    Parameters
    ----------
    trace : Trace
    spans : tuple of (start, end)
        In order, apart from each other.
    least : float
        The smallest difference of log levels that matters.

    Returns
    -------
    tuple of (start, end)
        In order; pieces that touch have an end and a start in common. Nothing where the level is
        unknown.
    """
    stretches = [(span, *known) for span in spans for known in _known_stretches(trace, span)]
    levels = [_without_outliers(trace.level[first:end]) for _, first, end in stretches]
    penalty = _penalty(levels, least)
    pieces: list[Span] = []
    for (span, first, _), level in zip(stretches, levels, strict=True):
        ends = np.array([0, *_changes(level, penalty)])
        # a value stands for the second around it
        edges = trace.t_s[0] + EVERY_S * (first + ends - 0.5)
        edges[0] = span[0] if edges[0] <= span[0] + EVERY_S else edges[0]
        edges[-1] = span[1] if edges[-1] >= span[1] - EVERY_S else edges[-1]
        pieces += zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    return tuple(pieces)


def _known_stretches(trace: Trace, span: Span) -> list[tuple[int, int]]:
    """First sample and end of what is known within a span."""
    start, end = np.searchsorted(trace.t_s, span)
    known = np.isfinite(trace.level[start:end])
    turns = np.flatnonzero(np.diff(known, prepend=False, append=False)) + start
    return list(zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True))


def _without_outliers(level: FloatArray) -> FloatArray:
    half = _MEDIAN_OF // 2
    padded = np.pad(level, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _MEDIAN_OF)
    return np.asarray(np.median(windows, axis=1))


def _penalty(levels: list[FloatArray], least: float) -> float:
    smallest = 0.5 * _HELD_S / EVERY_S * (0.5 * least) ** 2  # a piece has two changes
    steps = np.concatenate([np.empty(0), *(np.diff(_block_means(level)) for level in levels)])
    if len(steps) == 0:
        return smallest
    variance = 0.5 * (_SD_OF_MAD * float(np.median(np.abs(steps)))) ** 2
    count = sum(len(level) for level in levels)
    return float(max(smallest, 2.0 * _BLOCK * variance * np.log(count)))


def _block_means(level: FloatArray) -> FloatArray:
    count = len(level) // _BLOCK
    return np.asarray(level[: count * _BLOCK].reshape(count, _BLOCK).mean(axis=1))


def _changes(level: FloatArray, penalty: float) -> list[int]:
    """Ends of the pieces of a level without gaps, the last one being its own."""
    shortest = round(_SHORTEST_S / EVERY_S)
    if len(level) < 2 * shortest:
        return [len(level)]
    from ruptures import KernelCPD  # slow to import, and labelled laps need none

    search = KernelCPD(kernel="linear", min_size=shortest)
    # the kernel sums products: about zero they keep their digits
    found = search.fit((level - level.mean())[:, None]).predict(pen=penalty)
    return [int(end) for end in found]
