"""What readers of tables share: a whole table as arrays, and what its times say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hipimu.data import BoolArray, FloatArray, IntArray
from hipimu.errors import RecordingError
from hipimu.sources.csv_table import CsvTable, no_samples
from hipimu.sources.raw import bytes_of, with_line_feeds

_FEWEST_STEPS = 20
_RARELY = 0.05
_GAP_S = 0.25
_EVENED_OVER_S = 4.0
_BRIDGED_SAMPLES = 3.5
"""Of a quantity that is brought onto other times, longer gaps stay gaps."""


def text_of(path: Path, encodings: Sequence[str]) -> str:
    """Return a whole file as text, its line ends as line feeds.

    Parameters
    ----------
    path : Path
    encodings : sequence of str
        The first in which it can be read is taken; else Latin-1, in which all can.

    Raises
    ------
    RecordingError
        When the file cannot be opened.
    """
    return with_line_feeds(_decoded(bytes_of(path), encodings))


def _decoded(raw: bytes, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def read_columns(table: CsvTable, names: Sequence[str]) -> dict[str, FloatArray]:
    """Read some columns of a table, all of its rows.

    Returns
    -------
    dict of str to (n,) array
        Empty cells are NaN.

    Raises
    ------
    RecordingError
        Naming the line that is not a row of numbers, or when there is none.
    """
    parts: dict[str, list[FloatArray]] = {name: [] for name in names}
    for _, columns in table.batches(tuple(parts)):
        for name, values in columns.items():
            parts[name].append(values)
    if not any(len(part) for pieces in parts.values() for part in pieces):
        raise no_samples(table.path)
    return {name: np.concatenate(pieces) for name, pieces in parts.items()}


def filled(columns: Mapping[str, FloatArray], names: Sequence[str]) -> BoolArray:
    """Return which rows have any of some columns, (n,): systems write lost samples as empty."""
    return np.asarray(np.any([np.isfinite(columns[name]) for name in names], axis=0))


def with_trailing_cell(table: CsvTable) -> CsvTable:
    """Return a table whose rows end with a separator that the header lacks, as one with them."""
    _, first = next(table.rows(), (0, ""))
    cells = first.split(table.separator)
    longer = len(cells) == len(table.columns) + 1 and not cells[-1].strip()
    return replace(table, columns=(*table.columns, "")) if longer else table


def unwrapped(counter: FloatArray, period: float) -> FloatArray:
    """Return a counter that starts again from zero as one that only increases."""
    backwards = np.diff(counter, prepend=counter[0]) < -period / 2
    return counter + period * np.cumsum(backwards)


def after_the_first(firsts: Sequence[float], period: float) -> list[float]:
    """Return how much later than the earliest each of some counters began.

    Between their beginnings a shared counter may have started again from zero.
    """
    later = [(first - firsts[0] + period / 2) % period - period / 2 for first in firsts]
    return [one - min(later) for one in later]


def as_counter(values: FloatArray) -> IntArray:
    """Return whole numbers; −1 where one is missing or impossible."""
    good = np.abs(values) < 2.0**53
    return np.where(good, values, -1.0).astype(np.int64)


def rate_of(t_s: FloatArray) -> float | None:
    """Return how many samples there are in a second, whole where that is meant; None: unknown."""
    period_s = period_of(t_s)
    if period_s is None:
        return None
    rate_hz = 1.0 / period_s
    return float(round(rate_hz)) if abs(rate_hz - round(rate_hz)) < 2e-3 * rate_hz else rate_hz


def period_of(t_s: FloatArray) -> float | None:
    """Return how far samples are apart in seconds; None where the times do not tell.

    The mean of steps that are no gaps, since times may be rounded to milliseconds.
    """
    steps = np.diff(t_s)
    steps = steps[steps > 0.0]
    if not len(steps):
        return None
    period_s = float(np.mean(steps[steps <= 1.5 * np.median(steps)]))
    return period_s if 1e-4 <= period_s <= 1.0 else None


def spread(t_s: FloatArray, period_s: float) -> FloatArray:
    """Give samples that share a time, as those of one packet do, times until the next.

    Parameters
    ----------
    t_s : (n,) array
    period_s : float
        Samples are no further apart than this.
    """
    if len(t_s) < 2 or not bool(np.any(np.diff(t_s) == 0.0)):
        return t_s
    starts = np.flatnonzero(np.diff(t_s, prepend=-np.inf) != 0.0)
    counts = np.diff(np.append(starts, len(t_s)))
    until_s = np.append(np.diff(t_s[starts]), np.inf)
    step_s = np.minimum(period_s, until_s / counts)
    within = np.arange(len(t_s)) - np.repeat(starts, counts)
    return np.asarray(t_s + within * np.repeat(step_s, counts), dtype=np.float64)


def without_jitter(t_s: FloatArray) -> FloatArray:
    """Even out times of arrival; times that are even already are returned as they are.

    Between gaps, what is left of the times after a constant rate is averaged over a few seconds:
    a clock's drift stays, the irregularity of packets goes.

    Parameters
    ----------
    t_s : (n,) array
        Never backwards.
    """
    steps = np.diff(t_s)
    if len(steps) < _FEWEST_STEPS or float(t_s[-1]) <= float(t_s[0]):
        return t_s
    usual_s = float(np.median(steps)) or float(np.mean(steps))
    if np.mean(np.abs(steps - usual_s) > 0.3 * usual_s) < _RARELY:
        return t_s
    edges = np.flatnonzero(steps > max(_GAP_S, 10.0 * float(np.mean(steps)))) + 1
    evened = np.concatenate([_evened(part) for part in np.split(t_s, edges)])
    return evened if bool(np.all(np.diff(evened) > 0.0)) else t_s


def _evened(t_s: FloatArray) -> FloatArray:
    count = len(t_s)
    if count < _FEWEST_STEPS or float(t_s[-1]) <= float(t_s[0]):
        return t_s
    numbers = np.arange(count)
    period_s = float(t_s[-1] - t_s[0]) / (count - 1)
    off_s = t_s - t_s[0] - period_s * numbers
    half = max(round(_EVENED_OVER_S / period_s / 2), 1)
    first, last = np.maximum(numbers - half, 0), np.minimum(numbers + half + 1, count)
    total = np.concatenate([[0.0], np.cumsum(off_s)])
    return np.asarray(t_s[0] + period_s * numbers + (total[last] - total[first]) / (last - first))


def on_times_of(
    t_s: FloatArray, other_s: FloatArray, values: FloatArray
) -> tuple[BoolArray, FloatArray]:
    """Bring one quantity onto the times of another, by linear interpolation.

    Parameters
    ----------
    t_s : (n,) array
        Times that are wanted.
    other_s : (m,) array
        Times of `values`.
    values : (m, k) array

    Returns
    -------
    ((n,) array, (l, k) array)
        Which of the times have values around them, no further apart than a lost sample or two, and
        the values there.
    """
    if len(other_s) < 2:
        return np.zeros(len(t_s), dtype=np.bool_), values[:0]
    after = np.clip(np.searchsorted(other_s, t_s), 1, len(other_s) - 1)
    apart_s = other_s[after] - other_s[after - 1]
    longest_s = _BRIDGED_SAMPLES * float(np.median(np.diff(other_s)))
    inside = (t_s >= other_s[0]) & (t_s <= other_s[-1])
    near = (apart_s <= longest_s) | (t_s == other_s[after]) | (t_s == other_s[after - 1])
    kept = inside & (apart_s > 0.0) & near
    share = ((t_s - other_s[after - 1]) / np.where(kept, apart_s, 1.0))[kept, None]
    before = after[kept] - 1
    return kept, values[before] + share * (values[before + 1] - values[before])


def no_rate(table: CsvTable, remedy: str) -> RecordingError:
    """Return the error for a table that does not tell its rate."""
    return RecordingError(
        f"{table.path.name} does not tell how many samples a second it has.",
        remedy,
        path=table.path,
    )
