"""What a runner did in a short guided start: stood still, lifted the left knee twice, walked.

Sensors have arbitrary names here, for nobody knows yet where they are worn. All that is looked at
stays the same when a sensor is turned on its strap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from hipimu.data import BoolArray, FloatArray
from hipimu.maths import quaternion
from hipimu.maths.filters import length
from hipimu.maths.resample import means_between
from hipimu.motion import gait_windows
from hipimu.motion.axis_finder import GAIT_WINDOW_S
from hipimu.motion.filters import Vqf
from hipimu.motion.knee_lifts import LIFTS, Tilts
from hipimu.motion.roles import GaitWindow

RawSamples = tuple[FloatArray, FloatArray, FloatArray]
"""Of one sensor: t_s (n,) on a clock that all share, gyr_rad_s (n, 3), acc_m_s2 (n, 3)."""
Step = Literal["stand", "lift", "walk", "done"]

RATE_HZ = 50.0
STAND_S = 3.0
"""As for calibration."""
WALK_S = 6.0
_SHORTEST_STAND_S = 2.0
_SECOND_S, _HOP_S = 1.0, 0.25
_LONGEST_STRIDE_S = 1.8
"""Walking on the spot can be slower than any walking forward."""
_GAP_S, _GAP_STEPS = 0.25, 2.5
"""A straight line over less than that does not hide a step."""
_WHOLE_SHARE = 0.9
_WORN_RAD_S = 0.15
"""No second on a table is as lively."""
_LEAST_SHARE = 0.5
"""A sensor that covers less of the time than that cannot be looked at with the others."""
THIGHS_SHARE = 0.6
"""The slower of two thighs turns at least so much of the faster."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a guided start has come."""

    next: Step
    """What the runner should do now."""
    stood_s: float
    """Longest time in which all sensors were still."""
    lifts: int
    """How often in a row one thigh rose while all else stayed: 0, 1 or 2."""
    walked_s: float
    """Walking in which all sensors delivered."""


@dataclass(frozen=True, eq=False)
class Seen:
    """All sensors on one even grid of `RATE_HZ`, and what the runner did."""

    t_s: FloatArray
    gyr_rad_s: Mapping[str, FloatArray]
    """Name of the sensor → (n, 3), its own axes."""
    acc_m_s2: Mapping[str, FloatArray]
    there: Mapping[str, BoolArray]
    """Name of the sensor → whether it delivered, (n,)."""

    @property
    def names(self) -> tuple[str, ...]:
        """The sensors."""
        return tuple(self.gyr_rad_s)

    def only(self, names: Sequence[str]) -> Seen:
        """Return the same without the other sensors."""
        return Seen(
            self.t_s,
            {name: self.gyr_rad_s[name] for name in names},
            {name: self.acc_m_s2[name] for name in names},
            {name: self.there[name] for name in names},
        )

    @cached_property
    def whole(self) -> BoolArray:
        """Where every sensor delivered, (n,)."""
        return np.asarray(np.logical_and.reduce(list(self.there.values())), dtype=np.bool_)

    @cached_property
    def worn(self) -> tuple[str, ...]:
        """Sensors that moved; one that lies on a table does not."""
        return tuple(n for n in self.names if _liveliest_rad_s(self.gyr_rad_s[n]) > _WORN_RAD_S)

    @cached_property
    def stands(self) -> tuple[slice, ...]:
        """Every time of at least 2 s in which all sensors were still."""
        second, hop = round(_SECOND_S * RATE_HZ), round(_HOP_S * RATE_HZ)
        found: list[slice] = []
        for start in range(0, len(self.t_s) - second + 1, hop):
            window = slice(start, start + second)
            if self._is_still(window):
                joins = bool(found) and start <= found[-1].stop
                found.append(slice(found.pop().start if joins else start, window.stop))
        return tuple(s for s in found if _duration_s(s) >= _SHORTEST_STAND_S)

    def _is_still(self, window: slice) -> bool:
        return self._is_whole(window) and all(
            gait_windows.is_quiet(self.gyr_rad_s[name][window], self.acc_m_s2[name][window])
            for name in self.names
        )

    def _is_whole(self, window: slice) -> bool:
        return bool(self.whole[window].mean() >= _WHOLE_SHARE)

    @cached_property
    def longest_stand(self) -> slice | None:
        """The longest of `stands`."""
        return max(self.stands, key=_duration_s, default=None)

    @cached_property
    def level_gyr_rad_s(self) -> Mapping[str, FloatArray]:
        """Angular rates without the offset that standing shows."""
        stand = self.longest_stand
        if stand is None:
            return self.gyr_rad_s
        return {name: gyr - gyr[stand].mean(axis=0) for name, gyr in self.gyr_rad_s.items()}

    @cached_property
    def quat_wxyz(self) -> Mapping[str, FloatArray]:
        """Name → orientation (n, 4), each in an earth frame of its own heading."""
        return {
            name: Vqf(RATE_HZ).update(gyr, self.acc_m_s2[name])
            for name, gyr in self.level_gyr_rad_s.items()
        }

    def tilt_rad(self, name: str, stand: slice) -> FloatArray:
        """How far a sensor is tilted from how it stood, (n,)."""
        up = quaternion.vertical_in_frame(self.quat_wxyz[name])
        stood = up[stand].mean(axis=0)
        cosine = (up * stood).sum(axis=1) / np.sqrt((stood**2).sum())
        return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))

    @cached_property
    def _tilts(self) -> tuple[tuple[int, Tilts], ...]:
        """First sample after each stand, and what sensors do from there on."""
        turning = {name: length(gyr) for name, gyr in self.level_gyr_rad_s.items()}
        return tuple(
            (
                stand.stop,
                Tilts(
                    {name: self.tilt_rad(name, stand)[stand.stop :] for name in self.names},
                    {name: rate[stand.stop :] for name, rate in turning.items()},
                    self.whole[stand.stop :],
                    RATE_HZ,
                ),
            )
            for stand in self.stands
        )

    @cached_property
    def _twice(self) -> tuple[tuple[str, slice], ...]:
        """Which sensor was lifted twice, and from when to when."""
        return tuple(
            (first.name, slice(after + first.at, after + second.at))
            for after, tilts in self._tilts
            for first, second in tilts.pairs()
        )

    @cached_property
    def lifts(self) -> Mapping[str, int]:
        """Name → how often in a row it rose while all else stayed, at most `LIFTS`."""
        singles = {lift.name: 1 for _, tilts in self._tilts for lift in tilts.singles()}
        return singles | {name: LIFTS for name, _ in self._twice}

    @cached_property
    def gait(self) -> tuple[GaitWindow, ...]:
        """Windows of 4 s, overlapping, in which sensors turn in the rhythm of gait.

        That is two of them, a pelvis and one thigh aside; a knee that is lifted twice is no gait.
        """
        size, hop = round(GAIT_WINDOW_S * RATE_HZ), round(_SECOND_S * RATE_HZ)
        starts = range(0, len(self.t_s) - size + 1, hop)
        windows = (slice(start, start + size) for start in starts)
        timed = ((w, self._stride_time_s(w)) for w in windows if self._may_be_gait(w))
        return tuple((window, time_s * RATE_HZ) for window, time_s in timed if time_s is not None)

    def _may_be_gait(self, window: slice) -> bool:
        lifted = (span for _, span in self._twice)
        apart = all(window.stop <= span.start or span.stop <= window.start for span in lifted)
        return apart and self._is_whole(window)

    def _stride_time_s(self, window: slice) -> float | None:
        gyr = sorted((g[window] for g in self.level_gyr_rad_s.values()), key=np.std, reverse=True)
        if not gyr:
            return None
        busiest = gyr[: 2 if len(gyr) > 2 else 1]
        if busiest[-1].std() < THIGHS_SHARE * busiest[0].std():
            return None
        return gait_windows.stride_time_s(busiest, RATE_HZ, _LONGEST_STRIDE_S)

    @cached_property
    def walked_s(self) -> float:
        """Time in any window of gait."""
        covered = np.zeros(len(self.t_s), dtype=bool)
        for window, _ in self.gait:
            covered[window] = True
        return float(covered.sum() / RATE_HZ)


def watch(samples: Mapping[str, RawSamples]) -> Seen:
    """Bring sensors onto one grid, as far as they were there at the same time.

    Parameters
    ----------
    samples : mapping
        Name of the sensor → samples. One that covers less than half of the longest time is left
        out.
    """
    spans_s = {
        n: float(t_s[-1] - t_s[0]) if len(t_s) > 1 else 0.0 for n, (t_s, _, _) in samples.items()
    }
    least_s = _LEAST_SHARE * max(spans_s.values(), default=0.0)
    used = {n: samples[n] for n, span_s in spans_s.items() if span_s > 0 and span_s >= least_s}
    start_s = max((float(t_s[0]) for t_s, _, _ in used.values()), default=0.0)
    end_s = min((float(t_s[-1]) for t_s, _, _ in used.values()), default=0.0)
    edges_s = start_s + np.arange(max(int((end_s - start_s) * RATE_HZ), 0) + 1) / RATE_HZ
    return Seen(
        t_s=edges_s[1:],
        gyr_rad_s={n: means_between(t_s, gyr, edges_s) for n, (t_s, gyr, _) in used.items()},
        acc_m_s2={n: means_between(t_s, acc, edges_s) for n, (t_s, _, acc) in used.items()},
        there={n: _there(t_s, edges_s) for n, (t_s, _, _) in used.items()},
    )


def progress(samples: Mapping[str, RawSamples]) -> Progress:
    """Say which step of a guided start is done, so that the runner can be told what to do next.

    Call it with all samples so far, a few times a second.

    With two sensors that move, one of them on the right thigh, no lift can be seen: then walking
    alone completes the start. Tell such a runner to walk after a few seconds.

    Parameters
    ----------
    samples : mapping
        Name of the sensor → samples, as for `hipimu.motion.role_suggestion.suggest_roles`.
    """
    seen = watch(samples)
    stand = seen.longest_stand
    stood_s = 0.0 if stand is None else _duration_s(stand)
    # Before walking a sensor that did not move may well be worn.
    moving = seen.only(seen.worn) if len(seen.worn) > 1 else seen
    lifts = max(moving.lifts.values(), default=0)
    step = _next(stood_s, lifts, moving.walked_s, len(moving.names))
    return Progress(step, stood_s, lifts, moving.walked_s)


def _next(stood_s: float, lifts: int, walked_s: float, moving: int) -> Step:
    if stood_s < STAND_S:
        return "stand"
    if lifts < LIFTS and not (moving == 2 and walked_s >= WALK_S):
        return "lift"
    return "walk" if walked_s < WALK_S else "done"


def _duration_s(stretch: slice) -> float:
    return float((stretch.stop - stretch.start) / RATE_HZ)


def _liveliest_rad_s(gyr: FloatArray) -> float:
    """Root mean square turn rate about its mean, (n, 3), in the liveliest whole second."""
    second = round(_SECOND_S * RATE_HZ)
    seconds = gyr[: len(gyr) // second * second].reshape(-1, second, 3)
    centred = seconds - seconds.mean(axis=1, keepdims=True)
    return float(np.sqrt((centred**2).sum(axis=2).mean(axis=1)).max(initial=0.0))


def _there(t_s: FloatArray, edges_s: FloatArray) -> BoolArray:
    """Whether each interval of a grid lies clear of gaps, (n,)."""
    steps_s = np.diff(t_s)
    gaps = np.flatnonzero(steps_s > max(_GAP_S, _GAP_STEPS * float(np.median(steps_s))))
    there = np.ones(len(edges_s) - 1, dtype=bool)
    first = np.searchsorted(edges_s, t_s[gaps], side="right") - 1
    last = np.searchsorted(edges_s, t_s[gaps + 1], side="left")
    for start, stop in zip(first, last, strict=True):
        there[max(start, 0) : stop] = False
    return there
