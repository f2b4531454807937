"""The whole measurement: hostile sessions, sides that swap, and one number for one thing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from hipimu.data import SIDES, Body, HipMotion, Measure, Pace, Side, Strength, Stride
from hipimu.strength import measure_strength
from tests.unit.strength.runners import Known, intervals, known

BODY = Body(70.0, "f", 1.65)
WHOLE = known(intervals(7, 3))
PACES: tuple[Pace, ...] = ("easy", "fast")
MIRROR: Mapping[Side, Side] = {"left": "right", "right": "left"}
UNITS = {
    "peak_acceleration": "rad/s²",
    "swing_work": "J",
    "peak_moment": "N·m",
    "delta_peak_flexion": "rad",
    "delta_peak_extension": "rad",
    "entry_velocity": "rad/s",
    "reached_share": "1",
    "zero_moment_angle": "rad",
    "pelvis_tilt": "rad",
    "pelvis_tilt_range": "rad",
    "pelvis_obliquity_range": "rad",
    "pelvis_rotation_range": "rad",
    "relative_phase": "rad",
    "relative_phase_variability": "rad",
    "smoothness_sparc": "1",
    "smoothness_ldlj": "1",
    "peak_flexion_variability": "rad",
    "peak_extension_variability": "rad",
    "asymmetry_flexion": "rad",
    "asymmetry_extension": "rad",
}


def given(session: Known = WHOLE) -> dict[str, Any]:
    return {
        "strides": session.strides,
        "bouts": session.bouts,
        "motion": session.motion,
        "body": BODY,
    }


def measured(session: Known = WHOLE, **changes: Any) -> Strength:
    return measure_strength(**(given(session) | changes))


@cache
def clean() -> Strength:
    return measured()


def all_measures(said: Strength) -> Iterator[Measure]:
    for dimension in said.dimensions():
        yield dimension.headline
        yield from dimension.measures


def is_sound(said: Strength) -> None:
    """Numbers are finite and ordered, and what has none has a reason."""
    for measure in all_measures(said):
        assert measure.unit == UNITS[measure.name]
        numbers = (measure.fresh, measure.delta, measure.delta_ci95, measure.fresh_ci95)
        if measure.fresh is None:
            assert numbers == (None,) * 4
            assert measure.reasons, measure.name
            continue
        assert measure.reasons == ()
        assert measure.delta is not None
        assert measure.delta_ci95 is not None
        assert math.isfinite(measure.fresh)
        assert measure.delta_ci95[0] <= measure.delta <= measure.delta_ci95[1]
        assert all(map(math.isfinite, measure.delta_ci95))
    for dimension in said.dimensions():
        known = any(m.fresh is not None for m in (dimension.headline, *dimension.measures))
        assert known == (not dimension.reasons)
    for entry in said.durability:
        assert (entry.baseline_rad is None) == bool(entry.reasons)


def only(keep: Any) -> list[Stride]:
    return [s for s in WHOLE.strides if keep(s)]


HOSTILE: dict[str, dict[str, Any]] = {
    "nothing": {"strides": (), "bouts": (), "motion": {}},
    "no strides": {"strides": ()},
    "no bouts": {"bouts": ()},
    "no motion": {"motion": {}},
    "one side": {"strides": only(lambda s: s.side == "left"), "motion": {}},
    "motion of one side": {"motion": {"left": WHOLE.motion["left"]}},
    "strides of one side": {"strides": only(lambda s: s.side == "left")},
    "one bout": {"strides": only(lambda s: s.bout == WHOLE.bouts[0].bout)},
    "three strides": {"strides": WHOLE.strides[20:23]},
    "one stride": {"strides": WHOLE.strides[20:21]},
    "nothing usable": {"strides": [s._replace(quality=0.0) for s in WHOLE.strides]},
    "all walking": {"strides": [s._replace(gait="walking") for s in WHOLE.strides]},
    "unlabelled": {"strides": [s._replace(bout=None, pace="other") for s in WHOLE.strides]},
    "only easy": {"strides": only(lambda s: s.pace == "easy")},
    "only fast": {"strides": only(lambda s: s.pace == "fast")},
    "one stride a bout": {"strides": WHOLE.strides[::25]},
    "no τ": {"strides": [s._replace(moving_fraction=None) for s in WHOLE.strides]},
    "one τ": {"strides": [s._replace(moving_fraction=0.5) for s in WHOLE.strides]},
    "no speed": {"strides": [s._replace(speed_m_s=None) for s in WHOLE.strides]},
    "no stride times": {"strides": [s._replace(stride_time_s=None) for s in WHOLE.strides]},
    "NaN peaks": {"strides": [s._replace(peak_flexion_rad=math.nan) for s in WHOLE.strides]},
    "infinite peaks": {"strides": [s._replace(peak_flexion_rad=math.inf) for s in WHOLE.strides]},
    "unknown body": {"body": Body()},
    "absurd body": {"body": Body(math.nan, "x", -1.0)},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_sessions_are_answered_or_refused_with_a_reason(case: str) -> None:
    is_sound(measure_strength(**(given() | HOSTILE[case])))


def spoilt(names: tuple[str, ...], value: float, share: float) -> dict[Side, HipMotion]:
    random = np.random.default_rng(1)
    found = {}
    for side, motion in WHOLE.motion.items():
        hit = random.uniform(size=len(motion.t_s)) < share
        bad: dict[str, Any] = {n: np.where(hit, value, getattr(motion, n)) for n in names}
        found[side] = replace(motion, **bad)
    return found


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0])
@pytest.mark.parametrize("share", [0.0005, 0.01, 1.0])
def test_bad_samples_are_left_out(value: float, share: float) -> None:
    names = ("flexion_rad", "thigh_rad", "pelvis_tilt_rad", "hip_force_m_s2")
    is_sound(measured(motion=spoilt(names, value, share)))


def test_a_few_bad_samples_change_little() -> None:
    holed = measured(motion=spoilt(("flexion_rad",), math.nan, 0.0005))
    for one, other in zip(clean().force.measures, holed.force.measures, strict=True):
        assert one.fresh == pytest.approx(other.fresh, rel=0.02)


def test_everything_asked_for_is_there_once() -> None:
    said = clean()
    is_sound(said)
    keys = [(m.name, m.side, m.pace) for d in said.dimensions() for m in d.measures]
    assert len(keys) == len(set(keys))
    assert {name for name, _, _ in keys} == set(UNITS)
    assert [(d.side, d.outcome) for d in said.durability] == [
        (side, outcome) for outcome in ("peak_flexion", "peak_extension") for side in SIDES
    ]


def mirrored(session: Known) -> Known:
    return Known(
        tuple(s._replace(side=MIRROR[s.side]) for s in session.strides),
        session.bouts,
        {MIRROR[side]: replace(m, side=MIRROR[side]) for side, m in session.motion.items()},
    )


def by_key(said: Strength) -> dict[tuple[str, Side | None, Pace | None], Measure]:
    return {(m.name, m.side, m.pace): m for d in said.dimensions() for m in d.measures}


def test_a_mirrored_runner_swaps_the_sides() -> None:
    one, other = clean(), measured(mirrored(WHOLE))
    theirs = by_key(other)
    for (name, side, pace), mine in by_key(one).items():
        if side is None:
            continue
        same = theirs[name, MIRROR[side], pace]
        assert replace(same, side=side) == mine
    for name in ("asymmetry_flexion", "asymmetry_extension"):
        for pace in PACES:
            assert theirs[name, None, pace].delta == pytest.approx(
                -(by_key(one)[name, None, pace].delta or 0.0), rel=1e-9
            )
    for profile in one.profiles:
        (same_profile,) = [
            p
            for p in other.profiles
            if (p.side, p.pace, p.quantity)
            == (MIRROR[profile.side], profile.pace, profile.quantity)
        ]
        for f in fields(profile):
            if f.name != "side":
                assert_array_equal(getattr(profile, f.name), getattr(same_profile, f.name))


def test_the_order_of_sides_and_strides_does_not_matter() -> None:
    turned = measured(
        strides=WHOLE.strides[::-1],
        motion={side: WHOLE.motion[side] for side in SIDES[::-1]},
        bouts=WHOLE.bouts[::-1],
    )
    assert by_key(turned) == by_key(clean())


def test_the_same_session_gives_the_same_numbers() -> None:
    one, other = clean(), measured()
    assert by_key(one) == by_key(other)
    for a, b in zip(one.profiles, other.profiles, strict=True):
        assert_array_equal(a.q_value, b.q_value)


@pytest.mark.parametrize("offset", [-0.31])
def test_a_wrong_neutral_changes_no_demand_and_no_change(offset: float) -> None:
    session = Known(
        tuple(
            s._replace(
                peak_flexion_rad=s.peak_flexion_rad + offset,
                peak_extension_rad=s.peak_extension_rad - offset,
            )
            for s in WHOLE.strides
        ),
        WHOLE.bouts,
        {side: replace(m, flexion_rad=m.flexion_rad + offset) for side, m in WHOLE.motion.items()},
    )
    one, other = by_key(clean()), by_key(measured(session))
    for key, mine in one.items():
        if key[0] in ("zero_moment_angle",):
            continue
        assert other[key].delta == pytest.approx(mine.delta, rel=1e-4, abs=1e-6), key


@pytest.mark.parametrize("times", [1.37])
def test_mass_scales_moment_and_work_only(times: float) -> None:
    one = by_key(clean())
    other = by_key(measured(body=replace(BODY, mass_kg=70.0 * times)))
    for key, mine in one.items():
        scale = times if key[0] in ("swing_work", "peak_moment") else 1.0
        assert other[key].fresh == pytest.approx(scale * (mine.fresh or 0.0), rel=1e-9), key


def test_headlines_are_of_both_sides_at_fast_pace_whatever_was_found() -> None:
    said = clean()
    assert [(d.headline.name, d.headline.side, d.headline.pace) for d in said.dimensions()] == [
        ("peak_acceleration", None, "fast"),
        ("delta_peak_flexion", None, "easy"),
        ("entry_velocity", None, "fast"),
        ("pelvis_tilt", None, "fast"),
    ]
    left, right = (by_key(said)["peak_acceleration", side, "fast"].delta for side in SIDES)
    assert said.force.headline.delta == pytest.approx(((left or 0) + (right or 0)) / 2, rel=0.05)
    alone = measured(strides=only(lambda s: s.side == "left"), motion={})
    assert alone.endurance.headline.side == "left"
    easy = measured(strides=only(lambda s: s.pace == "easy"))
    assert easy.force.headline.pace == "easy"


def test_what_is_not_known_of_speed_and_body_is_said_beside_the_numbers() -> None:
    said = by_key(measured(strides=HOSTILE["no speed"]["strides"], body=Body(70.0)))
    speed = "speed is not known: a change of speed may pass for one of this"
    assert said["peak_acceleration", "left", "fast"].caveats == (speed,)
    assert said["entry_velocity", "left", "fast"].caveats == (speed,)
    assert said["peak_moment", "left", "fast"].caveats == (
        "body height is unknown: 1.75 m is assumed",
        "male or female proportions are not known: their mean is assumed",
        speed,
    )
    assert said["pelvis_tilt", None, "fast"].caveats == ()
    unknown = by_key(measured(body=Body()))["swing_work", "right", "easy"]
    assert unknown.reasons == ("body mass is unknown: give athlete.mass_kg in recording.toml",)
