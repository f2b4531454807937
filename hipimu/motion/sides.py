"""Tell left from right by what does not depend on how the sensors are called.

Two witnesses, which share no error:

- *the lever*: a thigh sensor sits on the outside. When the thigh turns about its long axis, the
  sensor is carried forward or back, and which of the two says on which side of the thigh's axis it
  sits: to the right on a right thigh, to the left on a left one;
- *the pelvis*: it drops on the side of the swinging leg.

A sensor at the front of a thigh has no lever, and a body may hold its pelvis level: so only both
witnesses together are believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hipimu.data import THIGHS, FloatArray, Side
from hipimu.errors import CalibrationError
from hipimu.maths import filters, quaternion
from hipimu.maths.filters import cross
from hipimu.motion.hip_centre import Midway, specific_force_at

_BAND_HZ = (0.5, 8.0)
_CLEAR_LEVER_M = 0.03
"""Half of what the outside of a thigh measures: 0.05 to 0.06 m on the real recording."""
_LARGEST_LEVER_M = 0.15
"""No thigh is thicker: what exceeds it is no lever."""
_OUTWARDS: Mapping[Side, float] = {"left": -1.0, "right": 1.0}
_SURE = 0.35
_LIKELY = 0.2


def lever_to_the_right_m(
    thigh: Midway,
    pelvis: Midway,
    mid_hip_m: FloatArray,
    windows: Sequence[slice],
    rate_hz: float,
) -> float:
    """How far to the right of its thigh's long axis a sensor sits.

    What the thigh sensor feels beyond what the pelvis carries to the hip is ω̇ × r + ω × (ω × r),
    up to its sign; least squares over the two horizontal axes of the thigh gives r.

    Parameters
    ----------
    thigh, pelvis : Midway
        Segment axes; no common heading is needed, as long as the axes to the right are parallel.
    mid_hip_m : (3,)
        From the pelvis sensor to half way between the hip centres.
    windows : sequence of slice
        Where there is gait.
    rate_hz : float
    """
    beyond = thigh.acc_m_s2 - _felt_by_thigh(thigh, specific_force_at(mid_hip_m, pelvis), pelvis)
    columns = [_lever_effect(thigh, axis) for axis in range(3)]
    rows = [np.stack([c[:, axis] for c in (*columns, beyond)], axis=1) for axis in (0, 2)]
    sections = filters.butterworth(2, _BAND_HZ, rate_hz)
    slow = [filters.run(sections, values, None)[0] for values in rows]
    used = np.concatenate([values[window] for values in slow for window in windows])
    moments = np.array([[(a * b).sum() for a in used.T] for b in used.T[:3]])
    return float(np.linalg.lstsq(moments[:, :3], moments[:, 3])[0][2])


def _lever_effect(motion: Midway, axis: int) -> FloatArray:
    """Acceleration of a sensor one metre along an axis, segment axes, (n, 3)."""
    arm = np.eye(3)[axis]
    turning = cross(motion.rate_rad_s, cross(motion.rate_rad_s, arm))
    return np.asarray(cross(motion.speeding_rad_s2, arm) + turning)


def _felt_by_thigh(thigh: Midway, force: FloatArray, pelvis: Midway) -> FloatArray:
    """Turn a force in the pelvis's earth frame (n, 3) into thigh axes by the axes to the right."""
    (px, py), (tx, ty) = (_to_the_right(motion) for motion in (pelvis, thigh))
    right = force[:, 0] * px + force[:, 1] * py
    forward = force[:, 1] * px - force[:, 0] * py
    turned = (right * tx - forward * ty, right * ty + forward * tx, force[:, 2])
    return quaternion.rotate(quaternion.conjugate(thigh.quat_wxyz), np.stack(turned, axis=1))


def _to_the_right(motion: Midway) -> tuple[FloatArray, FloatArray]:
    """Horizontal direction (n,) each of the medio-lateral axis."""
    across = quaternion.axis_in_earth(motion.quat_wxyz, 2)
    length = np.sqrt(across[:, 0] ** 2 + across[:, 1] ** 2)
    return across[:, 0] / length, across[:, 1] / length


def lever_vote(lever_m: Mapping[Side, float]) -> float:
    """Vote between −1 (the other side) and +1; 0 where the thighs disagree or a lever is too long.

    Parameters
    ----------
    lever_m : dict
        Side as it is called → lever to the right of the thigh's axis.
    """
    outwards = [_OUTWARDS[side] * lever for side, lever in lever_m.items()]
    if min(outwards) < 0 < max(outwards) or max(map(abs, outwards)) > _LARGEST_LEVER_M:
        return 0.0
    return float(np.clip(min(outwards, key=abs) / _CLEAR_LEVER_M, -1.0, 1.0))


def refuse_exchanged(lever: float, drop: float, sides: Sequence[Side]) -> tuple[str, ...]:
    """Refuse sides that both witnesses contradict; return a warning where they nearly do.

    Parameters
    ----------
    lever, drop : float
        Votes between −1 (the other side) and +1.
    sides : sequence of Side
        Those that have a thigh sensor.

    Raises
    ------
    CalibrationError
        Naming the sensors and what to exchange.
    """
    what, remedy = _words(sides)
    if lever <= -_SURE and drop <= -_SURE:
        raise CalibrationError(
            f"{what}: it sits to the other side of its thigh, and the pelvis drops on the wrong "
            "side of each step.",
            f"{remedy} in recording.toml.",
        )
    if lever <= -_LIKELY and drop <= -_LIKELY:
        return (f"{what}, as it seems: check them",)
    return ()


def _words(sides: Sequence[Side]) -> tuple[str, str]:
    if len(sides) > 1:
        left, right = (THIGHS[side] for side in ("left", "right"))
        return (
            f"The sensors of {left} and {right} are exchanged",
            f"Exchange the two file names under [sensors.{left}] and [sensors.{right}]",
        )
    worn = THIGHS[sides[0]]
    other = THIGHS["left" if sides[0] == "right" else "right"]
    return (
        f"The sensor of {worn} is worn on the other thigh",
        f"Rename [sensors.{worn}] to [sensors.{other}]",
    )
