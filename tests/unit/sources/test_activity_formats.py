"""The same run in FIT, TCX and GPX says the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import Activity, FloatArray
from hipimu.sources.activity import read_activity
from tests.watch_files import (
    STARTED_AT,
    RunLap,
    WatchRun,
    fit_bytes,
    fit_messages,
    fit_parts,
    gpx_text,
    steady,
    tcx_text,
)

Writer = Callable[[WatchRun], bytes]
WRITERS: dict[str, Writer] = {
    "fit": fit_bytes,
    "tcx": lambda run: tcx_text(run).encode(),
    "gpx": lambda run: gpx_text(run).encode(),
}
each_format = pytest.mark.parametrize("kind", WRITERS)
with_laps = pytest.mark.parametrize("kind", ["fit", "tcx"])


def read(kind: str, run: WatchRun, name: str | None = None) -> Activity:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (name or f"run.{kind}")
        path.write_bytes(WRITERS[kind](run))
        return read_activity(path)


def waves(seconds: int, seed: int) -> FloatArray:
    """Numbers from −1 to 1 that change slowly."""
    random = np.random.default_rng(seed)
    t_s = np.arange(seconds + 1)
    return np.asarray(np.sin(2 * np.pi * t_s / random.uniform(60, 300) + random.uniform(0, 6)))


@each_format
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), seconds=st.integers(5, 400))
def test_what_was_written_is_read(kind: str, seed: int, seconds: int) -> None:
    wave = waves(seconds, seed)
    run = steady(
        seconds,
        speed_m_s=3.0 + wave,
        cadence_spm=np.round(165.0 + 15.0 * wave),
        heart_rate_bpm=np.round(150.0 + 20.0 * wave),
    )
    activity = read(kind, run)
    assert activity.started_at == STARTED_AT
    assert activity.name == f"run.{kind}"
    assert activity.warnings == ()
    np.testing.assert_allclose(activity.t_s, run.t_s)
    np.testing.assert_allclose(activity.speed_m_s, run.speed_m_s, atol=6e-4)
    np.testing.assert_array_equal(activity.heart_rate_bpm, run.heart_rate_bpm)
    # FIT has halves of a stride a minute in a second field, TCX and GPX whole strides.
    assert run.cadence_spm is not None
    np.testing.assert_allclose(
        activity.cadence_spm, run.cadence_spm, atol=1e-9 if kind == "fit" else 1.0
    )


@each_format
@pytest.mark.parametrize("name", ["RUN.GPX", "activity", "run.tcx", "run.csv", "run.fit"])
def test_content_tells_the_format(kind: str, name: str) -> None:
    assert read(kind, steady(60), name).speed_m_s[30] == pytest.approx(3.0)


@with_laps
def test_laps(kind: str) -> None:
    run = steady(
        600,
        speed_m_s=np.where(np.arange(601) < 300, 3.0, 5.0),
        laps=[RunLap(0, 300), RunLap(300, 480, "Distance", "Resting"), RunLap(480, 600.5, "Time")],
    )
    laps = read(kind, run).laps
    assert [(lap.start_s, lap.end_s) for lap in laps] == [(0, 300), (300, 480), (480, 600.5)]
    assert [lap.trigger for lap in laps] == ["manual", "distance", "time"]
    assert [lap.intensity for lap in laps] == ["active", "rest", "active"]
    for ours, theirs in zip(laps, run.laps, strict=True):
        assert ours.distance_m == pytest.approx(run.lap_distance_m(theirs), abs=0.01)
    assert laps[1].speed_m_s == pytest.approx(5.0, rel=1e-3)


@each_format
@pytest.mark.parametrize("says", ["speed", "distance", "position"])
def test_pauses_are_empty(kind: str, says: str) -> None:
    """The runner walks 200 m while the watch stands still; no speed comes of it."""
    always = "position" if kind == "gpx" else says
    run = steady(600, pauses_s=[(200.0, 320.0), (400.0, 430.0)], says=frozenset((says, always)))
    activity = read(kind, run)
    for start, end in run.pauses_s:
        line = np.interp(np.arange(start + 0.5, end), activity.t_s, activity.speed_m_s)
        assert np.isnan(line).all()
        rows = (activity.t_s > start) & (activity.t_s < end)
        assert rows.any()
        for series in (activity.speed_m_s, activity.cadence_spm, activity.grade):
            assert np.isnan(series[rows]).all()
    known = activity.speed_m_s[np.isfinite(activity.speed_m_s)]
    np.testing.assert_allclose(known, 3.0, atol=0.02)
    assert len(known) >= 600 - 150


@with_laps
def test_a_lap_with_a_pause_is_as_fast_as_it_was_run(kind: str) -> None:
    run = steady(600, pauses_s=[(100.0, 200.0)], laps=[RunLap(0, 300), RunLap(300, 600)])
    first, second = read(kind, run).laps
    assert first.end_s == pytest.approx(300.0, abs=1.0)
    assert first.distance_m == pytest.approx(600.0)
    assert first.speed_m_s == pytest.approx(3.0)
    assert second.speed_m_s == pytest.approx(3.0)


def test_records_written_in_a_pause_do_not_count() -> None:
    """Some watches go on writing while the timer stands still, as only FIT says."""
    run = steady(300)
    paused = steady(300, pauses_s=[(100.0, 150.0)])
    events = [part for part in fit_parts(paused) if part[0] == "event"]
    others = [part for part in fit_parts(run) if part[0] != "event"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.fit"
        path.write_bytes(fit_messages([*others, *events]))
        activity = read_activity(path)
    inside = (activity.t_s > 100) & (activity.t_s < 150)
    assert inside.sum() >= 49
    assert np.isnan(activity.speed_m_s[inside]).all()
    assert np.isfinite(activity.heart_rate_bpm[inside]).sum() >= 49
    assert np.isfinite(activity.speed_m_s[~inside]).all()


@each_format
def test_memory_saving_watches_do_not_pause(kind: str) -> None:
    """A record every 12 s is a way of recording; a silence of 25 s is a pause."""
    run = steady(600)
    thin = WatchRun(run.t_s[::12], run.speed_m_s[::12])
    assert np.isfinite(read(kind, thin).speed_m_s).all()
    thinner = WatchRun(run.t_s[::25], run.speed_m_s[::25])
    activity = read(kind, thinner)
    middle = np.interp(np.arange(12.5, 590, 25), activity.t_s, activity.speed_m_s)
    assert np.isnan(middle).all()


@each_format
@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        ("distance", "from distance, a mean over 5 s"),
        ("position", "from positions, a mean over 10"),
    ],
)
def test_speed_from_the_way(kind: str, says: str, sentence: str) -> None:
    speed = np.where(np.arange(601) < 300, 3.0, 5.0)
    run = steady(600, speed_m_s=speed, says=frozenset((says, "position")))
    if says == "distance" and kind == "gpx":
        pytest.skip("Garmin's extension of GPX has no distance")
    activity = read(kind, run)
    assert sentence in activity.warnings[0]
    away = np.abs(run.t_s - 300) > 6
    np.testing.assert_allclose(activity.speed_m_s[away], speed[away], rtol=0.01)


@each_format
def test_grade_from_altitude(kind: str) -> None:
    """Up at 5 % for five minutes, down at 3 %; altitude is written in steps of 0.1 m."""
    t_s = np.arange(601.0)
    altitude = 400.0 + np.where(t_s < 300, 0.05 * 3 * t_s, 45.0 - 0.03 * 3 * (t_s - 300))
    activity = read(kind, steady(600, altitude_m=altitude))
    np.testing.assert_allclose(activity.grade[20:280], 0.05, atol=2e-3)
    np.testing.assert_allclose(activity.grade[320:580], -0.03, atol=2e-3)


@each_format
def test_times_are_kept_to_the_millisecond(kind: str) -> None:
    late = STARTED_AT + timedelta(milliseconds=340)
    activity = read(kind, steady(60, started_at=late))
    assert activity.started_at == (STARTED_AT if kind == "fit" else late)
    np.testing.assert_allclose(np.diff(activity.t_s), 1.0)


@each_format
def test_no_sensors_give_nothing(kind: str) -> None:
    run = steady(100, cadence_spm=None, heart_rate_bpm=None, altitude_m=None)
    activity = read(kind, run)
    for series in (activity.cadence_spm, activity.heart_rate_bpm, activity.grade):
        assert np.isnan(series).all()
    assert activity.warnings == ()
