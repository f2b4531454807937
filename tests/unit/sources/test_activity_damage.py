"""Whatever bytes an activity file holds: an activity, or one clear refusal."""

from __future__ import annotations

import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import Activity
from hipimu.errors import RecordingError
from hipimu.sources.activity import read_activity
from tests.unit.sources.conftest import proper
from tests.watch_files import RunLap, fit_bytes, gpx_text, steady, tcx_text

REAL = Path(__file__).parents[3] / ".." / "shared" / "recordings" / "activities"
RUN = steady(90, laps=[RunLap(0, 40), RunLap(40, 91)], pauses_s=[(50.0, 60.0)])
TEXTS = {"made.tcx": tcx_text(RUN), "made.gpx": gpx_text(RUN)}
MADE = {"made.fit": fit_bytes(RUN), **{name: text.encode() for name, text in TEXTS.items()}}
REAL_NAMES = (
    "FR70-intervals.fit",
    "with-new-dynamics.fit",
    "developer-types-sample.fit",
    "Fr955v19.28andStryd.fit",
    "10kUNLP2014-Garmin15.tcx",
    "Indoor-Training.tcx",
    "Move_2014_01_16_19_48_44.gpx",
    "invalid/activity-activity-filecrc.fit",
    "invalid/activity-settings-corruptheader.fit",
)
TOKENS = [
    b"<",
    b">",
    b'"',
    b"&",
    b"NaN",
    b"-",
    b"1e999",
    b"\0",
    b"\xff\xff\xff\xff",
    b"]]>",
    b"9999",
]
ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@cache
def contents(name: str) -> bytes:
    """A file, the real ones cut to what takes a short time to read."""
    if name in MADE:
        return MADE[name]
    path = REAL / name
    if not path.is_file():
        pytest.skip("the watch files (shared/recordings/activities) are not here")
    return path.read_bytes()[:12_000]


def read(raw: bytes, suffix: str) -> Activity | None:
    """Read; what comes must hold together, or be a proper refusal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"run{suffix}"
        path.write_bytes(raw)
        try:
            activity = read_activity(path)
        except RecordingError as error:
            refusal = error
        else:
            holds_together(activity)
            return activity
    assert refusal.path == path
    proper(refusal, path.name)
    return None


def holds_together(activity: Activity) -> None:
    assert len(activity.t_s) >= 1
    assert np.isfinite(activity.t_s).all()
    assert (np.diff(activity.t_s) > 0).all()
    bounds = {"speed_m_s": (0, 13), "grade": (-0.6, 0.6), "cadence_spm": (20, 300)}
    for name, (low, high) in {**bounds, "heart_rate_bpm": (20, 250)}.items():
        values = getattr(activity, name)
        assert values.shape == activity.t_s.shape
        known = values[~np.isnan(values)]
        assert ((known >= low) & (known <= high)).all()
    before = -np.inf
    for lap in activity.laps:
        assert before <= lap.start_s < lap.end_s
        before = lap.end_s


@pytest.mark.parametrize("name", [*MADE, *REAL_NAMES])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_flipped_and_inserted_bytes(name: str, data: st.DataObject) -> None:
    raw = bytearray(contents(name))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1) | st.integers(0, min(400, len(raw) - 1)))
        if data.draw(st.booleans()):
            raw[at] ^= 1 << data.draw(st.integers(0, 7))
        else:
            cut = data.draw(st.integers(0, 8))
            raw[at : at + cut] = data.draw(st.sampled_from(TOKENS) | st.binary(max_size=8))
    read(bytes(raw), Path(name).suffix)


@pytest.mark.parametrize("name", [*MADE, *REAL_NAMES[:-2]])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_cut_off_files(name: str, data: st.DataObject) -> None:
    """What comes before the cut is read, and it is told that something is missing."""
    raw = contents(name)
    whole = read(raw, Path(name).suffix)
    size = data.draw(st.integers(0, len(raw.rstrip(b"\n")) - 1))
    part = read(raw[:size], Path(name).suffix)
    if part is None:
        return
    assert whole is not None
    assert len(part.t_s) <= len(whole.t_s)
    missing = ("cut off", "damaged", "checksum")
    assert any(word in warning for warning in part.warnings for word in missing)


@pytest.mark.parametrize("name", MADE)
def test_most_of_a_file_that_is_cut_off(name: str) -> None:
    raw = contents(name)
    at = raw.index(b"07:31:10") if b"07:31:10" in raw else len(raw) // 2
    part = read(raw[:at], Path(name).suffix)
    assert part is not None
    assert len(part.t_s) >= 40
    assert part.speed_m_s[20] == pytest.approx(3.0)
    (warning,) = [w for w in part.warnings if "cut off" in w]
    assert warning.startswith(f"run{Path(name).suffix}: ")


@pytest.mark.parametrize("suffix", [".fit", ".tcx", ".gpx", ""])
@settings(max_examples=25, deadline=None)
@given(raw=st.binary(max_size=300))
def test_arbitrary_bytes(suffix: str, raw: bytes) -> None:
    read(raw, suffix)
    read(b"\x0e\x20\x00\x00" + raw[:4].ljust(4, b"\0") + b".FIT\0\0" + raw, suffix)
    read(b"<?xml version='1.0'?><gpx version='1.1'>" + raw, suffix)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "declaration",
    [
        ENTITY,
        "<!DOCTYPE x>",
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_types_are_refused(tmp_path: Path, name: str, declaration: str) -> None:
    path = tmp_path / "bomb.tcx"
    head, _, body = TEXTS[name].partition("\n")
    path.write_text(f"{head}{declaration}{body.replace('3.000', '&b;', 1)}", encoding="utf-8")
    with pytest.raises(RecordingError) as caught:
        read_activity(path)
    proper(caught.value, "bomb.tcx", "document type declaration")


def test_billions_of_laughs_take_no_time(tmp_path: Path) -> None:
    lines = ['<!ENTITY l0 "ha">']
    lines += [f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12)]
    path = tmp_path / "laughs.gpx"
    path.write_text(f"<!DOCTYPE gpx [{''.join(lines)}]><gpx>&l11;</gpx>", encoding="utf-8")
    start = time.perf_counter()
    with pytest.raises(RecordingError):
        read_activity(path)
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize("root", ["gpx", "TrainingCenterDatabase"])
def test_deep_nesting(tmp_path: Path, root: str) -> None:
    path = tmp_path / "deep.xml"
    path.write_text(f"<{root}>{'<a>' * 100_000}", encoding="utf-8")
    with pytest.raises(RecordingError) as caught:
        read_activity(path)
    proper(caught.value, "deep")


@pytest.mark.parametrize(
    "inside",
    [
        f"<desc>{' xmlns' * 300_000}</desc>",
        "".join(f'<a xmlns:p{i}="u{i}"/>' for i in range(20_000)),
    ],
    ids=["stray", "many"],
)
def test_names_that_would_take_gpxpy_hours(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "names.gpx"
    path.write_text(TEXTS["made.gpx"].replace("<trk>", f"{inside}<trk>"), encoding="utf-8")
    start = time.perf_counter()
    with pytest.raises(RecordingError) as caught:
        read_activity(path)
    proper(caught.value, "namespaces")
    assert time.perf_counter() - start < 3.0


def test_size_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "large.fit"
    with path.open("wb") as file:
        file.truncate(65_000_000)
    with pytest.raises(RecordingError) as caught:
        read_activity(path)
    proper(caught.value, "64 MB")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
@pytest.mark.parametrize("kind", ["tcx", "gpx"])
def test_encodings(kind: str, encoding: str) -> None:
    text = TEXTS[f"made.{kind}"].replace("UTF-8", encoding.removesuffix("-sig"))
    activity = read(text.encode(encoding), f".{kind}")
    assert activity is not None
    assert activity.warnings == ()


def refused(path: Path, *parts: str) -> None:
    with pytest.raises(RecordingError) as caught:
        read_activity(path)
    proper(caught.value, *parts)


@pytest.mark.parametrize(
    ("raw", "name", "part"),
    [
        (b"", "run.fit", "is empty"),
        (b" \n\0", "run.gpx", "is empty"),
        (b"PK\3\4" + b"\0" * 40, "run.zip", "is compressed"),
        (b"\x1f\x8b\x08" + b"\1" * 40, "run.fit.gz", "is compressed"),
        (b"\1" * 100, "run.fit", "no FIT header"),
        (b"time,speed\n1,2\n" * 4, "run.csv", "neither FIT, TCX nor GPX"),
        (b"<html><body/></html>", "run.gpx", "neither TCX nor GPX (it holds html)"),
        (b"<gpx version='1.1'><rte/></gpx>", "run.gpx", "planned route"),
        (b"<gpx version='1.1'><trk><trkseg/></trk></gpx>", "run.gpx", "planned route"),
        (b"<TrainingCenterDatabase><Courses/></TrainingCenterDatabase>", "run.tcx", "no activity"),
    ],
)
def test_what_is_no_activity(tmp_path: Path, raw: bytes, name: str, part: str) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    refused(path, name, part)


def test_what_is_no_file(tmp_path: Path) -> None:
    refused(tmp_path, "is no file")
    refused(tmp_path / "none.fit", "does not exist")
    refused(Path("a\0b.fit"), "does not exist")


def test_track_without_times(tmp_path: Path) -> None:
    path = tmp_path / "route.gpx"
    lines = [line.replace("time>", "tim>") for line in TEXTS["made.gpx"].splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    refused(path, "planned route")


def test_a_wrong_number_in_gpx_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.gpx"
    path.write_text(TEXTS["made.gpx"].replace('lat="47.0', 'lat="47,0', 1), encoding="utf-8")
    refused(path, "47,0", "correct that value")


def test_a_watch_that_stopped_in_mid_run(tmp_path: Path) -> None:
    """It had no time to write the size of its data into the header, nor a checksum."""
    raw = bytearray(fit_bytes(RUN))
    raw[4:8] = bytes(4)
    activity = read(bytes(raw[: len(raw) * 2 // 3]), ".fit")
    assert activity is not None
    assert len(activity.t_s) > 40
    assert any("cut off" in warning for warning in activity.warnings)
