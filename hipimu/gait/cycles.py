"""The average hip-angle cycle, early against late, for each pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from hipimu.data import SIDES, Cycle, FloatArray, Pace, Side, Stride, set_aside

_POINTS = 101
_MIN_STRIDES = 5
_PACES: tuple[Pace, ...] = ("easy", "fast", "other")


def mean_cycles(
    strides: Sequence[Stride], flexion: Mapping[Side, tuple[FloatArray, FloatArray]]
) -> tuple[Cycle, ...]:
    """Average the hip angle over the first and the last third of each pace's strides.

    Parameters
    ----------
    strides : sequence of Stride
        Labelled.
    flexion : dict
        Per side: times (n,) in seconds and hip flexion (n,) in radians.

    Returns
    -------
    tuple of Cycle
        Only where there are at least five usable strides in each third.
    """
    cycles = []
    for side in SIDES:
        if side not in flexion:
            continue
        for pace in _PACES:
            at_pace = [s for s in strides if s.side == side and s.pace == pace]
            own = [s for s in at_pace if s.usable() and s.stride_time_s is not None]
            third = len(own) // 3
            if third < _MIN_STRIDES:
                continue
            early = _cycle(side, pace, "early", own[:third], flexion[side])
            late = _cycle(side, pace, "late", own[-third:], flexion[side])
            aside = set_aside(at_pace)
            cycles += [replace(cycle, set_aside=aside) for cycle in (early, late)]
    return tuple(cycles)


def _cycle(
    side: Side,
    pace: Pace,
    part: str,
    strides: Sequence[Stride],
    flexion: tuple[FloatArray, FloatArray],
) -> Cycle:
    end = np.array([s.t_peak_flexion_s for s in strides])
    time_s = np.array([s.stride_time_s for s in strides], dtype=np.float64)
    share = np.linspace(0.0, 1.0, _POINTS)
    at = end[:, None] + (share[None, :] - 1.0) * time_s[:, None]
    curves = np.interp(at.ravel(), *flexion).reshape(at.shape)
    return Cycle(
        side=side,
        pace=pace,
        part="early" if part == "early" else "late",
        mean_rad=curves.mean(axis=0),
        sd_rad=curves.std(axis=0, ddof=1),
        strides=len(strides),
    )
