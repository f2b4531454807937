"""Fill gaps from the movement itself: running repeats, so earlier strides say what is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hipimu.data import AlignedBlock, BoolArray, Flag, Segment
from hipimu.stage import Stage, joined, part
from hipimu.timing.template import CONTEXT_S, REACH_S, Fill, fill_from_likeness
from hipimu.units import rad_from_deg

LOOK_AHEAD_S = 0.2
"""Samples after a gap that the causal variant waits for: an edge on the far side of the gap tells
more than any earlier stride, and what the live display shows is 0.1 s old anyway."""
TWO_SIDED_S = REACH_S + CONTEXT_S

_MISSING = int(Flag.GAP | Flag.SHORT_GAP)
_LONGEST_S = 0.4
"""Longer gaps are most of a sprinter's stride: left to the orientation filter's recovery."""
_GOOD_RAD = rad_from_deg(0.5)
_USABLE_RAD = rad_from_deg(1.5)
_FORGET_S = 3.0
"""Tilt errors fade with the filter's time constant for the accelerometer (VQF's tauAcc)."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """Missing samples `start` … `end` − 1, counted from the session's first."""

    segment: Segment
    start: int
    end: int


class BridgeGaps(Stage[AlignedBlock, AlignedBlock]):
    """Fill gaps of the gyroscope and accelerometer with the same piece of the strides around.

    A filled gap carries `Flag.BRIDGED` or, with a larger expected error of orientation,
    `Flag.SHORT_GAP`; what is not filled keeps the mark it came with. Errors of gaps that follow
    each other quickly add up. Without gaps blocks pass as they are.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
    look_ahead_s : float
        How much after a gap may be looked at: `LOOK_AHEAD_S` for the causal method,
        `TWO_SIDED_S` to use later strides as well as earlier ones; at least one sample. Only gaps
        wait.
    """

    state_names = ("_held", "_first", "_done", "_error")

    def __init__(
        self, segments: tuple[Segment, ...], rate_hz: float, look_ahead_s: float = LOOK_AHEAD_S
    ) -> None:
        self._rate_hz = rate_hz
        self._ahead = max(round(look_ahead_s * rate_hz), 1)
        self._memory = round((REACH_S + CONTEXT_S) * rate_hz) + 3
        self._longest = round(_LONGEST_S * rate_hz)
        self._held: AlignedBlock | None = None
        self._first = 0
        self._done = 0
        self._error: dict[Segment, tuple[float, int]] = dict.fromkeys(segments, (0.0, 0))

    def push(self, block: AlignedBlock) -> list[AlignedBlock]:
        """Return what no gap holds back; a block without gaps comes back as it is."""
        waiting = self._held is not None and self._done < self._first + len(self._held.t_s)
        if not waiting and not any((f & _MISSING).any() for f in block.flags.values()):
            self._done += len(block.t_s)
            self._remember(block)
            return [block]
        self._held = block if self._held is None else joined([self._held, block])
        return self._release(final=False)

    def flush(self) -> list[AlignedBlock]:
        """Fill the last gaps with what there is."""
        return [] if self._held is None else self._release(final=True)

    def _remember(self, block: AlignedBlock) -> None:
        """Keep as much of the past as a later gap may look back on."""
        if self._held is not None and len(block.t_s) < self._memory:
            block = joined([self._held, block])
        kept = min(len(block.t_s), self._memory)
        self._first = self._done - kept
        self._held = part(block, len(block.t_s) - kept, len(block.t_s))

    def _release(self, *, final: bool) -> list[AlignedBlock]:
        """Fill the gaps that are ready; return the samples up to the first that is not."""
        held = self._held
        if held is None:
            return []
        total = self._first + len(held.t_s)
        gaps = [gap for segment in held.flags for gap in self._gaps(segment, held)]
        stop = total if final else self._stop(gaps, total)
        if stop <= self._done:
            return []
        out = self._filled(held, [g for g in gaps if self._done <= g.start and g.end <= stop], stop)
        self._done, past = stop, max(stop - self._memory, self._first)
        self._held, self._first = part(held, past - self._first, len(held.t_s)), past
        return [out]

    def _gaps(self, segment: Segment, held: AlignedBlock) -> list[_Gap]:
        """Runs of missing samples, the last possibly unfinished; those already out do not count."""
        missing = (held.flags[segment] & _MISSING) != 0
        edges = np.flatnonzero(np.diff(missing, prepend=False, append=False)) + self._first
        runs = edges.reshape(-1, 2).tolist()
        return [_Gap(segment, start, end) for start, end in runs if end > self._done]

    def _stop(self, gaps: list[_Gap], total: int) -> int:
        """Where the first gap begins that is not ready, or that another one's start would cut."""
        stop = min([total, *(gap.start for gap in gaps if not self._ready(gap, total))])
        for gap in sorted(gaps, key=lambda gap: gap.start, reverse=True):
            if gap.start < stop < gap.end <= gap.start + self._longest:
                stop = gap.start
        return stop

    def _ready(self, gap: _Gap, total: int) -> bool:
        return gap.end - gap.start > self._longest or (
            gap.end < total and gap.end + self._ahead <= total
        )

    def _filled(self, held: AlignedBlock, gaps: list[_Gap], stop: int) -> AlignedBlock:
        made = part(held, self._done - self._first, stop - self._first)
        touched = {gap.segment for gap in gaps}
        gyr, acc, flags = dict(made.gyr_rad_s), dict(made.acc_m_s2), dict(made.flags)
        for segment in touched:
            gyr[segment], acc[segment] = gyr[segment].copy("F"), acc[segment].copy("F")
            flags[segment] = flags[segment].copy()
        missing = {s: (held.flags[s] & _MISSING) != 0 for s in touched}
        for gap in gaps:
            fill = self._fill(held, gap, missing[gap.segment])
            if fill is None:
                continue
            at = slice(gap.start - self._done, gap.end - self._done)
            gyr[gap.segment][at], acc[gap.segment][at] = fill.gyr_rad_s, fill.acc_m_s2
            flags[gap.segment][at] &= ~np.uint8(_MISSING)
            flags[gap.segment][at] |= np.uint8(self._judged(gap, fill))
        return replace(made, gyr_rad_s=gyr, acc_m_s2=acc, flags=flags)

    def _fill(self, held: AlignedBlock, gap: _Gap, missing: BoolArray) -> Fill | None:
        """Look no further than allowed, however much is at hand: cuts must not matter."""
        if gap.end - gap.start > self._longest:
            return None
        low = max(gap.start - self._memory, 0) - self._first
        window = slice(low, gap.end + self._ahead - self._first)
        values = np.concatenate(
            (held.gyr_rad_s[gap.segment][window], held.acc_m_s2[gap.segment][window]), axis=1
        )
        start, length = gap.start - self._first - low, gap.end - gap.start
        return fill_from_likeness(values, missing[window], start, start + length, self._rate_hz)

    def _judged(self, gap: _Gap, fill: Fill) -> int:
        """Mark of a filled gap, from its expected error and what is left of earlier ones."""
        error_rad, at = self._error[gap.segment]
        faded = error_rad * math.exp(-(gap.start - at) / (_FORGET_S * self._rate_hz))
        total = math.hypot(faded, fill.error_rad)
        self._error[gap.segment] = (total, gap.start)
        if total <= _GOOD_RAD:
            return int(Flag.BRIDGED)
        if total <= _USABLE_RAD:
            return int(Flag.SHORT_GAP)
        self._error[gap.segment] = (0.0, gap.start)  # the filter recovers before strides count
        return int(Flag.GAP)
