from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import pyarrow.parquet as pq
import pytest

from hipimu.cli import batch_work
from hipimu.cli.batch_work import work
from hipimu.export import strides_frame
from hipimu.pipeline import analyse
from hipimu.pipeline.batch import Order, read_provenance, unfinished

REAL_RUN = Path(__file__).parents[3] / "recordings" / "isen-run"
FILES = {
    "bouts.csv",
    "provenance.json",
    "report.html",
    "strides.csv",
    "strides.parquet",
    "summary.json",
}


def order(out: Path) -> Order:
    return Order("run", REAL_RUN, out / "run", version("hipimu"))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def stamp(out: Path) -> int:
    return (out / "run" / "provenance.json").stat().st_mtime_ns


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    assert work(order(out)).state == "analysed"
    return out


def test_a_result_is_whole_and_alone(done: Path) -> None:
    assert names(done) == {"run"}
    assert names(done / "run") == FILES
    found = read_provenance(done / "run")
    assert found is not None
    assert found[1].strides == 22


def test_parquet_holds_the_stride_table(done: Path) -> None:
    table = pq.read_table(done / "run" / "strides.parquet")
    frame = strides_frame(analyse(REAL_RUN))

    assert table.column_names == list(frame.columns)
    assert table["peak_flexion_deg"].to_pylist() == frame["peak_flexion_deg"].tolist()
    assert table["side"].to_pylist() == frame["side"].tolist()
    assert {str(kind) for kind in table.schema.types} == {"string", "int64", "double"}


def test_what_is_done_is_kept_and_again_does_it_again(done: Path) -> None:
    before = stamp(done)
    row = work(order(done))
    assert (row.state, row.strides) == ("kept", 22)
    assert stamp(done) == before

    assert work(replace(order(done), again=True)).state == "analysed"
    assert stamp(done) != before
    assert names(done / "run") == FILES


def test_another_method_is_not_the_same_result(done: Path) -> None:
    assert work(replace(order(done), method="causal")).state == "analysed"
    assert work(order(done)).state == "analysed"


def test_a_worker_of_another_version_refuses(tmp_path: Path) -> None:
    row = work(replace(order(tmp_path), hipimu_version="99.0"))
    assert row.state == "failed"
    assert "and 99.0 is asked for" in row.error
    assert names(tmp_path) == set()


def test_what_a_killed_worker_left_does_not_matter(tmp_path: Path) -> None:
    rest = unfinished(tmp_path / "run")
    rest.mkdir()
    (rest / "old.csv").touch()
    (rest / "provenance.json").write_text("{}", encoding="utf-8")

    assert work(order(tmp_path)).state == "analysed"
    assert names(tmp_path / "run") == FILES


def test_a_file_in_the_way_is_told_and_stays(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine", encoding="utf-8")
    row = work(order(tmp_path))
    assert "a file is in the way" in row.error
    assert names(tmp_path) == {"run"}


@pytest.mark.parametrize("error", [RuntimeError("odd"), OSError(28, "No space left on device")])
def test_what_fails_leaves_nothing_and_ends_as_a_row(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(batch_work, "_finish", fail)
    row = work(order(tmp_path))

    assert row.state == "failed"
    assert str(error.args[-1]) in row.error
    assert row.remedy.endswith(".")
    assert names(tmp_path) == set()


def test_while_files_take_their_places_the_folder_is_not_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it were killed then: what reads results leaves the folder out, and it is done again."""
    work(order(tmp_path))
    moved: list[str] = []
    replace_file = Path.replace

    def interrupt(self: Path, target: Path) -> Path:
        if self.parent == unfinished(tmp_path / "run"):
            moved.append(self.name)
            if len(moved) == 3:
                raise RuntimeError("killed")
        return replace_file(self, target)

    monkeypatch.setattr(Path, "replace", interrupt)
    assert work(replace(order(tmp_path), again=True)).state == "failed"
    assert read_provenance(tmp_path / "run") is None

    monkeypatch.undo()
    assert work(order(tmp_path)).state == "analysed"


def test_what_a_lost_worker_had_finished_was_done_by_this_batch(done: Path) -> None:
    made_s = (done / "run" / "provenance.json").stat().st_mtime
    assert work(order(done)).state == "kept"
    assert work(replace(order(done), begun_s=made_s - 1.0)).state == "analysed"
    assert work(replace(order(done), begun_s=made_s + 1.0)).state == "kept"
