"""One heading for all segments: without magnetometers each sensor drifts about the vertical."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hipimu.data import SIDES, THIGHS, Flag, FlagArray, FloatArray, Segment, SegmentBlock, Side
from hipimu.maths import quaternion
from hipimu.maths.statistics import in_order_sum
from hipimu.motion.hip_centre import levers_of
from hipimu.motion.lever_fit import fitted_levers
from hipimu.motion.witnesses import (
    COLUMNS,
    CONTRADICTION_RAD,
    Estimate,
    Memory,
    Witnesses,
    thighs_say,
    weigh,
)
from hipimu.stage import Stage, WholeSession, joined, part

_WINDOW_BINS = 10
_HALF_WINDOW_BINS = 5
"""Two-sided: as much evidence as behind, and none of it is late."""


class MatchHeading(Stage[SegmentBlock, SegmentBlock]):
    """Turn every thigh about the vertical into the pelvis's earth frame, tracking slowly.

    Evidence is summed in bins of one second at fixed sample indices; the offset of the last ten
    bins is approached linearly over the following second. The first ten seconds are held back and
    use the first estimate.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
    height_m : float or None
        Body height, which the lever arms to the hip centre grow with; None: middle height.
    """

    state_names = (
        "_memory",
        "_held",
        "_unheard",
        "_bins",
        "_offsets_rad",
        "_doubts",
        "_tick",
        "_total",
        "_closed",
    )

    def __init__(
        self, segments: tuple[Segment, ...], rate_hz: float, *, height_m: float | None = None
    ) -> None:
        self._witnesses = Witnesses(rate_hz, levers_of(height_m))
        self._sides = _sides_of(segments)
        self._memory = Memory()
        self._held: list[SegmentBlock] = []
        self._unheard: list[SegmentBlock] = []
        self._bin_samples = self._witnesses.bin_rows * self._witnesses.step
        self._bins: dict[Side, FloatArray] = {s: np.empty((0, COLUMNS)) for s in self._sides}
        self._offsets_rad: dict[Side, list[float]] = {s: [] for s in self._sides}
        self._doubts: dict[Side, list[int]] = {s: [] for s in self._sides}
        self._total: dict[Side, FloatArray] = {s: np.zeros((1, COLUMNS)) for s in self._sides}
        self._closed = 0
        self._tick = 0

    def push(self, block: SegmentBlock) -> list[SegmentBlock]:
        """Return the block in one earth frame, once the first estimate stands."""
        self._unheard.append(block)
        self._hear_complete_bins()
        self._held.append(block)
        if any(not self._offsets_rad[side] for side in self._sides):
            return []
        return self._release()

    def flush(self) -> list[SegmentBlock]:
        """Return what was held back, estimating from what there is."""
        if not self._held:
            return []
        if any(not self._offsets_rad[side] for side in self._sides):
            heard = self._witnesses.hear(joined(self._unheard), self._sides, self._memory)
            for side, evidence in heard.items():
                rest = in_order_sum(np.concatenate((self._bins[side], evidence)), axis=0)
                self._follow(side, weigh(rest[None], max(len(self._bins[side]), 1)))
        return self._release()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What both thighs together say about the axes."""
        if len(self._sides) < len(SIDES) or not self._closed:
            return ()
        total = [weigh(self._total[side], float(self._closed)) for side in SIDES]
        said = thighs_say(*total)
        return () if said is None else (said,)

    def _hear_complete_bins(self) -> None:
        """Make evidence of whole bins only: it is not needed before, and costs less at once."""
        waiting = sum(len(block.t_s) for block in self._unheard)
        complete = waiting // self._bin_samples * self._bin_samples
        if not complete:
            return
        unheard = joined(self._unheard)
        self._unheard = [part(unheard, complete, waiting)] if waiting > complete else []
        heard = self._witnesses.hear(part(unheard, 0, complete), self._sides, self._memory)
        self._closed += complete // self._bin_samples
        for side, evidence in heard.items():
            self._gather(side, _binned(evidence, self._witnesses.bin_rows)[0])

    def _gather(self, side: Side, closed: FloatArray) -> None:
        """Add closed bins, and estimate at the end of each."""
        self._total[side] = in_order_sum(np.concatenate((self._total[side], closed)), axis=0)[None]
        bins = np.concatenate((self._bins[side], closed))
        self._bins[side] = bins[max(len(bins) - _WINDOW_BINS + 1, 0) :]
        if len(bins) >= _WINDOW_BINS:
            windows = np.lib.stride_tricks.sliding_window_view(bins, _WINDOW_BINS, axis=0)
            self._follow(side, weigh(in_order_sum(windows, axis=2), _WINDOW_BINS))

    def _follow(self, side: Side, estimate: Estimate) -> None:
        _follow(self._offsets_rad[side], estimate.offset_rad)
        self._doubts[side] += _doubts(estimate).tolist()

    def _release(self) -> list[SegmentBlock]:
        released = [self._turned(block) for block in self._held]
        self._held = []
        return released

    def _turned(self, block: SegmentBlock) -> SegmentBlock:
        ticks = np.arange(self._tick, self._tick + len(block.t_s))
        self._tick += len(block.t_s)
        number, place = np.divmod(ticks, self._bin_samples)
        share = place / self._bin_samples
        turned = block
        for side in self._sides:
            offset, doubts = self._offset_at(side, number, share)
            turned = _turned(turned, side, offset, doubts)
        return turned

    def _offset_at(
        self, side: Side, number: np.ndarray, share: FloatArray
    ) -> tuple[FloatArray, FlagArray]:
        """Ramp over each bin towards the estimate made at its start; constant at first."""
        first = max(int(number[0]) - _WINDOW_BINS - 1, 0)
        stop = max(int(number[-1]) - _WINDOW_BINS, first) + 1
        known = np.array(self._offsets_rad[side][first:stop])
        doubts = np.array(self._doubts[side][first:stop], dtype=np.uint8)
        newest = np.clip(number - _WINDOW_BINS - first, 0, len(known) - 1)
        start = known[np.maximum(newest - 1, 0)]
        return np.asarray(start + share * (known[newest] - start)), doubts[newest]


class MatchHeadingSession(WholeSession[SegmentBlock, SegmentBlock]):
    """Turn every thigh into the pelvis's earth frame, looking both ways.

    The offset at the middle of each second comes from five seconds on either side of it and is
    joined linearly.

    Parameters
    ----------
    segments : tuple of Segment
    rate_hz : float
    height_m : float or None
        Body height, which the lever arms to the hip centre grow with; None: middle height.
    """

    state_names = ("_held", "warnings")

    def __init__(
        self, segments: tuple[Segment, ...], rate_hz: float, *, height_m: float | None = None
    ) -> None:
        super().__init__()
        self._rate_hz = rate_hz
        self._usual = levers_of(height_m)
        self._sides = _sides_of(segments)
        self.warnings: tuple[str, ...] = ()

    def whole(self, session: SegmentBlock) -> SegmentBlock:
        """Return the session in one earth frame."""
        levers = fitted_levers(session, self._sides, self._usual)
        witnesses = Witnesses(self._rate_hz, levers)
        turned = session
        total: dict[Side, Estimate] = {}
        for side, evidence in witnesses.hear(session, self._sides, Memory()).items():
            bins, rest = _binned(evidence, witnesses.bin_rows)
            if len(rest):
                bins = np.concatenate((bins, in_order_sum(rest, axis=0)[None]))
            total[side] = _over_gait(bins)
            offset, doubts = _tracked(bins, len(session.t_s), witnesses.bin_rows * witnesses.step)
            turned = _turned(turned, side, offset, doubts)
        if len(total) == len(SIDES):
            said = thighs_say(*(total[side] for side in SIDES))
            self.warnings = () if said is None else (said,)
        return turned


def _over_gait(bins: FloatArray) -> Estimate:
    """Return what all of a session's bins together say, (1,)."""
    return weigh(in_order_sum(bins, axis=0)[None], float(len(bins)))


def _tracked(bins: FloatArray, samples: int, length: int) -> tuple[FloatArray, FlagArray]:
    """Offset and doubts at every sample, of bins `length` samples long."""
    estimate = weigh(*_two_sided(bins, _HALF_WINDOW_BINS))
    known = ~np.isnan(estimate.offset_rad)
    if not known.any():
        return np.zeros(samples), np.full(samples, int(Flag.HEADING), dtype=np.uint8)
    ticks = np.arange(samples)
    centres = (np.arange(len(bins)) + 0.5) * length
    offset = np.interp(ticks, centres[known], np.unwrap(estimate.offset_rad[known]))
    return offset, _doubts(estimate)[np.minimum(ticks // length, len(bins) - 1)]


def _sides_of(segments: tuple[Segment, ...]) -> tuple[Side, ...]:
    return tuple(side for side in SIDES if THIGHS[side] in segments)


def _binned(evidence: FloatArray, rows: int) -> tuple[FloatArray, FloatArray]:
    """Sums of complete bins (n, `COLUMNS`), and the rows of the unfinished one."""
    complete = len(evidence) // rows
    used = evidence[: complete * rows].reshape(complete, rows, COLUMNS)
    return in_order_sum(used, axis=1), evidence[complete * rows :].copy()


def _two_sided(bins: FloatArray, half: int) -> tuple[FloatArray, FloatArray]:
    """Sums over up to `half` bins on either side of each, and how many bins that were."""
    total = np.concatenate((np.zeros((1, COLUMNS)), np.cumsum(bins, axis=0)))
    at = np.arange(len(bins))
    first, stop = np.maximum(at - half, 0), np.minimum(at + half + 1, len(bins))
    return total[stop] - total[first], (stop - first).astype(np.float64)


def _follow(known: list[float], offsets_rad: FloatArray) -> None:
    """Append estimates as the nearest turn; without evidence the last one stands."""
    for offset in offsets_rad.tolist():
        if math.isnan(offset):
            known.append(known[-1] if known else 0.0)
        elif known:  # a ramp never goes the long way round
            known.append(known[-1] + math.remainder(offset - known[-1], math.tau))
        else:
            known.append(offset)


def _doubts(estimate: Estimate) -> FlagArray:
    """Flags (n,) of what is doubtful about each estimate."""
    contradicted = estimate.sure & (np.abs(estimate.apart_rad) > CONTRADICTION_RAD)
    unknown = np.isnan(estimate.offset_rad) | contradicted
    flags = np.where(unknown, np.uint8(Flag.HEADING), np.uint8(0))
    return np.asarray(flags | np.where(estimate.leaning, np.uint8(Flag.TILT), np.uint8(0)))


def _turned(
    block: SegmentBlock, side: Side, offset_rad: FloatArray, doubts: FlagArray
) -> SegmentBlock:
    thigh = THIGHS[side]
    quats, flags = dict(block.quat_wxyz), dict(block.flags)
    quats[thigh] = quaternion.turned_about_z(quats[thigh], offset_rad)
    if doubts.any():
        flags[thigh] = flags[thigh] | doubts
    return replace(block, quat_wxyz=quats, flags=flags)
