"""Do the intervals keep their promise? A quick part of `hipimu study`, and its stored figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hipimu.validation.honesty import SCENARIOS, Asked, Scenario
from hipimu.validation.honesty.scenarios import BY_HIP_RANGE, BY_LAPS
from hipimu.validation.honesty.study import ask_strides

STORED = Path(__file__).parents[2] / "docs" / "statistics.json"
SESSIONS = 40
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
FOUND = ("supported", "reversed")


def asked(scenario: Scenario, sessions: int = SESSIONS) -> list[Asked]:
    return [one for seed in range(1, sessions + 1) for one in ask_strides(scenario, seed)]


def covered(estimates: list[Asked]) -> float:
    held = [
        a.rfi_ci95_rad[0] <= a.true_rfi_rad <= a.rfi_ci95_rad[1]
        for a in estimates
        if a.rfi_ci95_rad is not None
    ]
    return sum(held) / len(held)


def share(estimates: list[Asked], *verdicts: str) -> float:
    return sum(a.verdict in verdicts for a in estimates) / len(estimates)


@pytest.mark.parametrize("name", ["null", "fast 4°", "lost strides"])
def test_a_quick_part_of_the_study(name: str) -> None:
    """160 intervals: 2.6 standard errors of 95 % are 4.5 %. The whole study is sharper."""
    estimates = asked(BY_NAME[name])

    assert 0.905 <= covered(estimates) <= 0.995
    assert share([a for a in estimates if a.true_rfi_rad == 0], *FOUND) <= 0.095
    lost = [a for a in estimates if a.true_rfi_rad > 0]
    if lost:
        assert share(lost, "supported") >= 0.8
        assert share(lost, "reversed") == 0


@pytest.mark.parametrize("name", ["two fast bouts", "much slower", "collapse"])
def test_what_cannot_be_told_is_not(name: str) -> None:
    assert share(asked(BY_NAME[name], 15), "not_estimable") >= 0.95


def test_labelling_pace_by_hip_range_breaks_the_intervals() -> None:
    """The check of the check: it must fail where the answer is put in with the question."""
    assert covered(asked(BY_LAPS, 25)) >= 0.88
    assert covered(asked(BY_HIP_RANGE, 25)) <= 0.75


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return {
        row["name"]: row
        for table in ("by_strides", "by_signal", "by_hip_range")
        for row in loaded[table]
    }


def test_the_whole_study_was_stored(stored: dict[str, Any]) -> None:
    assert {scenario.name for scenario in SCENARIOS} <= set(stored)
    for scenario in SCENARIOS:
        assert stored[scenario.name]["sessions"] >= 400
        assert stored[scenario.name]["what"] == scenario.what
    assert stored["signal, null"]["sessions"] >= 60


def test_through_the_whole_signal_path_intervals_hold_as_well(stored: dict[str, Any]) -> None:
    """240 intervals without a change: 2.6 standard errors of 95 % are 3.7 %."""
    assert stored["signal, null"]["coverage"]["rfi"] >= 0.913
    found = stored["signal, fast 5°"]["verdicts_where_changed"]
    assert found.get("supported", 0.0) >= 0.9


@pytest.mark.parametrize("name", ["null", "both alike", "fast 2°", "fast 4°", "fast 6°"])
def test_intervals_of_rfi_hold_the_truth_in_93_to_97_of_100(
    name: str, stored: dict[str, Any]
) -> None:
    coverage = stored[name]["coverage"]

    assert 0.93 <= coverage["rfi"] <= 0.97
    if name.startswith("fast"):
        assert 0.93 <= coverage["rfi_where_changed"] <= 0.97


def test_verdicts_stay_right_or_are_not_given(stored: dict[str, Any]) -> None:
    """Drift, missing bouts, lost strides, one leg, one-sided loss."""
    for name, scenario in BY_NAME.items():
        wrong = stored[name]["verdicts_where_unchanged"]
        assert sum(wrong.get(verdict, 0.0) for verdict in FOUND) <= 0.075, name
        changed = stored[name]["verdicts_where_changed"]
        opposite = "supported" if name == "reversed" else "reversed"
        assert changed.get(opposite, 0.0) <= 0.005, name
        if scenario.expected == "refusal":
            assert stored[name]["estimable"] <= 0.05, name


def test_power_rises_with_the_loss(stored: dict[str, Any]) -> None:
    power = [
        stored[f"fast {loss}°"]["verdicts_where_changed"].get("supported", 0.0)
        for loss in range(1, 7)
    ]

    assert power == sorted(power)
    assert power[3] >= 0.85
    assert power[4] >= 0.95


def test_a_correction_for_several_comparisons_does_what_it_says(stored: dict[str, Any]) -> None:
    """No more than one session in twenty, by 2.5 standard errors of 400 sessions."""
    assert stored["null"]["false_alarm_per_session_holm"] <= 0.08
