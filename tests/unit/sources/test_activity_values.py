"""What cannot be true is left out and told; what is unusual is read and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from garmin_fit_sdk import Encoder

from hipimu.data import Activity
from hipimu.errors import RecordingError
from hipimu.sources.activity import read_activity
from tests.unit.sources.conftest import proper
from tests.watch_files import (
    STARTED_AT,
    FitMessage,
    RunLap,
    WatchRun,
    fit_bytes,
    fit_messages,
    fit_parts,
    gpx_text,
    steady,
    tcx_text,
)

Read = Callable[[bytes | str], Activity]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_raw(raw: bytes | str) -> Activity:
        path = tmp_path / "run.xyz"
        path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
        return read_activity(path)

    return read_raw


def refused(read: Read, raw: bytes | str, *parts: str) -> None:
    with pytest.raises(RecordingError) as caught:
        read(raw)
    assert caught.value.path is not None
    proper(caught.value, "run.xyz", *parts)


def said(activity: Activity) -> str:
    assert all(warning.startswith("run.xyz: ") for warning in activity.warnings)
    return "\n".join(activity.warnings)


def changed(run: WatchRun, row: int, **fields: Any) -> list[FitMessage]:
    """The messages of a run with one record changed; None takes a field away."""
    parts = fit_parts(run)
    at = [i for i, (name, _) in enumerate(parts) if name == "record"][row]
    record = {**parts[at][1], **fields}
    parts[at] = "record", {name: value for name, value in record.items() if value is not None}
    return parts


def test_impossible_values_are_left_out(read: Read) -> None:
    parts = changed(steady(60), 20, enhanced_speed=25.0, heart_rate=254, cadence=252)
    activity = read(fit_messages(parts))
    for series in (activity.speed_m_s, activity.heart_rate_bpm, activity.cadence_spm):
        assert np.flatnonzero(np.isnan(series)).tolist() == [20]
    assert said(activity).count("1 impossible values are left out") == 3


def test_zeros_of_sensors_mean_nothing(read: Read) -> None:
    """No steps are not a slow rhythm, and no pulse is a loose strap: nothing to warn of."""
    activity = read(fit_messages(changed(steady(60), 20, heart_rate=0, cadence=0)))
    assert np.isnan(activity.heart_rate_bpm[20])
    assert np.isnan(activity.cadence_spm[20])
    assert activity.speed_m_s[20] == pytest.approx(3.0)
    assert activity.warnings == ()


@pytest.mark.parametrize("number", ["NaN", "-", "1e999", "", "٣", "4.0.1", "0x10", "-inf"])
def test_numbers_that_are_none(read: Read, number: str) -> None:
    text = tcx_text(steady(60)).replace("<ns3:Speed>3.000<", f"<ns3:Speed>{number}<", 1)
    text = text.replace("<Value>140<", f"<Value>{number}<", 1)
    activity = read(text)
    known = number == "٣"  # Python reads digits of any script
    assert np.isfinite(activity.speed_m_s[0]) == known
    assert np.isnan(activity.heart_rate_bpm[0])
    assert np.isfinite(activity.speed_m_s[1:]).all()


@pytest.mark.parametrize(("latitude", "longitude"), [("91.0", "8.0"), ("47.0", "181"), ("0", "0")])
def test_positions_that_are_nowhere(read: Read, latitude: str, longitude: str) -> None:
    lines = gpx_text(steady(60, says=frozenset(("position",)))).splitlines()
    row = next(i for i, line in enumerate(lines) if "07:30:30" in line)
    tail = lines[row].partition(">")[2]
    lines[row] = f'<trkpt lat="{latitude}" lon="{longitude}">{tail}'
    activity = read("\n".join(lines))
    assert "1 impossible values are left out: positions" in said(activity)
    assert np.isnan(activity.speed_m_s[30])
    others = np.delete(activity.speed_m_s, 30)
    np.testing.assert_allclose(others, 3.0, atol=0.05)


def test_a_leap_in_position_is_not_run(read: Read) -> None:
    """From one second to the next the receiver moves 200 m aside, and stays there."""
    run = steady(60, says=frozenset(("position",)))
    lines = gpx_text(run).splitlines()
    late = [i for i, line in enumerate(lines) if "<trkpt" in line][30:]
    for row in late:
        lines[row] = lines[row].replace('lon="8.0"', 'lon="8.003"')
    activity = read("\n".join(lines))
    np.testing.assert_allclose(activity.speed_m_s, 3.0, atol=0.05)


@pytest.mark.parametrize("days", [-9000, 9000])
def test_one_wrong_time_costs_one_record(read: Read, days: int) -> None:
    wrong = STARTED_AT.timestamp() - 631_065_600 + days * 86_400.0
    activity = read(fit_messages(changed(steady(60), 20, timestamp=int(wrong))))
    assert len(activity.t_s) == 60
    assert activity.started_at == STARTED_AT
    assert "1 records without a time, or out of order" in said(activity)


def test_time_that_goes_back(read: Read) -> None:
    """A watch finds its satellites and sets itself back by two seconds."""
    text = tcx_text(steady(60))
    for second in range(40, 61):
        stamp = f"<Time>2026-05-03T07:{30 + second // 60}:{second % 60:02d}.000Z"
        earlier = f"<Time>2026-05-03T07:30:{second - 2:02d}.500Z"
        text = text.replace(stamp, earlier)
    activity = read(text)
    assert (np.diff(activity.t_s) > 0).all()
    assert len(activity.t_s) == 61 - 1
    assert "1 records without a time, or out of order" in said(activity)


def test_repeated_points_between_laps_are_usual(read: Read) -> None:
    text = tcx_text(steady(60, laps=[RunLap(0, 30), RunLap(30, 61)]))
    last = text.index("</Track>")
    first_of_next = text.index("<Trackpoint>", last)
    point = text[first_of_next : text.index("</Trackpoint>", first_of_next) + len("</Trackpoint>")]
    activity = read(text[:last] + point + text[last:])
    assert len(activity.t_s) == 61
    assert activity.warnings == ()


@pytest.mark.parametrize(("per_min", "steps"), [(80.0, 160.0), (160.0, 160.0), (55.0, 110.0)])
def test_cadence_of_one_leg_or_both(read: Read, per_min: float, steps: float) -> None:
    """In a GPX file nothing says which; no one runs at 320 steps a minute, or at 80."""
    run = steady(60, cadence_spm=np.full(61, 2.0 * per_min))
    assert np.unique(read(gpx_text(run)).cadence_spm).tolist() == [steps]


def test_cranks_are_not_steps(read: Read) -> None:
    activity = read(tcx_text(steady(60, sport="Biking")))
    assert np.isnan(activity.cadence_spm).all()
    assert "'biking', not running" in said(activity)
    assert activity.speed_m_s[30] == pytest.approx(3.0)


@pytest.mark.parametrize("sport", ["Hiking", "Swimming"])
def test_other_sports_are_read_with_a_warning(read: Read, sport: str) -> None:
    activity = read(fit_bytes(steady(60, sport=sport)))
    assert f"'{sport.lower()}', not running" in said(activity)
    assert np.isfinite(activity.speed_m_s).all()


@pytest.mark.parametrize("sport", ["Running", "Generic"])
def test_running_needs_no_warning(read: Read, sport: str) -> None:
    assert read(fit_bytes(steady(60, sport=sport))).warnings == ()


def multisport(*sports: str) -> bytes:
    parts = [part for part in fit_parts(steady(900)) if part[0] != "session"]
    for number, sport in enumerate(sports):
        start = {"start_time": int(STARTED_AT.timestamp()) - 631_065_600 + 300 * number}
        parts.append(("session", {**start, "total_elapsed_time": 300.0, "sport": sport}))
    return fit_messages(parts)


def test_multisport_gives_the_run(read: Read) -> None:
    activity = read(multisport("cycling", "running", "swimming"))
    assert "3 sessions (cycling, running, swimming)" in said(activity)
    assert "not running" not in said(activity)
    assert activity.started_at is not None
    assert (activity.started_at - STARTED_AT).total_seconds() == 300.0
    assert activity.t_s[-1] == pytest.approx(301.0)


def test_chained_files_give_the_longest(read: Read) -> None:
    activity = read(fit_bytes(steady(60)) + fit_bytes(steady(120)) + fit_bytes(steady(30)))
    assert len(activity.t_s) == 121
    assert "3 activities one after another" in said(activity)


def test_settings_beside_an_activity_do_not_matter(read: Read) -> None:
    settings = fit_messages([("file_id", {"type": "settings", "manufacturer": "development"})])
    activity = read(settings + fit_bytes(steady(60)))
    assert len(activity.t_s) == 61
    assert activity.warnings == ()


@pytest.mark.parametrize("kind", ["workout", "course", "settings"])
def test_other_files_of_a_watch(read: Read, kind: str) -> None:
    parts = fit_parts(steady(60))
    parts[0] = "file_id", {"type": kind, "manufacturer": "development"}
    refused(read, fit_messages(parts), kind, "activity")


def test_watch_without_a_date(read: Read) -> None:
    parts: list[FitMessage] = [
        (name, {k: (v if k != "timestamp" else 1000 + i) for k, v in fields.items()})
        for i, (name, fields) in enumerate(fit_parts(steady(60)))
        if name in ("file_id", "record")
    ]
    activity = read(fit_messages(parts))
    assert activity.started_at is None
    assert activity.t_s.tolist() == list(range(61))
    assert "no date" in said(activity)


def test_times_without_a_zone(read: Read) -> None:
    for text in (tcx_text(steady(60)), gpx_text(steady(60))):
        activity = read(text.replace(".000Z", ".000"))
        assert activity.started_at == STARTED_AT
        assert said(activity).count("no time zone: taken as UTC") == 1


def test_developer_speed_only_where_nothing_else(read: Read) -> None:
    """A foot pod's own field is used if the watch says no speed, before any distance."""
    for says, expected in ((frozenset(("distance",)), 3.5), (frozenset(("speed",)), 3.0)):
        activity = read(with_developer_speed(steady(60, says=says), 3.5))
        np.testing.assert_allclose(activity.speed_m_s, expected, atol=1e-3)
        assert activity.warnings == ()


def with_developer_speed(run: WatchRun, speed_m_s: float) -> bytes:
    identity: Any = {"mesg_num": 207, "developer_data_index": 0, "application_id": [7] * 16}
    described: Any = {
        "mesg_num": 206,
        "developer_data_index": 0,
        "field_definition_number": 0,
        "fit_base_type_id": 136,
        "field_name": "Speed",
        "units": "m/s",
    }
    encoder = Encoder()
    encoder.add_developer_field(0, identity, described)
    numbers = {"file_id": 0, "session": 18, "lap": 19, "record": 20, "event": 21}
    parts = fit_parts(run)
    encoder.write_mesg({"mesg_num": 0, **parts[0][1]})
    encoder.write_mesg(identity)
    encoder.write_mesg(described)
    for name, fields in parts[1:]:
        extra = {"developer_fields": {0: speed_m_s}} if name == "record" else {}
        encoder.write_mesg({"mesg_num": numbers[name], **fields, **extra})
    return bytes(encoder.close())


def test_only_laps_are_left(read: Read) -> None:
    run = steady(600, laps=[RunLap(0, 300), RunLap(300, 600)])
    parts = [part for part in fit_parts(run) if part[0] != "record"]
    activity = read(fit_messages(parts))
    assert [lap.start_s for lap in activity.laps] == [0.0, 300.0]
    assert activity.t_s.tolist() == [0.0, 300.0, 600.0]
    assert np.isnan(activity.speed_m_s).all()
    assert "no speed" in said(activity)


def laps_of(read: Read, laps: Sequence[RunLap], **fields: Any) -> Activity:
    parts = fit_parts(steady(600, laps=laps))
    at = [i for i, (name, _) in enumerate(parts) if name == "lap"][-1]
    parts[at] = "lap", {**parts[at][1], **fields}
    return read(fit_messages(parts))


LAPS = [RunLap(0, 300), RunLap(300, 600)]


@pytest.mark.parametrize("fields", [{"start_time": 1_000_000_000}, {"total_elapsed_time": 0.0}])
def test_impossible_laps(read: Read, fields: dict[str, Any]) -> None:
    activity = laps_of(read, LAPS, **fields)
    assert len(activity.laps) == 1
    assert "1 of 2 laps have impossible times" in said(activity)


def test_a_lap_cannot_be_faster_than_anyone(read: Read) -> None:
    lap = laps_of(read, LAPS, total_distance=9000.0).laps[1]
    assert lap.speed_m_s is None
    assert lap.distance_m == 9000.0


def test_a_treadmill_without_a_foot_pod_has_no_speed(read: Read) -> None:
    activity = read(fit_bytes(steady(60, speed_m_s=np.zeros(61))))
    assert np.isnan(activity.speed_m_s).all()
    assert "it holds no speed" in said(activity)
