"""Results appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipimu.cli.output import check_folder, verdict_code, write_results
from hipimu.errors import OutputError
from tests.unit.report.sessions import empty_session, interval_session, short_session


def test_a_deep_folder_is_made(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    report = write_results(empty_session(), out)

    assert report == out / "report.html"
    assert sorted(path.name for path in out.iterdir()) == [
        "bouts.csv",
        "report.html",
        "strides.csv",
        "summary.json",
    ]


def test_what_cannot_be_written_leaves_nothing_new(tmp_path: Path) -> None:
    # A name longer than any file system takes, below a folder that could be made.
    out = tmp_path / "a" / ("b" * 300)
    with pytest.raises(OutputError, match="cannot be written") as refused:
        write_results(empty_session(), out)

    assert refused.value.remedy == "Choose another --out."
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_a_result_changes_no_other_result(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    (tmp_path / "bouts.csv").write_text("old", encoding="utf-8")
    with pytest.raises(OutputError):
        write_results(empty_session(), tmp_path)

    assert (tmp_path / "bouts.csv").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bouts.csv", "report.html"]


def test_an_earlier_folder_stays_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OutputError):
        write_results(empty_session(), tmp_path)
    assert tmp_path.exists()


def test_check_folder_accepts_what_can_be_made(tmp_path: Path) -> None:
    check_folder(tmp_path)
    check_folder(tmp_path / "new" / "deeper")
    check_folder(Path("relative-and-new"))


def test_check_folder_names_the_file_in_the_way(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    with pytest.raises(OutputError, match="taken is a file"):
        check_folder(taken / "deeper")


def test_exit_codes_follow_the_verdicts() -> None:
    assert verdict_code(interval_session(minutes=3)) == 0
    assert verdict_code(short_session()) == 3
    assert verdict_code(empty_session()) == 3
