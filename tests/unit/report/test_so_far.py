"""Fatigue so far, in a sentence that fits a glance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hipimu.data import SIDES, FatigueEstimate, Lap, LiveState, StartState, Verdict
from hipimu.report.so_far import so_far
from hipimu.units import rad_from_deg

RUNNING = LiveState(
    1,
    600.0,
    0,
    "running",
    "virtual",
    "run",
    StartState("ready"),
    SIDES,
    running_strides=600,
    pace="fast",
    laps=(Lap(0.0, 600.0, "fast"),),
)


def none_yet(easy: tuple[int, int], fast: tuple[int, int], *reasons: str) -> FatigueEstimate:
    """Bouts and strides of each pace, and why they are not enough."""
    return FatigueEstimate(
        "left",
        "peak_flexion",
        "not_estimable",
        reasons,
        strides={"easy": easy[1], "fast": fast[1]},
        bouts={"easy": easy[0], "fast": fast[0]},
    )


def estimate(verdict: Verdict, rfi_deg: float, half_deg: float) -> FatigueEstimate:
    low, high = rad_from_deg(rfi_deg - half_deg), rad_from_deg(rfi_deg + half_deg)
    return replace(
        none_yet((4, 200), (4, 200)),
        verdict=verdict,
        delta_easy_rad=0.0,
        delta_easy_ci95_rad=(-0.01, 0.01),
        delta_fast_rad=rad_from_deg(-rfi_deg),
        delta_fast_ci95_rad=(-high, -low),
        rfi_rad=rad_from_deg(rfi_deg),
        rfi_ci95_rad=(low, high),
        detectable_rad=rad_from_deg(1.0),
    )


def test_nobody_runs_yet() -> None:
    assert so_far((), replace(RUNNING, running_strides=0)) == "Too early to say: no running yet."


def test_nobody_says_the_pace() -> None:
    said = so_far((), replace(RUNNING, pace=None, laps=()))
    assert said == "Too early to say: press easy or fast, so that the paces can be told apart."


@pytest.mark.parametrize(
    ("easy", "fast", "said"),
    [
        ((3, 200), (2, 150), "Too early to say: 2 fast bouts of 3."),
        ((1, 60), (0, 0), "Too early to say: 1 easy bout of 3 and 0 fast bouts of 3."),
        ((3, 200), (3, 20), "Too early to say: 20 fast strides of 30."),
    ],
)
def test_what_is_missing_is_counted(
    easy: tuple[int, int], fast: tuple[int, int], said: str
) -> None:
    assert so_far([none_yet(easy, fast)], RUNNING) == said


def test_another_reason_is_told_without_its_remedy() -> None:
    refused = none_yet((3, 200), (3, 200), "its bouts lie too close together: run on")
    assert so_far([refused], RUNNING) == "Too early to say: its bouts lie too close together."


def test_every_verdict_has_its_words() -> None:
    assert so_far([estimate("supported", 4.1, 1.5)], RUNNING) == (
        "So far left hip flexion lost 4.1° more at fast pace than at easy pace (2.6 to 5.6)."
    )
    assert so_far([estimate("reversed", -2.2, 1.1)], RUNNING) == (
        "So far the reverse: left hip flexion kept 2.2° more at fast pace than at easy pace "
        "(1.1 to 3.3)."
    )
    assert so_far([estimate("no_evidence", 0.2, 1.6)], RUNNING) == (
        "So far your range holds: any extra loss at fast pace is within ±1.8°."
    )


def test_a_doubt_is_told() -> None:
    held = replace(estimate("no_evidence", 4.1, 1.5), reasons=("the medians disagree",))
    assert so_far([held], RUNNING) == "Cannot tell yet: the medians disagree."
