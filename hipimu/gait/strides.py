"""Find every stride's peak hip extension and peak hip flexion, as the samples arrive."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hipimu.data import Flag, FloatArray, HipAngleBlock, IntArray, Reason, Side, Stride
from hipimu.maths import peaks
from hipimu.maths.statistics import middle
from hipimu.registry import Registry
from hipimu.stage import Stage, State
from hipimu.units import rad_from_deg

_SLOPE_HALF_WIDTH_S = 0.03
_SWING_FLOOR_RAD_S = 1.0
_SWING_SHARE = 0.5
"""of the median swing rate of the last strides: what a swing must reach."""
_STRIDE_TIME_S = (0.35, 1.3)
_REFRACTORY = 0.6
"""of the stride time: two swings of one leg are further apart, unless the second is as fast."""
_AS_FAST = 0.9
"""of the median swing rate: what ringing never reaches, and every stride of a sprint does."""
_TURN_FLOOR_RAD = rad_from_deg(5.0)
_TURN_SHARE = 0.15
"""of the median range of the last strides: a turn is one when the angle goes back this far. What
is smaller is soft tissue ringing after the impact."""
_MEMORY_STRIDES = 10
_FLIGHT_M_S2 = 5.5
_FLIGHT_PERCENTILE = 5.0
"""Running: the pelvis feels less than 5.5 m/s² in 5 % of the stride; in walking it never does."""
_DOUBTFUL_QUALITY = 0.5
"""of strides with one doubt: clipped samples, gaps short enough to be filled in, and so on."""
_BRIDGED_QUALITY = 0.8

_SERIES = (
    "flexion_rad",
    "thigh_rad",
    "pelvis_tilt_rad",
    "pelvis_obliquity_rad",
    "pelvis_rotation_rad",
    "pelvis_acc_m_s2",
    "t_s",
)
_FLEXION, _THIGH, _TILT, _OBLIQUITY, _ROTATION, _FELT, _TIME = range(len(_SERIES))


@dataclass(slots=True)
class _Track:
    """What is remembered of one side."""

    start: int = 0
    """Sample index of the first row kept."""
    rows: FloatArray = field(default_factory=lambda: np.empty((len(_SERIES), 0)))
    swing_rad_s: FloatArray = field(default_factory=lambda: np.empty(0))
    """Smoothed thigh rate of the rows, as far as it is known yet."""
    flags: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.uint8))
    scanned: int = 0
    """Samples before this one have been searched."""
    low: tuple[int, float] | None = None
    """Deepest turn since the last peak flexion: sample and angle."""
    high: tuple[int, float] | None = None
    """Highest turn since then, once the hip has flexed far enough."""
    last_swing: int | None = None
    turn_down: int | None = None
    """Of the last stride: the sample of its peak flexion."""
    t_flexion_s: float = 0.0
    """Of the last stride: the refined time of its peak flexion."""
    swing_rates: list[float] = field(default_factory=list)
    stride_times_s: list[float] = field(default_factory=list)
    ranges_rad: list[float] = field(default_factory=list)
    least_turn_rad: float = _TURN_FLOOR_RAD
    """How far the angle must go back for a turn to be one."""
    strides: int = 0


FINDERS: Registry[type[Stage[HipAngleBlock, Stride]]] = Registry(
    "stride finder", "hipimu.stride_finders"
)
"""By name: stages without parameters that take hip angles and give strides."""
USUAL_FINDER = "turns"


@FINDERS.named(USUAL_FINDER)
class FindStrides(Stage[HipAngleBlock, Stride]):
    """Strict order: peak extension, swing, peak flexion.

    Turns of the hip angle are zero crossings of its smoothed slope from which the angle goes back
    by more than ringing does. A rise between two turns is a stride when the thigh swings fast
    enough meanwhile (half the median of the last ten) and long enough after the last one. Both
    peaks are refined by a parabola on the unfiltered angle.
    """

    state_names = ("_tracks",)

    def __init__(self) -> None:
        self._tracks: dict[Side, _Track] = {}

    def push(self, block: HipAngleBlock) -> list[Stride]:
        """Return the strides that are complete."""
        track = self._tracks.setdefault(block.side, _Track())
        fresh = np.stack([getattr(block, name) for name in _SERIES])
        track.rows = np.concatenate((track.rows, fresh), axis=1)
        track.flags = np.concatenate((track.flags, block.flags))
        rises = list(_advance(track, block.rate_hz))
        strides = _measure(track, block.side, rises, block.rate_hz)
        _forget(track, block.rate_hz)
        return strides

    def state(self) -> State:
        """Return what is remembered of each side as plain values."""
        plain = {
            side: {f.name: getattr(track, f.name) for f in fields(track)}
            for side, track in self._tracks.items()
        }
        return copy.deepcopy({"tracks": plain})

    def restore(self, state: State) -> None:
        """Go on where `state` was taken."""
        saved = copy.deepcopy(state["tracks"])
        self._tracks = {side: _Track(**values) for side, values in saved.items()}


class _Rise(NamedTuple):
    """One accepted stride before it is measured; samples counted from the first one."""

    stride: int
    since: int
    """The last peak flexion, or this swing's start."""
    turn_up: int
    turn_down: int
    follows: bool
    """Whether the last peak flexion is one stride back."""


def _advance(track: _Track, rate_hz: float) -> Iterator[_Rise]:
    """Walk through the turns among the samples that are new, each exactly once."""
    half = _half_width(rate_hz)
    first = max(track.scanned, half)
    slope = peaks.slope(track.rows[_FLEXION, first - half - track.start :], half)
    if len(slope) < 2:
        return
    _smooth_thigh(track, half, rate_hz)
    track.scanned = first + len(slope) - 1
    up, down = peaks.rising_crossings(slope) + first, peaks.falling_crossings(slope) + first
    samples = np.concatenate((up, down))
    order = np.argsort(samples)
    angles = track.rows[_FLEXION, samples - track.start]
    lows = order < len(up)
    for turn, is_low in zip(
        zip(samples[order].tolist(), angles[order].tolist(), strict=True),
        lows.tolist(),
        strict=True,
    ):
        if not is_low:
            _high_turn(track, turn)
        elif (rise := _low_turn(track, turn, rate_hz)) is not None:
            yield rise
    # no need to wait for the next turn
    fallen_at = _fallen_at(track, track.scanned)
    if fallen_at is not None and (rise := _finish(track, fallen_at, rate_hz)) is not None:
        yield rise


def _smooth_thigh(track: _Track, half: int, rate_hz: float) -> None:
    """Bring the smoothed thigh rate up to date; the very first samples have none."""
    known = len(track.swing_rad_s)
    if known == 0:
        track.swing_rad_s = np.zeros(half)
        known = half
    fresh = peaks.slope(track.rows[_THIGH, known - half :], half) * rate_hz
    track.swing_rad_s = np.concatenate((track.swing_rad_s, fresh))


def _low_turn(track: _Track, turn: tuple[int, float], rate_hz: float) -> _Rise | None:
    rise = None
    if track.high is not None:
        fallen_at = _fallen_at(track, turn[0])
        if fallen_at is None:
            return None
        rise = _finish(track, fallen_at, rate_hz)
    if track.low is None or turn[1] < track.low[1] or _is_old(track.low, turn, rate_hz):
        track.low = turn
    return rise


def _is_old(low: tuple[int, float], turn: tuple[int, float], rate_hz: float) -> bool:
    """Tell whether a low turn is too long ago to begin a stride, as in standing."""
    return turn[0] - low[0] > _STRIDE_TIME_S[1] * rate_hz


def _high_turn(track: _Track, turn: tuple[int, float]) -> None:
    if track.high is not None:
        track.high = max(track.high, turn, key=lambda candidate: candidate[1])
    elif track.low is not None and turn[1] - track.low[1] >= track.least_turn_rad:
        track.high = turn


def _fallen_at(track: _Track, until: int) -> int | None:
    """Sample at which the angle has gone back far enough from the highest turn for it to be one."""
    if track.high is None:
        return None
    first = max(track.high[0], track.start)  # what is forgotten had not fallen
    after = track.rows[_FLEXION, first - track.start : until + 1 - track.start]
    fallen = after <= track.high[1] - track.least_turn_rad
    at = int(fallen.argmax())
    return first + at if fallen[at] else None


def _finish(track: _Track, fallen_at: int, rate_hz: float) -> _Rise | None:
    """End the rise between the two turns; return it if it was a stride."""
    low, high = track.low, track.high
    track.low = track.high = None
    longest = _STRIDE_TIME_S[1] * rate_hz
    if low is None or high is None or max(high[0] - low[0], fallen_at - high[0]) > longest:
        return None
    between = track.swing_rad_s[low[0] - track.start : high[0] + 1 - track.start]
    swing = int(between.argmax())
    rate = float(between[swing])
    if not _is_swing(track, low[0] + swing, rate, rate_hz):
        return None
    samples = (low[0], low[0] + swing, high[0])
    return _accept(track, samples, (rate, high[1] - low[1]), rate_hz)


def _is_swing(track: _Track, sample: int, rate: float, rate_hz: float) -> bool:
    if rate < _SWING_FLOOR_RAD_S:
        return False
    if track.last_swing is None:
        return True
    since_s = (sample - track.last_swing) / rate_hz
    if since_s > 2 * _STRIDE_TIME_S[1]:  # after a break the old pace says nothing
        track.swing_rates, track.stride_times_s, track.ranges_rad = [], [], []
        track.least_turn_rad = _TURN_FLOOR_RAD
        return True
    usual_rate = middle(track.swing_rates)
    if (
        rate >= _AS_FAST * usual_rate
    ):  # a runner who breaks into a sprint may nearly halve the stride time
        return since_s > _STRIDE_TIME_S[0]
    usual_s = middle(track.stride_times_s) if track.stride_times_s else _STRIDE_TIME_S[0]
    return rate >= _SWING_SHARE * usual_rate and since_s > _REFRACTORY * usual_s


def _half_width(rate_hz: float) -> int:
    return max(round(_SLOPE_HALF_WIDTH_S * rate_hz), 1)


def _remember(last: list[float], value: float) -> list[float]:
    return [*last[1 - _MEMORY_STRIDES :], value]


def _accept(
    track: _Track, samples: tuple[int, int, int], values: tuple[float, float], rate_hz: float
) -> _Rise:
    """Take low turn, swing and high turn as a stride and remember it."""
    turn_up, swing, turn_down = samples
    rate, range_rad = values
    time_s = (turn_down - track.turn_down) / rate_hz if track.turn_down is not None else 0.0
    follows = _STRIDE_TIME_S[0] < time_s < _STRIDE_TIME_S[1]
    if follows:
        track.stride_times_s = _remember(track.stride_times_s, time_s)
    track.swing_rates = _remember(track.swing_rates, rate)
    track.ranges_rad = _remember(track.ranges_rad, range_rad)
    track.least_turn_rad = max(_TURN_FLOOR_RAD, _TURN_SHARE * middle(track.ranges_rad))
    since = track.turn_down if follows and track.turn_down is not None else turn_up
    track.last_swing, track.turn_down = swing, turn_down
    track.strides += 1
    return _Rise(track.strides - 1, since, turn_up, turn_down, follows)


def _refine(
    track: _Track, turns: IntArray, sign: float, rate_hz: float
) -> tuple[FloatArray, FloatArray]:
    """Times and angles of the turns near `turns`, by parabolas on the unfiltered angle, (n,)."""
    half = _half_width(rate_hz)
    near = turns[:, None] - track.start + np.arange(-half, half + 2)
    angles = track.rows[_FLEXION][near]
    middle = np.argmax(sign * angles[:, 1:-1], axis=1) + 1
    row = np.arange(len(turns))
    offset, value = peaks.parabola_vertices(
        angles[row, middle - 1], angles[row, middle], angles[row, middle + 1]
    )
    return track.rows[_TIME][near[row, middle]] + offset / rate_hz, value


def _measure(track: _Track, side: Side, rises: list[_Rise], rate_hz: float) -> list[Stride]:
    """Peaks, and what pelvis and thigh did in each stride: all strides of a block at once."""
    if not rises:
        return []
    numbers = np.array(rises)
    t_extension, extension = _refine(track, numbers[:, 2], -1.0, rate_hz)
    t_flexion, flexion = _refine(track, numbers[:, 3], 1.0, rate_hz)
    time_s = np.diff(t_flexion, prepend=track.t_flexion_s)
    track.t_flexion_s = float(t_flexion[-1])
    *angles, running, flags = _over_strides(
        track, numbers[:, 1] - track.start, numbers[:, 3] + 1 - track.start
    )
    quality = [_QUALITY[flag] for flag in flags.tolist()]
    columns = (  # in the order of Stride's fields
        repeat(side),
        (rise.stride for rise in rises),
        t_extension.tolist(),
        (-extension).tolist(),
        t_flexion.tolist(),
        flexion.tolist(),
        (t if r.follows else None for t, r in zip(time_s.tolist(), rises, strict=True)),
        ("running" if flight else "walking" for flight in running.tolist()),
        *(column.tolist() for column in angles),
        (share for share, _ in quality),
        (reasons for _, reasons in quality),
        *(repeat(Stride._field_defaults[name]) for name in _LATER),
    )
    return [Stride._make(row) for row in zip(*columns, strict=False)]


_LATER = Stride._fields[Stride._fields.index("reasons") + 1 :]
"""What only labelling knows."""


def _over_strides(track: _Track, first: IntArray, end: IntArray) -> tuple[NDArray[Any], ...]:
    """Return means, ranges, whether there was flight, and flags over each stride, (n,) each."""
    window = np.stack((first, end), axis=1).ravel()

    def over(ufunc: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(ufunc.reduceat(values, window)[::2])  # every second range is a stride

    def spread(values: FloatArray) -> FloatArray:
        return np.asarray(over(np.maximum, values) - over(np.minimum, values))

    tilt, thigh = track.rows[_TILT], track.rows[_THIGH]
    length = end - first
    floating = over(np.add, (track.rows[_FELT] < _FLIGHT_M_S2).astype(np.int64))
    return (
        over(np.add, tilt) / length,
        spread(tilt),
        spread(track.rows[_OBLIQUITY]),
        _turn_ranges(track.rows[_ROTATION], first, length),
        over(np.maximum, thigh),
        -over(np.minimum, thigh),
        floating * 100 >= _FLIGHT_PERCENTILE * length,
        over(np.bitwise_or, track.flags),
    )


def _turn_ranges(heading_rad: FloatArray, first: IntArray, length: IntArray) -> FloatArray:
    """Range of the heading in each stride, which may pass ±180°: measured from its first sample."""
    start = np.cumsum(length) - length
    at = np.arange(int(length.sum())) + np.repeat(first - start, length)
    turned = heading_rad[at] - np.repeat(heading_rad[first], length) + np.pi
    turned = np.remainder(turned, 2 * np.pi)
    return np.asarray(np.maximum.reduceat(turned, start) - np.minimum.reduceat(turned, start))


_DOUBTS = (
    (Flag.GAP | Flag.SHORT_GAP | Flag.BRIDGED, Reason.GAP),
    (Flag.CLIPPED, Reason.CLIPPED),
    (Flag.SLIP, Reason.SLIP),
    (Flag.SYNC, Reason.SYNC),
    (Flag.HEADING, Reason.HEADING),
    (Flag.TILT, Reason.TILT),
)


def _quality(flags: int) -> tuple[float, tuple[Reason, ...]]:
    """Half for each doubt, less than half lost for a well bridged gap; nothing without an angle."""
    reasons = tuple(reason for flag, reason in _DOUBTS if flags & flag)
    if flags & Flag.GAP:
        return 0.0, reasons
    bridged = flags & Flag.BRIDGED and not flags & Flag.SHORT_GAP
    doubts = len(reasons) - (1 if bridged else 0)
    return _DOUBTFUL_QUALITY**doubts * (_BRIDGED_QUALITY if bridged else 1.0), reasons


_QUALITY = tuple(_quality(flags) for flags in range(2 * max(Flag)))
"""By the flags of all samples of a stride."""


def _forget(track: _Track, rate_hz: float) -> None:
    """Drop samples that no later stride can need: a stride reaches back two stride times."""
    surplus = track.rows.shape[1] - int(3 * _STRIDE_TIME_S[1] * rate_hz)
    if surplus > 0:
        track.rows = track.rows[:, surplus:].copy()
        track.swing_rad_s = track.swing_rad_s[surplus:].copy()
        track.flags = track.flags[surplus:].copy()
        track.start += surplus
