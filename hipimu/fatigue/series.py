"""The strides of one side that a fatigue estimate rests on, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from hipimu.data import Bout, FloatArray, IntArray, Outcome, Pace, Side, Stride, long_enough
from hipimu.maths.bout_regression import BoutMeans, bout_means

PACES: tuple[Pace, Pace] = ("easy", "fast")


@dataclass(frozen=True, slots=True, eq=False)
class PaceStrides:
    """Usable strides of one side at one pace in order of time, (n,) each."""

    fraction: FloatArray
    """τ, 0–1."""
    bout: IntArray
    speed_m_s: FloatArray | None
    grade: FloatArray | None
    stride_time_s: FloatArray
    """NaN after a break."""
    peak_rad: Mapping[Outcome, FloatArray]
    thigh_rad: Mapping[Outcome, FloatArray]
    """The same peak of the thigh from the vertical."""


Chosen = Mapping[Pace, PaceStrides]


def usable_sides(
    strides: Sequence[Stride], bouts: Sequence[Bout], sides: Iterable[Side]
) -> Iterator[tuple[Side, Chosen]]:
    """Pick what each side has to answer from: usable strides of both paces in long enough bouts."""
    counting = {bout.bout for bout in bouts if long_enough(bout.end_s - bout.start_s)}
    for side in sides:
        own = [s for s in strides if s.side == side and s.bout in counting]
        yield side, {pace: _usable_at(own, pace) for pace in PACES}


def _usable_at(strides: Sequence[Stride], pace: Pace) -> PaceStrides:
    own = [s for s in strides if s.pace == pace and s.usable()]
    return PaceStrides(
        fraction=_column(own, "moving_fraction"),
        bout=np.array([s.bout for s in own], dtype=np.int64),
        speed_m_s=_known(own, "speed_m_s"),
        grade=_known(own, "grade"),
        stride_time_s=_column(own, "stride_time_s"),
        peak_rad={
            "peak_flexion": _column(own, "peak_flexion_rad"),
            "peak_extension": _column(own, "peak_extension_rad"),
        },
        thigh_rad={
            "peak_flexion": _column(own, "thigh_peak_flexion_rad"),
            "peak_extension": _column(own, "thigh_peak_extension_rad"),
        },
    )


def averaged(chosen: Chosen, values: Mapping[Pace, FloatArray]) -> BoutMeans:
    """Average one quantity over each bout; the pace's number is its place in `PACES`."""
    parts = [chosen[pace] for pace in PACES]
    return bout_means(
        np.concatenate([values[pace] for pace in PACES]),
        np.concatenate([part.fraction for part in parts]),
        np.concatenate([part.bout for part in parts]),
        np.concatenate([np.full(len(part.bout), i) for i, part in enumerate(parts)]),
    )


def averaged_where_known(
    chosen: Chosen, values: Mapping[Pace, FloatArray | None]
) -> FloatArray | None:
    """Average over each bout what only some strides may have; None if a bout has none at all."""
    total: dict[int, list[FloatArray]] = {}
    for pace in PACES:
        column = values[pace]
        if column is None:
            return None
        for bout in np.unique(chosen[pace].bout):
            own = column[chosen[pace].bout == bout]
            total.setdefault(int(bout), []).append(own[np.isfinite(own)])
    known = [np.concatenate(total[bout]) for bout in sorted(total)]
    if any(len(own) == 0 for own in known):
        return None
    return np.array([own.mean() for own in known])


def _column(strides: Sequence[Stride], name: str) -> FloatArray:
    return np.array([_number(value) for value in map(attrgetter(name), strides)], dtype=np.float64)


def _known(strides: Sequence[Stride], name: str) -> FloatArray | None:
    column = _column(strides, name)
    return column if np.isfinite(column).any() else None


def _number(value: float | None) -> float:
    return np.nan if value is None else value
