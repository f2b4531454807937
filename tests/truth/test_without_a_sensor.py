"""A sensor that falls silent: the others go on without it, and a replay decides as the run did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from hipimu.data import (
    SEGMENTS,
    SIDES,
    Absence,
    Arrival,
    Entry,
    Flag,
    HipAngleBlock,
    Packet,
    Stride,
)
from hipimu.pipeline import LivePath, RadioPath, analyse, recover
from hipimu.sources.journal import read_journal
from hipimu.stage import joined
from tests.air import packets, spoken_by
from tests.truth.test_live_is_replay import journal_of

DROPS = [("thigh_left", 35.0, 45.0), ("thigh_right", 47.0, 47.8)]
SECONDS = 55.0


@dataclass
class Run:
    """What was shown, when, and what the recording holds."""

    entries: list[Entry] = field(default_factory=list)
    angles: list[HipAngleBlock] = field(default_factory=list)
    strides: list[Stride] = field(default_factory=list)
    told_s: list[tuple[Stride, float]] = field(default_factory=list)
    """Each stride with the host time at which it was known."""
    late: dict[str, int] = field(default_factory=dict)


def run_live(arrivals: Sequence[Arrival], batch: int) -> Run:
    """As a run does it: what is decided counts from its place in the recording."""
    path, run = LivePath(RadioPath(spoken_by(dict.fromkeys(SEGMENTS, "hipimu-open")))), Run()
    decided: list[Entry] = []
    for start in range(0, len(arrivals), batch):
        came = [*decided, *arrivals[start : start + batch]]
        run.entries += came
        shown = path.push(came)
        now_s = came[-1].t_host_ns * 1e-9
        run.angles += shown.angles
        run.strides += shown.strides
        run.told_s += [(stride, now_s) for stride in shown.strides]
        overdue = path.samples.overdue
        decided = []
        if overdue is not None:
            decided = [Absence(overdue[0], round(overdue[1] * 1e9), came[-1].t_host_ns)]
    last = path.flush()
    run.angles += last.angles
    run.strides += last.strides
    run.late = {health.sensor: health.late for health in path.radio.health(SECONDS)}
    return run


def replayed(entries: Sequence[Entry], batch: int) -> tuple[list[HipAngleBlock], list[Stride]]:
    path = LivePath(RadioPath(spoken_by(dict.fromkeys(SEGMENTS, "hipimu-open"))))
    parts = [path.push(entries[i : i + batch]) for i in range(0, len(entries), batch)]
    parts.append(path.flush())
    return [a for part in parts for a in part.angles], [s for part in parts for s in part.strides]


def delayed(arrivals: Sequence[Arrival], sensor: str, from_s: float, by_s: float) -> list[Arrival]:
    """Hold back what one sensor sends within two seconds; the rest of it comes after."""
    until_s, free_s = from_s + 2.0, from_s + 2.0 + by_s
    moved = [
        replace(a, t_host_ns=round(free_s * 1e9))
        if isinstance(a, Packet) and a.sensor == sensor and from_s <= a.t_host_ns * 1e-9 < free_s
        else a
        for a in arrivals
    ]
    assert until_s < SECONDS
    return sorted(moved, key=lambda arrival: arrival.t_host_ns)


@pytest.fixture(scope="module")
def arrivals() -> list[Arrival]:
    return packets(SECONDS, drops=DROPS, lost=0.01)


@pytest.fixture(scope="module")
def run(arrivals: list[Arrival]) -> Run:
    return run_live(arrivals, 5)


def of_side(strides: Sequence[Stride], side: str) -> list[Stride]:
    return [stride for stride in strides if stride.side == side]


def motion(blocks: Sequence[HipAngleBlock], side: str) -> HipAngleBlock:
    return joined([block for block in blocks if block.side == side])


def test_the_other_leg_goes_on(run: Run) -> None:
    told = [(s, at_s) for s, at_s in run.told_s if s.side == "right"]
    right = [(s, at_s) for s, at_s in told if 38.0 < s.t_peak_flexion_s < 45.0]
    assert len(right) > 7
    assert all(s.usable() for s, _ in right)
    assert max(at_s - s.t_peak_flexion_s for s, at_s in right) < 0.7


def test_the_silent_leg_says_nothing(run: Run) -> None:
    absent = motion(run.angles, "left")
    inside = (absent.t_s > 35.3) & (absent.t_s < 45.0)
    assert (absent.flags[inside] & Flag.GAP).all()
    left = [s for s in of_side(run.strides, "left") if 35.3 < s.t_peak_flexion_s < 46.0]
    assert not any(s.usable() for s in left)


@pytest.mark.parametrize("batch", [1, 500, 100_000])
def test_a_replay_decides_as_the_run_did(run: Run, batch: int) -> None:
    angles, strides = replayed(run.entries, batch)
    assert any(isinstance(entry, Absence) for entry in run.entries)
    for side in SIDES:
        assert of_side(strides, side) == of_side(run.strides, side)
        was, now = (
            joined([b for b in blocks if b.side == side]) for blocks in (run.angles, angles)
        )
        for name in ("t_s", "flexion_rad", "adduction_rad", "rotation_rad", "flags"):
            np.testing.assert_array_equal(getattr(now, name), getattr(was, name))


def test_what_comes_late_is_left_out_everywhere(arrivals: list[Arrival]) -> None:
    came = delayed(arrivals, "pelvis", 30.0, 1.5)
    run = run_live(came, 37)
    assert run.late["pelvis"] > 50
    angles, strides = replayed(run.entries, 700)
    for side in SIDES:
        assert of_side(strides, side) == of_side(run.strides, side)
        was, now = (
            joined([b for b in blocks if b.side == side]) for blocks in (run.angles, angles)
        )
        np.testing.assert_array_equal(now.flexion_rad, was.flexion_rad)


def test_a_short_silence_changes_nothing(arrivals: list[Arrival]) -> None:
    """What is late by less than the others wait for is used."""
    came = delayed(arrivals, "pelvis", 30.0, -0.3)
    run = run_live(came, 37)
    assert run.late["pelvis"] == 0


def test_the_finished_recording_gives_the_same_strides(run: Run, tmp_path: Path) -> None:
    folder = journal_of(run.entries, "hipimu-open", tmp_path / "run.hipimu")
    assert list(dict.fromkeys(read_journal(folder / "journal.bin").entries()))
    recover(folder)
    session = analyse(folder, method="causal")
    for side in SIDES:
        shown = [_bare(s) for s in of_side(run.strides, side)]
        assert shown == [_bare(s) for s in of_side(session.strides, side)]
    assert len(run.strides) > 40


def _bare(stride: Stride) -> tuple[object, ...]:
    """Without what only labelling tells."""
    return tuple(stride[: Stride._fields.index("quality")])
