"""Hip joint, thigh and pelvis angles from segment orientations.

Hip: Cardan Z–X–Y from pelvis to thigh after Wu et al. 2002 (J Biomech 35:543–548), adduction and
internal rotation positive on both sides. Pelvis: rotation–obliquity–tilt after Baker 2001 (Human
Movement Science 20:787–807), anterior tilt, right side up and turning left positive.
"""

from __future__ import annotations

import numpy as np

from hipimu.data import SIDES, THIGHS, HipAngleBlock, Segment, SegmentBlock, Side
from hipimu.maths import quaternion
from hipimu.stage import Stage


class HipAngles(Stage[SegmentBlock, HipAngleBlock]):
    """Angles of every side that has a thigh sensor; keeps no memory.

    Parameters
    ----------
    segments : tuple of Segment
    """

    state_names = ()

    def __init__(self, segments: tuple[Segment, ...]) -> None:
        self._sides: tuple[Side, ...] = tuple(s for s in SIDES if THIGHS[s] in segments)

    def push(self, block: SegmentBlock) -> list[HipAngleBlock]:
        """Return one block a side."""
        pelvis = block.quat_wxyz["pelvis"]
        right = quaternion.axis_in_earth(pelvis, 2)
        up = quaternion.vertical_in_frame(pelvis)
        acc = block.acc_m_s2["pelvis"]
        felt = np.sqrt(acc[:, 0] ** 2 + acc[:, 1] ** 2 + acc[:, 2] ** 2)
        # y is up, x forward: leaning forward turns the vertical towards −x
        tilt = -np.arctan2(up[:, 0], up[:, 1])
        obliquity = np.arcsin(np.clip(right[:, 2], -1, 1))
        rotation = np.arctan2(right[:, 0], -right[:, 1])
        force = quaternion.rotate(pelvis, acc)
        blocks = []
        for side in self._sides:
            flexion, adduction, inward, thigh = _hip(side, block)
            blocks.append(
                HipAngleBlock(
                    side,
                    block.t_s,
                    block.rate_hz,
                    flexion,
                    adduction,
                    inward,
                    thigh,
                    tilt,
                    obliquity,
                    rotation,
                    felt,
                    _along_forward_axis(block.quat_wxyz[THIGHS[side]], force),
                    block.flags["pelvis"] | block.flags[THIGHS[side]],
                )
            )
        return blocks


def _hip(side: Side, block: SegmentBlock) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    thigh = block.quat_wxyz[THIGHS[side]]
    joint = quaternion.multiply(quaternion.conjugate(block.quat_wxyz["pelvis"]), thigh)
    flexion, adduction, inward = quaternion.cardan_zxy(joint)
    up = quaternion.vertical_in_frame(thigh)
    from_vertical = np.arctan2(up[:, 0], up[:, 1])
    mirror = 1.0 if side == "right" else -1.0
    return flexion, mirror * adduction, mirror * inward, from_vertical


def _along_forward_axis(thigh_wxyz: np.ndarray, force: np.ndarray) -> np.ndarray:
    """Component of earth-frame vectors along the forward axis of the thigh, (n,)."""
    forward = quaternion.axis_in_earth(thigh_wxyz, 0)
    return np.asarray(
        forward[:, 0] * force[:, 0] + forward[:, 1] * force[:, 1] + forward[:, 2] * force[:, 2]
    )
