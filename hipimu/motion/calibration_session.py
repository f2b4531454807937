"""Sensor axes → segment axes over a session that is complete: more gait to look at, and slips."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from hipimu.data import (
    Calibration,
    Flag,
    FlagArray,
    FloatArray,
    OrientationBlock,
    Segment,
    SegmentBlock,
)
from hipimu.maths import quaternion
from hipimu.motion.axis_finder import GAIT_WINDOW_S
from hipimu.motion.calibration import Calibrate, segments_of
from hipimu.motion.doubts import GAIT_S
from hipimu.motion.slips import SLIPPING_S, Slip, find_slips
from hipimu.stage import joined, part
from hipimu.units import deg_from_rad

_WINDOWS = 30
"""Two minutes of gait from all over the session are as good as all of it."""
_PROBES = 4 * _WINDOWS
"""Places looked at for gait: a runner may walk, stand and turn in between."""
_LEAD_IN_S = 2.0
"""before each window, for filters to settle."""


class CalibrateSession(Calibrate):
    """Find the axes in gait from all over the session; turn them where a strap has slipped.

    Neutral is found as `Calibrate` finds it. Strides after a slip carry its reason; the second
    before and after it counts as missing.

    Parameters
    ----------
    segments, rate_hz, mounting_wxyz, stand_s, height_m
        As for `Calibrate`.
    """

    def push(self, block: OrientationBlock) -> list[SegmentBlock]:
        """Hold the block back."""
        self._held.append(block)
        return []

    def flush(self) -> list[SegmentBlock]:
        """Return the whole session in segment axes; raises as `Calibrate.flush` does."""
        if not self._held:
            return []
        session = joined(self._held)
        self._held = []
        slips = find_slips(session, self._rate_hz)
        if self.calibration is None:
            self._look(session)
            self._look_all_over(session)
            self._scan.gait = _chosen(self._scan.gait, slips)
            self.calibration = self._found(session)
        calibration = self._with_slips(slips, session)
        pieces = [
            segments_of(part(session, start, stop), replace(calibration, quat_wxyz=mounting))
            for start, stop, mounting in _stretches(calibration, slips, len(session.aligned.t_s))
        ]
        whole = joined(pieces)
        flags = {s: self._marked(flags, s, slips) for s, flags in whole.flags.items()}
        return [replace(whole, flags=flags)]

    def _look_all_over(self, session: OrientationBlock) -> None:
        """Look for gait at evenly spread places in what follows the first that was found."""
        window = int(GAIT_WINDOW_S * self._rate_hz)
        first, last = self._scan.next_window, len(session.aligned.t_s) - window
        starts = np.arange(first, last + 1, window)
        thin = max(-(-len(starts) // _PROBES), 1)
        for start in starts[::thin].tolist():
            self._look_for_gait(session, start, window)

    def _find_axes(self, held: OrientationBlock, stand: slice | None) -> Calibration:
        """Look at an excerpt: the stand, and the chosen windows with what leads up to them."""
        window, lead = (round(s * self._rate_hz) for s in (GAIT_WINDOW_S, _LEAD_IN_S))
        at = None if stand is None else slice(0, stand.stop - stand.start)
        pieces = [] if stand is None else [part(held, stand.start, stand.stop)]
        gait, length = [], 0 if at is None else at.stop
        for start, time_s in self._scan.gait:
            first = max(start - lead, 0)
            pieces.append(part(held, first, start + window))
            gait.append((length + start - first, time_s))
            length += start + window - first
        return self._finder(joined(pieces), at, tuple(gait)).find(self._mounting)

    def _with_slips(self, slips: tuple[Slip, ...], session: OrientationBlock) -> Calibration:
        if self.calibration is None:
            raise AssertionError("called only once the axes are found")
        said = tuple(_said(slip, float(session.aligned.t_s[slip.sample])) for slip in slips)
        self.calibration = replace(self.calibration, warnings=(*self.calibration.warnings, *said))
        return self.calibration

    def _marked(self, flags: FlagArray, segment: Segment, slips: tuple[Slip, ...]) -> FlagArray:
        marked = flags.copy()
        around = round(SLIPPING_S * self._rate_hz)
        for slip in slips:
            if slip.segment == segment:
                marked[slip.sample :] |= int(Flag.SLIP)
                marked[max(slip.sample - around, 0) : slip.sample + around] |= int(
                    Flag.SLIP | Flag.GAP
                )
        return marked


def _chosen(
    gait: tuple[tuple[int, float], ...], slips: tuple[Slip, ...]
) -> tuple[tuple[int, float], ...]:
    """Evenly spread gait windows, from before anything slipped where that is enough."""
    if slips:
        before = tuple(window for window in gait if window[0] < slips[0].sample)
        gait = before if len(before) * GAIT_WINDOW_S >= GAIT_S else gait
    chosen = np.unique(np.linspace(0, len(gait) - 1, _WINDOWS).round().astype(int))
    return tuple(gait[i] for i in chosen) if len(gait) > _WINDOWS else gait


def _stretches(
    calibration: Calibration, slips: tuple[Slip, ...], samples: int
) -> Iterator[tuple[int, int, Mapping[Segment, FloatArray]]]:
    """Start, end and segment → sensor rotations between slips."""
    mounting = dict(calibration.quat_wxyz)
    bounds = [0, *(slip.sample for slip in slips), samples]
    for number, (start, stop) in enumerate(pairwise(bounds)):
        if number:
            slip = slips[number - 1]
            mounting[slip.segment] = quaternion.multiply(slip.quat_wxyz, mounting[slip.segment])
        if stop > start:
            yield start, stop, dict(mounting)


def _said(slip: Slip, t_s: float) -> str:
    angle = 2 * math.acos(min(abs(float(slip.quat_wxyz[0])), 1.0))
    return (
        f"the {slip.segment} sensor slipped by about {deg_from_rad(angle):.0f}° at {t_s:.0f} s: "
        "later angles are turned back by as much"
    )
