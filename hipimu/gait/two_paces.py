"""Whether pieces of a run were run at two paces, and which was which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hipimu.data import FloatArray, Pace

_CLEAR = 5.0
"""Distance of the two means in their mean standard deviations (D of Ashman, Bird & Zepf 1994,
Astron J 108:2348). Cut in two, one pace with Gaussian scatter has 2.6, an even speed-up 3.5, and a
run over hills whose speed follows a sine 4.1."""
_SURE = 1 / 6
"""of the distance, to either side of the middle: what lies there is less than twice as near to one
pace as to the other, and counts as neither."""
_NOTHING = 1e-6
"""Standard deviation of log levels: what is less is rounding."""
_BOUTS = 2
_SHARE = 0.1
"""One short piece is an incident: a pace has two pieces, or a tenth of the time."""


@dataclass(frozen=True, slots=True)
class TwoPaces:
    """Mean log levels of the two groups."""

    easy: float
    fast: float

    def pace_of(self, level: float) -> Pace:
        """Return the pace whose mean is at least twice as near as the other's, else ``other``."""
        across = (level - self.easy) / (self.fast - self.easy)
        if abs(across - 0.5) < _SURE:
            return "other"
        return "fast" if across > 0.5 else "easy"


def two_paces(pieces: Sequence[FloatArray], least: float) -> TwoPaces | None:
    """Split pieces into two groups by their mean level; None where they are not two paces.

    Means are weighted with duration, and of all cuts between neighbouring means the best is taken
    (Otsu 1979, IEEE Trans SMC 9:62–66).

    Parameters
    ----------
    pieces : sequence of (m,) arrays
        Log levels, one a second.
    least : float
        How far apart the means of two paces are at least.
    """
    pieces = sorted((piece for piece in pieces if len(piece)), key=lambda piece: piece.mean())
    if len(pieces) < 2:
        return None
    cut = _best_cut(pieces)
    easy, fast = np.concatenate(pieces[:cut]), np.concatenate(pieces[cut:])
    distance = float(fast.mean() - easy.mean())
    scatter = float(np.sqrt(0.5 * (easy.var() + fast.var())))
    few = min((cut, len(easy)), (len(pieces) - cut, len(fast)), key=lambda group: group[1])
    is_incident = few[0] < _BOUTS and few[1] < _SHARE * (len(easy) + len(fast))
    if distance < least or distance < _CLEAR * scatter or is_incident:
        return None
    return TwoPaces(float(easy.mean()), float(fast.mean()))


def _best_cut(pieces: Sequence[FloatArray]) -> int:
    """How many of the sorted pieces belong to the lower group."""
    weight = np.array([len(piece) for piece in pieces], dtype=np.float64)
    level = np.array([piece.mean() for piece in pieces])
    below, total = np.cumsum(weight)[:-1], weight.sum()
    low = np.cumsum(weight * level)[:-1]
    mean_low, mean_high = low / below, ((weight * level).sum() - low) / (total - below)
    between = below * (total - below) * (mean_high - mean_low) ** 2
    return int(between.argmax()) + 1


def share_between(pieces: Sequence[FloatArray]) -> float:
    """Share of the variance of all values that lies between pieces, 0–1; 0 where nothing varies."""
    everything = np.concatenate([np.empty(0), *pieces])
    if len(everything) == 0 or everything.std() < _NOTHING:
        return 0.0
    inside = sum(float(piece.var()) * len(piece) for piece in pieces if len(piece))
    return 1.0 - inside / (float(everything.var()) * len(everything))
