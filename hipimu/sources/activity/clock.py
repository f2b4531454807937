"""Times of day as XML writes them, and times that do not increase."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import numpy as np

from hipimu.data import FloatArray, IntArray
from hipimu.sources.activity.watch_file import Row

NO_ZONE: Final = "its times have no time zone: taken as UTC"
_DAY_S = 86_400.0


def seconds_of(text: str | None) -> float:
    """Unix time of an ISO 8601 time; without a zone it is taken as UTC. NaN where it is none."""
    try:
        time = datetime.fromisoformat((text or "").strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def has_no_zone(text: str | None) -> bool:
    """Tell a time without a zone: TCX and GPX want UTC, but such writers may mean local time."""
    try:
        return datetime.fromisoformat((text or "").strip()).tzinfo is None
    except ValueError:
        return False


def breaks(parts: Sequence[Sequence[Row]]) -> Iterator[tuple[float, float]]:
    """Find when a watch stood still: between two tracks of a lap, or segments of a track."""
    bounds = [(part[0]["time_s"], part[-1]["time_s"]) for part in parts if part]
    for before, after in pairwise(bounds):
        yield before[1], after[0]


def increasing(time_s: FloatArray) -> tuple[IntArray, tuple[str, ...]]:
    """Choose rows so that time strictly increases and as few as possible are left out.

    The longest increasing subsequence, so that one wrong time costs one row, not all that follow.
    Times a day or more from the median are damage too.

    Parameters
    ----------
    time_s : (n,)
        NaN where unknown.

    Returns
    -------
    rows : (k,)
        Indices, ascending.
    warnings : tuple of str
        Silent about rows at the same time as the one before: writers repeat points between laps.
    """
    known = np.isfinite(time_s)
    if not known.any():
        return np.empty(0, dtype=np.int64), _lost(len(time_s))
    middle_s = np.sort(time_s[known])[known.sum() // 2]
    near = np.flatnonzero(known & (np.abs(time_s - middle_s) < _DAY_S))
    first = np.concatenate(([True], np.diff(time_s[near]) != 0))
    rows = near[first]
    repeated = len(near) - len(rows)
    kept = rows[_longest_increasing(time_s[rows])]
    return kept, _lost(len(time_s) - len(kept) - repeated)


def _lost(count: int) -> tuple[str, ...]:
    return (f"{count} records without a time, or out of order, are left out",) if count else ()


def _longest_increasing(values: FloatArray) -> IntArray:
    """Indices of a longest strictly increasing subsequence (Schensted 1961), (k,)."""
    if (np.diff(values) > 0).all():
        return np.arange(len(values))
    tails: list[float] = []
    ends: list[int] = []
    before = np.full(len(values), -1)
    for index, value in enumerate(values.tolist()):
        at = bisect_left(tails, value)
        before[index] = ends[at - 1] if at else -1
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [index]
    chain = [ends[-1]]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    return np.array(chain[::-1], dtype=np.int64)
