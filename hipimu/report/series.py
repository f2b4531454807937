"""The strides as arrays in degrees, ready to be drawn and to be read off."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Any, Final

import numpy as np

from hipimu.data import SIDES, FloatArray, Outcome, Pace, Session, Side, Stride
from hipimu.units import deg_from_rad

MOST_POINTS: Final = 1600
"""More strides a side than this are drawn as medians: the page stays light on a phone."""

FEW_POINTS: Final = 100

PACES: Final[tuple[Pace, ...]] = ("easy", "fast", "other")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Usable strides of one side, or medians of `per_point` neighbours; arrays are (n,)."""

    side: Side
    per_point: int
    stride: list[int]
    """Number of the (first) stride of each point."""
    bout: list[int | None]
    pace: list[Pace]
    t_s: FloatArray
    moving_fraction: FloatArray
    """τ of the fatigue model, NaN where unknown."""
    peak_flexion_deg: FloatArray
    peak_extension_deg: FloatArray
    pelvis_tilt_deg: FloatArray
    pelvis_tilt_range_deg: FloatArray
    speed_m_s: FloatArray
    """NaN where unknown."""

    @property
    def few(self) -> bool:
        """Whether there are so few points that each must be seen by itself."""
        return len(self.t_s) < FEW_POINTS

    def at(self, pace: Pace) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Where the pace is `pace`, (n,)."""
        return np.array([own == pace for own in self.pace], dtype=bool)

    def peak_deg(self, outcome: Outcome) -> FloatArray:
        """The peaks of one kind, (n,), extension positive behind neutral."""
        return self.peak_flexion_deg if outcome == "peak_flexion" else self.peak_extension_deg


def all_series(session: Session) -> tuple[Series, ...]:
    """One series a side, of those that have usable strides.

    Parameters
    ----------
    session : Session

    Returns
    -------
    tuple of Series
        At most `MOST_POINTS` points each, apart from a few at the ends of bouts.
    """
    by_side = ((side, usable(session, side)) for side in SIDES)
    return tuple(_series(side, strides) for side, strides in by_side if strides)


def usable(session: Session, side: Side) -> list[Stride]:
    """The usable strides of one side, in order of time."""
    own = (stride for stride in session.strides if stride.side == side and stride.usable())
    return sorted(own, key=lambda stride: stride.t_peak_flexion_s)


def _series(side: Side, strides: list[Stride]) -> Series:
    per_point = math.ceil(len(strides) / MOST_POINTS)
    groups = _groups(strides, per_point)
    return Series(
        side=side,
        per_point=per_point,
        stride=[group[0].stride for group in groups],
        bout=[group[0].bout for group in groups],
        pace=[group[0].pace for group in groups],
        t_s=_medians(groups, lambda s: s.t_peak_flexion_s),
        moving_fraction=_medians(groups, lambda s: _known(s.moving_fraction)),
        peak_flexion_deg=deg_from_rad(_medians(groups, lambda s: s.peak_flexion_rad)),
        peak_extension_deg=deg_from_rad(_medians(groups, lambda s: s.peak_extension_rad)),
        pelvis_tilt_deg=deg_from_rad(_medians(groups, lambda s: s.pelvis_tilt_rad)),
        pelvis_tilt_range_deg=deg_from_rad(_medians(groups, lambda s: s.pelvis_tilt_range_rad)),
        speed_m_s=_medians(groups, lambda s: _known(s.speed_m_s)),
    )


def _groups(strides: list[Stride], per_point: int) -> list[list[Stride]]:
    """Cut into neighbours of one bout and pace: a median never mixes paces."""
    runs = (list(run) for _, run in groupby(strides, key=lambda s: (s.bout, s.pace)))
    return [run[i : i + per_point] for run in runs for i in range(0, len(run), per_point)]


def _medians(groups: list[list[Stride]], value: Callable[[Stride], float]) -> FloatArray:
    return np.array([median(value(stride) for stride in group) for group in groups])


def _known(value: float | None) -> float:
    return math.nan if value is None else value
