"""What a sensor felt along the vertical: the one motion two sensors share without a heading.

Pelvis and thigh share the hip centre. At a point r away from its sensor (sensor axes) the vertical
specific force is u·a + r·d/dt(u × ω), with u the vertical seen from the sensor: linear in r, so
that the unknown lever arm is fitted together with the clocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import vqf
from scipy import signal
from scipy.interpolate import CubicSpline

from hipimu.data import BoolArray, FloatArray, ImuBlock
from hipimu.maths import quaternion
from hipimu.maths.filters import butterworth, cross, length
from hipimu.units import GRAVITY_M_S2

GRID_HZ = 50.0
_BAND_HZ = (0.5, 10.0)
_BAND_END = 0.4
"""of the sampling rate: where the band ends for slow sensors."""
_GAP_S = 0.1
"""What is missing for longer counts as unknown, and so does what is near:"""
_AROUND_GAP_S = 0.5
_EDGE_S = 1.5
"""At either end orientation and band-pass still carry the shape of the cut."""
_LEAST_S = 10.0
_MOVING_M_S2 = 0.7
"""Root mean square over a second: standing stays below, walking is well above."""


@dataclass(frozen=True, slots=True, eq=False)
class VerticalMotion:
    """Vertical motion of one sensor at 50 Hz on its own clock, 0.5–10 Hz, without phase shift."""

    t_s: FloatArray
    """(n,)"""
    felt: FloatArray
    """(n, 4): specific force of the sensor, m/s², and what each metre of lever arm (sensor axes x,
    y, z) adds to it."""
    known: BoolArray
    """(n,) False in and around gaps."""
    up: FloatArray
    """(3,) mean vertical in sensor axes."""

    def at(self, lever_m: FloatArray) -> FloatArray:
        """Vertical specific force of the point `lever_m` (3,) away, (n,)."""
        return np.asarray(self.felt[:, 0] + self.felt[:, 1:] @ lever_m)

    def moving(self) -> BoolArray:
        """Where the sensor moves up and down, (n,)."""
        return root_mean_square(self.felt[:, 0], 1.0) > _MOVING_M_S2


def vertical_motion(block: ImuBlock) -> VerticalMotion | None:
    """Compute what one sensor felt along the vertical from its whole recording.

    Orientation comes from VQF run forward and backward (Laidig & Seel 2023, Information Fusion
    91:187–204). None where the sensor has less than 10 s.
    """
    span_s = float(block.t_s[-1] - block.t_s[0]) if len(block.t_s) else 0.0
    if span_s < _LEAST_S:
        return None
    rate_hz = 1 / float(np.median(np.diff(block.t_s)))
    t_s = block.t_s[0] + np.arange(int(span_s * rate_hz)) / rate_hz
    gyr, acc = (_on(t_s, block.t_s, values) for values in (block.gyr_rad_s, block.acc_m_s2))
    up = _up(gyr, acc, rate_hz)
    lever = np.gradient(cross(up, gyr), 1 / rate_hz, axis=0)
    felt = np.column_stack(((up * acc).sum(axis=1) - GRAVITY_M_S2, lever))
    band = (_BAND_HZ[0], min(_BAND_HZ[1], _BAND_END * rate_hz))
    felt = signal.sosfiltfilt(butterworth(2, band, rate_hz), felt, axis=0)
    grid_s = t_s[0] + np.arange(int((t_s[-1] - t_s[0]) * GRID_HZ)) / GRID_HZ
    mean_up = up.mean(axis=0)
    return VerticalMotion(
        grid_s,
        np.asarray(CubicSpline(t_s, felt)(grid_s)),
        _known(grid_s, block.t_s),
        mean_up / float(length(mean_up[None])[0]),
    )


def root_mean_square(values: FloatArray, width_s: float) -> FloatArray:
    """Root mean square over a sliding window on the 50 Hz grid, (n,)."""
    width = round(width_s * GRID_HZ)
    mean = np.convolve(values**2, np.ones(width) / width, mode="same")
    return np.asarray(np.sqrt(np.maximum(mean, 0.0)))


def _on(t_s: FloatArray, own_s: FloatArray, values: FloatArray) -> FloatArray:
    return np.ascontiguousarray(np.stack([np.interp(t_s, own_s, c) for c in values.T], axis=1))


def _up(gyr_rad_s: FloatArray, acc_m_s2: FloatArray, rate_hz: float) -> FloatArray:
    """Vertical in sensor axes, (n, 3): the last row of the rotation sensor → earth."""
    quat = vqf.offlineVQF(gyr_rad_s, acc_m_s2, None, 1 / rate_hz)["quat6D"]
    return quaternion.vertical_in_frame(quat)


def _known(grid_s: FloatArray, own_s: FloatArray) -> BoolArray:
    known = (grid_s > grid_s[0] + _EDGE_S) & (grid_s < grid_s[-1] - _EDGE_S)
    for gap in np.flatnonzero(np.diff(own_s) > _GAP_S):
        edges = (own_s[gap] - _AROUND_GAP_S, own_s[gap + 1] + _AROUND_GAP_S)
        first, last = np.searchsorted(grid_s, edges)
        known[first:last] = False
    return np.asarray(known, dtype=np.bool_)
