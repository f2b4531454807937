"""The files of a simulated session: the same every time, and true to each other."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from hipimu.data import FloatArray, Segment
from hipimu.errors import OutputError
from hipimu.maths import quaternion
from hipimu.sources import open_recording
from hipimu.sources.simulate import Plan, Simulated, simulate
from hipimu.sources.simulate.plan import Loss, Noise, PlannedBout, Variability
from hipimu.sources.simulate.writer import FileFormat
from hipimu.units import GRAVITY_M_S2, deg_from_rad
from tests.unit.conftest import EASY, FAST, STAND, WALK, short_plan

TINY = Plan(
    seed=2,
    rate_hz=50.0,
    warm_up=(PlannedBout(pace="stand", duration_s=4.0),),
    bouts=(PlannedBout(pace="easy", duration_s=6.0, speed_m_s=3.0),),
)
EXACT = Variability(amplitude=0.0, period=0.0, bout_deg=0.0)
NO_NOISE = Noise(gyr_deg_s_sqrt_hz=0.0, acc_ug_sqrt_hz=0.0, gyr_bias_deg_s=0.0, impact_g=0.0)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulate(short_plan(), tmp_path_factory.mktemp("simulated") / "run")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def samples(made: Simulated, segment: Segment) -> FloatArray:
    path = made.recording / f"{segment}.csv"
    if path.exists():
        return pd.read_csv(path).to_numpy()
    return pd.read_parquet(path.with_suffix(".parquet")).to_numpy()


def test_the_folder_holds_what_a_recording_holds(short: Simulated) -> None:
    assert set(contents(short.recording)) == {
        "recording.toml",
        "laps.csv",
        "speed.csv",
        "pelvis.csv",
        "thigh_left.csv",
        "thigh_right.csv",
    }
    assert set(contents(short.truth)) == {"angles.parquet", "strides.csv", "truth.json"}
    assert short.truth.parent == short.recording.parent
    opened = open_recording(short.recording)
    assert opened.metadata.simulated
    assert opened.metadata.notice is not None
    assert "no person" in opened.metadata.notice


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_same_plan_gives_the_same_bytes(tmp_path: Path, file_format: FileFormat) -> None:
    one, other = (simulate(TINY, tmp_path / name, file_format=file_format) for name in ("a", "b"))

    assert contents(one.recording) == contents(other.recording)
    assert contents(one.truth) == contents(other.truth)


def test_a_body_is_told_and_moves_nothing(tmp_path: Path) -> None:
    body = TINY.body.model_copy(update={"mass_kg": 61.5, "sex": "f"})
    heavy = simulate(TINY.model_copy(update={"body": body}), tmp_path / "a")
    plain = simulate(TINY, tmp_path / "b")
    athlete = open_recording(heavy.recording).metadata.athlete

    assert (athlete.mass_kg, athlete.sex, athlete.height_m) == (61.5, "f", 1.75)
    assert open_recording(plain.recording).metadata.athlete.mass_kg is None
    assert np.array_equal(samples(heavy, "thigh_left"), samples(plain, "thigh_left"))


def test_the_start_is_told_and_moves_nothing(tmp_path: Path) -> None:
    at = datetime(2026, 7, 1, 18, 30, tzinfo=timezone(timedelta(hours=2)))
    dated = simulate(TINY.model_copy(update={"started_at": at}), tmp_path / "a")
    plain = simulate(TINY, tmp_path / "b")

    assert open_recording(dated.recording).metadata.started_at == at
    assert open_recording(plain.recording).metadata.started_at is None
    assert np.array_equal(samples(dated, "pelvis"), samples(plain, "pelvis"))


def test_another_seed_gives_another_runner(tmp_path: Path) -> None:
    one = simulate(TINY, tmp_path / "a")
    other = simulate(TINY.model_copy(update={"seed": 3}), tmp_path / "b")

    assert not np.allclose(samples(one, "pelvis")[:400], samples(other, "pelvis")[:400])


def test_csv_and_parquet_hold_the_same_numbers(tmp_path: Path) -> None:
    csv = simulate(TINY, tmp_path / "a")
    parquet = simulate(TINY, tmp_path / "b", file_format="parquet")

    for segment in TINY.sensors:
        assert_allclose(samples(csv, segment), samples(parquet, segment), rtol=0, atol=1e-12)
    assert (csv.recording / "laps.csv").read_bytes() == (
        parquet.recording / "laps.csv"
    ).read_bytes()


def test_what_was_written_is_read_back(short: Simulated) -> None:
    blocks = [b for b in open_recording(short.recording).blocks() if b.sensor == "thigh_left"]
    table = samples(short, "thigh_left")

    assert_allclose(np.concatenate([b.t_s for b in blocks]), table[:, 0])
    assert_allclose(np.concatenate([b.acc_m_s2 for b in blocks]), table[:, 1:4])
    assert_allclose(np.concatenate([b.gyr_rad_s for b in blocks]), table[:, 4:7])


class TestWhereItMayWrite:
    def test_an_earlier_simulation_is_replaced(self, tmp_path: Path) -> None:
        first = simulate(TINY, tmp_path / "run", file_format="parquet")
        second = simulate(TINY, tmp_path / "run")

        assert first == second
        assert "pelvis.parquet" not in contents(second.recording)

    def test_an_empty_folder_is_used(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir()
        simulate(TINY, tmp_path / "run")

    @pytest.mark.parametrize("name", ["notes.txt", "recording.toml"])
    def test_a_folder_that_is_no_simulation_is_refused_and_left_alone(
        self, tmp_path: Path, name: str
    ) -> None:
        out = tmp_path / "run"
        out.mkdir()
        (out / name).write_text("synchronised = true\n", encoding="utf-8")
        with pytest.raises(OutputError, match=r"not a simulated recording.*another --out"):
            simulate(TINY, out)

        assert list(contents(out)) == [name]
        assert not (tmp_path / "run.truth").exists()

    def test_a_file_is_refused(self, tmp_path: Path) -> None:
        out = tmp_path / "run"
        out.write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError):
            simulate(TINY, out)

        assert out.read_text(encoding="utf-8") == "mine"

    def test_a_place_that_cannot_be_made_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")
        with pytest.raises(OutputError, match="cannot be made"):
            simulate(TINY, tmp_path / "file" / "run")


def test_progress_runs_up_to_1(tmp_path: Path) -> None:
    plan = TINY.model_copy(update={"bouts": (EASY.model_copy(update={"duration_s": 130.0}),)})
    shares: list[float] = []
    simulate(plan, tmp_path / "run", file_format="parquet", progress=shares.append)

    assert len(shares) == 3
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("thigh", ["thigh_left", "thigh_right"])
def test_one_thigh_only(tmp_path: Path, thigh: Segment) -> None:
    made = simulate(TINY.model_copy(update={"sensors": ("pelvis", thigh)}), tmp_path / "run")

    assert {p.stem for p in made.recording.glob("*.csv")} == {"laps", "speed", "pelvis", thigh}
    assert set(open_recording(made.recording).segments) == {"pelvis", thigh}


def test_laps_are_the_running_bouts_and_speed_is_theirs(short: Simulated) -> None:
    laps = pd.read_csv(short.recording / "laps.csv")
    speed = pd.read_csv(short.recording / "speed.csv").set_index("time_s")["speed_m_s"]

    assert laps.to_numpy().tolist() == [[18.0, 32.0, "easy"], [32.0, 44.0, "fast"]]
    assert [speed[t] for t in (2.0, 10.0, 25.0, 40.0)] == [0.0, 1.4, 3.0, 5.0]
    assert_array_equal(speed.index, np.arange(44.0))


def test_true_strides_are_peaks_of_the_true_angles(short: Simulated) -> None:
    angles = pd.read_parquet(short.truth / "angles.parquet")
    strides = pd.read_csv(short.truth / "strides.csv")
    t_s = angles["time_s"].to_numpy()

    assert len(strides) > 80
    for side, own in strides.groupby("side"):
        flexion = angles[f"hip_flexion_{side}_rad"].to_numpy()
        assert np.all(np.diff(own["t_peak_flexion_s"]) > 0.3)
        assert np.all(own["t_peak_extension_s"] < own["t_peak_flexion_s"])
        for row in own.itertuples():
            near = np.abs(t_s - row.t_peak_flexion_s) < 0.15
            top, value = float(flexion[near].max()), float(str(row.peak_flexion_rad))
            assert top - 1e-9 <= value < top + np.radians(0.2)  # samples just miss the peak
        at_low = np.interp(own["t_peak_extension_s"], t_s, flexion)
        assert_allclose(-own["peak_extension_rad"], at_low, atol=np.radians(0.2))


def test_paces_and_bouts_of_the_truth_are_those_of_the_plan(short: Simulated) -> None:
    strides = pd.read_csv(short.truth / "strides.csv")
    bouts = [STAND, WALK, EASY, FAST]

    assert set(strides["pace"]) == {"walk", "easy", "fast"}
    for bout, pace in zip(strides["bout"], strides["pace"], strict=True):
        assert bouts[bout].pace == pace


def test_the_loss_of_the_plan_is_in_the_true_peaks(tmp_path: Path) -> None:
    """Without variation the fast peaks fall on a line of −6° over the running time."""
    plan = Plan(
        rate_hz=50.0,
        warm_up=(),
        bouts=(FAST.model_copy(update={"duration_s": 50.0}),),
        loss=Loss(fast_flexion_deg=6.0, easy_flexion_deg=99.0),
        variability=EXACT,
    )
    made = simulate(plan, tmp_path / "run", file_format="parquet")
    strides = pd.read_csv(made.truth / "strides.csv")
    right = strides[strides["side"] == "right"].iloc[3:-3]
    slope, level = np.polyfit(right["t_peak_flexion_s"] / 50.0, right["peak_flexion_rad"], 1)

    assert deg_from_rad(float(slope)) == pytest.approx(-6.0, abs=0.1)
    assert deg_from_rad(float(level)) == pytest.approx(52.0, abs=1.5)


def test_a_quiet_sensor_feels_gravity_in_the_direction_of_its_mounting(tmp_path: Path) -> None:
    made = simulate(TINY.model_copy(update={"noise": NO_NOISE}), tmp_path / "run")
    facts = json.loads((made.truth / "truth.json").read_text(encoding="utf-8"))
    for segment in TINY.sensors:
        table = samples(made, segment)[5:55]  # standing, segments upright
        up = quaternion.rotate(np.array(facts["mounting_wxyz"][segment]), np.array([0.0, 1.0, 0.0]))
        assert_allclose(table[:, 1:4], np.tile(GRAVITY_M_S2 * up, (50, 1)), atol=0.02)
        assert_allclose(table[:, 4:7], 0.0, atol=0.01)


def test_the_gyroscope_adds_up_to_the_turn_of_the_thigh_in_the_pelvis(tmp_path: Path) -> None:
    """What was felt, integrated from sample to sample, is the true flexion again."""
    plan = TINY.model_copy(update={"noise": NO_NOISE, "rate_hz": 200.0, "mounting": "aligned"})
    made = simulate(plan, tmp_path / "run", file_format="parquet")
    quats = {}
    for segment in ("pelvis", "thigh_right"):
        gyr = samples(made, segment)[:, 4:7]
        quat = np.tile([1.0, 0.0, 0.0, 0.0], (len(gyr), 1))
        steps = quaternion.from_vector(0.5 * (gyr[1:] + gyr[:-1]) / 200.0)
        for i, step in enumerate(steps):
            quat[i + 1] = quaternion.multiply(quat[i], step)
        quats[segment] = quat
    joint = quaternion.multiply(quaternion.conjugate(quats["pelvis"]), quats["thigh_right"])
    long_axis = quaternion.axis_in_earth(joint, 1)
    found = np.arctan2(-long_axis[:, 0], long_axis[:, 1])
    true = pd.read_parquet(made.truth / "angles.parquet")["hip_flexion_right_rad"].to_numpy()

    assert np.ptp(true) > 0.8
    assert_allclose(found, true, atol=np.radians(0.8))
