"""summary.json: valid under its published schema, and the schema refuses what is not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest

from hipimu.export import schema, summary
from tests.unit.report.sessions import VARIANTS, interval_session, one_side_session

KEYS = [
    "schema", "hipimu", "recording", "method", "filter", "neutral", "sensors", "strides",
    "fatigue", "compensation", "strength", "watch", "warnings",
]  # fmt: skip


def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


def valid() -> dict[str, Any]:
    return summary(interval_session(minutes=3))


def numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_state_is_valid_and_survives_json(variant: str) -> None:
    made = summary(VARIANTS[variant]())

    text = json.dumps(made, allow_nan=False)
    assert json.loads(text) == made
    validator().validate(made)
    assert all(key in made for key in KEYS)


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_side_and_peak_has_an_entry(variant: str) -> None:
    session = VARIANTS[variant]()
    sides = ["left"] if variant == "one_side" else ["left", "right"]

    assert [(e["side"], e["outcome"]) for e in summary(session)["fatigue"]] == [
        (side, outcome) for side in sides for outcome in ("peak_flexion", "peak_extension")
    ]


def test_a_missing_estimate_is_said_not_left_out() -> None:
    entries = summary(replace(interval_session(minutes=3), fatigue=()))["fatigue"]

    assert [entry["verdict"] for entry in entries] == ["not_estimable"] * 4
    assert all(entry["reasons"] and entry["rfi_deg"] is None for entry in entries)


def test_numbers_of_an_estimate_are_degrees() -> None:
    left = summary(interval_session(minutes=3))["fatigue"][0]

    assert left["delta_fast_deg"] == -4.1
    assert left["delta_easy_deg_ci95"] == [-1.6, 0.8]
    assert left["rfi_deg"] == 3.7
    assert left["verdict"] == "supported"


def test_strides_are_counted_usable_by_side_and_pace_and_the_others_by_reason() -> None:
    session = one_side_session()
    made = summary(session)
    used = sum(stride.usable() for stride in session.strides)

    assert sum(made["strides"]["left"].values()) == used
    assert set(made["strides"]) == {"left"}
    assert set(made["set_aside"]["left"]) == {"gap", "transition", "walking"}


def test_sensors_are_told_in_per_cent() -> None:
    assert valid()["sensors"]["thigh_left"]["loss_percent"] == 1.17


def test_nan_and_numpy_become_plain_json() -> None:
    odd = {"a": np.float64(1.5), "b": math.nan, "c": (1, np.int64(2)), "d": np.array([1.0, np.inf])}
    session = interval_session(minutes=3)
    spoilt = replace(session.fatigue[0], rfi_rad=0.0, detectable_rad=0.0)
    made = summary(replace(session, parameters=odd, fatigue=(spoilt, *session.fatigue[1:])))

    assert made["parameters"] == {"a": 1.5, "b": None, "c": [1, 2], "d": [1.0, None]}
    assert all(math.isfinite(number) for number in numbers(made))


def test_the_schema_lets_objects_grow() -> None:
    made = valid()
    made["note"] = "new"
    made["sensors"]["pelvis"]["battery"] = 80
    made["fatigue"][0]["model"] = "gls"
    made["strength"]["force"]["demand"] = 1.0

    validator().validate(made)


def without(made: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name != key}


@pytest.mark.parametrize("key", KEYS)
def test_the_schema_misses_every_required_key(key: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(without(valid(), key))


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("schema",), "hipimu-summary/2"),
        (("method",), "guessed"),
        (("sensors", "pelvis", "rate_hz"), "100"),
        (("sensors", "pelvis", "loss_percent"), 101.0),
        (("strides", "left", "fast"), 1.5),
        (("fatigue", 0, "verdict"), "perhaps"),
        (("fatigue", 0, "rfi_deg"), None),
        (("fatigue", 0, "rfi_deg_ci95"), [1.0]),
        (("fatigue", 0, "side"), "both"),
        (("strength", "force"), 1.0),
        (("warnings",), [1]),
    ],
)
def test_the_schema_refuses_wrong_values(place: tuple[Any, ...], wrong: object) -> None:
    made = valid()
    target: Any = made
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = wrong

    with pytest.raises(jsonschema.ValidationError):
        validator().validate(made)


def test_a_refusal_has_no_numbers_and_a_reason() -> None:
    made = valid()
    made["fatigue"][0]["verdict"] = "not_estimable"

    with pytest.raises(jsonschema.ValidationError):
        validator().validate(made)
