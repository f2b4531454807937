"""Range profiles: what the hip does in each 5° of its way forward, fresh and tired.

A sample belongs to the bin its angle lies in, and what happens until the next sample belongs to the
earlier one: a bin is entered knowing nothing of how the swing goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from hipimu.data import BoolArray, FloatArray, IntArray, Pace, RangeProfile, Side
from hipimu.maths.statistics import benjamini_hochberg
from hipimu.strength.columns import PACES, Run, StrideColumns
from hipimu.strength.estimate import Answer, averaged, changes
from hipimu.strength.force import moment_n_m
from hipimu.strength.quantity import interval
from hipimu.strength.swings import Swings, sorted_within
from hipimu.strength.thigh import Thigh
from hipimu.units import rad_from_deg

BIN_RAD: Final = rad_from_deg(5.0)
_FRESH: Final = 1 / 3
_LEAST_SHARE: Final = 0.5
"""of the fresh strides that reach a bin: what few of them ever reached cannot be lost."""
Name = Literal["velocity", "acceleration", "work"]
UNITS: Final[Mapping[Name, str]] = {"velocity": "rad/s", "acceleration": "rad/s²", "work": "J"}


@dataclass(frozen=True, slots=True, eq=False)
class Binned:
    """One side's swings in bins: a row a stride, a column a bin."""

    from_rad: FloatArray
    """(b,) lower edges."""
    reached: BoolArray
    """(n, b) whether the stride passed through."""
    values: Mapping[Name, FloatArray]
    """(n, b) NaN where the swing is not usable, or did not pass and nothing can be said."""


def binned(swings: Swings, thigh: Thigh) -> Binned:
    """Sort the samples of each swing into bins of the hip angle.

    A stride that does not get to a bin passes through it at velocity 0 and does no work there; its
    acceleration there is not defined, and missing.

    Parameters
    ----------
    swings : Swings
    thigh : Thigh
        Without its mass there is no work.
    """
    here = np.flatnonzero(swings.inner())
    place = np.floor(swings.hip_rad[here] / BIN_RAD).astype(np.int64)
    lowest = int(place.min(initial=0))
    shape = (len(swings.length), int(place.max(initial=lowest)) - lowest + 1)
    cell = swings.owner()[here] * shape[1] + place - lowest
    reached = np.zeros(shape, dtype=np.bool_)
    reached.ravel()[cell] = True
    velocity = np.diff(swings.hip_rad, append=0.0)[here] / swings.step_s
    acceleration = np.diff(swings.thigh_rad_s, append=0.0)[here] / swings.step_s
    found: dict[Name, FloatArray] = {
        "velocity": _nought(_medians(cell, velocity, shape), reached, swings),
        "acceleration": _medians(cell, acceleration, shape),
    }
    if thigh.inertia_kg_m2 is not None:
        work = np.bincount(cell, _work_j(swings, thigh)[here], minlength=shape[0] * shape[1])
        found["work"] = _nought(np.asarray(work.reshape(shape)), reached, swings)
    return Binned(np.asarray(BIN_RAD * np.arange(lowest, lowest + shape[1])), reached, found)


def _nought(values: FloatArray, reached: BoolArray, swings: Swings) -> FloatArray:
    """Put 0 where a usable swing did not pass, NaN for the others."""
    unusable = (swings.length == 0)[:, None]
    return np.where(unusable, np.nan, np.where(reached, values, 0.0))


def _work_j(swings: Swings, thigh: Thigh) -> FloatArray:
    """Work of the thigh-only moment from each sample to the next, signed, (s,)."""
    power = moment_n_m(swings, thigh) * swings.thigh_rad_s
    return np.asarray(0.5 * (power + np.roll(power, -1)) * swings.step_s)


def _medians(cell: IntArray, values: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Median of the values in each cell; NaN where there are none."""
    found = np.full(shape[0] * shape[1], np.nan)
    order = sorted_within(cell, values)
    names, first, count = np.unique(cell[order], return_index=True, return_counts=True)
    ordered = values[order]
    low, high = ordered[first + (count - 1) // 2], ordered[first + count // 2]
    found[names] = 0.5 * (low + high)
    return found.reshape(shape)


def range_profiles(
    run: Run, swings: Mapping[Side, Swings], thigh: Thigh
) -> tuple[RangeProfile, ...]:
    """Estimate how each bin changed, of each side at each pace that can be estimated.

    All bins of a session, whatever side, pace and quantity, are corrected together: they are looked
    at together.

    Parameters
    ----------
    run : Run
    swings : dict
        Per side, of its strides.
    thigh : Thigh
    """
    found: list[tuple[RangeProfile, FloatArray]] = []
    for side, columns in run.sides.items():
        bins = binned(swings[side], thigh)
        for name, values in bins.values.items():
            found += _profiles(side, name, columns, bins, values, run.paces)
    if not found:
        return ()
    corrected = benjamini_hochberg(np.concatenate([p for _, p in found]))
    ends = np.cumsum([len(p) for _, p in found])
    parts = np.split(corrected, ends[:-1])
    return tuple(replace(profile, q_value=q) for (profile, _), q in zip(found, parts, strict=True))


def _profiles(
    side: Side,
    name: Name,
    columns: StrideColumns,
    bins: Binned,
    values: FloatArray,
    paces: Sequence[Pace],
) -> Iterator[tuple[RangeProfile, FloatArray]]:
    """Return the profile at each pace, with the p of its bins."""
    kept = {pace: _fresh_range(columns, bins.reached, pace) for pace in paces}
    answers = [
        _bin_answers(columns, values[:, place], [pace for pace in paces if kept[pace][place]])
        for place in range(len(bins.from_rad))
    ]
    for pace in paces:
        own = np.flatnonzero(kept[pace])
        rows = [answers[place][pace] for place in own]
        if any(row.change is not None for row in rows):
            yield _profile(side, pace, name, bins.from_rad[own], rows)


def _profile(
    side: Side, pace: Pace, name: Name, from_rad: FloatArray, rows: Sequence[Answer]
) -> tuple[RangeProfile, FloatArray]:
    fresh, delta, low, high, p_value = np.array([_row(row) for row in rows]).T
    unknown = np.full(len(rows), np.nan)  # until all profiles are corrected together
    profile = RangeProfile(
        side=side,
        pace=pace,
        quantity=name,
        unit=UNITS[name],
        from_rad=from_rad,
        to_rad=from_rad + BIN_RAD,
        fresh=fresh,
        delta=delta,
        delta_low=low,
        delta_high=high,
        q_value=unknown,
    )
    return profile, p_value


def _fresh_range(columns: StrideColumns, reached: BoolArray, pace: Pace) -> BoolArray:
    """Tell which bins, without a hole, most strides of the first third pass through, (b,)."""
    own = columns.group == PACES.index(pace)
    kept = np.zeros(reached.shape[1], dtype=np.bool_)
    if not own.any():
        return kept
    tau = columns.fraction
    fresh = own & (tau <= tau[own].min() + _FRESH * np.ptp(tau[own])) & reached.any(axis=1)
    if fresh.any():
        often = np.flatnonzero(reached[fresh].mean(axis=0) >= _LEAST_SHARE)
        if len(often):
            kept[often[0] : often[-1] + 1] = True
    return kept


def _bin_answers(
    columns: StrideColumns, values: FloatArray, paces: Sequence[Pace]
) -> dict[Pace, Answer]:
    return changes(averaged(columns, values), paces) if paces else {}


def _row(answer: Answer) -> tuple[float, float, float, float, float]:
    """Fresh, change, both ends of its interval, p."""
    level, change = answer.level, answer.change
    if level is None or change is None:
        return (np.nan,) * 5
    return (level.value, change.value, *interval(change), change.p_value())
