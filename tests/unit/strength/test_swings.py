"""Swings are cut where they begin and end, and missing samples spoil their neighbours only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import FloatArray, HipMotion
from hipimu.strength.columns import StrideColumns, run_of
from hipimu.strength.swings import Swings, sorted_within, swings_of
from tests.unit.strength import pendulum


def columns() -> StrideColumns:
    return run_of(pendulum.strides(), pendulum.BOUTS, ["right"]).sides["right"]


def cut(motion: HipMotion | None) -> Swings:
    return swings_of(columns(), motion)


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 200.0, 400.0, 1000.0])
def test_a_cosine_is_found_with_its_derivatives(rate_hz: float) -> None:
    swings = cut(pendulum.motion(rate_hz=rate_hz))
    omega, a = 2 * np.pi / pendulum.PERIOD_S, pendulum.AMPLITUDE_RAD
    since = (np.arange(len(swings.hip_rad)) - swings.first[swings.owner()]) * swings.step_s
    phase = omega * since
    assert swings.step_s <= 1 / 400 + 1e-12
    # period and grid need not fit: a swing begins up to one fine sample late
    slack = omega * swings.step_s
    assert_allclose(swings.hip_rad, -a * np.cos(phase), atol=a * slack + 1e-3)
    assert_allclose(swings.hip_rad_s, a * omega * np.sin(phase), atol=a * omega * slack + 2e-2)
    assert_allclose(
        swings.thigh_rad_s2, a * omega**2 * np.cos(phase), atol=a * omega**2 * slack + 1.0
    )


def test_every_swing_reaches_from_peak_to_peak() -> None:
    swings = cut(pendulum.motion())
    assert_allclose(swings.length * swings.step_s, pendulum.PERIOD_S / 2, atol=2 * swings.step_s)
    assert_allclose(swings.duration_s, pendulum.PERIOD_S / 2)
    assert_array_equal(np.bincount(swings.owner()), swings.length)


def test_missing_samples_spoil_the_swings_they_touch() -> None:
    motion = pendulum.motion()
    holed = motion.flexion_rad.copy()
    at = round(10.25 * pendulum.PERIOD_S * motion.rate_hz)
    holed[at : at + 3] = np.nan
    spoilt, whole = cut(replace(motion, flexion_rad=holed)), cut(motion)
    bad = np.flatnonzero(spoilt.length == 0)
    assert_array_equal(columns().t_peak_flexion_s[bad], [10.5 * pendulum.PERIOD_S])
    far = np.flatnonzero(spoilt.length > 0)[-10:]
    for number in far:
        one = spoilt.hip_rad[spoilt.first[number] :][: spoilt.length[number]]
        other = whole.hip_rad[whole.first[number] :][: whole.length[number]]
        assert_allclose(one, other, atol=1e-9)


@pytest.mark.parametrize("series", ["flexion_rad", "thigh_rad", "hip_force_m_s2"])
def test_nothing_is_made_of_nothing(series: str) -> None:
    motion = pendulum.motion()
    nothing: dict[str, Any] = {series: np.full(len(motion.t_s), np.nan)}
    empty = replace(motion, **nothing)
    assert not cut(empty).length.any()
    assert not cut(None).length.any()
    assert np.isnan(cut(None).sums(np.empty(0))).all()
    assert np.isnan(cut(None).share_below(np.empty(0), 0.5)).all()


def test_swings_beyond_the_samples_are_not_usable() -> None:
    motion = pendulum.motion()
    half = len(motion.t_s) // 2
    names = ("t_s", "flexion_rad", "thigh_rad", "pelvis_tilt_rad", "hip_force_m_s2")
    kept: dict[str, Any] = {name: getattr(motion, name)[:half] for name in names}
    short = replace(motion, **kept)
    ended = columns().t_peak_flexion_s > short.t_s[-1]
    assert_array_equal(cut(short).length == 0, ended)


def test_shares_are_those_of_each_swing_by_itself() -> None:
    swings = cut(pendulum.motion())
    values = np.random.default_rng(3).normal(size=len(swings.hip_rad))
    parts = np.split(values, swings.first[1:])
    for share in (0.0, 0.5, 0.95, 1.0):
        assert_allclose(
            swings.share_below(values, share), [np.quantile(part, share) for part in parts]
        )
    assert_allclose(swings.sums(values), [part.sum() for part in parts])


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(-1e3, 1e3)), max_size=60))
def test_one_sort_orders_as_two_do(pairs: list[tuple[int, float]]) -> None:
    owner = np.array([p[0] for p in pairs], dtype=np.int64)
    values: FloatArray = np.round([p[1] for p in pairs], 3)
    order = sorted_within(owner, values)
    assert_array_equal(owner[order], np.sort(owner))
    assert_array_equal(values[order], values[np.lexsort((values, owner))])
