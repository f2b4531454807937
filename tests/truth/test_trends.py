"""Is a change over weeks told right? A quick part of `make study-trends`, and what is stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.studies.seasons import Season, every
from tests.studies.trend_page import page
from tests.studies.trends import Told, ask, ask_four, ask_pair, ask_squad

DOCS = Path(__file__).parents[2] / "docs"
SEASONS = 200


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "over-weeks.json").read_text(encoding="utf-8"))
    return found


def asked(season: Season, count: int = SEASONS) -> list[Told]:
    return [ask(season, seed) for seed in range(10_000, 10_000 + count)]


def real(told: list[Told]) -> float:
    return sum(one.judgement == "real" for one in told) / len(told)


@pytest.mark.parametrize("sessions", [4, 8, 17])
def test_athletes_without_a_change_are_told_none(sessions: int) -> None:
    """Of 200, 2.6 standard errors above 5 % are 9 %, and below 95 % 91 %."""
    told = asked(Season("quick null", sessions=sessions))
    assert real(told) <= 0.09
    assert 0.91 <= sum(bool(one.held) for one in told) / len(told) <= 0.99


def test_three_degrees_in_eight_weeks_are_told() -> None:
    """Three sessions a week, and a runner who scatters little: at worst one in two."""
    season = Season(
        "quick power", improvement_deg=3.0, sessions=every(3), scatter_deg=1.5, both=True
    )
    told = asked(season)
    assert real(told) >= 0.5
    assert not any(one.judgement == "real" and not one.right_way for one in told)
    assert real(asked(Season("quick six", improvement_deg=6.0, sessions=every(3)), 50)) >= 0.85


@pytest.mark.parametrize(
    "season",
    [
        Season("quick outlier", outlier_deg=10.0),
        Season("quick shoes", shoes_deg=3.0, shoes_told=True),
        Season("quick loud", scatter_deg=4.0, uneven=True),
    ],
    ids=lambda season: season.name,
)
def test_what_is_amiss_raises_no_alarms(season: Season) -> None:
    assert real(asked(season)) <= 0.1


def test_the_check_can_fail() -> None:
    """Shoes that nobody wrote down look like a change of weeks, and are told as one."""
    assert real(asked(Season("quick untold", shoes_deg=3.0), 60)) >= 0.3


def test_four_trends_at_once_are_corrected() -> None:
    told = [ask_four(Season("quick four"), seed) for seed in range(100)]
    assert sum(any(t.judgement == "real" for t in one) for one in told) <= 12


def test_two_sessions_of_a_known_athlete() -> None:
    told = [ask_pair(2.0, 20, 0.0, seed)[0] for seed in range(200)]
    assert told.count("real") / len(told) <= 0.09
    assert [ask_pair(1.5, 20, 12.0, seed)[0] for seed in range(20)].count("real") >= 18


def test_athletes_drawn_together_are_nearer_to_the_truth() -> None:
    rows = [one for seed in range(6) for one in ask_squad(14, 12, 1.5, seed)]
    held = sum(row[3] for row in rows) / len(rows)
    own, drawn = sum(row[1] for row in rows), sum(row[4] for row in rows)
    assert held >= 0.87
    assert drawn < 0.7 * own


def test_the_stored_study_keeps_its_promise(stored: dict[str, Any]) -> None:
    for row in stored["null"]:
        assert row["n"] >= 2000
        assert row["real"] <= 0.05 or row["real_ci95"][0] < 0.05
        assert row["covered_ci95"][0] <= 0.95 <= row["covered_ci95"][1] + 0.005
    every_null = sum(row["real"] * row["n"] for row in stored["null"])
    assert every_null / sum(row["n"] for row in stored["null"]) <= 0.05
    for row in (*stored["power"], *stored["power_both"]):
        assert row["wrong_way"] <= 0.02 or row["improvement_deg"] < 3


def test_the_page_is_made_of_the_stored_study(stored: dict[str, Any]) -> None:
    text = (DOCS / "explanation" / "over-weeks.md").read_text(encoding="utf-8")
    assert page(text, stored) == text
