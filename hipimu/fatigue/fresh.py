"""How far each peak goes while the runner is fresh: what the strides that follow are held against.

Told once, from the first strides at each pace, and then left alone: a baseline that followed the
runner would lose what he loses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from hipimu.data import (
    OUTCOMES,
    SIDES,
    Baseline,
    Bout,
    FloatArray,
    Outcome,
    Pace,
    Side,
    Stride,
)
from hipimu.fatigue.planner import USUAL
from hipimu.fatigue.series import PACES
from hipimu.units import rad_from_deg

FRESH_BOUTS: Final = 2
"""One may be untypical, above all the first; with three, an interval session is half over."""
STRIDES_OF_A_BOUT: Final = 30
"""As many as half a minute at fast pace holds after getting going."""
FEW: Final = 5
"""Strides whose median is shown, and held against the baseline."""
_LONG_S: Final = 300.0
"""A longer bout counts as several: who runs at one pace throughout has a baseline too."""
_FLOOR_RAD: Final = rad_from_deg(0.5)
_USUAL_BOUTS: Final = 2
"""Weight of the usual difference of bouts, in degrees of freedom: two bouts have one of their
own."""

Piece = list[Stride]


def fresh_baselines(
    strides: Iterable[Stride],
    bouts: Sequence[Bout],
    sides: Iterable[Side] = SIDES,
    fresh_bouts: int = FRESH_BOUTS,
) -> tuple[Baseline, ...]:
    """Tell the runner's own fresh peaks at easy and at fast pace.

    A baseline is the median of the first 30 usable strides of each of the first two bouts at a
    pace; a bout that has fewer is helped by the next, and five minutes of a bout count as one. With
    bouts of labelled laps it stays as it is once it is complete, whatever follows.

    Parameters
    ----------
    strides : iterable of Stride
        Labelled with pace and bout, those of each side in order of time; of the run so far.
    bouts : sequence of Bout
    sides : iterable of Side
        The sides that are measured.
    fresh_bouts : int
        From how many bouts.

    Returns
    -------
    tuple of Baseline
        For each side, peak and pace, also where there are not enough strides yet.
    """
    starts = {bout.bout: bout.start_s for bout in bouts}
    labelled = list(strides)
    found: dict[tuple[Side, Pace], list[Piece]] = {
        (side, pace): _pieces(_usable(labelled, side, pace), starts, fresh_bouts)
        for side in sides
        for pace in PACES
    }
    return tuple(
        _baseline((side, outcome, pace), found[side, pace], STRIDES_OF_A_BOUT * fresh_bouts)
        for side in sides
        for outcome in OUTCOMES
        for pace in PACES
    )


def _usable(strides: Sequence[Stride], side: Side, pace: Pace) -> Iterator[Stride]:
    return (s for s in strides if s.side == side and s.pace == pace and s.usable())


def _pieces(own: Iterable[Stride], starts: Mapping[int, float], count: int) -> list[Piece]:
    """Group the first strides by the bout, or by the five minutes of a long one."""
    pieces: dict[tuple[int, int], Piece] = {}
    missing = STRIDES_OF_A_BOUT * count
    for stride in own:
        if stride.bout is None or stride.bout not in starts:
            continue
        since_s = stride.t_peak_flexion_s - starts[stride.bout]
        piece = pieces.setdefault((stride.bout, int(since_s // _LONG_S)), [])
        if len(piece) < STRIDES_OF_A_BOUT:
            piece.append(stride)
            missing -= 1
        if missing == 0:
            break
    return list(pieces.values())


def _baseline(of: tuple[Side, Outcome, Pace], pieces: Sequence[Piece], needed: int) -> Baseline:
    strides = [stride for piece in pieces for stride in piece]
    if len(strides) < needed:
        return Baseline(*of, len(strides), needed)
    values = [np.array([getattr(s, f"{of[1]}_rad") for s in piece]) for piece in pieces]
    return Baseline(
        *of,
        strides=len(strides),
        needed=needed,
        value_rad=float(np.median(np.concatenate(values))),
        detectable_rad=_detectable(values),
        speed_m_s=_mean_speed(strides),
    )


def _detectable(pieces: Sequence[FloatArray]) -> float:
    """How far the median of five strides lies from all of these by chance, 95 % of times.

    Two things set it apart: that it is of few strides, and that it is of another bout. Of the
    second two bouts know little, so it is drawn towards what is usual.
    """
    few = _variance_of_few(pieces)
    between = USUAL.bout_sd_rad**2
    if len(pieces) > 1:
        own = float(np.var([np.median(piece) for piece in pieces], ddof=1))
        known = len(pieces) - 1
        between = (_USUAL_BOUTS * between + known * own) / (_USUAL_BOUTS + known)
    count = sum(map(len, pieces))
    apart = few * (1 + FEW / count) + between * (1 + 1 / len(pieces))
    return max(float(1.96 * np.sqrt(apart)), _FLOOR_RAD)


def _variance_of_few(pieces: Sequence[FloatArray]) -> float:
    """Variance of medians of five strides about their bout's, in which neighbours are alike."""
    apart = np.concatenate([piece - np.median(piece) for piece in pieces])
    count = len(apart) // FEW
    medians = np.median(apart[: count * FEW].reshape(count, FEW), axis=1)
    return float((medians**2).sum() / max(count - len(pieces), 1))


def _mean_speed(strides: Sequence[Stride]) -> float | None:
    known = [s.speed_m_s for s in strides if s.speed_m_s is not None]
    return float(np.mean(known)) if known else None
