"""What was shown live, what a journal gives and what is stored are the same, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hipimu.data import SEGMENTS, Entry, ImuBlock
from hipimu.pipeline import LivePath, RadioPath, recover
from hipimu.pipeline.record import journaled
from hipimu.protocol import chosen, protocol_named
from hipimu.sources.journal import JournalMetadata, JournalSensor, JournalWriter, read_journal
from hipimu.sources.recording import open_recording
from hipimu.stage import joined
from tests.air import packets, spoken_by

DROPS = [("thigh_left", 32.0, 34.5), ("pelvis", 41.0, 41.8)]
PROTOCOLS = ["hipimu-open", "movella-dot", "polar-verity-sense", "witmotion-wt901ble"]


def journal_of(arrivals: Sequence[Entry], protocol: str, folder: Path) -> Path:
    values = chosen(protocol_named(protocol), None)
    sensors = [
        JournalSensor(sensor=s, protocol=protocol, settings=dict(values), rate_hz=values["rate_hz"])
        for s in SEGMENTS
    ]
    metadata = JournalMetadata(started_at=datetime(2026, 5, 3, tzinfo=UTC), sensors=tuple(sensors))
    folder.mkdir()
    with JournalWriter(folder / "journal.bin", metadata) as writer:
        for arrival in arrivals:
            for kept in journaled(arrival):
                writer.append(kept)
    return folder


def shown(arrivals: Sequence[Entry], protocol: str, batch: int) -> tuple[list[Any], list[Any]]:
    path = LivePath(RadioPath(spoken_by(dict.fromkeys(SEGMENTS, protocol))))
    parts = [path.push(arrivals[i : i + batch]) for i in range(0, len(arrivals), batch)]
    parts.append(path.flush())
    angles = [block for part in parts for block in part.angles]
    return angles, [stride for part in parts for stride in part.strides]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_replay_shows_what_was_shown(protocol: str, tmp_path: Path) -> None:
    arrivals = packets(55.0, protocol, drops=DROPS, lost=0.01, repeated=0.02)
    folder = journal_of(arrivals, protocol, tmp_path / "run.hipimu")
    kept = list(read_journal(folder / "journal.bin").entries())
    assert [a for i, a in enumerate(kept) if i == 0 or a != kept[i - 1]] == [
        a for i, a in enumerate(arrivals) if i == 0 or a != arrivals[i - 1]
    ]

    live, live_strides = shown(arrivals, protocol, 37)
    replay, replay_strides = shown(kept, protocol, 8192)

    assert len(live_strides) > 20
    for side in ("left", "right"):
        # Which side's stride is told first when both end in one batch is no part of the promise.
        same = [s for s in live_strides if s.side == side]
        assert same == [s for s in replay_strides if s.side == side]
        one, other = (joined([b for b in run if b.side == side]) for run in (live, replay))
        for name in ("t_s", "flexion_rad", "adduction_rad", "rotation_rad", "flags"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_stored_is_what_was_live(protocol: str, tmp_path: Path) -> None:
    arrivals = packets(40.0, protocol, drops=DROPS[:1], lost=0.01)
    path = RadioPath(spoken_by(dict.fromkeys(SEGMENTS, protocol)))
    blocks = [b for i in range(0, len(arrivals), 50) for b in path.push(arrivals[i : i + 50])]
    live = {s: joined([b for b in blocks if b.sensor == s]) for s in SEGMENTS}

    folder = journal_of(arrivals, protocol, tmp_path / "run.hipimu")
    done = recover(folder)
    stored: dict[str, list[ImuBlock]] = {}
    for block in open_recording(folder).blocks():
        stored.setdefault(block.sensor, []).append(block)

    assert not done.damage
    for segment, was in live.items():
        now = joined(stored[segment])
        for name in ("t_s", "acc_m_s2", "gyr_rad_s"):
            np.testing.assert_array_equal(getattr(now, name), getattr(was, name))


@pytest.mark.parametrize("protocol", [*PROTOCOLS, "mbientlab-metamotion-bmi160"])
def test_gaps_are_where_the_link_was_down(protocol: str) -> None:
    # Without counter and clock nobody can tell what came twice.
    repeated = 0.5 if protocol in ("hipimu-open", "movella-dot") else 0.0
    arrivals = packets(50.0, protocol, drops=DROPS, repeated=repeated)
    path = RadioPath(spoken_by(dict.fromkeys(SEGMENTS, protocol)))
    blocks = path.push(arrivals)
    for segment in SEGMENTS:
        t_s = joined([b for b in blocks if b.sensor == segment]).t_s
        gaps = [(float(t_s[i]), float(t_s[i + 1])) for i in np.flatnonzero(np.diff(t_s) > 0.3)]
        wanted = [(a, b) for name, a, b in DROPS if name == segment]
        assert np.allclose(np.ravel(gaps), np.ravel(wanted), atol=0.25), (segment, gaps, wanted)
    for health in path.health(50.0):
        assert health.lost == 0
        assert (health.duplicates > 500) == (repeated > 0)
        assert health.drops == sum(name == health.sensor for name, *_ in DROPS)


def test_a_damaged_link_event_costs_no_sample(tmp_path: Path) -> None:
    arrivals = packets(6.0)
    folder = journal_of(arrivals, "hipimu-open", tmp_path / "run.hipimu")
    whole = {h.sensor: h.samples for h in recover(folder).health}
    journal = folder / "journal.bin"
    data = bytearray(journal.read_bytes())
    at = [i for i in range(len(data)) if data[i : i + 4] == b'"up"']
    assert len(at) == 2 * len(SEGMENTS)
    for place in at[::2]:
        damaged = bytearray(data)
        damaged[place + 1] ^= 0x20
        journal.write_bytes(damaged)
        done = recover(folder)
        assert done.damage.missing_frames == 1
        assert {h.sensor: h.samples for h in done.health} == whole
