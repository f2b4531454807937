"""A strap that slips in mid-run: found by what only one sensor sees, and taken out.

Averaged over several strides, the vertical lies still in a sensor's axes. When the runner changes
pace it moves in all sensors, in both thighs alike; when a strap slips it moves in one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from hipimu.data import BoolArray, FloatArray, OrientationBlock, Segment
from hipimu.maths import quaternion
from hipimu.units import rad_from_deg

_FINE_S = 0.1
_BIN_S = 0.5
_TAPER_S = 2.0
"""A tapered mean over a few strides, so that where it is cut hardly matters."""
_WINDOW_S = 8.0
"""Medians over so long on either side: a sharp turn or a stumble is over sooner, a slip is not."""
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


def find_slips(session: OrientationBlock, rate_hz: float) -> tuple[Slip, ...]:
    """Return the slips of a whole session in order of time.

    Found only within gait at one pace, eight seconds of it before and after.

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
    up = {s: _steady_up(quat, rows, bins) for s, quat in session.quat_wxyz.items()}
    lasting = {s: _lasting(steady) for s, steady in up.items()}
    step = {s: _step(median, reach) for s, median in lasting.items()}
    # A change of pace need not move both legs' medians in the same half second
    near = {s: ndimage.maximum_filter1d(angle, _NEAR_BINS) for s, angle in step.items()}
    steady = _steady_pace(session, rows, bins, reach)
    slips = []
    for segment, own in step.items():
        others = np.max([near[s] for s in step if s != segment], axis=0)
        for top in _tops(np.where(steady, own - others, 0.0), 2 * reach):
            before, after = lasting[segment][top - reach], lasting[segment][top + reach]
            at = (
                top
                - 2 * reach
                + _change(up[segment][top - 2 * reach : top + 2 * reach], before, after)
            )
            slips.append(Slip(segment, at * rows, _between(before, after)))
    return tuple(sorted(slips, key=lambda slip: slip.sample))


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


def _steady_pace(session: OrientationBlock, rows: int, bins: int, reach: int) -> BoolArray:
    """Tell where all thighs swing on both sides of a bin, and as much before as after, (bins,).

    Judged by magnitudes, which no slip changes.
    """
    steady = np.ones(bins, dtype=np.bool_)
    for segment, gyr in session.aligned.gyr_rad_s.items():
        if segment == "pelvis":
            continue
        rate = np.sqrt((gyr[: bins * rows] ** 2).sum(axis=1)).reshape(bins, rows).mean(axis=1)
        smooth = ndimage.uniform_filter1d(rate, round(1.5 / _BIN_S), mode="nearest")
        lasting = ndimage.median_filter(rate + 1e-9, round(_WINDOW_S / _BIN_S) + 1, mode="nearest")
        before, after = np.roll(lasting, reach), np.roll(lasting, -reach)
        steady &= np.abs(np.log(after / before)) < _SAME_PACE
        moving = smooth > _MOVING_RAD_S
        width = 4 * reach + 1
        steady &= ndimage.minimum_filter1d(moving, width, mode="constant", cval=0)
    return steady


def _tops(alone: FloatArray, apart: int) -> list[int]:
    """Highest bins above the threshold, no two closer than `apart`."""
    found, _ = signal.find_peaks(alone, height=_LEAST_RAD, distance=apart)
    return [int(at) for at in found]


def _change(up: FloatArray, before: FloatArray, after: FloatArray) -> int:
    """Row before which `up` (n, 3) is nearest to one direction, and from which to the other."""
    nearer = np.sqrt(((up - before) ** 2).sum(axis=1)) - np.sqrt(((up - after) ** 2).sum(axis=1))
    return int(np.argmin(np.concatenate(([0.0], np.cumsum(nearer)))))


def _between(before: FloatArray, after: FloatArray) -> FloatArray:
    """Shortest rotation (4,) that takes one unit vector (3,) to another."""
    axis = np.cross(before, after)
    half = np.concatenate(([1.0 + float((before * after).sum())], axis))
    return quaternion.normalise(half)
