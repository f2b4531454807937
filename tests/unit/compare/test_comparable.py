"""What refuses, what is flagged, and what is nothing."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest

from hipimu.compare import comparable
from hipimu.compare.comparable import SCIENTIFIC_CHANGES
from hipimu.data import SEGMENTS, TrainingContext
from tests.unit.compare.summaries import summary

CHANGELOG = Path(__file__).parents[3] / "docs" / "changelog.md"


def turned(angle_deg: float) -> tuple[float, float, float, float]:
    half = math.radians(angle_deg) / 2
    return math.cos(half), 0.0, math.sin(half), 0.0


def test_alike_sessions_have_nothing_between_them() -> None:
    assert comparable([summary(0), summary(3), summary(6)]) == ()


@pytest.mark.parametrize(
    ("about", "changes"),
    [
        ("method", {"method": "causal"}),
        ("filter", {"filter": "madgwick"}),
        ("athlete", {"athlete": "Emil"}),
        ("pace", {"pace_source": "none"}),
        ("sensors", {"segments": ("pelvis",)}),
        ("sensors", {"segments": ("thigh_left", "thigh_right")}),
    ],
)
def test_what_would_mean_something_else_refuses(about: str, changes: dict[str, Any]) -> None:
    first, *_ = found = comparable([summary(0, **changes), summary(3)])

    assert first.about == about
    assert first.refuses
    assert "run-0" in first.said
    assert [item for item in found if item.refuses] == [first]


@pytest.mark.parametrize(
    ("about", "changes"),
    [
        ("sensors", {"segments": ("pelvis", "thigh_left")}),
        ("pace", {"pace_source": "pelvis"}),
        ("neutral", {"neutral": "guessed from the mean pose in gait: nobody was seen to stand"}),
        ("surface", {"context": TrainingContext(surface="track")}),
        ("shoes", {"context": TrainingContext(shoes="Spikes")}),
        ("speed", {"speed_m_s": {"easy": 3.0, "fast": 4.6}}),
        ("mounting", {"mounting_wxyz": {"thigh_left": turned(31)}}),
        ("quality", {"loss": {"pelvis": 0.08}}),
        ("quality", {"calibration_quality": 0.5}),
        ("quality", {"usable_share": 0.5}),
        ("version", {"hipimu_version": "0.0.9"}),
    ],
)
def test_what_may_differ_for_another_reason_is_flagged(about: str, changes: dict[str, Any]) -> None:
    same = TrainingContext(surface="road", shoes="Trainers")
    sessions = [summary(3, **({"context": same} | changes)), summary(0, context=same)]
    found = comparable(sessions)

    assert [item.about for item in found if item.about != "surface" or about == "surface"][:1] == [
        about
    ]
    assert not any(item.refuses for item in found)
    assert all(item.said.endswith(".") for item in found)


@pytest.mark.parametrize(
    "changes",
    [
        {"neutral": "quiet standing, 3.0–9.5 s"},
        {"context": TrainingContext(shoes=" ")},
        {"pace_source": "watch_laps"},
        {"speed_m_s": {"easy": 3.2, "fast": 4.8}},
        {"speed_m_s": {}},
        {"mounting_wxyz": {"thigh_left": turned(29)}},
        {"mounting_wxyz": {}},
        {"hipimu_version": "0.2.0.dev1+local"},
        {"loss": {"pelvis": 0.05}},
        {"calibration_quality": 0.8},
    ],
)
def test_what_differs_every_day_is_nothing(changes: dict[str, Any]) -> None:
    assert comparable([summary(0, **changes), summary(3)]) == ()


def test_mounting_is_the_same_turn_with_either_sign() -> None:
    other = dict.fromkeys(SEGMENTS, (-1.0, 0.0, 0.0, 0.0))
    assert comparable([summary(0, mounting_wxyz=other), summary(3)]) == ()


def test_what_refuses_comes_first_and_order_does_not_matter() -> None:
    sessions = [
        summary(0, method="causal", usable_share=0.4),
        summary(3, context=TrainingContext(shoes="a")),
        summary(6, context=TrainingContext(shoes="b")),
    ]
    found = comparable(sessions)

    assert [item.about for item in found] == ["method", "shoes", "quality"]
    assert comparable(sessions[::-1]) == found


def test_many_sessions_are_counted_and_not_listed() -> None:
    (found,) = comparable([*(summary(d, method="causal") for d in range(9)), summary(20)])
    assert found.said.count("run-") == 3
    assert "and 7 more" in found.said
    assert len(found.sessions) == 10


def test_versions_with_other_numbers_are_those_of_the_changelog() -> None:
    told = re.split(r"^## ", CHANGELOG.read_text(encoding="utf-8"), flags=re.M)
    releases = {
        tuple(map(int, match[1].split(".")))
        for part in told
        if (match := re.match(r"\[?(\d+\.\d+\.\d+)", part)) and "### Scientific changes" in part
    }
    assert releases == set(SCIENTIFIC_CHANGES)
    assert releases
