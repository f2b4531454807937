"""Curves, hops, lifts, ramps and bodies are as the plan says, measured in the written files."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import SEGMENTS
from hipimu.maths import quaternion
from hipimu.sources.simulate.course import Track
from hipimu.units import GRAVITY_M_S2, deg_from_rad
from tests.unit.sources.sessions import (
    EASY,
    HOP,
    QUIET,
    STAND,
    landings_s,
    made,
)


class TestRunning:
    @pytest.mark.parametrize(("radius_m", "speed"), [(20.0, 4.0), (36.5, 6.0)])
    def test_a_circle_turns_and_is_felt(self, radius_m: float, speed: float) -> None:
        """Gyroscope integrated from standing on: earth frame, then the mean push to the left."""
        run = made(
            rate_hz=250.0, noise=QUIET, variability={"amplitude": 0, "period": 0, "bout_deg": 0},
            course={"curve_radius_m": radius_m}, warm_up=[STAND],
            bouts=[EASY | {"speed_m_s": speed}],
        )  # fmt: skip
        gyr, acc = run.gyr("pelvis"), run.acc("pelvis")
        quat = quaternion.from_axes(
            *(np.array(a, dtype=float) for a in ((1, 0, 0), (0, 0, 1), (0, -1, 0)))
        )
        quats = np.tile(quat, (len(gyr), 1))
        steps = quaternion.from_vector(0.5 * (gyr[1:] + gyr[:-1]) / 250.0)
        for i, step in enumerate(steps):
            quats[i + 1] = quaternion.multiply(quats[i], step)
        forward = quaternion.axis_in_earth(quats, 0)
        heading = np.unwrap(np.arctan2(forward[:, 1], forward[:, 0]))
        t_s = run.t_s("pelvis")
        right = run.strides[run.strides["side"] == "right"]["t_peak_flexion_s"].to_numpy()
        first, last = np.searchsorted(t_s, (right[right > 12][0], right[right < 26][-1]))
        rate = (heading[last] - heading[first]) / (t_s[last] - t_s[first])
        felt = quaternion.rotate(quats, acc)[first:last]
        along = rate * (t_s[first:last] - t_s[first]) + heading[first]
        left = np.mean(-np.sin(along) * felt[:, 0] + np.cos(along) * felt[:, 1])

        assert rate == pytest.approx(speed / radius_m, rel=0.01)
        assert left == pytest.approx(speed**2 / radius_m, rel=0.1)
        assert felt[:, 2].mean() == pytest.approx(GRAVITY_M_S2, rel=0.02)

    def test_an_oval_turns_once_a_lap(self) -> None:
        distance = np.linspace(0.0, 2 * (84.39 + np.pi * 36.5), 400_001)
        curvature = Track(36.5, 84.39).curvature_1_m(distance)
        assert np.trapezoid(curvature, distance) == pytest.approx(2 * np.pi, rel=1e-6)
        assert curvature.max() == pytest.approx(1 / 36.5)
        assert_allclose(curvature[(distance > 10) & (distance < 70)], 0.0)

    def test_curves_leave_the_truth_alone(self) -> None:
        assert (
            made(course={"curve_radius_m": 20}).truth_files["strides.csv"]
            == (made().truth_files["strides.csv"])
        )

    def test_hops_fly_three_times_and_land_on_both_legs(self) -> None:
        run = made(rate_hz=200.0, warm_up=[STAND, HOP, STAND], bouts=[EASY])
        weight = np.sqrt((run.acc("pelvis")[: 22 * 200] ** 2).sum(axis=1)) / GRAVITY_M_S2
        flying = np.flatnonzero(np.diff((weight < 0.3).astype(int)))
        assert len(flying) == 6
        assert_allclose(np.diff(flying)[::2] / 200.0, 0.3, atol=0.03)
        ends = [landings_s(run, segment)[:3] for segment in SEGMENTS]
        assert_allclose(ends[1], ends[2], atol=0.004)
        assert_allclose(ends[0], ends[2], atol=0.02)
        assert np.all(run.strides["t_peak_extension_s"] > 18.0), "a hop is no stride"

    def test_the_left_knee_is_lifted_twice_and_nothing_else(self) -> None:
        lifts = {"pace": "knee_lifts", "duration_s": 6.0}
        run = made(rate_hz=200.0, noise=QUIET, warm_up=[STAND, lifts, STAND], bouts=[EASY])
        left, right = (
            deg_from_rad(run.angles[f"hip_flexion_{side}_rad"].to_numpy()[: 20 * 200])
            for side in ("left", "right")
        )
        risen = np.flatnonzero(np.diff((left > 35.0).astype(int)) == 1) / 200.0
        assert_allclose(risen, [9.6, 11.6], atol=0.3)
        assert left.max() == pytest.approx(70.0, abs=0.5)
        assert np.abs(right).max() < 0.5
        assert np.abs(run.gyr("pelvis")[: 20 * 200]).max() < 0.01
        assert np.abs(run.gyr("thigh_left")[: 20 * 200]).max() > 2.0
        assert np.all(run.strides["t_peak_extension_s"] > 18.0), "a knee lift is no stride"

    def test_from_a_jog_to_a_sprint(self) -> None:
        ramp = {"pace": "fast", "duration_s": 60.0, "speed_m_s": 2.5, "end_speed_m_s": 9.0}
        run = made(bouts=[ramp], warm_up=[STAND], variability={"amplitude": 0.0, "bout_deg": 0.0})
        right = run.strides[run.strides["side"] == "right"].reset_index(drop=True)
        stride_s = np.diff(right["t_peak_flexion_s"])
        flexion, extension = (
            deg_from_rad(right[f"peak_{name}_rad"].to_numpy()) for name in ("flexion", "extension")
        )
        assert np.mean(stride_s[3:8]) == pytest.approx(0.76, abs=0.02)
        assert np.mean(stride_s[-8:-3]) == pytest.approx(0.45, abs=0.02)
        # science's sanity values at 2.5, 3.6 and 9.5 m/s
        speed_m_s = 2.5 + (right["t_peak_flexion_s"].to_numpy() - 8.0) * 6.5 / 60.0
        wanted_flexion = np.interp(speed_m_s, [2.5, 3.6, 9.5], [34.0, 40.0, 85.0])
        wanted_extension = np.interp(speed_m_s, [2.5, 3.6, 9.5], [13.0, 24.0, 32.0])
        assert_allclose(flexion[3:-3], wanted_flexion[3:-3], atol=4.0)
        assert_allclose(extension[3:-3], wanted_extension[3:-3], atol=2.0)
        speed = pd.read_csv(BytesIO(run.files["speed.csv"])).set_index("time_s")
        middle = speed.loc[10.0:66.0, "speed_m_s"]
        assert_allclose(middle, 2.5 + (middle.index - 8.0) * 6.5 / 60.0, atol=0.1)

    def test_one_side_moves_further(self) -> None:
        run, even = (
            made(body={"asymmetry": a}, variability={"amplitude": 0, "bout_deg": 0})
            for a in (0.1, 0)
        )
        for side, factor in (("left", 1.05), ("right", 0.95)):
            now, was = (m.strides[m.strides["side"] == side].iloc[25:-3] for m in (run, even))
            for peak in ("peak_flexion_rad", "peak_extension_rad"):
                assert_allclose(now[peak].mean() / was[peak].mean(), factor, atol=0.002)

    def test_uphill_the_hip_flexes_more_and_extends_less(self) -> None:
        up, level = made(bouts=[EASY | {"grade": 0.05}]), made()
        change = {
            peak: deg_from_rad((up.strides[peak] - level.strides[peak]).iloc[20:35].mean())
            for peak in ("peak_flexion_rad", "peak_extension_rad")
        }
        assert change["peak_flexion_rad"] == pytest.approx(3.0, abs=0.3)
        assert change["peak_extension_rad"] == pytest.approx(-1.0, abs=0.3)

    def test_a_taller_body_has_longer_levers(self) -> None:
        short, middle, tall = (
            made(noise=QUIET, body={"height_m": h}).acc("thigh_left") for h in (1.5, 1.75, 2.0)
        )
        assert_allclose(tall - middle, middle - short, atol=4e-5)
        assert np.abs(tall - short).max() > 1.0
        assert_array_equal(middle, made(noise=QUIET).acc("thigh_left"))
