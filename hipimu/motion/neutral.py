"""Neutral without standing: the mean pose over gait, and how a body usually leans then.

Where nobody stood still, each sensor's mean vertical over whole strides stands in. What a thigh and
a pelvis lean on average in gait, measured from standing, is taken from typical figures. A runner
who leans otherwise gets every angle off by the difference, the same all session long.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hipimu.data import FloatArray, Segment
from hipimu.errors import CalibrationError
from hipimu.maths import quaternion
from hipimu.units import deg_from_rad, rad_from_deg

OFF_BY_DEG = 10.0
"""How far hip angles may be off; measured in tests/truth, see docs, accuracy."""

# Peaks of hip flexion and extension at 2.5, 3.6 and 9.5 m/s (docs, conventions) put the middle of
# the hip's range at 10°, 8° and 26° of flexion. The pelvis has its part in it: it tips forward by
# about 6° from standing to running, between the 5° of the simulation and the 11° of the one real
# recording. The rest is the thigh's, 7° there, and more the further it swings.
_RANGE_DEG = (60.0, 115.0)
_RUNNING_THIGH_DEG = (7.0, 18.0)
_WALKING_THIGH_DEG = 8.0
"""Half way between 30° of flexion and 14° of extension, common in walking."""
_RUNNING_TILT_DEG = 6.0
_WALKING_TILT_DEG = 0.0


def mean_vertical(vertical: FloatArray) -> FloatArray:
    """Mean direction (3,) of the vertical in sensor axes, (n, 3), over whole strides."""
    mean = vertical.mean(axis=0)
    return np.asarray(mean / np.sqrt((mean**2).sum()))


def from_mean_pose(
    frame: FloatArray, segment: Segment, vertical: FloatArray, running: bool
) -> FloatArray:
    """Turn a segment → sensor quaternion (4,) from its mean pose to neutral.

    Parameters
    ----------
    frame : (4,)
        Whose long axis is the mean vertical.
    segment : Segment
    vertical : (n, 3)
        In sensor axes, in gait.
    running : bool
    """
    angle = _mean_angle_rad(segment, _range_deg(frame, vertical), running)
    return quaternion.multiply(frame, quaternion.about_axis(np.array([0.0, 0.0, 1.0]), angle))


def _mean_angle_rad(segment: Segment, range_deg: float, running: bool) -> float:
    """Mean lean about the axis to the right: top back positive, as a knee forward leans a thigh."""
    if segment == "pelvis":
        return -float(rad_from_deg(_RUNNING_TILT_DEG if running else _WALKING_TILT_DEG))
    thigh_deg = np.interp(range_deg, _RANGE_DEG, _RUNNING_THIGH_DEG)
    return float(rad_from_deg(thigh_deg if running else _WALKING_THIGH_DEG))


def _range_deg(frame: FloatArray, vertical: FloatArray) -> float:
    """Range of the lean, leaving out the outer 2 % on either side."""
    seen = quaternion.rotate(quaternion.conjugate(frame), vertical)
    low, high = np.percentile(np.arctan2(seen[:, 0], seen[:, 1]), [2, 98])
    return float(deg_from_rad(high - low))


def guessed() -> str:
    """What is said when nobody stood still."""
    return (
        "no quiet standing was found: neutral is guessed from the mean pose in gait, and all hip "
        f"angles may be off by {OFF_BY_DEG:.0f}° or more; changes within the session hold"
    )


def stood_short(stand_s: tuple[float, float]) -> str:
    """What is said when the standing pose was short."""
    return (
        f"only {stand_s[1] - stand_s[0]:.1f} s of quiet standing were there to take neutral from, "
        "5 to 10 s are better"
    )


def refuse_undecided(sign_margin: Mapping[Segment, float], least: float) -> None:
    """Refuse an axis of doubtful sign: reversed, it would turn neutral over, too.

    Raises
    ------
    CalibrationError
        Naming the segment whose margin is below `least`.
    """
    for segment, margin in sign_margin.items():
        if margin < least:
            raise CalibrationError(
                "No quiet standing was found, and gait alone does not tell which way the "
                f"{segment} faces.",
                "Stand still for 5–10 s with the sensors on before the run, start with walking or "
                "easy running, or give the mounting in recording.toml.",
            )


def raw_tilt(pelvis_wxyz: FloatArray) -> float:
    """Tilt of the pelvis sensor itself: its axis nearest to forward, upwards positive."""
    forward = quaternion.rotate(pelvis_wxyz, np.array([1.0, 0.0, 0.0]))
    up = quaternion.rotate(pelvis_wxyz, np.array([0.0, 1.0, 0.0]))
    nearest = int(np.argmax(np.abs(forward)))
    return float(np.arcsin(np.clip(up[nearest] * np.sign(forward[nearest]), -1, 1)))
