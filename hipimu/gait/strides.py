"""Find every stride's peak hip extension and peak hip flexion, as the samples arrive."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from statistics import median

import numpy as np

from hipimu.data import Flag, FloatArray, HipAngleBlock, Reason, Side, Stride
from hipimu.maths import peaks
from hipimu.stage import Stage, State
from hipimu.units import rad_from_deg

_SLOPE_HALF_WIDTH_S = 0.03
_SWING_FLOOR_RAD_S = 1.0
_SWING_SHARE = 0.5
"""of the median swing rate of the last strides: what a swing must reach."""
_STRIDE_TIME_S = (0.35, 1.3)
_REFRACTORY = 0.6
"""of the stride time: two swings of one leg are further apart."""
_TURN_FLOOR_RAD = rad_from_deg(5.0)
_TURN_SHARE = 0.15
"""of the median range of the last strides: a turn is one when the angle goes back this far. What
is smaller is soft tissue ringing after the impact."""
_MEMORY_STRIDES = 10
_FLIGHT_M_S2 = 5.5
_FLIGHT_PERCENTILE = 5.0
"""Running: the pelvis feels less than 5.5 m/s² in 5 % of the stride; in walking it never does."""
_CLIPPED_QUALITY = 0.5

_SERIES = (
    "flexion_rad",
    "thigh_rad",
    "pelvis_tilt_rad",
    "pelvis_obliquity_rad",
    "pelvis_rotation_rad",
    "pelvis_acc_m_s2",
    "t_s",
)


@dataclass(slots=True)
class _Track:
    """What is remembered of one side."""

    start: int = 0
    """Sample index of the first row kept."""
    rows: FloatArray = field(default_factory=lambda: np.empty((len(_SERIES), 0)))
    flags: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.uint8))
    scanned: int = 0
    """Samples before this one have been searched."""
    low: tuple[int, float] | None = None
    """Deepest turn since the last peak flexion: sample and angle."""
    high: tuple[int, float] | None = None
    """Highest turn since then, once the hip has flexed far enough."""
    last_swing: int | None = None
    last_flexion: tuple[float, int] | None = None
    """Time and sample of the last stride's peak flexion."""
    swing_rates: list[float] = field(default_factory=list)
    stride_times_s: list[float] = field(default_factory=list)
    ranges_rad: list[float] = field(default_factory=list)
    strides: int = 0


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
        strides = list(_advance(track, block.side, block.rate_hz))
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


def _advance(track: _Track, side: Side, rate_hz: float) -> Iterator[Stride]:
    """Walk through the turns among the samples that are new, each exactly once."""
    half = _half_width(rate_hz)
    first = max(track.scanned, half)
    slope = peaks.slope(track.rows[0, first - half - track.start :], half)
    if len(slope) < 2:
        return
    track.scanned = first + len(slope) - 1
    up, down = peaks.rising_crossings(slope), peaks.falling_crossings(slope)
    turns = [(first + int(i), True) for i in up] + [(first + int(i), False) for i in down]
    for sample, is_low in sorted(turns):
        angle = float(track.rows[0, sample - track.start])
        if is_low:
            yield from _low_turn(track, side, (sample, angle), rate_hz)
        else:
            _high_turn(track, (sample, angle))
    if _has_fallen(track, track.scanned):  # no need to wait for the next turn
        yield from _finish(track, side, rate_hz)


def _low_turn(
    track: _Track, side: Side, turn: tuple[int, float], rate_hz: float
) -> Iterator[Stride]:
    if track.high is not None:
        if not _has_fallen(track, turn[0]):
            return
        yield from _finish(track, side, rate_hz)
    if track.low is None or turn[1] < track.low[1]:
        track.low = turn


def _high_turn(track: _Track, turn: tuple[int, float]) -> None:
    if track.high is not None:
        track.high = max(track.high, turn, key=lambda candidate: candidate[1])
    elif track.low is not None and turn[1] - track.low[1] >= _least_turn(track):
        track.high = turn


def _has_fallen(track: _Track, until: int) -> bool:
    """Tell whether the angle has gone back far enough from the highest turn for it to be one."""
    if track.high is None:
        return False
    after = track.rows[0, track.high[0] - track.start : until + 1 - track.start]
    return track.high[1] - float(after.min()) >= _least_turn(track)


def _least_turn(track: _Track) -> float:
    if not track.ranges_rad:
        return _TURN_FLOOR_RAD
    return max(_TURN_FLOOR_RAD, _TURN_SHARE * median(track.ranges_rad))


def _finish(track: _Track, side: Side, rate_hz: float) -> Iterator[Stride]:
    """End the rise between the two turns; yield it if it was a stride."""
    low, high = track.low, track.high
    track.low = track.high = None
    if low is None or high is None or high[0] - low[0] > _STRIDE_TIME_S[1] * rate_hz:
        return
    swing, rate = _swing(track, low[0], high[0], rate_hz)
    if _is_swing(track, swing, rate, rate_hz):
        yield _complete(track, side, (low[0], swing, high[0]), rate, rate_hz)


def _swing(track: _Track, low: int, high: int, rate_hz: float) -> tuple[int, float]:
    """Sample and rate of the fastest forward swing of the thigh between two turns."""
    half = _half_width(rate_hz)
    thigh = track.rows[1, low - half - track.start : high + half + 1 - track.start]
    slope = peaks.slope(thigh, half) * rate_hz
    fastest = int(np.argmax(slope))
    return low + fastest, float(slope[fastest])


def _is_swing(track: _Track, sample: int, rate: float, rate_hz: float) -> bool:
    if rate < _SWING_FLOOR_RAD_S:
        return False
    if track.last_swing is None:
        return True
    since_s = (sample - track.last_swing) / rate_hz
    if since_s > 2 * _STRIDE_TIME_S[1]:  # after a break the old pace says nothing
        track.swing_rates, track.stride_times_s, track.ranges_rad = [], [], []
        return True
    usual_s = median(track.stride_times_s) if track.stride_times_s else _STRIDE_TIME_S[0]
    fast_enough = rate >= _SWING_SHARE * median(track.swing_rates)
    return fast_enough and since_s > _REFRACTORY * usual_s


def _half_width(rate_hz: float) -> int:
    return max(round(_SLOPE_HALF_WIDTH_S * rate_hz), 1)


def _remember(last: list[float], value: float) -> list[float]:
    return [*last[1 - _MEMORY_STRIDES :], value]


def _complete(
    track: _Track, side: Side, samples: tuple[int, int, int], rate: float, rate_hz: float
) -> Stride:
    """Measure one stride – low turn, swing, high turn – and remember its swing."""
    turn_up, swing, turn_down = samples
    t_extension, extension = _refine(track, turn_up, -1.0, rate_hz)
    t_flexion, flexion = _refine(track, turn_down, 1.0, rate_hz)
    time_s, since = _since_last(track, t_flexion, turn_up)
    if time_s is not None:
        track.stride_times_s = _remember(track.stride_times_s, time_s)
    track.swing_rates = _remember(track.swing_rates, rate)
    track.ranges_rad = _remember(track.ranges_rad, flexion - extension)
    track.last_swing, track.last_flexion = swing, (t_flexion, turn_down)
    track.strides += 1
    window = slice(since - track.start, turn_down + 1 - track.start)
    _, thigh, tilt, obliquity, rotation, felt, _ = track.rows[:, window]
    running = np.count_nonzero(felt < _FLIGHT_M_S2) * 100 >= _FLIGHT_PERCENTILE * len(felt)
    quality, reasons = _quality(int(np.bitwise_or.reduce(track.flags[window])))
    return Stride(
        side=side,
        stride=track.strides - 1,
        t_peak_extension_s=t_extension,
        peak_extension_rad=-extension,
        t_peak_flexion_s=t_flexion,
        peak_flexion_rad=flexion,
        stride_time_s=time_s,
        gait="running" if running else "walking",
        pelvis_tilt_rad=float(tilt.sum() / len(tilt)),
        pelvis_tilt_range_rad=_range(tilt),
        pelvis_obliquity_range_rad=_range(obliquity),
        pelvis_rotation_range_rad=_range(np.remainder(rotation - rotation[0] + np.pi, 2 * np.pi)),
        thigh_peak_flexion_rad=float(thigh.max()),
        thigh_peak_extension_rad=-float(thigh.min()),
        quality=quality,
        reasons=reasons,
    )


def _since_last(track: _Track, t_flexion: float, turn_up: int) -> tuple[float | None, int]:
    """Stride time and first sample: from the last peak flexion, or from this swing's start."""
    if track.last_flexion is not None:
        time_s = t_flexion - track.last_flexion[0]
        if _STRIDE_TIME_S[0] < time_s < _STRIDE_TIME_S[1]:
            return time_s, track.last_flexion[1]
    return None, turn_up


def _refine(track: _Track, turn: int, sign: float, rate_hz: float) -> tuple[float, float]:
    """Time and angle of the turn near `turn`, by a parabola on the unfiltered angle."""
    half = _half_width(rate_hz)
    first = turn - half + 1 - track.start
    near = track.rows[0, first - 1 : turn + half + 2 - track.start]
    middle = int(np.argmax(sign * near[1:-1])) + 1
    offset, angle = peaks.parabola_vertex(
        float(near[middle - 1]), float(near[middle]), float(near[middle + 1])
    )
    t_s = float(track.rows[-1, first - 1 + middle])
    return t_s + offset / rate_hz, angle


def _range(values: FloatArray) -> float:
    return float(values.max() - values.min())


def _quality(flags: int) -> tuple[float, tuple[Reason, ...]]:
    if flags & Flag.GAP:
        return 0.0, (Reason.GAP,)
    if flags & Flag.CLIPPED:
        return _CLIPPED_QUALITY, (Reason.CLIPPED,)
    return 1.0, ()


def _forget(track: _Track, rate_hz: float) -> None:
    """Drop samples that no later stride can need: a stride reaches back two stride times."""
    surplus = track.rows.shape[1] - int(3 * _STRIDE_TIME_S[1] * rate_hz)
    if surplus > 0:
        track.rows = track.rows[:, surplus:].copy()
        track.flags = track.flags[surplus:].copy()
        track.start += surplus
