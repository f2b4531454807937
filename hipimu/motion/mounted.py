"""A sensor's samples seen in the axes of the segment it is mounted on."""

from __future__ import annotations

from hipimu.data import FloatArray, OrientationBlock, Segment
from hipimu.maths import quaternion


def in_segment(
    block: OrientationBlock, segment: Segment, mount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return orientation (n, 4), angular rate and specific force (n, 3) in segment axes."""
    back = quaternion.conjugate(mount)
    return (
        quaternion.multiply(block.quat_wxyz[segment], mount),
        quaternion.rotate(back, block.aligned.gyr_rad_s[segment]),
        quaternion.rotate(back, block.aligned.acc_m_s2[segment]),
    )
