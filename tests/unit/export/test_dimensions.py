"""The four dimensions in summary.json: degrees, units, reasons, and a schema that asks for them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest

from hipimu.data import Body, Strength
from hipimu.export import schema, summary
from hipimu.export.dimensions import dimensions
from hipimu.strength import measure_strength
from tests.unit.report.sessions import interval_session
from tests.unit.report.strengths import nothing_measured, strength_of
from tests.unit.strength.runners import intervals, known


def validated(strength: Strength | None) -> dict[str, Any]:
    made = summary(replace(interval_session(minutes=3), strength=strength))
    jsonschema.Draft202012Validator(schema()).validate(made)
    text = json.dumps(made["strength"], allow_nan=False)
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def real() -> Strength:
    session = known(intervals(7, 3))
    return measure_strength(session.strides, session.bouts, session.motion, Body(70.0))


def test_what_was_really_measured_is_valid(real: Strength) -> None:
    made = validated(real)
    assert set(made) == {
        *("force", "endurance", "full_range", "control"),
        *("profiles", "durability"),
    }
    for name, dimension in zip(made, real.dimensions(), strict=False):
        assert len(made[name]["measures"]) == len(dimension.measures)
    assert len(made["profiles"]) == len(real.profiles)
    assert len(made["durability"]) == 4


@pytest.mark.parametrize("strength", [None, strength_of(), nothing_measured("it is too short")])
def test_every_state_is_valid(strength: Strength | None) -> None:
    made = validated(strength)
    if strength is None:
        assert made["force"] is None
        assert made["profiles"] == []


def test_angles_are_degrees_and_everything_else_keeps_its_unit(real: Strength) -> None:
    made = validated(real)
    for name, dimension in zip(made, real.dimensions(), strict=False):
        for shown, measure in zip(made[name]["measures"], dimension.measures, strict=True):
            factor = 180 / math.pi if measure.unit.startswith("rad") else 1.0
            assert shown["unit"] == measure.unit.replace("rad", "deg")
            assert shown["fresh"] == pytest.approx(factor * (measure.fresh or 0.0), rel=1e-5)
            assert measure.delta_ci95 is not None
            ends = [factor * end for end in measure.delta_ci95]
            assert shown["delta_ci95"] == pytest.approx(ends, rel=1e-5)
            assert shown["caveats"] == list(measure.caveats)
    profile, shown = real.profiles[0], made["profiles"][0]
    assert shown["from_deg"] == pytest.approx(np.degrees(profile.from_rad), rel=1e-5)
    assert shown["to_deg"][0] - shown["from_deg"][0] == pytest.approx(5.0)


def test_what_is_not_known_is_null_and_has_a_reason() -> None:
    made = validated(nothing_measured("it is too short"))
    assert made["force"]["headline"]["fresh"] is None
    assert made["force"]["headline"]["reasons"] == ["it is too short"]
    assert made["force"]["reasons"] == ["it is too short"]


def test_nan_never_gets_out(real: Strength) -> None:
    profile = replace(real.profiles[0], delta=np.full(len(real.profiles[0].delta), np.nan))
    headline = replace(real.force.headline, fresh_ci95=(math.nan, 1.0))
    force = replace(real.force, headline=headline)
    made = dimensions(replace(real, profiles=(profile,), force=force))
    assert set(made["profiles"][0]["delta"]) == {None}
    assert made["force"]["headline"]["fresh_ci95"] is None


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("force", "headline"), None),
        (("force", "headline", "unit"), "rad"),
        (("force", "headline", "side"), "both"),
        (("control", "measures", 0, "pace"), "jog"),
        (("control", "measures", 0, "delta_ci95"), [1.0]),
        (("control", "measures", 0, "fresh"), None),
        (("profiles", 0, "quantity"), "jerk"),
        (("profiles", 0, "q_value", 0), 1.5),
        (("durability", 0, "reasons"), "none"),
        (("durability", 0, "reasons"), []),  # its numbers are null: too few strides
    ],
)
def test_the_schema_refuses_wrong_values(
    real: Strength, place: tuple[Any, ...], wrong: object
) -> None:
    made = summary(replace(interval_session(minutes=3), strength=real))
    target = made["strength"]
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = wrong
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(made)
