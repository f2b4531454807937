"""One dot for all sensors: the worst decides, and it is said which and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hipimu.data import SensorNow
from hipimu.pipeline.sensor_dot import dot

WELL = SensorNow(
    sensor="thigh_left",
    device="DOT 1",
    link="up",
    phase="streaming",
    why="",
    rate_hz=120.0,
    loss=0.0,
    age_s=0.02,
    battery=0.8,
    clipped=0.0,
    drops=0,
    absent=False,
)
STRAP = replace(WELL, sensor="heart_rate", rate_hz=1.0, age_s=0.9, battery=None)


@pytest.mark.parametrize(
    ("change", "colour", "said"),
    [
        ({}, "good", "The sensor delivers."),
        ({"loss": 0.0199}, "good", "The sensor delivers."),
        ({"loss": 0.02}, "attention", "Left thigh: 2 % of samples lost."),
        ({"loss": 0.0999}, "attention", "Left thigh: 10 % of samples lost."),
        ({"loss": 0.10}, "bad", "Left thigh: 10 % of samples lost."),
        ({"age_s": 1.0}, "good", "The sensor delivers."),
        ({"age_s": 1.04}, "bad", "Left thigh: nothing has come for 1.0 s."),
        ({"battery": None}, "good", "The sensor delivers."),
        ({"battery": 0.20}, "good", "The sensor delivers."),
        ({"battery": 0.19}, "attention", "Left thigh: battery at 19 %."),
        ({"battery": 0.05}, "attention", "Left thigh: battery at 5 %."),
        ({"battery": 0.04}, "bad", "Left thigh: battery at 4 %."),
        ({"clipped": 0.001}, "good", "The sensor delivers."),
        (
            {"clipped": 0.004},
            "attention",
            "Left thigh: 0.4 % of samples at the end of its range.",
        ),
        (
            {"link": "down", "phase": "waiting", "why": "not heard", "drops": 1},
            "bad",
            "Left thigh: the link is lost (not heard), and is being tried again.",
        ),
        (
            {"link": "down", "phase": "connecting", "age_s": None},
            "attention",
            "Left thigh: being connected.",
        ),
        (
            {"link": "down", "phase": "waiting", "drops": 1, "absent": True},
            "bad",
            "Left thigh: missing, the others go on without it.",
        ),
        ({"link": "down", "phase": "stopped", "why": "stopped"}, "good", "The sensor delivers."),
    ],
)
def test_one_sensor(change: dict[str, Any], colour: str, said: str) -> None:
    assert dot([replace(WELL, **change)]) == (colour, said)


def test_the_worst_of_all_decides() -> None:
    sensors = [
        replace(WELL, sensor="pelvis", battery=0.1),
        replace(WELL, sensor="thigh_left", loss=0.2),
        replace(WELL, sensor="thigh_right", loss=0.03),
    ]
    assert dot(sensors) == ("bad", "Left thigh: 20 % of samples lost.")
    assert dot(sensors[::-1]) == dot(sensors)
    assert dot([sensors[0], sensors[2]]) == ("attention", "Pelvis: battery at 10 %.")


def test_a_strap_tells_less_often_and_is_never_bad() -> None:
    assert dot([WELL, replace(STRAP, age_s=9.0)]) == ("good", "All 2 sensors deliver.")
    wrong: tuple[dict[str, Any], ...] = ({"age_s": 20.0}, {"absent": True}, {"battery": 0.01})
    for change in wrong:
        colour, said = dot([WELL, replace(STRAP, **change)])
        assert colour == "attention"
        assert said.startswith("Heart rate: ")


def test_before_there_are_sensors() -> None:
    assert dot([]) == ("attention", "There is no sensor yet.")
