"""What a worker makes of an upload: the same session as from the command line, or two sentences."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from shutil import copy, rmtree
from threading import Event

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from hipimu.data import TrainingContext
from hipimu.errors import StoreError
from hipimu.pipeline.intake import UploadLimits
from hipimu.pipeline.intake.order import Kept, News, Order, Problem, Said, Sent
from hipimu.pipeline.intake.process import carry_out_apart
from hipimu.pipeline.intake.worker import carry_out
from hipimu.pipeline.keep import keep_recording
from hipimu.sources.csv_folder import CHANNELS, TIME
from hipimu.store import Store, open_store, write_document
from tests.unit.pipeline.hostile import packed
from tests.unit.store.postgres import Server, server, skip_without
from tests.uploads import WORN, of_movella, small_disk
from tests.watch_files import STARTED_AT, fit_bytes, gpx_text, steady, tcx_text

ISEN = Path(__file__).parents[3] / "recordings" / "isen-run"
OWN = ("recording.toml", "pelvis.csv", "thigh_left.csv", "thigh_right.csv")
TRACK = TrainingContext("track", None, 4.0, None, ("a",))
WATCH = steady(seconds=60)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    skip_without()
    with server() as running:
        running.prepare(tmp_path_factory.mktemp("made"))
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "store.sqlite"
    with open_store(str(path)) as store:
        store.add_athlete("Ada")
    return path


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Iterator[Store]:
    with open_store(str(copy(made, tmp_path / "store.sqlite"))) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "upload" / "parts").mkdir(parents=True)
    return tmp_path / "upload"


def ordered(
    store: Store,
    folder: Path,
    files: Mapping[str, bytes],
    beside: Mapping[str, bytes] | None = None,
    context: TrainingContext | None = None,
) -> Order:
    sent: list[Sent] = []
    for name, content in {**files, **(beside or {})}.items():
        part = str(len(sent))
        (folder / "parts" / part).write_bytes(content)
        sent.append(Sent(part, name, name in (beside or {})))
    url = store.engine.url.render_as_string(hide_password=False)
    limits = UploadLimits(free_mb=1)
    names = ("", "run-2026-07-01")
    return Order(url, store.strides_folder, folder, "Ada", tuple(sent), names, context, limits)


def isen() -> dict[str, bytes]:
    return {name: (ISEN / name).read_bytes() for name in OWN}


def dated() -> dict[str, bytes]:
    """The same, begun when the watch was."""
    started = f"started_at = {STARTED_AT.isoformat()}\n".encode()
    return {**isen(), "recording.toml": started + isen()["recording.toml"]}


def isen_zip(folder: Path, above: str = "isen-run/") -> bytes:
    path = packed(folder / "made.zip", {above + name: raw for name, raw in isen().items()})
    raw = path.read_bytes()
    path.unlink()
    return raw


def problem(order: Order) -> Problem:
    said = carry_out(order, lambda _: None)
    assert isinstance(said, Problem)
    words = said.what + said.remedy
    assert str(order.folder) not in words
    assert "Traceback" not in words
    assert said.what.endswith((".", "?"))
    assert said.remedy.endswith(".")
    return said


def same(store: Store, one: str, other: Store, name: str) -> bool:
    pd.testing.assert_frame_equal(store.strides(one), other.strides(name))
    ours = replace(store.summary(one), session="", recording="")
    theirs = replace(other.summary(name), session="", recording="")
    return write_document(ours) == write_document(theirs)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_zip_becomes_the_session_that_the_recording_would(
    kind: str, request: pytest.FixtureRequest, folder: Path, tmp_path: Path, store: Store
) -> None:
    direct = keep_recording(store, ISEN, "Ada", context=TRACK)
    files = tmp_path / "other-strides"
    url = str(tmp_path / "other.sqlite")
    if kind == "postgresql":
        running: Server = request.getfixturevalue("postgres")
        url = running.store()
    with open_store(url, files) as other:
        other.add_athlete("Ada")
        news: list[Said] = []
        order = ordered(other, folder, {"a.zip": isen_zip(folder)}, context=TRACK)
        assert carry_out(order, news.append) == Kept("isen-run", "new")
        assert same(other, "isen-run", store, direct.name)
        assert other.summary("isen-run").recording == store.summary("isen-run").recording
        assert len(other.history("isen-run")) == 1
    steps = [said.step for said in news if isinstance(said, News)]
    assert steps == sorted(steps, key=["unpacking", "reading", "analysing", "keeping"].index)
    assert {"unpacking", "reading", "keeping"} <= set(steps)


def test_whoever_says_which_sensor_was_where_needs_no_names(store: Store, folder: Path) -> None:
    order = ordered(store, folder, of_movella())
    said = problem(order)
    assert "says which segment" in said.what
    assert "under “Which sensor was where”" in said.remedy
    assert all(number in said.remedy for number in WORN)
    assert store.listed() == ()

    rmtree(folder)
    (folder / "parts").mkdir(parents=True)
    told = {segment: number for number, segment in WORN.items()}
    order = replace(ordered(store, folder, of_movella()), roles=told)
    assert Order.read(order.line()) == order
    assert carry_out(order, print) == Kept("run-2026-07-01", "new")
    direct = keep_recording(store, ISEN, "Ada")
    ours, theirs = store.strides("run-2026-07-01"), store.strides(direct.name)
    assert len(ours) == len(theirs) > 20
    np.testing.assert_allclose(ours["peak_flexion_rad"], theirs["peak_flexion_rad"], atol=1e-3)


def test_a_sensor_that_is_not_there_is_told(store: Store, folder: Path) -> None:
    order = replace(
        ordered(store, folder, of_movella()), roles={"pelvis": "gone", "thigh_left": ""}
    )
    said = problem(order)
    assert "'gone'" in said.what
    assert all(number in said.remedy for number in WORN)


def test_roles_are_not_overheard_where_the_recording_has_its_own(
    store: Store, folder: Path
) -> None:
    said = problem(replace(ordered(store, folder, isen()), roles={"pelvis": "thigh_left"}))
    assert "says in its recording.toml which sensor is worn where" in said.what


def test_loose_files_are_the_same_recording_and_nothing_changes(store: Store, folder: Path) -> None:
    keep_recording(store, ISEN, "Ada", context=TRACK)
    assert carry_out(ordered(store, folder, isen()), print) == Kept("isen-run", "same")
    assert store.summary("isen-run").context == TRACK
    assert len(store.history("isen-run")) == 1


def test_what_is_said_of_a_session_that_is_there_replaces_what_was_said(
    store: Store, folder: Path
) -> None:
    keep_recording(store, ISEN, "Ada", context=TRACK)
    road = TrainingContext("road")
    order = ordered(store, folder, isen(), context=road)
    assert carry_out(order, print) == Kept("isen-run", "described")
    assert store.summary("isen-run").context == road


LAPS = b"start_s,end_s,label\n0,6,easy\n6,12,fast\n"


@pytest.mark.parametrize(
    ("where", "name", "content"),
    [
        ("beside", "laps.csv", LAPS),
        ("beside", "My laps.CSV", LAPS),
        ("in the zip", "laps.csv", LAPS),
        ("among the files", "laps.csv", LAPS),
        ("beside", "a.tcx", tcx_text(WATCH).encode()),
        ("in the zip", "a.gpx", gpx_text(WATCH).encode()),
        ("among the files", "a.FIT", fit_bytes(WATCH)),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_laps_and_a_watch_count_wherever_they_are_sent(
    store: Store, folder: Path, tmp_path: Path, where: str, name: str, content: bytes
) -> None:
    recording = tmp_path / "isen-run"
    recording.mkdir()
    for own, raw in dated().items():
        (recording / own).write_bytes(raw)
    keep_recording(store, recording, "Ada")
    path = tmp_path / name
    path.write_bytes(content)
    laps, activity = (path, None) if content == LAPS else (None, path)
    with open_store(str(tmp_path / "direct.sqlite")) as direct:
        direct.add_athlete("Ada")
        kept = keep_recording(direct, recording, "Ada", laps=laps, activity=activity)
        raw = packed(tmp_path / "b.zip", dated() | {name: content}).read_bytes()
        sent: dict[str, tuple[dict[str, bytes], dict[str, bytes]]] = {
            "beside": (dated(), {name: content}),
            "among the files": (dated() | {name: content}, {}),
            "in the zip": ({"b.zip": raw}, {}),
        }
        order = ordered(store, folder, *sent[where])
        assert carry_out(order, lambda _: None) == Kept("isen-run", "reanalysed")
        assert len(store.history("isen-run")) == 2
        assert same(store, "isen-run", direct, kept.name)


@pytest.mark.parametrize(
    ("files", "name"),
    [({"My run (2).zip": ""}, "My-run-2"), ({"a.zip": "a/b/Track 3.hipimu/"}, "Track-3.hipimu")],
)
def test_a_session_is_called_by_what_was_sent(
    store: Store, folder: Path, files: dict[str, str], name: str
) -> None:
    sent = {file: isen_zip(folder, above) for file, above in files.items()}
    assert carry_out(ordered(store, folder, sent), lambda _: None) == Kept(name, "new")


def test_a_session_is_called_as_somebody_says(store: Store, folder: Path) -> None:
    order = ordered(store, folder, isen())
    named = replace(order, names=("Before the race / 2", "run-2026-07-01"))
    assert carry_out(named, lambda _: None) == Kept("Before-the-race-2", "new")


def test_loose_files_without_a_name_have_the_day(store: Store, folder: Path) -> None:
    kept = carry_out(ordered(store, folder, isen()), lambda _: None)
    assert kept == Kept("run-2026-07-01", "new")


def test_what_is_not_used_is_said(store: Store, folder: Path) -> None:
    order = ordered(store, folder, {**isen(), "LICENSE": b"free", "report.html": b"<"})
    kept = carry_out(order, lambda _: None)
    assert isinstance(kept, Kept)
    assert kept.left_out == ("LICENSE", "report.html")


@pytest.mark.parametrize(
    ("files", "beside", "said"),
    [
        ({"a.exe": b"MZ"}, {}, "no recording among these files"),
        ({"a.fit": b""}, {}, "no recording among these files"),
        ({"a.zip": b"PK"}, {}, "damaged, or no zip"),
        ({"a.zip": b"", "b.zip": b""}, {}, "other files with a.zip"),
        ({"a.zip": b"", "pelvis.csv": b""}, {}, "other files with a.zip"),
        ({"a.tar.gz": b""}, {}, "packed in a way"),
        ({"pelvis.csv": b""}, {"a.zip": b""}, "packed in a way"),
        ({"pelvis.csv": b"a", "PELVIS.csv": b"a"}, {}, "there twice"),
        ({"pelvis.csv": b"a"}, {"a.fit": b"", "b.gpx": b""}, "more than one file of a watch"),
        ({"pelvis.csv": b"a", "a.fit": b"", "b.fit": b""}, {}, "more than one file of a watch"),
        ({"pelvis.csv": b"a"}, {"a.csv": b"", "b.csv": b""}, "cannot stand beside"),
        ({"pelvis.csv": b"a"}, {"a.html": b""}, "cannot stand beside"),
        ({"pelvis.csv": b"\0" * 99}, {}, "recording.toml"),
    ],
)
def test_what_is_unclear_is_said(
    store: Store, folder: Path, files: dict[str, bytes], beside: dict[str, bytes], said: str
) -> None:
    assert said in problem(ordered(store, folder, files, beside)).what
    assert store.listed() == ()


def damaged() -> dict[str, dict[str, bytes]]:
    whole = isen()
    huge = b"time_s," + b"x" * 2_000_000
    return {
        "a table of garbage": whole | {"pelvis.csv": b"\xff\x00garbage" * 500},
        "a table cut off": whole | {"pelvis.csv": whole["pelvis.csv"][:100_001]},
        "an empty table": whole | {"pelvis.csv": b""},
        "a header without end": whole | {"pelvis.csv": huge},
        "no settings": whole | {"recording.toml": b"\0"},
        "settings without end": whole | {"recording.toml": b"a = [" * 100_000},
        "a table elsewhere": whole
        | {"recording.toml": whole["recording.toml"].replace(b"pelvis.csv", b"../pelvis.csv")},
        "a table of the system": whole
        | {"recording.toml": whole["recording.toml"].replace(b"pelvis.csv", b"/etc/passwd")},
        "no Parquet": whole
        | {
            "recording.toml": whole["recording.toml"].replace(b"pelvis.csv", b"a.parquet"),
            "a.parquet": b"PAR1" + bytes(2000) + b"PAR1",
        },
        "no FIT": whole | {"a.fit": b"\x0e\x10\x00\x00\xff\xff\xff\xff.FIT" + bytes(500)},
        "no GPX": whole | {"a.gpx": b"<!DOCTYPE a [<!ENTITY b 'c'>]><gpx>&b;</gpx>"},
    }


@pytest.mark.parametrize("what", damaged())
def test_what_is_damaged_is_two_sentences(store: Store, folder: Path, what: str) -> None:
    said = problem(ordered(store, folder, damaged()[what]))
    assert "something in it is not as hipimu expects" not in said.what
    assert store.listed() == ()


def test_an_unfinished_recording_tells_its_name_and_no_place(store: Store, folder: Path) -> None:
    raw = packed(folder / "made.zip", {"monday.hipimu/journal.bin": bytes(64)}).read_bytes()
    said = problem(ordered(store, folder, {"a.zip": raw}))
    assert said.what.startswith("monday.hipimu has not been finished")
    assert said.remedy == "Finish it by: hipimu recover monday.hipimu."


def test_somebody_elses_recording_stays_theirs(store: Store, folder: Path) -> None:
    store.add_athlete("Bo")
    keep_recording(store, ISEN, "Bo")
    assert "kept for another athlete" in problem(ordered(store, folder, isen())).what


def test_what_is_wrong_with_the_store_tells_no_place(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StoreError(f"The store {store.place} is busy.", "Try again.", reason="busy")

    monkeypatch.setattr("hipimu.pipeline.intake.worker.keep_recording", busy)
    said = problem(ordered(store, folder, isen()))
    assert said.what == "The store could not be written just now."
    assert "is busy" in capfd.readouterr().err


def test_what_nobody_foresaw_is_a_sentence_and_a_line_for_the_log(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("hipimu.pipeline.intake.worker.keep_recording", broken)
    said = problem(ordered(store, folder, isen()))
    assert said.what.startswith("The file could not be read:")
    assert "secret" not in said.what + said.remedy
    assert "a secret of ours" in capfd.readouterr().err


def test_too_little_memory_is_said(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("hipimu.pipeline.intake.worker.keep_recording", hungry)
    assert (
        "more memory than an upload may use (4000 MB)"
        in problem(ordered(store, folder, isen())).what
    )


def swollen_parquet(path: Path, rows: int) -> bytes:
    """Small, and one page of `rows` numbers a column."""
    column = pa.nulls(rows, pa.int8()).fill_null(0).cast(pa.float64())
    table = pa.table(dict.fromkeys((TIME, *CHANNELS), column))
    pa.parquet.write_table(
        table,
        path,
        row_group_size=rows,
        data_page_size=1 << 30,
        max_rows_per_page=rows,
        use_dictionary=False,
        compression="zstd",
    )
    return path.read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_a_file_that_swells_while_it_is_read_hits_the_limit(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    """The real process, with little more memory than hipimu itself takes."""
    raw = swollen_parquet(tmp_path / "a.parquet", 10_000_000)
    assert len(raw) < 1_000_000
    settings = isen()["recording.toml"].replace(b"pelvis.csv", b"a.parquet")
    files = isen() | {"recording.toml": settings, "a.parquet": raw}
    order = ordered(store, folder, files)
    tight = replace(order, limits=replace(order.limits, memory_mb=800))
    said = carry_out_apart(tight, lambda _: None, Event())
    assert isinstance(said, Problem)
    assert "more memory than an upload may use (800 MB)" in said.what
    assert store.listed() == ()


def test_a_disk_that_is_full_is_said(store: Store, tmp_path: Path) -> None:
    raw = isen_zip(tmp_path)
    assert len(raw) < 900_000
    with small_disk(tmp_path / "small", 2) as place:
        folder = place / "upload"
        (folder / "parts").mkdir(parents=True)
        full = ordered(store, folder, {"a.zip": raw})
        assert problem(full).what == "The disk of this server is full."
