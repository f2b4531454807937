"""What calibration costs when it has less to go on: the real runner, and known simulated bodies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hipimu.sources.simulate.imu as simulated_sensors
from hipimu.data import SIDES, FloatArray, Segment, Session, Side
from hipimu.pipeline import Parameters, analyse, analyse_recording
from hipimu.sources import open_recording
from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.plan import PlannedBout
from tests.truth.compare import DEGREE
from tests.truth.conftest import ISEN
from tests.truth.test_simulated_runner import Simulated, paired, simulated

STAND = PlannedBout(pace="stand", duration_s=6.0)


def peaks_at(session: Session, side: Side) -> FloatArray:
    """Time and flexion at both peaks of running strides, (n, 3).

    From 31 s on: the orientation filter, too, started in mid-run.
    """
    return np.array(
        [
            (s.t_peak_flexion_s, s.peak_flexion_rad, -s.peak_extension_rad)
            for s in session.strides
            if s.side == side and s.gait == "running" and s.t_peak_flexion_s > 31.0
        ]
    )


@pytest.fixture(scope="module", params=[24.0, 26.0, 27.0])
def unstood(request: pytest.FixtureRequest, isen_session: Session) -> Session:
    """The run alone, by the same method."""
    recording = open_recording(ISEN, from_s=request.param)
    return analyse_recording(recording, Parameters(method=isen_session.method))


def test_without_standing_it_is_said(unstood: Session) -> None:
    assert unstood.neutral.startswith("guessed from the mean pose in gait")
    assert any("may be off by 10°" in warning for warning in unstood.warnings)
    assert unstood.calibration.quality == 0.5


@pytest.mark.parametrize("side", SIDES)
def test_without_standing_angles_move_and_ranges_do_not(
    unstood: Session, isen_session: Session, side: Side
) -> None:
    usual, guessed = (peaks_at(session, side) for session in (isen_session, unstood))
    nearest = np.abs(usual[:, :1] - guessed[:, 0]).argmin(axis=0)
    differences = guessed - usual[nearest]
    assert np.abs(differences[:, 0]).max() < 0.2  # one peak, in the turn, is flat
    moved = np.median(differences[:, 1:], axis=0)
    assert np.abs(moved).max() <= 12.0 * DEGREE
    assert abs(moved[0] - moved[1]) <= 2.5 * DEGREE


def run_of(speed: float, seed: int, folder: Path, **changes: object) -> Simulated:
    plan = Plan(
        seed=seed,
        rate_hz=100.0 if speed < 7 else 200.0,
        warm_up=(STAND,),
        bouts=(PlannedBout(pace="fast", duration_s=30.0, speed_m_s=speed),),
    )
    return simulated(plan.model_copy(update=changes), folder)


def worst_deg(result: Simulated, side: Side) -> float:
    pairs = paired(result, side)
    pairs = pairs[pairs["t_s"] > 9.0]
    errors = [pairs[f"{p}_rad"] - pairs[f"peak_{p}_rad"] for p in ("flexion", "extension")]
    return float(np.abs(np.concatenate(errors)).max() / DEGREE)


@pytest.mark.parametrize("place", [(0.10, 0.10, 0.0), (0.0, 0.10, 0.17), (0.0, 0.10, -0.17)])
@pytest.mark.parametrize("speed", [2.5, 3.6])
def test_a_pelvis_sensor_at_the_front_or_the_side(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, speed: float, place: tuple[float, float, float]
) -> None:
    monkeypatch.setattr(simulated_sensors, "_PELVIS_SENSOR_M", np.array(place))
    result = run_of(speed, 3, tmp_path)
    assert max(worst_deg(result, side) for side in SIDES) <= 2.0
    assert result.session.warnings == ()


@pytest.mark.parametrize("worn", ["left", "right"])
@pytest.mark.parametrize("speed", [2.5, 3.6, 7.0])
def test_one_thigh(tmp_path: Path, speed: float, worn: Side) -> None:
    thigh: Segment = "thigh_left" if worn == "left" else "thigh_right"
    result = run_of(speed, 5, tmp_path, sensors=("pelvis", thigh))
    assert worst_deg(result, worn) <= 2.0


@pytest.mark.parametrize("height_m", [1.5, 2.0])
def test_a_height_that_is_not_the_runners_moves_peaks_little(
    tmp_path: Path, height_m: float
) -> None:
    """A lever arm wrong by a seventh: heading rests on anatomy as well."""
    plan = Plan(
        seed=4,
        rate_hz=100.0,
        warm_up=(STAND,),
        bouts=(PlannedBout(pace="easy", duration_s=30.0, speed_m_s=3.6),),
    )
    made = simulate(plan, tmp_path / "run")
    usual = analyse(made.recording)
    settings = made.recording / "recording.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f"{text}\n[athlete]\nheight_m = {height_m}\n", encoding="utf-8")
    scaled = analyse(made.recording)
    peaks = [np.array([s.peak_flexion_rad for s in session.strides]) for session in (usual, scaled)]
    difference = np.abs(peaks[1] - peaks[0]).max()
    assert 0.0 < difference <= 1.0 * DEGREE


@pytest.mark.parametrize("seed", [53, 54, 57])
def test_a_pelvis_whose_sensor_shakes_is_not_turned_round(tmp_path: Path, seed: int) -> None:
    """4° of soft tissue at every landing on a straight way: the walk tells forward from back.

    These pelves were turned round, or taken for undecided, when all gait was asked alike.
    """
    plan = Plan.model_validate(
        {
            "seed": seed,
            "rate_hz": 100.0,
            "bouts": [{"pace": "easy", "duration_s": 60.0, "speed_m_s": 3.0}],
            "soft_tissue": {"impact_deg": 4.0},
        }
    )
    session = analyse(simulate(plan, tmp_path / "run", file_format="parquet").recording)
    tilt = np.median([s.pelvis_tilt_rad for s in session.strides if s.usable()])

    assert tilt == pytest.approx(5.0 * DEGREE, abs=0.5 * DEGREE)
    assert session.calibration.sign_margin["pelvis"] > 0.7
    assert session.warnings == ()
