"""What labelling puts on strides, and where it takes it from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import Activity, Lap, PaceEvidence, PelvisRhythm, Reason, SpeedTrack, Stride
from hipimu.gait import label_strides
from tests.paces import INTERVALS, strides_over, watch_file
from tests.paces import track as even_track
from tests.unit.strides import STRIDE_S, stride, strides_at

LAPS = (Lap(10.0, 40.0, "easy"), Lap(40.0, 70.0, "fast"), Lap(80.0, 110.0, "easy"))
TIMES = np.arange(1.0, 120.0, STRIDE_S)
LABELS = (
    "pace",
    "bout",
    "speed_m_s",
    "moving_fraction",
    "quality",
    "reasons",
    "grade",
    "heart_rate_bpm",
)


def track(*points: tuple[float, float]) -> SpeedTrack:
    t_s, speed = np.array(points).T
    return SpeedTrack(t_s, speed)


def both_sides() -> list[Stride]:
    return [*strides_at(TIMES, "left"), *strides_at(TIMES + 0.5 * STRIDE_S, "right")]


def labels(strides: tuple[Stride, ...]) -> list[tuple[object, ...]]:
    return [tuple(getattr(s, name) for name in LABELS) for s in strides]


def test_laps_become_bouts() -> None:
    _, bouts = label_strides(strides_at(TIMES), PaceEvidence(LAPS))

    assert [(b.bout, b.pace, b.start_s, b.end_s) for b in bouts] == [
        (0, "easy", 10.0, 40.0),
        (1, "fast", 40.0, 70.0),
        (2, "easy", 80.0, 110.0),
    ]
    assert {b.pace_source for b in bouts} == {"laps"}
    assert {b.speed_m_s for b in bouts} == {None}


def test_every_stride_belongs_to_the_lap_of_its_peak_flexion() -> None:
    strides, bouts = label_strides(both_sides(), PaceEvidence(LAPS))

    for s in strides:
        inside = [b for b in bouts if b.start_s <= s.t_peak_flexion_s < b.end_s]
        assert s.bout == (inside[0].bout if inside else None)
        assert s.pace == (inside[0].pace if inside else "other")


def test_strides_outside_laps_are_kept_without_a_bout() -> None:
    strides, _ = label_strides(strides_at([5.0, 75.0, 115.0]), PaceEvidence(LAPS))

    assert [(s.bout, s.pace, s.reasons, s.quality) for s in strides] == [
        (None, "other", (), 1.0)
    ] * 3


@pytest.mark.parametrize(
    ("label", "pace"),
    [("FAST", "fast"), ("  Easy ", "easy"), ("easy", "easy"), ("recovery", "other"), ("", "other")],
)
def test_labels_are_read_whatever_their_case(label: str, pace: str) -> None:
    strides, bouts = label_strides(strides_at([15.0]), PaceEvidence((Lap(10.0, 40.0, label),)))

    assert (bouts[0].pace, bouts[0].label) == (pace, label)
    assert strides[0].pace == pace


def test_laps_may_come_in_any_order() -> None:
    strides = strides_at(TIMES)

    one, other = (label_strides(strides, PaceEvidence(laps)) for laps in (LAPS, LAPS[::-1]))
    assert labels(one[0]) == labels(other[0])
    assert [b.start_s for b in other[1]] == [10.0, 40.0, 80.0]


def test_five_strides_at_each_end_of_a_bout_are_set_aside_on_each_side() -> None:
    strides, _ = label_strides(both_sides(), PaceEvidence(LAPS))
    for side in ("left", "right"):
        for bout in range(3):
            own = [s for s in strides if s.side == side and s.bout == bout]
            aside = [Reason.TRANSITION in s.reasons for s in own]
            assert aside == [True] * 5 + [False] * (len(own) - 10) + [True] * 5
            assert [s.quality for s in own] == [0.0 if a else 1.0 for a in aside]


def test_a_bout_of_ten_strides_is_all_transition() -> None:
    strides, _ = label_strides(strides_at(np.arange(10) + 11.0), PaceEvidence(LAPS[:1]))

    assert all(s.reasons == (Reason.TRANSITION,) for s in strides)


def test_walking_is_set_aside_with_what_was_known_before() -> None:
    walking = [
        stride(20.0, gait="walking"),
        stride(21.0, gait="walking", quality=0.5, reasons=(Reason.CLIPPED,)),
    ]
    strides, _ = label_strides(walking, PaceEvidence())

    assert [s.reasons for s in strides] == [(Reason.WALKING,), (Reason.CLIPPED, Reason.WALKING)]
    assert [s.quality for s in strides] == [0.0, 0.0]


def test_what_was_wrong_before_stays_wrong() -> None:
    marked = stride(25.0, quality=0.5, reasons=(Reason.CLIPPED,))
    others = strides_at(np.arange(11.0, 39.0))
    strides, _ = label_strides(
        sorted([*others, marked], key=lambda s: s.t_peak_flexion_s), PaceEvidence(LAPS)
    )
    (own,) = [s for s in strides if s.reasons == (Reason.CLIPPED,)]

    assert (own.quality, own.bout) == (0.5, 0)


def test_without_laps_uninterrupted_runs_are_bouts_of_unknown_pace() -> None:
    runs = [*np.arange(5.0, 20.0, STRIDE_S), *np.arange(30.0, 50.0, STRIDE_S)]
    walk = strides_at(np.arange(20.5, 29.5), gait="walking")
    strides, bouts = label_strides([*strides_at(runs), *walk], PaceEvidence())

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
    strides, bouts = label_strides(strides_at([1.0, 2.0], gait="walking"), PaceEvidence())

    assert bouts == ()
    assert [s.bout for s in strides] == [None, None]


def test_no_strides_at_all() -> None:
    assert label_strides([], PaceEvidence()) == ((), ())
    assert len(label_strides([], PaceEvidence(LAPS))[1]) == 3


def test_speed_is_interpolated_and_unknown_beyond_its_track() -> None:
    speed = track((10.0, 3.0), (20.0, 4.0), (30.0, 4.0))
    times = [9.9, 10.0, 12.5, 25.0, 30.5, 31.5]
    strides, bouts = label_strides(strides_at(times), PaceEvidence(LAPS, speed=speed))

    assert [s.speed_m_s for s in strides] == [None, 3.0, 3.25, 4.0, 4.0, None]
    assert bouts[0].speed_m_s == pytest.approx(11.0 / 3.0)
    assert bouts[2].speed_m_s is None


def test_the_moving_fraction_counts_running_time_only() -> None:
    """Twenty strides, a rest of 100 s, a walk, twenty strides: half way is where the rest was."""
    first, second = np.arange(20) * STRIDE_S, np.arange(20) * STRIDE_S + 115.0
    runs = strides_at([*first, *second])
    runs[0], runs[20] = runs[0]._replace(stride_time_s=None), runs[20]._replace(stride_time_s=None)
    walk = strides_at(np.arange(40.0, 60.0), gait="walking")
    in_order = sorted([*runs, *walk], key=lambda s: s.t_peak_flexion_s)
    strides, _ = label_strides(in_order, PaceEvidence())
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
    strides, _ = label_strides([*left, *right], PaceEvidence())
    for side in ("left", "right"):
        fraction = np.array([s.moving_fraction for s in strides if s.side == side], dtype=float)
        assert np.all((fraction >= 0.0) & (fraction <= 1.0))
        assert np.all(np.diff(fraction) >= 0.0)


def test_both_sides_share_one_clock_of_effort() -> None:
    """Where strides of one side were lost, the other side's time counts."""
    left, right = strides_at(TIMES, "left"), strides_at(TIMES[60:], "right")
    strides, _ = label_strides([*left, *right], PaceEvidence())
    at = {
        side: {s.t_peak_flexion_s: s.moving_fraction for s in strides if s.side == side}
        for side in ("left", "right")
    }

    for t_s, fraction in at["right"].items():
        assert fraction == at["left"][t_s]


def test_what_was_measured_is_left_as_it_was_and_sides_come_in_order() -> None:
    before = [*strides_at(TIMES, "right", peak_flexion_rad=0.9), *strides_at(TIMES, "left")]
    after, _ = label_strides(before, PaceEvidence(LAPS))
    measured = [name for name in Stride._fields if name not in LABELS]

    assert [s.side for s in after] == ["left"] * len(TIMES) + ["right"] * len(TIMES)
    for own, labelled in zip([*before[len(TIMES) :], *before[: len(TIMES)]], after, strict=True):
        assert all(getattr(own, name) == getattr(labelled, name) for name in measured)


def test_speed_comes_from_the_watch_where_there_is_no_speed_csv() -> None:
    watch = watch_file([(120.0, 3.5)])
    strides, bouts = label_strides(strides_at(TIMES), PaceEvidence(LAPS, watch))

    assert {s.speed_m_s for s in strides} == {3.5}
    assert [b.speed_m_s for b in bouts] == pytest.approx([3.5] * 3)
    assert {b.pace_source for b in bouts} == {"laps"}


def test_speed_csv_beats_the_watch() -> None:
    evidence = PaceEvidence(LAPS, watch_file([(120.0, 3.5)]), even_track([(120.0, 3.0)]))
    strides, bouts = label_strides(strides_at(TIMES), evidence)

    assert {s.speed_m_s for s in strides} == {3.0}
    assert [b.speed_m_s for b in bouts] == [3.0] * 3


def test_speed_is_of_one_source_and_of_one_that_knows_half_the_run() -> None:
    """Where speed.csv covers a third, the watch is used for all: two sources differ."""
    evidence = PaceEvidence(LAPS, watch_file([(120.0, 3.5)]), track((0.0, 3.0), (40.0, 3.0)))
    strides, _ = label_strides(strides_at(TIMES), evidence)

    assert {s.speed_m_s for s in strides} == {3.5}


def test_a_short_speed_csv_is_better_than_nothing() -> None:
    strides, _ = label_strides(
        strides_at(TIMES), PaceEvidence(LAPS, speed=track((0.0, 3.0), (40.0, 3.0)))
    )

    assert [s.speed_m_s for s in strides] == [3.0 if t <= 41.0 else None for t in TIMES]


def test_what_the_watch_does_not_know_is_none_and_never_nan() -> None:
    """Speed is missing for 40 s, grade from 60 s on; heart rate was never worn."""
    speed, grade = np.full(120, 3.5), np.full(120, 0.02)
    speed[30:70], grade[60:] = np.nan, np.nan
    watch = watch_file([(120.0, 3.5)], speed_m_s=speed, grade=grade)
    strides, _ = label_strides(strides_at(TIMES), PaceEvidence(LAPS, watch))

    for s in strides:
        t_s = s.t_peak_flexion_s
        assert s.speed_m_s == (None if 29.0 < t_s < 70.0 else 3.5)
        assert s.grade == (0.02 if t_s <= 60.0 else None)
        assert s.heart_rate_bpm is None


def test_heart_rate_lies_between_the_points_of_the_watch() -> None:
    rate = np.linspace(100.0, 219.0, 120)
    watch = watch_file([(120.0, 3.5)], heart_rate_bpm=rate)
    strides, _ = label_strides(strides_at([10.25]), PaceEvidence(activity=watch))

    assert strides[0].heart_rate_bpm == pytest.approx(110.25)


@pytest.mark.parametrize(
    "watch",
    [
        watch_file([(120.0, 3.5)], speed_m_s=np.full(120, np.nan)),
        watch_file([(120.0, 3.5)]).shifted(1e6),
        watch_file((), t_s=np.empty(0)),
    ],
    ids=["no speed", "another day", "empty"],
)
def test_a_watch_that_knows_nothing_is_as_none(watch: Activity) -> None:
    nothing = PelvisRhythm(np.empty(0), np.empty(0), np.empty(0))
    silent = PaceEvidence(activity=watch, pelvis=nothing)
    one, one_bouts = label_strides(both_sides(), silent)
    other, other_bouts = label_strides(both_sides(), PaceEvidence())

    assert labels(one) == labels(other)
    assert one_bouts == other_bouts
    assert {b.pace_source for b in one_bouts} == {"none"}


def test_settling_is_set_aside_by_time_where_no_one_labelled_laps() -> None:
    evidence = PaceEvidence(speed=even_track(INTERVALS))
    strides, bouts = label_strides(strides_over(1080.0), evidence)

    assert [b.pace for b in bouts] == ["easy", "fast"] * 6
    for s in strides:
        assert s.bout is not None
        bout = bouts[s.bout]
        settled = bout.start_s + 15.0 <= s.t_peak_flexion_s < bout.end_s - 15.0
        assert (Reason.TRANSITION in s.reasons) == (not settled)
        assert s.usable() == settled
        assert s.pace == bout.pace


def test_half_of_a_short_bout_stays() -> None:
    parts = [(40.0, 3.0), (40.0, 5.0)] * 4
    strides, bouts = label_strides(strides_over(320.0), PaceEvidence(speed=even_track(parts)))

    assert [b.pace for b in bouts] == ["easy", "fast"] * 4
    for bout in bouts:
        kept = [s.t_peak_flexion_s for s in strides if s.bout == bout.bout and s.usable()]
        duration = bout.end_s - bout.start_s
        assert max(kept) - min(kept) == pytest.approx(0.5 * duration, abs=2 * STRIDE_S)
