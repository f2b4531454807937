"""One filter a sensor, and how long a gap leaves it untrustworthy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import AlignedBlock, Flag, FlagArray, FloatArray, OrientationBlock
from hipimu.errors import UnknownNameError
from hipimu.maths import quaternion
from hipimu.motion import Fuse

RATE_HZ = 100.0


def still(n: int, flags: FlagArray | None = None, gyr: FloatArray | None = None) -> AlignedBlock:
    """A pelvis sensor at rest, z up."""
    acc = np.tile([0.0, 0.0, 9.80665], (n, 1))
    return AlignedBlock(
        np.arange(n) / RATE_HZ,
        RATE_HZ,
        {"pelvis": np.zeros((n, 3)) if gyr is None else gyr},
        {"pelvis": acc},
        {"pelvis": np.zeros(n, dtype=np.uint8) if flags is None else flags},
    )


def fused(block: AlignedBlock) -> OrientationBlock:
    (out,) = Fuse(("pelvis",), RATE_HZ, "vqf").push(block)
    return out


def gap_of(n: int, start: int, length: int) -> FlagArray:
    flags = np.zeros(n, dtype=np.uint8)
    flags[start : start + length] = int(Flag.GAP)
    return flags


def marked(block: OrientationBlock) -> list[int]:
    return np.flatnonzero(block.aligned.flags["pelvis"] & int(Flag.GAP)).tolist()


def test_an_unknown_filter_is_refused_when_the_stage_is_made() -> None:
    with pytest.raises(UnknownNameError):
        Fuse(("pelvis",), RATE_HZ, "vfq")


def test_the_rate_is_integrated_half_way_through_the_step() -> None:
    """While ω grows steadily about the vertical the angle is the trapezoid sum, exactly."""
    gyr = np.zeros((200, 3))
    gyr[:, 2] = np.linspace(0.0, 4.0, 200)
    quats = fused(still(200, gyr=gyr)).quat_wxyz["pelvis"]
    travelled = quaternion.multiply(quaternion.conjugate(quats[:-1]), quats[1:])

    expected = 0.5 * (gyr[1:, 2] + gyr[:-1, 2]) / RATE_HZ
    assert_allclose(quaternion.to_vector(travelled)[:, 2], expected, atol=1e-9)


def test_a_short_gap_marks_itself_only() -> None:
    assert marked(fused(still(900, gap_of(900, 100, 24)))) == list(range(100, 124))


def test_a_long_gap_is_distrusted_for_five_seconds_more() -> None:
    assert marked(fused(still(900, gap_of(900, 100, 25)))) == list(range(100, 125 + 500))


def test_short_gaps_do_not_add_up_to_a_long_one() -> None:
    flags = gap_of(900, 100, 20) | gap_of(900, 121, 20)

    assert len(marked(fused(still(900, flags)))) == 40


def test_distrust_goes_on_over_a_cut_and_keeps_other_flags() -> None:
    flags = gap_of(900, 100, 60)
    flags[400] |= int(Flag.CLIPPED)
    stage = Fuse(("pelvis",), RATE_HZ, "vqf")
    whole = fused(still(900, flags)).aligned.flags["pelvis"]
    pieces = [
        stage.push(still(len(part), part))[0].aligned.flags["pelvis"]
        for part in np.split(flags, [110, 130, 300])
    ]

    assert_array_equal(np.concatenate(pieces), whole)
    assert whole[400] == Flag.GAP | Flag.CLIPPED
    assert flags[300] == 0  # the input is left as it was
