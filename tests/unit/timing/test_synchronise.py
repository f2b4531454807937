"""Separate loggers on one clock: known offsets and drifts are found, doubt is said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import SIDES, THIGHS, Flag, ImuBlock, Segment
from hipimu.errors import RecordingError
from hipimu.sources.simulate.plan import Plan, PlannedBout, Variability, demo_plan
from hipimu.timing import Align, OneClock, measured_clocks, on_one_clock
from tests.simulated import blocks_of, short_plan, simulation

MS = 1e-3
Sensors = dict[Segment, ImuBlock]


@cache
def sensors(plan: Plan) -> Sensors:
    return {block.sensor: block for block in blocks_of(simulation(plan).samples, 0, 10**9)}


def during(block: ImuBlock, start_s: float, end_s: float) -> ImuBlock:
    return kept(block, (block.t_s >= start_s) & (block.t_s < end_s))


def kept(block: ImuBlock, which: np.ndarray) -> ImuBlock:
    arrays = ("t_s", "gyr_rad_s", "acc_m_s2", "clipped")
    return replace(block, **{name: getattr(block, name)[which] for name in arrays})


def on_its_clock(block: ImuBlock, offset_s: float, ppm: float) -> ImuBlock:
    return replace(block, t_s=block.t_s * (1 + 1e-6 * ppm) + offset_s)


def at_rate(block: ImuBlock, rate_hz: float, late: float = 0.37) -> ImuBlock:
    """Interpolate at another rate, the samples `late` of an interval later."""
    t_s = np.arange(block.t_s[0] + late / rate_hz, block.t_s[-1], 1 / rate_hz)
    gyr, acc = (
        np.stack([np.interp(t_s, block.t_s, column) for column in values.T], axis=1)
        for values in (block.gyr_rad_s, block.acc_m_s2)
    )
    return ImuBlock(block.sensor, t_s, gyr, acc, np.zeros(len(t_s), dtype=np.bool_))


def errors_s(moved: OneClock, segment: Segment, offset_s: float, ppm: float) -> np.ndarray:
    """How far mapped times lie from the true ones at both ends of the session."""
    match = moved.matches[segment]
    true_s = np.array([match.start_s, match.end_s])
    return np.asarray(match.to_pelvis(true_s * (1 + 1e-6 * ppm) + offset_s) - true_s)


@pytest.mark.parametrize(("left", "right"), [((137.3, 100.0), (-301.2, -100.0))])
def test_twenty_minutes_within_a_millisecond(
    left: tuple[float, float], right: tuple[float, float]
) -> None:
    whole = sensors(demo_plan())
    clocks = {"thigh_left": left, "thigh_right": right}
    moved = on_one_clock(
        [whole["pelvis"], *(on_its_clock(whole[THIGHS[s]], *clocks[THIGHS[s]]) for s in SIDES)]
    )
    for segment, (offset_s, ppm) in clocks.items():
        match = moved.matches[segment]  # type: ignore[index]
        assert np.abs(errors_s(moved, segment, offset_s, ppm)).max() < 1 * MS  # type: ignore[arg-type]
        assert match.drift_ppm == pytest.approx(ppm, abs=3 * match.drift_se_ppm)
        assert match.drift_se_ppm < 1.0
    assert moved.doubtful == frozenset()
    assert moved.warnings == ()


@pytest.mark.parametrize("rate_hz", [52.0, 60.0, 148.1])
def test_other_rates_losses_and_only_one_leg(rate_hz: float) -> None:
    whole = sensors(demo_plan())
    thigh = on_its_clock(at_rate(during(whole["thigh_left"], 200, 800), rate_hz), 50.0, -60.0)
    lost = np.random.default_rng(1).random(len(thigh.t_s)) < 0.03
    lost |= (thigh.t_s > 500) & (thigh.t_s < 507)
    moved = on_one_clock([during(whole["pelvis"], 300, 900), kept(thigh, ~lost)])

    assert np.abs(errors_s(moved, "thigh_left", 50.0, -60.0)).max() < 5 * MS
    assert moved.matches["thigh_left"].start_s == pytest.approx(300.0, abs=0.1)
    assert moved.matches["thigh_left"].end_s == pytest.approx(800.0, abs=0.1)


@pytest.mark.parametrize("span_s", [(10.0, 40.0), (4.0, 34.0), (14.0, 46.0)])
@pytest.mark.parametrize("segment", ["thigh_left", "thigh_right"])
def test_half_a_minute(span_s: tuple[float, float], segment: Segment) -> None:
    """Nothing is learnt about drift: 100 ppm cost up to 3 ms at the ends, beside 3 ms of offset."""
    whole = sensors(short_plan())
    thigh = on_its_clock(during(whole[segment], span_s[0] - 2, span_s[1] + 2), 200.0, 100.0)
    moved = on_one_clock([during(whole["pelvis"], *span_s), thigh])
    match = moved.matches[segment]

    assert np.abs(errors_s(moved, segment, 200.0, 100.0)).max() < 6 * MS
    assert match.drift_ppm == 0.0
    assert match.drift_se_ppm == pytest.approx(100.0)


@settings(max_examples=12)
@given(offset_s=st.floats(-3600, 3600), ppm=st.floats(-100, 100), seed=st.integers(0, 30))
def test_the_truth_lies_within_three_standard_errors(
    offset_s: float, ppm: float, seed: int
) -> None:
    whole = sensors(short_plan(seed=seed))
    moved = on_one_clock([whole["pelvis"], on_its_clock(whole["thigh_right"], offset_s, ppm)])

    error_s = np.abs(errors_s(moved, "thigh_right", offset_s, ppm)).max()
    assert error_s < min(3 * moved.matches["thigh_right"].worst_se_s, 6 * MS)


def test_samples_pass_unchanged_and_in_order() -> None:
    whole = sensors(demo_plan())
    thigh = on_its_clock(whole["thigh_left"], 137.3, 100.0)
    halves = [during(thigh, 0, 500), during(thigh, 500, 9999)]
    moved = on_one_clock([whole["pelvis"], *halves], from_s=100.0, until_s=700.0)

    own = [block for block in moved.blocks if block.sensor == "thigh_left"]
    t_s = np.concatenate([block.t_s for block in own])
    true_s = whole["thigh_left"].t_s
    inside = (true_s >= 100.0) & (true_s < 700.0)
    assert abs(len(t_s) - inside.sum()) <= 1
    np.testing.assert_allclose(t_s[:1000], true_s[inside][:1000], atol=0.011)
    acc = np.concatenate([block.acc_m_s2 for block in own])
    np.testing.assert_array_equal(acc[5:-5, 0], whole["thigh_left"].acc_m_s2[inside][5:-5, 0])
    starts = [float(block.t_s[0]) for block in moved.blocks]
    assert all(b - a > -1.0 for a, b in pairwise(starts))


def test_a_cut_outside_the_pelvis_clock_is_refused() -> None:
    whole = sensors(short_plan())
    with pytest.raises(RecordingError, match="no samples in this part"):
        on_one_clock([whole["pelvis"], whole["thigh_left"]], from_s=1000.0)


def like_a_machine() -> Plan:
    """Every stride like the one before."""
    still = Variability(amplitude=0.0, period=0.0, bout_deg=0.0)
    run = PlannedBout(pace="easy", duration_s=60.0, speed_m_s=3.0)
    return short_plan(bouts=(run,), variability=still)


def test_when_every_step_fits_the_match_is_refused() -> None:
    whole = sensors(like_a_machine())
    with pytest.raises(RecordingError, match=r"more than one offset.*hop three times") as caught:
        on_one_clock([during(whole["pelvis"], 30, 70), during(whole["thigh_left"], 30, 70)])
    assert caught.value.sensor == "thigh_left"


def test_a_beginning_tells_even_a_machine_s_steps_apart() -> None:
    whole = sensors(like_a_machine())
    thigh = on_its_clock(during(whole["thigh_left"], 3, 70), -40.0, 0.0)
    moved = on_one_clock([during(whole["pelvis"], 10, 75), thigh])

    assert np.abs(errors_s(moved, "thigh_left", -40.0, 0.0)).max() < 5 * MS


def test_another_run_is_refused() -> None:
    one, other = sensors(short_plan()), sensors(short_plan(seed=9, bouts=demo_plan().bouts))
    with pytest.raises(RecordingError, match="do not share a clock"):
        on_one_clock([during(one["pelvis"], 20, 46), during(other["thigh_left"], 60, 190)])


@pytest.mark.parametrize("span_s", [(0.0, 6.0), (40.0, 44.0)])
def test_too_little_movement_is_refused(span_s: tuple[float, float]) -> None:
    whole = sensors(short_plan())
    with pytest.raises(RecordingError, match=r"enough movement.*10 s of walking or running"):
        on_one_clock(during(block, *span_s) for block in whole.values())


def with_soft_tissue(block: ImuBlock) -> ImuBlock:
    """A strap on soft tissue follows the bone late, and rings."""
    rng = np.random.default_rng(2)
    t_s = block.t_s
    late = np.stack([np.interp(t_s - 0.02, t_s, c) for c in block.acc_m_s2.T], axis=1)
    wobble = np.convolve(rng.normal(size=len(t_s)), np.hanning(15), mode="same")
    return replace(block, acc_m_s2=late + 1.5 * wobble[:, None])


def test_a_poor_match_is_said_with_every_sample() -> None:
    whole = sensors(short_plan())
    moved = on_one_clock([with_soft_tissue(whole["pelvis"]), whole["thigh_left"]])
    assert moved.doubtful == {"thigh_left"}
    (warning,) = moved.warnings
    assert warning.startswith("thigh_left: its clock is matched")
    assert moved.matches["thigh_left"].worst_se_s > 10 * MS

    align = Align(("pelvis", "thigh_left"), 100.0, None, moved.doubtful)
    for block in aligned_of(align, moved.blocks):
        assert (block.flags["thigh_left"] & int(Flag.SYNC)).all()
        assert not (block.flags["pelvis"] & int(Flag.SYNC)).any()


def aligned_of(align: Align, blocks: Iterable[ImuBlock]) -> list:  # type: ignore[type-arg]
    found = [out for block in blocks for out in align.push(block)]
    assert found
    return found


def test_shared_clocks_measure_as_shared() -> None:
    for match in measured_clocks(sensors(demo_plan())).values():
        assert abs(match.offset_s) < 3 * match.offset_se_s < 5 * MS
        assert abs(match.drift_ppm) < 3 * match.drift_se_ppm < 5.0
