"""A watch's laps: edges where the runner cut them, nothing where the watch did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest

from hipimu.data import Bout, PaceEvidence, WatchLap
from hipimu.gait import label_strides
from tests.paces import INTERVALS, Part, speeds, strides_over, watch_file

Trigger = Literal["manual", "distance", "time", "session_end", "unknown"]


def workout(
    parts: Sequence[Part],
    trigger: Trigger = "manual",
    slow: str | None = None,
    fast: str | None = None,
) -> list[WatchLap]:
    """One lap a part; parts above 4 m/s are the fast ones."""
    ends = np.cumsum([duration for duration, _ in parts]).tolist()
    laps = [
        WatchLap(end - duration, end, trigger, fast if speed > 4.0 else slow, duration * speed)
        for (duration, speed), end in zip(parts, ends, strict=True)
    ]
    return [*laps[:-1], replace(laps[-1], trigger="session_end")]


def bouts_of(parts: Sequence[Part], laps: Sequence[WatchLap]) -> tuple[Bout, ...]:
    evidence = PaceEvidence(activity=watch_file(parts, laps))
    return label_strides(strides_over(sum(duration for duration, _ in parts)), evidence)[1]


def sources(bouts: Sequence[Bout]) -> set[str]:
    return {bout.pace_source for bout in bouts}


@pytest.mark.parametrize("trigger", ["manual", "unknown"])
def test_laps_that_the_runner_cut_are_the_edges(trigger: Trigger) -> None:
    bouts = bouts_of(INTERVALS, workout(INTERVALS, trigger))

    assert sources(bouts) == {"watch_laps"}
    assert [bout.pace for bout in bouts] == ["easy", "fast"] * 6
    edges = np.cumsum([duration for duration, _ in INTERVALS])
    assert [bout.end_s for bout in bouts[:-1]] == edges[:-1].tolist()
    assert [bout.start_s for bout in bouts[1:]] == edges[:-1].tolist()
    assert [bout.speed_m_s for bout in bouts] == pytest.approx([3.0, 5.0] * 6)


@pytest.mark.parametrize("trigger", ["time", "distance"])
def test_steps_of_a_workout_are_the_runner_s_whatever_ended_them(trigger: Trigger) -> None:
    bouts = bouts_of(INTERVALS, workout(INTERVALS, trigger, slow="recovery", fast="active"))

    assert sources(bouts) == {"watch_laps"}
    assert [(bout.pace, bout.label) for bout in bouts] == [
        ("easy", "recovery"),
        ("fast", "active"),
    ] * 6


@pytest.mark.parametrize("trigger", ["time", "distance"])
def test_laps_that_the_watch_cut_are_not_used(trigger: Trigger) -> None:
    kilometres = [WatchLap(t, t + 300.0, trigger) for t in np.arange(0.0, 1080.0, 300.0).tolist()]
    bouts = bouts_of(INTERVALS, kilometres)

    assert sources(bouts) == {"speed"}
    assert len(bouts) == 12


@pytest.mark.parametrize("trigger", ["time", "distance"])
def test_nor_where_they_happen_to_fit(trigger: Trigger) -> None:
    minutes = [WatchLap(t, t + 60.0, trigger) for t in np.arange(0.0, 1080.0, 60.0).tolist()]

    assert sources(bouts_of(INTERVALS, minutes)) == {"speed"}


def test_laps_with_two_paces_inside_are_not_used() -> None:
    """The runner pressed at the start of each fast part only."""
    pressed = [WatchLap(120.0 + 180.0 * i, 300.0 + 180.0 * i, "manual") for i in range(6)]
    bouts = bouts_of(INTERVALS, [WatchLap(0.0, 120.0, "manual"), *pressed])

    assert sources(bouts) == {"speed"}
    assert len(bouts) == 12


def test_a_steady_run_with_laps_has_one_pace() -> None:
    parts = [(300.0, 3.0)] * 6
    bouts = bouts_of(parts, workout(parts))

    assert [(bout.pace, bout.pace_source) for bout in bouts] == [("other", "speed")]


def test_laps_of_one_pace_that_follow_each_other_are_one_bout() -> None:
    parts = [(90.0, 3.0), (90.0, 3.1), (90.0, 5.0)] * 3
    bouts = bouts_of(parts, workout(parts))

    assert sources(bouts) == {"watch_laps"}
    assert [(bout.start_s, bout.end_s) for bout in bouts[1:3]] == [(180.0, 270.0), (270.0, 450.0)]
    assert [bout.pace for bout in bouts] == ["easy", "fast"] * 3


def test_recovery_is_never_fast_and_standing_rest_is_no_bout() -> None:
    """A cool-down lap that was raced is neither pace; rest was spent standing."""
    parts = [(120.0, 3.0), (60.0, 5.0), (60.0, 0.0)] * 4 + [(120.0, 5.0)]
    laps = workout(parts, "time", slow="recovery", fast="interval")
    laps = [
        replace(lap, intensity="rest" if speed == 0.0 else lap.intensity)
        for lap, (_, speed) in zip(laps, parts, strict=True)
    ]
    laps[-1] = replace(laps[-1], intensity="cooldown")
    moving = np.append(speeds(parts), 0.0) > 0
    strides = [s for s in strides_over(1080.0) if moving[int(s.t_peak_flexion_s)]]
    _, bouts = label_strides(strides, PaceEvidence(activity=watch_file(parts, laps)))

    assert sources(bouts) == {"watch_laps"}
    assert [bout.pace for bout in bouts] == ["easy", "fast"] * 4 + ["other"]
    assert [bout.label for bout in bouts] == ["recovery", "interval"] * 4 + ["cooldown"]


def test_walking_inside_a_lap_is_cut_out() -> None:
    strides = strides_over(1080.0)
    walked = [
        s._replace(gait="walking") if 20.0 < s.t_peak_flexion_s < 60.0 else s for s in strides
    ]
    evidence = PaceEvidence(activity=watch_file(INTERVALS, workout(INTERVALS)))
    labelled, bouts = label_strides(walked, evidence)

    assert bouts[0].pace == "easy"
    assert bouts[0].start_s == pytest.approx(60.0, abs=1.0)  # 20 s before it are no bout
    assert all(s.bout is None for s in labelled if s.gait == "walking")


def test_laps_in_any_order_and_on_top_of_each_other_do_no_harm() -> None:
    laps = workout(INTERVALS)
    twice = [*laps[::-1], WatchLap(100.0, 400.0, "manual"), WatchLap(50.0, 50.0, "manual")]
    bouts = bouts_of(INTERVALS, twice)

    assert bouts
    assert all(one.start_s <= next_.start_s for one, next_ in pairwise(bouts))
