"""The last strides in a few numbers, and never an old one as if it were new."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import SIDES, Baseline, Pace, PeakNow, Reason, Side, Stride
from hipimu.pipeline.peaks_now import LAST, PeaksNow
from tests.unit.strides import stride as made


def stride(t_s: float, flexion_rad: float = 0.8, side: Side = "left", **fields: object) -> Stride:
    return made(t_s, side=side, peak_flexion_rad=flexion_rad, **fields)


def flexion(peaks: tuple[PeakNow, ...], side: Side = "left") -> PeakNow:
    return next(p for p in peaks if (p.side, p.outcome) == (side, "peak_flexion"))


def run(keeper: PeaksNow, count: int, pace: Pace | None = "fast", from_s: float = 0.0) -> float:
    for number in range(count):
        keeper.push(stride(from_s + 0.7 * number, 0.8 + 0.01 * number), pace)
    return from_s + 0.7 * (count - 1)


def test_the_median_of_the_last_five() -> None:
    keeper = PeaksNow(SIDES)
    now_s = run(keeper, 12)
    peak = flexion(keeper.now(now_s + 0.1, ()))
    assert peak.value_rad == pytest.approx(0.8 + 0.01 * 9)
    assert peak.strides == LAST
    assert flexion(keeper.now(now_s + 0.1, ()), "right").value_rad is None


def test_strides_in_which_the_pace_changes_do_not_count() -> None:
    keeper = PeaksNow(SIDES)
    now_s = run(keeper, 12)
    end_s = run(keeper, 5, "easy", now_s + 0.7)
    assert flexion(keeper.now(end_s, ())).value_rad is None
    assert keeper.push(stride(end_s + 0.7), "easy")
    assert flexion(keeper.now(end_s + 0.7, ())).strides == 1


def test_what_is_old_is_not_shown() -> None:
    keeper = PeaksNow(SIDES)
    now_s = run(keeper, 12)
    assert flexion(keeper.now(now_s + 4.9, ())).strides > 0
    assert flexion(keeper.now(now_s + 5.1, ())).value_rad is None
    assert keeper.cadence_spm(now_s + 5.1) is None


def test_strides_that_are_set_aside_do_not_count() -> None:
    keeper = PeaksNow(SIDES)
    now_s = run(keeper, 12)
    before = flexion(keeper.now(now_s, ()))
    assert not keeper.push(stride(now_s, 2.0, quality=0.0, reasons=(Reason.GAP,)), "fast")
    assert flexion(keeper.now(now_s, ())) == before


def test_cadence_counts_both_feet() -> None:
    keeper = PeaksNow(SIDES)
    for number in range(8):
        keeper.push(stride(0.7 * number, stride_time_s=0.7), None)
    assert keeper.cadence_spm(5.0) == pytest.approx(120.0 / 0.7)


def test_only_the_baseline_of_this_pace_is_beside() -> None:
    keeper = PeaksNow(SIDES)
    now_s = run(keeper, 12)
    baselines = [Baseline("left", "peak_flexion", pace, 40, 30, 0.9) for pace in ("easy", "fast")]
    shown = flexion(keeper.now(now_s, baselines)).baseline
    assert shown is not None
    assert shown.pace == "fast"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(SIDES),
            st.floats(-1.0, 2.0),
            st.sampled_from(["easy", "fast", "other", None]),
            st.sampled_from([0.0, 0.5, 1.0]),
        ),
        max_size=60,
    )
)
def test_a_number_is_within_the_strides_it_rests_on(strides: list[tuple]) -> None:  # type: ignore[type-arg]
    keeper = PeaksNow(SIDES)
    counted: list[float] = []
    for number, (side, rad, pace, quality) in enumerate(strides):
        if keeper.push(stride(0.3 * number, rad, side, quality=quality), pace):
            counted.append(rad)
    for peak in keeper.now(0.3 * len(strides), ()):
        assert 0 <= peak.strides <= LAST
        assert (peak.value_rad is None) == (peak.strides == 0)
        if peak.outcome == "peak_flexion" and peak.value_rad is not None:
            assert min(counted) <= peak.value_rad <= max(counted)
