"""A baseline is the runner's own, says how far it has come, and once complete never moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import OUTCOMES, SIDES, Baseline, Bout, Lap, PaceEvidence, Reason, Side, Stride
from hipimu.fatigue import fresh_baselines
from hipimu.gait import label_strides
from hipimu.units import rad_from_deg
from tests.unit.fatigue.sessions import Design, session
from tests.unit.strides import STRIDE_S, strides_at

FLOOR_RAD = rad_from_deg(0.5)
USUAL_RAD = 1.96 * rad_from_deg(0.5)
"""Of strides without any noise: what bouts usually differ by, before it is weighed."""
OTHER_SIDE: Mapping[Side, Side] = {"left": "right", "right": "left"}


def only(found: Iterable[Baseline], **asked: object) -> Baseline:
    (one,) = [b for b in found if all(getattr(b, name) == is_ for name, is_ in asked.items())]
    return one


def fast_flexion(strides: Iterable[Stride], bouts: list[Bout]) -> Baseline:
    found = fresh_baselines(strides, bouts)
    return only(found, side="right", outcome="peak_flexion", pace="fast")


def test_there_is_one_for_each_side_peak_and_pace() -> None:
    keys = [(b.side, b.outcome, b.pace) for b in fresh_baselines([], [])]

    assert keys == [(s, o, p) for s in SIDES for o in OUTCOMES for p in ("easy", "fast")]
    assert {(b.strides, b.needed, b.value_rad) for b in fresh_baselines([], [])} == {(0, 60, None)}
    assert len(fresh_baselines([], [], ("left",))) == 4


def test_it_is_the_median_of_thirty_strides_of_each_of_the_first_two_bouts() -> None:
    strides, bouts = session(Design(noise_rad=0.02, bout_rad=0.01, delta_fast_rad=-0.2, speed=True))
    own = [s for s in strides if s.pace == "fast"]
    first, second = ([s for s in own if s.bout == bout][:30] for bout in (1, 3))
    found = fast_flexion(strides, bouts)

    assert (found.strides, found.needed) == (60, 60)
    assert found.value_rad == np.median([s.peak_flexion_rad for s in (*first, *second)])
    assert found.speed_m_s == pytest.approx(
        np.mean([s.speed_m_s or np.nan for s in (*first, *second)])
    )
    easy = only(
        fresh_baselines(strides, bouts), side="right", outcome="peak_extension", pace="easy"
    )
    assert easy.value_rad == pytest.approx(0.3)


def test_while_it_learns_it_says_how_far_it_has_come() -> None:
    strides, bouts = session(Design())
    fast = [s for s in strides if s.pace == "fast"]

    counts = [fast_flexion(fast[:n], bouts).strides for n in (0, 12, 30, 60, 72, 89, 90)]
    assert counts == [0, 12, 30, 30, 42, 59, 60]  # 60 strides in each bout, 30 are taken
    learning = fast_flexion(fast[:89], bouts)
    assert (learning.value_rad, learning.detectable_rad, learning.speed_m_s) == (None, None, None)
    assert fast_flexion(fast[:90], bouts).value_rad is not None


def test_a_bout_that_is_too_short_is_helped_by_the_next() -> None:
    strides, bouts = session(Design(bouts_each=6, per_bout=12))
    fast = [s for s in strides if s.pace == "fast"]

    assert fast_flexion(fast[:59], bouts).strides == 59
    assert fast_flexion(fast, bouts).strides == 60


def test_who_runs_at_one_pace_throughout_has_one_after_five_minutes() -> None:
    strides = strides_at(np.arange(0.0, 400.0, STRIDE_S), pace="fast", bout=0)
    bout = Bout(0, "fast", "laps", 0.0, 3000.0, None)
    before = [s for s in strides if s.t_peak_flexion_s < 300.0]

    assert fast_flexion(before, [bout]).strides == 30
    assert fast_flexion(strides, [bout]).strides == 60


@pytest.mark.parametrize(
    "aside",
    [
        {"quality": 0.0, "reasons": (Reason.GAP,)},
        {"gait": "walking"},
        {"bout": None},
        {"bout": 99},
        {"pace": "other"},
    ],
)
def test_strides_that_do_not_count_change_nothing(aside: dict[str, object]) -> None:
    strides, bouts = session(Design(noise_rad=0.02))
    wrong = [s._replace(peak_flexion_rad=9.0, **aside) for s in strides]  # type: ignore[arg-type]
    mixed = [s for pair in zip(wrong, strides, strict=True) for s in pair]

    assert fresh_baselines(mixed, bouts) == fresh_baselines(strides, bouts)


def test_speed_that_only_some_strides_have_is_theirs() -> None:
    strides, bouts = session(Design(speed=True))
    some = [s._replace(speed_m_s=4.0 if i % 7 == 0 else None) for i, s in enumerate(strides)]

    assert fast_flexion(some, bouts).speed_m_s == pytest.approx(4.0)
    assert fast_flexion([s._replace(speed_m_s=None) for s in some], bouts).speed_m_s is None


def test_what_stands_out_rests_on_the_bouts_even_of_a_runner_without_any_noise() -> None:
    """Two bouts alike prove little: what is usual counts twice as much, for both of them."""
    still = fast_flexion(*session(Design()))

    assert still.detectable_rad == pytest.approx(USUAL_RAD * (2 / 3 * 1.5) ** 0.5)
    assert still.detectable_rad is not None
    assert still.detectable_rad >= FLOOR_RAD


def detectable_deg(design: Design) -> float:
    found = [fast_flexion(*session(replace(design, seed=seed))) for seed in range(30)]
    return float(np.rad2deg(np.mean([b.detectable_rad or np.nan for b in found])))


def test_what_stands_out_grows_with_the_runners_own_variation() -> None:
    still = detectable_deg(Design())
    restless = detectable_deg(Design(noise_rad=rad_from_deg(3.0)))
    uneven = detectable_deg(Design(bout_rad=rad_from_deg(2.0)))

    assert restless > 1.8 * still
    assert uneven > 1.5 * still


def test_by_chance_one_median_of_five_in_twenty_stands_out() -> None:
    """Bouts and strides as they usually are: 30 runners, their later bouts against their first."""
    out = []
    for seed in range(30):
        design = Design(noise_rad=rad_from_deg(2.0), bout_rad=rad_from_deg(0.5), seed=seed)
        strides, bouts = session(replace(design, bouts_each=12, per_bout=40))
        found = fast_flexion(strides, bouts)
        assert found.value_rad is not None
        assert found.detectable_rad is not None
        later = [s.peak_flexion_rad for s in strides if s.pace == "fast"][80:]
        few = np.median(np.array(later).reshape(-1, 5), axis=1)
        out.append(np.abs(few - found.value_rad) > found.detectable_rad)

    assert 0.02 <= np.mean(out) <= 0.09


def test_a_wrong_neutral_pose_moves_the_baseline_and_not_what_stands_out() -> None:
    strides, bouts = session(Design(noise_rad=0.02, bout_rad=0.01))
    off = [s._replace(peak_flexion_rad=s.peak_flexion_rad + 0.17) for s in strides]
    one, other = fast_flexion(strides, bouts), fast_flexion(off, bouts)

    assert other.value_rad == pytest.approx((one.value_rad or 0.0) + 0.17)
    assert other.detectable_rad == pytest.approx(one.detectable_rad)


def test_mirrored_strides_have_mirrored_baselines() -> None:
    right, bouts = session(Design(noise_rad=0.02, bout_rad=0.01))
    left, _ = session(Design(noise_rad=0.03, side="left", seed=1))
    mirrored = [s._replace(side=OTHER_SIDE[s.side]) for s in (*left, *right)]
    there = {(b.side, b.outcome, b.pace): b for b in fresh_baselines([*left, *right], bouts)}

    for b in fresh_baselines(mirrored, bouts):
        side = OTHER_SIDE[b.side]
        assert replace(b, side=side) == there[side, b.outcome, b.pace]


LAPS = tuple(
    Lap(start, start + length, label)
    for start, length, label in (
        (0.0, 40.0, "easy"), (40.0, 30.0, "fast"), (70.0, 40.0, "easy"), (110.0, 15.0, "fast"),
        (125.0, 20.0, "rest"), (145.0, 40.0, "fast"), (185.0, 40.0, "easy"), (225.0, 50.0, "fast"),
    )
)  # fmt: skip


def run_until(now_s: float, strides: list[Stride]) -> tuple[Baseline, ...]:
    """Baselines as they are told during the run: the lap under way ends now."""
    laps = tuple(replace(lap, end_s=min(lap.end_s, now_s)) for lap in LAPS if lap.start_s < now_s)
    so_far = [s for s in strides if s.t_peak_flexion_s <= now_s]
    return fresh_baselines(*label_strides(so_far, PaceEvidence(laps=laps)))


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), looks=st.lists(st.floats(1.0, 300.0), max_size=8))
def test_once_complete_it_never_changes(seed: int, looks: list[float]) -> None:
    rng = np.random.default_rng(seed)
    times = np.arange(0.0, 275.0, STRIDE_S)
    strides = [
        s._replace(peak_flexion_rad=float(rng.normal(0.8, 0.05)), gait="running")
        for side in SIDES
        for s in strides_at(times.tolist(), side)
        if rng.random() < 0.95
    ]
    complete: dict[tuple[str, ...], Baseline] = {}
    counted: dict[tuple[str, ...], int] = {}
    for now_s in sorted([*looks, 140.0, 190.0, 230.0, 275.0]):
        for b in run_until(now_s, strides):
            key = (b.side, b.outcome, b.pace)
            assert b.strides >= counted.get(key, 0)
            counted[key] = b.strides
            assert complete.get(key, b) == b
            if b.value_rad is not None:
                complete[key] = b

    assert len(complete) == 8
