"""Speed and grade from distance, position and altitude."""

from __future__ import annotations

import math

import gpxpy.geo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.sources.activity.along import grade, mean_speed, path_length

ONE_PART = np.zeros(601, dtype=np.int64)
T_S = np.arange(601.0)


@given(
    latitude=st.floats(-80, 80), longitude=st.floats(-179, 179), heading=st.floats(0, 2 * math.pi)
)
def test_way_on_the_globe(latitude: float, longitude: float, heading: float) -> None:
    """Against the distances of gpxpy, on a sphere of another radius: within 0.5 %."""
    steps = np.arange(5) * 1e-4
    latitudes = latitude + steps * math.cos(heading)
    longitudes = longitude + steps * math.sin(heading) / math.cos(math.radians(latitude))
    ours = path_length(np.radians(latitudes), np.radians(longitudes))
    pairs = zip(latitudes[:-1], longitudes[:-1], latitudes[1:], longitudes[1:], strict=True)
    theirs = sum(gpxpy.geo.haversine_distance(*pair) for pair in pairs)
    assert ours[0] == 0.0
    assert ours[-1] == pytest.approx(theirs, rel=5e-3)


def test_unknown_positions_have_no_way() -> None:
    latitude = np.radians([47.0, np.nan, 47.001])
    ours = path_length(latitude, np.radians([8.0, 8.0, 8.0]))
    assert np.isnan(ours[1])
    assert ours[2] == pytest.approx(111.2, abs=0.1)
    assert np.isnan(path_length(np.full(3, np.nan), np.full(3, np.nan))).all()


@given(speed=st.floats(0.5, 9.0), half_s=st.floats(1.0, 10.0), every=st.integers(1, 9))
def test_steady_speed_is_exact(speed: float, half_s: float, every: int) -> None:
    """However the records are spread, and at the ends too."""
    t_s = T_S[::every]
    found = mean_speed(t_s, speed * t_s, ONE_PART[::every], half_s)
    np.testing.assert_allclose(found, speed)


def test_mean_over_the_window_and_nothing_else() -> None:
    along = np.where(T_S < 300, 3.0 * T_S, 900.0 + 5.0 * (T_S - 300))
    found = mean_speed(T_S, along, ONE_PART, 2.5)
    np.testing.assert_allclose(found[:298], 3.0)
    np.testing.assert_allclose(found[303:], 5.0)
    assert found[300] == pytest.approx(4.0)


def test_metres_rounded_off_are_smoothed() -> None:
    """Some watches write whole metres: single steps then say 3 or 4 m/s, never 3.3."""
    along = np.floor(3.3 * T_S)
    assert np.abs(np.diff(along) - 3.3).max() > 0.6
    assert np.abs(mean_speed(T_S, along, ONE_PART, 2.5)[5:-5] - 3.3).max() <= 0.2 + 1e-9


@pytest.mark.parametrize("leap_m", [-500.0, 400.0])
def test_a_leap_is_no_speed(leap_m: float) -> None:
    along = 3.0 * T_S + np.where(T_S > 299.5, leap_m, 0.0)
    np.testing.assert_allclose(mean_speed(T_S, along, ONE_PART, 5.0), 3.0)


def test_parts_do_not_look_at_each_other() -> None:
    part = np.where(T_S < 300, 0, 1)
    along = np.where(T_S < 300, 3.0 * T_S, 1000.0 + 1.0 * T_S)
    found = mean_speed(T_S, along, part, 5.0)
    np.testing.assert_allclose(found[:300], 3.0)
    np.testing.assert_allclose(found[300:], 1.0)


def test_silence_is_not_bridged() -> None:
    along = np.where((T_S > 100) & (T_S < 200), np.nan, 3.0 * T_S)
    along[T_S >= 200] += 777.0
    found = mean_speed(T_S, along, ONE_PART, 5.0)
    assert np.isnan(found[101:200]).all()
    np.testing.assert_allclose(found[~np.isnan(found)], 3.0)


def test_one_row_has_no_speed() -> None:
    assert np.isnan(mean_speed(T_S[:1], T_S[:1], ONE_PART[:1], 5.0)).all()
    assert len(mean_speed(T_S[:0], T_S[:0], ONE_PART[:0], 5.0)) == 0


@given(slope=st.floats(-0.4, 0.4), start=st.floats(-100, 4000), speed=st.floats(1.0, 8.0))
def test_even_slope_is_exact(slope: float, start: float, speed: float) -> None:
    along = speed * T_S
    found = grade(T_S, along, start + slope * along, ONE_PART)
    np.testing.assert_allclose(found, slope, atol=1e-7)


def test_steps_of_a_barometer_are_within_a_fifth_of_a_percent() -> None:
    along = 3.0 * T_S
    altitude = np.round((400.0 + 0.02 * along) / 0.2) * 0.2
    found = grade(T_S, along, altitude, ONE_PART)
    assert np.abs(found[20:-20] - 0.02).max() < 2e-3
    assert np.abs(found - 0.02).max() < 5e-3


def test_standing_has_no_grade() -> None:
    along = np.where(T_S < 100, 0.0, 3.0 * (T_S - 100))
    found = grade(T_S, along, np.full(601, 400.0), ONE_PART)
    assert np.isfinite(found[150:]).all()
    assert np.isnan(grade(T_S, np.zeros(601), np.full(601, 400.0), ONE_PART)).all()


def test_a_receiver_finding_its_place_is_no_hill() -> None:
    """As real watches do: the first altitude is 90 m below all others."""
    altitude = np.full(601, 142.4)
    altitude[0] = 55.0
    found = grade(T_S, 3.0 * T_S, altitude, ONE_PART)
    assert np.isnan(found[0])
    np.testing.assert_allclose(found[1:], 0.0, atol=1e-9)


def test_grade_only_where_altitude_is_known() -> None:
    altitude = np.where(T_S < 300, 400.0, np.nan)
    found = grade(T_S, 3.0 * T_S, altitude, ONE_PART)
    assert np.isfinite(found[:300]).all()
    assert np.isnan(found[300:]).all()
