"""Tell a sensor that sits on the pelvis from one that sits on a thigh, by how it turns in gait.

A thigh swings once a stride. A pelvis tips, drops and turns by a few degrees, much of it once a
step. What a sensor turns at stride frequency, left against right step, therefore says where it is
worn; no mounting changes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hipimu.data import FloatArray, Segment
from hipimu.errors import CalibrationError
from hipimu.maths import filters
from hipimu.motion import gait_windows

_BAND_HZ = 5.0
_EXCHANGED = 1.25
"""A pelvis turns 0.13 to 0.4 times as fast as a thigh, in simulation and on the real recording."""
_UNCLEAR = 0.8

GaitWindow = tuple[slice, float]
"""Where there is gait, and its stride time in samples."""


def windows_of_any(
    gyr_rad_s: Mapping[Segment, FloatArray], length: int, rate_hz: float
) -> list[GaitWindow]:
    """Gait windows seen by the sensor that turns most, whatever it is called.

    Parameters
    ----------
    gyr_rad_s : dict
        Segment → (n, 3), any axes.
    length : int
        Samples in a window; windows lie end to end from the first sample on.
    rate_hz : float
    """
    found = []
    for start in range(0, len(next(iter(gyr_rad_s.values()))) - length + 1, length):
        window = slice(start, start + length)
        busiest = max((gyr[window] for gyr in gyr_rad_s.values()), key=lambda gyr: gyr.std())
        time_s = gait_windows.stride_time_s([busiest], rate_hz)
        if time_s is not None:
            found.append((window, time_s * rate_hz))
    return found


def refuse_exchanged(
    gyr_rad_s: Mapping[Segment, FloatArray], windows: Sequence[GaitWindow], rate_hz: float
) -> tuple[str, ...]:
    """Refuse a pelvis that swings like a thigh; return a warning where it nearly does.

    Parameters
    ----------
    gyr_rad_s : dict
        Segment → (n, 3), any axes.
    windows : sequence of (slice, float)
    rate_hz : float

    Raises
    ------
    CalibrationError
        Naming the two sensors that are exchanged.
    """
    swing = {segment: swing_rad_s(gyr, windows, rate_hz) for segment, gyr in gyr_rad_s.items()}
    pelvis = swing.pop("pelvis")
    calm = min(swing, key=lambda segment: swing[segment])
    ratio = pelvis / max(swing[calm], 1e-9)
    if ratio > _EXCHANGED:
        raise CalibrationError(
            f"The sensors of pelvis and {calm} are exchanged: in gait the one called pelvis swings "
            f"{ratio:.1f} times as fast as the one called {calm}, as a thigh does.",
            f"Exchange the two file names under [sensors.pelvis] and [sensors.{calm}] in "
            "recording.toml.",
        )
    if ratio > _UNCLEAR:
        return (
            f"the pelvis sensor swings nearly as fast as the {calm} sensor: check that the two are "
            "not exchanged",
        )
    return ()


def swing_rad_s(gyr: FloatArray, windows: Sequence[GaitWindow], rate_hz: float) -> float:
    """Root mean square of the angular rate that changes sign from step to step.

    Parameters
    ----------
    gyr : (n, 3)
        Any axes.
    windows : sequence of (slice, float)
    rate_hz : float
    """
    slow, _ = filters.run(filters.butterworth(2, _BAND_HZ, rate_hz), gyr, None)
    squares = []
    for window, stride_samples in windows:
        half = round(0.5 * stride_samples)
        values = slow[window]
        squares.append((0.25 * (values[:-half] - values[half:]) ** 2).sum(axis=1).mean())
    return float(np.sqrt(np.mean(squares)))
