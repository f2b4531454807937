"""Faults of sensors and straps do what the plan says, measured in the written files."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import SEGMENTS, Segment
from hipimu.maths import quaternion
from hipimu.sources.simulate.parts import PARTS, PartName
from hipimu.sources.simulate.strap import quarter_turns
from hipimu.units import GRAVITY_M_S2, deg_from_rad, rad_from_deg
from tests.unit.sources.sessions import (
    QUIET,
    STAND,
    made,
    turned,
)


class TestElectronics:
    @pytest.mark.parametrize("part", ["LSM6DSO", "BMI270", "ICM-20948"])
    def test_white_noise_has_the_density_of_the_part(self, part: PartName) -> None:
        """Differences of neighbours leave out offsets and, nearly, the random walk."""
        run = made(bouts=[STAND | {"duration_s": 120.0}], warm_up=[], noise={"part": part})
        band = np.sqrt(2) * np.sqrt(0.5 * 100.0)
        gyr = np.diff(run.gyr("pelvis"), axis=0).std() / band
        acc = np.diff(run.acc("pelvis"), axis=0).std() / band

        assert deg_from_rad(gyr) == pytest.approx(PARTS[part]["gyr_deg_s_sqrt_hz"], rel=0.03)
        assert 1e6 * acc / GRAVITY_M_S2 == pytest.approx(PARTS[part]["acc_ug_sqrt_hz"], rel=0.03)

    def test_a_part_without_errors_is_exact(self) -> None:
        run = made(noise=QUIET, warm_up=[STAND, STAND])
        assert_allclose(run.gyr("pelvis")[:300], 0.0, atol=1e-6)
        assert_allclose(run.acc("pelvis")[:300], [[0.0, GRAVITY_M_S2, 0.0]] * 300, atol=1e-5)

    def test_offsets_are_those_of_the_truth_and_of_the_size_asked_for(self) -> None:
        drawn = []
        for seed in range(12):
            noise = QUIET | {"gyr_bias_deg_s": 1.0, "acc_bias_mg": 20.0}
            run = made(seed=seed, bouts=[STAND], warm_up=[], noise=noise)
            for segment in SEGMENTS:
                gyr = run.gyr(segment).mean(axis=0)
                acc = run.acc(segment).mean(axis=0) - [0.0, GRAVITY_M_S2, 0.0]
                truth = run.truth["sensors"][segment]
                assert_allclose(gyr, truth["gyr_bias_rad_s"], atol=1e-6)
                assert_allclose(acc, truth["acc_bias_m_s2"], atol=1e-5)
                drawn.append((deg_from_rad(gyr), acc / GRAVITY_M_S2 / 0.020))
        # 108 draws: their standard deviation is within 20 % but in one case of 300
        assert_allclose(np.std(drawn, axis=(0, 2)), 1.0, atol=0.2)

    def test_the_offset_of_the_gyroscope_walks(self) -> None:
        noise = QUIET | {"gyr_bias_walk_deg_s_sqrt_s": 0.01}
        run = made(rate_hz=50.0, bouts=[STAND | {"duration_s": 900.0}], warm_up=[], noise=noise)
        walk = np.concatenate([deg_from_rad(run.gyr(segment)).T for segment in SEGMENTS])
        for lag_s, within in ((1.0, 0.05), (10.0, 0.1)):
            lag = int(lag_s * 50)
            grown = (walk[:, lag::lag] - walk[:, :-lag:lag]).std()
            assert grown == pytest.approx(0.01 * np.sqrt(lag_s), rel=within)
        ends = run.truth["sensors"]["pelvis"]["gyr_bias_at_end_rad_s"]
        assert_allclose(run.gyr("pelvis")[-1], ends, atol=1e-6)

    @pytest.mark.parametrize("kind", ["gyr", "acc"])
    def test_gains_are_those_of_the_truth(self, kind: str) -> None:
        clean, off = (
            made(noise=QUIET),
            made(noise=QUIET | {f"{kind}_scale": 0.02, f"{kind}_cross_axis": 0.01}),
        )
        for segment in SEGMENTS:
            felt, read = getattr(clean, kind)(segment), getattr(off, kind)(segment)
            gain = np.linalg.lstsq(felt, read, rcond=None)[0].T
            assert_allclose(gain, off.truth["sensors"][segment][f"{kind}_gain"], atol=1e-4)
            assert 0.001 < np.abs(gain - np.eye(3)).max() < 0.08
        other = {"gyr": "acc", "acc": "gyr"}[kind]
        assert_array_equal(getattr(off, other)("pelvis"), getattr(clean, other)("pelvis"))

    def test_clipping_keeps_within_the_range_and_leaves_the_rest_alone(self) -> None:
        free, tight = made(), made(range={"acc_g": 2.0, "gyr_deg_s": 150.0})
        for segment in SEGMENTS:
            for kind, limit in (("acc", 2.0 * GRAVITY_M_S2), ("gyr", rad_from_deg(150.0))):
                was, now = getattr(free, kind)(segment), getattr(tight, kind)(segment)
                assert_allclose(now, np.clip(was, -limit, limit), atol=1.1e-5)
                assert np.abs(now).max() <= limit + 5e-6  # files hold five or six decimals
        assert np.any(free.acc("thigh_left") != tight.acc("thigh_left"))


class TestStrap:
    @pytest.mark.parametrize(("axis", "column"), [("long", 1), ("across", 2), ("forward", 0)])
    def test_a_slip_turns_the_sensor_once(self, axis: str, column: int) -> None:
        slip = {"sensor": "thigh_left", "at_s": 3.0, "angle_deg": 12.0, "axis": axis}
        still = made(noise=QUIET, warm_up=[STAND, STAND])
        run = made(noise=QUIET, warm_up=[STAND, STAND], slip=[slip])
        standing = turned(run.gyr("thigh_left")[:500, column], 100.0)

        assert deg_from_rad(standing[-1]) == pytest.approx(12.0, abs=0.01)
        assert_allclose(standing[:295], 0.0, atol=1e-4)
        assert_allclose(standing[355:], standing[-1], atol=1e-4)
        moved = quaternion.about_axis(np.eye(3)[column], rad_from_deg(-12.0))
        assert_allclose(
            run.acc("thigh_left")[400:],
            quaternion.rotate(moved, still.acc("thigh_left")[400:]),
            atol=2e-5,
        )
        (told,) = run.truth["sensors"]["thigh_left"]["slips"]
        assert_allclose(told["mounting_after_wxyz"], moved, atol=1e-12)
        for name in ("pelvis.csv", "thigh_right.csv"):
            assert run.files[name] == still.files[name]

    @pytest.mark.parametrize(("segment", "share"), [("thigh_right", 1.0), ("thigh_left", 1.0)])
    def test_soft_tissue_swings_after_each_footfall(self, segment: Segment, share: float) -> None:
        run, still = (
            made(rate_hz=250.0, noise=QUIET, soft_tissue={"impact_deg": d}) for d in (3, 0)
        )
        axis = np.array(run.truth["sensors"][segment]["wobble_axis"])
        angle = turned((run.gyr(segment) - still.gyr(segment)) @ axis, 250.0)
        running = angle[(22 * 250) : (36 * 250)]

        assert deg_from_rad(running.max()) == pytest.approx(3.0 * share, rel=0.05)
        spectrum = np.abs(np.fft.rfft(running - running.mean()))
        loudest = np.fft.rfftfreq(len(running), 1 / 250.0)[np.argmax(spectrum)]
        assert 6.0 < loudest < 11.0
        assert np.abs(angle[: 8 * 250 - 300]).max() < 1e-4

    def test_soft_tissue_shifts_the_sensor_along_the_thigh(self) -> None:
        """Twice integrated over the tenth of a second after a footfall: millimetres."""
        run, still = (
            made(rate_hz=250.0, noise=QUIET, soft_tissue={"impact_mm": d}) for d in (4, 0)
        )
        along = (run.acc("thigh_right") - still.acc("thigh_right"))[:, 1]
        loud = along[(22 * 250) : (36 * 250)]

        assert np.abs(along[:1500]).max() < 1e-4
        # between 9 Hz alone and what its quick onset adds: 4 mm · (2π 9 Hz)² = 13 m/s²
        assert 13.0 < np.abs(loud).max() < 45.0
        assert_array_equal(run.gyr("thigh_right"), still.gyr("thigh_right"))

    def test_soft_tissue_follows_flexion(self) -> None:
        run, still = (made(noise=QUIET, soft_tissue={"flexion_share": d}) for d in (0.05, 0))
        for side in ("left", "right"):
            segment: Segment = "thigh_left" if side == "left" else "thigh_right"
            further = turned((run.gyr(segment) - still.gyr(segment))[:, 2], 100.0)
            flexion = still.angles[f"hip_flexion_{side}_rad"].to_numpy()
            assert_allclose(further, 0.05 * (flexion - flexion[0]), atol=rad_from_deg(0.1))
        assert run.files["pelvis.csv"] == still.files["pelvis.csv"]
        assert run.truth_files["strides.csv"] == still.truth_files["strides.csv"]

    def test_quarter_turns_and_a_little_more(self) -> None:
        turns = quarter_turns()
        assert len({tuple(np.round(np.abs(q), 3)) + tuple(np.sign(q)) for q in turns}) == 24
        off_deg, nearest = [], set()
        for seed in range(40):
            run = made(
                seed=seed, mounting="quarter_turn", mounting_spread_deg=10.0,
                bouts=[STAND | {"duration_s": 4.0}], warm_up=[], noise=QUIET,
            )  # fmt: skip
            for segment in SEGMENTS:
                mounting = np.array(run.truth["mounting_wxyz"][segment])
                up = quaternion.rotate(mounting, np.array([0.0, 1.0, 0.0]))
                assert_allclose(run.acc(segment)[5], GRAVITY_M_S2 * up, atol=2e-5)
                closeness = [abs(float(q @ mounting)) for q in turns]
                nearest.add(int(np.argmax(closeness)))
                off_deg.append(deg_from_rad(2 * np.arccos(min(max(closeness), 1.0))))
        assert max(off_deg) <= 10.0 + 1e-6
        assert np.mean(off_deg) == pytest.approx(5.0, abs=0.8)
        assert len(nearest) > 20

    def test_swapped_sensors_swap_files(self) -> None:
        right, wrong = made(), made(swapped=["thigh_left", "thigh_right"])
        assert right.files["thigh_left.csv"] == wrong.files["thigh_right.csv"]
        assert right.files["thigh_right.csv"] == wrong.files["thigh_left.csv"]
        assert right.files["pelvis.csv"] == wrong.files["pelvis.csv"]
