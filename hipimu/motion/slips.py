"""A strap that slips in mid-run: found by what only one sensor sees, and taken out.

Averaged over several strides, the vertical lies still in a sensor's axes. When the runner changes
pace it moves in all sensors, in both thighs alike; when a strap slips it moves in one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from hipimu.data import BoolArray, FloatArray, IntArray, OrientationBlock, Segment
from hipimu.maths import quaternion
from hipimu.units import rad_from_deg

_FINE_S = 0.1
_BIN_S = 0.5
_TAPER_S = 2.0
"""A tapered mean over a few strides, so that where it is cut hardly matters."""
_WINDOW_S = 8.0
"""Medians over so long on either side: a sharp turn or a stumble is over sooner, a slip is not."""
_LONG_S = 60.0
"""More than a lap of a track at a sprinter's pace: what comes and goes with the bends cancels."""
_PAUSE_S = 0.5
"""left out on either side of the slip, which takes a moment."""
_NEAR_BINS = 9
_LEAST_RAD = rad_from_deg(4.0)
"""More than what one sensor's vertical moves alone when nothing slips (docs, accuracy)."""
_MOVING_RAD_S = 1.0
"""A thigh's mean angular rate in gait is above this."""
_SAME_PACE = 0.15
"""Logarithm of how much more the thighs may swing after than before: with the pace, posture
changes."""
SLIPPING_S = 1.0
"""Samples this close to a slip belong to neither side of it."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A sensor that turned on its segment."""

    segment: Segment
    sample: int
    """Index on the common time base."""
    quat_wxyz: FloatArray
    """(4,) from the sensor's axes before to those after."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The session in bins of half a second; rows are bins."""

    up: dict[Segment, FloatArray]
    """Vertical in sensor axes, tapered mean."""
    lasting: dict[Segment, FloatArray]
    """Its median over the window around each bin, of unit length."""
    swing_rad_s: FloatArray
    """How fast the thighs turn, median over the window: which no slip changes."""
    moving: BoolArray


def find_slips(session: OrientationBlock, rate_hz: float) -> tuple[Slip, ...]:
    """Return the slips of a whole session in order of time.

    Found only within gait at one pace, eight seconds of it before and after; confirmed, and
    measured, by up to a minute of the same pace on either side, since in a bend of a track all
    sensors lean, each in its own way.

    Parameters
    ----------
    session : OrientationBlock
    rate_hz : float
    """
    rows = max(round(_FINE_S * rate_hz), 1) * round(_BIN_S / _FINE_S)
    bins = len(session.aligned.t_s) // rows
    reach = round((0.5 * _WINDOW_S + _PAUSE_S) / _BIN_S)
    if bins <= 4 * reach:
        return ()
    scene = _scene(session, rows, bins)
    slips = []
    for segment, at in _candidates(scene, reach):
        before, after = _around(scene, at)
        turned = {s: _turned(up, before, after) for s, up in scene.up.items()}
        alone = _angle(turned[segment]) - max(
            _angle(turn) for s, turn in turned.items() if s != segment
        )
        if alone >= _LEAST_RAD:
            slips.append(Slip(segment, at * rows, turned[segment]))
    return tuple(sorted(slips, key=lambda slip: slip.sample))


def _scene(session: OrientationBlock, rows: int, bins: int) -> _Scene:
    up = {s: _steady_up(quat, rows, bins) for s, quat in session.quat_wxyz.items()}
    rates = [
        np.sqrt((gyr[: bins * rows] ** 2).sum(axis=1)).reshape(bins, rows).mean(axis=1)
        for segment, gyr in session.aligned.gyr_rad_s.items()
        if segment != "pelvis"
    ]
    second, window = round(1.5 / _BIN_S), round(_WINDOW_S / _BIN_S) + 1
    slowest = np.min([ndimage.uniform_filter1d(r, second, mode="nearest") for r in rates], axis=0)
    return _Scene(
        up=up,
        lasting={s: _lasting(steady) for s, steady in up.items()},
        swing_rad_s=ndimage.median_filter(np.mean(rates, axis=0) + 1e-9, window, mode="nearest"),
        moving=slowest > _MOVING_RAD_S,
    )


def _candidates(scene: _Scene, reach: int) -> list[tuple[Segment, int]]:
    """Sensors and bins where one vertical alone differs before and after."""
    step = {s: _step(median, reach) for s, median in scene.lasting.items()}
    # A change of pace need not move both legs' medians in the same half second
    near = {s: ndimage.maximum_filter1d(angle, _NEAR_BINS) for s, angle in step.items()}
    steady = _steady_pace(scene, reach)
    found = []
    for segment, own in step.items():
        others = np.max([near[s] for s in step if s != segment], axis=0)
        alone = np.where(steady, own - others, 0.0)
        for top in signal.find_peaks(alone, height=_LEAST_RAD, distance=2 * reach)[0].tolist():
            lasting, first = scene.lasting[segment], top - 2 * reach
            piece = scene.up[segment][first : top + 2 * reach]
            change = _change(piece, lasting[top - reach], lasting[top + reach])
            found.append((segment, first + change))
    return found


def _around(scene: _Scene, at: int) -> tuple[IntArray, IntArray]:
    """Bins of the same pace before and after a bin, none next to it."""
    ratio = scene.swing_rad_s / scene.swing_rad_s[at]
    same = scene.moving & (np.abs(np.log(ratio)) < _SAME_PACE)
    long, pause = round(_LONG_S / _BIN_S), round(2 * _PAUSE_S / _BIN_S)
    first = max(at - long, 0)
    before = np.flatnonzero(same[first : at - pause]) + first
    after = np.flatnonzero(same[at + pause : at + long]) + at + pause
    return before, after


def _turned(up: FloatArray, before: IntArray, after: IntArray) -> FloatArray:
    """Shortest rotation (4,) from the median of some bins to that of others."""
    ends = [np.median(up[bins], axis=0) for bins in (before, after)]
    one, other = (end / np.sqrt((end**2).sum()) for end in ends)
    half = np.concatenate(([1.0 + float((one * other).sum())], np.cross(one, other)))
    return quaternion.normalise(half)


def _angle(quat: FloatArray) -> float:
    return float(2 * np.arccos(min(abs(quat[0]), 1.0)))


def _steady_up(quat: FloatArray, rows: int, bins: int) -> FloatArray:
    """Vertical in sensor axes, tapered mean around each bin, (bins, 3)."""
    fine = round(_BIN_S / _FINE_S)
    up = quaternion.vertical_in_frame(quat[: bins * rows])
    up = up.reshape(bins * fine, rows // fine, 3).mean(axis=1)
    taper = signal.windows.hann(round(_TAPER_S / _FINE_S) + 1)
    steady = ndimage.convolve1d(up, taper / taper.sum(), axis=0, mode="nearest")
    return np.asarray(steady[fine // 2 :: fine])


def _lasting(up: FloatArray) -> FloatArray:
    """Median over the window around each bin, (bins, 3) of unit length."""
    size = round(_WINDOW_S / _BIN_S) + 1
    median = ndimage.median_filter(up, size=(size, 1), mode="nearest")
    return np.asarray(median / np.sqrt((median**2).sum(axis=1))[:, None])


def _step(up: FloatArray, reach: int) -> FloatArray:
    """Angle between the verticals `reach` bins before and after each bin, (bins,)."""
    step = np.zeros(len(up))
    chord = np.sqrt(((up[2 * reach :] - up[: -2 * reach]) ** 2).sum(axis=1))
    step[reach:-reach] = 2 * np.arcsin(np.minimum(0.5 * chord, 1.0))
    return step


def _steady_pace(scene: _Scene, reach: int) -> BoolArray:
    """Tell where there is gait on both sides of a bin, and as lively before as after, (bins,)."""
    before, after = np.roll(scene.swing_rad_s, reach), np.roll(scene.swing_rad_s, -reach)
    same = np.abs(np.log(after / before)) < _SAME_PACE
    throughout = ndimage.minimum_filter1d(scene.moving, 4 * reach + 1, mode="constant", cval=0)
    return np.asarray(same & throughout)


def _change(up: FloatArray, before: FloatArray, after: FloatArray) -> int:
    """Row before which `up` (n, 3) is nearest to one direction, and from which to the other."""
    nearer = np.sqrt(((up - before) ** 2).sum(axis=1)) - np.sqrt(((up - after) ** 2).sum(axis=1))
    return int(np.argmin(np.concatenate(([0.0], np.cumsum(nearer)))))
