"""One time base for all sensors: values, gaps, clipping, and what each sensor delivered."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import AlignedBlock, BoolArray, Flag, FloatArray, ImuBlock, Segment
from hipimu.timing import Align

RATE_HZ = 100.0
BOTH: tuple[Segment, ...] = ("pelvis", "thigh_left")


def line(t_s: FloatArray) -> FloatArray:
    """Six channels that are straight lines in time, (n, 6)."""
    values = t_s[:, None] * np.array([1.0, -2.0, 0.5, 3.0, 0.1, -4.0]) + np.arange(6.0)
    return np.asarray(values)


def imu(
    segment: Segment,
    t_s: FloatArray,
    values: FloatArray | None = None,
    clipped: BoolArray | None = None,
) -> ImuBlock:
    values = line(t_s) if values is None else values
    clipped = np.zeros(len(t_s), dtype=np.bool_) if clipped is None else clipped
    return ImuBlock(segment, t_s, values[:, :3], values[:, 3:], clipped)


def aligned(align: Align, blocks: Iterable[ImuBlock]) -> AlignedBlock:
    """Return all that comes out, as one block."""
    found = [out for block in blocks for out in align.push(block)] + align.flush()
    segments = tuple(found[0].flags)
    return AlignedBlock(
        np.concatenate([b.t_s for b in found]),
        found[0].rate_hz,
        {s: np.concatenate([b.gyr_rad_s[s] for b in found]) for s in segments},
        {s: np.concatenate([b.acc_m_s2[s] for b in found]) for s in segments},
        {s: np.concatenate([b.flags[s] for b in found]) for s in segments},
    )


def values_of(block: AlignedBlock, segment: Segment) -> FloatArray:
    return np.concatenate((block.gyr_rad_s[segment], block.acc_m_s2[segment]), axis=1)


def flagged(block: AlignedBlock, segment: Segment, flag: Flag) -> list[int]:
    """Return the grid points, counted in sampling intervals of the clock, that carry `flag`."""
    marked = (block.flags[segment] & int(flag)) != 0
    return [round(t * RATE_HZ) for t in block.t_s[marked].tolist()]


def test_on_the_grid_samples_pass_as_they_are_from_the_second_on() -> None:
    t_s = np.arange(50) / RATE_HZ
    values = np.random.default_rng(0).normal(size=(50, 6))
    block = aligned(Align(("pelvis",), RATE_HZ), [imu("pelvis", t_s, values)])

    assert_allclose(block.t_s, t_s[1:], atol=1e-12)
    assert_array_equal(values_of(block, "pelvis"), values[1:])
    assert not block.flags["pelvis"].any()
    assert block.valid().all()


@given(st.floats(0.0, 1.0), st.floats(60.0, 130.0), st.integers(0, 1000))
def test_between_samples_a_line_stays_a_line(shift: float, own_hz: float, seed: int) -> None:
    jitter = np.random.default_rng(seed).uniform(-0.2, 0.2, 80)
    t_s = (np.arange(80) + shift + jitter) / own_hz
    rates: dict[Segment, float] = {"pelvis": own_hz}
    block = aligned(Align(("pelvis",), RATE_HZ, rates), [imu("pelvis", t_s)])

    assert_allclose(values_of(block, "pelvis"), line(block.t_s), atol=1e-9)
    assert_allclose(block.t_s, t_s[0] + np.arange(1, len(block.t_s) + 1) / RATE_HZ, atol=1e-12)
    assert block.t_s[-1] <= t_s[-1] < block.t_s[-1] + 1 / RATE_HZ


def test_the_grid_starts_with_the_latest_sensor_and_ends_with_the_earliest() -> None:
    pelvis, thigh = np.arange(0, 60) / RATE_HZ, np.arange(20, 90) / RATE_HZ + 0.003
    align = Align(BOTH, RATE_HZ)

    assert align.push(imu("pelvis", pelvis)) == []
    block = aligned(align, [imu("thigh_left", thigh)])

    assert block.t_s[0] == pytest.approx(thigh[0] + 1 / RATE_HZ)
    assert block.t_s[-1] <= pelvis[-1] < block.t_s[-1] + 1 / RATE_HZ
    for segment in BOTH:
        assert_allclose(values_of(block, segment), line(block.t_s), atol=1e-9)


def test_a_sensor_that_says_nothing_holds_everything_back() -> None:
    align = Align(BOTH, RATE_HZ)
    t_s = np.arange(30) / RATE_HZ

    assert align.push(imu("pelvis", t_s)) == []
    assert align.push(imu("thigh_left", np.empty(0))) == []
    assert align.flush() == []


def test_what_is_out_is_never_put_out_again() -> None:
    align = Align(BOTH, RATE_HZ)
    t_s = np.arange(40) / RATE_HZ
    first = [imu("pelvis", t_s), imu("thigh_left", t_s[:25])]
    block = aligned(align, [*first, imu("thigh_left", t_s[25:])])

    assert_allclose(block.t_s, t_s[1:], atol=1e-12)


@pytest.mark.parametrize("missing", [[20], [20, 21, 22, 23, 24], [20, 21, 22, 23, 24, 25]])
def test_exactly_the_missing_samples_are_marked_as_gap(missing: list[int]) -> None:
    t_s = np.delete(np.arange(60), missing) / RATE_HZ
    whole = np.arange(60) / RATE_HZ
    block = aligned(Align(BOTH, RATE_HZ), [imu("pelvis", t_s), imu("thigh_left", whole)])

    kind = Flag.SHORT_GAP if len(missing) <= 5 else Flag.GAP  # 50 ms can be bridged
    assert flagged(block, "pelvis", kind) == missing
    assert flagged(block, "pelvis", Flag.GAP | Flag.SHORT_GAP) == missing
    assert flagged(block, "thigh_left", Flag.GAP | Flag.SHORT_GAP) == []
    assert_array_equal(np.flatnonzero(~block.valid()) + 1, missing)
    assert_allclose(values_of(block, "pelvis"), line(block.t_s), atol=1e-9)


def test_off_the_grid_a_gap_spares_what_lies_next_to_a_real_sample() -> None:
    """Samples lie a tenth of an interval after the grid; 20 and 21 are missing.

    Grid point 20 follows sample 19 by 0.9 intervals: inside the gap. Grid point 22 comes 0.1
    before sample 22: as good as on it.
    """
    pelvis = np.delete(np.arange(60.0) + 0.1, [20, 21]) / RATE_HZ
    grid = np.arange(1, 60) / RATE_HZ
    block = aligned(Align(BOTH, RATE_HZ), [imu("pelvis", pelvis), imu("thigh_left", grid)])

    assert flagged(block, "pelvis", Flag.SHORT_GAP) == [20, 21]


def test_a_late_sample_is_no_gap() -> None:
    t_s = np.arange(60) / RATE_HZ
    t_s[30:] += 0.4 / RATE_HZ  # 1.4 intervals between 29 and 30
    block = aligned(Align(("pelvis",), RATE_HZ), [imu("pelvis", t_s)])

    assert flagged(block, "pelvis", Flag.GAP | Flag.SHORT_GAP) == []


def test_gaps_are_told_by_each_sensors_own_rate() -> None:
    """A 50 Hz sensor on a 100 Hz grid has no gap at every other point."""
    rates: dict[Segment, float] = {"pelvis": 50.0, "thigh_left": 100.0}
    slow, quick = np.arange(30) / 50.0, np.arange(59) / 100.0
    block = aligned(Align(BOTH, 100.0, rates), [imu("pelvis", slow), imu("thigh_left", quick)])

    assert block.valid().all()
    assert_allclose(values_of(block, "pelvis"), line(block.t_s), atol=1e-9)


@pytest.mark.parametrize(("offset", "marked"), [(0.0, [20]), (0.5, [20, 21])])
def test_clipping_marks_every_point_that_a_clipped_sample_has_a_share_in(
    offset: float, marked: list[int]
) -> None:
    clipped = np.arange(60) == 20
    t_s = np.arange(60) / RATE_HZ
    pelvis = imu("pelvis", t_s + offset / RATE_HZ, clipped=clipped)
    block = aligned(Align(BOTH, RATE_HZ), [pelvis, imu("thigh_left", t_s + 0.05)])

    assert flagged(block, "pelvis", Flag.CLIPPED) == marked
    assert flagged(block, "thigh_left", Flag.CLIPPED) == []
    assert block.valid().all()


def test_summaries_say_rate_loss_and_clipping() -> None:
    lost = [100, 101, 102, 103, 500]
    t_s = np.delete(np.arange(1001), lost) / RATE_HZ
    clipped = np.zeros(len(t_s), dtype=np.bool_)
    clipped[:83] = True
    align = Align(("pelvis",), RATE_HZ)
    for piece in np.array_split(np.arange(len(t_s)), 7):
        align.push(imu("pelvis", t_s[piece], clipped=clipped[piece]))
    (summary,) = align.summaries()

    assert (summary.sensor, summary.samples) == ("pelvis", 996)
    assert summary.rate_hz == pytest.approx(RATE_HZ)
    assert summary.loss == pytest.approx(5 / 1001)
    assert summary.clipped == pytest.approx(83 / 996)


def test_the_rate_is_measured_not_declared() -> None:
    align = Align(("pelvis",), 100.0)
    align.push(imu("pelvis", np.arange(500) / 98.0))
    (summary,) = align.summaries()

    assert summary.rate_hz == pytest.approx(98.0)
    assert summary.loss == 0.0


def test_a_sensor_without_samples_has_an_empty_summary() -> None:
    (summary,) = Align(("pelvis",), 100.0).summaries()

    assert (summary.samples, summary.rate_hz, summary.loss, summary.clipped) == (0, 0.0, 0.0, 0.0)


def test_a_gap_elsewhere_does_not_spread_clipping_to_neighbours() -> None:
    kept = np.delete(np.arange(60), 40)
    block = aligned(
        Align(("pelvis",), RATE_HZ), [imu("pelvis", kept / RATE_HZ, clipped=kept == 20)]
    )

    assert flagged(block, "pelvis", Flag.CLIPPED) == [20]
    assert flagged(block, "pelvis", Flag.SHORT_GAP) == [40]
