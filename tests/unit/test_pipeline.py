"""From a recording to a session: what the pipeline adds to its stages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hipimu.data import FatigueEstimate, Segment, Session
from hipimu.errors import RecordingError, UnknownNameError
from hipimu.motion import FILTER_NAMES
from hipimu.pipeline import SamplePath, analyse, sample_path_for
from hipimu.sources import open_recording
from hipimu.sources.simulate import simulate
from hipimu.units import rad_from_deg
from tests.unit.conftest import ShortSession, short_plan

Edit = Callable[[str], str]


@pytest.fixture
def edited(short_simulated: ShortSession, tmp_path: Path) -> Callable[[Edit], Path]:
    """The short session with another recording.toml."""

    def make(edit: Edit) -> Path:
        out = tmp_path / "run"
        shutil.copytree(short_simulated.recording, out)
        settings = out / "recording.toml"
        settings.write_text(edit(settings.read_text(encoding="utf-8")), encoding="utf-8")
        return out

    return make


def test_the_session_says_what_it_rests_on(short_simulated: ShortSession) -> None:
    session = short_simulated.session

    assert session.recording == "run"
    assert session.simulated
    assert session.hipimu_version == version("hipimu")
    assert (session.method, session.filter) == ("refined", "vqf")
    assert session.parameters == {
        "method": "refined",
        "filter_name": "vqf",
        "from_s": None,
        "until_s": None,
    }
    assert session.duration_s == pytest.approx(44.0, abs=0.1)
    assert session.calibration.source == "stand and gait"
    assert session.neutral == "quiet standing, 0.0–5.0 s"
    assert [s.sensor for s in session.sensors] == ["pelvis", "thigh_left", "thigh_right"]
    for sensor in session.sensors:
        assert sensor.rate_hz == pytest.approx(100.0)
        assert sensor.loss == 0.0


def test_strides_are_those_of_the_truth(short_simulated: ShortSession) -> None:
    """Every running stride has a true one at its time, with nearly its angles, and back."""
    truth = pd.read_csv(short_simulated.truth / "strides.csv")
    for side in ("left", "right"):
        own = [s for s in short_simulated.session.strides if s.side == side and s.usable()]
        true = truth[truth["side"] == side]
        at = np.array([s.t_peak_flexion_s for s in own])
        nearest = np.abs(true["t_peak_flexion_s"].to_numpy()[:, None] - at).argmin(axis=0)
        matched = true.iloc[nearest]

        assert len(own) >= 16
        assert len(set(nearest.tolist())) == len(own)
        np.testing.assert_allclose(matched["t_peak_flexion_s"], at, atol=0.02)
        for name in ("peak_flexion_rad", "peak_extension_rad"):
            found = np.array([getattr(s, name) for s in own])
            np.testing.assert_allclose(found, matched[name], atol=rad_from_deg(3.0))
        assert [s.pace for s in own] == matched["pace"].tolist()


def test_walking_is_told_from_running_and_bouts_come_from_the_laps(
    short_simulated: ShortSession,
) -> None:
    session = short_simulated.session

    assert {s.gait for s in session.strides if 8 < s.t_peak_flexion_s < 17} == {"walking"}
    assert {s.gait for s in session.strides if s.t_peak_flexion_s > 20} == {"running"}
    assert [b.pace for b in session.bouts] == ["easy", "fast"]
    spans = [time for b in session.bouts for time in (b.start_s, b.end_s)]
    assert spans == pytest.approx([18.0, 32.0, 32.0, 44.0], abs=0.05)  # ended with the samples
    assert [b.speed_m_s for b in session.bouts] == pytest.approx([3.0, 5.0], abs=0.2)


def test_two_bouts_are_not_estimable_on_either_side(short_simulated: ShortSession) -> None:
    found = short_simulated.session.fatigue

    assert [(e.side, e.outcome) for e in found] == [
        (side, outcome)
        for side in ("left", "right")
        for outcome in ("peak_flexion", "peak_extension")
    ]
    assert {e.verdict for e in found} == {"not_estimable"}


def outcome(session: Session) -> tuple[object, ...]:
    """All numbers of a session that can be compared."""
    keys = ("side", "outcome", "verdict", "reasons")
    fatigue = [tuple(getattr(e, key) for key in keys) for e in session.fatigue]
    return session.strides, session.bouts, fatigue, session.sensors


def test_a_second_analysis_gives_the_same_numbers(short_simulated: ShortSession) -> None:
    assert outcome(analyse(short_simulated.recording)) == outcome(short_simulated.session)


def test_progress_runs_up_to_1(short_simulated: ShortSession) -> None:
    shares: list[float] = []
    analyse(short_simulated.recording, progress=shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_other_laps_change_labels_and_no_measurement(
    short_simulated: ShortSession, tmp_path: Path
) -> None:
    laps = tmp_path / "mine.csv"
    laps.write_text("start_s,end_s,label\n20,40,FAST\n", encoding="utf-8")
    session = analyse(short_simulated.recording, laps=laps)
    before = short_simulated.session

    assert [(b.pace, b.label) for b in session.bouts] == [("fast", "FAST")]
    assert [s.peak_flexion_rad for s in session.strides] == [
        s.peak_flexion_rad for s in before.strides
    ]


def test_laps_outside_the_recording_are_left_out_and_said(
    short_simulated: ShortSession, tmp_path: Path
) -> None:
    laps = tmp_path / "laps.csv"
    laps.write_text("start_s,end_s,label\n18,30,easy\n40,5000,fast\n5000,5100,easy\n")
    session = analyse(short_simulated.recording, laps=laps)

    assert [bout.label for bout in session.bouts] == ["easy", "fast"]
    assert session.bouts[1].end_s == pytest.approx(44.0, abs=0.1)
    assert any("1 of 3 laps" in warning for warning in session.warnings)
    cut = analyse(short_simulated.recording, laps=laps, until_s=39.0)
    assert [bout.label for bout in cut.bouts] == ["easy"]
    assert not any("laps" in warning for warning in cut.warnings)


def test_laps_on_another_clock_are_refused(short_simulated: ShortSession, tmp_path: Path) -> None:
    laps = tmp_path / "laps.csv"
    laps.write_text("start_s,end_s,label\n90018,90030,easy\n")
    with pytest.raises(RecordingError, match=r"None of the 1 laps lies within.*clock"):
        analyse(short_simulated.recording, laps=laps)


def test_a_part_of_the_recording_keeps_its_clock(short_simulated: ShortSession) -> None:
    session = analyse(short_simulated.recording, from_s=1.0, until_s=30.0)
    times = [s.t_peak_flexion_s for s in session.strides]

    assert (session.parameters["from_s"], session.parameters["until_s"]) == (1.0, 30.0)
    assert session.duration_s == pytest.approx(29.0, abs=0.1)
    assert min(times) > 6.0
    assert max(times) < 30.0


def test_the_filter_is_chosen_by_name_and_named(short_simulated: ShortSession) -> None:
    session = analyse(short_simulated.recording, filter="madgwick", until_s=22.0)

    assert session.filter == "madgwick"
    assert session.parameters["filter_name"] == "madgwick"


def test_an_unknown_filter_lists_the_known_ones(short_simulated: ShortSession) -> None:
    with pytest.raises(UnknownNameError) as caught:
        analyse(short_simulated.recording, filter="complementary")

    assert all(name in str(caught.value) for name in FILTER_NAMES)


def own_clock(folder: Path, segment: Segment, offset_s: float, ppm: float) -> None:
    """Let one sensor count time by itself."""
    table = pd.read_parquet(folder / f"{segment}.parquet")
    table["time_s"] = table["time_s"] * (1 + 1e-6 * ppm) + offset_s
    table.to_parquet(folder / f"{segment}.parquet")


def without_clock(toml: str) -> str:
    return toml.replace("synchronised = true", "synchronised = false")


@pytest.mark.parametrize("until_s", [None, 40.0])
def test_sensors_that_do_not_share_a_clock_are_brought_onto_the_pelvis_s(
    edited: Callable[[Edit], Path], short_simulated: ShortSession, until_s: float | None
) -> None:
    folder = edited(without_clock)
    own_clock(folder, "thigh_left", 90.0, 20.0)
    own_clock(folder, "thigh_right", -35.5, -20.0)
    session = analyse(folder, until_s=until_s)
    shared = analyse(short_simulated.recording, until_s=until_s)

    offsets = {s.sensor: s.offset_s for s in session.sensors}
    assert offsets["pelvis"] is None
    assert offsets["thigh_left"] == pytest.approx(90.0, abs=0.005)
    assert offsets["thigh_right"] == pytest.approx(-35.5, abs=0.005)
    assert all(s.offset_s is None for s in shared.sensors)
    for side in ("left", "right"):
        ours, theirs = (
            [s for s in found.strides if s.side == side and s.usable()]
            for found in (session, shared)
        )
        assert abs(len(ours) - len(theirs)) <= 1
        at = np.array([s.t_peak_flexion_s for s in ours])
        near = [min(theirs, key=lambda s: abs(s.t_peak_flexion_s - t)) for t in at.tolist()]
        np.testing.assert_allclose(at, [s.t_peak_flexion_s for s in near], atol=0.006)
        peaks = [[s.peak_flexion_rad for s in found] for found in (ours, near)]
        np.testing.assert_allclose(peaks[0], peaks[1], atol=rad_from_deg(1.0))


def test_sensors_without_a_clock_that_never_moved_together_are_refused(
    edited: Callable[[Edit], Path],
) -> None:
    folder = edited(without_clock)
    for segment in ("pelvis", "thigh_left", "thigh_right"):
        table = pd.read_parquet(folder / f"{segment}.parquet")
        table[table["time_s"] < 8.0].to_parquet(folder / f"{segment}.parquet")

    with pytest.raises(RecordingError, match=r"run: pelvis and thigh_left.*10 s of") as caught:
        analyse(folder)
    assert caught.value.path == folder


def test_a_mounting_in_the_metadata_is_used_and_is_neutral(
    edited: Callable[[Edit], Path], short_simulated: ShortSession
) -> None:
    def with_mounting(toml: str) -> str:
        for segment, quat in short_simulated.mounting.items():
            file = f'file = "{segment}.parquet"\n'
            toml = toml.replace(file, f"{file}mounting = {quat.tolist()}\n")
        return toml

    session = analyse(edited(with_mounting))

    assert session.calibration.source == "metadata"
    assert session.neutral == "mounting given in the recording"
    for segment, quat in short_simulated.mounting.items():
        np.testing.assert_allclose(session.calibration.quat_wxyz[segment], quat, atol=1e-12)
    both = (session, short_simulated.session)
    peaks = [np.mean([s.peak_flexion_rad for s in own.strides if s.usable()]) for own in both]
    assert peaks[0] == pytest.approx(peaks[1], abs=rad_from_deg(2.0))


def test_a_named_standing_is_used(edited: Callable[[Edit], Path]) -> None:
    session = analyse(edited(lambda toml: toml + "\n[calibration]\nstand_s = [1.0, 4.0]\n"))

    assert session.neutral == "quiet standing, 1.0–4.0 s"


@pytest.mark.parametrize(("thigh", "side"), [("thigh_left", "left"), ("thigh_right", "right")])
def test_one_thigh_answers_for_its_side(tmp_path: Path, thigh: Segment, side: str) -> None:
    plan = short_plan(sensors=("pelvis", thigh))
    session = analyse(simulate(plan, tmp_path / "run", file_format="parquet").recording)
    estimates: tuple[FatigueEstimate, ...] = session.fatigue

    assert {s.side for s in session.strides} == {side}
    assert [e.side for e in estimates] == [side, side]
    assert len(session.sensors) == 2


def test_the_sample_path_says_what_it_has_before_the_end(short_simulated: ShortSession) -> None:
    path: SamplePath = sample_path_for(open_recording(short_simulated.recording), "vqf")

    assert path.calibration is None
    assert [s.samples for s in path.sensors()] == [0, 0, 0]
