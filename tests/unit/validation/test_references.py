"""References from elsewhere: what is read, and what is said when it cannot be."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

from hipimu.data import FloatArray
from hipimu.errors import RecordingError
from hipimu.maths import quaternion
from hipimu.pipeline import analyse
from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.plan import PlannedBout
from hipimu.validation.broad import read_trial, score_trial, trials
from hipimu.validation.references import (
    ANGLES,
    PARTS,
    compare,
    read_reference,
    sample_recording,
    turns,
)
from hipimu.validation.run import Missing, Request, _reference, _steps

DEGREE = np.pi / 180
RATE_HZ = 200.0


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated run with its true angles beside it, as if cameras had measured them."""
    plan = Plan(
        seed=4,
        rate_hz=100.0,
        warm_up=(
            PlannedBout(pace="stand", duration_s=6.0),
            PlannedBout(pace="walk", duration_s=14.0, speed_m_s=1.4),
        ),
        bouts=(PlannedBout(pace="easy", duration_s=20.0, speed_m_s=3.0),),
    )
    made = simulate(plan, tmp_path_factory.mktemp("reference") / "run")
    angles = pd.read_parquet(made.truth / "angles.parquet")
    names = {
        f"hip_flexion_{side}_rad": f"optical_hip_flexion_{side}_rad" for side in ("left", "right")
    }
    angles.rename(columns=names).to_csv(made.recording / ANGLES, index=False)
    (made.recording / PARTS).write_text("start_s,end_s,label\n22,38,steady run\n")
    return made.recording


def test_true_angles_as_reference_agree(recording: Path) -> None:
    result = compare(recording)
    assert (result.source, result.simulated) == ("optical", True)
    assert [(p.label, p.side) for p in result.parts] == [
        ("steady run", "left"),
        ("steady run", "right"),
    ]
    session = analyse(recording)
    for part in result.parts:
        assert part.curve.r > 0.999
        assert part.curve.rmse_rad < 1.0 * DEGREE
        inside = [
            s for s in session.strides if s.side == part.side and 22 <= s.t_peak_flexion_s < 38
        ]
        assert part.strides == len(inside) > 15
        median, theirs = part.median_rad["peak_flexion"], part.reference_median_rad["peak_flexion"]
        assert median == pytest.approx(theirs, abs=0.5 * DEGREE)


def test_without_parts_the_recording_is_looked_at_as_a_whole(
    recording: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(recording, whole)
    (whole / PARTS).unlink()
    parts = compare(whole).parts
    assert {part.label for part in parts} == {"whole recording"}
    assert parts[0].end_s - parts[0].start_s > 35.0


def test_a_reference_of_one_side(recording: Path, tmp_path: Path) -> None:
    one = tmp_path / "one"
    shutil.copytree(recording, one)
    table = pd.read_csv(one / ANGLES).drop(columns="optical_hip_flexion_left_rad")
    table.to_csv(one / ANGLES, index=False)
    assert {part.side for part in compare(one).parts} == {"right"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("", "cannot be read"),
        ("time_s,knee\n0,1\n", "lacks time_s or hip flexion"),
        ("t,optical_hip_flexion_left_rad\n0,1\n", "lacks time_s or hip flexion"),
        ("time_s,optical_hip_flexion_left_rad\n900,0.1\n901,0.2\n", "no time or side in common"),
    ],
)
def test_a_reference_that_cannot_be_used_is_named(
    recording: Path, tmp_path: Path, text: str | None, said: str
) -> None:
    folder = tmp_path / "bad"
    shutil.copytree(recording, folder)
    (folder / ANGLES).unlink()
    if text is not None:
        (folder / ANGLES).write_text(text)
    with pytest.raises(RecordingError, match=said):
        compare(folder)
    (missing,) = _reference(folder)
    assert isinstance(missing, Missing)
    assert said in missing.why


def test_the_sample_recording_is_on_hand_in_a_checkout() -> None:
    folder = sample_recording()
    assert folder is not None
    reference = read_reference(folder)
    assert reference.source == "vendor"
    assert [part.label for part in reference.parts] == ["functional movements", "running"]


def test_turns_leave_out_ripples() -> None:
    t_s = np.arange(0.0, 4.0, 0.01)
    curve = np.sin(2 * np.pi * t_s) + 0.1 * np.sin(2 * np.pi * 9 * t_s)
    times, values = turns(t_s, curve)
    assert len(times) == 4
    assert values.min() > 1.0


def write_trial(folder: Path, tilt_deg: float = 0.0) -> Path:
    """Half a minute of turning about two axes, with optical data that fail for a while."""
    n = int(30 * RATE_HZ)
    t_s = np.arange(n) / RATE_HZ
    quat, rate = motion(t_s)
    gravity = np.broadcast_to([0.0, 0.0, 9.80665], (n, 3))
    tilt = quaternion.about_axis(np.array([1.0, 0, 0]), tilt_deg * DEGREE)
    optical = quaternion.multiply(tilt, quat)
    optical[100:200] = np.nan
    path = folder / "01_turning.mat"
    values = {
        "imu_gyr": rate,
        "imu_acc": quaternion.rotate(quaternion.conjugate(quat), gravity),
        "opt_quat": optical,
        "movement": (t_s > 5.0)[:, None],
        "sampling_rate": RATE_HZ,
    }
    savemat(path, values)
    return path


def motion(t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Orientation sensor → earth (n, 4), and its rate over the step before each sample (n, 3)."""
    yaw, roll = 0.5 * np.sin(0.9 * t_s), 0.7 * np.sin(1.7 * t_s)
    about_x = np.stack((np.cos(roll / 2), np.sin(roll / 2), 0 * roll, 0 * roll), axis=1)
    quat = quaternion.multiply(quaternion.about_z(yaw), about_x)
    turn = quaternion.multiply(quaternion.conjugate(quat[:-1]), quat[1:])
    rate = np.concatenate((np.zeros((1, 3)), quaternion.to_vector(turn) * RATE_HZ))
    return quat, rate


@pytest.mark.parametrize("tilt_deg", [0.0, 4.0])
def test_a_trial_of_broad_is_scored(tmp_path: Path, tilt_deg: float) -> None:
    path = write_trial(tmp_path, tilt_deg)
    assert trials(tmp_path) == (path,)
    (result,) = score_trial(path, ("vqf",))
    assert (result.trial, result.filter) == ("01_turning", "vqf")
    assert result.errors.inclination_rad == pytest.approx(tilt_deg * DEGREE, abs=0.5 * DEGREE)
    assert result.errors.heading_rad < 1.0 * DEGREE


@pytest.mark.parametrize(
    "content", [b"", b"no matlab file at all", b"MATLAB 5.0 MAT-file" + b"\0" * 200]
)
def test_what_is_no_trial_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "01_broken.mat"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="01_broken"):
        read_trial(path)


def test_trials_that_are_not_on_hand_are_named(tmp_path: Path) -> None:
    for request in (Request(quick=True), Request(quick=True, broad=tmp_path)):
        (missing,) = _steps(request)[-1]()
        assert isinstance(missing, Missing)
        assert missing.name == "BROAD"
