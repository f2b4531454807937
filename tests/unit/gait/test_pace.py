"""Pace comes from laps, place from time – and nothing from any angle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import Lap, Reason, SpeedTrack, Stride
from hipimu.gait import label_strides
from tests.unit.strides import STRIDE_S, stride, strides_at

LAPS = (Lap(10.0, 40.0, "easy"), Lap(40.0, 70.0, "fast"), Lap(80.0, 110.0, "easy"))
TIMES = np.arange(1.0, 120.0, STRIDE_S)
ANGLES = tuple(name for name in Stride._fields if name.endswith("_rad"))
LABELS = ("pace", "bout", "speed_m_s", "moving_fraction", "quality", "reasons")


def track(*points: tuple[float, float]) -> SpeedTrack:
    t_s, speed = np.array(points).T
    return SpeedTrack(t_s, speed)


def both_sides() -> list[Stride]:
    return [*strides_at(TIMES, "left"), *strides_at(TIMES + 0.5 * STRIDE_S, "right")]


def labels(strides: tuple[Stride, ...]) -> list[tuple[object, ...]]:
    return [tuple(getattr(s, name) for name in LABELS) for s in strides]


def test_laps_become_bouts() -> None:
    _, bouts = label_strides(strides_at(TIMES), LAPS, None)

    assert [(b.bout, b.pace, b.start_s, b.end_s) for b in bouts] == [
        (0, "easy", 10.0, 40.0),
        (1, "fast", 40.0, 70.0),
        (2, "easy", 80.0, 110.0),
    ]
    assert {b.pace_source for b in bouts} == {"laps"}
    assert {b.speed_m_s for b in bouts} == {None}


def test_every_stride_belongs_to_the_lap_of_its_peak_flexion() -> None:
    strides, bouts = label_strides(both_sides(), LAPS, None)

    for s in strides:
        inside = [b for b in bouts if b.start_s <= s.t_peak_flexion_s < b.end_s]
        assert s.bout == (inside[0].bout if inside else None)
        assert s.pace == (inside[0].pace if inside else "other")


def test_strides_outside_laps_are_kept_without_a_bout() -> None:
    strides, _ = label_strides(strides_at([5.0, 75.0, 115.0]), LAPS, None)

    assert [(s.bout, s.pace, s.reasons, s.quality) for s in strides] == [
        (None, "other", (), 1.0)
    ] * 3


@pytest.mark.parametrize(
    ("label", "pace"),
    [("FAST", "fast"), ("  Easy ", "easy"), ("easy", "easy"), ("recovery", "other"), ("", "other")],
)
def test_labels_are_read_whatever_their_case(label: str, pace: str) -> None:
    strides, bouts = label_strides(strides_at([15.0]), [Lap(10.0, 40.0, label)], None)

    assert (bouts[0].pace, bouts[0].label) == (pace, label)
    assert strides[0].pace == pace


def test_laps_may_come_in_any_order() -> None:
    strides = strides_at(TIMES)

    one, other = (label_strides(strides, laps, None) for laps in (LAPS, LAPS[::-1]))
    assert labels(one[0]) == labels(other[0])
    assert [b.start_s for b in other[1]] == [10.0, 40.0, 80.0]


def test_five_strides_at_each_end_of_a_bout_are_set_aside_on_each_side() -> None:
    strides, _ = label_strides(both_sides(), LAPS, None)
    for side in ("left", "right"):
        for bout in range(3):
            own = [s for s in strides if s.side == side and s.bout == bout]
            aside = [Reason.TRANSITION in s.reasons for s in own]
            assert aside == [True] * 5 + [False] * (len(own) - 10) + [True] * 5
            assert [s.quality for s in own] == [0.0 if a else 1.0 for a in aside]


def test_a_bout_of_ten_strides_is_all_transition() -> None:
    strides, _ = label_strides(strides_at(np.arange(10) + 11.0), LAPS[:1], None)

    assert all(s.reasons == (Reason.TRANSITION,) for s in strides)


def test_walking_is_set_aside_with_what_was_known_before() -> None:
    walking = [
        stride(20.0, gait="walking"),
        stride(21.0, gait="walking", quality=0.5, reasons=(Reason.CLIPPED,)),
    ]
    strides, _ = label_strides(walking, (), None)

    assert [s.reasons for s in strides] == [(Reason.WALKING,), (Reason.CLIPPED, Reason.WALKING)]
    assert [s.quality for s in strides] == [0.0, 0.0]


def test_what_was_wrong_before_stays_wrong() -> None:
    marked = stride(25.0, quality=0.5, reasons=(Reason.CLIPPED,))
    others = strides_at(np.arange(11.0, 39.0))
    strides, _ = label_strides(
        sorted([*others, marked], key=lambda s: s.t_peak_flexion_s), LAPS, None
    )
    (own,) = [s for s in strides if s.reasons == (Reason.CLIPPED,)]

    assert (own.quality, own.bout) == (0.5, 0)


def test_without_laps_uninterrupted_runs_are_bouts_of_unknown_pace() -> None:
    runs = [*np.arange(5.0, 20.0, STRIDE_S), *np.arange(30.0, 50.0, STRIDE_S)]
    walk = strides_at(np.arange(20.5, 29.5), gait="walking")
    strides, bouts = label_strides([*strides_at(runs), *walk], (), None)

    assert [(b.pace, b.pace_source, b.bout) for b in bouts] == [
        ("other", "none", 0),
        ("other", "none", 1),
    ]
    assert [b.start_s for b in bouts] == [5.0, 30.0]
    for s in strides:
        if s.gait == "running":
            assert s.bout == (0 if s.t_peak_flexion_s < 25 else 1)  # the last one included
            assert s.reasons == ()
        else:
            assert s.bout is None


def test_without_laps_and_without_running_there_are_no_bouts() -> None:
    strides, bouts = label_strides(strides_at([1.0, 2.0], gait="walking"), (), None)

    assert bouts == ()
    assert [s.bout for s in strides] == [None, None]


def test_no_strides_at_all() -> None:
    assert label_strides([], (), None) == ((), ())
    assert len(label_strides([], LAPS, None)[1]) == 3


def test_speed_is_interpolated_and_unknown_beyond_its_track() -> None:
    speed = track((10.0, 3.0), (20.0, 4.0), (30.0, 4.0))
    strides, bouts = label_strides(strides_at([9.9, 10.0, 12.5, 25.0, 30.5, 31.5]), LAPS, speed)

    assert [s.speed_m_s for s in strides] == [None, 3.0, 3.25, 4.0, 4.0, None]
    assert bouts[0].speed_m_s == pytest.approx(11.0 / 3.0)
    assert bouts[2].speed_m_s is None


def test_the_moving_fraction_counts_running_time_only() -> None:
    """Twenty strides, a rest of 100 s, a walk, twenty strides: half way is where the rest was."""
    first, second = np.arange(20) * STRIDE_S, np.arange(20) * STRIDE_S + 115.0
    runs = strides_at([*first, *second])
    runs[0], runs[20] = runs[0]._replace(stride_time_s=None), runs[20]._replace(stride_time_s=None)
    walk = strides_at(np.arange(40.0, 60.0), gait="walking")
    strides, _ = label_strides(sorted([*runs, *walk], key=lambda s: s.t_peak_flexion_s), (), None)
    fraction = [s.moving_fraction for s in strides if s.gait == "running"]

    assert fraction[0] == 0.0
    assert fraction[-1] == 1.0
    assert fraction[19] == pytest.approx(0.5)
    assert fraction[20] == pytest.approx(0.5)
    walking = [s.moving_fraction for s in strides if s.gait == "walking"]
    assert walking == pytest.approx([0.5] * 20)


@given(st.lists(st.floats(0.4, 6.0), min_size=1, max_size=40), st.integers(0, 5))
def test_the_moving_fraction_runs_from_0_to_1_and_never_back(steps: list[float], lost: int) -> None:
    times = np.cumsum(steps)
    left = [
        s._replace(stride_time_s=step if step < 1.3 else None)
        for s, step in zip(strides_at(times, "left"), steps, strict=True)
    ]
    right = strides_at(times[lost:] + 0.2, "right")
    strides, _ = label_strides([*left, *right], (), None)
    for side in ("left", "right"):
        fraction = np.array([s.moving_fraction for s in strides if s.side == side], dtype=float)
        assert np.all((fraction >= 0.0) & (fraction <= 1.0))
        assert np.all(np.diff(fraction) >= 0.0)


def test_both_sides_share_one_clock_of_effort() -> None:
    """Where strides of one side were lost, the other side's time counts."""
    left, right = strides_at(TIMES, "left"), strides_at(TIMES[60:], "right")
    strides, _ = label_strides([*left, *right], (), None)
    at = {
        side: {s.t_peak_flexion_s: s.moving_fraction for s in strides if s.side == side}
        for side in ("left", "right")
    }

    for t_s, fraction in at["right"].items():
        assert fraction == at["left"][t_s]


def _with_other_angles(own: Stride, random: np.random.Generator) -> Stride:
    changes: dict[str, Any] = {name: float(random.normal(0.0, 3.0)) for name in ANGLES}
    return own._replace(**changes)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_no_angle_has_a_say_in_any_label(seed: int, with_laps: bool) -> None:
    """Guard against circularity: the question is about angles, so labels may not know them."""
    random = np.random.default_rng(seed)
    before = both_sides()
    after = [_with_other_angles(s, random) for s in before]
    laps, speed = (LAPS if with_laps else ()), track((0.0, 3.0), (120.0, 4.0))
    one, one_bouts = label_strides(before, laps, speed)
    other, other_bouts = label_strides(after, laps, speed)

    assert len(ANGLES) >= 8
    assert labels(one) == labels(other)
    assert one_bouts == other_bouts


def test_what_was_measured_is_left_as_it_was_and_sides_come_in_order() -> None:
    before = [*strides_at(TIMES, "right", peak_flexion_rad=0.9), *strides_at(TIMES, "left")]
    after, _ = label_strides(before, LAPS, None)
    measured = [name for name in Stride._fields if name not in LABELS]

    assert [s.side for s in after] == ["left"] * len(TIMES) + ["right"] * len(TIMES)
    for own, labelled in zip([*before[len(TIMES) :], *before[: len(TIMES)]], after, strict=True):
        assert all(getattr(own, name) == getattr(labelled, name) for name in measured)
