"""The strides the four dimensions rest on, as columns, and the bouts they are averaged over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Final

import numpy as np

from hipimu.data import (
    MIN_BOUTS,
    SIDES,
    Bout,
    FloatArray,
    IntArray,
    Pace,
    Side,
    Stride,
    long_enough,
)

PACES: Final[tuple[Pace, ...]] = ("easy", "fast", "other")
_LONGEST_PIECE_S: Final = 300.0
_PIECES: Final = 1000
"""More than any bout is cut into."""


@dataclass(frozen=True, slots=True, eq=False)
class StrideColumns:
    """Usable strides in order of time, (n,) each."""

    group: IntArray
    """Place of the pace in `PACES`."""
    unit: IntArray
    """Number of the bout, or of the piece of one, that is averaged."""
    fraction: FloatArray
    """τ, 0–1."""
    speed_m_s: FloatArray
    """NaN where unknown."""
    grade: FloatArray
    t_peak_extension_s: FloatArray
    t_peak_flexion_s: FloatArray
    stride_time_s: FloatArray
    """NaN after a break."""
    peak_extension_rad: FloatArray
    peak_flexion_rad: FloatArray
    pelvis_tilt_rad: FloatArray
    pelvis_tilt_range_rad: FloatArray
    pelvis_obliquity_range_rad: FloatArray
    pelvis_rotation_range_rad: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A session's strides, ready to be averaged."""

    sides: Mapping[Side, StrideColumns]
    paces: tuple[Pace, ...]
    """Easy and fast where any stride is labelled so, else other."""
    cut: frozenset[Pace]
    """Paces with fewer bouts than needed, of which a long one was cut into pieces."""
    moving_s: float
    """Time spent running, which τ is a share of."""


def run_of(strides: Sequence[Stride], bouts: Sequence[Bout], sides: Sequence[Side]) -> Run:
    """Sort a session's strides into sides, paces and bouts.

    Only usable strides in bouts of at least 30 s count. Where a pace has fewer than three bouts,
    those of more than five minutes of moving time are cut into equal pieces of at most five
    minutes, three at least: a steady run has but one bout.

    Parameters
    ----------
    strides : sequence of Stride
        Labelled.
    bouts : sequence of Bout
    sides : sequence of Side
        The sides that were measured.
    """
    labelled = {stride.pace for stride in strides if stride.bout is not None}
    paces: tuple[Pace, ...] = ("easy", "fast") if labelled & {"easy", "fast"} else ("other",)
    counting = {bout.bout for bout in bouts if long_enough(bout.end_s - bout.start_s)}
    columns = {
        side: _columns(
            [s for s in strides if s.side == side and s.pace in paces and s.bout in counting]
        )
        for side in sides
    }
    moving_s = max((_moving_s(strides, side) for side in sides), default=0.0)
    cut, edges = _pieces(list(columns.values()), paces, moving_s)
    return Run({side: _cut(own, edges) for side, own in columns.items()}, paces, cut, moving_s)


def both_sides(run: Run) -> StrideColumns:
    """Strides of all sides together in order of time: what the pelvis does belongs to none."""
    parts = [run.sides[side] for side in SIDES if side in run.sides]
    joined = {f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in _FIELDS}
    order = np.argsort(joined["t_peak_flexion_s"], kind="stable")
    return StrideColumns(**{name: column[order] for name, column in joined.items()})


_FIELDS = fields(StrideColumns)
_NUMBERS = tuple(f.name for f in _FIELDS if f.name not in ("group", "unit", "fraction"))


def _columns(strides: Sequence[Stride]) -> StrideColumns:
    own = sorted(
        (s for s in strides if s.usable() and _placed(s)), key=attrgetter("t_peak_flexion_s")
    )
    numbers = {name: _numbers(list(map(attrgetter(name), own))) for name in _NUMBERS}
    return StrideColumns(
        group=np.array([PACES.index(s.pace) for s in own], dtype=np.int64),
        unit=np.array([s.bout for s in own], dtype=np.int64) * _PIECES,
        fraction=np.array([s.moving_fraction for s in own], dtype=np.float64),
        **numbers,
    )


def _placed(stride: Stride) -> bool:
    """Whether it is known when in the run this stride was."""
    times = (stride.moving_fraction, stride.t_peak_extension_s, stride.t_peak_flexion_s)
    return all(time is not None and math.isfinite(time) for time in times)


def _numbers(values: Sequence[float | None]) -> FloatArray:
    """Return them with NaN for what is missing or no number, (n,)."""
    numbers = np.array(values, dtype=np.float64)  # None becomes NaN
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _moving_s(strides: Sequence[Stride], side: Side) -> float:
    times = [s.stride_time_s or 0.0 for s in strides if s.side == side and s.gait == "running"]
    return math.fsum(time for time in times if math.isfinite(time))


def _pieces(
    sides: Sequence[StrideColumns], paces: tuple[Pace, ...], moving_s: float
) -> tuple[frozenset[Pace], dict[int, FloatArray]]:
    """Find the long bouts of paces with too few, and the τ at which each is cut."""
    cut: set[Pace] = set()
    edges: dict[int, FloatArray] = {}
    if not sides:
        return frozenset(), {}
    group = np.concatenate([part.group for part in sides])
    unit = np.concatenate([part.unit for part in sides])
    fraction = np.concatenate([part.fraction for part in sides])
    for pace in paces:
        own = group == PACES.index(pace)
        bouts = np.unique(unit[own])
        for bout in bouts if len(bouts) < MIN_BOUTS else ():
            tau = fraction[own & (unit == bout)]
            length_s = float(np.ptp(tau)) * moving_s
            if length_s > _LONGEST_PIECE_S:
                count = max(int(np.ceil(length_s / _LONGEST_PIECE_S)), MIN_BOUTS)
                edges[int(bout)] = np.linspace(tau.min(), tau.max(), count + 1)[1:-1]
                cut.add(pace)
    return frozenset(cut), edges


def _cut(columns: StrideColumns, edges: Mapping[int, FloatArray]) -> StrideColumns:
    unit = columns.unit.copy()
    for bout, at in edges.items():
        own = columns.unit == bout
        unit[own] += np.searchsorted(at, columns.fraction[own], side="right")
    return replace(columns, unit=unit)
