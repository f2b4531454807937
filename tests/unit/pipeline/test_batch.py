from __future__ import annotations

import os
import shutil
import time
from contextlib import closing
from pathlib import Path

import pytest

from hipimu.errors import RecordingError
from hipimu.pipeline.batch import (
    Order,
    Provenance,
    Row,
    given_up,
    in_order,
    read_provenance,
    write_provenance,
)
from hipimu.pipeline.batch_folders import find_recordings, name_folders
from hipimu.pipeline.workers import in_processes
from hipimu.sources import fingerprint, open_recording
from tests.unit.pipeline import batch_works

ROOT = Path(__file__).parents[3]
REAL_RUN = ROOT / "recordings" / "isen-run"

no_kill = pytest.mark.skipif(os.name == "nt", reason="SIGKILL needs a POSIX system")


def order(name: str, out: Path) -> Order:
    return Order(name, out / "recordings" / name, out / name, "0")


def recording(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "recording.toml").touch()
    return folder


def result(out: Path, name: str, of: Path, content: str = "") -> None:
    (out / name).mkdir(parents=True)
    row = Row(name, str(of), "analysed", strides=3, verdict="supported")
    write_provenance(out / name, Provenance(content, "0", "refined"), row)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@no_kill
def test_a_killed_worker_loses_nothing_and_who_kills_twice_is_given_up(tmp_path: Path) -> None:
    names = ["once", "a", "always", *(f"r{number}" for number in range(20))]

    done = in_processes(
        batch_works.die_once, [order(name, tmp_path) for name in names], 2, given_up
    )
    rows = {row.name: row for row in done}

    lost = rows.pop("always")
    assert lost.state == "failed"
    assert "always: the process that analysed it died, 2 times." in lost.error
    assert sorted([*rows, "always"]) == sorted(names)
    assert {row.state for row in rows.values()} == {"analysed"}
    assert {row.error for row in rows.values()} == {"1"}, "each worker computes with one thread"
    assert len({row.remedy for row in rows.values()}) <= 5, "a worker is used again"
    assert os.environ.get("OPENBLAS_NUM_THREADS") != "1"


@no_kill
def test_closing_ends_the_workers_at_once(tmp_path: Path) -> None:
    orders = [order("quick", tmp_path), order("b", tmp_path)]
    began = time.monotonic()
    with closing(in_processes(batch_works.sleep_unless_quick, orders, 2, given_up)) as rows:
        assert next(rows).name == "quick"
        while not orders[1].out.exists():
            time.sleep(0.01)
    sleeper = int(orders[1].out.read_text(encoding="utf-8"))

    assert not alive(sleeper)
    assert time.monotonic() - began < 30.0


def test_rows_stand_in_the_order_of_what_was_asked(tmp_path: Path) -> None:
    orders = [order(name, tmp_path) for name in ("a", "b", "c")]
    done = [Row("c", "", "analysed"), Row("a", "", "failed")]

    rows = in_order(orders, done)

    assert [(row.name, row.state) for row in rows] == [
        ("a", "failed"),
        ("b", "left"),
        ("c", "analysed"),
    ]


def test_a_pattern_finds_recordings_and_nothing_else(tmp_path: Path) -> None:
    first, deep = recording(tmp_path / "a"), recording(tmp_path / "x" / "y" / "b")
    (tmp_path / "notes").mkdir()
    (tmp_path / "a.txt").touch()
    recording(tmp_path / "out" / "copy")

    every = find_recordings(
        [f"{tmp_path}/**", str(first), f"{first}/recording.toml"], tmp_path / "out"
    )

    assert every == [first, deep]


def test_what_is_named_is_taken_as_it_is(tmp_path: Path) -> None:
    """Its own row then says what is wrong with it."""
    odd = recording(tmp_path / "run [1]")
    assert find_recordings([str(odd), str(tmp_path / "gone")], tmp_path / "out") == [
        tmp_path / "gone",
        odd,
    ]


def test_a_pattern_without_a_match_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No recording matches"):
        find_recordings([f"{tmp_path}/*"], tmp_path / "out")


def test_names_that_collide_are_told_apart_by_the_folders_above(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "run", tmp_path / "b" / "run", tmp_path / "b" / "other"]

    names = name_folders(paths, tmp_path / "out")

    assert list(map(names.__getitem__, paths)) == ["a-run", "b-run", "other"]
    assert name_folders(paths[::-1], tmp_path / "out") == names


@pytest.mark.parametrize("pair", [("a/b/c-d", "a/b-c/d"), ("Run", "run"), ("x/q-run", "x/q/run")])
def test_names_differ_whatever_the_folders_are_called(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    names = name_folders([tmp_path / path for path in (*pair, "z/run")], tmp_path / "out")
    assert len({name.casefold() for name in names.values()}) == 3


def test_what_has_a_result_keeps_its_name(tmp_path: Path) -> None:
    first, second = recording(tmp_path / "a" / "run"), recording(tmp_path / "b" / "run")
    out = tmp_path / "out"
    result(out, "run", first)

    assert name_folders([first, second], out) == {first: "run", second: "b-run"}
    assert name_folders([second], out) == {second: "b-run"}, "the other's result stays"


def test_an_interruption_changes_no_name(tmp_path: Path) -> None:
    paths = [recording(tmp_path / folder / "run") for folder in "abc"]
    whole = name_folders(paths, tmp_path / "out")
    result(tmp_path / "out", whole[paths[0]], paths[0])
    result(tmp_path / "out", whole[paths[1]], paths[1])

    assert name_folders(paths, tmp_path / "out") == whole


def test_a_recording_that_was_moved_keeps_its_result(tmp_path: Path) -> None:
    out, moved = tmp_path / "out", tmp_path / "new" / "isen-run"
    shutil.copytree(REAL_RUN, moved)
    content = fingerprint(open_recording(moved)).inputs_hash
    result(out, "isen-run", tmp_path / "old" / "isen-run", content)
    assert name_folders([moved], out) == {moved: "isen-run"}

    (moved / "laps.csv").write_text("start_s,end_s,label\n1,2,easy\n", encoding="utf-8")
    assert name_folders([moved], out) == {moved: "new-isen-run"}


def test_provenance_comes_back(tmp_path: Path) -> None:
    made = Provenance("ab", "0.1.0", "causal")
    row = Row("a", "/x/\udcff", "analysed", 12, "held_back", 0.5, 1.0, 2.0)
    write_provenance(tmp_path, made, row)
    assert read_provenance(tmp_path) == (made, row)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"row": {"name": 1}}', "\0"])
def test_damaged_provenance_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "provenance.json").write_text(text, encoding="utf-8")
    assert read_provenance(tmp_path) is None
