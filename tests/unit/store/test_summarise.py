"""What is kept of a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from hipimu.data import Bout, TrainingContext
from hipimu.store import summarise
from tests.unit.store.sessions import run


def test_it_holds_what_the_session_says() -> None:
    session = run()
    context = TrainingContext(surface="track")
    summary = summarise(session, athlete="Anna", name="first", context=context)

    assert (summary.session, summary.athlete, summary.context) == ("first", "Anna", context)
    assert summary.recording == session.recording
    assert summary.segments == ("pelvis", "thigh_left", "thigh_right")
    assert summary.pace_source == "laps"
    assert summary.fatigue is session.fatigue
    assert summary.strides["left"] == sum(s.usable() for s in session.strides if s.side == "left")
    assert summary.loss["thigh_right"] == 0.0117
    assert summary.mounting_wxyz["pelvis"] == tuple(session.calibration.quat_wxyz["pelvis"])
    assert summarise(session).session == session.recording


def test_the_share_that_counts_is_of_running_strides() -> None:
    stride = run().strides[0]._replace(gait="running")
    strides = (
        stride._replace(quality=1.0),
        stride._replace(quality=0.0),
        stride._replace(quality=0.0, gait="walking"),
    )
    assert summarise(replace(run(), strides=strides)).usable_share == 0.5
    assert summarise(replace(run(), strides=())).usable_share == 0.0


def test_speed_is_weighted_by_how_long_a_bout_lasted() -> None:
    bouts = (
        Bout(0, "easy", "laps", 0.0, 100.0, 3.0),
        Bout(1, "easy", "laps", 100.0, 400.0, 4.0),
        Bout(2, "fast", "laps", 400.0, 500.0, None),
    )
    summary = summarise(replace(run(), bouts=bouts))
    assert summary.speed_m_s == {"easy": pytest.approx(3.75)}
    assert summarise(replace(run(), bouts=())).pace_source == "none"


def test_times_are_utc() -> None:
    local = datetime.fromisoformat("2026-07-01T18:30:00+02:00")
    assert summarise(replace(run(), started_at=local)).started_at == datetime(
        2026, 7, 1, 16, 30, tzinfo=UTC
    )
    bare = summarise(replace(run(), started_at=datetime(2026, 7, 1, 16, 30)))  # noqa: DTZ001
    assert bare.started_at == datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
    assert summarise(replace(run(), started_at=None)).started_at is None


def test_numbers_are_pythons_own() -> None:
    summary = summarise(run())
    assert all(type(part) is float for part in summary.mounting_wxyz["pelvis"])
    assert not isinstance(summary.usable_share, np.generic)
