"""Good recordings: what is in the files comes out, however they are stored, cut or read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from hipimu.data import SEGMENTS, Lap, Segment
from hipimu.errors import RecordingError
from hipimu.sources import csv_table, open_recording
from hipimu.sources.recording import BLOCK_S
from tests.unit.sources.conftest import COLUMNS, RunFolder, proper, samples_of, toml


@pytest.mark.parametrize("segment", SEGMENTS)
def test_samples_come_out_as_they_are_in_the_file(run: RunFolder, segment: Segment) -> None:
    blocks = list(open_recording(run.path).blocks())
    np.testing.assert_array_equal(samples_of(blocks, segment), run.table(segment))
    assert not any(block.clipped.any() for block in blocks)
    assert all(not block.acc_m_s2.flags.writeable for block in blocks)


def test_metadata_is_handed_on(run: RunFolder) -> None:
    run.toml = (
        toml(
            {"pelvis": "mounting = [0.0, 2.0e-3, 0.0, 1.0]"},
            top="started_at = 2026-05-03T07:30:00Z\nsynchronised = true\nsimulated = true\n"
            'notice = "from elsewhere"\n[athlete]\nname = "Ada"\nmass_kg = 62\nsex = "f"',
        )
        + "[calibration]\nstand_s = [0.5, 2]\n"
    )
    recording = open_recording(run.path)
    assert recording.name == "run"
    assert recording.segments == SEGMENTS
    assert recording.rate_hz == 100.0
    assert recording.stand_s == (0.5, 2.0)
    assert recording.metadata.started_at == datetime(2026, 5, 3, 7, 30, tzinfo=UTC)
    assert recording.metadata.athlete.mass_kg == 62.0
    assert recording.metadata.simulated
    assert recording.metadata.notice == "from elsewhere"
    mounting = recording.mounting("pelvis")
    assert mounting is not None
    assert np.linalg.norm(mounting) == pytest.approx(1.0, abs=1e-15)
    assert mounting[3] > 0.99
    assert recording.mounting("thigh_left") is None


def test_the_toml_itself_may_be_named(run: RunFolder) -> None:
    assert open_recording(run.file("recording.toml")).path == run.path


def test_one_thigh_is_enough(run: RunFolder) -> None:
    run.toml = "\n".join(toml({}).split("\n")[:-5])
    recording = open_recording(run.path)
    assert recording.segments == ("pelvis", "thigh_left")
    assert {block.sensor for block in recording.blocks()} == {"pelvis", "thigh_left"}


@pytest.mark.parametrize("block_bytes", [700, 20_000])
def test_how_the_file_is_read_changes_nothing(
    long_run: RunFolder, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    whole = list(open_recording(long_run.path).blocks())
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", block_bytes)
    pieces = list(open_recording(long_run.path).blocks())
    assert [block.sensor for block in pieces] == [block.sensor for block in whole]
    for one, other in zip(pieces, whole, strict=True):
        np.testing.assert_array_equal(one.t_s, other.t_s)
        np.testing.assert_array_equal(one.gyr_rad_s, other.gyr_rad_s)
        np.testing.assert_array_equal(one.acc_m_s2, other.acc_m_s2)
        np.testing.assert_array_equal(one.clipped, other.clipped)


def test_sensors_advance_together(long_run: RunFolder) -> None:
    blocks = list(open_recording(long_run.path).blocks())
    assert [block.sensor for block in blocks] == [*SEGMENTS] * 2
    assert [block.t_s[0] for block in blocks[::3]] == [0.0, BLOCK_S]


def test_progress_only_rises_and_reaches_the_end(long_run: RunFolder) -> None:
    shares: list[float] = []
    list(open_recording(long_run.path).blocks(shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_missing_rows_are_losses_not_errors(run: RunFolder) -> None:
    run.write("pelvis", np.delete(run.table("pelvis"), slice(500, 650), axis=0))
    blocks = list(open_recording(run.path).blocks())
    np.testing.assert_array_equal(samples_of(blocks, "pelvis"), run.table("pelvis"))


def test_times_rounded_to_milliseconds_keep_their_rate(run: RunFolder) -> None:
    """At 120 Hz the steps are 8, 8 and 9 ms: the median alone would say 125 Hz."""

    def at_120_hz(table: np.ndarray) -> None:
        table[:, 0] = np.round(np.arange(len(table)) / 120.0, 3)

    for segment in SEGMENTS:
        run.edit(segment, at_120_hz)
    run.toml = toml({}).replace("100.0", "120.0")
    assert list(open_recording(run.path).blocks())


@pytest.mark.parametrize("spoil", ["bom", "crlf", "cr", "blank lines", "no last line end"])
def test_harmless_variants_of_text(run: RunFolder, spoil: str) -> None:
    raw = run.file("pelvis.csv").read_bytes()
    changed = {
        "bom": b"\xef\xbb\xbf" + raw,
        "crlf": raw.replace(b"\n", b"\r\n"),
        "cr": raw.replace(b"\n", b"\r"),
        "blank lines": b"\n\n" + raw.replace(b"\n", b"\n\n"),
        "no last line end": raw.rstrip(b"\n"),
    }[spoil]
    expected = run.table("pelvis")
    run.file("pelvis.csv").write_bytes(changed)
    got = samples_of(list(open_recording(run.path).blocks()), "pelvis")
    np.testing.assert_array_equal(got, expected)


def test_further_columns_are_ignored_and_order_is_free(run: RunFolder) -> None:
    table = run.table("pelvis")
    header = ",".join(["note", *reversed(COLUMNS), "note"])
    rows = [",".join(["a", *(f"{v:.6g}" for v in row[::-1]), "b"]) for row in table]
    run.file("pelvis.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    got = samples_of(list(open_recording(run.path).blocks()), "pelvis")
    np.testing.assert_array_equal(got, table)


def test_parquet_equals_csv(long_run: RunFolder) -> None:
    table = long_run.table("thigh_left")
    columns = {name: table[:, i] for i, name in enumerate(COLUMNS)}
    mag = {f"mag_{a}_ut": np.arange(len(table)) for a in "xyz"}
    pa.parquet.write_table(
        pa.table({**columns, **mag}), long_run.file("left.parquet"), row_group_size=1000
    )
    long_run.toml = long_run.toml.replace("thigh_left.csv", "left.parquet")
    blocks = list(open_recording(long_run.path).blocks())
    np.testing.assert_array_equal(samples_of(blocks, "thigh_left"), table)
    mags = [block.mag_ut for block in blocks if block.mag_ut is not None]
    np.testing.assert_array_equal(np.concatenate(mags)[:, 1], np.arange(len(table)))


class TestCut:
    def test_keeps_the_clock(self, long_run: RunFolder) -> None:
        blocks = list(open_recording(long_run.path, from_s=70.0, until_s=125.0).blocks())
        got = samples_of(blocks, "pelvis")
        table = long_run.table("pelvis")
        inside = (table[:, 0] >= 70.0) & (table[:, 0] < 125.0)
        np.testing.assert_array_equal(got, table[inside])

    def test_may_fall_on_the_border_of_what_is_read_at_once(self, run: RunFolder) -> None:
        table = pa.table(dict(zip(COLUMNS, run.table("pelvis").T, strict=True)))
        path = run.file("pelvis.parquet")
        pa.parquet.write_table(table, path, row_group_size=100)
        run.toml = run.toml.replace("pelvis.csv", "pelvis.parquet")
        for until_s in (1.0, 5.0, 6.0):
            got = samples_of(list(open_recording(run.path, until_s=until_s).blocks()), "pelvis")
            assert len(got) == round(100 * until_s)

    def test_leaves_damage_outside_alone(self, run: RunFolder) -> None:
        run.edit("pelvis", lambda table: table[0:50].__setitem__((..., 2), np.nan))
        run.edit("pelvis", lambda table: table[-1].__setitem__(0, 3.0))
        run.refused("pelvis.csv")
        assert list(open_recording(run.path, from_s=0.5, until_s=11.0).blocks())

    def test_the_remedy_for_unequal_lengths_works(self, run: RunFolder) -> None:
        run.write("thigh_right", run.table("thigh_right")[310:820])
        run.refused("--from 3.1", "--until 8.1")
        blocks = list(open_recording(run.path, from_s=3.1, until_s=8.1).blocks())
        assert samples_of(blocks, "thigh_right")[0, 0] == 3.1

    def test_nothing_left(self, run: RunFolder) -> None:
        run.refused("no samples from 40 s", from_s=40.0)

    @pytest.mark.parametrize("cut", [(5.0, 5.0), (6.0, 5.0), (float("nan"), 5.0)])
    def test_wrong_order(self, run: RunFolder, cut: tuple[float, float]) -> None:
        run.refused("run", "--from", from_s=cut[0], until_s=cut[1])


def test_without_a_common_clock_each_file_counts_from_its_own_start(long_run: RunFolder) -> None:
    def shift(table: np.ndarray) -> None:
        table[:, 0] += 5000.5

    long_run.edit("thigh_left", shift)
    long_run.refused("thigh_left.csv", "share too little time")
    long_run.toml = toml({}, top="synchronised = false")
    recording = open_recording(long_run.path)
    assert not recording.synchronised
    assert [block.sensor for block in recording.blocks()] == [*SEGMENTS] * 2


class TestLapsAndSpeed:
    def test_beside_the_samples(self, run: RunFolder) -> None:
        run.file("laps.csv").write_text("start_s,end_s,label\n0,5,easy\n5,10,fast\n")
        run.file("speed.csv").write_text("time_s,speed_m_s\n0,3\n1,3.5\n")
        recording = open_recording(run.path)
        assert recording.laps == (Lap(0.0, 5.0, "easy"), Lap(5.0, 10.0, "fast"))
        assert recording.speed is not None
        np.testing.assert_array_equal(recording.speed.speed_m_s, [3.0, 3.5])

    def test_laps_from_elsewhere_come_first(self, run: RunFolder, tmp_path: Path) -> None:
        run.file("laps.csv").write_text("start_s,end_s,label\n0,5,easy\n")
        other = tmp_path / "mine.csv"
        other.write_text("start_s,end_s,label\n1,2,hill\n")
        assert open_recording(run.path, laps=other).laps == (Lap(1.0, 2.0, "hill"),)

    def test_none(self, run: RunFolder) -> None:
        recording = open_recording(run.path)
        assert recording.laps == ()
        assert recording.speed is None


@pytest.mark.parametrize("what", ["nothing", "a file", "an empty folder", "a folder of others"])
def test_other_things_are_refused_with_what_works(tmp_path: Path, what: str) -> None:
    path = tmp_path / "thing"
    if what == "a file":
        path.write_text("hello")
    elif what != "nothing":
        path.mkdir()
    if what == "a folder of others":
        (path / "table.csv").write_text("a,b\n1,2\n")
    with pytest.raises(RecordingError) as caught:
        open_recording(path)
    proper(caught.value, "thing", "recording.toml", "hipimu-csv/1", "Movella DOT")
