"""Pace is what a person says, or else what a foot pod tells, or unknown."""

from __future__ import annotations

import numpy as np
import pytest

from hipimu.data import Beside, Bout, Mark
from hipimu.pipeline.pace_now import PaceNow

BOUTS = (
    Bout(0, "easy", "speed", 0.0, 60.0, 3.0),
    Bout(1, "fast", "speed", 60.0, 100.0, 5.0),
    Bout(2, "other", "speed", 100.0, 130.0, 1.0),
)


def speed(t_s: float, speed_m_s: float) -> Beside:
    return Beside("foot_pod", np.array([t_s]), {"speed_m_s": np.array([speed_m_s])})


def mark(kind: str, t_s: float) -> Mark:
    return Mark(kind, round(t_s * 1e9))  # type: ignore[arg-type]


def test_nobody_says() -> None:
    assert PaceNow().pace(10.0, BOUTS) == (None, "none")


@pytest.mark.parametrize(("kind", "pace"), [("easy", "easy"), ("fast", "fast"), ("rest", "other")])
def test_a_button_says_whatever_the_foot_pod_does(kind: str, pace: str) -> None:
    now = PaceNow()
    now.take([mark(kind, 5.0)], [speed(9.0, 5.0)])
    assert now.pace(10.0, BOUTS) == (pace, "button")


def test_undoing_the_only_mark_leaves_it_unknown() -> None:
    now = PaceNow()
    now.take([mark("fast", 5.0), mark("undo", 6.0)], [])
    assert now.pace(10.0, BOUTS) == (None, "none")


def test_speed_says_once_both_paces_are_known() -> None:
    now = PaceNow()
    now.take([], [speed(9.0, 4.9)])
    assert now.pace(10.0, BOUTS[:1]) == (None, "none")
    assert now.pace(10.0, BOUTS) == ("fast", "foot_pod")


def test_near_the_middle_the_pace_stays_what_it_was() -> None:
    now = PaceNow()
    said = []
    for t_s, speed_m_s in enumerate([3.0, 3.9, 4.1, 3.9, 4.6, 4.1, 3.9, 3.0]):
        now.take([], [speed(10.0 * t_s, speed_m_s)])
        said.append(now.pace(10.0 * t_s + 1.0, BOUTS)[0])
    assert said == ["easy", "easy", "easy", "easy", "fast", "fast", "fast", "easy"]


def test_a_silent_foot_pod_says_nothing() -> None:
    now = PaceNow()
    now.take([], [speed(10.0, 4.9)])
    assert now.speed_m_s(12.0) == pytest.approx(4.9)
    assert now.speed_m_s(16.0) is None
    assert now.pace(16.0, BOUTS) == (None, "none")


def test_a_shaken_foot_pod_is_no_runner() -> None:
    now = PaceNow()
    now.take([], [speed(10.0, 30.0)])
    assert now.speed_m_s(10.5) is None
    assert now.track() is None
