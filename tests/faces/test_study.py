"""`hipimu study` through its real door, on a few sessions."""

from __future__ import annotations

import json
from pathlib import Path

from tests.faces.test_cli import DONE, USAGE, hipimu


def test_a_small_study_is_written_and_the_same_twice(tmp_path: Path) -> None:
    options = ("--sessions", 2, "--signal-sessions", 0, "--json")
    one = hipimu("study", *options, "--out", tmp_path / "docs")
    other = hipimu("study", *options, "--jobs", 1)

    assert one.code == other.code == DONE, one.err + other.err
    assert json.loads(one.out) == json.loads(other.out)
    assert "RFI covered" in one.err
    assert json.loads((tmp_path / "docs" / "statistics.json").read_text("utf-8")) == json.loads(
        one.out
    )
    page = (tmp_path / "docs" / "statistics.md").read_text("utf-8")
    assert "Not part of this run." in page
    assert (tmp_path / "docs" / "img" / "statistics-power.svg").is_file()


def test_one_session_is_no_study() -> None:
    assert hipimu("study", "--sessions", 1).code == USAGE
