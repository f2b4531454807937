"""Scatter, difference of sides and the pelvis, each against what was put in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from hipimu.data import SIDES, Bout, Dimension, Measure, Pace, Side, Stride
from hipimu.strength.columns import Run, run_of
from hipimu.strength.control import control, scatter
from hipimu.strength.swings import swings_of
from tests.unit.fatigue.sessions import Design, session
from tests.unit.strength.runners import intervals, known

ONE = np.zeros(400, dtype=np.int64)
NAMES = [
    *("pelvis_tilt", "pelvis_tilt_range", "pelvis_obliquity_range", "pelvis_rotation_range"),
    *("relative_phase", "relative_phase_variability", "smoothness_sparc", "smoothness_ldlj"),
    *("peak_flexion_variability", "peak_extension_variability"),
    *("asymmetry_flexion", "asymmetry_extension"),
]


def of_strides(strides: list[Stride], bouts: list[Bout], sides: tuple[Side, ...]) -> Dimension:
    run: Run = run_of(strides, bouts, sides)
    return control(run, {s: swings_of(run.sides[s], None) for s in sides}, {})


def one(said: Dimension, name: str, pace: Pace, side: Side | None = None) -> Measure:
    (found,) = [m for m in said.measures if (m.name, m.pace, m.side) == (name, pace, side)]
    return found


def sided(left: Design, right: Design) -> tuple[list[Stride], list[Bout]]:
    strides, bouts = session(right)
    return [*session(left)[0], *strides], bouts


def test_scatter_is_the_standard_deviation_of_what_is_normal() -> None:
    found = [scatter(np.random.default_rng(i).normal(5.0, 2.0, 400), ONE).mean() for i in range(9)]
    assert np.mean(found) == pytest.approx(2.0, rel=0.03)


def test_neither_level_nor_trend_nor_bouts_are_scatter() -> None:
    values = 3.0 + 0.1 * np.arange(400.0)
    assert_allclose(scatter(values, ONE), 0.0, atol=1e-9)
    stepped = np.where(np.arange(400) < 200, 0.0, 9.0)
    assert_allclose(scatter(stepped, (np.arange(400) >= 200).astype(np.int64)), 0.0, atol=1e-9)


def test_one_stride_far_out_moves_scatter_little() -> None:
    values = np.random.default_rng(2).normal(0.0, 1.0, 400)
    spoilt = values.copy()
    spoilt[200] = 20.0
    assert scatter(spoilt, ONE).mean() < 1.1 * scatter(values, ONE).mean()
    assert np.std(spoilt) > 1.3 * np.std(values)


@given(st.integers(0, 7))
def test_few_strides_have_no_scatter(count: int) -> None:
    assert np.isnan(scatter(np.arange(float(count)), np.zeros(count, dtype=np.int64))).all()


def test_asymmetry_is_left_minus_right() -> None:
    left = Design(side="left", delta_fast_rad=-0.05, noise_rad=0.01, bouts_each=6)
    right = Design(side="right", delta_fast_rad=-0.02, noise_rad=0.01, bouts_each=6, seed=1)
    said = of_strides(*sided(left, right), SIDES)
    found = one(said, "asymmetry_flexion", "fast")
    assert found.delta == pytest.approx(-0.03, abs=0.005)
    assert found.fresh == pytest.approx(0.0, abs=0.005)
    assert found.fresh_ci95 is not None
    assert found.fresh_ci95[0] < 0.0 < found.fresh_ci95[1]


def test_sides_that_swap_change_its_sign_and_nothing_else() -> None:
    designs = Design(delta_fast_rad=-0.05, noise_rad=0.01), Design(noise_rad=0.02, seed=3)
    strides, bouts = sided(*(replace(d, side=s) for d, s in zip(designs, SIDES, strict=True)))
    mirror: dict[Side, Side] = {"left": "right", "right": "left"}
    swapped = [s._replace(side=mirror[s.side]) for s in strides]
    one_way, other = (of_strides(s, bouts, SIDES) for s in (strides, swapped))
    paces: tuple[Pace, ...] = ("easy", "fast")
    for pace in paces:
        a, b = (one(said, "asymmetry_flexion", pace) for said in (one_way, other))
        assert a.delta == pytest.approx(-(b.delta or 0.0), abs=1e-12)
        assert a.fresh == pytest.approx(-(b.fresh or 0.0), abs=1e-12)


def test_growing_scatter_is_found() -> None:
    strides, bouts = session(Design(noise_rad=0.02, bouts_each=8))
    wild = [
        s._replace(
            peak_flexion_rad=s.peak_flexion_rad
            + (s.moving_fraction or 0.0) * 3 * (s.peak_flexion_rad - (0.9, 0.65)[s.pace == "easy"])
        )
        for s in strides
    ]
    said = of_strides(wild, bouts, ("right",))
    found = one(said, "peak_flexion_variability", "fast", "right")
    assert found.fresh == pytest.approx(0.02, rel=0.3)
    assert found.delta == pytest.approx(0.06, rel=0.25)
    extension = one(said, "peak_extension_variability", "fast", "right")
    assert extension.delta == pytest.approx(0.0, abs=1e-9)


def test_the_pelvis_belongs_to_neither_side() -> None:
    strides, bouts = sided(Design(side="left"), Design(seed=1))
    tipping = [s._replace(pelvis_tilt_rad=0.1 + 0.05 * (s.moving_fraction or 0)) for s in strides]
    said = of_strides(tipping, bouts, SIDES)
    assert said.headline.name == "pelvis_tilt"
    assert said.headline.pace == "fast"
    assert said.headline.delta == pytest.approx(0.05, abs=1e-9)
    alone = of_strides([s for s in tipping if s.side == "left"], bouts, ("left",))
    assert alone.headline.delta == pytest.approx(0.05, abs=1e-9)


def test_one_thigh_has_no_asymmetry() -> None:
    strides, bouts = session(Design())
    found = one(of_strides(strides, bouts, ("right",)), "asymmetry_extension", "easy")
    assert found.reasons == ("only one thigh was measured",)


def test_everything_is_measured_on_a_known_runner() -> None:
    whole = known(intervals(2))
    run = run_of(whole.strides, whole.bouts, SIDES)
    swings = {side: swings_of(run.sides[side], whole.motion[side]) for side in SIDES}
    said = control(run, swings, whole.motion)
    assert list(dict.fromkeys(m.name for m in said.measures)) == NAMES
    assert all(m.fresh is not None for m in said.measures)
    # the simulated pelvis rocks by cos(2θ + 0.6) about a mean of 5°, by 2.5° to either side
    phase = one(said, "relative_phase", "fast", "left")
    assert phase.fresh == pytest.approx(0.6, abs=0.6)
    assert said.headline.fresh == pytest.approx(np.radians(5.0), abs=0.002)
    rocking = one(said, "pelvis_tilt_range", "easy")
    assert rocking.fresh == pytest.approx(np.radians(5.0), abs=0.002)
    spread = one(said, "peak_flexion_variability", "fast", "right")
    assert 0.3 < np.degrees(spread.fresh or 0.0) < 1.5
