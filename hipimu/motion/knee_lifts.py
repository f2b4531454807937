"""Find the knee that was lifted twice: one sensor tilts far and comes back while all others stay.

In gait thighs take turns, so no sensor ever rises twice without another one in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import signal

from hipimu.data import BoolArray, FloatArray
from hipimu.units import rad_from_deg

LIFTS = 2
_LEAST_RAD = rad_from_deg(30.0)
_PROMINENCE_RAD = rad_from_deg(25.0)
_APART_S = (0.6, 8.0)
_ALIKE_SHARE = 0.6
"""The lower of two lifts reaches so much of the higher: a leg that swings back in between does
not."""
_STILL_SHARE = 0.5
"""What other sensors may tilt meanwhile, as a share of the lower lift. On the real recording the
pelvis tilts 0.3 times as far as a lifted thigh, the other thigh 0.2 times."""
_CALM_SHARE = 0.65
"""How fast others may turn meanwhile, root mean square, as a share; 0.4 there. Axes that are
left-handed make tilts wrong, but leave this alone."""
_WHOLE_SHARE = 0.9
_AROUND_S = 0.3
_PAUSE_S = 2.5
"""Of two sensors one rises alone in gait, too, but again and again: strides are shorter."""
_HIGH_RAD = rad_from_deg(45.0)
"""Of two sensors one may rise twice in a few steps, too, but hardly as high."""


@dataclass(frozen=True, slots=True)
class Lift:
    """A sensor that tilted and came back."""

    name: str
    at: int
    """Sample at which it was tilted most."""
    height_rad: float


@dataclass(frozen=True, slots=True, eq=False)
class Tilts:
    """How far each of some sensors is tilted from how it stood, and how fast it turns.

    Parameters
    ----------
    tilt_rad : mapping
        Name → (n,).
    turning_rad_s : mapping
        Name → (n,) magnitude.
    whole : (n,)
        Where all delivered.
    rate_hz : float
    """

    tilt_rad: Mapping[str, FloatArray]
    turning_rad_s: Mapping[str, FloatArray]
    whole: BoolArray
    rate_hz: float

    def pairs(self) -> tuple[tuple[Lift, Lift], ...]:
        """Any two lifts of one sensor between which all else stayed."""
        rises = self._rises()
        pairs = ((one, two) for one, two in combinations(rises, LIFTS) if self._fit(one, two))
        return tuple(pair for pair in pairs if self._is_alone(*pair))

    def singles(self) -> tuple[Lift, ...]:
        """Every lift during which all else stayed."""
        return tuple(rise for rise in self._rises() if self._is_alone(rise, rise))

    def _rises(self) -> tuple[Lift, ...]:
        """Whatever tilted and came back, in order."""
        found = []
        for name, tilt in self.tilt_rad.items():
            peaks, _ = signal.find_peaks(
                tilt,
                height=_LEAST_RAD,
                prominence=_PROMINENCE_RAD,
                distance=round(_APART_S[0] * self.rate_hz),
            )
            found += [Lift(name, int(peak), float(tilt[peak])) for peak in peaks]
        return tuple(sorted(found, key=lambda lift: lift.at))

    def _fit(self, first: Lift, second: Lift) -> bool:
        low_rad, high_rad = sorted((first.height_rad, second.height_rad))
        apart_s = (second.at - first.at) / self.rate_hz
        in_time = _APART_S[0] <= apart_s <= _APART_S[1]
        return first.name == second.name and in_time and low_rad >= _ALIKE_SHARE * high_rad

    def _is_alone(self, first: Lift, last: Lift) -> bool:
        """Whether nothing else tilted or turned from one rise of a sensor to another."""
        around = round(_AROUND_S * self.rate_hz)
        span = slice(max(first.at - around, 0), last.at + around)
        others = [name for name in self.tilt_rad if name != first.name]
        stayed = (
            self.whole[span].mean() >= _WHOLE_SHARE
            and self._tilted(others, span) < _STILL_SHARE * min(first.height_rad, last.height_rad)
            and self._turned(others, span) < _CALM_SHARE * self._turned([first.name], span)
        )
        return bool(stayed) and (len(others) > 1 or self._pauses(first, last))

    def _tilted(self, names: Sequence[str], span: slice) -> float:
        return max((float(self.tilt_rad[name][span].max()) for name in names), default=0.0)

    def _turned(self, names: Sequence[str], span: slice) -> float:
        squares = ((self.turning_rad_s[name][span] ** 2).mean() for name in names)
        return float(np.sqrt(max(squares, default=0.0)))

    def _pauses(self, first: Lift, last: Lift) -> bool:
        """Whether a sensor rose high, no more often, and stayed down before and after."""
        least_rad = min(first.height_rad, last.height_rad)
        pause = round(_PAUSE_S * self.rate_hz)
        start, stop = max(first.at - pause, 0), last.at + pause
        raised = self.tilt_rad[first.name][start:stop] >= _STILL_SHARE * least_rad
        if least_rad < _HIGH_RAD or stop > len(self.whole):
            return False
        begun = int((np.diff(raised.astype(np.int8), prepend=0) == 1).sum())
        return begun == (1 if first is last else LIFTS)
