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


def test_a_gap_that_was_bridged_marks_itself_only() -> None:
    flags = gap_of(900, 100, 5) // int(Flag.GAP) * int(Flag.SHORT_GAP)

    assert_array_equal(fused(still(900, flags)).aligned.flags["pelvis"], flags)


@pytest.mark.parametrize(("samples", "recovery_s"), [(3, 3.0), (10, 6.0), (20, 12.0), (60, 15.0)])
def test_a_gap_is_distrusted_for_sixty_times_its_length(samples: int, recovery_s: float) -> None:
    end = 100 + samples
    found = marked(fused(still(2000, gap_of(2000, 100, samples))))

    assert found == list(range(100, end + round(RATE_HZ * recovery_s)))


def test_a_second_gap_starts_the_recovery_anew() -> None:
    flags = gap_of(2000, 100, 10) | gap_of(2000, 400, 10)

    assert marked(fused(still(2000, flags))) == list(range(100, 410 + 600))


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
