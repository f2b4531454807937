"""FIT activities, read back by fitdecode and by Garmin's own SDK."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import fitdecode
import numpy as np
import pytest
from garmin_fit_sdk import Decoder, Stream

from hipimu.data import OUTCOMES, SIDES, Activity, Session, SpeedTrack, WatchSummary
from hipimu.errors import OutputError
from hipimu.export.formats.fit import FIELDS, WRITER
from hipimu.export.formats.noun import Conversion
from hipimu.export.formats.registry import convert
from hipimu.fatigue import estimate_fatigue
from hipimu.sources import Recording
from hipimu.sources.activity import read_activity
from hipimu.sources.metadata_text import write_heart_rate
from hipimu.units import deg_from_rad
from tests.unit.export.formats.motions import conversion_about
from tests.unit.export.formats.recordings import in_memory, told
from tests.unit.report.sessions import empty_session, interval_session, short_session

START = datetime(2026, 5, 3, 7, 30, 0, 400_000, tzinfo=timezone(timedelta(hours=2)))
END_S = 760.5


@dataclass(frozen=True)
class Read:
    """All messages by name, as values by name."""

    messages: dict[str, list[dict[str, Any]]]
    units: dict[str, str | None]

    def __getitem__(self, name: str) -> list[dict[str, Any]]:
        return self.messages[name]


def by_fitdecode(path: Path) -> Read:
    messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    units: dict[str, str | None] = {}
    with fitdecode.FitReader(
        str(path),
        check_crc=fitdecode.CrcCheck.RAISE,
        error_handling=fitdecode.ErrorHandling.RAISE,
    ) as frames:
        for frame in frames:
            if isinstance(frame, fitdecode.FitDataMessage):
                known = [f for f in frame.fields if f.value is not None]
                messages[frame.name].append({f.name: f.value for f in known})
                units |= {f.name: f.units for f in known}
    return Read(dict(messages), units)


def by_garmin(path: Path) -> Read:
    assert Decoder(Stream.from_file(str(path))).check_integrity()
    decoder = Decoder(Stream.from_file(str(path)))
    found: dict[str, list[dict[str, Any]]]
    found, errors = cast("Any", decoder.read())
    assert errors == []
    described = found["field_description_mesgs"]
    names = {field["key"]: field["field_name"] for field in described}
    messages = {
        name.removesuffix("_mesgs"): [
            {k: v for k, v in row.items() if k != "developer_fields"}
            | {names[k]: v for k, v in row.get("developer_fields", {}).items()}
            for row in rows
        ]
        for name, rows in found.items()
    }
    return Read(messages, {field["field_name"]: field.get("units") for field in described})


READERS = pytest.mark.parametrize("reader", [by_fitdecode, by_garmin])


@pytest.fixture(scope="module")
def session() -> Session:
    """A session whose fatigue was estimated from its strides."""
    made = interval_session()
    return replace(made, fatigue=estimate_fatigue(made.strides, made.bouts))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A recording that says when it began, how fast the run was, and what a strap measured."""
    folder = tmp_path_factory.mktemp("run")
    t_s = np.arange(0.0, 700.0)
    write_heart_rate(folder / "heart_rate.csv", t_s, 120.0 + 0.05 * t_s)
    track = SpeedTrack(np.arange(0.0, 801.0, 2.0), np.full(401, 3.25))
    made = in_memory(told(started_at=START))
    return replace(made, speed=track, path=folder)


@pytest.fixture(scope="module")
def path(session: Session, run: Recording) -> Path:
    return written(conversion_about(session, run, end_s=END_S), run.path)


def written(conversion: Conversion, folder: Path) -> Path:
    (out,) = convert(conversion, folder / "run.fit", WRITER)
    return out


def second_of(t_s: float) -> datetime:
    """The end of the second, in UTC, in which a moment lies."""
    return datetime.fromtimestamp(math.ceil(START.timestamp() + t_s), UTC)


@READERS
def test_an_activity_is_whole(reader: Any, path: Path) -> None:
    read = reader(path)
    (file_id,), (summary,), (activity,) = read["file_id"], read["session"], read["activity"]
    assert (file_id["type"], file_id["manufacturer"]) == ("activity", "development")
    records = [record["timestamp"] for record in read["record"]]
    assert records[0] == START.astimezone(UTC).replace(microsecond=0)
    assert {b - a for a, b in pairwise(records)} == {timedelta(seconds=1)}
    assert records[-1] == second_of(END_S)
    assert [event["event_type"] for event in read["event"]] == ["start", "stop_all"]
    elapsed_s = (records[-1] - records[0]).total_seconds()
    assert summary["total_elapsed_time"] == activity["total_timer_time"] == elapsed_s
    assert summary["start_time"] == records[0]
    assert summary["sport"] == "running"
    laps = read["lap"]
    assert summary["num_laps"] == len(laps)
    assert [lap["message_index"] for lap in laps] == list(range(len(laps)))
    ends = [lap["timestamp"] for lap in laps]
    assert [lap["start_time"] for lap in laps] == [records[0], *ends[:-1]]
    assert ends[-1] == records[-1]


@READERS
def test_peaks_of_every_second(reader: Any, path: Path, session: Session) -> None:
    expected: dict[str, dict[datetime, list[float]]] = defaultdict(lambda: defaultdict(list))
    for s in session.strides:
        if s.usable():
            flexion, extension = second_of(s.t_peak_flexion_s), second_of(s.t_peak_extension_s)
            expected[f"Peak hip flexion {s.side}"][flexion].append(s.peak_flexion_rad)
            expected[f"Peak hip extension {s.side}"][extension].append(s.peak_extension_rad)
    read = reader(path)
    for name, seconds in expected.items():
        assert len(seconds) > 500
        found = {r["timestamp"]: r[name] for r in read["record"] if name in r}
        medians = {when: deg_from_rad(float(np.median(v))) for when, v in seconds.items()}
        assert found == pytest.approx(medians, abs=1e-5)
        assert read.units[name] == "deg"


@READERS
def test_speed_cadence_and_heart_rate(reader: Any, path: Path) -> None:
    read = reader(path)
    records = read["record"]
    assert {r["enhanced_speed"] for r in records} == {3.25}
    assert records[-1]["distance"] == pytest.approx(3.25 * (len(records) - 1), abs=0.01)
    (summary,) = read["session"]
    assert summary["total_distance"] == records[-1]["distance"]
    assert sum(lap["total_distance"] for lap in read["lap"]) == pytest.approx(
        summary["total_distance"], abs=0.1
    )
    assert records[100]["heart_rate"] == 125
    assert "heart_rate" in records[704]
    assert "heart_rate" not in records[710]
    slowest, fastest = 60.0 / 0.80, 60.0 / 0.62
    known = [r["cadence"] + r["fractional_cadence"] for r in records if "cadence" in r]
    assert min(known) > slowest - 2.0
    assert max(known) < fastest + 2.0


@READERS
def test_laps_and_their_rfi(reader: Any, path: Path, session: Session) -> None:
    read = reader(path)
    bouts = [lap for lap in read["lap"] if "Pace" in lap]
    assert [lap["Pace"] for lap in bouts] == [bout.pace for bout in session.bouts]
    for lap, bout in zip(bouts, session.bouts, strict=True):
        own = [s for s in session.strides if s.bout == bout.bout and s.usable()]
        left = deg_from_rad(float(np.median([s.peak_flexion_rad for s in own if s.side == "left"])))
        assert lap["Median peak hip flexion left"] == pytest.approx(left, abs=1e-5)
        assert lap["intensity"] == "active"
    names = [f"RFI so far {said} {side}" for said in ("flexion", "extension") for side in SIDES]
    assert not any(name in bouts[4] for name in names)
    for name, (outcome, side) in zip(names, [(o, s) for o in OUTCOMES for s in SIDES], strict=True):
        (estimate,) = [e for e in session.fatigue if (e.outcome, e.side) == (outcome, side)]
        assert estimate.rfi_rad is not None
        assert bouts[-1][name] == pytest.approx(deg_from_rad(estimate.rfi_rad), abs=1e-5)
        assert read.units[name] == "deg"
        assert bouts[-3][name] != bouts[-1][name]


@READERS
def test_the_sessions_answer(reader: Any, path: Path, session: Session) -> None:
    (summary,) = reader(path)["session"]
    said = {"peak_flexion": "flexion", "peak_extension": "extension"}
    for estimate in session.fatigue:
        peak = f"{said[estimate.outcome]} {estimate.side}"
        for name, value, interval in (
            ("RFI", estimate.rfi_rad, estimate.rfi_ci95_rad),
            ("Change easy", estimate.delta_easy_rad, estimate.delta_easy_ci95_rad),
            ("Change fast", estimate.delta_fast_rad, estimate.delta_fast_ci95_rad),
        ):
            assert value is not None
            assert interval is not None
            found = [summary[f"{name} {peak}{end}"] for end in (" low", "", " high")]
            expected = [interval[0], value, interval[1]]
            assert found == pytest.approx([deg_from_rad(v) for v in expected], abs=1e-5)


def test_every_field_is_described_for_its_message(path: Path) -> None:
    described = by_fitdecode(path)["field_description"]
    assert [f["field_name"] for f in described] == list(FIELDS)
    assert {f["native_mesg_num"] for f in described} == {"record", "lap", "session"}
    assert max(len(name.encode()) for name in FIELDS) < 64  # the SDK's longest
    found = by_garmin(path)
    for name, field in FIELDS.items():
        assert any(name in row for row in found[field.message]), name


def test_hipimu_reads_it_as_a_watchs_file(path: Path, session: Session) -> None:
    activity = read_activity(path)
    assert activity.started_at == START.astimezone(UTC).replace(microsecond=0)
    assert np.nanmedian(activity.speed_m_s) == pytest.approx(3.25)
    assert len(activity.laps) == len(by_garmin(path)["lap"])
    assert activity.warnings == ()


@READERS
@pytest.mark.parametrize("make", [short_session, empty_session])
def test_what_is_not_known_is_not_there(reader: Any, make: Any, tmp_path: Path) -> None:
    conversion = conversion_about(make(), in_memory(told(started_at=START)), end_s=20.0)
    read = reader(written(conversion, tmp_path))
    (summary,) = read["session"]
    assert not [name for name in summary if name in FIELDS]
    assert {"enhanced_avg_speed", "total_distance", "avg_heart_rate"}.isdisjoint(summary)
    assert len(read["lap"]) == 1
    for record in read["record"]:
        assert all(math.isfinite(v) for v in record.values() if isinstance(v, float))


def refused(recording: Recording, folder: Path) -> str:
    with pytest.raises(OutputError) as caught:
        written(conversion_about(short_session(), recording, end_s=20.0), folder)
    assert "--start" in caught.value.remedy
    assert not (folder / "run.fit").exists()
    return caught.value.what


def test_without_a_date_there_is_no_file(tmp_path: Path) -> None:
    assert "does not say when it began" in refused(in_memory(told()), tmp_path)


@pytest.mark.parametrize("year", [1989, 1998, 2100])
def test_dates_that_fit_cannot_say(year: int, tmp_path: Path) -> None:
    start = datetime(year, 1, 1, tzinfo=UTC)
    assert "cannot say" in refused(in_memory(told(started_at=start)), tmp_path)


def test_a_watch_knows_the_date_too(tmp_path: Path) -> None:
    """Its time is put on the recording's clock, and so is what it measured."""
    t_s = np.arange(0.0, 60.0)
    nothing = np.full(60, np.nan)
    watch = Activity("run.fit", START, t_s, 3.0 + 0.01 * t_s, nothing, 100.0 + t_s, nothing)
    session = replace(short_session(), watch=WatchSummary(watch.name, 4.0, "cadence"))
    recording = replace(in_memory(told()), activity=watch)
    read = by_garmin(written(conversion_about(session, recording, end_s=20.0), tmp_path))
    begun = START - timedelta(seconds=4.0)
    assert read["record"][0]["timestamp"] == begun.astimezone(UTC).replace(microsecond=0)
    # Ten seconds into the recording are six into the watch's run, less the part of a second.
    assert read["record"][10]["enhanced_speed"] == pytest.approx(3.056, abs=0.002)
    assert read["record"][10]["heart_rate"] == 106
