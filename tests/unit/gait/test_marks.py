"""Lap buttons become laps."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import MARKS, Lap, Mark
from hipimu.gait import laps_of_marks

S = 1_000_000_000


def test_a_lap_lasts_until_the_next() -> None:
    marks = [Mark("easy", 10 * S), Mark("fast", 70 * S), Mark("rest", 100 * S)]
    assert laps_of_marks(marks, 130.0) == (
        Lap(10.0, 70.0, "easy"),
        Lap(70.0, 100.0, "fast"),
        Lap(100.0, 130.0, "rest"),
    )


def test_undo_takes_back_one_after_the_other() -> None:
    marks = [Mark("easy", 10 * S), Mark("fast", 70 * S), Mark("rest", 80 * S)]
    undo = Mark("undo", 90 * S)
    assert laps_of_marks([*marks, undo], 100.0)[-1] == Lap(70.0, 100.0, "fast")
    assert laps_of_marks([*marks, undo, undo], 100.0) == (Lap(10.0, 100.0, "easy"),)
    assert laps_of_marks([*marks, *[undo] * 5], 100.0) == ()


def test_what_is_corrected_at_once_never_was() -> None:
    marks = [Mark("easy", 10 * S), Mark("fast", 70 * S), Mark("rest", 70 * S + S // 2)]
    assert laps_of_marks(marks, 100.0)[-1] == Lap(70.5, 100.0, "rest")


def test_the_same_button_again_begins_no_lap() -> None:
    marks = [Mark("easy", 10 * S), Mark("easy", 40 * S)]
    assert laps_of_marks(marks, 100.0) == (Lap(10.0, 100.0, "easy"),)


@given(st.lists(st.tuples(st.sampled_from(MARKS), st.integers(0, 1000)), max_size=30))
def test_laps_never_overlap(pressed: list[tuple[str, int]]) -> None:
    ordered = sorted(at for _, at in pressed)
    marks = [
        Mark(kind, at * S // 4)  # type: ignore[arg-type]
        for (kind, _), at in zip(pressed, ordered, strict=True)
    ]
    laps = laps_of_marks(marks, 300.0)
    for lap, following in pairwise(laps):
        assert lap.end_s == following.start_s
        assert lap.label != following.label
    assert all(lap.end_s > lap.start_s for lap in laps)
