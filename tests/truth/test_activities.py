"""Files of real watches, read by hipimu and by others: Garmin's own decoder, and plain XML."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from xml.dom import minidom

import numpy as np
import pytest
from garmin_fit_sdk import Decoder, Stream

from hipimu.data import Activity, FloatArray
from hipimu.sources.activity import read_activity
from hipimu.timing.watch_clock import align_watch

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "recordings" / "activities"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the watch files (shared/recordings/activities) are not here"
)

LAPS = {
    "FR70-intervals.fit": 7,
    "Fr955v19.28andStryd.fit": 7,
    "activity-small-fenix2-run.fit": 4,
    "developer-types-sample.fit": 1,
    "with-new-dynamics.fit": 24,
}
FIT_FILES = tuple(LAPS)
COMPRESSED = "FR70-intervals.fit"
RUN_TCX = "10kUNLP2014-Garmin15.tcx"
BIKE_TCX = "Indoor-Training.tcx"
GPX = "Move_2014_01_16_19_48_44.gpx"

Messages = dict[str, list[dict[str, Any]]]


@cache
def decoded(name: str) -> Messages:
    """The messages of a FIT file as Garmin's decoder gives them."""
    messages, errors = Decoder(
        Stream.from_byte_array(bytearray((FOLDER / name).read_bytes()))
    ).read()
    # That decoder stops at compressed times, which come after the summaries in this file.
    assert bool(errors) == (name == COMPRESSED)
    return cast(Messages, messages)


@cache
def read(name: str) -> Activity:
    return read_activity(FOLDER / name)


def field(messages: list[dict[str, Any]], *names: str) -> FloatArray:
    """The first of several fields that each message has, NaN where it has none."""
    values = [next((m[n] for n in names if m.get(n) is not None), np.nan) for m in messages]
    return np.array(values, dtype=np.float64)


def unix(messages: list[dict[str, Any]], name: str) -> FloatArray:
    return np.array([message[name].timestamp() for message in messages])


def rows_of(activity: Activity, unix_s: FloatArray) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Rows of the activity at the given times, each of which must be there."""
    assert activity.started_at is not None
    own = activity.t_s + activity.started_at.timestamp()
    at = np.searchsorted(own, unix_s - 1e-3)
    assert np.abs(own[at] - unix_s).max() < 1e-3
    return at


@pytest.mark.parametrize("name", [name for name in FIT_FILES if name != COMPRESSED])
def test_fit_records(name: str) -> None:
    """Every record is there, with the watch's own speed, heart rate and cadence."""
    activity, records = read(name), decoded(name)["record_mesgs"]
    at = rows_of(activity, unix(records, "timestamp"))
    assert np.all(np.diff(activity.t_s) > 0)
    added = len(activity.t_s) - len(records)
    assert added == (6 if name == "with-new-dynamics.fit" else 0)

    speed = field(records, "enhanced_speed", "speed")
    np.testing.assert_allclose(activity.speed_m_s[at], speed, atol=5e-4)
    np.testing.assert_array_equal(activity.heart_rate_bpm[at], field(records, "heart_rate"))
    fraction = np.nan_to_num(field(records, "fractional_cadence"))
    steps = 2.0 * (field(records, "cadence") + fraction)
    np.testing.assert_allclose(activity.cadence_spm[at], np.where(steps == 0, np.nan, steps))


def test_fit_records_with_compressed_times() -> None:
    """Records every five seconds, whose means are those the watch wrote itself."""
    activity = read(COMPRESSED)
    (session,) = decoded(COMPRESSED)["session_mesgs"]
    assert np.diff(activity.t_s).tolist() == [5.0] * 632
    assert np.nanmean(activity.heart_rate_bpm) == pytest.approx(session["avg_heart_rate"], abs=1)
    assert np.nanmax(activity.heart_rate_bpm) == session["max_heart_rate"]
    steps = 2.0 * session["avg_running_cadence"]
    assert np.nanmean(activity.cadence_spm) == pytest.approx(steps, abs=2)
    way_m = 5.0 * np.nansum(activity.speed_m_s)
    assert way_m == pytest.approx(session["total_distance"], rel=0.005)


@pytest.mark.parametrize("name", FIT_FILES)
def test_fit_start(name: str) -> None:
    (session,) = decoded(name)["session_mesgs"]
    activity = read(name)
    assert activity.started_at == session["start_time"]
    assert activity.started_at.tzinfo is not None
    assert -1.0 <= activity.t_s[0] <= 1.0


@pytest.mark.parametrize("name", FIT_FILES)
def test_fit_laps(name: str) -> None:
    activity, laps = read(name), decoded(name)["lap_mesgs"]
    assert len(activity.laps) == len(laps) == LAPS[name]
    assert activity.started_at is not None
    for ours, theirs in zip(activity.laps, laps, strict=True):
        start_s = (theirs["start_time"] - activity.started_at).total_seconds()
        assert ours.start_s == pytest.approx(start_s, abs=1e-3)
        # Starts are whole seconds, so a lap may be cut by parts of one where the next begins.
        assert ours.end_s == pytest.approx(start_s + theirs["total_elapsed_time"], abs=1.0)
        assert ours.distance_m == pytest.approx(theirs["total_distance"], abs=0.01)
        mean_m_s = theirs["total_distance"] / theirs["total_timer_time"]
        assert ours.speed_m_s == pytest.approx(mean_m_s, rel=1e-6)
        assert ours.trigger == theirs.get("lap_trigger", "unknown")
        assert ours.intensity == theirs.get("intensity")
    starts = [lap.start_s for lap in activity.laps[1:]]
    assert all(lap.end_s <= start for lap, start in zip(activity.laps, starts, strict=False))


def test_fit_pauses_are_the_timers() -> None:
    activity = read("with-new-dynamics.fit")
    events = [e for e in decoded("with-new-dynamics.fit")["event_mesgs"] if e["event"] == "timer"]
    times = unix(events, "timestamp") - unix(events[:1], "timestamp")
    assert [e["event_type"] for e in events] == ["start", "stop_all"] * 4
    for stop, start in zip(times[1:-1:2], times[2::2], strict=True):
        inside = (activity.t_s > stop) & (activity.t_s < start)
        assert inside.sum() == 2
        assert np.isnan(activity.speed_m_s[inside]).all()
        line = np.interp(np.arange(stop + 1, start), activity.t_s, activity.speed_m_s)
        assert np.isnan(line).all()


@pytest.mark.parametrize("name", FIT_FILES)
def test_speed_agrees_with_the_laps(name: str) -> None:
    """Two things the watch itself says: speed each second, and distance a lap."""
    activity = read(name)
    t_s = np.arange(activity.t_s[0], activity.t_s[-1])
    speed = np.interp(t_s, activity.t_s, activity.speed_m_s)
    for lap in activity.laps:
        inside = speed[(t_s >= lap.start_s) & (t_s < lap.end_s)]
        if len(inside) > 120 and lap.speed_m_s is not None:
            # These two say their speed 2 % below their distance, and it lags at the start.
            tolerance = 0.07 if "fenix2" in name or "dynamics" in name else 0.01
            assert np.nanmean(inside) == pytest.approx(lap.speed_m_s, rel=tolerance)


@pytest.mark.parametrize("name", ["Fr955v19.28andStryd.fit", "with-new-dynamics.fit"])
def test_grade_adds_up_to_the_altitude(name: str) -> None:
    activity, records = read(name), decoded(name)["record_mesgs"]
    at = rows_of(activity, unix(records, "timestamp"))
    altitude, distance = field(records, "enhanced_altitude"), field(records, "distance")
    grade = activity.grade[at]
    assert np.isfinite(grade).mean() > 0.99
    climbed = np.concatenate(([0.0], np.cumsum(np.nan_to_num(grade[1:]) * np.diff(distance))))
    # Over 100 m the slope rounds tops and valleys off: a few metres, however far the run.
    assert np.abs(climbed - (altitude - altitude[0])).max() < 4.0
    assert np.abs(grade).max() < 0.25


def document(name: str) -> minidom.Document:
    return minidom.parse(str(FOLDER / name))  # noqa: S318 — files of the project


def elements(node: Any, name: str) -> list[Any]:
    return [e for e in node.getElementsByTagName("*") if e.tagName.rpartition(":")[2] == name]


def text(node: Any, name: str) -> str:
    return str(elements(node, name)[0].firstChild.data)


def time_s(said: str) -> float:
    form = "%Y-%m-%dT%H:%M:%S.%fZ" if "." in said else "%Y-%m-%dT%H:%M:%SZ"
    return datetime.strptime(said, form).replace(tzinfo=UTC).timestamp()


def test_tcx_of_a_race() -> None:
    activity = read(RUN_TCX)
    whole = document(RUN_TCX)
    points = elements(whole, "Trackpoint")
    speed = {time_s(text(p, "Time")): float(text(p, "Speed")) for p in points}
    at = rows_of(activity, np.array(sorted(speed)))
    assert len(activity.t_s) == len(speed)
    np.testing.assert_allclose(activity.speed_m_s[at], [speed[t] for t in sorted(speed)])
    assert np.isnan(activity.cadence_spm).all()
    assert np.isnan(activity.grade).all()

    laps = elements(whole, "Lap")
    assert len(activity.laps) == len(laps) == 11
    assert activity.started_at == datetime(2014, 10, 11, 18, 8, 45, tzinfo=UTC)
    for ours, theirs in zip(activity.laps, laps, strict=True):
        start_s = time_s(theirs.getAttribute("StartTime")) - activity.started_at.timestamp()
        timer_s = float(text(theirs, "TotalTimeSeconds"))
        distance_m = float(elements(theirs, "DistanceMeters")[0].firstChild.data)
        assert ours.start_s == pytest.approx(start_s, abs=1e-3)
        assert ours.end_s == pytest.approx(start_s + timer_s, abs=1.0)
        assert ours.distance_m == pytest.approx(distance_m)
        assert ours.speed_m_s == pytest.approx(distance_m / timer_s)
        assert (ours.trigger, ours.intensity) == ("manual", "active")


def test_tcx_of_an_indoor_ride() -> None:
    activity = read(BIKE_TCX)
    assert np.isnan(activity.speed_m_s).all()
    assert len(activity.laps) == 1
    beats = elements(document(BIKE_TCX), "HeartRateBpm")
    known = activity.heart_rate_bpm[np.isfinite(activity.heart_rate_bpm)]
    assert known.tolist() == [float(text(beat, "Value")) for beat in beats]
    (sport, speed) = activity.warnings
    assert "'biking', not running" in sport
    assert "no speed" in speed


def test_gpx_with_distance() -> None:
    activity = read(GPX)
    points = elements(document(GPX), "trkpt")
    times = np.array([time_s(text(p, "time")) for p in points])
    at = rows_of(activity, times)
    assert len(activity.t_s) == len(points)
    distance = np.array([float(text(p, "distance")) for p in points])
    speed = activity.speed_m_s[at]
    run = np.cumsum(np.diff(times) * 0.5 * (speed[1:] + speed[:-1]))
    assert np.abs(run - (distance[1:] - distance[0])).max() < 0.005 * (distance[-1] - distance[0])
    assert not activity.laps
    assert any("speed is taken from distance" in warning for warning in activity.warnings)


def test_gpx_without_distance(tmp_path: Path) -> None:
    """Speed from positions alone agrees with that from the watch's distance."""
    said = (FOLDER / GPX).read_text(encoding="utf-8")
    path = tmp_path / "positions.gpx"
    path.write_text(re.sub(r"<gpxdata:distance>.*?</gpxdata:distance>", "", said), encoding="utf-8")
    ours, theirs = read_activity(path), read(GPX)
    assert any("speed is taken from positions" in warning for warning in ours.warnings)
    moving = theirs.speed_m_s > 1.0
    ratio = ours.speed_m_s[moving] / theirs.speed_m_s[moving]
    assert moving.mean() > 0.9
    assert np.median(ratio) == pytest.approx(1.0, abs=0.02)
    assert np.percentile(np.abs(ratio - 1.0), 90) < 0.15


INVALID = {
    "activity-activity-filecrc.fit": "it holds 2 activities one after another: one is used",
    "activity-filecrc.fit": "its checksum does not fit: some values may be wrong",
    "activity-settings-corruptheader.fit": "damaged near byte 783 of 854",
    "activity-settings-nodata.fit": "cut off: its end is missing",
    "activity-unexpected-eof.fit": "cut off: its end is missing",
}


@pytest.mark.parametrize("name", INVALID)
def test_damaged_files_give_what_is_readable(name: str) -> None:
    activity = read(f"invalid/{name}")
    (warning,) = activity.warnings
    assert warning.startswith(f"{name}: ")
    assert INVALID[name] in warning
    assert activity.started_at == datetime(2012, 4, 9, 21, 22, 26, tzinfo=UTC)
    assert len(activity.t_s) == 14
    (lap,) = activity.laps
    assert lap.distance_m == pytest.approx(5.73)
    assert lap.trigger == "session_end"


def test_every_damaged_file_is_looked_at() -> None:
    assert {path.name for path in (FOLDER / "invalid").glob("*.fit")} == set(INVALID)


def strides_of(activity: Activity, offset_s: float) -> tuple[FloatArray, FloatArray]:
    """Strides of a runner with the cadence that a real watch recorded, on another clock.

    Each is timed to within 5 ms, as sensors do.
    """
    t_s = np.arange(activity.t_s[0], activity.t_s[-1], 0.01)
    cadence = np.interp(t_s, activity.t_s, activity.cadence_spm)
    strides = np.cumsum(np.nan_to_num(cadence) / 120.0 * 0.01)
    ends = np.flatnonzero(np.diff(np.floor(strides)) > 0)
    error_s = np.random.default_rng(4).normal(0.0, 0.005, len(ends))
    timed_s = t_s[ends] + error_s + offset_s
    return timed_s[1:], 120.0 / np.diff(timed_s)


@pytest.mark.parametrize("name", [name for name in FIT_FILES if "developer" not in name])
@pytest.mark.parametrize("part", [(0.0, 1.0), (0.0, 0.6), (0.3, 1.0)])
def test_real_cadence_tells_the_offset(name: str, part: tuple[float, float]) -> None:
    """The sensors ran for a part of the time, and the watch's date is two minutes off."""
    activity, offset_s = read(name), 137.4
    assert activity.started_at is not None
    t_s, cadence = strides_of(activity, offset_s)
    own = slice(int(part[0] * len(t_s)), int(part[1] * len(t_s)))
    recording_started_at = activity.started_at - timedelta(seconds=offset_s + 120.0)
    _, summary = align_watch(activity, recording_started_at, t_s[own], cadence[own])
    assert summary.offset_source == "start time and cadence"
    # This cadence has no delay; in noise a little averaging fits better, and is taken for some.
    assert summary.offset_s == pytest.approx(offset_s, abs=2.5)
