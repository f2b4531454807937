"""Measures of one's own: a number a stride, judged over the run as all others are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Protocol

import numpy as np

from hipimu.data import Bout, FloatArray, HipMotion, Measure, Side, Stride
from hipimu.registry import Registry
from hipimu.strength.columns import run_of
from hipimu.strength.quantity import Quantity, measures_of, observe


class StrideMeasure(Protocol):
    """What a measure must offer: a class without parameters."""

    unit: ClassVar[str]
    """``rad``, ``rad/s``, ``s``, ``m/s²``, ``1`` …; angles in radians."""

    def values(self, strides: Sequence[Stride], motion: HipMotion) -> FloatArray:
        """Measure every stride of one side.

        Parameters
        ----------
        strides : sequence of Stride
            All of one side, in order of time.
        motion : HipMotion
            The angles of this side over the whole run.

        Returns
        -------
        ndarray
            (n,) as the strides; NaN where it is not known. A stride's value rests on this stride
            and on the motion around it, not on which others are there.
        """


MEASURES: Final[Registry[type[StrideMeasure]]] = Registry("measure", "hipimu.measures")
"""By name; hipimu brings none: its own are the four dimensions."""


def own_measures(
    names: Sequence[str],
    strides: Sequence[Stride],
    bouts: Sequence[Bout],
    motion: Mapping[Side, HipMotion],
) -> tuple[Measure, ...]:
    """Say level and change of measures for each side and pace.

    Parameters
    ----------
    names : sequence of str
        Registered in `MEASURES`.
    strides : sequence of Stride
        Labelled.
    bouts : sequence of Bout
    motion : dict
        Angles of each measured side.

    Returns
    -------
    tuple of Measure

    Raises
    ------
    UnknownNameError
        When there is no measure of a name.
    ValueError
        When a measure gives something other than a number for each stride.
    """
    run = run_of(strides, bouts, tuple(motion))
    found: list[Measure] = []
    for name in names:
        kind = MEASURES.get(name)
        values = {}
        for side, columns in run.sides.items():
            own = [stride for stride in strides if stride.side == side]
            of_stride = measured(name, kind, own, motion[side])
            by_time = dict(zip((s.t_peak_flexion_s for s in own), of_stride, strict=True))
            values[side] = np.array([by_time[t] for t in columns.t_peak_flexion_s.tolist()])
        found += measures_of(observe(run, values, Quantity(name, kind.unit)), run)
    return tuple(found)


def measured(
    name: str, kind: type[StrideMeasure], strides: Sequence[Stride], motion: HipMotion
) -> FloatArray:
    """Return a measure of each stride, (n,), NaN for what is no number.

    Raises
    ------
    ValueError
        When there is not one number for each stride.
    """
    values = np.asarray(kind().values(strides, motion), dtype=np.float64)
    if values.shape != (len(strides),):
        raise ValueError(
            f"the measure {name!r} gave {values.shape} values for {len(strides)} strides"
        )
    return np.where(np.isfinite(values), values, np.nan)
