"""Which strides count, and what they are averaged over."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from hipimu.data import Bout, Pace, Reason, Stride
from hipimu.strength.columns import both_sides, run_of
from tests.unit.strides import stride

LONG = Bout(0, "easy", "laps", 0.0, 3000.0, None)


def row(count: int, **changes: object) -> list[Stride]:
    """Strides of one bout, spread over the run."""
    given = {"pace": "easy", "bout": 0} | changes
    return [
        stride(0.75 * i, moving_fraction=i / max(count - 1, 1), **given) for i in range(1, count)
    ]


def test_only_usable_labelled_strides_in_long_bouts_count() -> None:
    good = row(20)
    bad = [
        good[0]._replace(quality=0.0, reasons=(Reason.GAP,)),
        good[1]._replace(gait="walking"),
        good[2]._replace(bout=None),
        good[3]._replace(pace="other"),
        good[4]._replace(bout=7),
        good[5]._replace(moving_fraction=None),
        good[6]._replace(t_peak_flexion_s=float("nan")),
    ]
    bouts = (LONG, Bout(7, "easy", "laps", 3000.0, 3028.0, None))
    run = run_of([*good, *bad], bouts, ["right"])
    assert run.paces == ("easy", "fast")
    assert len(run.sides["right"].fraction) == len(good)


def test_strides_are_put_in_order_of_time_and_what_is_unknown_is_nan() -> None:
    given = row(10)
    run = run_of([s._replace(speed_m_s=None) for s in given[::-1]], (LONG,), ["right"])
    columns = run.sides["right"]
    assert_array_equal(columns.t_peak_flexion_s, [s.t_peak_flexion_s for s in given])
    assert np.isnan(columns.speed_m_s).all()


def test_without_labels_all_running_is_of_one_pace() -> None:
    run = run_of(row(10, pace="other"), (LONG,), ["right"])
    assert run.paces == ("other",)
    assert len(run.sides["right"].fraction) == 9


@pytest.mark.parametrize(("minutes", "pieces"), [(4.9, 1), (5.1, 3), (14, 3), (16, 4), (60, 12)])
@pytest.mark.parametrize("pace", ["easy", "other"])
def test_long_bouts_are_cut_where_there_are_too_few(
    minutes: float, pieces: int, pace: Pace
) -> None:
    strides = row(round(minutes * 80) + 1, pace=pace)
    run = run_of(strides, (LONG,), ["right"])
    strides_each = np.unique(run.sides["right"].unit, return_counts=True)[1]
    assert len(strides_each) == pieces
    assert np.ptp(strides_each) <= 2
    assert run.cut == (frozenset([pace]) if pieces > 1 else frozenset())
    assert run.moving_s == pytest.approx(60 * minutes, abs=2)


def test_three_bouts_are_enough_and_stay_whole() -> None:
    strides = [s._replace(bout=i % 3) for i, s in enumerate(row(2400))]
    bouts = tuple(Bout(i, "easy", "laps", 0.0, 3000.0, None) for i in range(3))
    run = run_of(strides, bouts, ["right"])
    assert len(np.unique(run.sides["right"].unit)) == 3
    assert not run.cut


def test_both_sides_are_cut_at_the_same_moments() -> None:
    right = row(1200)
    left = [s._replace(side="left", t_peak_flexion_s=s.t_peak_flexion_s + 0.37) for s in right]
    run = run_of([*left, *right], (LONG,), ["left", "right"])
    assert_array_equal(run.sides["left"].unit, run.sides["right"].unit)
    together = both_sides(run)
    assert (np.diff(together.t_peak_flexion_s) > 0).all()
    assert len(together.fraction) == len(left) + len(right)


def test_nothing_at_all() -> None:
    run = run_of([], (), [])
    assert run.sides == {}
    assert run.moving_s == 0.0
    run = run_of([], (), ["left"])
    assert len(both_sides(run).fraction) == 0
