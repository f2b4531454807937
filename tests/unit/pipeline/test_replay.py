"""A replay shows what the analysis finds, at any speed, and whatever it was recorded as."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import pytest

from hipimu.data import SIDES, LiveState, Mark, ShownStride, StartState, Stride
from hipimu.errors import RecordingError
from hipimu.pipeline import analyse, recover
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.readout import Readout
from hipimu.pipeline.replay import Replay, open_replay
from hipimu.report.so_far import so_far
from hipimu.sources.simulate import Plan, simulate
from hipimu.sources.simulate.plan import PlannedBout
from tests.air import packets
from tests.truth.test_live_is_replay import journal_of

FIRST = LiveState(1, 0.0, 0, "start", "replay", "run", StartState("sensors"), SIDES)
PLAN = Plan(
    seed=5,
    rate_hz=100.0,
    warm_up=(
        PlannedBout(pace="stand", duration_s=8.0),
        PlannedBout(pace="walk", duration_s=26.0, speed_m_s=1.4),
    ),
    bouts=(
        PlannedBout(pace="easy", duration_s=20.0, speed_m_s=3.0),
        PlannedBout(pace="fast", duration_s=20.0, speed_m_s=5.0),
    ),
)


@dataclass
class Time:
    """A clock that passes only while somebody sleeps."""

    now_s: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def played(folder: Path, speed: float = 4.0) -> tuple[LiveBoard, list[LiveState]]:
    board, states, time = LiveBoard(FIRST), [], Time()
    board.watch(lambda: states.append(board.state))
    replayed = open_replay(folder)
    readout = Readout(replayed.path, board, so_far, guided=False, pace_of_time=speed)
    Replay(replayed, readout, speed, clock=lambda: time.now_s, sleep=time.sleep).run(Event())
    return board, states


def bare(strides: list[Stride] | list[ShownStride], side: str) -> list[tuple[object, ...]]:
    return [
        (
            getattr(s, "t_s", None) or getattr(s, "t_peak_flexion_s", None),
            s.peak_flexion_rad,
            s.peak_extension_rad,
            s.stride_time_s,
        )
        for s in strides
        if s.side == side
    ]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replay") / "run"
    simulate(PLAN, folder)
    return folder


@pytest.mark.parametrize("speed", [1.0, 20.0])
def test_samples_give_the_strides_of_the_analysis(simulated: Path, speed: float) -> None:
    board, states = played(simulated, speed)
    session = analyse(simulated, method="causal")
    for side in SIDES:
        assert bare(list(board.strides()), side) == bare(list(session.strides), side)
    assert len(board.strides()) > 60
    assert [s.number for s in states] == sorted({s.number for s in states})


def test_laps_of_the_recording_are_shown_when_they_begin(simulated: Path) -> None:
    _, states = played(simulated)
    first = {state.pace: state.t_s for state in reversed(states)}
    laps = {lap.pace: lap.start_s for lap in analyse(simulated, method="causal").bouts}
    assert first["easy"] == pytest.approx(laps["easy"], abs=0.3)
    assert first["fast"] == pytest.approx(laps["fast"], abs=0.3)


def test_a_journal_is_replayed_with_its_marks(tmp_path: Path) -> None:
    marks = [
        Mark("easy", 31_000_000_000),
        Mark("fast", 40_000_000_000),
        Mark("undo", 41_000_000_000),
    ]
    entries = sorted([*packets(50.0), *marks], key=lambda entry: entry.t_host_ns)
    folder = journal_of(entries, "hipimu-open", tmp_path / "run.hipimu")
    board, states = played(folder)
    assert {s.pace for s in states if 40.1 < s.t_s < 40.9} == {"fast"}
    assert board.state.pace == "easy"
    assert [lap.label for lap in board.state.laps] == ["easy"]

    recover(folder)
    session = analyse(folder, method="causal")
    assert [bout.label for bout in session.bouts] == ["easy"]
    for side in SIDES:
        assert bare(list(board.strides()), side) == bare(list(session.strides), side)


def test_what_was_corrected_by_hand_stays(tmp_path: Path) -> None:
    entries = [*packets(3.0), Mark("easy", 2_000_000_000)]
    folder = journal_of(entries, "hipimu-open", tmp_path / "run.hipimu")
    recover(folder)
    laps = folder / "laps.csv"
    assert "easy" in laps.read_text()
    laps.write_text("start_s,end_s,label\n0,2,fast\n")
    recover(folder)
    assert "fast" in laps.read_text()


def test_the_last_state_knows_everything(simulated: Path) -> None:
    board, _ = played(simulated)
    state = board.state
    assert state.phase == "finishing"
    assert state.strides == len(board.strides())
    assert state.start.step == "ready"
    assert state.so_far.startswith("Too early to say")


def test_sensors_without_a_common_clock_are_refused(simulated: Path, tmp_path: Path) -> None:
    folder = tmp_path / "apart"
    folder.mkdir()
    for file in simulated.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    settings = folder / "recording.toml"
    text = settings.read_text().replace("synchronised = true", "synchronised = false")
    settings.write_text(text)
    with pytest.raises(RecordingError, match="no common clock"):
        open_replay(folder)


def test_stop_ends_it(simulated: Path) -> None:
    board, stop, time = LiveBoard(FIRST), Event(), Time()

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if time.now_s > 10.0:
            stop.set()

    replayed = open_replay(simulated)
    readout = Readout(replayed.path, board, so_far, guided=False)
    Replay(replayed, readout, clock=lambda: time.now_s, sleep=sleep).run(stop)
    assert replace(board.state).phase == "finishing"
    assert board.state.t_s < 12.0
