"""What the faces are shown of a run, whatever happens to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from hipimu.data import (
    SEGMENTS,
    SIDES,
    Absence,
    Entry,
    HipAngleBlock,
    ImuBlock,
    LiveState,
    Mark,
    Segment,
    StartState,
    Stride,
)
from hipimu.pipeline import LivePath, RadioPath
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.readout import Readout
from hipimu.report.so_far import so_far
from tests.air import packets, spoken_by

FIRST = LiveState(1, 0.0, 0, "start", "virtual", "run", StartState("sensors"), SIDES)
S = 1_000_000_000
EXCHANGED = {"pelvis": "thigh_left", "thigh_left": "pelvis", "thigh_right": "thigh_right"}


@dataclass
class Told:
    """A publisher that counts."""

    rates_hz: dict[Segment, float] = field(default_factory=dict)
    samples: int = 0
    angles_seen: int = 0
    strides_seen: list[Stride] = field(default_factory=list)
    states: list[LiveState] = field(default_factory=list)
    trouble: str = ""

    def begin(self, rates_hz: Mapping[Segment, float]) -> None:
        self.rates_hz.update(rates_hz)

    def blocks(self, blocks: Sequence[ImuBlock]) -> None:
        self.samples += sum(len(block.t_s) for block in blocks)

    def angles(self, blocks: Sequence[HipAngleBlock]) -> None:
        self.angles_seen += sum(len(block.t_s) for block in blocks)

    def strides(self, strides: Sequence[Stride]) -> None:
        self.strides_seen += strides

    def state(self, state: LiveState) -> None:
        self.states.append(state)

    def close(self) -> None: ...


def run(
    entries: Sequence[Entry], step_s: float = 0.1, until_s: float = 1e9
) -> tuple[LiveBoard, Told]:
    board, told = LiveBoard(FIRST), Told()
    path = LivePath(RadioPath(spoken_by(dict.fromkeys(SEGMENTS, "hipimu-open"))))
    readout = Readout(path, board, so_far, worn=True, publishers=[told])
    at, now_s = 0, 0.0
    decided: list[Entry] = []
    while at < len(entries) and now_s < until_s:
        now_s += step_s
        due = at
        while due < len(entries) and entries[due].t_host_ns * 1e-9 <= now_s:
            due += 1
        readout.take([*decided, *entries[at:due]], now_s)
        at, overdue = due, readout.absence()
        decided = []
        if overdue is not None:
            decided = [Absence(overdue[0], round(overdue[1] * 1e9), round(now_s * 1e9))]
    readout.end()
    return board, told


@pytest.fixture(scope="module")
def marked() -> list[Entry]:
    marks = [Mark("easy", 31 * S), Mark("fast", 45 * S), Mark("undo", 46 * S)]
    return sorted([*packets(55.0), *marks], key=lambda entry: entry.t_host_ns)


@pytest.fixture(scope="module")
def whole(marked: list[Entry]) -> tuple[LiveBoard, Told]:
    return run(marked)


def test_marks_are_the_pace_from_their_moment_on(whole: tuple[LiveBoard, Told]) -> None:
    paces = {round(state.t_s, 1): state.pace for state in whole[1].states}
    assert [paces[t] for t in (30.9, 31.2, 45.2, 46.2)] == [None, "easy", "fast", "easy"]


def test_numbers_are_there_once_strides_are(whole: tuple[LiveBoard, Told]) -> None:
    running = [s for s in whole[1].states if 40.0 < s.t_s < 44.0]
    for state in running:
        assert {peak.side for peak in state.peaks if peak.value_rad is not None} == set(SIDES)
        assert set(state.flexion_rad) == set(SIDES)
        assert state.cadence_spm == pytest.approx(163.0, abs=6.0)
    begun = [s for s in whole[1].states if s.phase == "start"]
    assert not any(peak.value_rad for state in begun for peak in state.peaks)


def test_publishers_are_told_everything(whole: tuple[LiveBoard, Told]) -> None:
    board, told = whole
    assert told.rates_hz == dict.fromkeys(SEGMENTS, 104.0)
    assert told.samples > 3 * 54 * 100
    assert told.angles_seen > 2 * 50 * 100
    shown = sorted(stride.t_s for stride in board.strides())
    assert shown == sorted(stride.t_peak_flexion_s for stride in told.strides_seen)


def test_how_it_is_cut_changes_no_stride(
    marked: list[Entry], whole: tuple[LiveBoard, Told]
) -> None:
    other, _ = run(marked, 1.7)
    for side in SIDES:
        found, again = ([s for s in b.strides() if s.side == side] for b in (whole[0], other))
        assert found == again


def test_states_only_grow(whole: tuple[LiveBoard, Told]) -> None:
    states = whole[1].states
    assert all(b.number > a.number for a, b in pairwise(states))
    assert all(b.strides >= a.strides for a, b in pairwise(states))


def test_sensors_exchanged_are_told_and_the_recording_goes_on() -> None:
    entries = [replace(entry, sensor=EXCHANGED[entry.sensor]) for entry in packets(45.0)]
    board, told = run(entries)
    problems = {state.start.problem for state in told.states} - {""}
    assert any("pelvis" in problem and "thigh" in problem for problem in problems)
    assert board.state.warnings[0] in problems
    assert told.samples > 3 * 40 * 100, "samples are published all the same"


def test_a_fault_of_ours_is_told_and_the_recording_goes_on(
    monkeypatch: pytest.MonkeyPatch, marked: list[Entry]
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("hipimu.gait.FindStrides.push", broken)
    board, told = run(marked, until_s=40.0)
    assert "The readout has failed" in board.state.warnings[0]
    assert told.states[-1].t_s > 39.0
    assert told.samples > 3 * 30 * 100


def test_a_sensor_that_is_silent_is_told() -> None:
    _, told = run(packets(44.0, drops=[("thigh_left", 36.0, 44.0)]), step_s=0.05)
    late = [state for state in told.states if 40.0 < state.t_s < 43.0]
    assert all("left" not in state.flexion_rad for state in late)
    assert all("right" in state.flexion_rad for state in late)
